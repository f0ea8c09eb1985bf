package codec

import (
	"encoding/binary"
	"math/bits"
)

const (
	// minMatch is the size of the shortest match that is looked for, in bytes.
	minMatch = 4
	// padding is the number of bytes behind a text that a matcher may read.
	padding = 8
	// lazyMatch is the size from which on no better match is looked for at the
	// next byte, by a matcher that looks.
	lazyMatch = 32
	// missesToSkip is the number of bytes without a match behind which some bytes
	// are passed over.
	missesToSkip = 64
)

// A matcher finds what repeats itself in a text of less than 32 KiB.
type matcher struct {
	text []byte // with padding
	end  int    // of the text
	// farthest is the largest distance of a match.
	farthest int
	lazy     bool

	// table holds for each hash of four bytes the two places where they were seen
	// last, the last one in the lower half. A place is counted from somewhere,
	// modulo 2^16; text begins at place base. It is no more than a hint, for
	// the bytes there are compared.
	table []uint32
	shift uint
	base  uint16
}

// setTable sets the table, whose size is a power of two.
func (m *matcher) setTable(table []uint32, base uint16) {
	m.table, m.base = table, base
	m.shift = uint(33 - bits.Len(uint(len(table))))
}

// enter notes the places from index i up to end.
func (m *matcher) enter(i, end int) {
	for ; i < end; i++ {
		m.note(i)
	}
}

// note enters the place at index i, and returns how far back the two were that had
// the same hash. What is before the text is no place: its first byte is as good a
// guess.
func (m *matcher) note(i int) (near, far int) {
	s := &m.table[binary.LittleEndian.Uint32(m.text[i:])*2654435761>>(m.shift&31)]
	places, place := *s, uint32(m.base+uint16(i))
	*s = places<<16 | place
	return min(int(uint16(place-places)), i), min(int(uint16(place-places>>16)), i)
}

// differ reports whether text has other bytes at index i than at both distances from
// it. That is one branch for the two, for it is hard to predict.
func differ(text []byte, i, near, far int) bool {
	v := binary.LittleEndian.Uint32(text[i:])
	a := binary.LittleEndian.Uint32(text[i-near:]) ^ v
	b := binary.LittleEndian.Uint32(text[i-far:]) ^ v
	return uint64(a)*uint64(b) != 0
}

// longest returns the longer match at index i of those at two distances, if it is
// longer than least, and else distance zero.
func (m *matcher) longest(i, least, near, far int) (length, distance int) {
	length = least
	most := m.end - i
	for _, d := range [2]int{near, far} {
		if d == 0 || d > m.farthest {
			continue
		}
		if n := matchLength(m.text[i-d:], m.text[i:], most); n > length {
			length, distance = n, d
		}
	}
	return length, distance
}

// matchLength returns how many bytes a and b begin with in common, most at the most.
func matchLength(a, b []byte, most int) int {
	for n := 0; n < most; n += 8 {
		if x := binary.LittleEndian.Uint64(a[n:]) ^ binary.LittleEndian.Uint64(b[n:]); x != 0 {
			return min(n+bits.TrailingZeros64(x)/8, most)
		}
	}
	return most
}

// tokens adds the text from index start on to b, and returns the index up to which
// the places are noted.
func (m *matcher) tokens(b *block, start int) (noted int) {
	text, last := m.text, m.end-minMatch
	i, misses := start, 0
	for i <= last {
		near, far := m.note(i)
		length, distance := 0, 0
		if !differ(text, i, near, far) {
			length, distance = m.longest(i, minMatch-1, near, far)
		}
		if distance == 0 {
			// What does not compress is passed over faster and faster.
			misses++
			for n := 1 + misses/missesToSkip; n > 0 && i < m.end; n-- {
				b.literal(text[i])
				i++
			}
			continue
		}
		misses = 0
		seen := i + 1 // the index up to which all places are noted
		for m.lazy && length < lazyMatch && i < last {
			near, far := m.note(i + 1)
			seen = i + 2
			// A longer match has these four bytes too.
			if differ(text, i+2+length-minMatch, near, far) {
				break
			}
			n, d := m.longest(i+1, length, near, far)
			if d == 0 {
				break
			}
			b.literal(text[i])
			i++
			length, distance = n, d
		}
		b.match(length, distance)
		i += length
		m.enter(seen, min(i, last+1))
	}
	for ; i < m.end; i++ {
		b.literal(text[i])
	}
	return max(last+1, start)
}
