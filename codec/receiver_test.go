package codec_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"wskit/codec"
)

// TestReceiver compares a Receiver with the two machines that it joins, for every
// way to cut a stream in two, up to the violation that ends it.
func TestReceiver(t *testing.T) {
	wire := wireOf(
		wireFrame{first: 1, payload: "frag"},
		wireFrame{first: fin | 9, payload: "ping"},
		wireFrame{first: fin, payload: "ment"},
		wireFrame{first: fin | 2},
		wireFrame{first: fin | 1, payload: "\xff"},
		wireFrame{first: fin | 1, payload: "never read"},
	)
	for cut := range len(wire) {
		var dec codec.Decoder
		var asm codec.Assembler
		frames := int64(0)
		want := chunks(wire, cut, func(b []byte) (c codec.Chunk, n int, ok bool, err error) {
			s, n, err := dec.Next(b)
			if s.First {
				frames++
			}
			if err == codec.ErrShort {
				return c, n, false, nil
			}
			if err == nil {
				c, ok, err = asm.Push(s)
			}
			return c, n, ok, err
		})
		var r codec.Receiver
		got := chunks(wire, cut, func(b []byte) (c codec.Chunk, n int, ok bool, err error) {
			n, ok, err = r.Next(b, &c)
			return c, n, ok, err
		})
		if !slices.Equal(got, want) || r.Frames != frames {
			t.Errorf("cut at %d: got %d frames and\n%q, want %d and\n%q", cut, r.Frames, got, frames, want)
		}
	}
}

// chunks passes wire to next in two pieces and returns what comes out.
func chunks(wire []byte, cut int, next func(b []byte) (codec.Chunk, int, bool, error)) (got []string) {
	wire = bytes.Clone(wire)
	done := 0
	for _, end := range []int{cut, len(wire)} {
		for {
			c, n, ok, err := next(wire[done:end])
			done += n
			if ok {
				got = append(got, fmt.Sprintf("%+v", c))
			}
			if err != nil {
				return append(got, err.Error())
			}
			if n == 0 {
				break
			}
		}
	}
	return got
}
