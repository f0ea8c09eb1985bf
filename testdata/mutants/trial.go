package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// A trial tries mutants.
type trial struct {
	checker
	target  string // without a bug
	options *options
	dir     string

	mu sync.Mutex
	// log takes a line for each mutant; guarded by mu.
	log io.Writer
	// baselines has the verdicts on wskit as it is, by role and flags; guarded by mu.
	baselines map[string]func() ([]verdict, error)
}

// A result is what became of one mutant.
type result struct {
	mutant   *mutant
	outcomes map[string]outcome // by role
	err      error              // it could not be tried
}

// An outcome is what was found in one role.
type outcome struct {
	// worse are the cases, or the tests, that tell of the bug.
	worse []verdict
	// trouble is what check said when the bug left it nothing to test.
	trouble string
}

// found reports whether the bug was found in each role.
func (r *result) found() bool {
	for _, o := range r.outcomes {
		if len(o.worse) == 0 && o.trouble == "" {
			return false
		}
	}
	return r.err == nil
}

// why says what is known of the mutant.
func (r *result) why() string {
	if r.err != nil {
		return r.err.Error()
	}
	var parts []string
	for _, role := range []string{"tests", "server", "client"} {
		o, ok := r.outcomes[role]
		switch {
		case !ok:
		case o.trouble != "":
			parts = append(parts, fmt.Sprintf("%s: %s", role, o.trouble))
		case len(o.worse) == 0:
			parts = append(parts, role+": SURVIVED")
		default:
			first := o.worse[0]
			parts = append(parts, fmt.Sprintf("%s: %d, %s %s %.150s", role, len(o.worse), first.Verdict, first.Case, first.Text))
		}
	}
	return strings.Join(parts, "; ")
}

// newTrial builds wskit and the target as they are.
func newTrial(ctx context.Context, o *options, dir string, log io.Writer) (*trial, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	w, err := newWorkspace(filepath.Join(dir, "base"))
	if err != nil {
		return nil, err
	}
	wskit := filepath.Join(dir, "wskit")
	for name, binary := range map[string]string{".": wskit, target: w.binary} {
		if err := w.build(ctx, name, binary); err != nil {
			return nil, err
		}
	}
	return &trial{
		checker: checker{binary: wskit, self: self}, target: w.binary, options: o, dir: dir, log: log,
		baselines: map[string]func() ([]verdict, error){},
	}, nil
}

// tryAll tries the mutants, several at a time, and returns the results in their order.
func (t *trial) tryAll(ctx context.Context, mutants []*mutant) ([]*result, error) {
	results := make([]*result, len(mutants))
	errs := make(chan error, t.options.workers)
	next := make(chan int)
	for n := range t.options.workers {
		go func() {
			w, err := newWorkspace(filepath.Join(t.dir, fmt.Sprint(n)))
			for i := range next {
				if err == nil && ctx.Err() == nil {
					results[i], err = t.try(ctx, w, mutants[i])
				}
			}
			errs <- err
		}()
	}
	for i := range mutants {
		next <- i
	}
	close(next)
	var first error
	for range t.options.workers {
		if err := <-errs; first == nil {
			first = err
		}
	}
	if first == nil {
		first = ctx.Err()
	}
	return results, first
}

// try tries one mutant in a workspace. Its error is of the workspace, which is then of no
// further use.
func (t *trial) try(ctx context.Context, w *workspace, m *mutant) (*result, error) {
	began := time.Now()
	r := &result{mutant: m, outcomes: map[string]outcome{}}
	revert, err := m.apply(w.dir)
	if err != nil {
		r.err = err
	} else if t.options.tests {
		r.err = t.tryTests(ctx, w, r)
	} else if r.err = w.build(ctx, target, w.binary); r.err == nil {
		r.err = t.tryRoles(ctx, w, r)
	}
	word := "found"
	if !r.found() {
		word = "NOT FOUND"
	}
	t.mu.Lock()
	fmt.Fprintf(t.log, "%-9s %-40s %4.1fs  %s\n", word, m.name, time.Since(began).Seconds(), r.why())
	t.mu.Unlock()
	return r, revert()
}

// tryTests runs the unit tests of the mutant.
func (t *trial) tryTests(ctx context.Context, w *workspace, r *result) error {
	failed, err := w.test(ctx)
	if err != nil {
		return err
	}
	var o outcome
	for _, name := range failed {
		o.worse = append(o.worse, verdict{Case: name, Verdict: "fail"})
	}
	r.outcomes["tests"] = o
	return nil
}

// tryRoles runs check against the mutant in each of its roles.
func (t *trial) tryRoles(ctx context.Context, w *workspace, r *result) error {
	for _, role := range r.mutant.roles {
		before, err := t.baseline(ctx, role, r.mutant.with)
		if err != nil {
			return err
		}
		after, trouble, err := t.check(ctx, role, w.binary, r.mutant.with)
		if err != nil {
			return err
		}
		r.outcomes[role] = outcome{worse: worse(before, after), trouble: trouble}
	}
	return nil
}

// baseline returns the verdicts on wskit as it is.
func (t *trial) baseline(ctx context.Context, role string, with []string) ([]verdict, error) {
	key := role + " " + strings.Join(with, " ")
	t.mu.Lock()
	get := t.baselines[key]
	if get == nil {
		get = sync.OnceValues(func() ([]verdict, error) { return t.measure(ctx, role, with) })
		t.baselines[key] = get
	}
	t.mu.Unlock()
	return get()
}

func (t *trial) measure(ctx context.Context, role string, with []string) ([]verdict, error) {
	began := time.Now()
	verdicts, trouble, err := t.check(ctx, role, t.target, with)
	if err == nil && trouble != "" {
		err = fmt.Errorf("check the %s without a bug: %s", role, trouble)
	}
	if err != nil {
		return nil, err
	}
	bad := worse(nil, verdicts)
	t.mu.Lock()
	defer t.mu.Unlock()
	fmt.Fprintf(t.log, "without a bug: %s %s: %d cases, %d not passed, %4.1fs\n",
		role, strings.Join(with, " "), len(verdicts), len(bad), time.Since(began).Seconds())
	for _, v := range bad {
		fmt.Fprintf(t.log, "    %s %s %s\n", v.Verdict, v.Case, v.Text)
	}
	return verdicts, nil
}
