package codec

import (
	"encoding/binary"
	"unicode/utf8"
)

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
	if n = r.whole(b, c); n > 0 {
		return n, true, nil
	}
	return r.next(b, c)
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

// whole is Next for the frame that most are: a whole message, uncompressed, all of
// it in b, that breaks no rule. It takes nothing of any other and leaves no trace in
// the two machines, which between two messages have nothing to remember.
func (r *Receiver) whole(b []byte, c *Chunk) int {
	d, a := &r.Decoder, &r.Assembler
	if len(b) < 2 || d.inside || a.open != OpContinuation || a.closed || a.err != nil {
		return 0
	}
	op, n, length := Opcode(b[0]^0x80), 2, int(b[1]&0x7F) // FIN alone
	masked := b[1] >= 0x80
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
	data := b[n:end:end]
	if masked {
		Mask(key, 0, data)
	}
	if op == OpText && !utf8.Valid(data) {
		if masked {
			Mask(key, 0, data) // as it was
		}
		return 0
	}
	r.Frames++
	// Field by field: a Chunk that is made and then copied costs 5 ns.
	c.Opcode, c.Compressed, c.Data, c.First, c.Last = op, false, data, true, true
	return end
}
