package codec

import (
	"bytes"
	"fmt"
	"testing"
)

// TestDeflateRoundTrip sends a conversation through each kind of compressor.
func TestDeflateRoundTrip(t *testing.T) {
	for bits := MinWindowBits; bits <= MaxWindowBits; bits++ {
		for level := MinLevel; level <= MaxLevel; level++ {
			if bits < MaxWindowBits && level > MinLevel {
				continue // the same algorithm
			}
			for _, takeover := range []bool{false, true} {
				t.Run(fmt.Sprintf("bits %d level %d takeover %t", bits, level, takeover), func(t *testing.T) {
					agreed := &Deflate{ServerMaxWindowBits: bits, ServerNoContextTakeover: !takeover}
					c, err := NewCompressor(level, bits)
					if err != nil {
						t.Fatal(err)
					}
					d := NewDecompressor()
					sent, received := agreed.NewWindow(RoleServer), agreed.NewWindow(RoleServer)
					for i, msg := range conversation() {
						b, err := c.Append(nil, sent, msg)
						if err != nil {
							t.Fatal(err)
						}
						got, err := d.Append(nil, received, b, len(msg))
						if err != nil || !bytes.Equal(got, msg) {
							t.Fatalf("message %d of %d bytes: got %d bytes and error %v", i, len(msg), len(got), err)
						}
					}
				})
			}
		}
	}
}

// conversation returns messages of all sorts of sizes and contents.
func conversation() [][]byte {
	var list [][]byte
	for i, size := range []int{0, 1, 12, 13, 32, 127, 128, 129, 1000, 40000, 65535, 65536, 65600, 200000, 5, 500, 500} {
		list = append(list, jsonText(size, i))
	}
	return list
}

// jsonText returns size bytes of records that repeat themselves in part.
func jsonText(size, seed int) []byte {
	var b []byte
	for i := seed; len(b) < size; i++ {
		b = fmt.Appendf(b, `{"id":%d,"name":"user %x","tags":["a","b%d"],"score":%d.%d},`, i*7919, i*i*31, i%13, i*3, i%97)
	}
	return b[:size]
}
