package codec

import (
	"math/bits"
	"slices"
)

// The alphabets of deflate (RFC 1951 §3.2.5 and §3.2.7), and the length in bits of
// their longest codes.
const (
	numLiterals  = 286 // bytes, the end of the block, and lengths
	numDistances = 30
	numRuns      = 19

	maxCode    = 15
	maxRunCode = 7
)

// A prefix is the code of a symbol: its bits, the first one lowest, above their
// number in the lowest byte.
type prefix uint32

func (p prefix) size() uint   { return uint(p & 0xFF) }
func (p prefix) bits() uint64 { return uint64(p >> 8) }

// A code is a prefix code of an alphabet, made for a block.
type code struct {
	counts  [numLiterals]uint16 // how often each symbol occurs
	lengths [numLiterals]uint8  // zero for a symbol that does not occur
	codes   [numLiterals]prefix // only of those that do

	symbols [numLiterals]uint16 // that occur, in ascending order
	keys    [numLiterals]uint32 // the same by count: count << 9 | symbol
	nodes   [numLiterals]uint32
	used    int // length of the three
}

// build makes the code with which what was counted of the first n symbols takes the
// least room, if no code is longer than limit. There is at least one symbol.
func (c *code) build(n, limit int) {
	clear(c.lengths[:n])
	c.used = 0
	for symbol, count := range c.counts[:n] {
		if count > 0 {
			c.symbols[c.used] = uint16(symbol)
			c.used++
		}
	}
	var number [maxCode + 1]uint16 // of codes, by length
	if c.used <= 2 {
		for i, symbol := range c.symbols[:c.used] {
			c.keys[i] = uint32(c.counts[symbol])<<9 | uint32(symbol)
		}
		number[1] = uint16(c.used)
	} else {
		c.sort()
		nodes := c.nodes[:c.used]
		for i, k := range c.keys[:c.used] {
			nodes[i] = k >> 9
		}
		treeDepths(nodes)
		for _, depth := range nodes {
			number[min(int(depth), limit)]++
		}
		limitLengths(number[:limit+1])
	}
	next := 0
	for length := limit; length > 0; length-- {
		for range number[length] {
			c.lengths[c.keys[next]&0x1FF] = uint8(length)
			next++
		}
	}
	assignCodes(c.codes[:], c.lengths[:], number, c.symbols[:c.used])
}

// sort fills keys. Most counts are small, and there is a bucket for each of these.
func (c *code) sort() {
	const buckets = 64
	var start [buckets + 1]uint16
	for _, symbol := range c.symbols[:c.used] {
		start[min(c.counts[symbol], buckets-1)+1]++
	}
	for i := 1; i <= buckets; i++ {
		start[i] += start[i-1]
	}
	large := int(start[buckets-1])
	for _, symbol := range c.symbols[:c.used] {
		count := c.counts[symbol]
		at := &start[min(count, buckets-1)]
		c.keys[*at] = uint32(count)<<9 | uint32(symbol)
		*at++
	}
	slices.Sort(c.keys[large:c.used])
}

// cost returns the size in bits of what was counted, under codes of these lengths.
func (c *code) cost(lengths []uint8) (size int) {
	for _, k := range c.keys[:c.used] {
		size += int(k>>9) * int(lengths[k&0x1FF])
	}
	return size
}

// treeDepths replaces weights, at least two in ascending order, by the depths of
// their leaves in a Huffman tree, in descending order. It does so in place (Moffat
// and Katajainen, In-Place Calculation of Minimum-Redundancy Codes, 1995).
func treeDepths(w []uint32) {
	n := len(w)
	// An inner node takes the place of what it joins, with the sum of the weights.
	// When it is joined itself, the index of its parent replaces that.
	inner, leaf := 0, 0
	lightest := func(next int) (weight uint32) {
		if leaf >= n || inner < next && w[inner] < w[leaf] {
			weight = w[inner]
			w[inner] = uint32(next)
			inner++
		} else {
			weight = w[leaf]
			leaf++
		}
		return weight
	}
	for next := range n - 1 {
		w[next] = lightest(next) + lightest(next)
	}
	// From the root down: the depth of an inner node from that of its parent.
	w[n-2] = 0
	for i := n - 3; i >= 0; i-- {
		w[i] = w[w[i]] + 1
	}
	// At each depth, what is no inner node is a leaf.
	inner, leaf = n-2, n-1
	for depth, places := uint32(0), 1; places > 0; depth++ {
		inside := 0
		for inner >= 0 && w[inner] == depth {
			inside++
			inner--
		}
		for range places - inside {
			w[leaf] = depth
			leaf--
		}
		places = 2 * inside
	}
}

// limitLengths makes a complete code out of the number of codes of each length, where
// the last one stands for longer ones too.
func limitLengths(number []uint16) {
	limit := len(number) - 1
	over := -1 << limit
	for length := 1; length <= limit; length++ {
		over += int(number[length]) << (limit - length)
	}
	for ; over > 0; over-- {
		// One of the longest codes shares the place of a shorter one.
		length := limit - 1
		for number[length] == 0 {
			length--
		}
		number[length]--
		number[length+1] += 2
		number[limit]--
	}
}

// assignCodes sets the codes of symbols, in ascending order, from their lengths and
// the number of codes of each (RFC 1951 §3.2.2).
func assignCodes(codes []prefix, lengths []uint8, number [maxCode + 1]uint16, symbols []uint16) {
	var next [maxCode + 1]uint16
	for length := 1; length < maxCode; length++ {
		next[length+1] = (next[length] + number[length]) << 1
	}
	for _, symbol := range symbols {
		length := lengths[symbol]
		codes[symbol] = prefix(bits.Reverse16(next[length])>>(16-length))<<8 | prefix(length)
		next[length]++
	}
}
