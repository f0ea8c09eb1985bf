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
		for range n {
			s.out = append(s.out, byte(s.bits(8)))
		}
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
		s.symbols(prefixCode(lengths[:]), prefixCode([]int{
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
func (s *strictInflater) codes() (literals, distances map[int]int) {
	order := []int{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}
	nlit, ndist, ncode := s.bits(5)+257, s.bits(5)+1, s.bits(4)+4
	var codeLengths [19]int
	for _, i := range order[:ncode] {
		codeLengths[i] = s.bits(3)
	}
	code := prefixCode(codeLengths[:])
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
	return prefixCode(lengths[:nlit]), prefixCode(lengths[nlit:])
}

// symbols inflates the body of a compressed block (RFC 1951 §3.2.5).
func (s *strictInflater) symbols(literals, distances map[int]int) {
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

// symbol reads a symbol of a prefix code, whose bits come the highest first.
func (s *strictInflater) symbol(code map[int]int) int {
	for bits := 1; bits < 1<<16; {
		bits = bits<<1 | s.bits(1)
		if sym, ok := code[bits]; ok {
			return sym
		}
	}
	panic("no such symbol")
}

// prefixCode returns the code of RFC 1951 §3.2.2 as a map from its bits, behind a
// leading 1, to the symbol.
func prefixCode(lengths []int) map[int]int {
	code := make(map[int]int)
	for bits, next := 1, 0; bits < 16; bits, next = bits+1, next<<1 {
		for sym, n := range lengths {
			if n == bits {
				code[1<<bits|next] = sym
				next++
			}
		}
	}
	return code
}
