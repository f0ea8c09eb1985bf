package load

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"wskit/codec"
	"wskit/codec/wsconn"
)

// A conn is a connection of a run. One goroutine reads; who sends depends: with
// little in flight, the reading goroutine itself, with what it has just made room
// for; else a worker, so that reading never waits for writing.
type conn struct {
	e     *engine
	ws    *wsconn.Conn
	shard *shard
	// index is the connection's number among those that are planned.
	index int
	// sending says that a worker is at pump.
	sending atomic.Bool

	// mu is held by the reading goroutine from the first message of a read to the
	// last, and by others for a moment.
	mu sync.Mutex
	// guarded by mu
	window
	// now is the time at which mu was taken, msg a buffer until it is given back.
	now   int64
	msg   *message
	batch batch

	// holding says that the reading goroutine has mu. It owns it.
	holding bool
}

// read reads until the connection ends.
func (c *conn) read() {
	for {
		op, data, err := c.ws.NextMessage()
		if !c.holding {
			c.mu.Lock()
			c.holding = true
			c.enter()
		}
		if err != nil {
			c.ended(err)
			c.onWait()
			return
		}
		c.reply(op, data)
		if c.e.inline {
			c.refill()
		}
	}
}

// onWait ends a read: the reading goroutine waits for more.
func (c *conn) onWait() {
	if !c.holding {
		return
	}
	wants := !c.e.inline && c.allowance(c.now) > 0
	c.leave()
	c.holding = false
	c.mu.Unlock()
	if wants {
		c.e.kick(c)
	}
}

// enter makes ready for replies and messages, for the holder of mu.
func (c *conn) enter() {
	c.now = c.e.now()
	c.msg = c.e.messages.get(c.index)
}

// leave ends enter.
func (c *conn) leave() {
	c.e.messages.put(c.msg)
	c.msg = nil
	c.batch.flush(c.shard)
}

// reply takes a message that came in, for the holder of mu.
func (c *conn) reply(op codec.Opcode, data []byte) {
	if c.measured != never && !c.over {
		c.batch.received++
		c.batch.payloadIn += int64(len(data))
	}
	switch {
	case !c.e.replies:
	case c.head < c.next && c.isReply(op, data):
		c.answer()
	case c.next == c.first:
		// A greeting answers nothing.
	default:
		c.strange(op, data)
	}
}

// isReply reports whether a message is the reply to the oldest one in flight.
func (c *conn) isReply(op codec.Opcode, data []byte) bool {
	if c.late > 0 && c.e.alike {
		return false
	}
	return c.e.cfg.Check == CheckCount || c.isEcho(c.head, op, data)
}

func (c *conn) isEcho(seq int64, op codec.Opcode, data []byte) bool {
	return op == c.e.messages.op && bytes.Equal(data, c.msg.number(seq))
}

// isLate reports whether a message is the reply to a short one that was given up on.
func (c *conn) isLate(op codec.Opcode, data []byte) bool {
	seq, ok := c.e.messages.before(data, c.head)
	return ok && seq >= c.lateFrom && c.isEcho(seq, op, data)
}

// strange takes a message that is not the reply to the oldest one in flight.
func (c *conn) strange(op codec.Opcode, data []byte) {
	if !c.e.exact {
		switch {
		case c.late > 0 && (c.e.alike || c.isLate(op, data)):
			c.late--
		case c.head == c.next:
			c.blame(KindUnexpected, op, data)
		default:
			c.reject(KindMismatch, op, data)
		}
		return
	}
	index, seq, ok := c.e.messages.parse(data, c.head)
	echo := ok && c.isEcho(seq, op, data)
	_, again := c.ahead[seq]
	switch {
	case echo && seq >= c.head && seq < c.next && !again:
		c.overtake(seq)
	case echo && c.late > 0 && seq >= c.lateFrom && seq < c.head:
		c.late--
	case echo && seq < c.next:
		c.blame(KindRepeated, op, data)
	case ok && index != c.index && index < c.e.cfg.Connections:
		c.reject(KindMixedUp, op, data)
	case c.head == c.next:
		c.blame(KindUnexpected, op, data)
	default:
		c.reject(KindMismatch, op, data)
	}
}

// reject takes a wrong reply for that to the head, if something is in flight. The
// right one may still come, and is then known by its number; without one it would be
// taken for the reply to the next message, and that one be missed.
func (c *conn) reject(kind string, op codec.Opcode, data []byte) {
	c.blame(kind, op, data)
	if c.head < c.next {
		c.e.complete(1)
		if c.e.alike {
			c.pop()
		} else {
			c.drop()
		}
	}
}

// blame counts a message that should not have come as an error.
func (c *conn) blame(kind string, op codec.Opcode, data []byte) {
	c.e.tally.fail(kind, 1, func() string {
		s := fmt.Sprintf("connection %d: got %v message %s", c.index, op, quote(data))
		if c.head < c.next && c.e.cfg.Check == CheckEcho {
			s += fmt.Sprintf(", want %v message %s", c.e.messages.op, quote(c.msg.number(c.head)))
		}
		return s
	})
}

// failed counts n messages as errors, of which seq is the first.
func (c *conn) failed(kind string, seq, n int64) {
	c.e.tally.fail(kind, n, func() string {
		return fmt.Sprintf("connection %d, message %d", c.index, seq)
	})
	c.e.complete(n)
}

// ended settles what is left when the connection has ended, for the holder of mu.
func (c *conn) ended(err error) {
	var end *wsconn.CloseError
	if !errors.As(err, &end) {
		end = &wsconn.CloseError{Code: codec.CloseAbnormal, By: wsconn.Lost, Err: err}
	}
	c.e.tally.closed(end)
	if !c.over {
		c.e.lose(c, end)
		c.abandon()
	}
	c.e.left()
}
