package scripts

import (
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/dop251/goja"
)

// maxPrinted is how much of a value is printed, and maxDumped how much of bytes.
const (
	maxPrinted = 1 << 20
	maxDumped  = 32
)

// printed returns a value as console shows it: what is JSON as JSON, and the rest so that
// people can read it. It throws nothing.
func (e *Engine) printed(v goja.Value) string {
	p := printer{e: e}
	if err := e.vm.Try(func() {
		if o, ok := v.(*goja.Object); ok && o.ClassName() == "Date" {
			p.special(o)
		} else if s, ok := v.(goja.String); ok {
			p.WriteString(s.String())
		} else {
			p.value(v)
		}
	}); err != nil {
		p.WriteString("[object]")
	}
	return p.String()
}

// A printer writes a value. What it holds is inside of what is in outer.
type printer struct {
	e *Engine
	strings.Builder
	outer []*goja.Object
}

func (p *printer) value(v goja.Value) {
	switch v := v.(type) {
	case *goja.Object:
		p.object(v)
	case goja.String:
		text, err := p.e.natives.stringify(goja.Undefined(), v)
		if err != nil {
			text = v
		}
		p.WriteString(text.String())
	case *goja.Symbol:
		fmt.Fprintf(p, "Symbol(%s)", v)
	case nil: // a hole of an array
		p.WriteString("null")
	default:
		p.WriteString(v.String())
		if _, ok := v.Export().(*big.Int); ok {
			p.WriteByte('n')
		}
	}
}

func (p *printer) object(o *goja.Object) {
	switch {
	case slices.Contains(p.outer, o):
		p.WriteString("[circular]")
		return
	case len(p.outer) >= maxDepthPrinted || p.full():
		p.WriteString("…")
		return
	}
	p.outer = append(p.outer, o)
	defer func() { p.outer = p.outer[:len(p.outer)-1] }()
	if toJSON, ok := goja.AssertFunction(p.field(o, "toJSON")); ok {
		if v, err := toJSON(o, goja.Undefined()); err == nil {
			p.value(v)
			return
		} else if interrupted(err) {
			panic(err)
		}
	}
	kind := "Object"
	p.e.vm.Try(func() { kind = kindOf(o) })
	switch kind {
	case "Array":
		p.array(o)
	case "Number", "Boolean":
		p.value(p.e.vm.ToValue(o.Export()))
	case "String":
		p.value(p.e.vm.ToValue(p.text(o)))
	case "bytes":
		p.bytes(o)
	case "Map", "Set":
		p.entries(o, kind)
	case "Object":
		p.fields(o)
	default:
		p.special(o)
	}
}

// maxDepthPrinted is how deep what is printed may be nested.
const maxDepthPrinted = 1000

// full reports whether there is enough.
func (p *printer) full() bool { return p.Len() > maxPrinted }

func (p *printer) array(o *goja.Object) {
	p.WriteByte('[')
	for i := range p.field(o, "length").ToInteger() {
		if p.separate(i > 0) {
			break
		}
		p.value(p.element(o, strconv.FormatInt(i, 10)))
	}
	p.WriteByte(']')
}

func (p *printer) fields(o *goja.Object) {
	var keys []string
	p.e.vm.Try(func() { keys = o.Keys() })
	p.WriteByte('{')
	for i, key := range keys {
		if p.separate(i > 0) {
			break
		}
		p.value(p.e.vm.ToValue(key))
		p.WriteByte(':')
		p.value(p.field(o, key))
	}
	p.WriteByte('}')
}

// separate writes a comma unless it is the first, and reports whether there is enough.
func (p *printer) separate(another bool) bool {
	if another {
		p.WriteByte(',')
	}
	if p.full() {
		p.WriteString("…")
	}
	return p.full()
}

// special writes what is no JSON: a function, an Error, a RegExp.
func (p *printer) special(o *goja.Object) {
	if _, ok := goja.AssertFunction(o); ok {
		p.WriteString(strings.TrimSpace("[function "+p.text(p.field(o, "name"))) + "]")
		return
	}
	p.WriteString(p.text(o))
}

// bytes writes the length of bytes, and the first of them.
func (p *printer) bytes(o *goja.Object) {
	b, _ := bytesOf(o)
	fmt.Fprintf(p, "%s(%d)", p.text(o.GetSymbol(goja.SymToStringTag)), len(b))
	if len(b) > 0 {
		fmt.Fprintf(p, " % x", b[:min(len(b), maxDumped)])
	}
	if len(b) > maxDumped {
		p.WriteString(" …")
	}
}

// kindOf returns the class of an object as the language has it: the engine's own names are
// vague. ArrayBuffers and views of them are "bytes".
func kindOf(o *goja.Object) string {
	if class := o.ClassName(); class != "Object" {
		return class
	}
	switch t := o.ExportType(); {
	case t == reflect.TypeFor[[][2]any]():
		return "Map"
	case t == reflect.TypeFor[[]any]():
		return "Set"
	case t == reflect.TypeFor[*goja.Promise]():
		return "Promise"
	case t == reflect.TypeFor[goja.ArrayBuffer]() || t.Kind() == reflect.Slice:
		return "bytes"
	}
	if tag, ok := o.GetSymbol(goja.SymToStringTag).(goja.String); ok && tag.String() == "DataView" {
		return "bytes"
	}
	return "Object"
}

// entries writes a Map or a Set.
func (p *printer) entries(o *goja.Object, kind string) {
	size := p.field(o, "size").ToInteger()
	fmt.Fprintf(p, "%s(%d) {", kind, size)
	each := p.e.natives.eachOfSet
	if kind == "Map" {
		each = p.e.natives.eachOfMap
	}
	first := true
	each(o, p.e.vm.ToValue(func(c goja.FunctionCall) goja.Value {
		if p.full() {
			return goja.Undefined()
		}
		if !first {
			p.WriteString(", ")
		}
		first = false
		if kind == "Map" {
			p.value(c.Argument(1))
			p.WriteString(" => ")
		}
		p.value(c.Argument(0))
		return goja.Undefined()
	}))
	if p.full() {
		p.WriteString("…")
	}
	p.WriteByte('}')
}

// field returns a field, or the text [error] if a getter of the script throws.
func (p *printer) field(o *goja.Object, key string) goja.Value {
	if v := p.element(o, key); v != nil {
		return v
	}
	return goja.Undefined()
}

// element is field, but nil for what is not there.
func (p *printer) element(o *goja.Object, key string) (v goja.Value) {
	if err := p.e.vm.Try(func() { v = o.Get(key) }); err != nil {
		return p.e.vm.ToValue("[error]")
	}
	return v
}

// text returns a value as a string, or what it is if that throws.
func (p *printer) text(v goja.Value) (text string) {
	if err := p.e.vm.Try(func() { text = v.String() }); err != nil {
		return "[object]"
	}
	return text
}
