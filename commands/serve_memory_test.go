package commands

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"wskit/wsserver"
)

// TestReclaimer has connections come and go, and counts how often memory is given
// back.
func TestReclaimer(t *testing.T) {
	type step struct {
		opened, closed int
		each           time.Duration // between two of them
		rest           time.Duration // behind them, with one second more
		want           int64         // releases by the end of the step
	}
	for _, tt := range []struct {
		name  string
		steps []step
	}{
		{"a few", []step{{opened: reclaimMin - 1}}},
		{"a burst", []step{{opened: reclaimMin, want: 1}}},
		{"long burst", []step{{opened: 10_000, each: time.Millisecond, want: 1}}},
		{"slowly", []step{{opened: 10 * reclaimMin, each: reclaimQuiet / 2, want: 1}}},
		{"none after", []step{{opened: 10_000, want: 1}, {want: 1}}},
		{"a pause amid it", []step{{opened: 6000, want: 1}, {opened: 4000, want: 2}}},
		{"a small share", []step{{opened: 10_000, want: 1}, {opened: reclaimMin, want: 1}, {rest: 4 * time.Second, want: 2}, {rest: time.Hour, want: 2}}},
		{"all close", []step{{opened: 10_000, want: 1}, {closed: 10_000, want: 2}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var releases atomic.Int64
				r := startReclaimer(func() { releases.Add(1) })
				defer r.close()
				opened, closed := 0, 0
				cfg := wsserver.Config{
					OnOpen:  func(wsserver.Opened) { opened++ },
					OnClose: func(wsserver.Closed) { closed++ },
				}
				r.attach(&cfg)
				for i, s := range tt.steps {
					synctest.Wait()
					before := releases.Load()
					for range s.opened {
						cfg.OnOpen(wsserver.Opened{})
						time.Sleep(s.each)
					}
					for range s.closed {
						cfg.OnClose(wsserver.Closed{})
						time.Sleep(s.each)
					}
					synctest.Wait()
					if releases.Load() != before {
						t.Errorf("step %d: memory was given back amid the burst", i)
					}
					opened, closed = opened-s.opened, closed-s.closed
					time.Sleep(s.rest + time.Second)
					synctest.Wait()
					if got := releases.Load(); got != s.want {
						t.Errorf("step %d: memory was given back %d times, want %d", i, got, s.want)
					}
				}
				if opened != 0 || closed != 0 {
					t.Errorf("the hooks that were there missed %d and %d calls", -opened, -closed)
				}
			})
		})
	}
}
