package codec_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
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
		compareReceiver(t, fmt.Sprintf("cut at %d", cut), receiverSetup{}, wire, cut)
	}
}

// TestReceiverShortcut compares them for frames of all kinds, of which a Receiver takes
// some by a shorter way, in each state that a stream can be in and at the limits.
func TestReceiverShortcut(t *testing.T) {
	before := map[string][]byte{
		"start":         nil,
		"after text":    wireOf(wireFrame{first: fin | 1, payload: "whole"}),
		"in a message":  wireOf(wireFrame{first: 2, payload: "part"}),
		"in a ping":     wireOf(wireFrame{first: fin | 9, payload: "ping"})[:8],
		"after close":   wireOf(wireFrame{first: fin | 8}),
		"after a fault": wireOf(wireFrame{first: fin}),
	}
	setups := []receiverSetup{
		{},
		{role: codec.RoleClient},
		{deflate: true},
		{maxFrame: 100},
		{maxMessage: 100},
		{maxMessage: 126, maxFrame: 127, maxFragments: 1},
	}
	// What is behind the length, the key of a masked frame included: valid, or not,
	// with the key or without it.
	payloads := []string{
		strings.Repeat("a", 300),
		strings.Repeat("\xc3\xa9", 150),
		strings.Repeat("a", 99) + "\xff" + strings.Repeat("\xe2\x82\xac", 70),
		strings.Repeat("\xff", 4) + strings.Repeat("a", 300),
	}
	lengths := []string{"\x00", "\x01", "c", "d", "e", "}", "~\x00\x7d", "~\x00\x7e", "~\x01\x00", "\x7f"}
	for state, prefix := range before {
		for _, setup := range setups {
			for opcode := range byte(16) {
				for _, bits := range []byte{0, fin, rsv1, fin | rsv1, fin | rsv3} {
					for _, length := range lengths {
						for i := range 2 * len(payloads) {
							frame := append([]byte{bits | opcode}, length...)
							frame[1] |= byte(i) << 7 // masked or not
							frame = append(frame, payloads[i/2]...)
							name := fmt.Sprintf("%s, %+v, frame %#x", state, setup, frame[:6])
							wire := append(bytes.Clone(prefix), frame...)
							compareReceiver(t, name, setup, wire, len(prefix))
							cut := len(length) + int(frame[1]&0x7F)
							compareReceiver(t, name+" in two", setup, wire, len(prefix)+cut)
						}
					}
				}
			}
		}
	}
}

// receiverSetup are the settings of the two machines that a Receiver joins.
type receiverSetup struct {
	role                 codec.Role
	deflate              bool
	maxFrame, maxMessage uint64
	maxFragments         int
}

func (m receiverSetup) make() (codec.Decoder, codec.Assembler) {
	return codec.Decoder{Role: m.role, Deflate: m.deflate, MaxFrame: m.maxFrame},
		codec.Assembler{Deflate: m.deflate, MaxMessage: m.maxMessage, MaxFragments: m.maxFragments}
}

// compareReceiver passes wire, cut in two, to the two machines and to a Receiver.
func compareReceiver(t *testing.T, name string, setup receiverSetup, wire []byte, cut int) {
	t.Helper()
	dec, asm := setup.make()
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
	r.Decoder, r.Assembler = setup.make()
	got := chunks(wire, cut, func(b []byte) (c codec.Chunk, n int, ok bool, err error) {
		n, ok, err = r.Next(b, &c)
		return c, n, ok, err
	})
	if !slices.Equal(got, want) || r.Frames != frames {
		t.Errorf("%s: got %d frames and\n%q, want %d and\n%q", name, r.Frames, got, frames, want)
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
				got = append(got, err.Error())
				_, n, ok, err := next(wire[done:]) // and ever after
				return append(got, fmt.Sprint(n, ok, err))
			}
			if n == 0 {
				break
			}
		}
	}
	return got
}

// TestReceiverWhole decodes runs of messages: up to the first that is not whole and
// simple, and not far past 4 KiB.
func TestReceiverWhole(t *testing.T) {
	text := func(s string) wireFrame { return wireFrame{first: fin | 1, payload: s} }
	long := strings.Repeat("x", 3000)
	tests := []struct {
		name   string
		frames []wireFrame
		cut    int // bytes that are missing at the end
		want   []string
	}{
		{name: "nothing"},
		{name: "all", frames: []wireFrame{text("one"), text(""), {first: fin | 2, payload: "\xff"}}, want: []string{"text one", "text ", "binary \xff"}},
		{name: "the last one is short", frames: []wireFrame{text("one"), text("two")}, cut: 1, want: []string{"text one"}},
		{name: "up to a ping", frames: []wireFrame{text("one"), {first: fin | 9}, text("two")}, want: []string{"text one"}},
		{name: "up to a fragment", frames: []wireFrame{text("one"), {first: 1}, text("two")}, want: []string{"text one"}},
		{name: "up to a bad text", frames: []wireFrame{text("one"), text("\xff"), text("two")}, want: []string{"text one"}},
		{name: "4 KiB", frames: []wireFrame{text(long), text(long), text(long)}, want: []string{"text " + long, "text " + long}},
		{name: "not whole", frames: []wireFrame{{first: 1, payload: "one"}, {first: fin, payload: "two"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wire := wireOf(tt.frames...)
			wire = wire[:len(wire)-tt.cut]
			var r codec.Receiver
			n, messages := r.Whole(wire)
			var got []string
			for rest := wire[:n]; len(rest) > 0; {
				var op codec.Opcode
				var data []byte
				op, data, rest = codec.Split(rest)
				got = append(got, op.String()+" "+string(data))
			}
			if !slices.Equal(got, tt.want) || messages != len(tt.want) || r.Frames != int64(len(tt.want)) {
				t.Errorf("got %d messages, %d frames and %q, want %q", messages, r.Frames, got, tt.want)
			}
		})
	}
}
