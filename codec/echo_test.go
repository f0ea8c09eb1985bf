package codec_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"wskit/codec"
)

// An echo is a server's path from bytes to bytes without a socket.
type echo struct {
	dec codec.Decoder
	asm codec.Assembler
	enc codec.Encoder
	in  []byte
	out []byte
}

func newEcho() *echo {
	return &echo{
		dec: codec.Decoder{MaxFrame: 16 << 20},
		asm: codec.Assembler{MaxMessage: 16 << 20, MaxFragments: 16384},
	}
}

// run answers the messages of wire, each of which is one frame. The frames are
// copied first, since they are unmasked in place: a read would do that.
func (e *echo) run(tb testing.TB, wire []byte) []byte {
	e.in, e.out = append(e.in[:0], wire...), e.out[:0]
	for b := e.in; len(b) > 0; {
		s, n, err := e.dec.Next(b)
		if err != nil {
			tb.Fatal(err)
		}
		b = b[n:]
		c, ok, err := e.asm.Push(s)
		if err != nil || !ok {
			tb.Fatal(ok, err)
		}
		e.out = e.enc.AppendMessage(e.out, c.Opcode, false, c.Data, 0)
	}
	return e.out
}

func echoWire(size int) (in, out []byte) {
	text := strings.Repeat("x", size)
	return wireOf(wireFrame{first: fin | 1, payload: text}), wireOf(wireFrame{first: fin | 1, payload: text, bare: true})
}

// TestEchoAllocates fails when the path of a message through decoder, assembler
// and encoder allocates in steady state, for a control frame too.
func TestEchoAllocates(t *testing.T) {
	for _, size := range []int{0, 125, 1024, 65536} {
		in, want := echoWire(size)
		e := newEcho()
		if got := e.run(t, in); !bytes.Equal(got, want) {
			t.Fatalf("%d bytes: the echo differs", size)
		}
		if allocs := testing.AllocsPerRun(100, func() { e.run(t, in) }); allocs != 0 {
			t.Errorf("%d bytes: %v allocations for each message, want none", size, allocs)
		}
	}
	ping := wireOf(wireFrame{first: fin | 9, payload: "are you there"})
	var (
		dec codec.Decoder
		asm codec.Assembler
		enc = codec.Encoder{Role: codec.RoleClient, Key: keys()}
		in  = make([]byte, len(ping))
		out []byte
	)
	allocs := testing.AllocsPerRun(100, func() {
		copy(in, ping)
		out = out[:0]
		for b, piece := in, 10; len(b) > 0; {
			s, n, err := dec.Next(b[:min(piece, len(b))])
			if err != nil {
				t.Fatal(err)
			}
			b = b[n:]
			if c, ok, err := asm.Push(s); err != nil {
				t.Fatal(err)
			} else if ok {
				out = enc.AppendControl(out, codec.OpPong, c.Data)
			}
		}
	})
	if allocs != 0 || len(out) != len(ping) {
		t.Errorf("a ping in pieces: %v allocations, a pong of %d bytes; want none and %d", allocs, len(out), len(ping))
	}
}

// BenchmarkEcho takes a message from bytes to bytes as an endpoint does, with a
// Receiver, and as a tool does, by its spans.
func BenchmarkEcho(b *testing.B) {
	for _, size := range []int{16, 125, 1024, 65536} {
		wire, _ := echoWire(size)
		b.Run(fmt.Sprintf("size=%d/receiver", size), func(b *testing.B) {
			var (
				rx = codec.Receiver{
					Decoder:   codec.Decoder{MaxFrame: 16 << 20},
					Assembler: codec.Assembler{MaxMessage: 16 << 20, MaxFragments: 16384},
				}
				enc     codec.Encoder
				in, out []byte
				c       codec.Chunk
			)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				in = append(in[:0], wire...)
				if _, ok, err := rx.Next(in, &c); err != nil || !ok {
					b.Fatal(ok, err)
				}
				out = enc.AppendMessage(out[:0], c.Opcode, false, c.Data, 0)
			}
		})
		b.Run(fmt.Sprintf("size=%d/spans", size), func(b *testing.B) {
			e := newEcho()
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				e.run(b, wire)
			}
		})
	}
}
