package wsconn

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"wskit/codec"
)

// lingerTime is how long the end of TCP is waited for once it is known how the
// connection ended.
const lingerTime = time.Second

// Close performs the closing handshake: it sends what is queued, in an Outbox too, and
// a close frame, waits for the peer's, and closes the transport, which takes
// CloseTimeout at most (RFC 6455 §7.1.2). It returns nil when both close frames were
// exchanged, even if the peer's came first, and else the *CloseError with which the
// connection ended.
//
// Any goroutine may call it. If another one reads, messages that arrive before the
// peer's close frame go to that one, until it comes back late; then they are
// dropped. Code zero or codec.CloseNoStatus sends an empty close frame; a code that
// must not be sent becomes codec.CloseInternalError. The reason is cut at
// codec.MaxCloseReason bytes.
func (c *Conn) Close(code codec.CloseCode, reason string) error {
	c.beginClose(code, reason)
	if c.takeReading() {
		c.taken = true
		c.in.leave()
		c.msg = nil
		c.drain()
	}
	<-c.Done()
	if err := c.Err().(*CloseError); err.Err != nil {
		return err
	}
	return nil
}

// beginClose begins the closing handshake, as Close does, and leaves the rest to who reads.
func (c *Conn) beginClose(code codec.CloseCode, reason string) {
	if code == 0 || code == codec.CloseNoStatus {
		code, reason = codec.CloseNoStatus, ""
	} else if !code.Sendable() {
		code = codec.CloseInternalError
	}
	c.limitTo(c.closeTimeout)
	c.drainOutboxes()
	c.sendClose(code, strings.ToValidUTF8(reason, "\uFFFD"))
}

// Abort drops the connection without a close frame, TCP with a reset.
func (c *Conn) Abort() {
	if _, first := c.decide(&CloseError{Code: codec.CloseAbnormal, By: Local, Err: ErrAborted}); !first {
		return
	}
	if t, ok := c.beneathTLS().(*net.TCPConn); ok {
		t.SetLinger(0)
	}
	c.cut()
}

// cut closes the transport, beneath TLS first, which would try to say goodbye: it waits
// five seconds for a peer that does not read, and after a write that failed the peer could
// make nothing of it.
func (c *Conn) cut() {
	c.beneathTLS().Close()
	c.nc.Close()
}

func (c *Conn) beneathTLS() net.Conn {
	if t, ok := c.nc.(*tls.Conn); ok {
		return t.NetConn()
	}
	return c.nc
}

// takeReading waits until nobody reads, and reports false if the connection ends
// before, or if another call of Close is here already.
func (c *Conn) takeReading() bool {
	c.mu.Lock()
	first := c.released == nil
	if first {
		c.released = make(chan struct{}, 1)
	}
	c.mu.Unlock()
	if !first {
		return false
	}
	c.handoff.Store(true)
	for !c.reading.CompareAndSwap(false, true) {
		select {
		case <-c.released:
		case <-c.Done():
			return false
		}
	}
	return true
}

// sendClose sends what is queued and a close frame, unless one was sent.
func (c *Conn) sendClose(code codec.CloseCode, reason string) {
	c.write.lock()
	defer c.endWrite()
	if c.broken != nil || !c.closing.Send(code) {
		return
	}
	if reason != "" {
		sent := reason
		c.sentReason = &sent
	}
	c.writeOut(c.takeControl(codec.OpClose, codec.AppendClose(nil, code, reason)))
}

// mayClose reports whether a close frame can still be sent.
func (c *Conn) mayClose() bool {
	c.write.lock()
	defer c.write.unlock()
	return c.broken == nil && c.closing.MaySend()
}

// reason returns the reason of the close frame that was sent, for the holder of the
// write lock.
func (c *Conn) reason() string {
	if c.sentReason == nil {
		return ""
	}
	return *c.sentReason
}

// peerClosed ends the connection on the peer's close frame, which is answered behind what
// the outboxes hold (RFC 6455 §5.5.1). The server closes TCP first, so that it is not the
// one to keep the state of the pair of addresses (§7.1.1).
func (c *Conn) peerClosed(payload []byte) error {
	code, reason, _ := codec.ParseClose(payload) // the assembler has checked it
	c.limitTo(c.closeTimeout)
	if c.mayClose() {
		if c.onClose != nil {
			c.onClose()
		}
		c.drainOutboxes()
	}
	c.write.lock()
	reply, due := c.closing.Receive(code)
	e := &CloseError{Code: c.closing.Sent, Reason: c.reason(), By: Local}
	c.write.unlock()
	if due {
		c.sendClose(reply, "")
		e = &CloseError{Code: code, Reason: reason, By: Peer}
	}
	if c.role == codec.RoleClient {
		c.limitTo(lingerTime)
		c.awaitEOF()
	}
	return c.end(e)
}

// violated ends the connection on a violation by the peer.
func (c *Conn) violated(err error) error {
	var v *codec.Violation
	if !errors.As(err, &v) {
		return c.fail(codec.CloseInternalError, "", err)
	}
	return c.fail(v.Close, v.Reason, v)
}

// fail ends the connection because of something that the peer did. A transport with
// unread data would reset the connection when closed, and take the close frame with
// it; so only our half is closed, and what still comes is dropped.
func (c *Conn) fail(code codec.CloseCode, reason string, cause error) error {
	if c.ended {
		return c.Err()
	}
	c.limitTo(c.closeTimeout)
	c.sendClose(code, reason)
	if h, ok := c.nc.(interface{ CloseWrite() error }); ok && h.CloseWrite() == nil {
		c.awaitEOF()
	}
	return c.end(&CloseError{Code: code, Reason: reason, By: Local, Err: cause})
}

// lost ends the connection because reading failed with err.
func (c *Conn) lost(err error) error {
	e := &CloseError{Code: codec.CloseAbnormal, By: Lost, Err: err}
	switch {
	case c.Err() != nil:
	case err == io.EOF:
		if c.inProgress() {
			e.Err = io.ErrUnexpectedEOF
		}
		// The peer may have closed its half only: a write in progress ends.
		c.write.lock()
		c.endWrite()
	case err == ErrCloseTimeout:
		c.write.lock()
		if c.broken != nil {
			e.Err = c.broken
		} else {
			e.Code, e.Reason, e.By = c.closing.Sent, c.reason(), Local
		}
		c.write.unlock()
	}
	return c.end(e)
}

// awaitEOF reads and drops until the stream ends or the limit is reached.
func (c *Conn) awaitEOF() {
	p := getBuffer(plainReadSize)
	defer putBuffer(p)
	for {
		n, err := c.tr.read(p.b[:cap(p.b)])
		if err != nil {
			return
		}
		c.arrived(p.b[:n])
	}
}

// end is finish for the holder of reading, who needs the buffers no longer.
func (c *Conn) end(e *CloseError) error {
	c.ended = true
	c.in.drop()
	return c.finish(e)
}

// finish ends the connection with e, unless it has ended, and returns how it ended.
func (c *Conn) finish(e *CloseError) error {
	e, first := c.decide(e)
	switch {
	case !first:
	case e.Err == ErrWriteTimeout:
		c.cut()
	default:
		c.nc.Close()
	}
	return e
}

// decide makes e the way in which the connection ended, if it is the first to do
// so, and returns that way.
func (c *Conn) decide(e *CloseError) (how *CloseError, first bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if first = c.err == nil; first {
		c.err = e
		if c.done != nil {
			close(c.done)
		}
	}
	return c.err, first
}

// writeFailed handles an error of the transport. The writer cannot tell how the
// connection ended: the peer may have said so before it stopped reading. So what
// has arrived is left to the reader, who has lingerTime for it.
func (c *Conn) writeFailed(err error) error {
	if e := c.Err(); e != nil {
		return e
	}
	e := &CloseError{Code: codec.CloseAbnormal, By: Lost, Err: err}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		e.Err = ErrWriteTimeout
		return c.finish(e)
	}
	c.broken = err
	c.limitTo(lingerTime)
	return e
}
