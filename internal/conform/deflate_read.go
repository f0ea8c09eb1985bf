package conform

// farthest returns how far back a compressed message refers, in bytes: the greatest
// distance of all that it copies. It is written on its own, so that a fault in what
// inflates is not one here. What is behind a fault of the message is not looked at.
func farthest(compressed []byte) int {
	r := walker{data: append(compressed[:len(compressed):len(compressed)], 0, 0, 0xFF, 0xFF)}
	for !r.bad && r.at < 8*len(compressed) {
		final := r.bits(1)
		r.block(r.bits(2))
		if final == 1 {
			r.align()
		}
	}
	return r.farthest
}

// A walker walks through a stream of DEFLATE.
type walker struct {
	data     []byte
	at       int  // in bits
	bad      bool // it is no stream, or over
	farthest int
}

// bits reads n bits, the lowest first.
func (r *walker) bits(n int) (v int) {
	if r.at+n > 8*len(r.data) {
		r.bad = true
		return 0
	}
	for i := range n {
		v |= int(r.data[r.at>>3]>>(r.at&7)&1) << i
		r.at++
	}
	return v
}

func (r *walker) align() { r.at = (r.at + 7) &^ 7 }

func (r *walker) block(kind int) {
	switch kind {
	case storedKind:
		r.align()
		r.at += 8 * r.bits(16)
		r.at += 16
	case fixedKind:
		r.tokens(newDecoding(fixedLiterals), newDecoding(fixedDistances))
	case dynamicKind:
		r.tokens(r.codes())
	default:
		r.bad = true
	}
}

// codes reads the header of a dynamic block.
func (r *walker) codes() (literals, distances decoding) {
	numLiterals, numDistances, numRuns := r.bits(5)+257, r.bits(5)+1, r.bits(4)+4
	sizes := make([]int, len(runOrder))
	for _, symbol := range runOrder[:min(numRuns, len(runOrder))] {
		sizes[symbol] = r.bits(3)
	}
	runs := newDecoding(sizes)
	var lengths []int
	for len(lengths) < numLiterals+numDistances && !r.bad {
		length, times := r.symbol(&runs), 1
		switch length {
		case 16:
			length, times = 0, 3+r.bits(2)
			if len(lengths) > 0 {
				length = lengths[len(lengths)-1]
			}
		case 17:
			length, times = 0, 3+r.bits(3)
		case 18:
			length, times = 0, 11+r.bits(7)
		}
		for range times {
			lengths = append(lengths, length)
		}
	}
	if len(lengths) != numLiterals+numDistances {
		r.bad = true
		return literals, distances
	}
	return newDecoding(lengths[:numLiterals]), newDecoding(lengths[numLiterals:])
}

// tokens reads what is under codes, up to the end of the block.
func (r *walker) tokens(literals, distances decoding) {
	for !r.bad {
		symbol := r.symbol(&literals)
		switch {
		case symbol < 256:
			continue
		case symbol == 256:
			return
		case symbol < 285:
			r.bits(max(0, (symbol-257)/4-1))
		}
		distance := r.symbol(&distances)
		extraBits := max(0, distance/2-1)
		first := distance + 1
		if distance >= 4 {
			first = (2+distance&1)<<extraBits + 1
		}
		if n := first + r.bits(extraBits); !r.bad {
			r.farthest = max(r.farthest, n)
		}
	}
}

// symbol reads a symbol.
func (r *walker) symbol(d *decoding) int {
	code, first, at := 0, 0, 0
	for _, n := range d.number[1:] {
		code = code<<1 | r.bits(1)
		first <<= 1
		if code-first < n {
			return d.symbols[at+code-first]
		}
		first += n
		at += n
	}
	r.bad = true
	return 0
}

// A decoding tells symbols by their codes: how many there are of each length, and all
// symbols in the order of their codes.
type decoding struct {
	number  [16]int
	symbols []int
}

func newDecoding(lengths []int) (d decoding) {
	for size := 1; size < len(d.number); size++ {
		for symbol, n := range lengths {
			if n == size {
				d.number[size]++
				d.symbols = append(d.symbols, symbol)
			}
		}
	}
	return d
}
