package load

import (
	"math"
	"time"
)

// never is a time, or a number of a message, that does not come.
const never = math.MaxInt64

// maxAhead is how many replies may overtake the oldest message in flight before it
// is given up on.
const maxAhead = 1 << 16

// A window is what is in flight on a connection: messages are numbered in the order
// in which they are sent. The holder of the connection's mu owns it.
type window struct {
	// first is the number of the first message, head that of the oldest in
	// flight, next that of the one to be sent next.
	first, head, next int64
	// measured is the number of the first message in the measuring phase, last
	// the one after that of the last that may be sent.
	measured, last int64
	// sent is a ring of the times of those in flight, in a closed loop.
	sent []int64
	// share is when messages are due, in an open loop.
	share
	// ahead holds those in flight that were answered before the head. It is nil
	// until that happens.
	ahead map[int64]struct{}
	// late is how many replies, to messages from lateFrom on, may still come
	// after they were given up on.
	late, lateFrom int64
	// draining says that the end of the run waits for the window to be empty.
	draining bool
	// over says that the accounts are closed: nothing is sent any more, and what
	// still comes only counts as an error, if it is one.
	over bool
}

// at returns when a message in flight was sent, or was due.
func (w *window) at(seq int64) int64 {
	if w.schedule != nil {
		return w.share.at(seq)
	}
	return w.sent[seq%int64(len(w.sent))]
}

// answer takes the reply to the head.
func (c *conn) answer() {
	if len(c.ahead) > 0 {
		c.failed(KindReordered, c.head, 1)
	} else {
		c.account(c.head)
	}
	c.pop()
}

// overtake takes the reply to a message behind the head.
func (c *conn) overtake(seq int64) {
	if c.ahead == nil {
		c.ahead = make(map[int64]struct{})
	}
	c.account(seq)
	c.ahead[seq] = struct{}{}
	if len(c.ahead) > maxAhead {
		c.failed(KindMissing, c.head, 1)
		c.drop()
	}
}

// account measures a reply that is right.
func (c *conn) account(seq int64) {
	d := time.Duration(c.now - c.at(seq))
	if d > c.e.cfg.Timeout {
		c.waited(seq)
		c.failed(KindTimeout, seq, 1)
		return
	}
	if seq >= c.measured {
		c.batch.answered++
		c.batch.record(c.shard, d)
	} else {
		c.batch.warm++
	}
	c.e.complete(1)
}

// waited records how long a message of an open loop has waited, because it will not
// be answered in time: a stall must not improve the percentiles.
func (c *conn) waited(seq int64) {
	if c.e.mode == Open && seq >= c.measured {
		c.batch.record(c.shard, time.Duration(max(c.now-c.at(seq), 0)))
	}
}

// backlogWaited is waited for all messages that are not sent yet. There may be many:
// those whose times differ by less than the histogram tells apart are recorded
// together.
func (c *conn) backlogWaited() {
	if c.e.mode != Open || c.schedule == nil {
		return
	}
	step := c.interval * float64(c.stride)
	for seq := max(c.next, c.measured); seq < c.last; {
		d := max(c.now-c.at(seq), 0)
		n := min(max(int64(float64(d)/step/4096), 1), c.last-seq)
		c.shard.mu.Lock()
		c.shard.record(time.Duration(d), n)
		c.shard.mu.Unlock()
		seq += n
	}
}

// drop gives up on the head, which was counted.
func (c *conn) drop() {
	if c.late == 0 {
		c.lateFrom = c.head
	}
	c.late++
	c.pop()
}

// pop takes the head out of the window, and those behind it that were answered.
func (c *conn) pop() {
	c.head++
	for len(c.ahead) > 0 {
		if _, ok := c.ahead[c.head]; !ok {
			break
		}
		delete(c.ahead, c.head)
		c.head++
	}
	if c.draining && c.head >= c.last {
		c.draining = false
		c.e.drained()
	}
}

// expire gives up on the messages whose reply takes too long, and reports whether
// there was one.
func (c *conn) expire() bool {
	some := false
	for c.head < c.next && c.now-c.at(c.head) > int64(c.e.cfg.Timeout) {
		kind := KindTimeout
		if len(c.ahead) > 0 {
			kind = KindMissing
		}
		c.waited(c.head)
		c.failed(kind, c.head, 1)
		c.drop()
		some = true
	}
	return some
}

// settle closes the accounts at the end of a run. What is missing is an error,
// unless the run was interrupted.
func (c *conn) settle(interrupted bool) {
	if c.over {
		return
	}
	if c.late == 0 {
		c.lateFrom = c.head
	}
	flying, unsent := int64(0), max(c.last-c.next, 0)
	for seq := c.head; seq < c.next; seq++ {
		if _, ok := c.ahead[seq]; !ok {
			c.waited(seq)
			flying++
		}
	}
	c.backlogWaited()
	c.late += flying
	switch {
	case interrupted:
	case c.e.replies:
		c.failed(KindTimeout, c.head, flying)
		c.failed(KindUnsent, c.next, unsent)
	default:
		c.failed(KindUnsent, c.head, flying+unsent)
	}
	c.head, c.over = c.next, true
}

// abandon closes the accounts of a connection that has ended before the run.
func (c *conn) abandon() {
	flying, due := c.next-c.head-int64(len(c.ahead)), int64(0)
	if c.schedule != nil {
		due = max(min(c.dueBy(c.now), c.last)-c.next, 0)
	}
	if c.e.replies {
		c.failed(KindUnanswered, c.head, flying)
		c.failed(KindUnsent, c.next, due)
	} else {
		c.failed(KindUnsent, c.head, flying+due)
	}
	if c.e.mode == Open && c.e.cfg.Count > 0 {
		c.e.complete(max(c.last-c.next-due, 0)) // nobody else has them
	}
	if c.draining {
		c.draining = false
		c.e.drained()
	}
	c.over = true
}
