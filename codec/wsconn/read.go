package wsconn

import "wskit/codec"

// directSize is the size of the rest of a frame, in bytes, from which it is read
// straight to where it is gathered, without what follows it.
const directSize = 16 << 10

// A Frame is a data frame.
type Frame struct {
	// Fin marks the last frame of a message.
	Fin bool
	// Opcode is that of the message in its first frame, and
	// codec.OpContinuation in the others.
	Opcode codec.Opcode
	// Data is the payload.
	Data []byte
	// Compressed says that it came with RSV1: as a message under
	// permessage-deflate, of which Data is the inflated form. Frames are never sent
	// so, whatever it says.
	Compressed bool
}

// NextMessage returns the next message: text, whose UTF-8 is valid, or binary. Data
// is a view that lives until the next call of Next…. What is left of a message that
// NextFrame or NextReader began is skipped. The error is the *CloseError with which
// the connection ended.
func (c *Conn) NextMessage() (op codec.Opcode, data []byte, err error) {
	if c.isReady() {
		op, data = c.nextReady()
		return op, data, nil
	}
	if !c.beginNext() {
		return 0, nil, c.ending()
	}
	var ch codec.Chunk
	for {
		if c.getReady() {
			c.endRead()
			op, data = c.nextReady()
			return op, data, nil
		}
		ok, err := c.decode(&ch)
		switch {
		case err != nil:
		case !ok:
			err = c.fill()
		case !ch.First:
			continue
		case !ch.Last || ch.Compressed:
			ch.Data, err = c.wholeMessage(ch)
		}
		if err != nil {
			c.endRead()
			return 0, nil, err
		}
		if ok {
			c.lend(ch.Data)
			c.endRead()
			return ch.Opcode, ch.Data, nil
		}
	}
}

// getReady decodes the messages that are there, whole and simple, and reports
// whether there are any.
func (c *Conn) getReady() bool {
	if c.in.r >= c.in.w {
		return false
	}
	n, messages := c.rx.Whole(c.in.b[c.in.r:c.in.w])
	c.ready = c.in.b[c.in.r : c.in.r+n]
	c.in.r += n
	c.messagesIn += int64(messages)
	return n > 0
}

// isReady reports whether messages are ready. They are dropped once Close has taken
// over reading.
func (c *Conn) isReady() bool {
	if len(c.ready) == 0 {
		c.ready = nil // else it would keep a buffer that somebody else has
		return false
	}
	if !c.handoff.Load() {
		return true
	}
	if !c.reading.CompareAndSwap(false, true) {
		c.ready = nil
		return false
	}
	c.endRead()
	return true
}

// nextReady returns the next of the messages that are ready. Nothing need be held for
// that: they stay where they are, even if Close takes over reading meanwhile.
func (c *Conn) nextReady() (op codec.Opcode, data []byte) {
	c.lent.end()
	if c.stream != nil {
		*c.stream = messageReader{}
	}
	op, data, c.ready = codec.Split(c.ready)
	c.lend(data)
	return op, data
}

// NextFrame returns the next data frame, with the boundaries that the peer gave it.
// Its Data is a view that lives until the next call of Next…. A text may be cut
// within a rune, but begins like a valid one. A compressed message comes as one
// frame. The error is the *CloseError with which the connection ended.
func (c *Conn) NextFrame() (Frame, error) {
	if c.isReady() {
		op, data := c.nextReady()
		return Frame{Fin: true, Opcode: op, Data: data}, nil
	}
	if !c.beginNext() {
		return Frame{}, c.ending()
	}
	defer c.endRead()
	ch, err := c.nextPiece()
	if err != nil {
		return Frame{}, err
	}
	f := Frame{Fin: ch.Last, Opcode: ch.Opcode, Data: ch.Data, Compressed: ch.Compressed}
	if !ch.First {
		f.Opcode = codec.OpContinuation
	}
	if ch.Compressed {
		f.Fin = true
		f.Data, err = c.wholeMessage(ch)
	} else if c.rx.Decoder.Inside() {
		f.Data, f.Fin, err = c.gather(ch, false)
	}
	if err != nil {
		return Frame{}, err
	}
	c.lend(f.Data)
	return f, nil
}

// Discard reads and drops messages until the connection ends, for who only writes
// or waits: without a reader there is no keepalive, no pong and no answer to a
// close. The error is the *CloseError with which the connection ended.
func (c *Conn) Discard() error {
	c.ready = nil
	if !c.beginNext() {
		return c.ending()
	}
	defer c.endRead()
	return c.drain()
}

// drain is Discard for who holds reading.
func (c *Conn) drain() error {
	for {
		if _, err := c.nextPiece(); err != nil {
			return err
		}
	}
}

// beginNext takes reading for a call of Next… and ends the life of the last view. It
// reports false when Close has taken over.
func (c *Conn) beginNext() bool {
	if !c.reading.CompareAndSwap(false, true) {
		return false
	}
	c.lent.end()
	if c.msg != nil {
		putBuffer(c.msg)
		c.msg = nil
	}
	if c.stream != nil {
		*c.stream = messageReader{}
	}
	return true
}

// endRead gives reading back. A pong that is due does not wait until the caller
// comes back for more.
func (c *Conn) endRead() {
	if c.due.Load() {
		c.sendDue()
	}
	c.reading.Store(false)
	if c.handoff.Load() {
		select {
		case c.released <- struct{}{}:
		default:
		}
	}
}

// lend makes data the view that lives until the next call of Next….
func (c *Conn) lend(data []byte) {
	c.viewSize = len(data)
	c.lent.lend(data)
}

// ending waits, for a call of Next…, until the connection has ended and returns how.
func (c *Conn) ending() error {
	if c.onWait != nil {
		c.onWait()
	}
	<-c.Done()
	return c.Err()
}

// decode finds the next piece of a message in the bytes that are there, and handles
// the control frames before it. It reports false when it needs more.
func (c *Conn) decode(ch *codec.Chunk) (ok bool, err error) {
	for c.in.r < c.in.w {
		n, ok, err := c.step(c.in.b[c.in.r:c.in.w], ch)
		c.in.r += n
		if ok || err != nil {
			return ok, err
		}
		if n == 0 {
			break
		}
	}
	return false, nil
}

// step decodes from the start of b, reports the number of bytes that it took and
// whether they yield a piece of a message. It handles the control frames.
func (c *Conn) step(b []byte, ch *codec.Chunk) (n int, ok bool, err error) {
	n, ok, err = c.rx.Next(b, ch)
	switch {
	case err != nil:
		return n, false, c.violated(err)
	case !ok:
	case ch.Opcode.Control():
		return n, false, c.control(ch)
	case ch.Last:
		c.messagesIn++
	}
	return n, ok, nil
}

// wholeMessage returns the message that begins with ch, inflated.
func (c *Conn) wholeMessage(ch codec.Chunk) ([]byte, error) {
	data := ch.Data
	if !ch.Last {
		var err error
		if data, _, err = c.gather(ch, true); err != nil {
			return nil, err
		}
	}
	if !ch.Compressed {
		return data, nil
	}
	plain, err := c.inflateMessage(data)
	if err == nil && ch.Opcode == codec.OpText && !validText(plain) {
		err = codec.ErrInvalidUTF8
	}
	if err != nil {
		return nil, c.violated(err)
	}
	return plain, nil
}

// validText reports whether b is valid UTF-8.
func validText(b []byte) bool {
	var text codec.UTF8
	return text.Write(b) && text.Complete()
}

// gather returns the rest of the frame, or of the whole message, that begins with
// ch, and whether the message is complete. A frame that fits the read buffer is a
// view of it. Anything else is copied.
func (c *Conn) gather(ch codec.Chunk, message bool) (data []byte, last bool, err error) {
	for {
		missing := c.rx.Decoder.Missing()
		if c.msg == nil {
			if missing > 0 && uint64(len(ch.Data))+missing <= uint64(c.in.size) {
				if ch, err = c.hold(ch); err != nil {
					return nil, false, err
				}
				missing = 0
			}
			if ch.Last || missing == 0 && !message {
				return ch.Data, ch.Last, nil
			}
			c.msg = getBuffer(len(ch.Data))
		}
		c.msg = c.msg.grow(len(ch.Data), missing)
		c.msg.b = append(c.msg.b, ch.Data...)
		if ch.Last || missing == 0 && !message {
			return c.msg.b, ch.Last, nil
		}
		if missing >= directSize && c.in.empty() {
			ch, err = c.readDirect(missing)
		} else {
			ch, err = c.nextPiece()
		}
		if err != nil {
			return nil, false, err
		}
	}
}

// hold waits for the rest of the frame that ch began, and returns its payload in
// one piece.
func (c *Conn) hold(ch codec.Chunk) (codec.Chunk, error) {
	c.in.hold(len(ch.Data))
	for c.rx.Decoder.Inside() {
		next, err := c.nextPiece()
		if err != nil {
			return ch, err
		}
		ch.Last = next.Last
	}
	ch.Data = c.in.held()
	return ch, nil
}

// nextPiece returns the next piece of a message, however long it takes.
func (c *Conn) nextPiece() (ch codec.Chunk, err error) {
	for {
		ok, err := c.decode(&ch)
		if ok || err != nil {
			return ch, err
		}
		if err := c.fill(); err != nil {
			return ch, err
		}
	}
}

// readDirect reads of the missing bytes of the frame in progress into msg, past the
// read buffer. The piece that it returns has no data: they are where they belong.
func (c *Conn) readDirect(missing uint64) (codec.Chunk, error) {
	have := len(c.msg.b)
	if room := cap(c.msg.b) - have; room < directSize {
		more := max(have, aheadSize-have)
		c.msg = c.msg.grow(int(min(missing, uint64(more))), missing)
	}
	ch, err := c.readInto(c.msg.b[have:cap(c.msg.b)], missing)
	c.msg.b = c.msg.b[:have+len(ch.Data)]
	ch.Data = nil
	return ch, err
}

// readInto reads of the missing bytes of the frame in progress into p. The read
// buffer is empty.
func (c *Conn) readInto(p []byte, missing uint64) (codec.Chunk, error) {
	c.in.drop()
	if uint64(len(p)) > missing {
		p = p[:missing]
	}
	n, err := c.fillDirect(p)
	if err != nil {
		return codec.Chunk{}, err
	}
	var ch codec.Chunk
	_, _, err = c.step(p[:n], &ch)
	return ch, err
}
