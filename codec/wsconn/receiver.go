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
	c.rx.Frames = c.public[0].Load() // goes on counting
	dec, asm := &c.rx.Decoder, &c.rx.Assembler
	dec.Role, dec.Deflate, dec.MaxFrame = c.role, c.deflate != nil, c.maxFrame
	asm.Deflate, asm.MaxMessage, asm.MaxFragments = c.deflate != nil, c.maxMessage, c.maxFragments
}

// publish makes the counts known to Stats. Between two messages, when the machines
// have nothing to remember, it gives them back.
func (c *Conn) publish() {
	c.public[1].Store(c.messagesIn)
	if c.rx == nil {
		return
	}
	c.public[0].Store(c.rx.Frames)
	if !c.inProgress() {
		*c.rx = codec.Receiver{}
		receivers.Put(c.rx)
		c.rx = nil
	}
}
