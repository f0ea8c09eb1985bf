package scripts

import (
	"cmp"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dlclark/regexp2/v2"
	"github.com/dop251/goja"
)

// maxCalls is how deep the calls of a script may be nested.
const maxCalls = 2000

// These bound what functions of the language do at one blow, for those cannot be
// interrupted.
var (
	//go:embed prelude.js
	prelude string
	//go:embed regexp.js
	regexpPrelude string
)

// shortText is how long a text may be whose matches the engine looks for at one blow, which
// may take the square of its length.
const shortText = 4096

// newRuntime returns a virtual machine. A regular expression has a little longer than a
// turn, so that the watchdog is first to speak.
func newRuntime(limit time.Duration) *goja.Runtime {
	if d := limit + limit/4; regexp2.DefaultMatchTimeout > d {
		regexp2.DefaultMatchTimeout = d
	}
	vm := goja.New()
	vm.SetMaxCallStackSize(maxCalls)
	return vm
}

// natives are functions of the language, as they were before the script could change them.
type natives struct {
	parseJSON, stringify, eachOfMap, eachOfSet goja.Callable
	uint8Array                                 goja.Constructor
}

// bound runs the prelude. All matches of a text longer than short are looked for one by
// one.
func (e *Engine) bound(short int) error {
	e.natives.uint8Array, _ = goja.AssertConstructor(e.vm.Get("Uint8Array"))
	tools, err := e.runPrelude(prelude, e.vm.ToValue(map[string]any{"tooDeep": tooDeep, "limited": e.limited}))
	if err != nil {
		return err
	}
	if _, err := e.runPrelude(regexpPrelude, tools, e.vm.ToValue(map[string]any{"steady": e.steady, "short": short})); err != nil {
		return err
	}
	method := func(names ...string) goja.Callable {
		o := e.vm.GlobalObject()
		for _, name := range names[:len(names)-1] {
			o = o.Get(name).ToObject(e.vm)
		}
		f, _ := goja.AssertFunction(o.Get(names[len(names)-1]))
		return f
	}
	e.natives.parseJSON = method("JSON", "parse")
	e.natives.stringify = method("JSON", "stringify")
	e.natives.eachOfMap = method("Map", "prototype", "forEach")
	e.natives.eachOfSet = method("Set", "prototype", "forEach")
	return nil
}

// runPrelude calls the function that a source is.
func (e *Engine) runPrelude(source string, args ...goja.Value) (goja.Value, error) {
	v, err := e.vm.RunScript("wskit", source)
	if err != nil {
		return nil, err
	}
	run, _ := goja.AssertFunction(v)
	return run(goja.Undefined(), args...)
}

// steady returns an equal string that the engine compares with itself at once, as it does
// before each match: others, unless they are ASCII, it compares to their end.
func (e *Engine) steady(v goja.Value) goja.Value {
	s, ok := v.(goja.String)
	if !ok {
		return v
	}
	text := s.String()
	if len(text) == s.Length() {
		return v
	}
	if same := e.vm.ToValue(text); same.SameAs(v) { // it is not if half a character is in it
		return same
	}
	return v
}

// define gives the script its world.
func (e *Engine) define() error {
	if err := e.bound(shortText); err != nil {
		return err
	}
	e.proto.socket = e.newPrototype()
	for name, f := range map[string]func(goja.FunctionCall) goja.Value{
		"on":            e.jsOn,
		"connect":       e.jsConnect,
		"publish":       e.jsPublish,
		"sleep":         e.jsSleep,
		"setTimeout":    func(c goja.FunctionCall) goja.Value { return e.jsTimer(c, false) },
		"setInterval":   func(c goja.FunctionCall) goja.Value { return e.jsTimer(c, true) },
		"clearTimeout":  e.jsClear,
		"clearInterval": e.jsClear,
		"assert":        e.jsAssert,
		"fail":          func(c goja.FunctionCall) goja.Value { panic(e.failure("fail", c.Argument(0), "fail was called")) },
		"exit":          e.jsExit,
	} {
		if err := e.vm.Set(name, f); err != nil {
			return err
		}
	}
	console := e.vm.NewObject()
	for _, level := range []string{"log", "info", "debug", "warn", "error"} {
		console.Set(level, e.jsPrint)
	}
	began := time.Now()
	performance := e.vm.NewObject()
	performance.Set("now", func() float64 { return float64(time.Since(began)) / 1e6 })
	e.vm.Set("console", console)
	e.vm.Set("performance", performance)
	e.vm.Set("args", slices.Clone(append([]string{}, e.cfg.Args...)))
	e.vm.Set("clients", e.newClients())
	e.defineEncoding()
	e.defineCrypto()
	e.defineOutside()
	return nil
}

func (e *Engine) jsOn(c goja.FunctionCall) goja.Value {
	event := c.Argument(0).String()
	f, ok := goja.AssertFunction(c.Argument(1))
	if !ok || !slices.Contains([]string{"upgrade", "connection", "shutdown"}, event) {
		panic(e.vm.NewTypeError("on takes 'upgrade', 'connection' or 'shutdown', and a function"))
	}
	e.handlers[event] = append(e.handlers[event], f)
	if event == "upgrade" {
		e.asked.Store(true)
	}
	return goja.Undefined()
}

func (e *Engine) jsPublish(c goja.FunctionCall) goja.Value {
	op, data := e.payload(c.Argument(1))
	e.hub.Publish(c.Argument(0).String(), op, data, nil)
	return goja.Undefined()
}

func (e *Engine) jsSleep(c goja.FunctionCall) goja.Value {
	p, resolve, _ := e.vm.NewPromise()
	e.timers.add(&timer{socket: e.current, f: func() error { return resolve(goja.Undefined()) }}, milliseconds(c.Argument(0).ToFloat()))
	return e.vm.ToValue(p)
}

func (e *Engine) jsTimer(c goja.FunctionCall, repeat bool) goja.Value {
	var args []goja.Value
	if len(c.Arguments) > 2 {
		args = slices.Clone(c.Arguments[2:])
	}
	return e.startTimer(e.current, c.Argument(0), c.Argument(1), args, repeat, false)
}

func (e *Engine) jsClear(c goja.FunctionCall) goja.Value {
	e.timers.remove(c.Argument(0).ToInteger())
	return goja.Undefined()
}

// failure returns the error of an expectation that was not met.
func (e *Engine) failure(kind string, message goja.Value, instead string) *goja.Object {
	if !goja.IsUndefined(message) {
		instead = message.String()
	}
	x := Expectation{Kind: kind, Text: quoted(message), Outcome: Unmet, Message: instead}
	x.Line, x.Column = e.here()
	return e.newError(failureInfo{message: instead, line: x.Line, column: x.Column, expectation: true, unhandled: e.tell(x)})
}

func (e *Engine) jsAssert(c goja.FunctionCall) goja.Value {
	if !c.Argument(0).ToBoolean() {
		panic(e.failure("assert", c.Argument(1), "the assertion is not true"))
	}
	e.asserted(c.Argument(1))
	return goja.Undefined()
}

// jsExit ends the run: nothing of the script runs after it.
func (e *Engine) jsExit(c goja.FunctionCall) goja.Value {
	code := int(c.Argument(0).ToInteger())
	if code < 0 || code > 255 {
		panic(e.vm.NewTypeError(fmt.Sprintf("an exit code is 0 to 255, not %d", code)))
	}
	if !e.exiting {
		e.exiting = true
		if e.loading != nil {
			e.loading(&ExitError{code})
		} else if e.cfg.OnExit != nil {
			e.cfg.OnExit(code)
		}
	}
	e.vm.Interrupt("exit")
	return goja.Undefined()
}

func (e *Engine) jsPrint(c goja.FunctionCall) goja.Value {
	if e.cfg.Print == nil {
		return goja.Undefined()
	}
	words := make([]string, len(c.Arguments))
	for i, v := range c.Arguments {
		words[i] = e.printed(v)
	}
	e.cfg.Print(strings.Join(words, " "))
	return goja.Undefined()
}

// newClients returns the object of all open sockets.
func (e *Engine) newClients() *goja.Object {
	o := e.vm.NewObject()
	list := func() []*socket {
		sockets := make([]*socket, 0, len(e.open))
		for s := range e.open {
			if !s.dialled {
				sockets = append(sockets, s)
			}
		}
		slices.SortFunc(sockets, func(a, b *socket) int { return cmp.Compare(a.request.number, b.request.number) })
		return sockets
	}
	o.DefineAccessorProperty("size", e.vm.ToValue(func() int { return len(list()) }), nil, goja.FLAG_FALSE, goja.FLAG_TRUE)
	o.Set("get", func(name string) goja.Value {
		for _, s := range slices.Backward(list()) {
			if s.name == name {
				return s.value()
			}
		}
		return goja.Undefined()
	})
	o.SetSymbol(goja.SymIterator, func(goja.FunctionCall) goja.Value {
		var values []any
		for _, s := range list() {
			values = append(values, s.value())
		}
		array := e.vm.NewArray(values...)
		iterate, _ := goja.AssertFunction(array.GetSymbol(goja.SymIterator))
		v, err := iterate(array)
		if err != nil {
			panic(err)
		}
		return v
	})
	return o
}
