//go:build !race

package load

import (
	"runtime"
	"testing"

	"wskit/wsclient"
)

// loops are the ways in which messages go out.
var loops = []struct {
	name string
	cfg  Config
	// more is how many messages a second measurement has more than a first.
	more int64
}{
	{"ping-pong", Config{Connections: 4, Size: 125}, 10_000},
	{"in flight", Config{Connections: 4, Pipeline: 32, Size: 125}, 200_000},
	{"large in flight", Config{Connections: 4, Pipeline: 32, Size: 8 << 10}, 10_000},
	{"given", Config{Connections: 4, Pipeline: 8, Message: []byte("hello")}, 50_000},
	{"counted replies", Config{Connections: 4, Pipeline: 8, Check: CheckCount}, 50_000},
	{"one way", Config{Connections: 4, Check: CheckNone}, 100_000},
	{"open loop", Config{Connections: 4, Rate: 40_000}, 10_000},
}

// A message costs no allocation: a run of many has as many as a run of few.
func TestRunAllocations(t *testing.T) {
	u := serve(t, "127.0.0.1:0", nil)
	for _, tt := range loops {
		t.Run(tt.name, func(t *testing.T) {
			mallocs := func(n int64) uint64 {
				cfg := tt.cfg
				cfg.Dial = []wsclient.Config{{URL: u}}
				cfg.Count = n
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				r, err := Run(t.Context(), cfg, nil)
				runtime.ReadMemStats(&after)
				if err != nil || r.ErrorCount() != 0 || r.Messages.Sent != n {
					t.Fatalf("got %v, %d sent, errors %v", err, r.Messages.Sent, r.Errors)
				}
				return after.Mallocs - before.Mallocs
			}
			few := mallocs(1000)
			many := mallocs(1000 + tt.more)
			// What remains are buffers that a garbage collection took out of a
			// pool, and the monitor's.
			if extra := int64(many) - int64(few); extra > tt.more/50 {
				t.Errorf("%d messages more cost %d allocations more", tt.more, extra)
			}
		})
	}
}

// BenchmarkRun measures a message, the server's part included.
func BenchmarkRun(b *testing.B) {
	u := serve(b, "127.0.0.1:0", nil)
	for _, bb := range loops {
		b.Run(bb.name, func(b *testing.B) {
			cfg := bb.cfg
			cfg.Dial = []wsclient.Config{{URL: u}}
			cfg.Count = int64(b.N)
			b.ReportAllocs()
			b.SetBytes(int64(cfg.withDefaults().Size))
			if _, err := Run(b.Context(), cfg, nil); err != nil {
				b.Fatal(err)
			}
		})
	}
}
