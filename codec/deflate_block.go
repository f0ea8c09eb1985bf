package codec

import (
	"math/bits"
	"slices"
)

// A token is a byte that stands for itself, or a match: isMatch, its distance less
// one, and its length less minLength in the lowest byte.
type token uint32

const (
	isMatch token = 1 << 31
	// The lengths of a match.
	minLength = 3
	maxLength = 258

	endOfBlock  = 256 // the symbol behind the last token
	firstLength = 257 // the symbol of the first length code
)

// A block is a block of a deflate stream that is being made.
type block struct {
	tokens              []token
	matches             int // among the tokens
	literals, distances code
	runs                code // for the lengths of the two
	header              []run
	lengths             [numLiterals + numDistances]uint8
}

// A run is a symbol for code lengths, and the number that follows it.
type run struct{ symbol, more uint8 }

func (b *block) reset(size int) {
	b.tokens = slices.Grow(b.tokens[:0], size)
	b.matches = 0
	b.literals.counts = [numLiterals]uint16{endOfBlock: 1}
	clear(b.distances.counts[:numDistances])
}

// literal adds a byte. There is room for as many tokens as the text has bytes.
func (b *block) literal(c byte) {
	n := len(b.tokens)
	b.tokens = b.tokens[:n+1]
	b.tokens[n] = token(c)
}

// match adds a match of any length, if need be as several.
func (b *block) match(length, distance int) {
	for length > maxLength {
		n := min(maxLength, length-minLength)
		b.match(n, distance)
		length -= n
	}
	n := len(b.tokens)
	b.tokens = b.tokens[:n+1]
	b.tokens[n] = isMatch | token(distance-1)<<8 | token(length-minLength)
}

// count counts the symbols of the tokens.
func (b *block) count() {
	literals, distances := &b.literals.counts, &b.distances.counts
	for _, t := range b.tokens {
		if t < isMatch {
			literals[t&0xFF]++
		} else {
			literals[firstLength+int(lengthCodes[t&0xFF])]++
			distances[distanceCode(uint32(t&^isMatch>>8))%numDistances]++
			b.matches++
		}
	}
}

// write appends the block, which stands for raw, in the shortest of the forms that
// deflate has (RFC 1951 §3.2.3).
func (b *block) write(w *bitWriter, raw []byte) {
	b.count()
	b.literals.build(numLiterals, maxCode)
	if b.matches == 0 {
		b.distances.counts[0] = 1 // not every inflater takes a code without codes
	}
	b.distances.build(numDistances, maxCode)
	lits, dists, runs, headerSize := b.makeHeader()
	extra := b.literals.cost(literalExtra[:]) + b.distances.cost(distanceExtra[:])
	dynamic := headerSize + b.literals.cost(b.literals.lengths[:]) + b.distances.cost(b.distances.lengths[:]) + extra
	fixed := b.literals.cost(fixedLengths[:]) + b.distances.cost(fixedDistanceLengths[:]) + extra
	switch stored := 8 * (len(raw) + 4); {
	case stored <= min(fixed, dynamic):
		w.stored(raw)
	case fixed <= dynamic:
		w.room(3 + fixed)
		w.bits(1<<1, 3)
		w.tokens(b.tokens, &fixedLiterals, &fixedDistances)
	default:
		w.room(3 + dynamic)
		w.bits(2<<1, 3)
		b.writeHeader(w, lits, dists, runs)
		w.tokens(b.tokens, &b.literals.codes, &b.distances.codes)
	}
}

// makeHeader makes the header of a block with dynamic codes (RFC 1951 §3.2.7), and
// returns how many code lengths of each alphabet are in it, and its size in bits.
func (b *block) makeHeader() (lits, dists, runs, size int) {
	lits = int(b.literals.symbols[b.literals.used-1]) + 1
	lits = max(lits, firstLength)
	dists = int(b.distances.symbols[b.distances.used-1]) + 1
	lengths := append(b.lengths[:0], b.literals.lengths[:lits]...)
	lengths = append(lengths, b.distances.lengths[:dists]...)

	clear(b.runs.counts[:numRuns])
	b.header = b.header[:0]
	for len(lengths) > 0 {
		n := 1
		for n < len(lengths) && lengths[n] == lengths[0] {
			n++
		}
		b.addRuns(lengths[0], n)
		lengths = lengths[n:]
	}
	b.runs.build(numRuns, maxRunCode)
	runs = numRuns
	for runs > 4 && b.runs.lengths[runOrder[runs-1]] == 0 {
		runs--
	}
	return lits, dists, runs, 5 + 5 + 4 + 3*runs + b.runs.cost(b.runs.lengths[:]) + b.runs.cost(runExtra[:])
}

// addRuns adds n times the same code length to the header.
func (b *block) addRuns(length uint8, n int) {
	add := func(symbol, more int) {
		b.header = append(b.header, run{symbol: uint8(symbol), more: uint8(more)})
		b.runs.counts[symbol]++
	}
	if length == 0 {
		for ; n >= 11; n -= min(n, 138) {
			add(18, min(n, 138)-11)
		}
		if n >= 3 {
			add(17, n-3)
			n = 0
		}
	} else {
		add(int(length), 0)
		n--
		for ; n >= 3; n -= min(n, 6) {
			add(16, min(n, 6)-3)
		}
	}
	for range n {
		add(int(length), 0)
	}
}

func (b *block) writeHeader(w *bitWriter, lits, dists, runs int) {
	w.bits(uint64(lits-257)|uint64(dists-1)<<5|uint64(runs-4)<<10, 14)
	for _, symbol := range runOrder[:runs] {
		w.bits(uint64(b.runs.lengths[symbol]), 3)
	}
	for _, r := range b.header {
		p := b.runs.codes[r.symbol]
		w.bits(p.bits()|uint64(r.more)<<p.size(), p.size()+uint(runExtra[r.symbol]))
	}
}

// The tables of RFC 1951 §3.2.5 to §3.2.7. They are filled from its rules.
var (
	// runOrder is the order in which the lengths of the codes of runs come.
	runOrder = [numRuns]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}
	// The extra bits of symbols.
	runExtra      = [numRuns]uint8{16: 2, 17: 3, 18: 7}
	literalExtra  [numLiterals]uint8
	distanceExtra [numDistances]uint8
	// lengthCodes holds the length code, less firstLength, of each length less
	// minLength.
	lengthCodes [256]uint8
	// The fixed codes.
	fixedLengths         [numLiterals]uint8
	fixedDistanceLengths [numDistances]uint8
	fixedLiterals        [numLiterals]prefix
	fixedDistances       [numLiterals]prefix
)

func init() {
	for l := range lengthCodes {
		code := l
		if l >= 8 {
			n := bits.Len(uint(l)) - 1
			code = 4*(n-1) + l>>(n-2)&3
		}
		if l == 255 {
			code = 28
		} else if l >= 8 {
			literalExtra[firstLength+code] = uint8(code/4 - 1)
		}
		lengthCodes[l] = uint8(code)
	}
	for i := 2; i < numDistances; i++ {
		distanceExtra[i] = uint8(i/2 - 1)
	}
	var symbols [numLiterals]uint16
	for i := range symbols {
		symbols[i] = uint16(i)
		fixedLengths[i] = fixedSize(i)
	}
	assignCodes(fixedLiterals[:], fixedLengths[:], [maxCode + 1]uint16{7: 24, 8: 152, 9: 112}, symbols[:])
	for i := range fixedDistanceLengths {
		fixedDistanceLengths[i] = fixedDistanceSize
	}
	assignCodes(fixedDistances[:], fixedDistanceLengths[:], [maxCode + 1]uint16{5: 32}, symbols[:numDistances])
}

// fixedDistanceSize is the size in bits of all fixed codes of distances.
const fixedDistanceSize = 5

// fixedSize returns the size in bits of the fixed code of a literal or length.
func fixedSize(symbol int) uint8 {
	switch {
	case symbol < 144 || symbol >= 280:
		return 8
	case symbol < 256:
		return 9
	}
	return 7
}

// distanceCode returns the code of a distance less one.
func distanceCode(d uint32) uint32 {
	if d < 4 {
		return d
	}
	n := uint32(bits.Len32(d)) - 1
	return 2*n + d>>((n-1)&31)&1
}
