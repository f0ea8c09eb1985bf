package scripts

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"

	"github.com/dop251/goja"

	"wskit/codec"
)

// A pattern is what a message must be. Of an object all that counts is taken when the
// pattern is made: nothing of the script runs for it later.
type pattern struct {
	text string // what it wants, for people
	kind patternKind

	plain  string        // of a string
	call   goja.Callable // the function, or the exec of regexp
	regexp *goja.Object
	bytes  []byte
	json   any
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
	if f, ok := goja.AssertFunction(v); ok {
		return &pattern{kind: callPattern, call: f, text: "what the function takes"}
	}
	if o.ClassName() == "RegExp" {
		exec, ok := goja.AssertFunction(o.Get("exec"))
		if !ok {
			panic(e.vm.NewTypeError("a RegExp without exec"))
		}
		return &pattern{kind: regexpPattern, call: exec, regexp: o, text: o.String()}
	}
	if b, ok := bytesOf(v); ok {
		return &pattern{kind: bytesPattern, bytes: bytes.Clone(b), text: fmt.Sprintf("%d bytes of binary", len(b))}
	}
	text, err := o.MarshalJSON()
	if err != nil {
		panic(e.vm.NewTypeError("the pattern is not JSON: " + err.Error()))
	}
	p := &pattern{kind: jsonPattern, text: "the object"}
	if p.json, err = decodeJSON(text); err != nil {
		panic(e.vm.NewTypeError("the pattern is not JSON: " + err.Error()))
	}
	if len(text) <= maxDescribed {
		p.text = string(text)
	}
	return p
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
		v, err := p.call(goja.Undefined(), m.value())
		return err == nil && v.ToBoolean(), err
	case bytesPattern:
		return !text && bytes.Equal(p.bytes, m.in.data), nil
	case plainPattern:
		return text && p.plain == m.in.text, nil
	case regexpPattern:
		if !text {
			return false, nil
		}
		v, err := p.call(p.regexp, m.s.e.vm.ToValue(m.in.text))
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
	return err == nil && contains(got, p.json), nil
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

// contains reports whether got has all that want has: objects may have more fields,
// arrays are as long.
func contains(got, want any) bool {
	switch want := want.(type) {
	case map[string]any:
		object, ok := got.(map[string]any)
		if !ok {
			return false
		}
		for k, v := range want {
			if has, ok := object[k]; !ok || !contains(has, v) {
				return false
			}
		}
		return true
	case []any:
		list, ok := got.([]any)
		if !ok || len(list) != len(want) {
			return false
		}
		for i := range want {
			if !contains(list[i], want[i]) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(got, want)
}
