package codec_test

import (
	"bytes"
	"math"
	"testing"

	"wskit/codec"
)

func TestDecoderSpans(t *testing.T) {
	type span struct {
		offset      uint64
		data        string
		first, last bool
		n           int // bytes taken
	}
	tests := []struct {
		name   string
		wire   []byte
		pieces []int // sizes; the rest is a piece too
		want   []span
	}{
		{
			name: "at once", wire: wireOf(wireFrame{first: fin | 1, payload: "Hello"}),
			want: []span{{data: "Hello", first: true, last: true, n: 11}},
		},
		{
			name: "header, then payload", wire: wireOf(wireFrame{first: fin | 1, payload: "Hello"}), pieces: []int{6},
			want: []span{{first: true, n: 6}, {data: "Hello", last: true, n: 5}},
		},
		{
			name: "header in pieces", wire: wireOf(wireFrame{first: fin | 1, payload: "Hello"}), pieces: []int{1, 1, 3},
			want: []span{{data: "Hello", first: true, last: true, n: 11}},
		},
		{
			name: "payload in pieces", wire: wireOf(wireFrame{first: fin | 1, payload: "Hello"}), pieces: []int{7, 3},
			want: []span{
				{data: "H", first: true, n: 7},
				{offset: 1, data: "ell", n: 3},
				{offset: 4, data: "o", last: true, n: 1},
			},
		},
		{
			name: "empty payload", wire: wireOf(wireFrame{first: fin | 1}),
			want: []span{{first: true, last: true, n: 6}},
		},
		{
			name: "empty payload in 7 bits, in pieces", wire: wireOf(wireFrame{first: fin | 9}), pieces: []int{5},
			want: []span{{first: true, last: true, n: 6}},
		},
		{
			name:   "two frames and the start of a third",
			wire:   append(wireOf(wireFrame{first: 1, payload: "a"}, wireFrame{first: fin, payload: "bc"}), fin|2),
			want:   []span{{data: "a", first: true, last: true, n: 7}, {data: "bc", first: true, last: true, n: 8}},
			pieces: []int{},
		},
		{
			name: "a frame's end and another's start in one piece",
			wire: wireOf(wireFrame{first: 1, payload: "ab"}, wireFrame{first: fin, payload: "c"}), pieces: []int{7, 7},
			want: []span{
				{data: "a", first: true, n: 7},
				{offset: 1, data: "b", last: true, n: 1},
				{first: true, n: 6},
				{data: "c", last: true, n: 1},
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var d codec.Decoder
			var got []span
			var buf []byte
			rest := tt.wire
			for _, size := range append(tt.pieces, len(tt.wire)) {
				size = min(size, len(rest))
				buf, rest = append(buf, rest[:size]...), rest[size:]
				for {
					s, n, err := d.Next(buf)
					if err == codec.ErrShort {
						break
					}
					if err != nil {
						t.Fatal(err)
					}
					got = append(got, span{s.Offset, string(s.Data), s.First, s.Last, n})
					buf = buf[n:]
				}
			}
			if len(got) != len(tt.want) {
				t.Fatalf("got %+v, want %+v", got, tt.want)
			}
			for i := range got {
				if got[i] != tt.want[i] {
					t.Errorf("span %d: got %+v, want %+v", i+1, got[i], tt.want[i])
				}
			}
		})
	}
}

// TestDecoderUnmasksInPlace shows that Data is a view into the buffer, that
// nothing around it changes, and that an append to it harms nothing.
func TestDecoderUnmasksInPlace(t *testing.T) {
	wire := wireOf(wireFrame{first: fin | 1, payload: "Hello"}, wireFrame{first: fin | 1, payload: "again"})
	buf := append(bytes.Clone(wire), "beyond"...)[:len(wire)]
	var d codec.Decoder
	s, n, err := d.Next(buf)
	if err != nil || string(s.Data) != "Hello" || &s.Data[0] != &buf[6] {
		t.Fatalf("Next = %+v, %d, %v; want a view of the payload", s, n, err)
	}
	_ = append(s.Data, "!!!"...)
	if !bytes.Equal(buf[n:], wire[n:]) {
		t.Errorf("the next frame changed: %x, want %x", buf[n:], wire[n:])
	}
	s, _, err = d.Next(buf[n : len(wire)-1])
	if err != nil || string(s.Data) != "agai" {
		t.Fatalf("Next = %+v, %v; want the payload less its last byte", s, err)
	}
	_ = append(s.Data, "!!!"...)
	if got := buf[len(wire)-1 : len(wire)+6]; !bytes.Equal(got, append(wire[len(wire)-1:], "beyond"...)) {
		t.Errorf("what follows the span changed to %x", got)
	}
}

// TestDecoderAtTheEnd asks a decoder what is missing when the stream ends.
func TestDecoderAtTheEnd(t *testing.T) {
	tests := []struct {
		name    string
		wire    []byte
		inside  bool
		missing uint64
	}{
		{name: "before the first frame"},
		{name: "inside a header", wire: wireOf(wireFrame{first: fin | 1})[:5]},
		{name: "between frames", wire: wireOf(wireFrame{first: fin | 1, payload: "abc"})},
		{name: "after an empty frame", wire: wireOf(wireFrame{first: fin | 1})},
		{name: "after a header", wire: wireOf(wireFrame{first: fin | 1, length: 70000}), inside: true, missing: 70000},
		{name: "inside a payload", wire: wireOf(wireFrame{first: fin | 1, payload: "abc", length: 5}), inside: true, missing: 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := newMachines(t, machineConfig{})
			m.feed(tt.wire)
			if got := m.dec.Inside(); got != tt.inside {
				t.Errorf("Inside() = %v, want %v", got, tt.inside)
			}
			if got := m.dec.Missing(); got != tt.missing {
				t.Errorf("Missing() = %d, want %d", got, tt.missing)
			}
		})
	}
}

// TestDecoderLimit is A1: the length alone decides, before any payload.
func TestDecoderLimit(t *testing.T) {
	const big = 1 << 62
	tests := []struct {
		name   string
		limit  uint64
		first  byte
		length uint64
		want   error
	}{
		{name: "at the limit", limit: 1000, first: fin | 2, length: 1000},
		{name: "limit and 1", limit: 1000, first: fin | 2, length: 1001, want: codec.ErrFrameTooBig},
		{name: "a fragment", limit: 1000, first: 1, length: 1001, want: codec.ErrFrameTooBig},
		{name: "2^16", limit: 1000, first: fin | 2, length: 1 << 16, want: codec.ErrFrameTooBig},
		{name: "2^32", limit: 1000, first: fin | 2, length: 1 << 32, want: codec.ErrFrameTooBig},
		{name: "2^62", limit: 1000, first: fin | 2, length: big, want: codec.ErrFrameTooBig},
		{name: "2^63-1", limit: 1000, first: fin | 2, length: math.MaxInt64, want: codec.ErrFrameTooBig},
		{name: "2^63", limit: 1000, first: fin | 2, length: 1 << 63, want: codec.ErrLengthTopBit},
		{name: "2^64-1", limit: 1000, first: fin | 2, length: math.MaxUint64, want: codec.ErrLengthTopBit},
		{name: "2^62 at a limit of 2^62", limit: big, first: fin | 2, length: big},
		{name: "2^62 and 1 at a limit of 2^62", limit: big, first: fin | 2, length: big + 1, want: codec.ErrFrameTooBig},
		{name: "2^63-1 without a limit", first: fin | 2, length: math.MaxInt64},
		{name: "2^63 without a limit", first: fin | 2, length: 1 << 63, want: codec.ErrLengthTopBit},
		{name: "ping above the limit for data", limit: 100, first: fin | 9, length: 125},
		{name: "long ping", limit: 1000, first: fin | 9, length: big, want: codec.ErrLongControl},
		{name: "ping with the top bit", limit: 1000, first: fin | 9, length: 1 << 63, want: codec.ErrLongControl},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wire := wireOf(wireFrame{first: tt.first, length: tt.length})
			d := codec.Decoder{MaxFrame: tt.limit}
			s, n, err := d.Next(wire)
			if err != tt.want || n != len(wire) || !s.First || s.Header.Length != tt.length {
				t.Errorf("Next = %+v, %d, %v; want the header and %v", s, n, err, tt.want)
			}
			if tt.want == nil && d.Missing() != tt.length {
				t.Errorf("Missing() = %d, want %d", d.Missing(), tt.length)
			}
		})
	}
}

// TestDecoderErrorStays gives a strict decoder good frames after a bad one, and a
// lenient one frames after the stream was lost.
func TestDecoderErrorStays(t *testing.T) {
	good := wireFrame{first: fin | 1, payload: "good"}
	tests := []struct {
		name    string
		lenient bool
		bad     wireFrame
		want    *codec.Violation
	}{
		{name: "strict", bad: wireFrame{first: fin | 3, payload: "bad"}, want: codec.ErrReservedOpcode},
		{name: "strict, lost", bad: wireFrame{first: fin | 1, length: 1 << 63}, want: codec.ErrLengthTopBit},
		{name: "lenient, lost", lenient: true, bad: wireFrame{first: fin | 1, length: 1 << 63}, want: codec.ErrLengthTopBit},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var reports int
			d := codec.Decoder{}
			if tt.lenient {
				d.Report = func(*codec.Violation) { reports++ }
			}
			wire := wireOf(tt.bad, good)
			s, n, err := d.Next(wire)
			if err != tt.want || s.Header.Opcode != codec.Opcode(tt.bad.first&0xF) || n == 0 {
				t.Fatalf("Next = %+v, %d, %v; want the header and %v", s, n, err, tt.want)
			}
			for range 2 {
				s, n, err = d.Next(wire[n:])
				if err != tt.want || n != 0 || s.Data != nil {
					t.Errorf("then Next = %+v, %d, %v; want nothing and %v", s, n, err, tt.want)
				}
			}
			if want := 1; tt.lenient && reports != want {
				t.Errorf("%d reports, want %d", reports, want)
			}
		})
	}
}

// TestDecoderReportsInOrder shows all rules that one header can break at once.
func TestDecoderReportsInOrder(t *testing.T) {
	var got []*codec.Violation
	d := codec.Decoder{
		Role: codec.RoleClient, Deflate: true, MaxFrame: 10,
		Report: func(v *codec.Violation) { got = append(got, v) },
	}
	wire := wireOf(
		wireFrame{first: rsv1 | rsv2 | rsv3 | 0xB, form: 64, payload: string(make([]byte, 126))},
		wireFrame{first: rsv1, form: 16, payload: "eleven byte"},
	)
	for len(wire) > 0 {
		_, n, err := d.Next(wire)
		if err != nil {
			t.Fatal(err)
		}
		wire = wire[n:]
	}
	want := []*codec.Violation{
		codec.ErrRSV1OnControl, codec.ErrReservedBits, codec.ErrReservedOpcode, codec.ErrMaskedServerFrame,
		codec.ErrFragmentedControl, codec.ErrLongControl, codec.ErrNonMinimalLength,
		codec.ErrRSV1OnContinuation, codec.ErrMaskedServerFrame, codec.ErrNonMinimalLength, codec.ErrFrameTooBig,
	}
	if len(got) != len(want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("report %d is %v, want %v", i+1, got[i], want[i])
		}
	}
}
