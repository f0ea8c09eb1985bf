package codec

import (
	"bufio"
	"io"
	"math"

	"github.com/klauspost/compress/flate"
)

// finalBlock is an empty block that ends a deflate stream. A flate.Reader wants
// one to tell the end of a message from one that was cut off.
const finalBlock = "\x01\x00\x00\xff\xff"

// A Decompressor inflates messages of permessage-deflate (RFC 7692 §7.2.2). It
// takes about 50 KB and is made to serve many connections in turn from a pool:
// what a connection must keep is in its Window.
//
// It is not for use by two goroutines at once.
type Decompressor struct {
	r     io.Reader
	in    *bufio.Reader // between src and r; klauspost/compress is fast on this type
	src   source
	probe [1]byte
}

// NewDecompressor returns a decompressor, for windows of every size.
func NewDecompressor() *Decompressor {
	d := new(Decompressor)
	d.in = bufio.NewReader(&d.src)
	d.r = flate.NewReader(d.in)
	return d
}

// A source is read by a bufio.Reader, whose buffer holds what a call returns. It
// yields a compressed message, then what the sender removed from it, and then a
// final block, each by calls of its own.
type source struct {
	data  []byte
	tail  bool // deflateTail was read
	final bool // finalBlock was read
}

func (s *source) Read(p []byte) (n int, err error) {
	switch {
	case len(s.data) > 0:
		n = copy(p, s.data)
		s.data = s.data[n:]
	case !s.tail:
		n, s.tail = copy(p, deflateTail), true
	case !s.final:
		n, s.final = copy(p, finalBlock), true
	default:
		err = io.EOF
	}
	return n, err
}

// Append inflates one message, the joined payloads of all its frames, and appends
// it to dst and to the history w, which is nil without context takeover. Limit is
// the largest size of the inflated message, in bytes. If zero, there is none.
//
// It returns ErrInflatedTooBig as soon as the message passes limit, ErrCorruptDeflate
// for data that is invalid or cut off, and ErrTooManyFinalBlocks. With an error
// comes what was inflated before it, and w is no longer the peer's history: under
// context takeover the messages that follow cannot be inflated. Deflate has no
// checksum, so that damage may also go unseen.
//
// The buffer grows as output arrives, by doubling and never beyond limit. Append
// allocates nothing when dst has room.
func (d *Decompressor) Append(dst []byte, w *Window, compressed []byte, limit int) ([]byte, error) {
	start, end := len(dst), math.MaxInt
	if limit > 0 && limit < end-start {
		end = start + limit
	}
	defer func() { d.src.data = nil }() // it is the caller's
	history := w.bytes()
	for rest, finals := compressed, 0; ; finals++ {
		// Each final block costs a copy of the history: blocks of two bytes
		// would make that a thousand times the cost of inflating.
		if finals > 16+(len(compressed)+len(dst)-start)/512 {
			return dst, ErrTooManyFinalBlocks
		}
		added := len(dst)
		out, err := d.inflate(dst, end, rest, history)
		dst = out
		w.Add(dst[added:])
		if err != nil {
			return dst, err
		}
		rest = rest[len(rest)-d.unread():]
		if len(rest) == 0 {
			return dst, nil
		}
		// The sender set BFINAL: what follows is another stream that goes on
		// with the same history (RFC 7692 §7.2.3.4).
		history = w.bytes()
		if w == nil {
			history = dst[start:]
		}
	}
}

// inflate appends to dst, up to the length end, what data holds: all of it, or
// the part that ends with a final block.
func (d *Decompressor) inflate(dst []byte, end int, data, history []byte) ([]byte, error) {
	d.src = source{data: data}
	d.in.Reset(&d.src)
	// Reset only copies, and returns no error.
	_ = d.r.(flate.Resetter).Reset(d.in, history)
	for {
		room := dst[len(dst):min(cap(dst), end)]
		if len(room) == 0 {
			if len(dst) < end {
				dst = grow(dst, end)
				continue
			}
			room = d.probe[:]
		}
		n, err := d.r.Read(room)
		switch {
		case n > 0 && d.src.final:
			// Output was flushed before the final block was read: this
			// was made of the final block itself.
			return dst, ErrCorruptDeflate
		case n > 0 && len(dst) == end:
			return dst, ErrInflatedTooBig
		}
		dst = dst[:len(dst)+n]
		if err == io.EOF && d.whole() {
			return dst, nil
		}
		if err != nil {
			return dst, ErrCorruptDeflate
		}
	}
}

// whole reports whether the stream that was read to its end is the whole of a
// message or ends with a final block of the sender's, and was not cut off.
func (d *Decompressor) whole() bool {
	return !d.src.tail || d.src.final && d.in.Buffered() == 0
}

// unread returns the number of bytes of the compressed message that follow the
// sender's final block.
func (d *Decompressor) unread() int { return len(d.src.data) + d.in.Buffered() }

// grow returns dst with room for as much again, but for no more than end bytes
// in all.
func grow(dst []byte, end int) []byte {
	grown := make([]byte, len(dst), min(max(512, 2*len(dst)), end))
	copy(grown, dst)
	return grown
}
