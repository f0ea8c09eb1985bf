package codec

import "encoding/binary"

// A Receiver is the Decoder and the Assembler of one direction in one: bytes in,
// chunks out, for who needs no spans. Nothing is copied between the two, which is
// a good part of what a short message costs.
type Receiver struct {
	// Decoder and Assembler are set up before the first call of Next.
	Decoder   Decoder
	Assembler Assembler
	// Frames is the number of frames that have begun.
	Frames int64
}

// Next takes n bytes from the start of b and reports whether they yield a chunk,
// which it stores in *c. When it takes none, and there is no error, it needs more
// than b holds. Payload bytes are unmasked in place. Errors are those of Decoder.Next
// and Assembler.Push, but not ErrShort.
func (r *Receiver) Next(b []byte, c *Chunk) (n int, ok bool, err error) {
	if n = r.whole(b); n > 0 {
		// Field by field: a Chunk that is made and then copied costs 5 ns.
		c.Compressed, c.First, c.Last = false, true, true
		c.Opcode, c.Data, _ = Split(b[:n])
		r.Frames++
		return n, true, nil
	}
	return r.next(b, c)
}

// runSize is about how much Whole decodes, in bytes: what stays in the first-level
// cache until it is used.
const runSize = 4 << 10

// Whole decodes the messages that b starts with, as Next does, for as long as each
// comes in a single frame, is uncompressed, breaks no rule and ends within b. It
// reports the bytes that it took and how many messages they hold, for Split to
// return; zero leaves all to Next. It takes no more than one message past 4 KiB.
func (r *Receiver) Whole(b []byte) (n, messages int) {
	for n < runSize {
		size := r.whole(b[n:])
		if size == 0 {
			break
		}
		n += size
		messages++
	}
	r.Frames += int64(messages)
	return n, messages
}

// Split returns the first of the messages that Whole decoded, and what is behind
// it. Data borrows b, which is not empty.
func Split(b []byte) (op Opcode, data, rest []byte) {
	op, n, length := Opcode(b[0]&0xF), 2, int(b[1]&0x7F)
	if length == 126 {
		n, length = 4, int(binary.BigEndian.Uint16(b[2:]))
	}
	if b[1]&maskBit != 0 {
		n += len(MaskKey{})
	}
	end := n + length
	return op, b[n:end:end], b[end:]
}

// next is Next for any frame.
func (r *Receiver) next(b []byte, c *Chunk) (n int, ok bool, err error) {
	var s Span
	n, err = r.Decoder.next(b, &s)
	if s.First {
		r.Frames++
	}
	if err != nil {
		if err == ErrShort {
			err = nil
		}
		return n, false, err
	}
	*c = Chunk{}
	ok, err = r.Assembler.push(&s, c)
	return n, ok, err
}

// whole decodes the frame that most are: a whole message, uncompressed, all of it
// in b, that breaks no rule. It returns its size, and zero for any other, which it
// leaves as it was. There is no trace of it in the two machines, which between two
// messages have nothing to remember.
func (r *Receiver) whole(b []byte) int {
	d, a := &r.Decoder, &r.Assembler
	if len(b) < 2 || d.inside || a.open != OpContinuation || a.closed || a.err != nil {
		return 0
	}
	op, n, length := Opcode(b[0]^finBit), 2, int(b[1]&0x7F)
	masked := b[1]&maskBit != 0
	if op != OpText && op != OpBinary || masked != (d.Role == RoleServer) {
		return 0
	}
	if length > 125 {
		if length != 126 || len(b) < 4 {
			return 0
		}
		if length, n = int(binary.BigEndian.Uint16(b[2:])), 4; length < 126 {
			return 0
		}
	}
	var key MaskKey
	if masked {
		if len(b) < n+len(key) {
			return 0
		}
		key = MaskKey(b[n:])
		n += len(key)
	}
	end := n + length
	if end > len(b) || d.MaxFrame > 0 && uint64(length) > d.MaxFrame || a.MaxMessage > 0 && uint64(length) > a.MaxMessage {
		return 0
	}
	if masked {
		Mask(key, 0, b[n:end])
	}
	if op == OpText && !isText(b[n:end]) {
		if masked {
			Mask(key, 0, b[n:end])
		}
		return 0
	}
	return end
}

// isText reports whether b is a whole text.
func isText(b []byte) bool {
	var text UTF8
	return text.Write(b) && text.Complete()
}
