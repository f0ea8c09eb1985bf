//go:build linux

package main

import (
	"cmp"
	"context"
	"strings"
	"testing"
	"time"
)

func TestAligned(t *testing.T) {
	got := aligned([][]string{{"id", "attack", "peak", "time"}, {"A1", "a|b × 2", "1.0 MB", "0.1 s"}, {"A10", "c", "100.0 MB", "30.0 s"}})
	want := `| id  | attack   |     peak |   time |
| --- | -------- | -------: | -----: |
| A1  | a\|b × 2 |   1.0 MB |  0.1 s |
| A10 | c        | 100.0 MB | 30.0 s |
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestPerform judges attacks by what they observe and by their bounds.
func TestPerform(t *testing.T) {
	for _, tt := range []struct {
		name    string
		run     func(t *trial) error
		limit   time.Duration // if zero, a minute
		outcome string
		fault   string // what the faults contain, "" for none
	}{
		{name: "as wanted", outcome: "1002 ×2, 1009; and more", run: func(t *trial) error {
			t.saw("1009", "a", "1002", "1009")
			t.saw("1002", "b", "1002")
			t.saw("1002", "c", "1002")
			t.note("and more")
			return nil
		}},
		{name: "another outcome", outcome: "echoed", fault: `b: got "echoed"`, run: func(t *trial) error {
			t.saw("echoed", "b", "1002")
			return nil
		}},
		{name: "too much memory", outcome: "1002", fault: "the peak was 1.6 MB, allowed are 1.5 MB", run: func(t *trial) error {
			t.saw("1002", "a", "1002")
			t.used(1_600_000)
			return nil
		}},
		{name: "too slow", limit: 1, fault: "allowed are 1ns", run: func(*trial) error { return nil }},
		{name: "cannot be run", fault: context.Canceled.Error(), run: func(*trial) error { return context.Canceled }},
		{name: "found at the end", fault: "the server is gone", run: func(t *trial) error {
			t.later(func() { t.fault("the server is gone") })
			return nil
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := &lab{base: map[string]int64{serve: 1_000_000}}
			a := attack{target: serve, memory: 500_000, time: cmp.Or(tt.limit, time.Minute), run: tt.run}
			r := l.trial(t.Context(), a).perform()
			faults := strings.Join(r.faults, "\n")
			if r.outcome != tt.outcome || r.held() != (tt.fault == "") || !strings.Contains(faults, tt.fault) {
				t.Errorf("got outcome %q and faults %q, want %q and %q", r.outcome, faults, tt.outcome, tt.fault)
			}
		})
	}
}

// TestJudgeKeys has generators that are not good enough found out.
func TestJudgeKeys(t *testing.T) {
	fair := func(i int) uint32 { // the finaliser of a hash
		k := uint32(i) + 0x9E3779B9
		k = (k ^ k>>16) * 0x85EBCA6B
		k = (k ^ k>>13) * 0xC2B2AE35
		return k ^ k>>16
	}
	for _, tt := range []struct {
		name  string
		key   func(i int) uint32
		fault string
	}{
		{"fair", fair, ""},
		{"constant", func(int) uint32 { return 0x37FA213D }, "keys occur more than once"},
		{"zero", func(i int) uint32 { return fair(i) * uint32(min(i, 1)) }, "key 0 is zero"},
		{"counting", func(i int) uint32 { return 0x37FA213D + uint32(i)*0x01010107 }, "steps between keys"},
		{"a period", func(i int) uint32 { return fair(i % 1000) }, "keys occur more than once"},
		{"31 bits", func(i int) uint32 { return fair(i) | 1<<31 }, "bit 31 is set in"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			keys := make([]uint32, maskedFrames)
			for i := range keys {
				keys[i] = tt.key(i)
			}
			trial := (&lab{}).trial(t.Context(), attack{})
			trial.judgeKeys(keys, len(keys))
			faults := strings.Join(trial.faults, "\n")
			if (faults == "") != (tt.fault == "") || !strings.Contains(faults, tt.fault) {
				t.Errorf("got faults %q, want %q", faults, tt.fault)
			}
		})
	}
}
