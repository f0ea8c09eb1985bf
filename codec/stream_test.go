package codec_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"wskit/codec"
)

// A wireFrame is a frame as bytes on the wire, legal or not. It shares no code
// with the package under test.
type wireFrame struct {
	first   byte // FIN, RSV bits and opcode
	payload string
	bare    bool   // not masked
	form    int    // of the length: 7, 16 or 64; minimal if zero
	length  uint64 // announced, if not zero, instead of the payload's
}

const (
	fin  = 0x80
	rsv1 = 0x40
	rsv2 = 0x20
	rsv3 = 0x10
)

var wireKey = [4]byte{0x5A, 0x00, 0xC3, 0xFF}

func (f wireFrame) appendTo(b []byte) []byte {
	length := f.length
	if length == 0 {
		length = uint64(len(f.payload))
	}
	form := f.form
	if form == 0 {
		form = 7
		if length > 125 {
			form = 16
		}
		if length > 65535 {
			form = 64
		}
	}
	mask := byte(0x80)
	if f.bare {
		mask = 0
	}
	b = append(b, f.first)
	switch form {
	case 7:
		b = append(b, mask|byte(length))
	case 16:
		b = binary.BigEndian.AppendUint16(append(b, mask|126), uint16(length))
	case 64:
		b = binary.BigEndian.AppendUint64(append(b, mask|127), length)
	}
	if f.bare {
		return append(b, f.payload...)
	}
	b = append(b, wireKey[:]...)
	for i := range len(f.payload) {
		b = append(b, f.payload[i]^wireKey[i%4])
	}
	return b
}

func wireOf(frames ...wireFrame) (b []byte) {
	for _, f := range frames {
		b = f.appendTo(b)
	}
	return b
}

// A machineConfig sets up both machines of one direction.
type machineConfig struct {
	role         codec.Role
	deflate      bool
	lenient      bool
	maxFrame     uint64
	maxMessage   uint64
	maxFragments int
}

// Machines are a Decoder and an Assembler that run over one direction. They note
// what comes out and check what must hold of every span and chunk.
type machines struct {
	t   testing.TB
	dec codec.Decoder
	asm codec.Assembler

	buf      []byte // arrived and not taken
	events   []string
	problems []*codec.Violation
	err      error

	header codec.Header // of the frame in progress
	offset uint64
	opcode codec.Opcode // of the message in progress
	packed bool
	open   bool
	data   []byte
}

func newMachines(t testing.TB, cfg machineConfig) *machines {
	m := &machines{t: t}
	var report func(*codec.Violation)
	if cfg.lenient {
		report = func(v *codec.Violation) {
			m.problems = append(m.problems, v)
			m.events = append(m.events, "! "+v.Code)
			if v.Recovery == codec.AbandonMessage && m.open {
				m.events = append(m.events, m.partial())
				m.open, m.data = false, nil
			}
		}
	}
	m.dec = codec.Decoder{Role: cfg.role, Deflate: cfg.deflate, MaxFrame: cfg.maxFrame, Report: report}
	m.asm = codec.Assembler{Deflate: cfg.deflate, MaxMessage: cfg.maxMessage, MaxFragments: cfg.maxFragments, Report: report}
	return m
}

// feed gives one piece of the stream, as a read would, and takes all that it can.
// Neither it nor what it calls is marked by Helper, which takes longer than they.
func (m *machines) feed(piece []byte) {
	m.buf = append(m.buf, piece...)
	for m.err == nil {
		s, n, err := m.dec.Next(m.buf)
		if err == codec.ErrShort {
			if n != 0 || s.Data != nil {
				m.t.Fatalf("Next took %d bytes of a short input", n)
			}
			return
		}
		if err != nil {
			m.fail(err)
			if !s.First || n == 0 {
				m.t.Fatalf("a violation comes without its header: %+v, %d", s, n)
			}
			return
		}
		m.checkSpan(s, n)
		m.buf = m.buf[n:]
		m.push(s)
	}
}

// fail notes the error that ended the stream and checks that it stays.
func (m *machines) fail(err error) {
	m.err = err
	v, ok := err.(*codec.Violation)
	if !ok {
		m.t.Fatalf("error %v is no violation", err)
	}
	if m.dec.Report != nil && v.Recovery != codec.StreamLost {
		m.t.Fatalf("a lenient machine ended at %v", err)
	}
}

func (m *machines) checkSpan(s codec.Span, n int) {
	if s.First {
		m.header, m.offset = s.Header, 0
	}
	if s.Header != m.header || s.Offset != m.offset {
		m.t.Fatalf("span %+v does not continue %+v at %d", s, m.header, m.offset)
	}
	if n < len(s.Data) || n > len(m.buf) || n == 0 || cap(s.Data) > n {
		m.t.Fatalf("span of %d bytes, capacity %d, took %d of %d", len(s.Data), cap(s.Data), n, len(m.buf))
	}
	m.offset += uint64(len(s.Data))
	if s.Last != (m.offset == s.Header.Length) {
		m.t.Fatalf("span has Last = %v after %d of %d bytes", s.Last, m.offset, s.Header.Length)
	}
	if m.dec.Inside() == s.Last || m.dec.Missing() != s.Header.Length-m.offset {
		m.t.Fatalf("Inside() = %v, Missing() = %d after %d of %d bytes",
			m.dec.Inside(), m.dec.Missing(), m.offset, s.Header.Length)
	}
}

func (m *machines) push(s codec.Span) {
	c, ok, err := m.asm.Push(s)
	switch {
	case err != nil:
		if ok {
			m.t.Fatal("Push yields a chunk with an error")
		}
		m.fail(err)
		if _, ok, again := m.asm.Push(codec.Span{First: true, Last: true}); ok || again != err {
			m.t.Fatalf("after %v, Push says %v, %v", err, ok, again)
		}
	case !ok:
		if c.Data != nil || c.First || c.Last {
			m.t.Fatalf("Push yields %+v and denies it", c)
		}
	case c.Opcode.Control():
		if !c.First || !c.Last || c.Compressed || len(c.Data) > codec.MaxControlPayload {
			m.t.Fatalf("control chunk %+v", c)
		}
		m.events = append(m.events, fmt.Sprintf("%v %q", c.Opcode, c.Data))
	default:
		m.message(c)
	}
}

func (m *machines) message(c codec.Chunk) {
	if !c.Opcode.Data() {
		m.t.Fatalf("chunk of opcode %v", c.Opcode)
	}
	if c.First {
		if m.open {
			m.t.Fatal("a message begins inside another one that was not abandoned")
		}
		m.open, m.opcode, m.packed, m.data = true, c.Opcode, c.Compressed, nil
	}
	if !m.open || c.Opcode != m.opcode || c.Compressed != m.packed {
		m.t.Fatalf("chunk %+v does not continue a message", c)
	}
	m.data = append(m.data, c.Data...)
	if c.Last {
		m.events = append(m.events, m.text(""))
		m.open, m.data = false, nil
	}
}

func (m *machines) text(note string) string {
	packed := ""
	if m.packed {
		packed = "compressed "
	}
	return note + packed + describe(m.opcode, m.data)
}

// describe shows a message, a long one by its sum.
func describe(op codec.Opcode, data []byte) string {
	if len(data) > 400 {
		return fmt.Sprintf("%v of %d bytes, sum %x", op, len(data), sha256.Sum256(data))
	}
	return fmt.Sprintf("%v %q", op, data)
}

// partial describes the message that has not ended, or is empty.
func (m *machines) partial() string {
	if !m.open {
		return ""
	}
	return m.text("part of ")
}

// TestCuttingAndFragmenting sends the same messages in many forms: as either
// role, under other keys, in other fragments and in other pieces. The same
// messages must arrive.
func TestCuttingAndFragmenting(t *testing.T) {
	tests := []struct {
		name      string
		sizes     []int
		fragments []int
		pieces    []int
	}{
		{
			name:      "small",
			sizes:     []int{0, 1, 2, 5, 125, 126, 127, 1000},
			fragments: []int{0, 1, 2, 7, 125, 126, 999},
			pieces:    []int{1, 2, 3, 14, 1000, 1 << 20},
		},
		{
			name:      "large",
			sizes:     []int{65535, 65536, 200001},
			fragments: []int{0, 126, 4096, 65535, 65536},
			pieces:    []int{997, 4096, 65536, 1 << 20},
		},
	}
	rng := rand.New(rand.NewPCG(6455, 7692))
	key := func() codec.MaskKey { return codec.MaskKey(binary.BigEndian.AppendUint32(nil, rng.Uint32())) }
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, role := range []codec.Role{codec.RoleServer, codec.RoleClient} {
				for _, fragment := range tt.fragments {
					enc := codec.Encoder{Role: role.Peer(), Key: key}
					var wire []byte
					var want []string
					for _, size := range tt.sizes {
						text := []byte(strings.Repeat("aж語😀", size/10) + strings.Repeat("b", size%10))
						random := make([]byte, size)
						for i := range random {
							random[i] = byte(rng.Uint32())
						}
						wire = enc.AppendMessage(wire, codec.OpText, false, text, fragment)
						wire = enc.AppendMessage(wire, codec.OpBinary, false, random, fragment)
						want = append(want, describe(codec.OpText, text), describe(codec.OpBinary, random))
					}
					for _, piece := range tt.pieces {
						got := newMachines(t, machineConfig{role: role, maxFrame: 200001, maxMessage: 200001, maxFragments: 2000})
						for p := range slices.Chunk(wire, piece) {
							got.feed(p)
						}
						if got.err != nil || !slices.Equal(got.events, want) {
							t.Errorf("as %v, in fragments of %d and pieces of %d: error %v, %d messages, want %d",
								role, fragment, piece, got.err, len(got.events), len(want))
						}
					}
				}
			}
		})
	}
}

// streamFrames turns arbitrary bytes into frames that are mostly legal in their
// header, so that a stream of them goes deep: two bytes choose a frame, the
// second one also its payload.
func streamFrames(program []byte, bare bool) (wire []byte) {
	payloads := []string{
		"", "a", "hello", "\x03", "\x03\xE8", "\x03\xE9bye", "\x13\x88", "\x03\xE8\xFF", "ж", "\xD0", "\xB6",
		"\xE8\xAA", "\x9E", "\xFF", strings.Repeat("x", 125), strings.Repeat("ж", 63), strings.Repeat("y", 300),
	}
	opcodes := []byte{0, 0, 0, 0, 1, 1, 2, 8, 9, 10, 3, 11}
	for len(program) >= 2 {
		a, p := program[0], program[1]
		program = program[2:]
		f := wireFrame{first: opcodes[int(a&0x3F)%len(opcodes)], payload: payloads[int(p&0x1F)%len(payloads)], bare: bare}
		if a&0x40 != 0 {
			f.first |= fin
		}
		// One frame in four has something else about it.
		if a&0x80 != 0 {
			switch p >> 5 {
			case 0:
				f.first |= rsv1
			case 1:
				f.first |= rsv2
			case 2:
				f.first |= rsv3
			case 3:
				f.bare = !f.bare
			case 4:
				f.form = 16
			case 5:
				f.form = 64
			case 6:
				f.first |= fin
				f.payload += f.payload
			case 7:
				f.length = uint64(a&0x3F) << 58
			}
		}
		wire = f.appendTo(wire)
	}
	return wire
}

func FuzzStream(f *testing.F) {
	f.Add([]byte("\x44\x02\x04\x08\x48\x01\x40\x02\x47\x05"), []byte{}, []byte{3}, byte(0))
	f.Add([]byte("\x04\x08\x00\x09\x48\x02\x40\x0A"), []byte{}, []byte{1}, byte(1))
	f.Add([]byte("\x84\x02\x00\x02\x40\x02"), []byte{}, []byte{2, 7}, byte(2|4))
	f.Add([]byte("\x04\x0D\x00\x02\x44\x02\x47\x07\x44\x02"), []byte{}, []byte{1, 2, 3}, byte(4|8))
	f.Add([]byte("\xC8\xD0\x47\xCF\x40\x01"), []byte{}, []byte{5}, byte(4|16))
	f.Add([]byte("\x44\x02\xC6\xE1\x44\x02"), []byte("\x81\x05hello"), []byte{4}, byte(1|4))
	f.Add([]byte{}, unhex(f, "818537fa213d7f9f4d5158 8900 c1077a"), []byte{1, 1, 9}, byte(4))
	f.Fuzz(func(t *testing.T, program, raw, cuts []byte, flags byte) {
		cfg := machineConfig{role: codec.Role(flags & 1), deflate: flags&2 != 0, lenient: flags&4 != 0}
		if flags&8 != 0 {
			cfg.maxFrame, cfg.maxMessage = 200, 260
		}
		if flags&16 != 0 {
			cfg.maxFragments = 3
		}
		wire := append(streamFrames(program, cfg.role == codec.RoleClient), raw...)

		once := newMachines(t, cfg)
		once.feed(wire)
		cut := newMachines(t, cfg)
		for rest, i := wire, 0; len(rest) > 0; i++ {
			n := len(rest)
			if len(cuts) > 0 {
				n = min(n, 1+int(cuts[i%len(cuts)]))
			}
			cut.feed(rest[:n])
			rest = rest[n:]
		}
		sameStream(t, cut, once)

		// The first problem of a lenient run is where a strict one stops.
		cfg.lenient = !cfg.lenient
		other := newMachines(t, cfg)
		other.feed(wire)
		strict, lenient := once, other
		if cfg.lenient = !cfg.lenient; cfg.lenient {
			strict, lenient = other, once
		}
		var first error
		if len(lenient.problems) > 0 {
			first = lenient.problems[0]
		}
		if strict.err != first {
			t.Fatalf("strict stops at %v, lenient first reports %v", strict.err, first)
		}
		if n := len(strict.events); n > len(lenient.events) || !slices.Equal(strict.events, lenient.events[:n]) {
			t.Fatalf("strict says %q, lenient %q", strict.events, lenient.events)
		}
	})
}

// sameStream compares a stream in pieces with the same stream at once.
func sameStream(t *testing.T, cut, once *machines) {
	t.Helper()
	if cut.err != once.err {
		t.Fatalf("in pieces it ends with %v, at once with %v", cut.err, once.err)
	}
	if !slices.Equal(cut.events, once.events) {
		t.Fatalf("in pieces: %q\nat once:   %q", cut.events, once.events)
	}
	if once.err == nil && !bytes.Equal(cut.buf, once.buf) {
		t.Fatalf("in pieces %d bytes are left, at once %d", len(cut.buf), len(once.buf))
	}
	// Text may have been shown up to the bad byte, or up to the piece before.
	if cut.partial() != once.partial() && (once.err == nil || !bytes.HasPrefix(cut.data, once.data)) {
		t.Fatalf("in pieces: %q\nat once:   %q", cut.partial(), once.partial())
	}
}
