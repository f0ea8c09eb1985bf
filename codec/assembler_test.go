package codec_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"wskit/codec"
)

// checkEvents feeds the stream at once, byte by byte, and cut in two at every
// place, and wants the same each time.
func checkEvents(t *testing.T, cfg machineConfig, wire []byte, want []string, wantErr error) {
	t.Helper()
	check := func(m *machines, how string) {
		t.Helper()
		if m.err != wantErr {
			t.Errorf("%s: error %v, want %v", how, m.err, wantErr)
		}
		if !slices.Equal(m.events, want) {
			t.Errorf("%s: got  %q", how, m.events)
			t.Errorf("%*s  want %q", len(how), "", want)
		}
	}
	m := newMachines(t, cfg)
	m.feed(wire)
	check(m, "at once")
	m = newMachines(t, cfg)
	for i := range wire {
		m.feed(wire[i : i+1])
	}
	check(m, "byte by byte")
	for cut := range wire {
		m := newMachines(t, cfg)
		m.feed(wire[:cut])
		m.feed(wire[cut:])
		check(m, fmt.Sprintf("cut at %d", cut))
	}
}

func TestMessages(t *testing.T) {
	long := strings.Repeat("p", 125)
	tests := []struct {
		name   string
		cfg    machineConfig
		frames []wireFrame
		want   []string
		err    error
	}{
		{name: "one frame", frames: []wireFrame{{first: fin | 1, payload: "a"}}, want: []string{`text "a"`}},
		{name: "empty", frames: []wireFrame{{first: fin | 2}}, want: []string{`binary ""`}},
		{
			name:   "fragments, the first and last empty",
			frames: []wireFrame{{first: 2}, {first: 0, payload: "ab"}, {first: 0}, {first: fin}},
			want:   []string{`binary "ab"`},
		},
		{
			name: "control frames between fragments",
			frames: []wireFrame{
				{first: 1, payload: "\xE8"},
				{first: fin | 9, payload: long},
				{first: 0, payload: "\xAA"},
				{first: fin | 10, payload: "\xFF\xFF"},
				{first: fin | 9},
				{first: fin, payload: "\x9E"},
				{first: fin | 1, payload: "next"},
			},
			want: []string{`ping "` + long + `"`, `pong "\xff\xff"`, `ping ""`, `text "語"`, `text "next"`},
		},
		{
			name:   "a close inside a message",
			frames: []wireFrame{{first: 1, payload: "half"}, {first: fin | 8, payload: "\x03\xE8done"}},
			want:   []string{`close "\x03\xe8done"`},
		},
		{name: "a close without a code", frames: []wireFrame{{first: fin | 8}}, want: []string{`close ""`}},
		{
			name:   "control frames after a close",
			frames: []wireFrame{{first: fin | 8}, {first: fin | 10, payload: "late"}, {first: fin | 9}, {first: fin | 8}},
			want:   []string{`close ""`, `pong "late"`, `ping ""`, `close ""`},
		},
		{
			name:   "compressed",
			cfg:    machineConfig{deflate: true},
			frames: []wireFrame{{first: rsv1 | 1, payload: "\xFF"}, {first: fin, payload: "\xFE"}, {first: fin | 2, payload: "\xFD"}},
			want:   []string{`compressed text "\xff\xfe"`, `binary "\xfd"`},
		},
		{
			name:   "binary need not be UTF-8",
			frames: []wireFrame{{first: 2, payload: "\xFF"}, {first: fin, payload: "\xC0"}},
			want:   []string{`binary "\xff\xc0"`},
		},
		{
			name:   "a bad message after a good one",
			frames: []wireFrame{{first: fin | 1, payload: "語"}, {first: fin | 1, payload: "\xE8\xAA"}},
			want:   []string{`text "語"`},
			err:    codec.ErrInvalidUTF8,
		},
		{
			name:   "a rune cut by the end, which is an empty frame",
			frames: []wireFrame{{first: 1, payload: "\xE8\xAA"}, {first: fin}},
			err:    codec.ErrInvalidUTF8,
		},
		{
			name:   "a rune does not go on in the next message",
			frames: []wireFrame{{first: fin | 1, payload: "\xC3"}, {first: fin | 1, payload: "\xA9"}},
			err:    codec.ErrInvalidUTF8,
		},
		{name: "nothing to continue", frames: []wireFrame{{first: fin}}, err: codec.ErrUnexpectedContinuation},
		{
			name:   "nothing to continue after a message",
			frames: []wireFrame{{first: 1}, {first: fin}, {first: 0}},
			want:   []string{`text ""`},
			err:    codec.ErrUnexpectedContinuation,
		},
		{name: "message in a message", frames: []wireFrame{{first: 1}, {first: fin | 2}}, err: codec.ErrInterruptedMessage},
		{
			name: "data after a close", frames: []wireFrame{{first: fin | 8}, {first: fin | 1}},
			want: []string{`close ""`}, err: codec.ErrFrameAfterClose,
		},
		{
			name: "the rest of a message after a close", frames: []wireFrame{{first: 1}, {first: fin | 8}, {first: fin}},
			want: []string{`close ""`}, err: codec.ErrFrameAfterClose,
		},
		{name: "close of one byte", frames: []wireFrame{{first: fin | 8, payload: "\x03"}}, err: codec.ErrShortClosePayload},
		{name: "close with 1005", frames: []wireFrame{{first: fin | 8, payload: "\x03\xED"}}, err: codec.ErrInvalidCloseCode},
		{name: "close with a bad reason", frames: []wireFrame{{first: fin | 8, payload: "\x03\xE8\xED\xA0\x80"}}, err: codec.ErrInvalidUTF8Reason},
		{name: "close with a cut reason", frames: []wireFrame{{first: fin | 8, payload: "\x03\xE8\xE8\xAA"}}, err: codec.ErrInvalidUTF8Reason},
		{
			name:   "close with a reason cut by the limit",
			frames: []wireFrame{{first: fin | 8, payload: "\x03\xE8" + strings.Repeat("é", 61) + "\xC3"}}, err: codec.ErrInvalidUTF8Reason,
		},
		{
			name: "a message at the limit", cfg: machineConfig{maxMessage: 5},
			frames: []wireFrame{{first: 1, payload: "abc"}, {first: fin | 9, payload: "123456"}, {first: fin, payload: "de"}, {first: fin | 1, payload: "fghij"}},
			want:   []string{`ping "123456"`, `text "abcde"`, `text "fghij"`},
		},
		{
			name: "a message of the limit and 1", cfg: machineConfig{maxMessage: 5},
			frames: []wireFrame{{first: fin | 2, payload: "abcdef"}}, err: codec.ErrMessageTooBig,
		},
		{
			name: "fragments of the limit and 1", cfg: machineConfig{maxMessage: 5},
			frames: []wireFrame{{first: 2, payload: "abc"}, {first: 0, payload: "de"}, {first: fin, payload: "f"}}, err: codec.ErrMessageTooBig,
		},
		{
			name: "fragments at their limit", cfg: machineConfig{maxFragments: 3},
			frames: []wireFrame{{first: 2}, {first: 0}, {first: fin | 9}, {first: fin}, {first: 1}, {first: 0}, {first: fin}},
			want:   []string{`ping ""`, `binary ""`, `text ""`},
		},
		{
			name: "a fragment too many", cfg: machineConfig{maxFragments: 3},
			frames: []wireFrame{{first: 2}, {first: 0}, {first: 0}, {first: fin}}, err: codec.ErrTooManyFragments,
		},
		{
			name: "one frame is one fragment", cfg: machineConfig{maxFragments: 1},
			frames: []wireFrame{{first: fin | 2}, {first: fin | 2}, {first: 2}, {first: fin}},
			want:   []string{`binary ""`, `binary ""`}, err: codec.ErrTooManyFragments,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			checkEvents(t, tt.cfg, wireOf(tt.frames...), tt.want, tt.err)
		})
	}
}

// recoveries has a stream for each violation and says how a lenient run of it
// goes on. All but the first are from a client.
var recoveries = []struct {
	violation *codec.Violation
	cfg       machineConfig
	frames    []wireFrame
	want      []string
	err       error
}{
	{
		violation: codec.ErrMaskedServerFrame, cfg: machineConfig{role: codec.RoleClient},
		frames: []wireFrame{{first: fin | 1, payload: "masked"}, {first: fin | 1, payload: "not", bare: true}},
		want:   []string{"! masked-server-frame", `text "masked"`, `text "not"`},
	},
	{
		violation: codec.ErrUnmaskedClientFrame,
		frames:    []wireFrame{{first: fin | 1, payload: "not", bare: true}, {first: fin | 1, payload: "masked"}},
		want:      []string{"! unmasked-client-frame", `text "not"`, `text "masked"`},
	},
	{
		violation: codec.ErrReservedBits, cfg: machineConfig{deflate: true},
		frames: []wireFrame{{first: fin | rsv2 | 1, payload: "a"}, {first: fin | rsv3 | 9, payload: "b"}, {first: fin | rsv1 | rsv2 | rsv3 | 2, payload: "c"}},
		want:   []string{"! reserved-bits", `text "a"`, "! reserved-bits", `ping "b"`, "! reserved-bits", `compressed binary "c"`},
	},
	{
		violation: codec.ErrRSV1WithoutDeflate,
		frames:    []wireFrame{{first: rsv1 | 1, payload: "plain"}, {first: fin | rsv1, payload: "!"}, {first: fin | rsv1 | 9}},
		want:      []string{"! rsv1-without-deflate", "! rsv1-without-deflate", `text "plain!"`, "! rsv1-without-deflate", `ping ""`},
	},
	{
		violation: codec.ErrRSV1OnContinuation, cfg: machineConfig{deflate: true},
		frames: []wireFrame{
			{first: 1, payload: "a"},
			{first: fin | rsv1, payload: "b"},
			{first: rsv1 | 1, payload: "c"},
			{first: fin | rsv1, payload: "d"},
		},
		want: []string{"! rsv1-on-continuation", `text "ab"`, "! rsv1-on-continuation", `compressed text "cd"`},
	},
	{
		violation: codec.ErrRSV1OnControl, cfg: machineConfig{deflate: true},
		frames: []wireFrame{{first: fin | rsv1 | 9, payload: "p"}, {first: fin | rsv1 | 8, payload: "\x03\xE8"}},
		want:   []string{"! rsv1-on-control", `ping "p"`, "! rsv1-on-control", `close "\x03\xe8"`},
	},
	{
		violation: codec.ErrReservedOpcode,
		frames: []wireFrame{
			{first: 1, payload: "a"},
			{first: fin | 3, payload: "dropped"},
			{first: fin | 0xF, payload: "dropped too"},
			{first: fin, payload: "b"},
			{first: 7, payload: "begins nothing"},
			{first: fin | 1, payload: "c"},
		},
		want: []string{"! reserved-opcode", "! reserved-opcode", `text "ab"`, "! reserved-opcode", `text "c"`},
	},
	{
		violation: codec.ErrNonMinimalLength,
		frames:    []wireFrame{{first: fin | 1, payload: "a", form: 16}, {first: fin | 1, payload: "b", form: 64}, {first: fin | 9, form: 64}},
		want:      []string{"! non-minimal-length", `text "a"`, "! non-minimal-length", `text "b"`, "! non-minimal-length", `ping ""`},
	},
	{
		violation: codec.ErrLengthTopBit,
		frames:    []wireFrame{{first: fin | 1, payload: "a"}, {first: fin | 1, length: 1 << 63}, {first: fin | 1, payload: "b"}},
		want:      []string{`text "a"`, "! length-top-bit"},
		err:       codec.ErrLengthTopBit,
	},
	{
		violation: codec.ErrFragmentedControl,
		frames:    []wireFrame{{first: 1, payload: "a"}, {first: 9, payload: "p"}, {first: 0, payload: "b"}, {first: 8}, {first: fin | 10}},
		want:      []string{"! fragmented-control-frame", `ping "p"`, "! fragmented-control-frame", `close ""`, `pong ""`},
	},
	{
		violation: codec.ErrLongControl,
		frames: []wireFrame{
			{first: fin | 9, payload: strings.Repeat("p", 126)},
			{first: fin | 10, payload: strings.Repeat("q", 300)},
			{first: fin | 8, payload: "\x03\xE8" + strings.Repeat("é", 62)},
			{first: fin | 9, payload: "short"},
		},
		want: []string{
			"! long-control-frame", `ping "` + strings.Repeat("p", 125) + `"`,
			"! long-control-frame", `pong "` + strings.Repeat("q", 125) + `"`,
			"! long-control-frame", `close "\x03\xe8` + strings.Repeat("é", 61) + `\xc3"`,
			`ping "short"`,
		},
	},
	{
		violation: codec.ErrUnexpectedContinuation,
		frames: []wireFrame{
			{first: 0, payload: "lost"},
			{first: fin, payload: "\xFF"},
			{first: fin},
			{first: fin | 1, payload: "a"},
		},
		want: []string{"! unexpected-continuation", "! unexpected-continuation", "! unexpected-continuation", `text "a"`},
	},
	{
		violation: codec.ErrInterruptedMessage,
		frames: []wireFrame{
			{first: 1, payload: "half \xE8"},
			{first: 2, payload: "who"},
			{first: fin, payload: "le"},
			{first: 2, payload: "again"},
			{first: fin | 1, payload: "語"},
		},
		want: []string{
			"! interrupted-message", `part of text "half \xe8"`, `binary "whole"`,
			"! interrupted-message", `part of binary "again"`, `text "語"`,
		},
	},
	{
		violation: codec.ErrFrameAfterClose,
		frames: []wireFrame{
			{first: fin | 8, payload: "\x03\xE8"},
			{first: 1, payload: "still "},
			{first: fin | 9},
			{first: fin, payload: "here"},
			{first: fin},
		},
		want: []string{
			`close "\x03\xe8"`, "! frame-after-close", `ping ""`, "! frame-after-close", `text "still here"`,
			"! frame-after-close", "! unexpected-continuation",
		},
	},
	{
		violation: codec.ErrShortClosePayload,
		frames:    []wireFrame{{first: fin | 8, payload: "\x03"}, {first: fin | 1, payload: "x"}},
		want:      []string{"! short-close-payload", `close "\x03"`, "! frame-after-close", `text "x"`},
	},
	{
		violation: codec.ErrInvalidCloseCode,
		frames:    []wireFrame{{first: fin | 8, payload: "\x13\x88bye"}, {first: fin | 10}},
		want:      []string{"! invalid-close-code", `close "\x13\x88bye"`, `pong ""`},
	},
	{
		violation: codec.ErrInvalidUTF8,
		frames: []wireFrame{
			{first: 1, payload: "a\xFF"},
			{first: 0, payload: "\xFE"},
			{first: fin, payload: "b"},
			{first: fin | 1, payload: "\xE8\xAA"},
			{first: fin | 1, payload: "語"},
		},
		want: []string{"! invalid-utf8", `text "a\xff\xfeb"`, "! invalid-utf8", `text "\xe8\xaa"`, `text "語"`},
	},
	{
		violation: codec.ErrInvalidUTF8Reason,
		frames:    []wireFrame{{first: fin | 8, payload: "\x03\xE8\xFF"}, {first: fin | 8, payload: "\x00\x00\xE8"}, {first: fin | 10}},
		want: []string{
			"! invalid-utf8-reason", `close "\x03\xe8\xff"`,
			"! invalid-close-code", "! invalid-utf8-reason", `close "\x00\x00\xe8"`, `pong ""`,
		},
	},
	{
		violation: codec.ErrFrameTooBig, cfg: machineConfig{maxFrame: 3},
		frames: []wireFrame{{first: 1, payload: "long"}, {first: fin, payload: "er"}, {first: fin | 9, payload: "ping"}},
		want:   []string{"! frame-too-big", `text "longer"`, `ping "ping"`},
	},
	{
		violation: codec.ErrMessageTooBig, cfg: machineConfig{maxMessage: 5},
		frames: []wireFrame{
			{first: 1, payload: "four"},
			{first: 0, payload: "to\xFF"},
			{first: fin | 9, payload: "p"},
			{first: 0, payload: "many"},
			{first: fin, payload: "more"},
			{first: fin | 1, payload: "fresh"},
			{first: fin | 2, payload: "six by"},
			{first: 2, payload: "six by"},
			{first: fin | 1, payload: "a"},
		},
		want: []string{
			"! message-too-big", `part of text "four"`, `ping "p"`, `text "fresh"`, "! message-too-big",
			"! message-too-big", "! interrupted-message", `text "a"`,
		},
	},
	{
		violation: codec.ErrTooManyFragments, cfg: machineConfig{maxFragments: 2},
		frames: []wireFrame{
			{first: 1, payload: "a"},
			{first: 0, payload: "b"},
			{first: 0, payload: "c"},
			{first: fin, payload: "d"},
			{first: 2, payload: "e"},
			{first: fin, payload: "f"},
		},
		want: []string{"! too-many-fragments", `part of text "ab"`, `binary "ef"`},
	},
}

// TestRecovery proves the table of violations: a strict run stops at each, a
// lenient one goes on as its Recovery says.
func TestRecovery(t *testing.T) {
	shown := map[*codec.Violation]bool{}
	for _, tt := range recoveries {
		shown[tt.violation] = true
		t.Run(tt.violation.Code, func(t *testing.T) {
			wire := wireOf(tt.frames...)
			tt.cfg.lenient = true
			checkEvents(t, tt.cfg, wire, tt.want, tt.err)

			first := slices.Index(tt.want, "! "+tt.violation.Code)
			tt.cfg.lenient = false
			checkEvents(t, tt.cfg, wire, tt.want[:first], tt.violation)
		})
	}
	for _, v := range frameViolations {
		if !shown[v.violation] {
			t.Errorf("no stream shows how to recover from %s", v.code)
		}
	}
}

// TestMaxMessage gives headers alone: the limits hold before any payload, and
// over all fragments, where their sum would overflow too.
func TestMaxMessage(t *testing.T) {
	const big = 1 << 62
	tests := []struct {
		name    string
		limit   uint64
		lengths []uint64 // of the fragments; each but the last is accepted
		packed  bool
		want    error // of the last
	}{
		{name: "at the limit", limit: 1000, lengths: []uint64{1000}},
		{name: "limit and 1", limit: 1000, lengths: []uint64{1001}, want: codec.ErrMessageTooBig},
		{name: "fragments at the limit", limit: 1000, lengths: []uint64{999, 0, 1, 0}},
		{name: "fragments of limit and 1", limit: 1000, lengths: []uint64{1000, 0, 1}, want: codec.ErrMessageTooBig},
		{name: "2^62", limit: 1000, lengths: []uint64{big}, want: codec.ErrMessageTooBig},
		{name: "2^63-1", limit: 1000, lengths: []uint64{math.MaxInt64}, want: codec.ErrMessageTooBig},
		{name: "2^63-1 after a byte", limit: 1000, lengths: []uint64{1, math.MaxInt64}, want: codec.ErrMessageTooBig},
		{name: "2^64-1 after a byte", limit: 1000, lengths: []uint64{1, math.MaxUint64}, want: codec.ErrMessageTooBig},
		{name: "2^62 at a limit of 2^62", limit: big, lengths: []uint64{big, 0}},
		{name: "2^62 twice at a limit of 2^62", limit: big, lengths: []uint64{big, big}, want: codec.ErrMessageTooBig},
		{name: "2^62 four times at the largest limit", limit: math.MaxUint64, lengths: []uint64{big, big, big, big}, want: codec.ErrMessageTooBig},
		{name: "2^62 five times without a limit", lengths: []uint64{big, big, big, big, big}},
		{name: "compressed, with its room", limit: 1024, packed: true, lengths: []uint64{1024, 4 + 64}},
		{name: "compressed, beyond its room", limit: 1024, packed: true, lengths: []uint64{1024, 4 + 65}, want: codec.ErrMessageTooBig},
		{name: "compressed, at the largest limit", limit: math.MaxUint64, packed: true, lengths: []uint64{big, big, big, big - 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := codec.Assembler{MaxMessage: tt.limit, Deflate: tt.packed}
			h := codec.Header{Opcode: codec.OpBinary}
			if tt.packed {
				h.RSV = codec.RSV1
			}
			for i, length := range tt.lengths {
				h.Length = length
				want := error(nil)
				if i == len(tt.lengths)-1 {
					want = tt.want
				}
				// The payload is passed over: First and Last are all that counts.
				if _, ok, err := a.Push(codec.Span{Header: h, First: true, Last: true}); err != want || ok != (want == nil) {
					t.Fatalf("fragment %d of %d bytes: %v, %v; want %v", i+1, length, ok, err, want)
				}
				h.Opcode, h.RSV = codec.OpContinuation, 0
			}
		})
	}
}

// TestAssemblerAlone gives spans that a strict decoder would not let through.
func TestAssemblerAlone(t *testing.T) {
	closing := codec.Span{Header: codec.Header{Fin: true, Opcode: codec.OpClose}, First: true, Last: true}
	tests := []struct {
		name  string
		spans []codec.Span
		want  error
	}{
		{
			name:  "reserved opcodes",
			spans: []codec.Span{{Header: codec.Header{Opcode: 3}, First: true, Last: true}, {Header: codec.Header{Opcode: 0xB}, First: true, Last: true}},
		},
		{
			name:  "reserved opcode for control after a close",
			spans: []codec.Span{closing, {Header: codec.Header{Fin: true, Opcode: 0xB}, First: true, Last: true}},
		},
		{
			name:  "reserved opcode for data after a close",
			spans: []codec.Span{closing, {Header: codec.Header{Fin: true, Opcode: 3}, First: true, Last: true}},
			want:  codec.ErrFrameAfterClose,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var a codec.Assembler
			for i, s := range tt.spans {
				want := error(nil)
				if i == len(tt.spans)-1 {
					want = tt.want
				}
				if _, ok, err := a.Push(s); err != want || ok != (s.Header.Opcode == codec.OpClose) {
					t.Errorf("span %d: %v, %v; want error %v", i+1, ok, err, want)
				}
			}
		})
	}
}

// TestEndlessFragments is A5: a million fragments of 0 and of 1 byte end at the
// limit.
func TestEndlessFragments(t *testing.T) {
	const limit = 16384
	for size := range 2 {
		a := codec.Assembler{MaxFragments: limit}
		h := codec.Header{Opcode: codec.OpText, Length: uint64(size)}
		for n := 1; n <= 1_000_000; n++ {
			_, _, err := a.Push(codec.Span{Header: h, Data: []byte("x")[:size], First: true, Last: true})
			if want := n > limit; (err != nil) != want {
				t.Fatalf("fragment %d of %d bytes: error %v", n, size, err)
			}
			if err != nil && err != codec.ErrTooManyFragments {
				t.Fatalf("error %v, want %v", err, codec.ErrTooManyFragments)
			}
			h.Opcode = codec.OpContinuation
		}
	}
}

func TestAssemblerOpen(t *testing.T) {
	steps := []struct {
		frame wireFrame
		open  bool
	}{
		{frame: wireFrame{first: fin | 1, payload: "a"}},
		{frame: wireFrame{first: 1, payload: "a"}, open: true},
		{frame: wireFrame{first: fin | 9}, open: true},
		{frame: wireFrame{first: 0}, open: true},
		{frame: wireFrame{first: fin}},
		{frame: wireFrame{first: fin | 8}},
	}
	m := newMachines(t, machineConfig{})
	if m.asm.Open() {
		t.Error("a new assembler is open")
	}
	for i, step := range steps {
		m.feed(wireOf(step.frame))
		if m.err != nil || m.asm.Open() != step.open {
			t.Errorf("after frame %d: Open() = %v, error %v; want %v", i+1, m.asm.Open(), m.err, step.open)
		}
	}
}

// TestTextFailsAtOnce sends text of which one byte can never be valid, one byte a
// write, in one long frame that does not end: the violation comes with that byte.
func TestTextFailsAtOnce(t *testing.T) {
	for _, text := range []string{"\xFF", "abc\x80", "\xE8\xAA語", "\xED\xA0", "日本\xF4\x90", "\xC0"} {
		bad := firstBad([]byte(text))
		wire := wireOf(wireFrame{first: 1, payload: text, length: 1 << 40})
		m := newMachines(t, machineConfig{})
		for i := range wire {
			m.feed(wire[i : i+1])
			if payload := i - (len(wire) - len(text)); (m.err != nil) != (payload >= bad) {
				t.Errorf("%q: error %v after %d bytes of text, want one after %d", text, m.err, payload+1, bad+1)
			}
		}
		if m.err != codec.ErrInvalidUTF8 {
			t.Errorf("%q: error %v, want %v", text, m.err, codec.ErrInvalidUTF8)
		}
	}
}

// FuzzMessageUTF8 cuts a text into frames, and the frames into reads.
func FuzzMessageUTF8(f *testing.F) {
	f.Add([]byte("日本語"), []byte{1}, []byte{1})
	f.Add([]byte("a\xED\xA0\x80b"), []byte{2, 0}, []byte{5})
	f.Add([]byte("\xF0\x9F\x98\x80\xF0\x9F"), []byte{3}, []byte{9, 1})
	f.Add([]byte(strings.Repeat("語", 50)+"\xC3"), []byte{}, []byte{40})
	f.Fuzz(func(t *testing.T, text, fragments, reads []byte) {
		bad, valid := firstBad(text), utf8.Valid(text)
		var wire []byte
		badAt := -1 // where the first bad byte is on the wire
		first := byte(codec.OpText)
		for rest, at, i := text, 0, 0; ; i++ {
			n := len(rest)
			if i < len(fragments) {
				n = min(n, int(fragments[i]))
			}
			last := i >= len(fragments)
			if last {
				first |= fin
			}
			wire = wireFrame{first: first, payload: string(rest[:n])}.appendTo(wire)
			if at <= bad && bad < at+n {
				badAt = len(wire) - n + bad - at
			}
			rest, at, first = rest[n:], at+n, 0
			if last {
				break
			}
		}
		if badAt < 0 {
			badAt = len(wire) - 1 // a rune that the end of the message cuts
		}
		m := newMachines(t, machineConfig{})
		for at, i := 0, 0; at < len(wire); i++ {
			n := len(wire) - at
			if i < len(reads) {
				n = min(n, 1+int(reads[i]))
			}
			m.feed(wire[at : at+n])
			at += n
			if want := !valid && at > badAt; (m.err == codec.ErrInvalidUTF8) != want {
				t.Fatalf("%q: error %v after %d bytes of the wire; the bad one is %d", text, m.err, at, badAt)
			}
		}
		if valid && (m.err != nil || !slices.Equal(m.events, []string{describe(codec.OpText, text)})) {
			t.Fatalf("%q: events %q, error %v", text, m.events, m.err)
		}
	})
}
