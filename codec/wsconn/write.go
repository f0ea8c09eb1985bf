package wsconn

import (
	"sync"

	"wskit/codec"
)

// slotReserve is the room that the queue leaves for the control frames that go out
// with it: two of the slot and one more, in bytes.
const slotReserve = 3 * controlSize

// queue is what is encoded. It is guarded by queueMu, which is never held while
// waiting.
type queue struct {
	queueMu sync.Mutex
	// queued holds whole frames that wait to be sent, nil for none.
	queued *buffer
	// frameOpen says that the last data frame of QueueFrame or WriteFrame was not
	// the last of its message. The message lock is then held.
	frameOpen bool
	// crowded says that the last queue was too small.
	crowded bool
	enc     codec.Encoder
	sent    counts
	// deflater is nil without compression.
	deflater *deflater
}

// WriteMessage sends a message at once, after what is queued. Any goroutine may
// call it; data is neither kept nor changed. The data of a text message must be
// valid UTF-8, which is not checked.
func (c *Conn) WriteMessage(op codec.Opcode, data []byte) error {
	if !op.Data() {
		return ErrOpcode
	}
	if !c.lockMessage() {
		return c.Err()
	}
	defer c.message.unlock()
	return c.sendMessage(op, data)
}

// QueueMessage is WriteMessage for the reading goroutine's replies: they are
// gathered, and go out in one write before Next… waits for more, with the next
// Write…, Ping, Pong, Flush or Close, or when there is much of them. It only waits
// in the last case, which a single message of 8 KiB can be.
func (c *Conn) QueueMessage(op codec.Opcode, data []byte) error {
	if !op.Data() {
		return ErrOpcode
	}
	size := c.encodedSize(len(data))
	if size > queueSize-slotReserve {
		return c.WriteMessage(op, data)
	}
	if len(data) >= inPlaceSize {
		if done, err := c.sendInPlace(op, data); done {
			return err
		}
	}
	c.queueMu.Lock()
	var err error
	if c.frameOpen {
		err = ErrFrameOrder
	} else if !c.queueRoom(size) {
		err = c.makeRoom(size, c.flushQueue)
	}
	if err == nil {
		c.appendMessage(c.queued, op, data)
	}
	c.queueMu.Unlock()
	return err
}

// Flush sends what is queued, at once or after the message that another goroutine
// is writing. Any goroutine may call it.
func (c *Conn) Flush() error {
	if err := c.beginWrite(); err != nil {
		return err
	}
	defer c.endWrite()
	c.queueMu.Lock()
	out := c.takeDue(0)
	c.queueMu.Unlock()
	return c.writeOut(out)
}

// flushQueue is Flush that waits for the message that another goroutine is writing.
func (c *Conn) flushQueue() error {
	if !c.lockMessage() {
		return c.Err()
	}
	defer c.message.unlock()
	return c.Flush()
}

// lockMessage takes the message lock, unless the connection ends before.
func (c *Conn) lockMessage() bool { return c.message.try() || c.message.lockUntil(c.Done()) }

// encodedSize returns a bound for the size of a message of n bytes on the wire.
func (c *Conn) encodedSize(n int) int {
	size := n + codec.MaxHeader
	if f := c.fragmentSize; f > 0 {
		size += n / f * codec.MaxHeader
	}
	if c.deflater != nil {
		size += deflateOverhead(n)
	}
	return size
}

// queueRoom reports whether the queue has room for size bytes, for the holder of
// queueMu.
func (c *Conn) queueRoom(size int) bool {
	return c.queued != nil && cap(c.queued.b)-len(c.queued.b)-slotReserve >= size
}

// makeRoom sees to it that the queue has room for size bytes, by flush if need be,
// for the holder of queueMu, which it gives away meanwhile.
func (c *Conn) makeRoom(size int, flush func() error) error {
	for !c.queueRoom(size) {
		if c.queued == nil {
			n := queueSize
			if c.crowded {
				n = largeQueueSize
			}
			c.queued = getBuffer(n)
			continue
		}
		c.crowded = true
		c.queueMu.Unlock()
		err := flush()
		c.queueMu.Lock()
		if err != nil {
			return err
		}
	}
	return nil
}

// appendMessage appends a message to out, which has room for it, for the holder of
// queueMu.
func (c *Conn) appendMessage(out *buffer, op codec.Opcode, data []byte) {
	payload, scratch := data, (*buffer)(nil)
	if c.deflater != nil {
		payload, scratch = c.compress(data)
	}
	fragment := c.fragmentSize
	out.b = c.enc.AppendMessage(out.b, op, scratch != nil, payload, fragment)
	if fragment > 0 && len(payload) > fragment {
		c.sent.frames += int64((len(payload) - 1) / fragment)
	}
	c.sent.frames++
	c.sent.messages++
	putBuffer(scratch)
}
