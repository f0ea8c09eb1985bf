package conform

import (
	"math/bits"
	"strings"
)

// A stream is a message of DEFLATE (RFC 1951) that is written by hand, with what no
// compressor would ever write. Its methods append to it, and return it.
type stream struct {
	b    []byte
	n    uint // bits of the last byte that are taken; 0 for all
	last bool // the next block has BFINAL
}

// The kinds of a block.
const (
	storedKind  = 0
	fixedKind   = 1
	dynamicKind = 2
)

// bits appends the n lowest bits of v, the lowest first.
func (w *stream) bits(v, n int) *stream {
	for i := range n {
		if w.n == 0 {
			w.b = append(w.b, 0)
		}
		w.b[len(w.b)-1] |= byte(v>>i&1) << w.n
		w.n = (w.n + 1) & 7
	}
	return w
}

// code appends a code of n bits, the highest first.
func (w *stream) code(v, n int) *stream {
	return w.bits(int(bits.Reverse16(uint16(v))>>(16-n)), n)
}

// align fills the last byte with zeros.
func (w *stream) align() *stream { w.n = 0; return w }

// final sets BFINAL in the next block.
func (w *stream) final() *stream { w.last = true; return w }

// begin begins a block.
func (w *stream) begin(kind int) *stream {
	bfinal := 0
	if w.last {
		bfinal = 1
	}
	w.last = false
	return w.bits(bfinal, 1).bits(kind, 2)
}

// stored appends a block that is not compressed.
func (w *stream) stored(s string) *stream { return w.storedAs(s, len(s), ^len(s)) }

// storedAs appends such a block with whatever length and complement.
func (w *stream) storedAs(s string, length, complement int) *stream {
	w.begin(storedKind).align().bits(length, 16).bits(complement, 16)
	w.b = append(w.b, s...)
	return w
}

// fixed appends a block with the fixed codes.
func (w *stream) fixed(tokens ...[]token) *stream {
	return w.begin(fixedKind).tokens(fixedLiterals, fixedDistances, append(tokens, end))
}

// tokens appends tokens in the codes that lengths of codes make.
func (w *stream) tokens(literals, distances []int, tokens [][]token) *stream {
	literalCodes, distanceCodes := codesOf(literals), codesOf(distances)
	for _, list := range tokens {
		for _, t := range list {
			w.code(literalCodes[t.symbol], literals[t.symbol]).bits(t.extra, t.extraBits)
			if t.copies {
				w.code(distanceCodes[t.distance], distances[t.distance]).bits(t.more, t.moreBits)
			}
		}
	}
	return w
}

// dynamic appends a block with codes of these lengths, and the end of the block.
func (w *stream) dynamic(literals, distances []int, tokens ...[]token) *stream {
	return w.begin(dynamicKind).codes(literals, distances).tokens(literals, distances, append(tokens, end))
}

// runOrder is the order in which the lengths of the codes for lengths come (RFC 1951
// §3.2.7).
var runOrder = [19]int{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// runCodes are these lengths as stream uses them, which is enough for all symbols.
var runCodes = []int{4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5}

// codes appends the header of a dynamic block. Lengths that repeat are written as such,
// even from one alphabet to the next.
func (w *stream) codes(literals, distances []int) *stream {
	w.bits(len(literals)-257, 5).bits(len(distances)-1, 5).bits(len(runOrder)-4, 4)
	for _, symbol := range runOrder {
		w.bits(runCodes[symbol], 3)
	}
	codes := codesOf(runCodes)
	symbol := func(n int) *stream { return w.code(codes[n], runCodes[n]) }
	lengths := append(append([]int(nil), literals...), distances...)
	for len(lengths) > 0 {
		length, n := lengths[0], 1
		for n < len(lengths) && lengths[n] == length {
			n++
		}
		lengths = lengths[n:]
		if length == 0 {
			for ; n >= 11; n -= min(n, 138) {
				symbol(18).bits(min(n, 138)-11, 7)
			}
			if n >= 3 {
				symbol(17).bits(n-3, 3)
				n = 0
			}
		} else {
			symbol(length)
			for n--; n >= 3; n -= min(n, 6) {
				symbol(16).bits(min(n, 6)-3, 2)
			}
		}
		for range n {
			symbol(length)
		}
	}
	return w
}

// end ends the message: with an empty block that is not compressed, of which only the
// first byte is sent (RFC 7692 §7.2.1).
func (w *stream) end() []byte {
	if w.n == 0 || w.n > 5 {
		w.b = append(w.b, 0)
	}
	return w.b
}

// cut ends the message without that.
func (w *stream) cut() []byte { return w.b }

// A token is a literal, the end of a block, or a copy of what came before.
type token struct {
	symbol, extra, extraBits int
	copies                   bool
	distance, more, moreBits int
}

// end is the end of a block.
var end = []token{{symbol: 256}}

// literally is text as it is.
func literally(s string) []token {
	tokens := make([]token, len(s))
	for i := range len(s) {
		tokens[i].symbol = int(s[i])
	}
	return tokens
}

// copyOf copies length bytes, 3 to 258, from distance before.
func copyOf(distance, length int) []token {
	t := token{copies: true}
	if length == 258 {
		t.symbol = 285
	} else {
		code, extraBits, rest := rangeOf(length-3, 4)
		t.symbol, t.extra, t.extraBits = 257+code, rest, extraBits
	}
	t.distance, t.moreBits, t.more = rangeOf(distance-1, 2)
	return []token{t}
}

// rangeOf finds the code of n in an alphabet with so many codes for each number of extra
// bits: the first codes have none, twice as many as the others.
func rangeOf(n, each int) (code, extraBits, rest int) {
	for code = 0; ; code++ {
		extraBits = max(0, code/each-1)
		if n < 1<<extraBits {
			return code, extraBits, n
		}
		n -= 1 << extraBits
	}
}

// The lengths of the fixed codes (RFC 1951 §3.2.6).
var fixedLiterals, fixedDistances = func() ([]int, []int) {
	literals, distances := make([]int, 288), make([]int, 32)
	for i := range literals {
		switch {
		case i < 144 || i >= 280:
			literals[i] = 8
		case i < 256:
			literals[i] = 9
		default:
			literals[i] = 7
		}
	}
	for i := range distances {
		distances[i] = 5
	}
	return literals, distances
}()

// codesOf returns the codes that these lengths make (RFC 1951 §3.2.2).
func codesOf(lengths []int) []int {
	codes := make([]int, len(lengths))
	code := 0
	for size := 1; size <= 15; size++ {
		for i, n := range lengths {
			if n == size {
				codes[i] = code
				code++
			}
		}
		code <<= 1
	}
	return codes
}

// codeFor returns the lengths of codes for literals in which these symbols have a code of
// that size, and no others. It is complete with 1<<size of them.
func codeFor(size int, symbols ...int) []int {
	lengths := make([]int, 286)
	for _, symbol := range symbols {
		lengths[symbol] = size
	}
	return lengths
}

// letters returns n letters and digits that never come again, nor compress to less than
// six bits each. It is the same with each call.
func letters(n int, seed uint64) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	var b strings.Builder
	b.Grow(n)
	x := seed*0x9E3779B97F4A7C15 + 1
	for range n {
		// A xorshift generator.
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		b.WriteByte(alphabet[x>>58])
	}
	return b.String()
}
