package wsconn

// WriteRaw sends bytes as they are, at once: after what is queued, and not between the
// frames of a message that another goroutine sends. Any goroutine may call it; b is
// neither kept nor changed.
//
// It is for tools that break rules on purpose. Nothing looks at the bytes, not even
// this end: they count in BytesOut but are no frame and no message for Stats, and a
// close frame among them does not begin the closing handshake. Bytes that end within
// a frame take what is sent next into it. After a close frame was sent it still
// sends, until the transport is closed, but what is queued is then left unsent.
func (c *Conn) WriteRaw(b []byte) error {
	if !c.lockMessage() {
		return c.Err()
	}
	defer c.message.unlock()
	c.write.lock()
	defer c.endWrite()
	if err := c.Err(); err != nil {
		return err
	}
	if c.broken != nil {
		return c.writeFailed(c.broken)
	}
	if !c.closing.MaySend() {
		return c.transmit(b)
	}
	out := c.lockedTakeDue(0)
	defer putBuffer(out)
	if len(out.b) == 0 || len(b) == 0 {
		if err := c.transmit(out.b); err != nil {
			return err
		}
		return c.transmit(b)
	}
	return c.transmitBoth(out.b, b)
}

// SetAutoPong says whether pings that arrive from now on are answered, as they are
// until it is called. An end that does not answer breaks a rule (RFC 6455 §5.5.2),
// for tools that want to see what the peer does then. OnControl is called all the
// same, and whoever it tells may answer with Pong. Any goroutine may call it.
func (c *Conn) SetAutoPong(on bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.slot.mute = !on
}

// transmitBoth sends head and then body, as one if it can, for the holder of the write
// lock. It may use the capacity of head.
func (c *Conn) transmitBoth(head, body []byte) error {
	c.tapOut(head)
	c.tapOut(body)
	if err := c.tr.writeBoth(head, body); err != nil {
		return c.writeFailed(err)
	}
	c.bytesOut.Add(int64(len(head) + len(body)))
	return nil
}
