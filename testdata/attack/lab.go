//go:build linux

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A lab is what all attacks share.
type lab struct {
	wskit   string
	peer    string
	dir     string // for sockets and files, removed at the end
	verbose bool
	log     io.Writer
	base    map[string]int64 // the peak of a session in peace, by target
	files   atomic.Int64     // names that were given away
}

// newLab builds the binary, unless there is one, and measures it in peace.
func newLab(ctx context.Context, o options, log io.Writer) (*lab, error) {
	l := &lab{wskit: o.wskit, peer: o.peer, verbose: o.verbose, log: log, base: make(map[string]int64)}
	if l.peer != "" && !strings.Contains(l.peer, "{port}") {
		return nil, fmt.Errorf("PEER %q: it has no {port} in it", l.peer)
	}
	var err error
	if l.dir, err = os.MkdirTemp("", "attack"); err != nil {
		return nil, err
	}
	if l.wskit == "" && l.peer == "" {
		l.wskit = filepath.Join(l.dir, "wskit")
		build := exec.CommandContext(ctx, "go", "build", "-o", l.wskit, "wskit")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			l.close()
			return nil, fmt.Errorf("build wskit: %w\n%s", err, out)
		}
	}
	if l.peer == "" {
		if err := l.measureBase(ctx); err != nil {
			l.close()
			return nil, err
		}
	}
	return l, nil
}

func (l *lab) close() { os.RemoveAll(l.dir) }

// name returns a path in the lab's directory that nobody else has.
func (l *lab) name(suffix string) string {
	return filepath.Join(l.dir, fmt.Sprint(l.files.Add(1))+suffix)
}

func (l *lab) trial(ctx context.Context, a attack) *trial {
	return &trial{attack: a, ctx: ctx, lab: l, tally: make(map[string]int)}
}

// measureBase measures an ordinary session of each command.
func (l *lab) measureBase(ctx context.Context) error {
	for _, target := range []string{serve, connect, inspect, bench} {
		a := attack{id: "base", target: target, time: time.Minute, memory: 1 << 30, run: func(t *trial) error {
			for range 3 { // as peaks differ a little
				if err := t.volley([]shot{{what: "in peace", frames: closing, want: []string{"1000"}}}); err != nil {
					return err
				}
			}
			return nil
		}}
		r := l.trial(ctx, a).perform()
		if !r.held() {
			return fmt.Errorf("a session of %s in peace: %s", target, strings.Join(r.faults, "; "))
		}
		l.base[target] = r.peak
	}
	return nil
}

// run runs the attacks: those that wait all at once, beside the others two at a time.
func (l *lab) run(ctx context.Context, chosen []attack) []result {
	results := make([]result, len(chosen))
	var running sync.WaitGroup
	perform := func(i int) {
		if ctx.Err() != nil {
			return
		}
		results[i] = l.trial(ctx, chosen[i]).perform()
		if r := &results[i]; l.verbose {
			fmt.Fprintf(l.log, "%-5s %-8s %-8s %5.1f s  %s\n", r.id, r.target, verdict(r), r.took.Seconds(), r.outcome)
		}
	}
	busy := make(chan int, len(chosen))
	for i, a := range chosen {
		if a.waits {
			running.Go(func() { perform(i) })
		} else {
			busy <- i
		}
	}
	close(busy)
	for range 2 {
		running.Go(func() {
			for i := range busy {
				perform(i)
			}
		})
	}
	running.Wait()
	return results
}
