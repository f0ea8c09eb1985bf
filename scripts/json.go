package scripts

import (
	"github.com/dop251/goja"

	"wskit/codec"
)

// maxNested is how deep JSON may be nested. The engine's parser calls itself for each
// level, and a text of a few megabytes would take more stack than a process may have.
const maxNested = 10000

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
		if v, err := m.s.e.parseJSON(goja.Undefined(), m.s.e.vm.ToValue(m.in.text)); err == nil {
			return v
		}
	}
	return goja.Undefined()
}

// jsonText returns o as JSON, nil where it has none.
func jsonText(o *goja.Object) []byte {
	b, err := o.MarshalJSON()
	if err != nil {
		return nil
	}
	return b
}
