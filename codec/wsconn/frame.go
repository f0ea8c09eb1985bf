package wsconn

import "wskit/codec"

// WriteFrame sends a data frame at once, after what is queued. The frames of a
// message are sent in their order: the first has the message's opcode and the
// others codec.OpContinuation, else it returns ErrFrameOrder. Until the frame with
// Fin, messages of other goroutines wait; a message by the same goroutine would wait
// for ever. Frames are never compressed.
func (c *Conn) WriteFrame(f Frame) error {
	if err := c.QueueFrame(f); err != nil {
		return err
	}
	return c.Flush()
}

// QueueFrame is WriteFrame for the reading goroutine's replies, gathered as with
// QueueMessage.
func (c *Conn) QueueFrame(f Frame) error {
	if f.Opcode.Control() || f.Opcode.Reserved() {
		return ErrOpcode
	}
	c.queueMu.Lock()
	open := c.frameOpen
	c.queueMu.Unlock()
	begins := f.Opcode != codec.OpContinuation
	if begins == open {
		return ErrFrameOrder
	}
	size := len(f.Data) + codec.MaxHeader
	large := size > queueSize-slotReserve
	if begins && (large || !f.Fin) && !c.lockMessage() {
		return c.Err()
	}
	locked := open || large || !f.Fin
	var err error
	if large {
		err = c.sendLargeFrame(f)
	} else {
		err = c.appendFrame(f, size, locked)
	}
	if locked && (f.Fin || err != nil) {
		c.setFrameOpen(false)
		c.message.unlock()
	} else if locked {
		c.setFrameOpen(true)
	}
	return err
}

func (c *Conn) setFrameOpen(open bool) {
	c.queueMu.Lock()
	c.frameOpen = open
	c.queueMu.Unlock()
}

// appendFrame queues a frame of size bytes at most. Locked says that the caller
// holds the message lock.
func (c *Conn) appendFrame(f Frame, size int, locked bool) error {
	c.queueMu.Lock()
	defer c.queueMu.Unlock()
	if !c.queueRoom(size) {
		flush := c.flushQueue
		if locked {
			flush = c.Flush
		}
		if err := c.makeRoom(size, flush); err != nil {
			return err
		}
	}
	c.queued.b = c.enc.AppendFrame(c.queued.b, codec.Header{Fin: f.Fin, Opcode: f.Opcode}, f.Data)
	c.countFrame(f.Fin)
	return nil
}

// countFrame counts a data frame that is sent, for the holder of queueMu.
func (c *Conn) countFrame(fin bool) {
	c.sent.frames++
	if fin {
		c.sent.messages++
	}
}

// sendLargeFrame sends what is queued and a frame, for the holder of the message
// lock.
func (c *Conn) sendLargeFrame(f Frame) error {
	if err := c.beginWrite(); err != nil {
		return err
	}
	defer c.endWrite()
	out := c.lockedTakeDue(len(f.Data))
	return c.sendFrame(out, codec.Header{Fin: f.Fin, Opcode: f.Opcode}, f.Data, false)
}
