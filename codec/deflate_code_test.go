package codec

import (
	"slices"
	"testing"
)

// TestCodeIsComplete makes codes for counts of all kinds: each must use all of the room
// that codes have, keep its limit, and where that does not matter be as short as
// Huffman's.
func TestCodeIsComplete(t *testing.T) {
	fibonacci := []uint16{1, 1}
	for n := 2; n < 20; n++ {
		fibonacci = append(fibonacci, fibonacci[n-1]+fibonacci[n-2])
	}
	tests := []struct {
		name   string
		counts []uint16
		limit  int
		longer bool // than Huffman's, for the limit
	}{
		{name: "two", counts: []uint16{5, 1}, limit: 15},
		{name: "three", counts: []uint16{1, 0, 1, 1}, limit: 15},
		{name: "equal", counts: slices.Repeat([]uint16{3}, 286), limit: 15},
		{name: "equal, as many as fit", counts: slices.Repeat([]uint16{1}, 128), limit: 7},
		{name: "one frequent", counts: append(slices.Repeat([]uint16{1}, 100), 8000), limit: 15},
		{name: "small and large counts", counts: []uint16{1, 200, 63, 64, 2, 65, 900, 62, 0, 63, 64, 64}, limit: 15},
		{name: "deep", counts: fibonacci[:16], limit: 15},
		{name: "too deep", counts: fibonacci, limit: 15, longer: true},
		{name: "much too deep", counts: fibonacci[:19], limit: 7, longer: true},
		{name: "too deep, as many as fit", counts: append(slices.Repeat([]uint16{1}, 120), fibonacci[12:]...), limit: 7, longer: true},
	}
	for _, tt := range tests {
		var c code
		copy(c.counts[:], tt.counts)
		c.build(len(tt.counts), tt.limit)
		room := 1 << tt.limit
		for symbol, n := range tt.counts {
			length := int(c.lengths[symbol])
			if (length > 0) != (n > 0) || length > tt.limit || n > 0 && c.codes[symbol].size() != uint(length) {
				t.Fatalf("%s: symbol %d occurs %d times and has a code of %d bits", tt.name, symbol, n, length)
			}
			if length > 0 {
				room -= 1 << (tt.limit - length)
			}
		}
		if room != 0 {
			t.Errorf("%s: 1/%d of the room is left, %d times", tt.name, 1<<tt.limit, room)
		}
		got, best := c.cost(c.lengths[:]), huffmanCost(tt.counts)
		if (got > best) != tt.longer || got < best {
			t.Errorf("%s: takes %d bits, at best %d", tt.name, got, best)
		}
	}
}

// huffmanCost joins the two lightest nodes until one is left. Each time all below them
// take a bit more.
func huffmanCost(counts []uint16) (cost int) {
	var weights []int
	for _, n := range counts {
		if n > 0 {
			weights = append(weights, int(n))
		}
	}
	for len(weights) > 1 {
		slices.Sort(weights)
		weights[1] += weights[0]
		cost += weights[1]
		weights = weights[1:]
	}
	return cost
}

// TestCompressorChooses looks at the type of the block of short messages.
func TestCompressorChooses(t *testing.T) {
	const stored, fixed, dynamic = 0, 1, 2
	tests := []struct {
		name string
		msg  []byte
		want byte
	}{
		{name: "few bytes", msg: []byte("Hello"), want: fixed},
		{name: "text", msg: jsonText(1000, 0), want: dynamic},
		{name: "random", msg: randomBytes(1000), want: stored},
		{name: "one byte over and over", msg: make([]byte, shortMessage), want: dynamic},
		{name: "digits in no order", msg: digits(500), want: dynamic},
	}
	for _, tt := range tests {
		for level := MinLevel; level < thoroughLevel; level++ {
			b, err := newCompressor(t, level, 0).Append(nil, nil, tt.msg)
			if err != nil || b[0]>>1&3 != tt.want {
				t.Errorf("%s, level %d: got a block of type %d and error %v, want type %d", tt.name, level, b[0]>>1&3, err, tt.want)
			}
			got, err := (&strictInflater{window: 1 << MaxWindowBits}).message(b)
			if err != nil || string(got) != string(tt.msg) {
				t.Errorf("%s, level %d: got %d bytes and error %v", tt.name, level, len(got), err)
			}
		}
	}
}

// digits returns n digits that do not repeat themselves.
func digits(n int) []byte {
	b := randomBytes(n)
	for i := range b {
		b[i] = '0' + b[i]%10
	}
	return b
}

// TestCompressorIsNoWorse compares what is sent with what flate makes of it.
func TestCompressorIsNoWorse(t *testing.T) {
	for _, size := range []int{200, 1000, 4000, shortMessage} {
		for _, takeover := range []bool{false, true} {
			var got, want int
			var h, reference *History
			if takeover {
				h, reference = NewHistory(0), NewHistory(0)
			}
			c, f := newCompressor(t, 0, 0), newCompressor(t, 0, 0)
			for i := range 50 {
				msg := jsonText(size, 20*i)
				got += compressedSize(t, c, h, msg)
				b, err := f.appendLong(nil, reference, msg)
				if err != nil {
					t.Fatal(err)
				}
				want += len(b)
				reference.Add(msg)
			}
			if got > want*105/100 {
				t.Errorf("messages of %d bytes, takeover %t: got %d bytes, flate makes %d", size, takeover, got, want)
			}
		}
	}
}
