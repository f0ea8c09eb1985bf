package load

import (
	"testing"
	"time"
)

// Whatever the rate, the messages of all connections are those of the schedule, each
// once, and one that is due is seen as due at that very nanosecond.
func TestSchedule(t *testing.T) {
	for _, rate := range []float64{0.1, 1, 3, 7.7, 333, 1000, 99_999, 1e6, 1e8} {
		for _, stride := range []int64{1, 3, 10} {
			const n = 1000
			s := &schedule{base: 12345, interval: float64(time.Second) / rate, stride: stride, limit: n}
			var sum int64
			for slot := range stride {
				c := share{schedule: s, slot: slot, from: 100}
				sum += c.end() - c.from
				for seq := c.from; seq < c.end(); seq++ {
					k := slot + (seq-c.from)*stride
					at := c.at(seq)
					if at != s.due(k) {
						t.Fatalf("rate %v: message %d of connection %d is due at %d, want %d", rate, seq, slot, at, s.due(k))
					}
					if got := c.dueBy(at); got < seq+1 || seq+1 < c.end() && c.at(seq+1) > at && got != seq+1 {
						t.Fatalf("rate %v: at %d, message %d: dueBy is %d", rate, at, seq, got)
					}
					if seq > c.from && c.at(seq-1) < at {
						if got := c.dueBy(at - 1); got > seq {
							t.Fatalf("rate %v: message %d is due too early", rate, seq)
						}
					}
				}
				if got := c.dueBy(s.base - 1); got != c.from {
					t.Errorf("before the schedule, %d messages are due", got-c.from)
				}
				if got := c.dueBy(s.due(n) + int64(time.Hour)); got != c.end() {
					t.Errorf("after the schedule, %d messages are due, want %d", got-c.from, c.end()-c.from)
				}
			}
			if sum != n {
				t.Errorf("rate %v: the connections have %d messages together, want %d", rate, sum, n)
			}
			if got := s.due(1000) - s.base; float64(got) > 1000*s.interval || float64(got) < 1000*s.interval-1 {
				t.Errorf("rate %v: the last message is due after %v", rate, time.Duration(got))
			}
		}
	}
}
