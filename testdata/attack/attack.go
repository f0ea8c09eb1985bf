//go:build linux

package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// The commands that are attacked.
const (
	serve   = "serve"
	connect = "connect"
	inspect = "inspect"
	bench   = "bench"
	check   = "check"
)

// An attack is a row of the table. What it may come to is said where it is observed: see
// trial.saw.
type attack struct {
	id, what string
	target   string
	memory   int64         // how far the peak may rise above that of a session in peace, in bytes
	time     time.Duration // how long it may take
	waits    bool          // it mostly waits for a deadline, and runs beside the others
	ours     bool          // it means nothing to another server
	run      func(t *trial) error
}

// attacks returns all attacks in the order of the table.
func attacks() []attack {
	return slices.Concat(
		lengthAttacks(), bombAttacks(), floodAttacks(), ruleAttacks(), handshakeAttacks(),
		slowAttacks(), originAttacks(), optionAttacks(), maskAttacks(), terminalAttacks(), traceAttacks(), scriptAttacks(), victimAttacks(), faults(),
	)
}

// each returns an attack for each target.
func each(a attack, targets ...string) []attack {
	var all []attack
	for _, target := range targets {
		a.target = target
		all = append(all, a)
	}
	return all
}

// A trial is one run of an attack: what was observed, and the processes that took part.
type trial struct {
	attack
	ctx context.Context
	lab *lab

	mu sync.Mutex
	// guarded by mu
	tally   map[string]int
	notes   []string
	faults  []string
	more    int // faults that are not kept
	peak    int64
	closers []func()
	took    time.Duration
}

// maxFaults bounds the faults that are kept of a trial.
const maxFaults = 8

// saw counts an observation. One that is none of those wanted is a fault, of which what says
// on what occasion it was made.
func (t *trial) saw(got, what string, want ...string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.tally[got]++
	if !slices.Contains(want, got) {
		t.addFault(fmt.Sprintf("%s: got %q, want %q", what, got, want))
	}
}

// fault notes that the attack got through.
func (t *trial) fault(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.addFault(fmt.Sprintf(format, args...))
}

func (t *trial) addFault(s string) {
	if len(t.faults) == maxFaults {
		t.more++
		return
	}
	t.faults = append(t.faults, s)
}

// note adds to the outcome what is worth telling.
func (t *trial) note(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.notes = append(t.notes, fmt.Sprintf(format, args...))
}

// used notes the peak of a process.
func (t *trial) used(peak int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.peak = max(t.peak, peak)
}

// later has f called when the attack is over, in the reverse order of the calls.
func (t *trial) later(f func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closers = append(t.closers, f)
}

// A result is what came of an attack.
type result struct {
	attack
	outcome string
	faults  []string
	peak    int64
	took    time.Duration
}

func (r *result) held() bool { return len(r.faults) == 0 }

// perform runs the attack and judges it.
func (t *trial) perform() result {
	began := time.Now()
	if err := t.run(t); err != nil {
		t.fault("%v", err)
	}
	t.took = time.Since(began)
	t.end()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.lab.peer == "" {
		if allowed := t.lab.base[t.target] + t.memory; t.peak > allowed {
			t.addFault(fmt.Sprintf("the peak was %s, allowed are %s", megabytes(t.peak), megabytes(allowed)))
		}
		if t.took > t.time {
			t.addFault(fmt.Sprintf("it took %v, allowed are %v", t.took.Round(time.Millisecond), t.time))
		}
	}
	if t.more > 0 {
		t.faults = append(t.faults, fmt.Sprintf("and %d more", t.more))
	}
	return result{attack: t.attack, outcome: t.outcome(), faults: t.faults, peak: t.peak, took: t.took}
}

// end ends all that the attack has started, the newest first.
func (t *trial) end() {
	for {
		t.mu.Lock()
		n := len(t.closers)
		if n == 0 {
			t.mu.Unlock()
			return
		}
		f := t.closers[n-1]
		t.closers = t.closers[:n-1]
		t.mu.Unlock()
		f()
	}
}

// outcome says what was observed, the most frequent first, for the holder of mu.
func (t *trial) outcome() string {
	seen := slices.SortedFunc(maps.Keys(t.tally), func(a, b string) int {
		if d := t.tally[b] - t.tally[a]; d != 0 {
			return d
		}
		if a < b {
			return -1
		}
		return 1
	})
	text := ""
	for i, what := range seen {
		if i > 0 {
			text += ", "
		}
		text += what
		if n := t.tally[what]; n > 1 {
			text += fmt.Sprintf(" ×%d", n)
		}
	}
	for _, n := range t.notes {
		if text != "" {
			text += "; "
		}
		text += n
	}
	return text
}
