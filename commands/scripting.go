package commands

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
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
	seed   *uint64
	// allowRead and allowEnv are what scripts may see of the machine.
	allowRead, allowEnv []string

	engines []*scripts.Engine
	ballast []byte
	// onExit ends the command when a script calls exit.
	onExit func(error)
}

// ballastSize is how much memory is held while scripts run and never touched, so that it
// is not memory but in the eyes of the garbage collector. A script leaves garbage with
// each message, and beside the few megabytes that live the collector would run fifty
// times a second, for a third of the time: now it lets that much more gather.
const ballastSize = 8 << 20

// scriptGroup is the heading of the flags about scripts.
const scriptGroup = "Scripts"

// noScript returns the error of a flag about scripts where there is none.
func noScript(all []*option, hint string) error {
	if bad := firstGiven(all, []string{scriptGroup}, nil); bad != nil {
		return usagef("--%s has no effect without a script", bad.name).withHint("%s", hint)
	}
	return nil
}

func (o *scriptOptions) options() []*option {
	o.limit = scripts.DefaultTurnLimit
	return in(scriptGroup,
		limitOption(&o.limit, "script-timeout", "how long a script may run without a pause"),
		sizeOption(&o.memory, "script-memory", "256m", 1<<20, "end what a script does when the process holds more"),
		seedOption(&o.seed, "seed", "make Math.random give the same numbers each time"),
		stringsOption(&o.allowRead, "allow-read", "DIR", "let scripts read files below DIR too, not only below their own folder (repeatable)"),
		stringsOption(&o.allowEnv, "allow-env", "NAME", "let scripts see the environment variable NAME (repeatable)"),
	)
}

// seedOption takes any number.
func seedOption(p **uint64, name, usage string) *option {
	return &option{name: name, value: "N", usage: usage, set: func(s string) error {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			return usagef("%q is not a number from 0 to 18446744073709551615", s)
		}
		*p = &n
		return nil
	}}
}

// A scriptExit is the cause of a context that a script has ended.
type scriptExit struct{ code int }

func (scriptExit) Error() string { return "the script has called exit" }

// start runs a script to the end of its top level.
func (o *scriptOptions) start(ctx context.Context, env *Env, cfg scripts.Config) (*scripts.Engine, error) {
	cfg.TurnLimit, cfg.Memory, cfg.Args = o.limit, o.memory, o.args
	cfg.Seed, cfg.AllowRead, cfg.AllowEnv = o.seed, o.allowRead, o.allowEnv
	cfg.Client.UserAgent = userAgent()
	cfg.Report = func(f *scripts.Failure) { env.showFailure(f) }
	cfg.OnExit = func(code int) { o.onExit(scriptExit{code}) }
	e, err := scripts.Start(ctx, cfg)
	var f *scripts.Failure
	var exit *scripts.ExitError
	switch {
	case errors.As(err, &exit):
		return nil, &exitError{code: exit.Code}
	case err != nil && ctx.Err() != nil:
		return nil, cmp.Or(interruption(ctx), err)
	case errors.As(err, &f) && f.Syntax:
		env.showFailure(f)
		return nil, &exitError{code: exitUsage}
	case errors.As(err, &f):
		env.showFailure(f)
		return nil, &exitError{code: exitExpectation}
	case err != nil:
		return nil, failf(exitUsage, "run %s: %w", cfg.Name, err)
	}
	o.engines = append(o.engines, e)
	if o.ballast == nil {
		o.ballast = make([]byte, ballastSize)
	}
	return e, nil
}

// behaviours returns the behaviours that run scripts.
func (o *scriptOptions) behaviours(ctx context.Context, env *Env) []wsserver.Behaviour {
	started := make(map[string]*scripts.Engine)
	print := func(line string) { env.Stderr.Write([]byte(term.Escape(line) + "\n")) }
	return []wsserver.Behaviour{
		{Name: "script:", Make: func(given string) (wsserver.Route, error) {
			if e := started[given]; e != nil {
				return e, nil // one script, on several paths
			}
			cfg, err := readScript(given)
			if err != nil {
				return nil, err
			}
			cfg.Print = print
			e, err := o.start(ctx, env, cfg)
			if err != nil {
				return nil, err
			}
			started[given] = e
			return e, nil
		}},
		{Name: "js:", Make: func(code string) (wsserver.Route, error) {
			if strings.TrimSpace(code) == "" {
				return nil, usagef("js: the code is empty").withHint("js:'ws.onmessage = e => ws.send(e.data)'")
			}
			e, err := o.start(ctx, env, scripts.Config{Name: "js", Source: code, Handler: true, Print: print})
			if err != nil {
				return nil, err
			}
			return e, nil
		}},
	}
}

// readScript returns a script, with what its errors call it and its folder. What has a
// slash or ends in .js is a file, and all else the name of a built-in script.
func readScript(given string) (scripts.Config, error) {
	if !strings.Contains(given, "/") && !strings.HasSuffix(given, ".js") {
		if b, ok := scripts.LookupBuiltin(given); ok {
			return scripts.Config{Name: "script:" + given, Source: b.Source}, nil
		}
		return scripts.Config{}, unknownScript(given)
	}
	file, err := os.ReadFile(given)
	if err != nil {
		return scripts.Config{}, usagef("read the script %s: %w", given, cause(err))
	}
	return scripts.Config{Name: given, Source: string(file), Dir: filepath.Dir(given)}, nil
}

// unknownScript returns the error for what no built-in script is called.
func unknownScript(given string) error {
	if given == "" {
		return usagef("the name of the script is empty").withHint("script:./FILE.js, or script:chat: wskit scripts lists those that are built in")
	}
	if info, err := os.Stat(given); err == nil && info.Mode().IsRegular() {
		return noBuiltin(given).withHint("for the file write ./%s", given)
	}
	return unknownBuiltin(given, "wskit scripts lists them; a file has a slash or ends in .js")
}

func noBuiltin(name string) *exitError { return usagef("no built-in script is called %q", name) }

// unknownBuiltin returns the error for what is no name of a built-in script. The hint is
// for one that is not like any.
func unknownBuiltin(name, hint string) error {
	var names []string
	for _, b := range scripts.Library() {
		names = append(names, b.Name)
	}
	if near := nearest(name, names); near != "" {
		return noBuiltin(name).withHint("did you mean %s?", near)
	}
	return noBuiltin(name).withHint("%s", hint)
}

// showFailure prints a failure of a script, with its line and a caret.
func (env *Env) showFailure(f *scripts.Failure) {
	var b strings.Builder
	b.WriteString("wskit: error: " + term.EscapeQuoted(f.Error()) + "\n")
	if f.Source != "" && len(f.Source) <= 200 {
		b.WriteString("  " + term.Escape(f.Source) + "\n  " + term.Escape(f.Caret()) + "\n")
	}
	if f.Hint != "" {
		b.WriteString("wskit: hint: " + f.Hint + "\n")
	}
	env.Stderr.Write([]byte(b.String()))
}

// shutdown tells the scripts of the end.
func (o *scriptOptions) shutdown() {
	for _, e := range o.engines {
		e.Shutdown()
	}
}

func (o *scriptOptions) close() {
	for _, e := range o.engines {
		e.Close()
	}
}

// outcome returns the error of a command whose scripts have failed or called exit, or
// nil. What went wrong has been told.
func (o *scriptOptions) outcome(ctx context.Context) error {
	if exit := (scriptExit{}); errors.As(context.Cause(ctx), &exit) && exit.code != exitOK {
		return &exitError{code: exit.code}
	}
	for _, e := range o.engines {
		if e.Failed() {
			return &exitError{code: exitExpectation}
		}
	}
	return nil
}
