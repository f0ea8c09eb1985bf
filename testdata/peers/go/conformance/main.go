// Command conformance runs wskit check against other implementations, and ours: servers
// that it starts in turn, and clients by Autobahn's convention. It prints Markdown.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"syscall"

	"peers/internal/markdown"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// options is what the flags say.
type options struct {
	agent  *regexp.Regexp
	wskit  string
	bin    string
	peers  string
	out    string
	update string
	log    io.Writer // progress
}

func run(args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stderr)
	if err != nil {
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := check(ctx, o, stdout); err != nil {
		fmt.Fprintln(stderr, "conformance:", err)
		return 1
	}
	return 0
}

func parse(args []string, stderr io.Writer) (options, error) {
	o := options{agent: regexp.MustCompile(""), log: stderr}
	set := flag.NewFlagSet("conformance", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.Func("agent", "only the agents that match this regular `expression`: \"gws server\"", func(s string) (err error) {
		o.agent, err = regexp.Compile(s)
		return err
	})
	set.StringVar(&o.wskit, "wskit", "./wskit", "our `binary`")
	set.StringVar(&o.bin, "bin", "", "`directory` of the programs (default where this one is)")
	set.StringVar(&o.peers, "peers", "testdata/peers", "`directory` of the other peers")
	set.StringVar(&o.out, "out", "dist/conformance", "`directory` for the reports")
	set.StringVar(&o.update, "update", "", "also put the tables into this Markdown `file`, between the markers")
	if err := set.Parse(args); err != nil {
		return o, err
	}
	if o.bin == "" {
		self, err := os.Executable()
		if err != nil {
			return o, err
		}
		o.bin = filepath.Dir(self)
	}
	return o, nil
}

// check tests the agents that were asked for, and writes the reports.
func check(ctx context.Context, o options, stdout io.Writer) error {
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return err
	}
	var r report
	for _, a := range agents(o) {
		if !o.agent.MatchString(a.label()) {
			continue
		}
		if err := a.missing(); err != nil {
			r.notes = append(r.notes, fmt.Sprintf("%s is skipped: %v.", a.label(), err))
			continue
		}
		file := filepath.Join(o.out, a.file())
		got, err := a.check(ctx, o, file)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			fmt.Fprintf(o.log, "%-28s failed: %v\n", a.label(), err)
			r.failures = append(r.failures, fmt.Sprintf("%s: %v", a.label(), err))
			continue
		}
		fmt.Fprintf(o.log, "%-28s %s\n", a.label(), got.summary())
		r.agents = append(r.agents, got)
		r.files = append(r.files, file)
	}
	if len(r.agents) == 0 {
		return errors.New("no agent that -agent matches was tested")
	}
	text := r.markdown()
	if _, err := io.WriteString(stdout, text); err != nil {
		return err
	}
	if err := merge(ctx, o, r.files); err != nil {
		return err
	}
	if o.update != "" {
		if err := markdown.Update(o.update, text); err != nil {
			return err
		}
	}
	if len(r.failures) > 0 {
		return fmt.Errorf("%d agents could not be tested", len(r.failures))
	}
	return nil
}
