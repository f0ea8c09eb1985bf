//go:build linux

package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"syscall"
)

// options is what the flags and the environment say.
type options struct {
	match   *regexp.Regexp
	list    bool
	verbose bool
	wskit   string
	update  string
	peer    string // a command with {port} in it, "" for ours
}

func run(args []string, peer string, stdout, stderr io.Writer) int {
	o := options{match: regexp.MustCompile(""), peer: peer}
	set := flag.NewFlagSet("attack", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.Func("run", "only the attacks whose id, name or target matches this regular `expression`", func(s string) (err error) {
		o.match, err = regexp.Compile(s)
		return err
	})
	set.BoolVar(&o.list, "list", false, "list the attacks and run none")
	set.BoolVar(&o.verbose, "v", false, "tell of each attack when it is over")
	set.StringVar(&o.wskit, "wskit", "", "the `binary` to attack (default one that is built from this module)")
	set.StringVar(&o.update, "update", "", "also put the table into this Markdown `file`, between the markers; of our own commands only")
	if err := set.Parse(args); err != nil {
		return 2
	}
	all := attacks()
	chosen := choose(all, o)
	if o.update != "" && o.peer == "" && len(chosen) < len(all) {
		fmt.Fprintln(stderr, "attack: -update contradicts -run: it writes the whole table")
		return 2
	}
	if len(chosen) == 0 {
		fmt.Fprintln(stderr, "attack: -run matches none: see -list")
		return 2
	}
	if o.list {
		for _, a := range chosen {
			fmt.Fprintf(stdout, "%-5s %-8s %s\n", a.id, a.target, a.what)
		}
		return 0
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	held, err := wage(ctx, o, chosen, stdout, stderr)
	switch {
	case err != nil:
		fmt.Fprintln(stderr, "attack:", err)
		return 1
	case !held && o.peer == "":
		return 1
	}
	return 0
}

// choose returns the attacks that the options ask for.
func choose(all []attack, o options) []attack {
	var chosen []attack
	for _, a := range all {
		if o.match.MatchString(a.id+" "+a.target+" "+a.what) && (o.peer == "" || a.target == serve && !a.ours) {
			chosen = append(chosen, a)
		}
	}
	return chosen
}

// wage runs the attacks, prints the table, and reports whether all were held.
func wage(ctx context.Context, o options, chosen []attack, stdout, stderr io.Writer) (held bool, err error) {
	l, err := newLab(ctx, o, stderr)
	if err != nil {
		return false, err
	}
	defer l.close()
	results := l.run(ctx, chosen)
	if err := context.Cause(ctx); err != nil {
		return false, err
	}
	text := l.table(results)
	if _, err := io.WriteString(stdout, text); err != nil {
		return false, err
	}
	held = true
	for _, r := range results {
		if held = held && r.held(); !r.held() {
			fmt.Fprintf(stderr, "attack: NOT HELD: %s %s: %s\n", r.id, r.target, r.what)
			for _, f := range r.faults {
				fmt.Fprintf(stderr, "  %s\n", f)
			}
		}
	}
	if o.update != "" && o.peer == "" { // of another server nothing is kept
		return held, update(o.update, text)
	}
	return held, nil
}
