// Command mutants puts deliberate bugs into a copy of wskit, one at a time, and tells
// whether "wskit check" finds each of them. It is run in the top directory of a checkout,
// which it leaves as it is.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"slices"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "mutants: %v\n", err)
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	pattern, role, update string
	list, drive, tests    bool
	workers               int
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var o options
	flags := flag.NewFlagSet("mutants", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.pattern, "run", "", "only the mutants whose name matches this `regexp`")
	flags.StringVar(&o.role, "role", "", "only the targets of this role: server or client")
	flags.StringVar(&o.update, "update", "", "put the table into this `file`, between its markers; rows of other mutants stay")
	flags.BoolVar(&o.list, "list", false, "list the mutants, and see that each still fits the code")
	flags.BoolVar(&o.tests, "tests", false, "let the unit tests look for them instead of check")
	flags.BoolVar(&o.drive, "drive", false, "drive a client through the cases of check --listen; for the program itself")
	flags.IntVar(&o.workers, "j", 2, "`number` of mutants that are tried at the same time")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if o.drive {
		return drive(ctx, os.Getenv("WSKIT_URL"), flags.Args(), stderr)
	}
	all, err := parse(mutantsText)
	if err != nil {
		return err
	}
	mutants, err := o.selected(all)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "mutants-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if o.list {
		return list(mutants, dir, stdout)
	}
	t, err := newTrial(ctx, &o, dir, stderr)
	if err != nil {
		return err
	}
	results, err := t.tryAll(ctx, mutants)
	if err != nil {
		return err
	}
	if o.update != "" {
		if err := update(o.update, all, results); err != nil {
			return err
		}
	}
	return verdictOf(results, stdout)
}

// selected returns the mutants to try.
func (o *options) selected(all []*mutant) ([]*mutant, error) {
	pattern, err := regexp.Compile(o.pattern)
	if err != nil {
		return nil, err
	}
	var mutants []*mutant
	for _, m := range all {
		if o.role != "" {
			m.roles = slices.DeleteFunc(m.roles, func(role string) bool { return role != o.role })
		}
		if pattern.MatchString(m.name) && len(m.roles) > 0 {
			mutants = append(mutants, m)
		}
	}
	switch {
	case len(mutants) == 0:
		return nil, errors.New("no mutant is selected")
	case o.workers < 1:
		return nil, errors.New("-j must be 1 or more")
	case o.update != "" && (o.tests || o.role != ""):
		return nil, errors.New("-update is for what check finds in both roles")
	}
	return mutants, nil
}

// list prints the mutants. All must fit the code.
func list(mutants []*mutant, dir string, stdout io.Writer) error {
	w, err := newWorkspace(dir)
	if err != nil {
		return err
	}
	var stale []error
	for _, m := range mutants {
		fmt.Fprintf(stdout, "%-45s %s\n%45s %s\n", m.name, m.rule, "instead:", m.bug)
		revert, err := m.apply(w.dir)
		stale = append(stale, err, revert())
	}
	fmt.Fprintf(stdout, "%d mutants\n", len(mutants))
	return errors.Join(stale...)
}

// verdictOf says how many were found. Those that were not are an error.
func verdictOf(results []*result, stdout io.Writer) error {
	var errs []error
	for _, r := range results {
		if !r.found() {
			errs = append(errs, fmt.Errorf("%s: %s", r.mutant.name, r.why()))
		}
	}
	fmt.Fprintf(stdout, "%d of %d mutants are found\n", len(results)-len(errs), len(results))
	return errors.Join(errs...)
}
