package scripts

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dop251/goja"

	"wskit/internal/hub"
	"wskit/wsclient"
)

// The defaults of a Config.
const (
	DefaultTurnLimit = time.Second
	DefaultMemory    = 192 << 20
)

// A Config says what to run, and how. The hooks are called by the loop, which waits
// for them.
type Config struct {
	// Name is what errors call the script: the path of its file, say.
	Name string
	// Source is the script.
	Source string
	// Handler says that Source is the body of a handler of connections, which has
	// the socket in ws, and not a whole script.
	Handler bool

	// TurnLimit is how long the script may run without a pause. If zero,
	// DefaultTurnLimit.
	TurnLimit time.Duration
	// Memory is how much the heap of the process may hold, in bytes, while the
	// script runs: beyond that its turn ends. The engine has no limit of its own.
	// Garbage counts in a turn that takes long: debug.SetMemoryLimit has it
	// collected before. If zero, DefaultMemory.
	Memory int64
	// Wait is how long expect, receive and closed wait unless they are told
	// otherwise. If zero, for ever.
	Wait time.Duration
	// Args is what the script sees as args.
	Args []string
	// Seed fixes Math.random, unless it is nil.
	Seed *uint64
	// Dir is the script's own folder, below which it may read files, and AllowRead
	// are others. If empty, there is none.
	Dir       string
	AllowRead []string
	// AllowEnv are the variables of the environment that it may see, if empty none, and
	// Getenv returns the value of one, or "". If nil, none has a value.
	AllowEnv []string
	Getenv   func(string) string
	// Client is how connect dials unless it is told otherwise; the URL is the
	// script's.
	Client wsclient.Config

	// Report is called with each failure. If nil, it is not.
	Report func(*Failure)
	// Expectation is called with each expectation that is met or not. What it returns
	// is called, unless it is nil, before Report when the script does not handle that
	// it was not met: else that is no failure. If Expectation is nil, nobody is told.
	Expectation func(Expectation) (unhandled func(*Failure))
	// Print is called with each line of console. If nil, it is dropped.
	Print func(line string)
	// OnExit is called when the script calls exit, with the code. If nil, nothing
	// happens.
	OnExit func(code int)
}

// An Engine is a script that runs. Start makes one; Close ends it.
type Engine struct {
	cfg  Config
	file source
	vm   *goja.Runtime
	*machine
	hub *hub.Hub

	failed  atomic.Bool
	asked   atomic.Bool   // there are handlers of upgrade
	numbers atomic.Uint64 // of the requests
	looping sync.WaitGroup
	// dialling are the calls of connect, and their connections.
	dialling sync.WaitGroup
	// ctx ends with the engine, and with it what the script has dialled.
	ctx    context.Context
	cancel context.CancelFunc
	once   sync.Once // for Close

	mailbox
	watchdog

	// owned by the loop
	timers     timers
	handlers   map[string][]goja.Callable
	open       map[*socket]struct{} // those that the script has dialled too
	dialled    int                  // calls of connect, and their connections
	current    *socket              // for whom the script runs now, nil for nobody
	inside     bool                 // a turn runs
	touched    []*socket            // those for whom it ran
	called     call
	call       func() error // makeCall
	rejections []rejection
	proto      prototypes
	natives    natives
	exiting    bool
	// after is a socket that has ended, nil for none, for whose handlers Run waits.
	after      *socket
	afterwards func()
	// loading is called once, with how the top level has ended. It is nil
	// afterwards.
	loading func(error)
	started bool // the top level has begun
}

// An ExitError says that the top level of a script has called exit.
type ExitError struct {
	// Code is the exit code.
	Code int
}

// Error says so.
func (e *ExitError) Error() string { return fmt.Sprintf("the script has called exit(%d)", e.Code) }

// Start compiles a script, runs its top level to the end and returns the engine with
// its handlers. When ctx ends before, so does Start; afterwards it means nothing to the
// engine. The error is a *Failure, an *ExitError or the cause of ctx.
func Start(ctx context.Context, cfg Config) (*Engine, error) {
	if cfg.TurnLimit <= 0 {
		cfg.TurnLimit = DefaultTurnLimit
	}
	if cfg.Memory <= 0 {
		cfg.Memory = DefaultMemory
	}
	e := &Engine{
		cfg:      cfg,
		file:     source{name: cfg.Name, text: cfg.Source, handler: cfg.Handler},
		vm:       newRuntime(cfg.TurnLimit),
		hub:      hub.New(),
		handlers: make(map[string][]goja.Callable),
		open:     make(map[*socket]struct{}),
	}
	e.call = e.makeCall
	if cfg.Seed != nil {
		seed(e.vm, *cfg.Seed)
	}
	program, err := e.file.compile()
	if err != nil {
		return nil, err
	}
	if e.machine, err = newMachine(e.vm); err != nil {
		return nil, err
	}
	e.ctx, e.cancel = context.WithCancel(context.Background())
	e.mailbox.wake = make(chan struct{}, 1)
	e.watchdog.begin(e)
	e.vm.SetPromiseRejectionTracker(e.trackRejection)
	e.vm.SetAsyncContextTracker(contexts{e})
	loaded := make(chan error, 1)
	e.loading = func(err error) {
		e.loading = nil
		loaded <- err
	}
	e.looping.Go(e.loop)
	e.post(func() { e.load(program) })
	select {
	case err = <-loaded:
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	if err != nil {
		e.Close()
		return nil, err
	}
	return e, nil
}

// load runs the top level of the script, by the loop. Loading is called when it has
// ended: at the end of its promise, by a failure, by exit or by checkStuck.
func (e *Engine) load(program *goja.Program) {
	e.started = true
	e.turn(nil, func() error {
		if err := e.define(); err != nil {
			return err
		}
		v, err := e.vm.RunProgram(program)
		if err != nil {
			return err
		}
		return e.then(v, func() {
			if e.loading == nil {
				return
			}
			if len(e.handlers["connection"]) == 0 && !e.asked.Load() {
				e.loading(&Failure{Name: e.cfg.Name, Message: "the script handles no connections", Hint: "on('connection', ws => …) is what it begins with", Syntax: true})
				return
			}
			e.loading(nil)
		})
	})
}

// checkStuck ends the loading of a script that waits for nothing that could come.
func (e *Engine) checkStuck() {
	if e.loading != nil && e.started && e.timers.empty() && e.dialled == 0 {
		e.loading(&Failure{Name: e.cfg.Name, Message: "the top level of the script waits for something that never comes", Syntax: true})
	}
}

// errNotThenable says that a promise lost what makes it one.
var errNotThenable = errors.New("a promise without then")

// then calls done when v, if it is a promise, is fulfilled, and at once otherwise.
// That it is rejected is found by trackRejection.
func (e *Engine) then(v goja.Value, done func()) error {
	return e.settle(v, func(goja.Value) { done() }, nil)
}

var typeOfPromise = reflect.TypeFor[*goja.Promise]()

// settle calls done with v or, if that is a promise, with what it is fulfilled with.
// It calls rejected with the reason, unless that is nil.
func (e *Engine) settle(v goja.Value, done, rejected func(goja.Value)) error {
	if o, ok := v.(*goja.Object); !ok || o.ExportType() != typeOfPromise {
		done(v)
		return nil
	}
	then, ok := goja.AssertFunction(v.ToObject(e.vm).Get("then"))
	if !ok {
		return errNotThenable
	}
	call := func(f func(goja.Value)) goja.Value {
		if f == nil {
			return goja.Undefined()
		}
		return e.vm.ToValue(func(c goja.FunctionCall) goja.Value {
			f(c.Argument(0))
			return goja.Undefined()
		})
	}
	_, err := then(v, call(done), call(rejected))
	return err
}

// Failed reports whether an expectation was not met or an error was not handled.
func (e *Engine) Failed() bool { return e.failed.Load() }

// Shutdown runs what the script has registered for the end. It returns when that has
// begun, or when a turn that cannot be ended keeps it from that.
func (e *Engine) Shutdown() {
	done := make(chan struct{})
	if !e.post(func() {
		defer close(done)
		e.emit(nil, "shutdown")
	}) {
		return
	}
	select {
	case <-done:
	case <-e.ctx.Done():
	case <-time.After(e.patience()):
	}
}

// Close ends the loop, whatever the script still waits for. A turn that cannot be ended
// is left behind: it does nothing any more. Any goroutine may call it.
func (e *Engine) Close() {
	e.once.Do(func() {
		e.mailbox.close()
		e.cancel()
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			e.looping.Wait()
			e.watchdog.close() // which ends a turn that goes on
		}()
		select {
		case <-ended:
			for s := range e.open {
				s.abandonWaits()
			}
		case <-time.After(e.patience()):
		}
		e.dialling.Wait()
	})
}

// patience is how long a turn may still run when it has to end: longer than the watchdog
// lets it, for there is much in the language that cannot be interrupted.
func (e *Engine) patience() time.Duration { return 2*e.cfg.TurnLimit + time.Second }
