package commands

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
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

	report *scriptReport

	watch   bool
	watched []*watchedScript

	engines []*scripts.Engine // of scripts that are not watched
	ballast []byte
	// onExit ends the command when a script calls exit.
	onExit func(error)
	log    *slog.Logger // that of serve, if it is JSON
}

// ballastSize is how much memory is held while scripts run and never touched, so that it
// is not memory but in the eyes of the garbage collector. A script leaves garbage with
// each message, and beside the few megabytes that live the collector would run fifty
// times a second, for a third of the time: now it lets that much more gather.
const ballastSize = 6 << 20

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
	o.limit, o.report = scripts.DefaultTurnLimit, new(scriptReport)
	return in(scriptGroup,
		limitOption(&o.limit, "script-timeout", "how long a script may run without a pause"),
		sizeOption(&o.memory, "script-memory", "192m", 1<<20, "end what a script does when the process holds more"),
		seedOption(&o.seed, "seed", "make Math.random give the same numbers each time"),
		stringsOption(&o.allowRead, "allow-read", "DIR", "let scripts read files below DIR too, not only below their own folder (repeatable)").check(checkFolder),
		stringsOption(&o.allowEnv, "allow-env", "NAME", "let scripts see the environment variable NAME (repeatable)").check(checkVariable),
		reportFileOption(&o.report.path, "junit", "write what scripts expect, and what came of it, as JUnit XML, for CI"),
	)
}

// checkFolder checks that a path is that of a folder.
func checkFolder(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return usagef("read the folder %s: %w", path, cause(err))
	}
	if !info.IsDir() {
		return usagef("%s is no folder", path).withHint("the folder that the file is in allows it")
	}
	return nil
}

var variable = regexp.MustCompile(`^[A-Za-z0-9_]+$`)

// checkVariable checks the name of an environment variable.
func checkVariable(name string) error {
	if !variable.MatchString(name) {
		return usagef("%q is no name of a variable", name).withHint("each variable has a flag of its own: --allow-env HOME --allow-env USER")
	}
	return nil
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

// configure says how a script is run. The suite of what it expects may be nil.
func (o *scriptOptions) configure(env *Env, cfg *scripts.Config) *scriptSuite {
	cfg.TurnLimit, cfg.Memory, cfg.Args = o.limit, o.memory, o.args
	cfg.Seed, cfg.AllowRead, cfg.AllowEnv, cfg.Getenv = o.seed, o.allowRead, o.allowEnv, env.Getenv
	cfg.Client.UserAgent = userAgent()
	cfg.Report = func(f *scripts.Failure) { o.showFailure(env, f) }
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
	if o.ballast == nil {
		o.ballast = make([]byte, ballastSize)
		if env.Getenv("GOMEMLIMIT") == "" {
			debug.SetMemoryLimit(cmp.Or(o.memory, scripts.DefaultMemory)) // collect before the watchdog counts
		}
	}
	return e, nil
}

// behaviours returns the behaviours that run scripts.
func (o *scriptOptions) behaviours(ctx context.Context, env *Env) []wsserver.Behaviour {
	started := make(map[string]wsserver.Route)
	print := func(line string) { o.print(env, line) }
	return []wsserver.Behaviour{
		{Name: "script:", Make: func(given string) (wsserver.Route, error) {
			if r := started[given]; r != nil {
				return r, nil // one script, on several paths
			}
			r, err := o.fromFile(ctx, env, given, print)
			if err != nil {
				return nil, err
			}
			started[given] = r
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

// fromFile starts the script that is given by the path of its file or by a name.
func (o *scriptOptions) fromFile(ctx context.Context, env *Env, given string, print func(string)) (wsserver.Route, error) {
	if o.watch && isFile(given) {
		return o.watchFile(ctx, env, scripts.Config{Name: given, Dir: filepath.Dir(given), Print: print})
	}
	cfg, err := readScript(given)
	if err != nil {
		return nil, err
	}
	cfg.Print = print
	return o.start(ctx, env, cfg)
}

// isFile reports whether a script is given by the path of its file: it has a slash or ends
// in .js.
func isFile(given string) bool {
	return strings.Contains(given, "/") || strings.HasSuffix(given, ".js")
}

// readScript returns a script, with what its errors call it and its folder. What is no
// file is the name of a built-in script.
func readScript(given string) (scripts.Config, error) {
	if !isFile(given) {
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

// print prints a line that a script of serve prints.
func (o *scriptOptions) print(env *Env, line string) {
	if o.log != nil {
		o.log.Info("script-print", "text", line)
		return
	}
	env.Stderr.Write([]byte(term.Escape(line) + "\n"))
}

// showFailure prints a failure of a script, with its line and a caret.
func (o *scriptOptions) showFailure(env *Env, f *scripts.Failure) {
	if o.log != nil {
		o.log.Error("script-failure", "file", f.Name, "line", f.Line, "column", f.Column, "message", f.Message, "source", f.Source, "hint", f.Hint)
		return
	}
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

func (o *scriptOptions) close() {
	for _, e := range o.running() {
		e.Close()
	}
}

// finish ends the scripts and writes the report. Err is how the command ends; that the
// report cannot be written changes nothing but a success.
func (o *scriptOptions) finish(env *Env, err error) error {
	for _, w := range o.watched {
		w.retiring.Wait()
	}
	o.close()
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
