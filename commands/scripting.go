package commands

import (
	"cmp"
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"time"

	"wskit/internal/term"
	"wskit/scripts"
	"wskit/wsserver"
)

// scriptOptions are the flags of whatever runs scripts, and the scripts that run.
type scriptOptions struct {
	limit  time.Duration
	memory int64
	args   []string
	report *scriptReport

	watch   bool
	watched []*watchedScript

	engines []*scripts.Engine // of scripts that are not watched
	// onExit ends the command when a script calls exit.
	onExit func(error)
}

func (o *scriptOptions) options() []*option {
	o.limit, o.report = scripts.DefaultTurnLimit, new(scriptReport)
	return in("Scripts",
		limitOption(&o.limit, "script-timeout", "how long a script may run without a pause"),
		sizeOption(&o.memory, "script-memory", "256m", 1<<20, "end what a script does when the process holds more"),
		reportFileOption(&o.report.path, "junit", "write what scripts expect, and what came of it, as JUnit XML, for CI"),
	)
}

// A scriptExit is the cause of a context that a script has ended.
type scriptExit struct{ code int }

func (scriptExit) Error() string { return "the script has called exit" }

// configure says how a script is run. The suite of what it expects may be nil.
func (o *scriptOptions) configure(env *Env, cfg *scripts.Config) *scriptSuite {
	cfg.TurnLimit, cfg.Memory, cfg.Args = o.limit, o.memory, o.args
	cfg.Report = func(f *scripts.Failure) { env.showFailure(f) }
	cfg.OnExit = func(code int) { o.onExit(scriptExit{code}) }
	return o.report.attach(cfg)
}

// start starts a script that runs to the end.
func (o *scriptOptions) start(ctx context.Context, env *Env, cfg scripts.Config) (*scripts.Engine, error) {
	e, err := o.load(ctx, env, cfg)
	if err == nil {
		o.engines = append(o.engines, e)
	}
	return e, err
}

// load runs a script to the end of its top level.
func (o *scriptOptions) load(ctx context.Context, env *Env, cfg scripts.Config) (*scripts.Engine, error) {
	if err := o.report.open(); err != nil {
		return nil, err
	}
	o.report.add(o.configure(env, &cfg))
	e, err := scripts.Start(ctx, cfg)
	var f *scripts.Failure
	if errors.As(err, &f) {
		cfg.Report(f)
	}
	var exit *scripts.ExitError
	switch {
	case errors.As(err, &exit):
		return nil, &exitError{code: exit.Code}
	case err != nil && ctx.Err() != nil:
		return nil, cmp.Or(interruption(ctx), err)
	case f != nil && f.Syntax:
		return nil, &exitError{code: exitUsage}
	case f != nil:
		return nil, &exitError{code: exitExpectation}
	case err != nil:
		return nil, failf(exitUsage, "run %s: %w", cfg.Name, err)
	}
	return e, nil
}

// behaviours returns the behaviours that run scripts.
func (o *scriptOptions) behaviours(ctx context.Context, env *Env) []wsserver.Behaviour {
	started := make(map[string]wsserver.Route)
	print := func(line string) { env.Stderr.Write([]byte(term.Escape(line) + "\n")) }
	return []wsserver.Behaviour{
		{Name: "script:", Make: func(path string) (wsserver.Route, error) {
			if r := started[path]; r != nil {
				return r, nil // one script, on several paths
			}
			r, err := o.fromFile(ctx, env, scripts.Config{Name: path, Print: print})
			if err != nil {
				return nil, err
			}
			started[path] = r
			return r, nil
		}},
		{Name: "js:", Make: func(code string) (wsserver.Route, error) {
			if strings.TrimSpace(code) == "" {
				return nil, usagef("js: the code is empty").withHint("js:'ws.onmessage = e => ws.send(e.data)'")
			}
			return o.start(ctx, env, scripts.Config{Name: "js", Source: code, Handler: true, Print: print})
		}},
	}
}

// fromFile starts the script of the file that cfg names.
func (o *scriptOptions) fromFile(ctx context.Context, env *Env, cfg scripts.Config) (wsserver.Route, error) {
	if o.watch {
		return o.watchFile(ctx, env, cfg)
	}
	text, err := readScript(cfg.Name)
	if err != nil {
		return nil, err
	}
	cfg.Source = text
	return o.start(ctx, env, cfg)
}

// readScript reads the file of a script.
func readScript(path string) (string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", usagef("read the script %s: %w", path, cause(err))
	}
	return string(text), nil
}

// showFailure prints a failure of a script, with its line and a caret.
func (env *Env) showFailure(f *scripts.Failure) {
	text := "wskit: error: " + term.EscapeQuoted(f.Error()) + "\n" + excerpt(f)
	if f.Hint != "" {
		text += "wskit: hint: " + f.Hint + "\n"
	}
	env.Stderr.Write([]byte(text))
}

// excerpt returns the line of a failure, with a caret below, or nothing.
func excerpt(f *scripts.Failure) string {
	if f.Source == "" || len(f.Source) > 200 {
		return ""
	}
	return "  " + term.Escape(f.Source) + "\n  " + term.Escape(f.Caret()) + "\n"
}

// running returns the engines that run.
func (o *scriptOptions) running() []*scripts.Engine {
	engines := slices.Clone(o.engines)
	for _, w := range o.watched {
		engines = append(engines, w.current().engine)
	}
	return engines
}

// shutdown tells the scripts of the end.
func (o *scriptOptions) shutdown() {
	for _, e := range o.running() {
		e.Shutdown()
	}
}

// finish ends the scripts and writes the report. Err is how the command ends; that the
// report cannot be written changes nothing but a success.
func (o *scriptOptions) finish(env *Env, err error) error {
	for _, w := range o.watched {
		w.retiring.Wait()
	}
	for _, e := range o.running() {
		e.Close()
	}
	failed := o.report.write(err)
	if err == nil {
		return failed
	}
	if failed != nil {
		env.note("error: %s", failed)
	}
	return err
}

// outcome returns the error of a command whose scripts have failed or called exit, or
// nil. What went wrong has been told.
func (o *scriptOptions) outcome(ctx context.Context) error {
	if exit := (scriptExit{}); errors.As(context.Cause(ctx), &exit) && exit.code != exitOK {
		return &exitError{code: exit.code}
	}
	failed := slices.ContainsFunc(o.running(), (*scripts.Engine).Failed)
	for _, w := range o.watched {
		w.retiring.Wait()
		failed = failed || w.failed
	}
	if failed {
		return &exitError{code: exitExpectation}
	}
	return nil
}
