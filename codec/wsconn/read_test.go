package wsconn

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"

	"wskit/codec"
)

// TestNextMessageOfPieces has messages arrive in every cut, at every buffer's edge.
func TestNextMessageOfPieces(t *testing.T) {
	p := &peer{role: codec.RoleClient}
	large := string(pattern(plainReadSize + 100))
	for _, tt := range []struct {
		name string
		wire [][]byte
		want []string
		step int
	}{
		{
			name: "short",
			wire: [][]byte{p.text("one"), p.frame(false, codec.OpText, "t"), p.frame(true, codec.OpPong, "x"), p.frame(false, 0, "w"), p.frame(true, 0, "o"), p.frame(true, codec.OpBinary, ""), p.text(strings.Repeat("é", 200))},
			want: []string{"one", "two", "", strings.Repeat("é", 200)},
			step: 1,
		},
		{
			name: "large",
			wire: [][]byte{p.frame(true, codec.OpBinary, large), p.frame(false, codec.OpBinary, large), p.frame(true, 0, large), p.frame(true, codec.OpBinary, "end")},
			want: []string{large, large + large, "end"},
			step: 4999,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			wire := bytes.Join(tt.wire, nil)
			for cut := 0; cut < len(wire); cut += tt.step {
				c, p := against(t, pipes, Config{})
				sent := async(func() error {
					if _, err := p.nc.Write(wire[:cut]); err != nil {
						return err
					}
					_, err := p.nc.Write(wire[cut:])
					return err
				})
				for i, want := range tt.want {
					_, data, err := c.NextMessage()
					if err != nil || string(data) != want {
						t.Fatalf("cut at %d: message %d has %d bytes, error %v; want %d bytes", cut, i, len(data), err, len(want))
					}
				}
				if err := sent(); err != nil {
					t.Fatal(err)
				}
				c.Abort()
			}
		})
	}
}

// TestNextFrame keeps the boundaries of frames of every size.
func TestNextFrame(t *testing.T) {
	onNetworks(t, func(t *testing.T, n network) {
		c, p := against(t, n, Config{})
		var wire []byte
		want := []Frame{
			{Fin: true, Opcode: codec.OpText, Data: []byte("one")},
			{Opcode: codec.OpText, Data: []byte("\xe2\x82")},
			{Opcode: 0, Data: []byte{}},
			{Fin: true, Opcode: 0, Data: []byte("\xac")},
		}
		for _, size := range []int{125, readSize - 100, readSize, readSize + 1, 300_000} {
			want = append(want, Frame{Opcode: codec.OpBinary, Data: pattern(size)}, Frame{Fin: true, Data: pattern(size + 1)})
		}
		for _, f := range want {
			wire = append(wire, p.frame(true, codec.OpPong, "between")...)
			wire = append(wire, p.frame(f.Fin, f.Opcode, string(f.Data))...)
		}
		sent := async(func() error { _, err := p.nc.Write(wire); return err })
		for i, w := range want {
			f, err := c.NextFrame()
			if err != nil {
				t.Fatal(err)
			}
			if f.Fin != w.Fin || f.Opcode != w.Opcode || !bytes.Equal(f.Data, w.Data) {
				t.Fatalf("frame %d: got %v fin=%v of %d bytes, want %v fin=%v of %d bytes", i, f.Opcode, f.Fin, len(f.Data), w.Opcode, w.Fin, len(w.Data))
			}
		}
		if err := sent(); err != nil {
			t.Error(err)
		}
	})
}

// TestNextReader reads messages piece by piece, by the rules for an io.Reader.
func TestNextReader(t *testing.T) {
	big := string(pattern(700_000))
	for _, tt := range []struct {
		name   string
		frames []string
	}{
		{name: "empty", frames: []string{""}},
		{name: "short", frames: []string{"hello"}},
		{name: "fragments", frames: []string{"", "he", "", "llo", ""}},
		{name: "large", frames: []string{big}},
		{name: "large fragments", frames: []string{big[:400_000], big[400_000:]}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onNetworks(t, func(t *testing.T, n network) {
				c, p := against(t, n, Config{})
				sent := async(func() bool {
					for i, f := range tt.frames {
						op := codec.OpBinary
						if i > 0 {
							op = codec.OpContinuation
						}
						p.send(p.frame(i == len(tt.frames)-1, op, f))
					}
					p.send(p.text("next"))
					return true
				})
				op, r, err := c.NextReader()
				if err != nil || op != codec.OpBinary {
					t.Fatalf("NextReader() = %v, %v", op, err)
				}
				if n, err := r.Read(nil); n != 0 || err != nil {
					t.Errorf("Read(nil) = %d, %v", n, err)
				}
				want := strings.Join(tt.frames, "")
				if len(want) < 1000 {
					if err := iotest.TestReader(r, []byte(want)); err != nil {
						t.Error(err)
					}
				} else if got, err := io.ReadAll(r); err != nil || string(got) != want {
					t.Errorf("got %d bytes and %v, want %d", len(got), err, len(want))
				}
				if n, err := r.Read(make([]byte, 1)); n != 0 || err != io.EOF {
					t.Errorf("Read() at the end = %d, %v; want 0, EOF", n, err)
				}
				if _, data, err := c.NextMessage(); err != nil || string(data) != "next" {
					t.Errorf("NextMessage() = %q, %v; want next", data, err)
				}
				if _, err := r.Read(make([]byte, 1)); err != errStaleReader {
					t.Errorf("Read() of the message before = %v, want %v", err, errStaleReader)
				}
				sent()
			})
		})
	}
}

// TestNextReaderIsLargerThanMemory reads a message of 64 MiB in one frame, and the
// connection never holds more than a read buffer.
func TestNextReaderIsLargerThanMemory(t *testing.T) {
	const size = 64 << 20
	c, p := against(t, networks[0], Config{MaxMessage: -1})
	go func() {
		p.nc.Write(head(codec.Header{Fin: true, Opcode: codec.OpBinary, Length: size}))
		chunk := make([]byte, 1<<20)
		codec.Mask(key, 0, chunk)
		for range size / len(chunk) {
			p.nc.Write(chunk)
		}
	}()
	_, r, err := c.NextReader()
	if err != nil {
		t.Fatal(err)
	}
	n, most := 0, 0
	for b := make([]byte, 10_000); ; {
		m, err := r.Read(b)
		n += m
		most = max(most, cap(c.in.b))
		if c.msg != nil {
			t.Fatal("the message is gathered in memory")
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if bytes.ContainsFunc(b[:m], func(r rune) bool { return r != 0 }) {
			t.Fatal("the payload is not unmasked")
		}
	}
	if n != size || most > largeReadSize {
		t.Errorf("got %d bytes with a buffer of %d, want %d with at most %d", n, most, size, largeReadSize)
	}
}

// TestMixedReads leaves messages half read: the next call goes on with the next
// message, or with the next frame if it is asked for one.
func TestMixedReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, p := against(t, pipes, Config{})
		sent := async(func() bool {
			for i := range 4 {
				p.send(p.frame(false, codec.OpText, fmt.Sprint("a", i)), p.frame(false, 0, "b"), p.frame(true, 0, "c"))
			}
			p.send(p.text("end"))
			return true
		})
		if f, err := c.NextFrame(); err != nil || string(f.Data) != "a0" || f.Fin || f.Opcode != codec.OpText {
			t.Errorf("NextFrame() = %+v, %v; want a0", f, err)
		}
		if _, data, err := c.NextMessage(); err != nil || string(data) != "a1bc" {
			t.Errorf("NextMessage() = %q, %v; want a1bc", data, err)
		}
		_, r, err := c.NextReader()
		if err != nil {
			t.Fatal(err)
		}
		one := make([]byte, 1)
		if _, err := r.Read(one); err != nil || string(one) != "a" {
			t.Errorf("Read() = %q, %v; want a", one, err)
		}
		if f, err := c.NextFrame(); err != nil || string(f.Data) != "b" || f.Fin || f.Opcode != codec.OpContinuation {
			t.Errorf("NextFrame() = %+v, %v; want b", f, err)
		}
		if _, _, err = c.NextReader(); err != nil {
			t.Fatal(err)
		}
		if _, data, err := c.NextMessage(); err != nil || string(data) != "end" {
			t.Errorf("NextMessage() = %q, %v; want end", data, err)
		}
		sent()
	})
}

// TestAnnouncedBytesTakeNoMemory announces the largest message that is allowed and
// sends little of it, as in the header alone, or beyond the read buffer.
func TestAnnouncedBytesTakeNoMemory(t *testing.T) {
	for _, tt := range []struct {
		name  string
		sends int
	}{
		{name: "nothing"},
		{name: "a byte", sends: 1},
		{name: "some", sends: 3000},
		{name: "more than a buffer", sends: 2 * readSize},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onNetworks(t, func(t *testing.T, n network) {
				c, p := against(t, n, Config{MessageTimeout: -1})
				ended := async(func() error { _, _, err := c.NextMessage(); return err })
				p.send(head(codec.Header{Fin: true, Opcode: codec.OpBinary, Length: DefaultMaxMessage}), make([]byte, tt.sends))
				// The end of the stream lets the reader stop; what it held is
				// seen by the counts of the last read.
				for c.bytesIn.Load() < int64(tt.sends+codec.MaxHeader) {
					select {
					case <-c.Done():
						t.Fatal(c.Err())
					default:
					}
				}
				p.nc.Close()
				ended()
				if got, limit := cap(bytesOf(c.msg)), 2*tt.sends+aheadSize; got > limit {
					t.Errorf("%d bytes were held for %d that arrived, want at most %d", got, tt.sends, limit)
				}
			})
		})
	}
}

func bytesOf(p *buffer) []byte {
	if p == nil {
		return nil
	}
	return p.b
}
