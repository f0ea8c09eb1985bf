package wsconn

import (
	"time"

	"wskit/codec"
)

// A Compression says whether a message is sent compressed.
type Compression uint8

const (
	// CompressAuto compresses as Config says.
	CompressAuto Compression = iota
	// CompressNever does not compress.
	CompressNever
	// CompressAlways compresses, whatever the size and even if the message becomes
	// larger by it. The handshake must have agreed on compression.
	CompressAlways
)

// SendOptions say how one message is sent. The zero value sends it as WriteMessage
// does.
type SendOptions struct {
	// Compress says whether the message is compressed. If zero, as Config says.
	Compress Compression
	// Fragment is the largest payload of a frame, in bytes, of what is sent: of a
	// compressed message that is the compressed form. If zero, it is the
	// FragmentSize of Config; if negative, the message is one frame.
	Fragment int
	// Pause is the time between the end of a frame and the next one. If zero or
	// negative, there is none.
	Pause time.Duration
}

// WriteMessageWith is WriteMessage for a message that is sent in a way of its own.
// Messages of others wait during its pauses too, and control frames go out. It ends
// with the connection, within a pause too: when a close frame is sent meanwhile, by
// Close say, the rest of the message is not, and it returns ErrClosing after the
// pause. It returns ErrNoCompression for CompressAlways if none was agreed on.
func (c *Conn) WriteMessageWith(op codec.Opcode, data []byte, o SendOptions) error {
	if !op.Data() {
		return ErrOpcode
	}
	if o.Compress == CompressAlways && c.deflater == nil {
		return ErrNoCompression
	}
	if !c.lockMessage() {
		return c.Err()
	}
	defer c.message.unlock()
	if o == (SendOptions{}) {
		return c.sendMessage(op, data)
	}
	if o.Fragment == 0 {
		o.Fragment = c.fragmentSize
	}
	if err := c.beginWrite(); err != nil {
		return err
	}
	defer c.endWrite()
	c.queueMu.Lock()
	out := c.takeDue(c.encodedSize(len(data)))
	payload, scratch := data, (*buffer)(nil)
	switch {
	case o.Compress == CompressAlways:
		payload, scratch = c.compressAny(data, true)
	case o.Compress == CompressAuto:
		payload, scratch = c.compress(data)
	}
	c.queueMu.Unlock()
	defer putBuffer(scratch)
	return c.sendFragments(out, op, payload, scratch != nil, o.Fragment, o.Pause)
}
