package scripts

import (
	"github.com/dop251/goja"

	"wskit/codec"
)

// maxNested is how deep JSON may be nested. The engine's parser calls itself for each
// level, and a text of a few megabytes would take more stack than a process may have.
const maxNested = 10000

// maxElements is how long an array may be that the engine writes as JSON.
const maxElements = 1 << 24

// tooDeep reports whether a text, if it is JSON, is nested deeper.
func tooDeep(text string) bool {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[' || c == '{':
			if depth++; depth > maxNested {
				return true
			}
		case c == ']' || c == '}':
			depth--
		}
	}
	return false
}

// parse returns the data as JSON, undefined where it is none.
func (m *message) parse() goja.Value {
	if m.in.op == codec.OpText {
		if v, err := m.s.e.natives.parseJSON(goja.Undefined(), m.s.e.vm.ToValue(m.in.text)); err == nil {
			return v
		}
	}
	return goja.Undefined()
}

// limited returns a replacer for JSON.stringify, which calls the given one if that is a
// function. It calls refuse for what is nested deeper than the engine can take, with the
// length of an array that is too long, and ends what should have ended.
func (e *Engine) limited(replacer goja.Value, refuse goja.Callable) func(goja.FunctionCall) goja.Value {
	f, _ := goja.AssertFunction(replacer)
	var holders []*goja.Object // of each other
	return func(c goja.FunctionCall) goja.Value {
		v := c.Argument(1)
		var err error
		if f != nil {
			v, err = f(c.This, c.Arguments...)
		}
		o, ok := v.(*goja.Object)
		if err == nil && ok {
			for len(holders) > 0 && holders[len(holders)-1] != c.This {
				holders = holders[:len(holders)-1]
			}
			holders = append(holders, o)
			length := int64(0)
			if o.ClassName() == "Array" {
				length = o.Get("length").ToInteger()
			}
			if len(holders) > maxNested || length > maxElements || e.turns.Load()&firedBit != 0 {
				_, err = refuse(goja.Undefined(), e.vm.ToValue(length))
			}
		}
		if err != nil {
			panic(err)
		}
		return v
	}
}
