package load

import (
	"bytes"
	"context"
	"maps"
	"testing"
	"time"

	"wskit/codec"
	"wskit/codec/wsconn"
)

// The replies of all kinds of servers, and what the report says of them. The runs
// are in a bubble, where what takes time is told exactly.
func TestRunTargets(t *testing.T) {
	const (
		local = "local"
		peer  = "peer"
	)
	normally := func(n int64) map[CloseCount]int64 {
		return map[CloseCount]int64{{Code: codec.CloseNormal, By: local}: n}
	}
	tests := []struct {
		name   string
		target *target
		cfg    Config
		errors map[string]int64
		closes map[CloseCount]int64
		sent   int64
		// answered are those in the histogram, all of which took took.
		answered int64
		took     time.Duration
		lost     int64
	}{{
		name:     "echo",
		target:   &target{script: echo},
		cfg:      Config{Connections: 3, Count: 100},
		closes:   normally(3),
		sent:     100,
		answered: 100,
	}, {
		name:     "a count that connections and messages in flight do not divide",
		target:   &target{script: echo},
		cfg:      Config{Connections: 7, Pipeline: 4, Count: 1009},
		closes:   normally(7),
		sent:     1009,
		answered: 1009,
	}, {
		name:     "fewer messages than connections",
		target:   &target{script: echo},
		cfg:      Config{Connections: 5, Pipeline: 2, Count: 3},
		closes:   normally(5),
		sent:     3,
		answered: 3,
	}, {
		name: "slow echo",
		target: &target{script: each(func(c *wsconn.Conn, _ int, op codec.Opcode, data []byte) {
			time.Sleep(100 * time.Millisecond)
			c.WriteMessage(op, data)
		})},
		cfg:      Config{Connections: 2, Duration: 950 * time.Millisecond},
		closes:   normally(2),
		sent:     20,
		answered: 20,
		took:     100 * time.Millisecond,
	}, {
		name: "a greeting first",
		target: &target{script: func(i int, c *wsconn.Conn) {
			if i == 0 {
				c.WriteMessage(codec.OpText, []byte("welcome"))
			}
			echo(i, c)
		}},
		cfg:      Config{Connections: 2, Count: 10, RampUp: time.Second},
		closes:   normally(2),
		sent:     10,
		answered: 10,
	}, {
		name:   "never answers",
		target: &target{script: func(_ int, c *wsconn.Conn) { c.Discard() }},
		cfg:    Config{Connections: 2, Pipeline: 3, Duration: time.Second, Timeout: time.Second},
		errors: map[string]int64{KindTimeout: 6},
		closes: normally(2),
		sent:   6,
	}, {
		name: "drops a message of many",
		target: &target{script: each(func(c *wsconn.Conn, n int, op codec.Opcode, data []byte) {
			if n != 5 {
				time.Sleep(100 * time.Millisecond)
				c.WriteMessage(op, data)
			}
		})},
		cfg:      Config{Connections: 1, Duration: 2450 * time.Millisecond, Timeout: time.Second},
		errors:   map[string]int64{KindTimeout: 1},
		closes:   normally(1),
		sent:     5 + 1 + 9, // it is given up on after 1.1 s
		answered: 5 + 9,
		took:     100 * time.Millisecond,
	}, {
		name: "answers later ones, one never",
		target: &target{script: each(func(c *wsconn.Conn, n int, op codec.Opcode, data []byte) {
			if n != 5 {
				c.QueueMessage(op, data)
			}
		})},
		cfg:      Config{Connections: 1, Pipeline: 4, Count: 50, Timeout: time.Second},
		errors:   map[string]int64{KindMissing: 1},
		closes:   normally(1),
		sent:     50,
		answered: 49,
	}, {
		name: "answers too late, then well",
		target: &target{script: each(func(c *wsconn.Conn, n int, op codec.Opcode, data []byte) {
			if n == 2 {
				time.Sleep(1500 * time.Millisecond)
			}
			c.WriteMessage(op, data)
		})},
		cfg:    Config{Connections: 1, Count: 10, Timeout: time.Second},
		errors: map[string]int64{KindTimeout: 1},
		closes: normally(1),
		// The third is given up on after 1.1 s, the fourth waits until it is answered.
		sent: 10, answered: 9, took: 400 * time.Millisecond,
	}, {
		name: "answers too late, and one must not be taken for another",
		target: &target{script: each(func(c *wsconn.Conn, n int, op codec.Opcode, data []byte) {
			if n == 2 {
				time.Sleep(1500 * time.Millisecond)
			}
			c.WriteMessage(op, data)
		})},
		cfg:    Config{Connections: 1, Check: CheckCount, Count: 10, Timeout: time.Second},
		errors: map[string]int64{KindTimeout: 1},
		closes: normally(1),
		sent:   10, answered: 9, took: 400 * time.Millisecond,
	}, {
		name: "answers each a little too late",
		target: &target{script: each(func(c *wsconn.Conn, _ int, op codec.Opcode, data []byte) {
			time.Sleep(1050 * time.Millisecond)
			c.WriteMessage(op, data)
		})},
		cfg:    Config{Connections: 1, Count: 5, Timeout: time.Second},
		errors: map[string]int64{KindTimeout: 5},
		closes: normally(1),
		sent:   5,
	}, {
		name: "closes with 1011 after three messages",
		target: &target{script: func(_ int, c *wsconn.Conn) {
			for range 3 {
				op, data, _ := c.NextMessage()
				c.WriteMessage(op, data)
			}
			c.NextMessage()
			c.Close(codec.CloseInternalError, "out of order")
		}},
		cfg:      Config{Connections: 2, Duration: time.Second},
		errors:   map[string]int64{"closed 1011": 2, KindUnanswered: 2},
		closes:   map[CloseCount]int64{{Code: codec.CloseInternalError, By: peer}: 2},
		sent:     8,
		answered: 6,
		lost:     2,
	}, {
		name: "drops the connection",
		target: &target{script: func(i int, c *wsconn.Conn) {
			for {
				op, data, err := c.NextMessage()
				if err != nil || i == 0 {
					return
				}
				time.Sleep(time.Millisecond)
				c.WriteMessage(op, data)
			}
		}},
		cfg:      Config{Connections: 2, Count: 100},
		errors:   map[string]int64{KindReset: 1, KindUnanswered: 1},
		closes:   map[CloseCount]int64{{Code: codec.CloseAbnormal, By: "lost"}: 1, {Code: codec.CloseNormal, By: local}: 1},
		sent:     100,
		answered: 99,
		lost:     1,
	}, {
		name: "answers with something else",
		target: &target{script: each(func(c *wsconn.Conn, n int, op codec.Opcode, data []byte) {
			if n == 1 {
				data = bytes.ToUpper(data)
			}
			c.QueueMessage(op, data)
		})},
		cfg:      Config{Connections: 1, Count: 4},
		errors:   map[string]int64{KindMismatch: 1},
		closes:   normally(1),
		sent:     4,
		answered: 3,
	}, {
		name: "answers what tells nothing with something else, once",
		target: &target{script: each(func(c *wsconn.Conn, n int, op codec.Opcode, data []byte) {
			if n == 1 {
				data = []byte("no")
			}
			c.QueueMessage(op, data)
		})},
		cfg:      Config{Connections: 1, Message: []byte("hi"), Count: 10},
		errors:   map[string]int64{KindMismatch: 1},
		closes:   normally(1),
		sent:     10,
		answered: 9,
	}, {
		name: "answers what tells nothing with something else, always",
		target: &target{script: each(func(c *wsconn.Conn, _ int, op codec.Opcode, _ []byte) {
			c.QueueMessage(op, []byte("no"))
		})},
		cfg:    Config{Connections: 2, Message: []byte("hi"), Pipeline: 3, Count: 40},
		errors: map[string]int64{KindMismatch: 40},
		closes: normally(2),
		sent:   40,
	}, {
		name: "answers short messages with something else, often",
		target: &target{script: each(func(c *wsconn.Conn, n int, op codec.Opcode, data []byte) {
			if n%2 == 1 {
				data = []byte("no")
			}
			c.QueueMessage(op, data)
		})},
		cfg:      Config{Connections: 1, Size: 3, Pipeline: 3, Count: 40},
		errors:   map[string]int64{KindMismatch: 20},
		closes:   normally(1),
		sent:     40,
		answered: 20,
	}, {
		name: "sends something else before it answers short messages",
		target: &target{script: each(func(c *wsconn.Conn, n int, op codec.Opcode, data []byte) {
			data = bytes.Clone(data)
			if n == 0 {
				c.QueueMessage(op, []byte("hello"))
			}
			c.QueueMessage(op, data)
		})},
		cfg:      Config{Connections: 1, Size: 3, Pipeline: 3, Count: 40},
		errors:   map[string]int64{KindMismatch: 1},
		closes:   normally(1),
		sent:     40,
		answered: 39,
	}, {
		name: "alters the last byte of everything",
		target: &target{script: each(func(c *wsconn.Conn, _ int, op codec.Opcode, data []byte) {
			data = bytes.Clone(data)
			data[len(data)-1]++
			c.QueueMessage(op, data)
		})},
		cfg:    Config{Connections: 2, Pipeline: 3, Count: 40},
		errors: map[string]int64{KindMismatch: 40},
		closes: normally(2),
		sent:   40,
	}, {
		name: "cuts the message short",
		target: &target{script: each(func(c *wsconn.Conn, _ int, op codec.Opcode, data []byte) {
			c.QueueMessage(op, data[:len(data)-1])
		})},
		cfg:    Config{Connections: 1, Count: 5},
		errors: map[string]int64{KindMismatch: 5},
		closes: normally(1),
		sent:   5,
	}, {
		name: "answers text with binary",
		target: &target{script: each(func(c *wsconn.Conn, _ int, _ codec.Opcode, data []byte) {
			c.QueueMessage(codec.OpBinary, data)
		})},
		cfg:    Config{Connections: 1, Count: 5},
		errors: map[string]int64{KindMismatch: 5},
		closes: normally(1),
		sent:   5,
	}, {
		name: "answers twice",
		target: &target{script: each(func(c *wsconn.Conn, _ int, op codec.Opcode, data []byte) {
			c.QueueMessage(op, data)
			c.QueueMessage(op, data)
		})},
		cfg:      Config{Connections: 1, Pipeline: 2, Duration: time.Second, Count: 10},
		errors:   map[string]int64{KindRepeated: 10},
		closes:   normally(1),
		sent:     10,
		answered: 10,
	}, {
		name: "answers twice what tells nothing",
		target: &target{script: each(func(c *wsconn.Conn, _ int, op codec.Opcode, data []byte) {
			time.Sleep(time.Second)
			c.WriteMessage(op, data)
			c.WriteMessage(op, data)
		})},
		cfg:      Config{Connections: 1, Message: []byte("hi"), Rate: 0.5, Duration: 9 * time.Second},
		errors:   map[string]int64{KindUnexpected: 5},
		closes:   normally(1),
		sent:     5,
		answered: 5,
		took:     time.Second,
	}, {
		name: "answers in another order",
		target: &target{script: func(_ int, c *wsconn.Conn) {
			for {
				var batch [3][]byte
				for i := range batch {
					_, data, err := c.NextMessage()
					if err != nil {
						return
					}
					batch[i] = bytes.Clone(data)
				}
				for _, i := range []int{1, 2, 0} {
					c.QueueMessage(codec.OpText, batch[i])
				}
			}
		}},
		cfg:      Config{Connections: 1, Pipeline: 3, Count: 30},
		errors:   map[string]int64{KindReordered: 10},
		closes:   normally(1),
		sent:     30,
		answered: 20,
	}, {
		name:   "sends a masked frame",
		target: &target{raw: []byte{0x81, 0x81, 1, 2, 3, 4, 5}},
		cfg:    Config{Connections: 1, Duration: time.Second},
		errors: map[string]int64{KindViolation: 1, KindUnanswered: 1},
		closes: map[CloseCount]int64{{Code: codec.CloseProtocolError, By: local}: 1},
		sent:   1,
		lost:   1,
	}, {
		name: "any message is a reply",
		target: &target{script: each(func(c *wsconn.Conn, _ int, _ codec.Opcode, _ []byte) {
			c.QueueMessage(codec.OpBinary, []byte("ok"))
		})},
		cfg:      Config{Connections: 2, Check: CheckCount, Count: 11},
		closes:   normally(2),
		sent:     11,
		answered: 11,
	}, {
		name: "any message is a reply, and there are too many",
		target: &target{script: each(func(c *wsconn.Conn, _ int, _ codec.Opcode, _ []byte) {
			time.Sleep(time.Millisecond)
			c.WriteMessage(codec.OpBinary, []byte("ok"))
			c.WriteMessage(codec.OpBinary, []byte("ok"))
		})},
		cfg:      Config{Connections: 1, Check: CheckCount, Rate: 10, Duration: time.Second},
		errors:   map[string]int64{KindUnexpected: 10},
		closes:   normally(1),
		sent:     10,
		answered: 10,
		took:     time.Millisecond,
	}, {
		name:   "one way",
		target: &target{script: echo},
		cfg:    Config{Connections: 2, Check: CheckNone, Rate: 100, Duration: time.Second},
		closes: normally(2),
		sent:   100,
	}, {
		name:   "one way, counted",
		target: &target{script: func(_ int, c *wsconn.Conn) { c.Discard() }},
		cfg:    Config{Connections: 3, Check: CheckNone, Count: 1000},
		closes: normally(3),
		sent:   1000,
	}, {
		name:   "idle",
		target: &target{script: echo},
		cfg:    Config{Connections: 20, Idle: true, Duration: time.Minute},
		closes: normally(20),
	}, {
		name: "idle, and some are lost",
		target: &target{script: func(i int, c *wsconn.Conn) {
			if i%4 == 0 {
				time.Sleep(time.Second)
				c.Close(codec.CloseGoingAway, "")
				return
			}
			echo(i, c)
		}},
		cfg:    Config{Connections: 20, Idle: true, Duration: time.Minute},
		errors: map[string]int64{"closed 1001": 5},
		closes: map[CloseCount]int64{{Code: codec.CloseNormal, By: local}: 15, {Code: codec.CloseGoingAway, By: peer}: 5},
		lost:   5,
	}, {
		name:     "large messages",
		target:   &target{script: echo},
		cfg:      Config{Connections: 2, Pipeline: 3, Size: 200_000, Count: 20},
		closes:   normally(2),
		sent:     20,
		answered: 20,
	}, {
		name:     "empty messages",
		target:   &target{script: echo},
		cfg:      Config{Connections: 2, Size: -1, Count: 20},
		closes:   normally(2),
		sent:     20,
		answered: 20,
	}, {
		name:     "short messages",
		target:   &target{script: echo},
		cfg:      Config{Connections: 2, Size: 3, Pipeline: 5, Count: 5000},
		closes:   normally(2),
		sent:     5000,
		answered: 5000,
	}, {
		name:     "given binary messages",
		target:   &target{script: echo},
		cfg:      Config{Connections: 2, Message: []byte{0xff, 0}, Binary: true, Count: 20},
		closes:   normally(2),
		sent:     20,
		answered: 20,
	}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			faked(t, func(t *testing.T) {
				r, err := runPipes(t.Context(), t, tt.target, tt.cfg, nil)
				if err != nil {
					t.Fatal(err)
				}
				if tt.errors == nil {
					tt.errors = map[string]int64{}
				}
				if got := errorsOf(r); !maps.Equal(got, tt.errors) {
					t.Errorf("errors: got %v, want %v; %v", got, tt.errors, r.Errors)
				}
				if got := closesOf(r); !maps.Equal(got, tt.closes) {
					t.Errorf("closes: got %v, want %v", got, tt.closes)
				}
				if m := r.Messages; m.Sent != tt.sent || m.Answered != tt.answered {
					t.Errorf("got %d sent and %d answered, want %d and %d", m.Sent, m.Answered, tt.sent, tt.answered)
				}
				if got := r.Connections.Lost; got != tt.lost {
					t.Errorf("got %d lost connections, want %d", got, tt.lost)
				}
				if tt.cfg.Check != CheckNone && r.Latency.Count() != tt.answered {
					t.Errorf("the histogram has %d values, want %d", r.Latency.Count(), tt.answered)
				}
				if got := r.Latency.Max(); tt.took > 0 && (got < tt.took || got > tt.took*1001/1000) {
					t.Errorf("the largest latency is %v, want %v", got, tt.took)
				}
				var timeline, failed int64
				for _, s := range r.Timeline.Samples {
					timeline += s.Messages
					failed += s.Errors
				}
				if r.Plan.Check != CheckNone && timeline != tt.answered || failed != r.ErrorCount() {
					t.Errorf("the timeline has %d messages and %d errors, want %d and %d", timeline, failed, tt.answered, r.ErrorCount())
				}
				for _, e := range r.Errors {
					if e.Example == "" {
						t.Errorf("%s has no example", e.Kind)
					}
				}
			})
		})
	}
}

// A canceled context ends a run, and the report is of what was measured.
func TestRunInterrupted(t *testing.T) {
	faked(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		s := &target{script: each(func(c *wsconn.Conn, _ int, op codec.Opcode, data []byte) {
			time.Sleep(100 * time.Millisecond)
			c.WriteMessage(op, data)
		})}
		time.AfterFunc(1050*time.Millisecond, cancel)
		began := time.Now()
		r, err := runPipes(ctx, t, s, Config{Connections: 2, Duration: time.Hour}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !r.Interrupted || r.Elapsed != 1050*time.Millisecond || r.Messages.Answered != 20 || r.ErrorCount() != 0 {
			t.Errorf("got interrupted %v after %v with %d answered and errors %v, want true, 1.05s, 20, none",
				r.Interrupted, r.Elapsed, r.Messages.Answered, r.Errors)
		}
		if d := time.Since(began); d > 2*time.Second {
			t.Errorf("it took %v", d)
		}
	})
}
