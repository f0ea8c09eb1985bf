package codec

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
