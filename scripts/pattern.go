package scripts

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/dop251/goja"

	"wskit/codec"
)

// A pattern is what a message must be. Of an object all that counts is taken when the
// pattern is made, except that its functions, and the exec of its RegExps, run later.
type pattern struct {
	text string // what it wants, for people
	kind patternKind

	plain  string        // of a string
	call   goja.Callable // the function, or the exec of regexp
	regexp *goja.Object
	resets bool // regexp goes on at its lastIndex
	bytes  []byte
	json   any // what contains takes
}

// A patternKind says which fields of a pattern count.
type patternKind uint8

const (
	plainPattern patternKind = iota
	callPattern
	regexpPattern
	bytesPattern
	jsonPattern
)

// newPattern reads a pattern, and returns nil for undefined. It panics with an
// exception of the script when that is none.
func (e *Engine) newPattern(v goja.Value) *pattern {
	if goja.IsUndefined(v) {
		return nil
	}
	o, ok := v.(*goja.Object)
	if !ok {
		return &pattern{plain: v.String(), text: fmt.Sprintf("%.200q", v.String())}
	}
	if p := e.newTest(o); p != nil {
		return p
	}
	if kindOf(o) == "bytes" {
		b, _ := bytesOf(o)
		return &pattern{kind: bytesPattern, bytes: bytes.Clone(b), text: describeBytes(b)}
	}
	p := &pattern{kind: jsonPattern, json: (&patternReader{e: e}).read(o), text: "the object"}
	if text := e.printed(o); len(text) <= maxDescribed {
		p.text = text
	}
	return p
}

// newTest returns the pattern that a function or a RegExp is, nil for another object.
func (e *Engine) newTest(o *goja.Object) *pattern {
	if f, ok := goja.AssertFunction(o); ok {
		return &pattern{kind: callPattern, call: f, text: "what the function takes"}
	}
	if o.ClassName() != "RegExp" {
		return nil
	}
	exec, ok := goja.AssertFunction(o.Get("exec"))
	if !ok {
		panic(e.vm.NewTypeError("a RegExp without exec"))
	}
	resets := o.Get("global").ToBoolean() || o.Get("sticky").ToBoolean()
	return &pattern{kind: regexpPattern, call: exec, regexp: o, resets: resets, text: o.String()}
}

// describe says what is wanted.
func (p *pattern) describe() string {
	if p == nil {
		return "any message"
	}
	return p.text
}

// matches holds a message against a pattern.
func (m *message) matches(p *pattern) (bool, error) {
	if p == nil {
		return true, nil
	}
	text := m.in.op == codec.OpText
	switch p.kind {
	case callPattern:
		return m.s.e.takes(p, m.value())
	case bytesPattern:
		return !text && bytes.Equal(p.bytes, m.in.data), nil
	case plainPattern:
		return text && p.plain == m.in.text, nil
	case regexpPattern:
		if !text {
			return false, nil
		}
		v, err := m.s.e.find(p, m.in.text)
		if err != nil || goja.IsNull(v) {
			return false, err
		}
		m.match = v
		return true, nil
	}
	if !text {
		return false, nil
	}
	got, err := decodeJSON([]byte(m.in.text))
	if err != nil {
		return false, nil
	}
	return m.s.e.contains(got, p.json)
}

// takes calls the function of a pattern.
func (e *Engine) takes(p *pattern, v goja.Value) (bool, error) {
	v, err := p.call(goja.Undefined(), v)
	if err != nil {
		return false, err
	}
	if o, ok := v.(*goja.Object); ok && kindOf(o) == "Promise" {
		return false, thrown{e.vm.NewTypeError("the function of a pattern must not be async")}
	}
	return v.ToBoolean(), nil
}

// find has the RegExp of a pattern search a text from its beginning.
func (e *Engine) find(p *pattern, text string) (goja.Value, error) {
	if p.resets {
		if err := p.regexp.Set("lastIndex", 0); err != nil {
			return nil, err
		}
	}
	return p.call(p.regexp, e.vm.ToValue(text))
}

// errMoreJSON says that something follows a value.
var errMoreJSON = errors.New("more than one value")

func decodeJSON(b []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(b))
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errMoreJSON
	}
	return v, nil
}
