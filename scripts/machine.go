package scripts

import (
	"fmt"
	"reflect"
	"unsafe"

	"github.com/dop251/goja"
)

// machineState are the fields of the engine's machine that an interrupt leaves behind.
var machineState = []string{
	"prg", "pc", "stack", "sp", "sb", "args", "stash", "privEnv", "callStack", "iterStack", "refStack", "tryStack", "newTarget", "result",
}

// A machine puts the engine's machine right after a turn that was cut short. An interrupt,
// an overflow of the stack and a panic of Go leave frames behind when they come within an
// async function or a generator. The engine then takes itself for busy for ever: no job of
// a promise runs again, for no connection. It has no function to mend that, so this reaches
// into it; TestMachine fails should its fields ever have other names.
type machine struct {
	fields []reflect.Value
	clean  []reflect.Value
	jobs   reflect.Value
}

// newMachine returns the machine of a runtime in which nothing runs.
func newMachine(r *goja.Runtime) (*machine, error) {
	runtime := reflect.ValueOf(r).Elem()
	inner := runtime.FieldByName("vm")
	if inner.Kind() != reflect.Pointer {
		return nil, fmt.Errorf("goja.Runtime has no vm")
	}
	m := new(machine)
	for _, name := range machineState {
		f, err := field(inner.Elem(), name)
		if err != nil {
			return nil, err
		}
		clean := reflect.New(f.Type()).Elem()
		clean.Set(f)
		m.fields, m.clean = append(m.fields, f), append(m.clean, clean)
	}
	var err error
	m.jobs, err = field(runtime, "jobQueue")
	return m, err
}

// field returns a field of a struct of another package.
func field(s reflect.Value, name string) (reflect.Value, error) {
	f := s.FieldByName(name)
	if !f.IsValid() {
		return f, fmt.Errorf("goja has no field %s", name)
	}
	return reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr())).Elem(), nil
}

// reset makes the machine what it was when nothing had run. The jobs that wait are those
// of a turn that was cut short, and are dropped.
func (m *machine) reset() {
	for i, f := range m.fields {
		f.Set(m.clean[i])
	}
	m.jobs.SetZero()
}
