package codec_test

import (
	"bytes"
	"fmt"
	"testing"

	"wskit/codec"
)

// TestMask compares every length up to several turns of the unrolled loop, at
// every offset within the key and at every alignment, with the definition of RFC
// 6455 §5.3.
func TestMask(t *testing.T) {
	key := codec.MaskKey{0x37, 0xfa, 0x21, 0x3d}
	offsets := []uint64{0, 1, 2, 3, 4, 5, 63, 1<<32 + 1, 1<<63 - 2}
	const guard = 0xA5
	for length := range 200 {
		for _, offset := range offsets {
			align := length % 8
			b := bytes.Repeat([]byte{guard}, align+length+8)
			want := bytes.Clone(b)
			for i := range length {
				b[align+i] = byte(i)
				want[align+i] = byte(i) ^ key[(offset+uint64(i))%4]
			}
			codec.Mask(key, offset, b[align:align+length])
			if !bytes.Equal(b, want) {
				t.Fatalf("%d bytes at offset %d, alignment %d: got %x, want %x", length, offset, align, b, want)
			}
		}
	}
}

// TestMaskInPieces cuts a payload at every pair of places.
func TestMaskInPieces(t *testing.T) {
	key := codec.MaskKey{1, 2, 3, 4}
	plain := make([]byte, 150)
	for i := range plain {
		plain[i] = byte(7 * i)
	}
	want := bytes.Clone(plain)
	codec.Mask(key, 0, want)
	for i := range plain {
		for j := i; j < len(plain); j++ {
			got := bytes.Clone(plain)
			codec.Mask(key, 0, got[:i])
			codec.Mask(key, uint64(i), got[i:j])
			codec.Mask(key, uint64(j), got[j:])
			if !bytes.Equal(got, want) {
				t.Fatalf("masking in pieces cut at %d and %d differs from masking at once", i, j)
			}
		}
	}
	codec.Mask(key, 0, want)
	if !bytes.Equal(want, plain) {
		t.Error("masking twice does not give the bytes back")
	}
}

func BenchmarkMask(b *testing.B) {
	for _, size := range []int{16, 125, 1 << 10, 64 << 10} {
		for _, offset := range []uint64{0, 3} {
			b.Run(fmt.Sprintf("size=%d/offset=%d", size, offset), func(b *testing.B) {
				payload := make([]byte, size)
				b.SetBytes(int64(size))
				b.ReportAllocs()
				for b.Loop() {
					codec.Mask(codec.MaskKey{1, 2, 3, 4}, offset, payload)
				}
			})
		}
	}
}
