package wsconn

import (
	"strconv"

	"wskit/codec"
)

// controlSize is room for the largest control frame, in bytes.
const controlSize = codec.MaxControlPayload + codec.MaxHeader

// A slot holds the control frames that wait for whoever holds the write lock: one
// pong, the latest, and one ping of the keepalive. So a peer that pings and never
// reads costs nothing (RFC 6455 §5.5.3 lets a pong answer only the last ping).
type slot struct {
	// pong is the payload of the pong, nil before the first.
	pong             *pongPayload
	pongDue, pingDue bool
	// mute says that pings are not answered.
	mute bool
	// pings counts those of the keepalive. The number is their payload.
	pings uint32
}

type pongPayload struct {
	n uint8
	b [codec.MaxControlPayload]byte
}

// Ping sends a ping at once, with at most codec.MaxControlPayload bytes. Any
// goroutine may call it; data is not kept.
func (c *Conn) Ping(data []byte) error { return c.writeControl(codec.OpPing, data) }

// Pong sends a pong that answers no ping (RFC 6455 §5.5.3): those are answered
// without it. Any goroutine may call it; data is not kept.
func (c *Conn) Pong(data []byte) error { return c.writeControl(codec.OpPong, data) }

func (c *Conn) writeControl(op codec.Opcode, data []byte) error {
	if len(data) > codec.MaxControlPayload {
		return ErrControlTooLong
	}
	if err := c.beginWrite(); err != nil {
		return err
	}
	defer c.endWrite()
	return c.writeOut(c.takeControl(op, data))
}

// takeControl takes what waits to be sent and appends a control frame, for the
// holder of the write lock.
func (c *Conn) takeControl(op codec.Opcode, data []byte) *buffer {
	c.queueMu.Lock()
	defer c.queueMu.Unlock()
	out := c.takeDue(controlSize)
	c.appendControl(out, op, data)
	return out
}

// appendControl appends a control frame to out, for the holder of queueMu.
func (c *Conn) appendControl(out *buffer, op codec.Opcode, data []byte) {
	out.b = c.enc.AppendControl(out.b, op, data)
	c.sent.frames++
}

// control handles an incoming control frame.
func (c *Conn) control(ch *codec.Chunk) error {
	if !c.rx.Assembler.Open() {
		c.outside++
	}
	switch ch.Opcode {
	case codec.OpClose:
		return c.peerClosed(ch.Data)
	case codec.OpPing:
		c.answerPing(ch.Data)
	}
	if c.onControl != nil {
		c.onControl(ch.Opcode, ch.Data)
	}
	return nil
}

// answerPing makes a pong due, in the place of one that is due already.
func (c *Conn) answerPing(payload []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := &c.slot
	if s.mute {
		return
	}
	if s.pong == nil {
		s.pong = new(pongPayload)
	}
	s.pong.n = uint8(copy(s.pong.b[:], payload))
	s.pongDue = true
	c.due.Store(true)
}

// requestPing makes a ping of the keepalive due.
func (c *Conn) requestPing() {
	c.mu.Lock()
	c.slot.pingDue = true
	c.mu.Unlock()
	c.due.Store(true)
}

// appendSlot appends what is in the slot to out, which has room for it, for the
// holder of queueMu.
func (c *Conn) appendSlot(out *buffer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := &c.slot
	if s.pongDue {
		s.pongDue = false
		c.appendControl(out, codec.OpPong, s.pong.b[:s.pong.n])
	}
	if s.pingDue {
		s.pingDue = false
		s.pings++
		var b [20]byte
		c.appendControl(out, codec.OpPing, strconv.AppendUint(b[:0], uint64(s.pings), 10))
	}
}
