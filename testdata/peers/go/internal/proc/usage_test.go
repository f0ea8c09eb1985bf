package proc

import (
	"os"
	"strings"
	"testing"
	"time"
)

func TestParseStatus(t *testing.T) {
	for _, tt := range []struct {
		name, status string
		want         Memory
		fails        bool
	}{
		{"alive", "Name:\traw\nVmHWM:\t   5096 kB\nVmRSS:\t   4096 kB\nThreads:\t5\n", Memory{RSS: 4096 << 10, Peak: 5096 << 10}, false},
		{"ended", "Name:\traw\nState:\tZ (zombie)\n", Memory{}, true},
		{"no number", "VmHWM:\t   5096 kB\nVmRSS:\t   many kB\n", Memory{}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parseStatus(strings.NewReader(tt.status))
			if got != tt.want || (err != nil) != tt.fails {
				t.Errorf("got %+v, %v, want %+v", got, err, tt.want)
			}
		})
	}
}

func TestCPU(t *testing.T) {
	before, err := CPU(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	const busy = 20 * time.Millisecond
	now := before
	for start := time.Now(); now-before < busy; { // ends only when the clock counts our work
		if now, err = CPU(os.Getpid()); err != nil {
			t.Fatal(err)
		}
		if time.Since(start) > 10*time.Second {
			t.Fatalf("after 10 s of work the clock says %v", now-before)
		}
	}
	if _, err := CPU(1 << 22); err == nil { // one more than the kernel gives out
		t.Error("a process that does not exist has a clock")
	}
}
