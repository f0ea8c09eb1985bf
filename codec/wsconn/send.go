package wsconn

import (
	"time"

	"wskit/codec"
)

// sendMessage is WriteMessage for the holder of the message lock.
func (c *Conn) sendMessage(op codec.Opcode, data []byte) error {
	if err := c.beginWrite(); err != nil {
		return err
	}
	defer c.endWrite()
	size := c.encodedSize(len(data))
	c.queueMu.Lock()
	out := c.takeDue(size)
	if size <= queueSize-slotReserve {
		c.appendMessage(out, op, data)
		c.queueMu.Unlock()
		return c.writeOut(out)
	}
	// Compressed now, for the message that is queued next will refer to it.
	payload, scratch := c.compress(data)
	c.queueMu.Unlock()
	defer putBuffer(scratch)
	return c.sendFragments(out, op, payload, scratch != nil, c.fragmentSize, 0)
}

// sendFragments sends out and then a message, in frames of their own between which
// control frames may pass, and which a pause may separate. If fragment is zero or
// negative, there is one frame. A compressed payload may be masked in place.
func (c *Conn) sendFragments(out *buffer, op codec.Opcode, payload []byte, compressed bool, fragment int, pause time.Duration) error {
	h := codec.Header{Opcode: op}
	if compressed {
		h.RSV = codec.RSV1
	}
	for {
		piece := payload
		if fragment > 0 && len(piece) > fragment {
			piece = piece[:fragment]
		}
		payload = payload[len(piece):]
		h.Fin = len(payload) == 0
		c.messageOpen = !h.Fin
		if err := c.sendFrame(out, h, piece, compressed); err != nil || h.Fin {
			c.due.Store(true) // what was queued in between
			return err
		}
		h = codec.Header{Opcode: codec.OpContinuation}
		if err := c.letPass(pause); err != nil {
			return err
		}
		out = c.lockedTakeDue(len(piece))
	}
}

// sendFrame sends out, which it takes, and then a data frame, for the holder of the
// write lock.
func (c *Conn) sendFrame(out *buffer, h codec.Header, payload []byte, owned bool) error {
	defer putBuffer(out)
	h.Length = uint64(len(payload))
	c.queueMu.Lock()
	out.b, h = c.enc.AppendHeader(out.b, h)
	c.countFrame(h.Fin)
	c.queueMu.Unlock()
	switch {
	case len(payload) <= cap(out.b)-len(out.b):
		start := len(out.b)
		out.b = append(out.b, payload...)
		if h.Masked {
			codec.Mask(h.Key, 0, out.b[start:])
		}
		return c.transmit(out.b)
	case h.Masked && !owned:
		return c.transmitMasked(out.b, h.Key, payload)
	case h.Masked:
		codec.Mask(h.Key, 0, payload)
	}
	c.tapOut(out.b)
	c.tapOut(payload)
	if err := c.tr.writeBoth(out.b, payload); err != nil {
		return c.writeFailed(err)
	}
	c.bytesOut.Add(int64(len(out.b) + len(payload)))
	return nil
}

// transmitMasked sends out and then payload under key, in as many pieces as fit
// out's capacity.
func (c *Conn) transmitMasked(out []byte, key codec.MaskKey, payload []byte) error {
	for done := 0; done < len(payload); {
		start := len(out)
		n := min(cap(out)-start, len(payload)-done)
		out = append(out, payload[done:done+n]...)
		codec.Mask(key, uint64(done), out[start:])
		if err := c.transmit(out); err != nil {
			return err
		}
		done += n
		out = out[:0]
	}
	return nil
}

// writeOut sends out and gives it back, for the holder of the write lock.
func (c *Conn) writeOut(out *buffer) error {
	err := c.transmit(out.b)
	putBuffer(out)
	return err
}

func (c *Conn) transmit(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	c.tapOut(b)
	if err := c.tr.write(b); err != nil {
		return c.writeFailed(err)
	}
	c.bytesOut.Add(int64(len(b)))
	return nil
}

// tapOut shows what is about to be sent, so that it is seen before what answers it.
func (c *Conn) tapOut(b []byte) {
	if c.tap != nil {
		c.tap(c.role, time.Now(), b)
	}
}

// takeDue takes what waits to be sent: the queue, unless that must wait for the end
// of a message, then the slot. The buffer has room for need more bytes, or for
// queueSize if that is less. It is for the holder of the write lock and queueMu.
func (c *Conn) takeDue(need int) *buffer {
	c.due.Store(false)
	need = min(need+slotReserve, queueSize)
	var out *buffer
	if c.queued != nil && !c.messageOpen {
		out, c.queued = c.queued, nil
		c.crowded = c.crowded && len(out.b) > queueSize/2
		out = out.grow(need, 0)
	} else {
		out = getBuffer(need)
	}
	c.appendSlot(out)
	return out
}

// lockedTakeDue is takeDue for the holder of the write lock only.
func (c *Conn) lockedTakeDue(need int) *buffer {
	c.queueMu.Lock()
	defer c.queueMu.Unlock()
	return c.takeDue(need)
}

// sendDue sends what waits, unless somebody writes: they send it when done. So
// nobody waits who calls it.
func (c *Conn) sendDue() {
	for c.due.Load() && c.write.try() {
		if c.mayWrite() == nil {
			c.writeOut(c.lockedTakeDue(0))
		} else {
			c.due.Store(false)
		}
		c.write.unlock()
	}
}

// sendQueued makes the queue due and sends what is due, before the reading
// goroutine waits.
func (c *Conn) sendQueued() {
	c.queueMu.Lock()
	waits := c.queued != nil
	c.queueMu.Unlock()
	if waits {
		c.due.Store(true)
	}
	c.sendDue()
}

// beginWrite takes the write lock, unless nothing may be sent any more.
func (c *Conn) beginWrite() error {
	c.write.lock()
	err := c.mayWrite()
	if err != nil {
		c.endWrite()
	}
	return err
}

// endWrite gives the write lock back.
func (c *Conn) endWrite() {
	c.write.unlock()
	c.sendDue()
}

// letPass gives the write lock to who waits for it and takes it back, also with an
// error: after a pause, unless the connection ends before.
func (c *Conn) letPass(pause time.Duration) error {
	c.endWrite()
	if pause > 0 {
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-c.Done():
			timer.Stop()
		}
	}
	c.write.lock()
	return c.mayWrite()
}

// mayWrite returns the reason why nothing may be sent any more, for the holder of
// the write lock.
func (c *Conn) mayWrite() error {
	if c.broken == nil && c.closing.MaySend() {
		return nil
	}
	if err := c.Err(); err != nil {
		return err
	}
	if c.broken != nil {
		return c.writeFailed(c.broken)
	}
	return ErrClosing
}
