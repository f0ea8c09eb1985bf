package wsconn

import (
	"sync"

	"wskit/codec"
)

// receivers holds receivers that are as new. Of their limits only what the connection
// that takes one sets counts.
var receivers = sync.Pool{New: func() any { return new(codec.Receiver) }}

// takeReceiver makes the machines of package codec ready for bytes that have come.
func (c *Conn) takeReceiver() {
	c.rx = receivers.Get().(*codec.Receiver)
	dec, asm := &c.rx.Decoder, &c.rx.Assembler
	dec.Role, dec.Deflate, dec.MaxFrame = c.role, c.deflate != nil, c.maxFrame
	asm.Deflate, asm.MaxMessage, asm.MaxFragments = c.deflate != nil, c.maxMessage, c.maxFragments
}

// publish makes the counts known to Stats. Between two messages, when the machines
// have nothing to remember, it gives them back.
func (c *Conn) publish() {
	frames := c.frames
	if c.rx != nil {
		frames += c.rx.Frames
		if !c.inProgress() {
			*c.rx = codec.Receiver{}
			receivers.Put(c.rx)
			c.rx, c.frames = nil, frames
		}
	}
	c.public[0].Store(frames)
	c.public[1].Store(c.messagesIn)
}
