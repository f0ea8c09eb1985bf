// Package wsconn runs a WebSocket connection: package codec on a net.Conn, for
// both roles, with buffers, deadlines and the closing handshake.
//
// One goroutine reads, with NextMessage, NextFrame, NextReader or Discard. Any
// number may write. What Next… returns is a view that lives until the next call
// of Next….
package wsconn

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"wskit/codec"
)

// A Frame is a data frame of a message.
type Frame struct {
	// Fin marks the last frame of a message.
	Fin bool
	// Opcode is that of the message in its first frame, then
	// codec.OpContinuation.
	Opcode codec.Opcode
	// Data is the payload.
	Data []byte
}

// Stats counts what a connection has carried.
type Stats struct {
	// BytesIn and BytesOut are bytes on the wire, within TLS.
	BytesIn, BytesOut int64
	// FramesIn and FramesOut are frames, control frames included.
	FramesIn, FramesOut int64
	// MessagesIn and MessagesOut are whole messages.
	MessagesIn, MessagesOut int64
}

// A Conn is a WebSocket connection past its handshake.
type Conn struct {
	nc  net.Conn
	cfg Config

	buf []byte
	dec codec.Decoder
	asm codec.Assembler
	msg []byte

	wmu     sync.Mutex
	out     []byte
	closing codec.Closing

	mu   sync.Mutex
	err  *CloseError
	done chan struct{}
}

// New returns the connection that nc carries once the handshake is done. It takes
// nc over: it is closed when the connection ends, and Close or Abort must be called
// unless Next… has returned an error.
func New(nc net.Conn, cfg Config) *Conn {
	c := &Conn{nc: nc, cfg: cfg.withDefaults(), done: make(chan struct{})}
	c.buf = append(c.buf, cfg.Buffered...)
	c.dec = codec.Decoder{Role: cfg.Role, MaxFrame: uint64(c.cfg.MaxFrame)}
	c.asm = codec.Assembler{MaxMessage: uint64(c.cfg.MaxMessage), MaxFragments: c.cfg.MaxFragments}
	c.cfg.Buffered = nil
	return c
}

// Err returns how the connection ended, nil while it is open.
func (c *Conn) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		return nil
	}
	return c.err
}

// Done returns a channel that is closed when the connection has ended.
func (c *Conn) Done() <-chan struct{} { return c.done }

// Subprotocol returns what the handshake agreed on, "" for none.
func (c *Conn) Subprotocol() string { return c.cfg.Subprotocol }

// LocalAddr returns the local address of the transport.
func (c *Conn) LocalAddr() net.Addr { return c.nc.LocalAddr() }

// RemoteAddr returns the peer's address of the transport.
func (c *Conn) RemoteAddr() net.Addr { return c.nc.RemoteAddr() }

// Stats returns what the connection has carried so far.
func (c *Conn) Stats() Stats { return Stats{} }

func (c *Conn) finish(e *CloseError) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.err = e
		close(c.done)
		c.nc.Close()
	}
	return c.err
}

func (c *Conn) next() (codec.Span, codec.Chunk, error) {
	for {
		s, n, err := c.dec.Next(c.buf)
		c.buf = c.buf[n:]
		if err == codec.ErrShort {
			if err := c.fill(); err != nil {
				return s, codec.Chunk{}, err
			}
			continue
		}
		var ch codec.Chunk
		var ok bool
		if err == nil {
			ch, ok, err = c.asm.Push(s)
		}
		if err != nil {
			var v *codec.Violation
			errors.As(err, &v)
			c.sendClose(v.Close, v.Reason)
			return s, ch, c.finish(&CloseError{Code: v.Close, Reason: v.Reason, By: Local, Err: v})
		}
		if !ok {
			continue
		}
		if !ch.Opcode.Control() {
			return s, ch, nil
		}
		if err := c.control(ch); err != nil {
			return s, ch, err
		}
	}
}

func (c *Conn) control(ch codec.Chunk) error {
	switch ch.Opcode {
	case codec.OpClose:
		code, reason, _ := codec.ParseClose(ch.Data)
		c.wmu.Lock()
		reply, due := c.closing.Receive(code)
		sent := c.closing.Sent
		c.wmu.Unlock()
		if !due {
			return c.finish(&CloseError{Code: sent, By: Local})
		}
		c.sendClose(reply, "")
		return c.finish(&CloseError{Code: code, Reason: reason, By: Peer})
	case codec.OpPing:
		c.Pong(ch.Data)
	}
	if c.cfg.OnControl != nil {
		c.cfg.OnControl(ch.Opcode, ch.Data)
	}
	return nil
}

func (c *Conn) fill() error {
	b := make([]byte, len(c.buf)+32<<10)
	n := copy(b, c.buf)
	m, err := c.nc.Read(b[n:])
	if c.cfg.Tap != nil && m > 0 {
		c.cfg.Tap(c.cfg.Role.Peer(), time.Now(), b[n:n+m])
	}
	c.buf = b[:n+m]
	if m > 0 || err == nil {
		return nil
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = ErrCloseTimeout
	}
	return c.finish(&CloseError{Code: codec.CloseAbnormal, By: Lost, Err: err})
}

// NextMessage returns the next message. Data is a view that lives until the next
// call of Next…. At the end of the connection it returns a *CloseError.
func (c *Conn) NextMessage() (op codec.Opcode, data []byte, err error) {
	c.msg = c.msg[:0]
	for {
		_, ch, err := c.next()
		if err != nil {
			return 0, nil, err
		}
		c.msg = append(c.msg, ch.Data...)
		if ch.Last {
			return ch.Opcode, c.msg, nil
		}
	}
}

// NextFrame returns the next data frame. Its Data is a view that lives until the
// next call of Next….
func (c *Conn) NextFrame() (Frame, error) {
	c.msg = c.msg[:0]
	for {
		s, ch, err := c.next()
		if err != nil {
			return Frame{}, err
		}
		c.msg = append(c.msg, ch.Data...)
		if s.Last {
			return Frame{Fin: s.Header.Fin, Opcode: s.Header.Opcode, Data: c.msg}, nil
		}
	}
}

// NextReader returns a reader of the next message, for messages larger than
// memory. It is valid until the next call of Next…, which discards what was not
// read.
func (c *Conn) NextReader() (op codec.Opcode, r io.Reader, err error) {
	for {
		_, ch, err := c.next()
		if err != nil {
			return 0, nil, err
		}
		if ch.First {
			return ch.Opcode, &messageReader{c: c, b: ch.Data, last: ch.Last}, nil
		}
	}
}

type messageReader struct {
	c    *Conn
	b    []byte
	last bool
}

func (r *messageReader) Read(p []byte) (int, error) {
	for len(r.b) == 0 {
		if r.last {
			return 0, io.EOF
		}
		_, ch, err := r.c.next()
		if err != nil {
			return 0, err
		}
		r.b, r.last = ch.Data, ch.Last
	}
	n := copy(p, r.b)
	r.b = r.b[n:]
	return n, nil
}

// Discard reads and drops messages until the connection ends. It returns the
// *CloseError.
func (c *Conn) Discard() error {
	for {
		if _, _, err := c.next(); err != nil {
			return err
		}
	}
}
