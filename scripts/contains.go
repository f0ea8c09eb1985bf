package scripts

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/dop251/goja"
)

// A wanted is a field that an object must have.
type wanted struct {
	name string
	want any
}

// A patternReader reads what JSON must contain: a []wanted, a []any, a string, a float64,
// a bool, nil, or the *pattern of a RegExp or a function.
type patternReader struct {
	e    *Engine
	path []string // to what is read
}

func (r *patternReader) read(v goja.Value) any {
	switch v := v.(type) {
	case *goja.Object:
		return r.object(v)
	case goja.String:
		return v.String()
	case nil:
		return r.refuse("a hole")
	}
	switch x := v.Export().(type) {
	case bool:
		return x
	case int64, float64:
		if f := v.ToFloat(); f-f == 0 {
			return f
		}
	}
	if goja.IsNull(v) {
		return nil
	}
	return r.refuse(strings.Trim(r.e.printed(r.e.vm.NewArray(v)), "[]"))
}

func (r *patternReader) object(o *goja.Object) any {
	if len(r.path) > maxNested {
		panic(r.e.vm.NewTypeError("a pattern is circular, or nested too deep"))
	}
	if p := r.e.newTest(o); p != nil {
		return p
	}
	if toJSON, ok := goja.AssertFunction(o.Get("toJSON")); ok {
		v, err := toJSON(o)
		if err != nil {
			panic(err)
		}
		return r.inside("toJSON()", v)
	}
	switch class := kindOf(o); {
	case class == "Array":
		var list []any
		for i := range o.Get("length").ToInteger() {
			name := strconv.FormatInt(i, 10)
			list = append(list, r.inside(name, o.Get(name)))
		}
		return list
	case class == "Number" || class == "Boolean":
		return r.read(r.e.vm.ToValue(o.Export()))
	case class == "String":
		return o.String()
	case class == "bytes":
		return r.refuse("bytes")
	case class != "Object":
		return r.refuse("a value of the class " + class)
	}
	list := []wanted{}
	for _, name := range o.Keys() {
		list = append(list, wanted{name, r.inside(name, o.Get(name))})
	}
	return list
}

// inside reads what is called name.
func (r *patternReader) inside(name string, v goja.Value) any {
	r.path = append(r.path, name)
	defer func() { r.path = r.path[:len(r.path)-1] }()
	return r.read(v)
}

func (r *patternReader) refuse(what string) any {
	where := ""
	if len(r.path) > 0 {
		where = fmt.Sprintf(" at %.*q", maxDescribed, strings.Join(r.path, "."))
	}
	panic(r.e.vm.NewTypeError("%s", "no JSON contains "+what+", which the pattern has"+where))
}

// contains reports whether got, which is decoded JSON, has all that want has: objects may
// have more fields, arrays are as long.
func (e *Engine) contains(got, want any) (bool, error) {
	switch want := want.(type) {
	case []wanted:
		object, ok := got.(map[string]any)
		if !ok {
			return false, nil
		}
		for _, p := range want {
			has, ok := object[p.name]
			if !ok {
				return false, nil
			}
			if ok, err := e.contains(has, p.want); !ok {
				return false, err
			}
		}
		return true, nil
	case []any:
		list, ok := got.([]any)
		if !ok || len(list) != len(want) {
			return false, nil
		}
		for i := range want {
			if ok, err := e.contains(list[i], want[i]); !ok {
				return false, err
			}
		}
		return true, nil
	case *pattern:
		return e.test(got, want)
	}
	switch got.(type) {
	case map[string]any, []any:
		return false, nil
	}
	return got == want, nil
}

// test holds a value within JSON against a RegExp or a function.
func (e *Engine) test(got any, p *pattern) (bool, error) {
	if p.kind == regexpPattern {
		text, ok := got.(string)
		if !ok {
			return false, nil
		}
		v, err := e.find(p, text)
		return err == nil && !goja.IsNull(v), err
	}
	text, err := json.Marshal(got)
	if err != nil {
		return false, err
	}
	v, err := e.natives.parseJSON(goja.Undefined(), e.vm.ToValue(string(text)))
	if err != nil {
		return false, err
	}
	return e.takes(p, v)
}
