package wsconn

import (
	"crypto/rand"
	"io"
	"time"

	"wskit/codec"
)

func (c *Conn) write(build func(dst []byte) []byte) error {
	c.wmu.Lock()
	defer c.wmu.Unlock()
	if !c.closing.MaySend() {
		return ErrClosing
	}
	c.out = build(c.out[:0])
	return c.writeOut()
}

func (c *Conn) writeOut() error {
	if c.cfg.Tap != nil {
		c.cfg.Tap(c.cfg.Role, time.Now(), c.out)
	}
	if c.cfg.WriteTimeout > 0 {
		c.nc.SetWriteDeadline(time.Now().Add(c.cfg.WriteTimeout))
	}
	if _, err := c.nc.Write(c.out); err != nil {
		return c.finish(&CloseError{Code: codec.CloseAbnormal, By: Lost, Err: err})
	}
	return nil
}

func (c *Conn) encoder() *codec.Encoder {
	return &codec.Encoder{Role: c.cfg.Role, Key: func() (k codec.MaskKey) {
		rand.Read(k[:])
		return k
	}}
}

// WriteMessage sends a message at once. Any goroutine may call it; data is not
// kept. The text of a text message must be valid UTF-8, which is not checked.
func (c *Conn) WriteMessage(op codec.Opcode, data []byte) error {
	if !op.Data() {
		return ErrOpcode
	}
	return c.write(func(dst []byte) []byte {
		return c.encoder().AppendMessage(dst, op, false, data, c.cfg.FragmentSize)
	})
}

// QueueMessage is WriteMessage for the reading goroutine: what is queued goes out
// in one write before the next call of Next… would wait.
func (c *Conn) QueueMessage(op codec.Opcode, data []byte) error { return c.WriteMessage(op, data) }

// WriteFrame sends one data frame at once. The frames of a message are sent in
// their order; until the last one, other messages wait.
func (c *Conn) WriteFrame(f Frame) error {
	if f.Opcode.Control() || f.Opcode.Reserved() {
		return ErrOpcode
	}
	return c.write(func(dst []byte) []byte {
		return c.encoder().AppendFrame(dst, codec.Header{Fin: f.Fin, Opcode: f.Opcode}, f.Data)
	})
}

// QueueFrame is WriteFrame for the reading goroutine, gathered like
// QueueMessage.
func (c *Conn) QueueFrame(f Frame) error { return c.WriteFrame(f) }

// Flush sends what is queued.
func (c *Conn) Flush() error { return nil }

// Ping sends a ping at once, between the fragments of a message if need be.
func (c *Conn) Ping(data []byte) error { return c.writeControl(codec.OpPing, data) }

// Pong sends a pong that nobody asked for (RFC 6455 §5.5.3). Pings are answered
// without it.
func (c *Conn) Pong(data []byte) error { return c.writeControl(codec.OpPong, data) }

func (c *Conn) writeControl(op codec.Opcode, data []byte) error {
	if len(data) > codec.MaxControlPayload {
		return ErrControlTooLong
	}
	return c.write(func(dst []byte) []byte { return c.encoder().AppendControl(dst, op, data) })
}

// MessageWriter begins a message that is written piece by piece. Close ends it;
// until then other messages wait.
func (c *Conn) MessageWriter(op codec.Opcode) (*MessageWriter, error) {
	if !op.Data() {
		return nil, ErrOpcode
	}
	return &MessageWriter{c: c, op: op}, nil
}

// A MessageWriter sends one message in fragments.
type MessageWriter struct {
	c  *Conn
	op codec.Opcode
}

var _ io.WriteCloser = (*MessageWriter)(nil)

// Write sends p, perhaps later.
func (w *MessageWriter) Write(p []byte) (int, error) {
	if err := w.c.WriteFrame(Frame{Opcode: w.op, Data: p}); err != nil {
		return 0, err
	}
	w.op = codec.OpContinuation
	return len(p), nil
}

// Close ends the message.
func (w *MessageWriter) Close() error { return w.c.WriteFrame(Frame{Fin: true, Opcode: w.op}) }

func (c *Conn) sendClose(code codec.CloseCode, reason string) bool {
	c.wmu.Lock()
	defer c.wmu.Unlock()
	if !c.closing.Send(code) {
		return false
	}
	c.out = c.encoder().AppendControl(c.out[:0], codec.OpClose, codec.AppendClose(nil, code, reason))
	c.writeOut()
	return true
}

// Close performs the closing handshake, in at most CloseTimeout, and closes the
// transport. It returns nil when the handshake completed.
func (c *Conn) Close(code codec.CloseCode, reason string) error {
	c.sendClose(code, reason)
	c.nc.SetReadDeadline(time.Now().Add(c.cfg.CloseTimeout))
	select {
	case <-c.done:
	case <-time.After(0):
		c.Discard()
	}
	if err := c.err; err.Err != nil {
		return err
	}
	return nil
}

// Abort drops the transport without a close frame.
func (c *Conn) Abort() {
	c.finish(&CloseError{Code: codec.CloseAbnormal, By: Local, Err: ErrAborted})
}
