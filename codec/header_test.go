package codec_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"wskit/codec"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// headerTests hold the examples of RFC 6455 §5.7 and the edges of each field.
var headerTests = []struct {
	name   string
	hex    string
	header codec.Header
	err    error
}{
	{
		name: "unmasked text", hex: "81 05",
		header: codec.Header{Fin: true, Opcode: codec.OpText, Form: 7, Length: 5},
	},
	{
		name: "masked text", hex: "81 85 37fa213d",
		header: codec.Header{Fin: true, Opcode: codec.OpText, Masked: true, Key: codec.MaskKey{0x37, 0xfa, 0x21, 0x3d}, Form: 7, Length: 5},
	},
	{name: "first fragment", hex: "01 03", header: codec.Header{Opcode: codec.OpText, Form: 7, Length: 3}},
	{name: "last fragment", hex: "80 02", header: codec.Header{Fin: true, Form: 7, Length: 2}},
	{name: "ping", hex: "89 05", header: codec.Header{Fin: true, Opcode: codec.OpPing, Form: 7, Length: 5}},
	{name: "256 bytes", hex: "82 7e 0100", header: codec.Header{Fin: true, Opcode: codec.OpBinary, Form: 16, Length: 256}},
	{name: "64 KiB", hex: "82 7f 0000000000010000", header: codec.Header{Fin: true, Opcode: codec.OpBinary, Form: 64, Length: 65536}},
	{name: "nothing set", hex: "00 00", header: codec.Header{Form: 7}},
	{name: "longest in 7 bits", hex: "02 7d", header: codec.Header{Opcode: codec.OpBinary, Form: 7, Length: 125}},
	{name: "shortest in 16 bits", hex: "02 7e 007e", header: codec.Header{Opcode: codec.OpBinary, Form: 16, Length: 126}},
	{name: "longest in 16 bits", hex: "02 7e ffff", header: codec.Header{Opcode: codec.OpBinary, Form: 16, Length: 65535}},
	{
		name: "longest of all, masked", hex: "82 ff 7fffffffffffffff 01020304",
		header: codec.Header{Fin: true, Opcode: codec.OpBinary, Masked: true, Key: codec.MaskKey{1, 2, 3, 4}, Form: 64, Length: 1<<63 - 1},
	},
	{name: "all first bits", hex: "ff 00", header: codec.Header{Fin: true, RSV: 7, Opcode: 0xF, Form: 7}},
	{name: "RSV1", hex: "c1 00", header: codec.Header{Fin: true, RSV: codec.RSV1, Opcode: codec.OpText, Form: 7}},
	{name: "RSV2", hex: "a1 00", header: codec.Header{Fin: true, RSV: codec.RSV2, Opcode: codec.OpText, Form: 7}},
	{name: "RSV3", hex: "91 00", header: codec.Header{Fin: true, RSV: codec.RSV3, Opcode: codec.OpText, Form: 7}},
	{
		name: "0 in 16 bits", hex: "81 7e 0000",
		header: codec.Header{Fin: true, Opcode: codec.OpText, Form: 16},
		err:    codec.ErrNonMinimalLength,
	},
	{
		name: "125 in 16 bits", hex: "81 7e 007d",
		header: codec.Header{Fin: true, Opcode: codec.OpText, Form: 16, Length: 125},
		err:    codec.ErrNonMinimalLength,
	},
	{
		name: "0 in 64 bits, masked", hex: "81 ff 0000000000000000 01020304",
		header: codec.Header{Fin: true, Opcode: codec.OpText, Masked: true, Key: codec.MaskKey{1, 2, 3, 4}, Form: 64},
		err:    codec.ErrNonMinimalLength,
	},
	{
		name: "65535 in 64 bits", hex: "81 7f 000000000000ffff",
		header: codec.Header{Fin: true, Opcode: codec.OpText, Form: 64, Length: 65535},
		err:    codec.ErrNonMinimalLength,
	},
	{
		name: "top bit alone", hex: "81 7f 8000000000000000",
		header: codec.Header{Fin: true, Opcode: codec.OpText, Form: 64, Length: 1 << 63},
		err:    codec.ErrLengthTopBit,
	},
	{
		name: "all bits of the length", hex: "81 ff ffffffffffffffff 01020304",
		header: codec.Header{Fin: true, Opcode: codec.OpText, Masked: true, Key: codec.MaskKey{1, 2, 3, 4}, Form: 64, Length: 1<<64 - 1},
		err:    codec.ErrLengthTopBit,
	},
}

func TestParseHeader(t *testing.T) {
	for _, tt := range headerTests {
		t.Run(tt.name, func(t *testing.T) {
			wire := unhex(t, tt.hex)
			got, n, err := codec.ParseHeader(append(bytes.Clone(wire), 0xEE, 0xEE))
			if got != tt.header || n != len(wire) || err != tt.err {
				t.Errorf("ParseHeader = %+v, %d, %v; want %+v, %d, %v", got, n, err, tt.header, len(wire), tt.err)
			}
			for cut := range wire {
				got, n, err := codec.ParseHeader(wire[:cut:cut])
				if got != (codec.Header{}) || n != 0 || err != codec.ErrShort {
					t.Errorf("ParseHeader of %d bytes = %+v, %d, %v; want nothing and ErrShort", cut, got, n, err)
				}
			}
		})
	}
}

func TestAppendHeader(t *testing.T) {
	for _, tt := range headerTests {
		t.Run(tt.name, func(t *testing.T) {
			want := unhex(t, tt.hex)
			got := codec.AppendHeader([]byte("before"), tt.header)
			if !bytes.Equal(got, append([]byte("before"), want...)) {
				t.Errorf("AppendHeader = %x, want %x after what was there", got, want)
			}
			if size := tt.header.Size(); size != len(want) {
				t.Errorf("Size() = %d, want %d", size, len(want))
			}
			minimal := tt.header
			minimal.Form = 0
			got = codec.AppendHeader(nil, minimal)
			if h, n, err := codec.ParseHeader(got); errors.Is(err, codec.ErrNonMinimalLength) ||
				n != minimal.Size() || h.Length != minimal.Length {
				t.Errorf("AppendHeader with no Form = %x: parsed as %+v, %d, %v", got, h, n, err)
			}
		})
	}
}

func TestAppendHeaderCutsOff(t *testing.T) {
	tests := []struct {
		name   string
		header codec.Header
		want   string
	}{
		{name: "RSV", header: codec.Header{RSV: 0xF8 | codec.RSV2, Opcode: codec.OpText}, want: "21 00"},
		{name: "opcode", header: codec.Header{Opcode: 0x12}, want: "02 00"},
		{name: "length in 7 bits", header: codec.Header{Form: 7, Length: 0x1FF}, want: "00 7f"},
		{name: "length in 7 bits, unmasked", header: codec.Header{Form: 7, Length: 0x80}, want: "00 00"},
		{name: "length in 16 bits", header: codec.Header{Form: 16, Length: 0x12345}, want: "00 7e 2345"},
		{name: "key without mask", header: codec.Header{Key: codec.MaskKey{1, 2, 3, 4}}, want: "00 00"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, want := codec.AppendHeader(nil, tt.header), unhex(t, tt.want); !bytes.Equal(got, want) {
				t.Errorf("AppendHeader = %x, want %x", got, want)
			}
		})
	}
}

func FuzzHeader(f *testing.F) {
	for _, tt := range headerTests {
		f.Add(unhex(f, tt.hex))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		h, n, err := codec.ParseHeader(b)
		if err == codec.ErrShort {
			if n != 0 || h != (codec.Header{}) || len(b) >= codec.MaxHeader {
				t.Fatalf("short on %d bytes: %+v, %d", len(b), h, n)
			}
			return
		}
		if n < 2 || n > codec.MaxHeader || n != h.Size() {
			t.Fatalf("took %d bytes, Size() = %d", n, h.Size())
		}
		if got := codec.AppendHeader(nil, h); !bytes.Equal(got, b[:n]) {
			t.Fatalf("round trip gives %x, want %x", got, b[:n])
		}
		for cut := range n {
			if _, _, err := codec.ParseHeader(b[:cut:cut]); err != codec.ErrShort {
				t.Fatalf("%d of %d bytes: error %v, want ErrShort", cut, n, err)
			}
		}
		// It depends on nothing behind the header.
		alone, m, alsoErr := codec.ParseHeader(b[:n:n])
		if alone != h || m != n || alsoErr != err {
			t.Fatalf("without what follows: %+v, %d, %v; want %+v, %d, %v", alone, m, alsoErr, h, n, err)
		}
		h.Form = 0
		if _, _, err := codec.ParseHeader(codec.AppendHeader(nil, h)); errors.Is(err, codec.ErrNonMinimalLength) {
			t.Fatalf("AppendHeader with no Form is not minimal for %d", h.Length)
		}
	})
}

func BenchmarkParseHeader(b *testing.B) {
	for _, bm := range []struct{ name, hex string }{
		{name: "7-bit", hex: "81 05"},
		{name: "7-bit-masked", hex: "81 85 37fa213d"},
		{name: "16-bit-masked", hex: "82 fe 0100 37fa213d"},
		{name: "64-bit-masked", hex: "82 ff 0000000000010000 37fa213d"},
	} {
		b.Run(bm.name, func(b *testing.B) {
			wire := unhex(b, bm.hex)
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := codec.ParseHeader(wire); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
