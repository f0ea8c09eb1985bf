// Command runner measures echo servers side by side: ours, those of the Go libraries,
// Node's ws, and TCP without a protocol as the floor. It prints Markdown.
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
	"time"

	"peers/internal/markdown"
	"peers/internal/proc"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// options is what the flags say.
type options struct {
	rounds   int
	time     time.Duration
	scenario *regexp.Regexp
	server   *regexp.Regexp
	wskit    string
	bin      string
	peers    string
	update   string
}

func run(args []string, stdout, stderr io.Writer) int {
	opts, err := parse(args, stderr)
	if err != nil {
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := measure(ctx, opts, stdout, stderr); err != nil {
		fmt.Fprintln(stderr, "runner:", err)
		return 1
	}
	return 0
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	set := flag.NewFlagSet("runner", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.IntVar(&o.rounds, "rounds", 3, "how often each server is measured in each case")
	set.DurationVar(&o.time, "time", time.Second, "how long each measurement takes")
	pattern(set, &o.scenario, "case", "only the cases that match this regular `expression`")
	pattern(set, &o.server, "server", "only the servers that match this regular `expression`, and whom they are compared to")
	set.StringVar(&o.wskit, "wskit", "./wskit", "our `binary`")
	set.StringVar(&o.bin, "bin", "", "`directory` of the programs (default where this one is)")
	set.StringVar(&o.peers, "peers", "testdata/peers", "`directory` of the other peers")
	set.StringVar(&o.update, "update", "", "also put the tables into this Markdown `file`, between the markers")
	if err := set.Parse(args); err != nil {
		return o, err
	}
	if o.rounds < 1 || o.time <= 0 {
		err := errors.New("-rounds and -time must be positive")
		fmt.Fprintln(stderr, "runner:", err)
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

// pattern defines a flag whose value is a regular expression; without it all matches.
func pattern(set *flag.FlagSet, into **regexp.Regexp, name, usage string) {
	*into = regexp.MustCompile("")
	set.Func(name, usage, func(s string) (err error) {
		*into, err = regexp.Compile(s)
		return err
	})
}

// measure takes the samples and prints the tables.
func measure(ctx context.Context, o options, stdout, stderr io.Writer) error {
	b := &bench{options: o, log: stderr}
	var err error
	if b.serverCPU, b.loadCPU, err = proc.Cores(); err != nil {
		return err
	}
	notes := b.choose()
	if len(b.scenarios) == 0 {
		return fmt.Errorf("no case that -case matches can be run here")
	}
	all, err := b.run(ctx)
	if err != nil {
		return err
	}
	r := newReport(b, all, append(notes, facts(b)...))
	text := r.markdown()
	if _, err := io.WriteString(stdout, text); err != nil {
		return err
	}
	if o.update != "" {
		if err := markdown.Update(o.update, text); err != nil {
			return err
		}
	}
	if n := len(r.failures); n > 0 {
		return fmt.Errorf("%d measurements failed", n)
	}
	return nil
}

// choose sets the scenarios and servers that were asked for and are possible here. It
// returns a note for each of the others that was asked for.
func (b *bench) choose() (notes []string) {
	for _, sc := range scenarios() {
		switch limit := proc.Descriptors(); {
		case !b.scenario.MatchString(sc.name):
		case limit < sc.descriptors:
			notes = append(notes, fmt.Sprintf("%s is skipped: it needs %d descriptors, and ulimit -Hn says %d.",
				sc.name, sc.descriptors, limit))
		default:
			b.scenarios = append(b.scenarios, sc)
		}
	}
	for _, s := range servers(b.bin, b.peers, b.wskit) {
		if err := s.missing(); err == nil {
			b.servers = append(b.servers, s)
		} else if b.server.MatchString(s.name) {
			notes = append(notes, fmt.Sprintf("%s is skipped: %v.", s.name, err))
		}
	}
	return notes
}
