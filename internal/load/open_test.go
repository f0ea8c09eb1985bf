package load

import (
	"context"
	"testing"
	"time"

	"wskit/codec/wsconn"
	"wskit/wsclient"
)

// stalling echoes, but for the time between from and to after its beginning.
func stalling(from, to time.Duration) script {
	began := time.Now()
	return func(_ int, c *wsconn.Conn) {
		for {
			op, data, err := c.NextMessage()
			if err != nil {
				return
			}
			if d := time.Since(began); d >= from && d < to {
				time.Sleep(to - d)
			}
			c.QueueMessage(op, data)
		}
	}
}

// A server that stalls for two seconds of a run of ten is charged for each message
// that was due meanwhile: as many as the rate says, which have waited for all times
// between nothing and two seconds alike. A generator that only measured what it
// could send would see ten slow messages here.
func TestRunStall(t *testing.T) {
	tests := []struct {
		name        string
		connections int
		rate        float64
	}{
		{name: "few connections", connections: 10, rate: 500},
		{name: "one connection", connections: 1, rate: 1000},
		{name: "more connections than messages", connections: 2000, rate: 500},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			faked(t, func(t *testing.T) {
				const stall = 2 * time.Second
				s := &target{script: stalling(4*time.Second, 4*time.Second+stall)}
				r, err := runPipes(t.Context(), t, s, Config{Connections: tt.connections, Rate: tt.rate, Duration: 10 * time.Second}, nil)
				if err != nil {
					t.Fatal(err)
				}
				all := int64(10 * tt.rate)
				if r.ErrorCount() != 0 || r.Messages.Sent != all || r.Messages.Answered != all || r.Latency.Count() != all {
					t.Errorf("got %d sent, %d answered, %d measured, errors %v; want %d and no errors",
						r.Messages.Sent, r.Messages.Answered, r.Latency.Count(), r.Errors, all)
				}
				if p99 := r.Latency.Percentile(99); p99 < 1890*time.Millisecond || p99 > 1910*time.Millisecond {
					t.Errorf("p99 is %v, want 1.9s", p99)
				}
				if got := r.Latency.Percentile(75); got > time.Millisecond {
					t.Errorf("p75 is %v, want none: most were not stalled", got)
				}
				// A tenth of the stalled messages in each tenth of the stall.
				want := tt.rate * stall.Seconds() / 10
				for i := range time.Duration(10) {
					from, to := stall*i/10, stall*(i+1)/10
					if n := float64(between(r.Latency, max(from, time.Millisecond), to)); n < want-3 || n > want+3 {
						t.Errorf("%v messages took %v to %v, want %v", n, from, to, want)
					}
				}
			})
		})
	}
}

// between returns how many values are above from and at most to, as far as the
// precision of the histogram goes.
func between(h *Histogram, from, to time.Duration) (n int64) {
	for _, b := range h.h.Distribution() {
		if middle := time.Duration(b.From+b.To) / 2; middle > from && middle <= to {
			n += b.Count
		}
	}
	return n
}

// The same with real sockets and a real clock. A machine that is busy with other things
// may stall as well, so that there are several tries.
func TestRunStallForReal(t *testing.T) {
	const tries = 5
	for try := 1; ; try++ {
		slow := stallForReal(t)
		if slow >= 170 && slow <= 300 {
			return
		}
		t.Logf("%d messages took longer than a tenth of the stall, want some 180", slow)
		if try == tries {
			t.Fatal("the stall is charged for too few or too many messages")
		}
	}
}

// stallForReal returns how many messages took longer than a tenth of the stall.
func stallForReal(t *testing.T) int64 {
	const stall = 400 * time.Millisecond
	began := time.Now()
	u := serve(t, "127.0.0.1:0", func(_ context.Context, c *wsconn.Conn) error {
		for {
			op, data, err := c.NextMessage()
			if err != nil {
				return err
			}
			if d := time.Since(began); d >= stall && d < 2*stall {
				time.Sleep(2*stall - d)
			}
			c.QueueMessage(op, data)
		}
	})
	cfg := Config{Dial: []wsclient.Config{{URL: u}}, Connections: 5, Rate: 500, Duration: 4 * stall}
	r, err := Run(t.Context(), cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r.ErrorCount() != 0 || r.Messages.Answered != 800 {
		t.Errorf("got %d answers and errors %v, want 800 and none", r.Messages.Answered, r.Errors)
	}
	// A quarter of the messages was stalled: the 99th percentile is that of the
	// slowest 25th part of them.
	if p99 := r.Latency.Percentile(99); p99 < stall*9/10 {
		t.Errorf("p99 is %v, want nearly %v", p99, stall)
	}
	return between(r.Latency, stall/10, time.Hour)
}

// What is due on connections that cannot take it is counted at the end, with the
// time that it has waited, and so is what was not answered.
func TestRunNeverTakes(t *testing.T) {
	faked(t, func(t *testing.T) {
		stop := make(chan struct{})
		time.AfterFunc(7*time.Second, func() { close(stop) })
		s := &target{script: func(_ int, c *wsconn.Conn) { <-stop }}
		cfg := Config{Connections: 4, Rate: 100, Duration: 2 * time.Second, Timeout: 3 * time.Second}
		r, err := runPipes(t.Context(), t, s, cfg, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := errorsOf(r)
		// Each connection is stuck in the first write.
		if got[KindTimeout] != 4 || got[KindUnsent] != 196 || len(got) != 2 {
			t.Errorf("got errors %v, want 4 timeouts and 196 unsent", got)
		}
		if n := r.Latency.Count(); n != 200 {
			t.Errorf("the histogram has %d values, want 200", n)
		}
		if low := r.Latency.Min(); low < 2990*time.Millisecond {
			t.Errorf("the smallest latency is %v, want 3s at least", low)
		}
	})
}

// A large backlog is settled as of one moment, all of it: the messages have waited
// between three and five seconds, each for a time of its own.
func TestRunBacklog(t *testing.T) {
	faked(t, func(t *testing.T) {
		stop := make(chan struct{})
		time.AfterFunc(7*time.Second, func() { close(stop) })
		s := &target{script: func(_ int, c *wsconn.Conn) { <-stop }}
		cfg := Config{Connections: 4, Rate: 1e6, Duration: 2 * time.Second, Timeout: 3 * time.Second}
		r, err := runPipes(t.Context(), t, s, cfg, nil)
		if err != nil {
			t.Fatal(err)
		}
		if n := r.Latency.Count(); n != 2e6 || r.ErrorCount() != n {
			t.Errorf("the histogram has %d values, %d errors; want 2,000,000", n, r.ErrorCount())
		}
		for p, want := range map[float64]time.Duration{0: 3 * time.Second, 25: 3500 * time.Millisecond, 50: 4 * time.Second, 75: 4500 * time.Millisecond, 100: 5 * time.Second} {
			if got := r.Latency.Percentile(p); got < want*998/1000 || got > want*1002/1000 {
				t.Errorf("the percentile %v is %v, want %v", p, got, want)
			}
		}
	})
}

// A ramp-up opens the connections evenly, with the load that each will have, and
// only what is due when all are open is measured.
func TestRunRampUp(t *testing.T) {
	tests := []struct {
		name string
		cfg  Config
		// measured are the messages of the measuring phase, warm those that the
		// server has seen before.
		measured, warm int64
	}{{
		name: "open loop", cfg: Config{Rate: 100, Duration: 10 * time.Second}, measured: 1000,
		// Connection i is open for (10-i) seconds and sends ten messages a second.
		warm: 450,
	}, {
		name: "closed loop", cfg: Config{Duration: 9950 * time.Millisecond}, measured: 1000, warm: 450,
	}, {
		name: "counted", cfg: Config{Count: 500}, measured: 500,
	}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			faked(t, func(t *testing.T) {
				seen := make(chan int, 10_000)
				s := &target{script: func(i int, c *wsconn.Conn) {
					for {
						op, data, err := c.NextMessage()
						if err != nil {
							return
						}
						seen <- i
						time.Sleep(100 * time.Millisecond)
						c.WriteMessage(op, data)
					}
				}}
				tt.cfg.Connections, tt.cfg.RampUp = 10, 10*time.Second
				r, err := runPipes(t.Context(), t, s, tt.cfg, nil)
				if err != nil {
					t.Fatal(err)
				}
				m := r.Messages
				if r.ErrorCount() != 0 || m.Answered != m.Sent || r.Latency.Count() != m.Sent {
					t.Errorf("got %d sent, %d answered, %d measured, errors %v; want the same, and none",
						m.Sent, m.Answered, r.Latency.Count(), r.Errors)
				}
				if d := m.Sent - tt.measured; d != 0 && (r.Plan.Mode == Open || d < -10 || d > 10) {
					t.Errorf("got %d messages, want %d", m.Sent, tt.measured)
				}
				// As many as there are connections may be at the limit of the phase.
				if n := m.WireOut / (64 + 6); n < m.Sent-11 || n > m.Sent+11 {
					t.Errorf("%d bytes on the wire are %d messages, want %d", m.WireOut, n, m.Sent)
				}
				warm := int64(len(seen)) - m.Sent
				if warm < tt.warm-10 || warm > tt.warm+10 {
					t.Errorf("got %d messages before the measuring phase, want about %d", warm, tt.warm)
				}
			})
		})
	}
}

// The share of a connection that has ended is not waited for.
func TestRunLosesShare(t *testing.T) {
	faked(t, func(t *testing.T) {
		s := &target{script: func(i int, c *wsconn.Conn) {
			if i == 0 {
				c.NextMessage()
				return
			}
			echo(i, c)
		}}
		began := time.Now()
		r, err := runPipes(t.Context(), t, s, Config{Connections: 4, Rate: 100, Count: 200}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if d := time.Since(began); d > 2100*time.Millisecond {
			t.Errorf("it took %v, want 2s", d)
		}
		got := errorsOf(r)
		if r.Messages.Sent != 151 || r.Messages.Answered != 150 || got[KindReset] != 1 || got[KindUnanswered] != 1 || len(got) != 2 {
			t.Errorf("got %d sent, %d answered, errors %v; want 151, 150, 1 reset and 1 unanswered",
				r.Messages.Sent, r.Messages.Answered, r.Errors)
		}
	})
}
