package wsconn

import (
	"errors"
	"io"

	"wskit/codec"
)

// errWriterClosed is what a MessageWriter returns after its Close.
var errWriterClosed = errors.New("the message is complete")

// writerSize is the size of the fragments that a MessageWriter sends unless
// FragmentSize says another, in bytes.
const writerSize = 32 << 10

// A MessageWriter sends one message piece by piece: in fragments, uncompressed, of
// a size that may not be known before. A message that fits one fragment is sent
// whole, as WriteMessage does.
type MessageWriter struct {
	c *Conn
	// op is the opcode of the next frame.
	op   codec.Opcode
	buf  *buffer
	size int
	err  error // sticky
}

var _ io.WriteCloser = (*MessageWriter)(nil)

// MessageWriter begins a message. Messages of others wait until its Close, which
// must be called; control frames do not. Op is text or binary.
func (c *Conn) MessageWriter(op codec.Opcode) (*MessageWriter, error) {
	if !op.Data() {
		return nil, ErrOpcode
	}
	if !c.lockMessage() {
		return nil, c.Err()
	}
	size := c.fragmentSize
	if size == 0 {
		size = writerSize
	}
	return &MessageWriter{c: c, op: op, size: size, buf: getBuffer(min(size, writerSize))}, nil
}

// Write sends p as a part of the message, with what was left of the parts before.
// It keeps less than a fragment for later.
func (w *MessageWriter) Write(p []byte) (int, error) {
	n := 0
	for n < len(p) && w.err == nil {
		rest := p[n:]
		if len(w.buf.b) == 0 && len(rest) > w.size {
			w.err = w.send(rest[:w.size], false)
			n += w.size
			continue
		}
		if len(w.buf.b) == w.size {
			w.err = w.send(w.buf.b, false)
			w.buf.b = w.buf.b[:0]
			continue
		}
		take := min(len(rest), w.size-len(w.buf.b))
		w.buf = w.buf.grow(take, 0)
		w.buf.b = append(w.buf.b, rest[:take]...)
		n += take
	}
	if w.err != nil {
		return 0, w.err
	}
	return n, nil
}

// Close sends the last fragment. A second call returns an error.
func (w *MessageWriter) Close() error {
	if w.err == errWriterClosed {
		return w.err
	}
	err := w.err
	switch {
	case err != nil:
	case w.op == codec.OpContinuation:
		err = w.send(w.buf.b, true)
	default:
		err = w.c.sendMessage(w.op, w.buf.b)
	}
	w.err = errWriterClosed
	putBuffer(w.buf)
	w.buf = nil
	w.c.message.unlock()
	return err
}

// send sends a fragment.
func (w *MessageWriter) send(p []byte, fin bool) error {
	c := w.c
	if err := c.beginWrite(); err != nil {
		return err
	}
	defer c.endWrite()
	out := c.lockedTakeDue(len(p))
	c.messageOpen = !fin
	err := c.sendFrame(out, codec.Header{Fin: fin, Opcode: w.op}, p, false)
	w.op = codec.OpContinuation
	if fin {
		c.due.Store(true) // what was queued in between
	}
	return err
}
