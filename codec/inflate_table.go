package codec

import "math/bits"

// A symbol is what a code stands for: its size in bits in the lowest byte, the number
// of extra bits in the next one, then what it is, and its value in the upper half: a
// byte, a length, a distance, or of a code length or how often one is repeated. Zero
// is no symbol.
type symbol uint32

const (
	isLiteral symbol = 1 << 12
	isEnd     symbol = 1 << 13
	isOther   symbol = 1 << 14 // so that none is zero
)

func (s symbol) size() uint  { return uint(s & 0xFF) }
func (s symbol) extra() uint { return uint(s >> 8 & 0xF) }
func (s symbol) value() uint { return uint(s >> 16) }

func newSymbol(kind symbol, value, extra int) symbol {
	return kind | symbol(value)<<16 | symbol(extra)<<8
}

// runExtraOfCopy is the number of extra bits of the only symbol that repeats a length
// other than zero.
const runExtraOfCopy = 2

// What the codes of each alphabet stand for, less their size. The fixed codes have two
// codes more for the first two.
var (
	literalSymbols  [numLiterals + 2]symbol
	distanceSymbols [numDistances + 2]symbol
	runSymbols      [numRuns]symbol

	fixedLiteralTable, fixedDistanceTable codeTable
)

func init() {
	for i := range endOfBlock {
		literalSymbols[i] = newSymbol(isLiteral, i, 0)
	}
	literalSymbols[endOfBlock] = isEnd
	base := minLength
	for i := firstLength; i < numLiterals-1; i++ {
		extra := lengthExtra(i - firstLength)
		literalSymbols[i] = newSymbol(isOther, base, extra)
		base += 1 << extra
	}
	literalSymbols[numLiterals-1] = newSymbol(isOther, maxLength, 0)
	base = 1
	for i := range numDistances {
		extra := max(0, i/2-1)
		distanceSymbols[i] = newSymbol(isOther, base, extra)
		base += 1 << extra
	}
	for i := range runSymbols {
		runSymbols[i] = newSymbol(isOther, i, 0)
	}
	runSymbols[16] = newSymbol(isOther, 3, runExtraOfCopy)
	runSymbols[17] = newSymbol(isOther, 3, 3)
	runSymbols[18] = newSymbol(isOther, 11, 7)

	var sizes [len(literalSymbols)]uint8
	for i := range sizes {
		sizes[i] = fixedSize(i)
	}
	fixedLiteralTable.build(sizes[:], literalSymbols[:])
	for i := range distanceSymbols {
		sizes[i] = fixedDistanceSize
	}
	fixedDistanceTable.build(sizes[:len(distanceSymbols)], distanceSymbols[:])
}

// lengthExtra returns the number of extra bits of a length code, less firstLength.
func lengthExtra(code int) int { return max(0, code/4-1) }

// tableBits is the size in bits of the codes that a codeTable knows at once.
const tableBits = 9

// A codeTable tells symbols by their codes.
type codeTable struct {
	short [1 << tableBits]symbol // by the next bits
	mask  uint64                 // of the bits that count
	// For longer codes: how many there are of each size, and all symbols in the
	// order of their codes.
	number [maxCode + 1]uint16
	sorted [numLiterals + 2]symbol
}

// build fills the table from the sizes of the codes, and reports whether they make a
// code. That has no gaps, except that a single symbol has one bit, and that there may
// be no symbol at all, which nobody may use.
func (t *codeTable) build(sizes []uint8, symbols []symbol) bool {
	t.number = [maxCode + 1]uint16{}
	// Most symbols have no code in a short message, and to count these in memory
	// takes as long as all the rest.
	var list [numLiterals + 2]uint16
	used := 0
	for i, size := range sizes {
		if size > 0 {
			t.number[size&maxCode]++
			list[used] = uint16(i)
			used++
		}
	}
	var next [maxCode + 2]uint16 // where in sorted
	room, longest := 1, 0
	for size := 1; size <= maxCode; size++ {
		n := t.number[size]
		next[size+1] = next[size] + n
		if room = 2*room - int(n); room < 0 {
			return false
		}
		if n > 0 {
			longest = size
		}
	}
	if room > 0 && (used > 1 || longest > 1) {
		return false
	}
	for _, i := range list[:used] {
		size, s := sizes[i]&maxCode, symbols[i]
		if s != 0 {
			s |= symbol(size)
		}
		t.sorted[next[size]] = s
		next[size]++
	}
	t.fill(min(longest, tableBits))
	return true
}

// fill fills short with the codes of up to limit bits.
func (t *codeTable) fill(limit int) {
	t.mask = 1<<limit - 1
	short := t.short[:1<<limit]
	clear(short)
	code, at := 0, 0
	for size := 1; size <= limit; size++ {
		code <<= 1
		for range t.number[size] {
			for i := int(bits.Reverse16(uint16(code)) >> (16 - size)); i < len(short); i += 1 << size {
				short[i] = t.sorted[at]
			}
			at++
			code++
		}
	}
}

// long returns the symbol of a code that may be longer than those in short.
//
//go:noinline
func (t *codeTable) long(acc uint64) symbol {
	code, first, at := 0, 0, 0
	for size := 1; size <= maxCode; size++ {
		code = code<<1 | int(acc&1)
		acc >>= 1
		number := int(t.number[size])
		if code-first < number {
			return t.sorted[at+code-first]
		}
		first = (first + number) << 1
		at += number
	}
	return 0
}
