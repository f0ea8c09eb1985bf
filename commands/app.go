// Package commands is the command line of wskit: a file for each command, which
// turns flags into a configuration, checks it and runs it. What a command does to
// the protocol lives elsewhere; what it prints, and the code it ends with, here.
//
// Data goes to stdout and everything else to stderr. An error is one line that
// says what was being done, to what, and why it did not work, then at most one
// hint. What a peer sent is escaped before it reaches stderr.
package commands

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/urfave/cli/v2"

	"wskit/internal/term"
)

// Env is what a command gets from the process.
type Env struct {
	// Args are the arguments, the program's name first.
	Args []string
	// The standard streams.
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// Getenv returns the value of an environment variable, or "".
	Getenv func(string) string
	// HistoryFile is where the lines typed at a prompt are kept. If empty,
	// they are not kept.
	HistoryFile string
}

// Run runs the command that env names and returns the exit code. When ctx ends,
// its cause, if it is an Interrupted, says with which code.
func Run(ctx context.Context, env *Env) int {
	err := run(ctx, env)
	if err == nil || errors.Is(err, syscall.EPIPE) {
		return exitOK
	}
	var e *exitError
	if !errors.As(err, &e) {
		e = failf(exitUsage, "%w", err)
	}
	if e.msg != "" {
		env.note("error: %s", e.msg)
	}
	if e.hint != "" {
		env.note("hint: %s", e.hint)
	}
	return e.code
}

// note prints one line on stderr, escaped.
func (env *Env) note(format string, args ...any) {
	env.Stderr.Write([]byte("wskit: " + term.EscapeQuoted(fmt.Sprintf(format, args...)) + "\n"))
}

// A command is one subcommand.
type command struct {
	name     string // two words for a part of another command: "bench merge"
	args     string // as usage shows them
	summary  string
	about    string // a paragraph or two
	examples []example
	options  []*option
	behind   *[]string // where the arguments behind "--" go, nil for among the others
	run      func(ctx context.Context, args []string) error
}

// part reports whether the command is a part of another one.
func (cmd *command) part() bool { return strings.Contains(cmd.name, " ") }

type example struct{ line, about string }

func run(ctx context.Context, env *Env) error {
	all := []*command{
		newServe(env), newConnect(env), newInspect(env), newBench(env), newBenchMerge(env), newCheck(env), newCheckMerge(env), newScripts(env), newExplain(env),
	}
	args, err := route(env.Args, all)
	if err != nil {
		return err
	}
	app := &cli.App{
		Name:            "wskit",
		Usage:           "a toolkit for WebSocket: serve, connect, inspect, bench, check",
		Writer:          env.Stdout,
		ErrWriter:       env.Stderr,
		HideHelpCommand: true,
		HideVersion:     true,
		// cli must neither print an error nor end the process.
		ExitErrHandler: func(*cli.Context, error) {},
		OnUsageError:   func(_ *cli.Context, err error, _ bool) error { return usagef("%w", err) },
	}
	for _, cmd := range all {
		app.Commands = append(app.Commands, cmd.cli())
	}
	app.Commands = append(app.Commands, helpCommand(env, all), versionCommand(env))
	return app.RunContext(ctx, args)
}

// cli returns the command in cli's form.
func (cmd *command) cli() *cli.Command {
	c := &cli.Command{
		Name:            cmd.name,
		Usage:           cmd.summary,
		ArgsUsage:       cmd.args,
		HideHelp:        true,
		HideHelpCommand: true,
		Action: func(c *cli.Context) error {
			return cmd.run(c.Context, c.Args().Slice())
		},
		OnUsageError: func(_ *cli.Context, err error, _ bool) error {
			for _, o := range cmd.options {
				if o.err != nil {
					return o.err
				}
			}
			return usagef("%w", err)
		},
	}
	for _, o := range cmd.options {
		c.Flags = append(c.Flags, o)
	}
	return c
}

// route finds the command that the arguments name, connect for a URL, and
// arranges its arguments for cli.
func route(args []string, all []*command) ([]string, error) {
	if len(args) < 2 {
		return []string{args[0], "help"}, nil
	}
	program, first, rest := args[0], args[1], args[2:]
	switch first {
	case "-h", "--help", "help":
		return append([]string{program, "help"}, rest...), nil
	case "--version", "version":
		return []string{program, "version"}, nil
	case "":
		return nil, usagef("an argument is empty").withHint("is a shell variable unset?")
	}
	cmd := find(all, first)
	if cmd == nil {
		if !strings.HasPrefix(first, "-") && !strings.ContainsAny(first, ":/") {
			return nil, unknownCommand(first, all)
		}
		cmd, rest = find(all, "connect"), args[1:]
	}
	if len(rest) > 0 {
		if sub := find(all, cmd.name+" "+rest[0]); sub != nil {
			cmd, rest = sub, rest[1:]
		}
	}
	arranged, help, err := arrange(rest, cmd.options, cmd.behind)
	if err != nil {
		return nil, err
	}
	if help {
		return []string{program, "help", cmd.name}, nil
	}
	return append([]string{program, cmd.name}, arranged...), nil
}

func find(all []*command, name string) *command {
	for _, c := range all {
		if c.name == name {
			return c
		}
	}
	return nil
}

func unknownCommand(name string, all []*command) error {
	var names []string
	for _, c := range all {
		if !c.part() {
			names = append(names, c.name)
		}
	}
	e := usagef("unknown command %q", name)
	if near := nearest(name, names); near != "" {
		return e.withHint("did you mean wskit %s?", near)
	}
	return e.withHint("the commands are %s and help; a URL alone is a connect: wskit ws://%s", strings.Join(names, ", "), name)
}

func versionCommand(env *Env) *cli.Command {
	return &cli.Command{
		Name:     "version",
		HideHelp: true,
		Action:   func(*cli.Context) error { return env.print("wskit " + version() + "\n") },
	}
}

// version returns what the build recorded of itself.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "(unknown)"
	}
	v := info.Main.Version
	if v == "" || v == "(devel)" {
		v = "devel"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && !strings.Contains(v, s.Value[:min(12, len(s.Value))]) {
			v += " " + s.Value[:min(12, len(s.Value))]
		}
	}
	return v + " " + info.GoVersion
}
