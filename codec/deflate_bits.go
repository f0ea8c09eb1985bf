package codec

import (
	"encoding/binary"
	"slices"
)

// A bitWriter appends bits to b, the lowest first (RFC 1951 §3.1.1).
type bitWriter struct {
	b   []byte
	acc uint64
	n   uint // bits in acc that are not in b: less than 8
}

// room makes room for size bits, and for the eight bytes that are written at a time.
func (w *bitWriter) room(size int) {
	w.b = slices.Grow(w.b, size/8+1+8)
}

// bits appends the n lowest bits of v, which has no others; n is 56 at most. There is
// room for them.
func (w *bitWriter) bits(v uint64, n uint) {
	w.acc |= v << (w.n & 63)
	w.n += n
	at := len(w.b)
	binary.LittleEndian.PutUint64(w.b[at:at+8], w.acc)
	w.b = w.b[:at+int(w.n>>3)]
	w.acc >>= w.n &^ 7 & 63
	w.n &= 7
}

// align fills the last byte with zeros.
func (w *bitWriter) align() {
	if w.n > 0 {
		w.b = append(w.b, byte(w.acc))
		w.acc, w.n = 0, 0
	}
}

// stored appends a block that is not compressed, of less than 64 KiB.
func (w *bitWriter) stored(raw []byte) {
	w.room(3)
	w.bits(0, 3)
	w.align()
	w.b = binary.LittleEndian.AppendUint16(w.b, uint16(len(raw)))
	w.b = binary.LittleEndian.AppendUint16(w.b, ^uint16(len(raw)))
	w.b = append(w.b, raw...)
}

// tokens appends tokens and the end of their block. There is room for them.
func (w *bitWriter) tokens(tokens []token, literals, distances *[numLiterals]prefix) {
	acc, n, at := w.acc, w.n, len(w.b)
	b := w.b[:cap(w.b)]
	for _, t := range tokens {
		if t < isMatch {
			p := literals[t&0xFF]
			acc |= p.bits() << (n & 63)
			n += p.size()
		} else {
			length, d := uint32(t&0xFF), uint32(t&^isMatch>>8)
			symbol := firstLength + int(lengthCodes[length])
			p := literals[symbol]
			acc |= p.bits() << (n & 63)
			n += p.size()
			extra := uint(literalExtra[symbol])
			acc |= uint64(length&(1<<(extra&31)-1)) << (n & 63)
			n += extra

			distance := distanceCode(d)
			p = distances[distance]
			acc |= p.bits() << (n & 63)
			n += p.size()
			extra = uint(distanceExtra[distance])
			acc |= uint64(d&(1<<(extra&31)-1)) << (n & 63)
			n += extra
		}
		// A match takes 48 bits at most, with those before it 55.
		binary.LittleEndian.PutUint64(b[at:at+8], acc)
		at += int(n >> 3)
		acc >>= n &^ 7 & 63
		n &= 7
	}
	w.b, w.acc, w.n = b[:at], acc, n
	end := literals[endOfBlock]
	w.bits(end.bits(), end.size())
}
