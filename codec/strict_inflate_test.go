package codec

import (
	"errors"
	"fmt"
)

// A strictInflater inflates the messages of one direction by RFC 1951, bit by bit.
// It refuses a distance beyond its window, which other inflaters let pass as long
// as they hold the data, and shares no code with them.
type strictInflater struct {
	window   int
	takeover bool
	out      []byte // what was inflated: all messages, or one without takeover
	in       []byte
	bit      int // position in in
}

var errStrict = errors.New("strict inflate")

// message inflates one message, which must end as RFC 7692 §7.2.1 has it: with an
// empty block without compression whose last four bytes were removed.
func (s *strictInflater) message(compressed []byte) (msg []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			msg, err = nil, fmt.Errorf("%w: %v at bit %d of %d", errStrict, r, s.bit, 8*len(s.in))
		}
	}()
	if !s.takeover {
		s.out = nil
	}
	start := len(s.out)
	s.in, s.bit = append(append([]byte(nil), compressed...), 0, 0, 0xFF, 0xFF), 0
	for {
		if s.block() && s.bit == 8*len(s.in) {
			return s.out[start:], nil
		}
	}
}

// block inflates one block and reports whether it was empty and without
// compression.
func (s *strictInflater) block() (empty bool) {
	if s.bits(1) == 1 {
		panic("BFINAL is set")
	}
	switch s.bits(2) {
	case 0:
		s.bit = (s.bit + 7) &^ 7
		n, inverse := s.bits(16), s.bits(16)
		if n^inverse != 0xFFFF {
			panic("LEN and NLEN differ")
		}
		s.out = append(s.out, s.in[s.bit/8:s.bit/8+n]...)
		s.bit += 8 * n
		return n == 0
	case 1:
		var lengths [288]int
		for i := range lengths {
			lengths[i] = 8
			if i >= 144 && i < 256 {
				lengths[i] = 9
			} else if i >= 256 && i < 280 {
				lengths[i] = 7
			}
		}
		s.symbols(newPrefixCode(lengths[:]), newPrefixCode([]int{
			5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5,
		}))
	case 2:
		s.symbols(s.codes())
	default:
		panic("the block type is reserved")
	}
	return false
}

// codes reads the codes of a dynamic block (RFC 1951 §3.2.7).
func (s *strictInflater) codes() (literals, distances prefixCode) {
	order := []int{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}
	nlit, ndist, ncode := s.bits(5)+257, s.bits(5)+1, s.bits(4)+4
	if nlit > 286 || ndist > 30 {
		panic("too many codes")
	}
	var codeLengths [19]int
	for _, i := range order[:ncode] {
		codeLengths[i] = s.bits(3)
	}
	code := newPrefixCode(codeLengths[:])
	var lengths []int
	for len(lengths) < nlit+ndist {
		n, repeat := s.symbol(code), 1
		switch n {
		case 16:
			n, repeat = lengths[len(lengths)-1], s.bits(2)+3
		case 17:
			n, repeat = 0, s.bits(3)+3
		case 18:
			n, repeat = 0, s.bits(7)+11
		}
		for range repeat {
			lengths = append(lengths, n)
		}
	}
	if len(lengths) != nlit+ndist {
		panic("too many code lengths")
	}
	return newPrefixCode(lengths[:nlit]), newPrefixCode(lengths[nlit:])
}

// symbols inflates the body of a compressed block (RFC 1951 §3.2.5).
func (s *strictInflater) symbols(literals, distances prefixCode) {
	for {
		sym := s.symbol(literals)
		if sym < 256 {
			s.out = append(s.out, byte(sym))
			continue
		}
		if sym == 256 {
			return
		}
		length := 258
		if sym < 285 {
			length = s.extended(sym-257, 4, 3)
		}
		code := s.symbol(distances)
		if sym > 285 || code > 29 {
			panic("no such length or distance")
		}
		distance := s.extended(code, 2, 1)
		if distance > s.window || distance > len(s.out) {
			panic(fmt.Sprintf("distance %d, window %d, history %d", distance, s.window, len(s.out)))
		}
		for range length {
			s.out = append(s.out, s.out[len(s.out)-distance])
		}
		if len(s.out) > 4<<20 {
			panic("too large for a test")
		}
	}
}

// extended returns the value of a length or distance symbol with its extra bits:
// after the first 2*step symbols, each step of them has one extra bit more.
func (s *strictInflater) extended(sym, step, first int) int {
	if sym < 2*step {
		return first + sym
	}
	extra := sym/step - 1
	return first + (step+sym%step)<<extra + s.bits(extra)
}

// bits reads n bits, the lowest first.
func (s *strictInflater) bits(n int) (v int) {
	for i := range n {
		v |= int(s.in[s.bit/8]) >> (s.bit % 8) & 1 << i
		s.bit++
	}
	return v
}

// A prefixCode is a code of RFC 1951 §3.2.2: how many symbols have a code of each
// length, and the symbols in the order of their codes.
type prefixCode struct {
	count   [16]int
	symbols []int
}

// newPrefixCode makes the code of these lengths, which must be complete, or be no
// code at all or a single one of one bit.
func newPrefixCode(lengths []int) (c prefixCode) {
	space := 0
	for n := 1; n < 16; n++ {
		for sym, length := range lengths {
			if length == n {
				c.count[n]++
				c.symbols = append(c.symbols, sym)
				space += 1 << 15 >> n
			}
		}
	}
	if space != 1<<15 && len(c.symbols) > 0 && (len(c.symbols) > 1 || space != 1<<14) {
		panic("the code is not complete")
	}
	return c
}

// symbol reads a symbol of c, the bits of whose code come the highest first.
func (s *strictInflater) symbol(c prefixCode) int {
	code, first, index := 0, 0, 0 // first is the first code of n bits
	for n := 1; n < 16; n++ {
		code = code<<1 | s.bits(1)
		first <<= 1
		if code-first < c.count[n] {
			return c.symbols[index+code-first]
		}
		index += c.count[n]
		first += c.count[n]
	}
	panic("no such symbol")
}
