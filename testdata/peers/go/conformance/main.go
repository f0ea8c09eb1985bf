// Command conformance runs wskit check against other implementations, and ours: servers
// that it starts in turn, and clients by Autobahn's convention. It prints Markdown.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
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
	jobs   int
	log    *slog.Logger // progress
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
	o := options{agent: regexp.MustCompile(""), log: slog.New(slog.NewTextHandler(stderr, nil))}
	set := flag.NewFlagSet("conformance", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.Func("agent", "test only the agents that match this regular `expression`, as \"gws server\"; the others are as in their last reports", func(s string) (err error) {
		o.agent, err = regexp.Compile(s)
		return err
	})
	set.StringVar(&o.wskit, "wskit", "./wskit", "our `binary`")
	set.StringVar(&o.bin, "bin", "", "`directory` of the programs (default where this one is)")
	set.StringVar(&o.peers, "peers", "testdata/peers", "`directory` of the other peers")
	set.StringVar(&o.out, "out", "dist/conformance", "`directory` for the reports")
	set.StringVar(&o.update, "update", "", "also put the tables into this Markdown `file`, between the markers")
	set.IntVar(&o.jobs, "jobs", 3, "how many agents are tested at a time")
	if err := set.Parse(args); err != nil {
		return o, err
	}
	if o.jobs < 1 {
		err := errors.New("-jobs must be positive")
		fmt.Fprintln(stderr, "conformance:", err)
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
	r, err := test(ctx, o)
	if err != nil {
		return err
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

// An outcome is what became of the test of an agent.
type outcome struct {
	tested tested
	file   string
	err    error
}

// test tests the agents, some at a time. The reports of those that -agent leaves out are
// the ones of before, if there are any.
func test(ctx context.Context, o options) (*report, error) {
	r := &report{}
	var chosen []agent
	for _, a := range agents(o) {
		_, err := os.Stat(filepath.Join(o.out, a.file()))
		if !o.agent.MatchString(a.label()) && err != nil {
			continue
		}
		if err := a.missing(); err != nil {
			r.notes = append(r.notes, fmt.Sprintf("%s is skipped: %v.", a.label(), err))
			continue
		}
		chosen = append(chosen, a)
	}
	outcomes := make([]outcome, len(chosen))
	next := make(chan int)
	var wg sync.WaitGroup
	for range o.jobs {
		wg.Go(func() {
			for i := range next {
				file := filepath.Join(o.out, chosen[i].file())
				outcomes[i].file = file
				if !o.agent.MatchString(chosen[i].label()) {
					outcomes[i].tested, outcomes[i].err = chosen[i].read(file)
					continue
				}
				outcomes[i].tested, outcomes[i].err = chosen[i].check(ctx, o, file)
				o.log.Info(chosen[i].label(), "found", outcomes[i].tested.summary(), "err", outcomes[i].err)
			}
		})
	}
	for i := range chosen {
		next <- i
	}
	close(next)
	wg.Wait()
	for i, got := range outcomes {
		if got.err != nil {
			r.failures = append(r.failures, fmt.Sprintf("%s: %v", chosen[i].label(), got.err))
			continue
		}
		r.agents, r.files = append(r.agents, got.tested), append(r.files, got.file)
	}
	if len(r.agents) == 0 {
		return nil, errors.New("no agent that -agent matches was tested: " + strings.Join(append(r.notes, r.failures...), " "))
	}
	return r, ctx.Err()
}
