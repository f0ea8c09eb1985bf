package wsconn

import (
	"errors"
	"os"
	"time"

	"wskit/codec"
)

// keepalive is the clockwork of the reading goroutine. It lives in the read
// deadline: nothing but that wakes a connection that waits. Times are the clock's,
// 0 for none.
type keepalive struct {
	// armed is the read deadline that is set, or expired for one that has fired.
	// It may be too early, in which case it is set again when it fires, but never
	// too late.
	armed int64
	// pingAt is when the next ping goes out, pongBy when the peer must have been
	// heard since the last one.
	pingAt, pongBy int64
	// wholeBy is when the message in progress must be complete, and progress
	// tells which one that is.
	wholeBy, progress int64
}

// expired stands for a deadline in the past, with which no read begins to wait.
const expired = -1

// readDeadline returns when the read about to wait must end, and whether that has to
// be set.
func (c *Conn) readDeadline() (want int64, set bool) {
	interval, timeout := int64(c.pingInterval), int64(c.messageTimeout)
	if interval > 0 && c.pingAt == 0 {
		c.pingAt = c.now() + interval
	}
	switch {
	case timeout == 0:
	case !c.inProgress():
		c.wholeBy = 0
	case c.wholeBy == 0 || c.progress != c.messagesIn+int64(c.outside):
		c.progress = c.messagesIn + int64(c.outside)
		c.wholeBy = c.now() + timeout
	}
	want = earliest(earliest(c.pingAt, c.pongBy), c.wholeBy)
	return want, c.armed == expired || want != 0 && (c.armed == 0 || want < c.armed)
}

// inProgress reports whether a message or a frame has begun and is not complete.
func (c *Conn) inProgress() bool {
	return c.in.r < c.in.w || c.rx != nil && (c.rx.Decoder.Inside() || c.rx.Assembler.Open())
}

// earliest returns the earlier of two times, of which 0 is none.
func earliest(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// readFailed decides on a read that failed with err. If it returns nil, the read is
// to be tried again. It leaves it to beforeRead to send and to set the deadline.
func (c *Conn) readFailed(err error) error {
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		return c.lost(err)
	}
	c.armed = expired
	now := c.now()
	if c.limitReached(now) {
		return c.lost(ErrCloseTimeout)
	}
	if c.wholeBy != 0 && now >= c.wholeBy {
		return c.fail(codec.ClosePolicyViolation, "the message took too long", ErrMessageTimeout)
	}
	if c.heard {
		c.heard, c.pongBy = false, 0
	}
	if c.pongBy != 0 && now >= c.pongBy {
		return c.lost(ErrPingTimeout)
	}
	if c.pingAt != 0 && now >= c.pingAt {
		c.pingAt = now + int64(c.pingInterval)
		if c.pongBy == 0 && c.pingTimeout > 0 {
			c.pongBy = now + int64(c.pingTimeout)
		}
		c.requestPing()
	}
	return nil
}

// limitReached reports whether the connection's time is up.
func (c *Conn) limitReached(now int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.limit != 0 && now >= c.limit
}

// limitTo bounds what is left of the connection's life. It wakes whoever is stuck
// when that is over.
func (c *Conn) limitTo(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t := c.now() + int64(d); c.limit == 0 || t < c.limit {
		c.limit = t
		c.nc.SetDeadline(c.at(t))
	}
}

// armRead sets the read deadline to t, 0 for none, or to the limit if that is
// earlier. What leads to it is kept shallow, for the sake of the stack: see New.
func (c *Conn) armRead(t int64) {
	c.armed = t
	c.mu.Lock()
	c.nc.SetReadDeadline(c.at(earliest(t, c.limit)))
	c.mu.Unlock()
}

// armWrite sets the write deadline for a write that begins now.
func (c *Conn) armWrite() {
	if c.writeTimeout == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.nc.SetWriteDeadline(c.at(earliest(c.now()+int64(c.writeTimeout), c.limit)))
}

// disarmWrite ends armWrite.
func (c *Conn) disarmWrite() {
	if c.writeTimeout == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.limit == 0 {
		c.nc.SetWriteDeadline(time.Time{})
	}
}
