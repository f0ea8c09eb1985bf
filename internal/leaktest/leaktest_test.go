package leaktest

import (
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// tests stand in for a *testing.M.
type tests func() int

func (f tests) Run() int { return f() }

func TestRun(t *testing.T) {
	var release chan struct{}
	tests := []struct {
		name string
		run  tests
		code int
		want string // a part of what is written
	}{
		{name: "clean", run: func() int { return 0 }},
		{name: "failed", run: func() int { return 3 }, code: 3},
		{name: "goroutine that ends", run: func() int {
			go func() { <-time.After(time.Second) }()
			return 0
		}},
		{name: "goroutine", run: func() int {
			go func() { <-release }()
			return 0
		}, code: 1, want: "leaktest.TestRun.func"},
		{name: "descriptor", run: func() int {
			f, err := os.Open(os.DevNull)
			if err != nil {
				t.Error(err)
			}
			t.Cleanup(func() { f.Close() })
			return 0
		}, code: 1, want: "leak: "},
	}
	before := runtime.NumGoroutine()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.name == "descriptor" && openFiles() == 0 {
				t.Skip("this system does not tell its descriptors")
			}
			for runtime.NumGoroutine() > before+1 { // those of the test before are about to end
				runtime.Gosched()
			}
			synctest.Test(t, func(t *testing.T) {
				release = make(chan struct{})
				defer close(release)
				var b strings.Builder
				if code := Run(tt.run, &b); code != tt.code {
					t.Errorf("code %d, want %d", code, tt.code)
				}
				if got := b.String(); !strings.Contains(got, tt.want) || (got == "") != (tt.want == "") {
					t.Errorf("wrote %q, want %q in it", got, tt.want)
				}
			})
		})
	}
}
