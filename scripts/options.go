package scripts

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/dop251/goja"
)

// must throws a TypeError, unless there is no error.
func (e *Engine) must(err error) {
	if err != nil {
		panic(e.vm.NewTypeError(err.Error()))
	}
}

// options reads an argument that holds options of those names, nil where there is none. It
// throws on others, for a typing mistake would pass unseen.
func (e *Engine) options(v goja.Value, what string, names ...string) *goja.Object {
	if goja.IsUndefined(v) || goja.IsNull(v) {
		return nil
	}
	o, ok := v.(*goja.Object)
	if !ok || o.ClassName() != "Object" {
		panic(e.vm.NewTypeError(fmt.Sprintf("%s takes its options as an object: { %s }", what, strings.Join(names, ", "))))
	}
	e.must(checkNames(o, what, names))
	return o
}

// checkNames returns an error for a property that is none of those.
func checkNames(o *goja.Object, what string, names []string) error {
	for _, name := range o.Keys() {
		if !slices.Contains(names, name) {
			return fmt.Errorf("%s has no option %s, but %s", what, name, strings.Join(names, ", "))
		}
	}
	return nil
}

// property returns a property of options, nil where it is not given.
func property(o *goja.Object, name string) goja.Value {
	v := o.Get(name)
	if v == nil || goja.IsUndefined(v) || goja.IsNull(v) {
		return nil
	}
	return v
}

// isTrue reports whether an option is given and true.
func isTrue(o *goja.Object, name string) bool {
	v := property(o, name)
	return v != nil && v.ToBoolean()
}

// durationOf reads an option that is a number of milliseconds.
func durationOf(o *goja.Object, name string) (d time.Duration, given bool, err error) {
	v := property(o, name)
	if v == nil {
		return 0, false, nil
	}
	ms := v.ToFloat()
	if !(ms >= 0) || !goja.IsNumber(v) {
		return 0, false, fmt.Errorf("%s is a number of milliseconds, not %s", name, v)
	}
	return milliseconds(ms), true, nil
}

// milliseconds returns a time of a script: none for what is negative or no number.
func milliseconds(ms float64) time.Duration {
	if !(ms > 0) {
		return 0
	}
	return time.Duration(math.Min(ms, 1<<40) * float64(time.Millisecond))
}

// countOf reads an option that is a whole number from least to most.
func countOf(o *goja.Object, name string, least, most int64) (n int64, given bool, err error) {
	v := property(o, name)
	if v == nil {
		return 0, false, nil
	}
	n = v.ToInteger()
	if !goja.IsNumber(v) || float64(n) != v.ToFloat() || n < least || n > most {
		return 0, false, fmt.Errorf("%s is a whole number from %d to %d, not %s", name, least, most, v)
	}
	return n, true, nil
}

// stringsOf reads a string or a list of them.
func (e *Engine) stringsOf(v goja.Value) (list []string, err error) {
	if o, ok := v.(*goja.Object); ok && o.ClassName() == "Array" {
		if e.vm.ExportTo(o, &list) != nil {
			err = errors.New("neither a string nor a list of them")
		}
		return list, err
	}
	return []string{v.String()}, nil
}
