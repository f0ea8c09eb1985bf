package codec

import (
	"encoding/binary"
	"math"
)

// A Decompressor inflates messages of permessage-deflate (RFC 7692 §7.2.2), into and
// out of the slices that it is given. It takes about 10 KB and is made to serve many
// connections in turn from a pool: what a connection must keep is in its Window.
//
// It is not for use by two goroutines at once.
type Decompressor struct {
	src                       bitReader
	literals, distances, runs codeTable
	lengths                   [numLiterals + numDistances]uint8

	history []byte // of the window, before the message
	out     []byte // what is inflated is behind start, at most end in all
	start   int
	end     int
}

// maxToken is the largest size of a symbol and of the distance behind it, in bits.
const maxToken = 15 + 5 + 15 + 13

// NewDecompressor returns a decompressor, for windows of every size.
func NewDecompressor() *Decompressor { return new(Decompressor) }

// Append inflates one message, the joined payloads of all its frames, and appends
// it to dst and to the window w, which is nil without context takeover. Limit is
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
	d.out, d.start, d.end = dst, len(dst), math.MaxInt
	if limit > 0 && limit < d.end-d.start {
		d.end = d.start + limit
	}
	d.src, d.history = bitReader{data: compressed}, w.bytes()
	err := d.message()
	out := d.out
	d.src, d.history, d.out = bitReader{}, nil, nil // they are others'
	w.Add(out[d.start:])
	return out, err
}

// message inflates the blocks of a message.
func (d *Decompressor) message() error {
	for finals := 0; ; {
		// Nobody has a use for so many, that take two bytes each.
		if finals > 16+(len(d.src.data)+len(d.out)-d.start)/512 {
			return ErrTooManyFinalBlocks
		}
		d.src.fill()
		final := d.src.take(1) == 1
		if err := d.block(d.src.take(2)); err != nil {
			return err
		}
		if !final {
			if d.src.left() == 0 {
				return nil
			}
			continue
		}
		// The sender set BFINAL: what follows is another stream that goes on
		// with the same history (RFC 7692 §7.2.3.4).
		finals++
		d.src.align()
		switch at := d.src.at; {
		case at > len(d.src.data):
			return ErrCorruptDeflate // it needed deflateTail
		case at == len(d.src.data):
			return nil
		}
	}
}

// block inflates a block of the given type up to its end (RFC 1951 §3.2.3).
func (d *Decompressor) block(kind uint64) error {
	switch kind {
	case 0:
		return d.stored()
	case 1:
		return d.symbols(&fixedLiteralTable, &fixedDistanceTable)
	case 2:
		if d.readCodes() {
			return d.symbols(&d.literals, &d.distances)
		}
	}
	return ErrCorruptDeflate
}

// stored copies a block that is not compressed (RFC 1951 §3.2.4).
func (d *Decompressor) stored() error {
	d.src.align()
	d.src.fill()
	size, inverse := d.src.take(16), d.src.take(16)
	if d.src.left() < 0 || size^inverse != 0xFFFF {
		return ErrCorruptDeflate
	}
	d.src.align()
	// Of deflateTail nothing belongs to it.
	from := d.src.data[min(d.src.at, len(d.src.data)):]
	from = from[:min(int(size), len(from))]
	d.src.at += int(size)
	at := len(d.out)
	out := d.grow(d.out, len(from))
	d.out = out[:at+copy(out[at:], from)]
	if len(out)-at < len(from) {
		return ErrInflatedTooBig
	}
	if len(from) < int(size) {
		return ErrCorruptDeflate
	}
	return nil
}

// readCodes reads the codes of a block, and reports whether they are codes (RFC 1951
// §3.2.7).
func (d *Decompressor) readCodes() bool {
	d.src.fill()
	lits, dists, runs := int(d.src.take(5))+257, int(d.src.take(5))+1, int(d.src.take(4))+4
	if lits > numLiterals || dists > numDistances {
		return false
	}
	var runLengths [numRuns]uint8
	for _, symbol := range runOrder[:runs] {
		d.src.fill()
		runLengths[symbol] = uint8(d.src.take(3))
	}
	if !d.runs.build(runLengths[:], runSymbols[:]) {
		return false
	}
	lengths := d.lengths[:lits+dists]
	for i := 0; i < len(lengths); {
		d.src.fill()
		s := d.runs.short[d.src.acc&d.runs.mask]
		d.src.take(s.size())
		if s == 0 || d.src.left() < 0 {
			return false
		}
		length, times := uint8(s.value()), 1
		if s.extra() > 0 {
			times = int(s.value()) + int(d.src.take(s.extra()))
			length = 0
			if s.extra() == runExtraOfCopy {
				if i == 0 {
					return false
				}
				length = lengths[i-1]
			}
		}
		if times > len(lengths)-i {
			return false
		}
		for range times {
			lengths[i] = length
			i++
		}
	}
	return d.literals.build(lengths[:lits], literalSymbols[:]) && d.distances.build(lengths[lits:], distanceSymbols[:])
}

// symbols inflates what is under codes up to the end of the block.
func (d *Decompressor) symbols(literals, distances *codeTable) error {
	// What changes with each symbol is in variables of its own.
	r := &d.src
	acc, n := r.acc, r.n
	out, at := d.out[:min(cap(d.out), d.end)], len(d.out)
	var err error = ErrCorruptDeflate
	for {
		if n < maxToken {
			r.acc, r.n = acc, n
			r.fill()
			acc, n = r.acc, r.n
		}
		s := literals.short[acc&literals.mask&(1<<tableBits-1)]
		if s == 0 {
			s = literals.long(acc)
		}
		acc >>= s & 63
		n -= s.size()
		// Of deflateTail nothing is under codes.
		if s == 0 || r.at > len(r.data) && r.past(n) {
			break
		}
		if s&isLiteral != 0 {
			if at == len(out) {
				if at == d.end {
					err = ErrInflatedTooBig
					break
				}
				out = d.grow(out[:at], 1)
			}
			out[at] = byte(s >> 16)
			at++
			continue
		}
		if s&isEnd != 0 {
			err = nil
			break
		}
		length := int(s>>16) + int(acc&(1<<(s.extra()&63)-1))
		acc >>= s.extra() & 63
		n -= s.extra()
		s = distances.short[acc&distances.mask&(1<<tableBits-1)]
		if s == 0 {
			s = distances.long(acc)
		}
		acc >>= s & 63
		distance := int(s>>16) + int(acc&(1<<(s.extra()&63)-1))
		acc >>= s.extra() & 63
		n -= s.size() + s.extra()
		if s == 0 || r.at > len(r.data) && r.past(n) || distance > at-d.start+len(d.history) {
			break
		}
		end := at + length
		if out, at = d.match(out, at, length, distance); at < end {
			err = ErrInflatedTooBig
			break
		}
	}
	r.acc, r.n, d.out = acc, n, out[:at]
	return err
}

// match copies length bytes to index at of out, or as many as the limit lets, from
// distance before it. It returns out, which may have grown, and the index behind them.
func (d *Decompressor) match(out []byte, at, length, distance int) ([]byte, int) {
	if at+length > len(out) {
		out = d.grow(out[:at], length)
		length = min(length, len(out)-at)
	}
	end := at + length
	if back := distance - (at - d.start); back > 0 {
		at += copy(out[at:end], d.history[len(d.history)-back:])
	}
	if distance >= 8 && end+8 <= len(out) && at < end {
		// Eight bytes at a time; those behind end are free.
		from, to := out[at-distance:], out[at:]
		for i := 0; i < end-at; i += 8 {
			binary.LittleEndian.PutUint64(to[i:], binary.LittleEndian.Uint64(from[i:]))
		}
		return out, end
	}
	for ; at < end; at++ {
		out[at] = out[at-distance]
	}
	return out, end
}

// grow returns out with n more bytes behind it, or with those up to the limit, and
// what more there is memory for. As it takes twice the capacity, and no more than the
// limit, a short message does not cost much memory.
func (d *Decompressor) grow(out []byte, n int) []byte {
	have := len(out)
	if cap(out)-have < n && cap(out) < d.end {
		// Of the capacity, which is a power of two more often than what there is:
		// just below the limit another step would take as much again.
		grown := make([]byte, have, min(max(512, 2*cap(out), have+n), d.end))
		copy(grown, out)
		out = grown
	}
	return out[:min(cap(out), d.end)]
}

// A bitReader reads bits, the lowest first, of data and then of deflateTail.
type bitReader struct {
	data []byte
	at   int // of the next byte for acc
	acc  uint64
	n    uint // bits in acc that count
}

// fill makes at least 56 bits ready. Behind the end of it all come zeros.
func (r *bitReader) fill() {
	if r.at+8 <= len(r.data) {
		// The bits above n are those that are read again next time.
		r.acc |= binary.LittleEndian.Uint64(r.data[r.at:]) << (r.n & 63)
		r.at += int(63-r.n) >> 3
		r.n |= 56
		return
	}
	r.fillSlowly()
}

// past reports whether more than data was read, if of acc n bits are left.
func (r *bitReader) past(n uint) bool { return 8*(r.at-len(r.data)) > int(n) }

//go:noinline
func (r *bitReader) fillSlowly() {
	// Of what is above n, deflateTail is no part.
	r.acc &= 1<<(r.n&63) - 1
	for ; r.n < 56; r.n += 8 {
		var b byte
		if r.at < len(r.data) {
			b = r.data[r.at]
		} else if i := r.at - len(r.data); i < len(deflateTail) {
			b = deflateTail[i]
		}
		r.acc |= uint64(b) << r.n
		r.at++
	}
}

// take returns the next n bits, which are ready.
func (r *bitReader) take(n uint) uint64 {
	v := r.acc & (1<<(n&63) - 1)
	r.acc >>= n & 63
	r.n -= n
	return v
}

// left returns the number of bits up to the end of deflateTail. It is negative when
// more was read than there is.
func (r *bitReader) left() int {
	return 8*(len(r.data)+len(deflateTail)-r.at) + int(r.n)
}

// align skips to the next whole byte, which is at index at then.
func (r *bitReader) align() {
	r.at -= int(r.n / 8)
	r.acc, r.n = 0, 0
}
