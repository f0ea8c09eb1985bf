package load

import (
	"context"
	"math"
	"testing"
	"time"

	"wskit/codec"
	"wskit/codec/wsconn"
)

// Progress comes four times a second, from the first connection to the last, and a
// last time with everything.
func TestProgress(t *testing.T) {
	faked(t, func(t *testing.T) {
		s := &target{script: each(func(c *wsconn.Conn, _ int, op codec.Opcode, data []byte) {
			time.Sleep(9 * time.Millisecond)
			c.WriteMessage(op, data)
		})}
		var all []Progress
		cfg := Config{Connections: 4, Rate: 100, RampUp: 2 * time.Second, Duration: 4 * time.Second}
		r, err := runPipes(t.Context(), t, s, cfg, func(p Progress) { all = append(all, p) })
		if err != nil {
			t.Fatal(err)
		}
		// The fourth connection is opened after a second and a half.
		if n := len(all); n < 22 || n > 24 {
			t.Errorf("got %d calls in 5.5s", n)
		}
		if r.Latency.Count() != r.Messages.Answered {
			t.Errorf("the histogram has %d values, want %d", r.Latency.Count(), r.Messages.Answered)
		}
		last := all[len(all)-1]
		if last.Messages != r.Messages.Answered || last.Phase != Ending || last.Done != 1 || last.Open != 0 || last.Planned != 4 {
			t.Errorf("the last one is %+v", last)
		}
		for i, p := range all[:len(all)-1] {
			want := Progress{Phase: Opening, Planned: 4, Open: int64(i/2 + 1)}
			at := time.Duration(i+1) * progressInterval
			want.Elapsed = at
			if i >= 5 {
				want.Phase, want.Open = Measuring, 4
				want.Elapsed = at - 1500*time.Millisecond
				want.Done = want.Elapsed.Seconds() / 4
			}
			if at%(500*time.Millisecond) == 0 {
				continue // at the very time of a change
			}
			if p.Phase != want.Phase || p.Open != want.Open || p.Elapsed != want.Elapsed || math.Abs(p.Done-want.Done) > 1e-9 || p.Failed+p.Errors != 0 {
				t.Errorf("after %v: got %+v, want %+v", at, p, want)
			}
			// 25 messages a second for each connection that is open.
			if i > 6 && (p.Rate < 95 || p.Rate > 105) {
				t.Errorf("after %v: the rate is %v, want 100", at, p.Rate)
			}
			if i == 2 && (p.Rate < 40 || p.Rate > 60) {
				t.Errorf("after %v: the rate is %v, want about 50", at, p.Rate)
			}
			if i > 6 && (p.P50 < 9*time.Millisecond || p.P99 > 10*time.Millisecond) {
				t.Errorf("after %v: p50 is %v and p99 %v, want 9ms", at, p.P50, p.P99)
			}
		}
	})
}

// An interruption is heard while a run that is over closes its connections, too.
func TestRunInterruptedClosing(t *testing.T) {
	faked(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		const after = 2 * time.Second
		time.AfterFunc(after, cancel)
		began := time.Now()
		var d time.Duration // before the server has ended
		rude := &target{script: func(_ int, c *wsconn.Conn) { time.Sleep(time.Minute) }}
		r, err := runPipes(ctx, t, rude, Config{Connections: 3, Idle: true, Duration: time.Second}, func(Progress) { d = time.Since(began) })
		if err != nil {
			t.Fatal(err)
		}
		if d > after+hurry || r.Interrupted {
			t.Errorf("it took %v and is interrupted: %v; want %v, and false: it was through", d, r.Interrupted, after+hurry)
		}
	})
}

// An interruption is heard in every phase, and soon.
func TestRunInterruptedPhases(t *testing.T) {
	stuck := &target{script: func(_ int, c *wsconn.Conn) { c.Discard() }}
	rude := &target{script: func(_ int, c *wsconn.Conn) {
		for range 100 {
			time.Sleep(time.Second) // and does not answer the close
		}
	}}
	tests := []struct {
		name   string
		target *target
		cfg    Config
		after  time.Duration
		opened int64
		values int64 // in the histogram
	}{
		{"opening", stuck, Config{Connections: 10, RampUp: 10 * time.Second}, 2500 * time.Millisecond, 3, 0},
		{"measuring", stuck, Config{Connections: 10, Duration: time.Minute, Timeout: time.Minute}, 5 * time.Second, 10, 0},
		{"closing", rude, Config{Connections: 10, Idle: true, Duration: time.Minute}, 5 * time.Second, 10, 0},
		// What waits in an open loop is in the histogram all the same.
		{"open loop", stuck, Config{Connections: 10, Rate: 10, Duration: time.Minute, Timeout: time.Minute}, 4950 * time.Millisecond, 10, 50},
		{"ending", stuck, Config{Connections: 10, Duration: time.Second, Timeout: time.Minute}, 5 * time.Second, 10, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			faked(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				time.AfterFunc(tt.after, cancel)
				began := time.Now()
				var d time.Duration // before the server has ended
				r, err := runPipes(ctx, t, tt.target, tt.cfg, func(Progress) { d = time.Since(began) })
				if err != nil {
					t.Fatal(err)
				}
				if d > tt.after+hurry {
					t.Errorf("it took %v, want %v", d, tt.after)
				}
				if !r.Interrupted || r.ErrorCount() != 0 || r.Connections.Opened != tt.opened || r.Latency.Count() != tt.values {
					t.Errorf("got interrupted %v, errors %v, %d opened, %d measured; want true, none, %d and %d",
						r.Interrupted, r.Errors, r.Connections.Opened, r.Latency.Count(), tt.opened, tt.values)
				}
			})
		})
	}
}
