package wsconn

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"wskit/codec"
)

// agreements are what a handshake may have agreed on.
var agreements = []codec.Deflate{
	{},
	{ServerNoContextTakeover: true, ClientNoContextTakeover: true},
	{ServerNoContextTakeover: true},
	{ServerMaxWindowBits: 9, ClientMaxWindowBits: 10},
	{ServerMaxWindowBits: 8, ClientMaxWindowBits: 15, ClientNoContextTakeover: true},
}

// TestDeflate echoes compressed messages of all sizes, in every way of sending and
// reading.
func TestDeflate(t *testing.T) {
	// What goes uncompressed between the two is no part of what the second refers to.
	twice := "Sphinx of black quartz, judge my vow. The five boxing wizards jump quickly. " +
		"How vexingly quick daft zebras jump! Waltz, bad nymph, for quick jigs vex."
	messages := []string{
		"", "x", strings.Repeat("compress me ", 20), strings.Repeat("compress me ", 6_000), string(pattern(70_000)), strings.Repeat("compress me ", 20),
		twice, "not compressed", twice,
	}
	for _, agreed := range agreements {
		for _, fragment := range []int{0, 100} {
			t.Run(fmt.Sprintf("%+v/%d", agreed, fragment), func(t *testing.T) {
				for _, n := range []network{networks[0], pipes} {
					srv, cli := connect(t, n, Config{Deflate: &agreed, FragmentSize: fragment}, Config{Deflate: &agreed, FragmentSize: fragment, CompressMin: -1, CompressLevel: 1})
					ended := async(func() error { return serveEcho(srv) })
					sent := async(func() error {
						for _, m := range messages {
							w, err := cli.MessageWriter(codec.OpBinary)
							if err != nil {
								return err
							}
							io.WriteString(w, m)
							if err := w.Close(); err != nil {
								return err
							}
							if err := cli.WriteMessage(codec.OpBinary, []byte(m)); err != nil {
								return err
							}
						}
						return nil
					})
					for i := range 2 * len(messages) {
						want := messages[i/2]
						var got []byte
						var err error
						switch i % 3 {
						case 0:
							_, got, err = cli.NextMessage()
						case 1:
							var r io.Reader
							if _, r, err = cli.NextReader(); err == nil {
								got, err = io.ReadAll(r)
							}
						case 2:
							f := Frame{}
							for !f.Fin && err == nil {
								f, err = cli.NextFrame()
								got = append(got, f.Data...)
							}
						}
						if err != nil || string(got) != want {
							t.Fatalf("message %d: %d bytes and %v, want %d", i, len(got), err, len(want))
						}
					}
					if err := sent(); err != nil {
						t.Error(err)
					}
					if err := cli.Close(1000, ""); err != nil {
						t.Error(err)
					}
					ended()
				}
			})
		}
	}
}

// TestDeflateOnTheWire looks at which messages are compressed.
func TestDeflateOnTheWire(t *testing.T) {
	long := strings.Repeat("compress me ", 100)
	for _, tt := range []struct {
		name    string
		cfg     Config
		message string
		rsv     uint8
		atMost  int
	}{
		{name: "long", cfg: Config{Deflate: &codec.Deflate{}}, message: long, rsv: codec.RSV1, atMost: 100},
		{name: "below the minimum", cfg: Config{Deflate: &codec.Deflate{}}, message: long[:codec.DefaultMinSize-1], atMost: codec.DefaultMinSize},
		{name: "own minimum", cfg: Config{Deflate: &codec.Deflate{}, CompressMin: 2000}, message: long, atMost: len(long)},
		{name: "no minimum", cfg: Config{Deflate: &codec.Deflate{}, CompressMin: -1}, message: "tiny", rsv: codec.RSV1, atMost: 20},
		{name: "incompressible without takeover", cfg: Config{Deflate: &codec.Deflate{ServerNoContextTakeover: true}}, message: string(pattern(1000)), atMost: 1000},
		{name: "not agreed", message: long, atMost: len(long)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, p := against(t, pipes, tt.cfg)
			sent := async(func() error { return c.WriteMessage(codec.OpText, []byte(tt.message)) })
			h, payload, _ := p.next()
			if h.RSV != tt.rsv || len(payload) > tt.atMost {
				t.Errorf("sent RSV %d and %d bytes, want %d and at most %d", h.RSV, len(payload), tt.rsv, tt.atMost)
			}
			if err := sent(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestTakeoverOrder has replies queued by the reader while others write: each is
// inflated with the history of those that were sent before it.
func TestTakeoverOrder(t *testing.T) {
	agreed := &codec.Deflate{}
	srv, cli := connect(t, networks[0], Config{Deflate: agreed}, Config{Deflate: agreed})
	ended := async(func() error { return serveEcho(srv) })
	const n = 200
	text := func(i int) []byte { return []byte(strings.Repeat(fmt.Sprint("message ", i, " "), 40)) }
	pushed := async(func() error {
		for i := range n {
			if err := srv.WriteMessage(codec.OpBinary, text(i)); err != nil {
				return err
			}
		}
		return nil
	})
	sent := async(func() error {
		for i := range n {
			if err := cli.WriteMessage(codec.OpText, text(i)); err != nil {
				return err
			}
		}
		return nil
	})
	next := map[codec.Opcode]int{}
	for range 2 * n {
		op, data, err := cli.NextMessage()
		if err != nil {
			t.Fatal(err)
		}
		if want := text(next[op]); !bytes.Equal(data, want) {
			t.Fatalf("%v message %d: got %.40q, want %.40q", op, next[op], data, want)
		}
		next[op]++
	}
	if err := pushed(); err != nil {
		t.Error(err)
	}
	if err := sent(); err != nil {
		t.Error(err)
	}
	cli.Close(1000, "")
	ended()
}

// TestInflatedLimit takes a message of exactly the limit and refuses one byte more,
// without ever holding much more than the limit.
func TestInflatedLimit(t *testing.T) {
	for _, tt := range []struct {
		size int
		ok   bool
	}{
		{size: 1 << 20, ok: true},
		{size: 1<<20 + 1},
		{size: 20 << 20},
	} {
		c, p := against(t, pipes, Config{Deflate: &codec.Deflate{}, MaxMessage: 1 << 20})
		wire := masked(codec.Header{Fin: true, RSV: codec.RSV1, Opcode: codec.OpBinary}, deflated(strings.Repeat("a", tt.size)))
		go p.nc.Write(wire)
		var got int
		ended := async(func() error {
			_, data, err := c.NextMessage()
			got = len(data)
			return err
		})
		if tt.ok {
			if err := ended(); err != nil || got != tt.size {
				t.Errorf("%d bytes: got %d and %v", tt.size, got, err)
			}
			continue
		}
		p.wantClose(codec.CloseMessageTooBig, codec.ErrInflatedTooBig.Reason)
		v := codec.ErrInflatedTooBig
		wantEnded(t, ended(), CloseError{Code: v.Close, Reason: v.Reason, By: Local, Err: v})
		if held := cap(bytesOf(c.msg)); held > 2<<20 {
			t.Errorf("%d bytes: %d bytes were held", tt.size, held)
		}
	}
}

// TestNextFrameCompressed tells the frames that came compressed from the others.
func TestNextFrameCompressed(t *testing.T) {
	c, p := against(t, pipes, Config{Deflate: &codec.Deflate{}})
	compressed := deflated("compressed")
	go p.send(
		masked(codec.Header{Fin: true, RSV: codec.RSV1, Opcode: codec.OpText}, compressed),
		p.text("plain"), p.frame(false, codec.OpText, "pla"), p.frame(true, codec.OpContinuation, "in"),
		masked(codec.Header{RSV: codec.RSV1, Opcode: codec.OpText}, compressed[:3]),
		masked(codec.Header{Fin: true, Opcode: codec.OpContinuation}, compressed[3:]),
	)
	for i, want := range []Frame{
		{Fin: true, Opcode: codec.OpText, Data: []byte("compressed"), Compressed: true},
		{Fin: true, Opcode: codec.OpText, Data: []byte("plain")},
		{Opcode: codec.OpText, Data: []byte("pla")},
		{Fin: true, Opcode: codec.OpContinuation, Data: []byte("in")},
		{Fin: true, Opcode: codec.OpText, Data: []byte("compressed"), Compressed: true},
	} {
		got, err := c.NextFrame()
		if err != nil || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
			t.Fatalf("frame %d: %+v and %v, want %+v", i, got, err, want)
		}
	}
	want := Frame{Fin: true, Opcode: codec.OpText, Data: []byte("back"), Compressed: true}
	sent := async(func() error { return c.WriteFrame(want) })
	if h, _, _ := p.next(); h.RSV != 0 {
		t.Errorf("a frame was sent with RSV %d, want 0", h.RSV)
	}
	if err := sent(); err != nil {
		t.Error(err)
	}
}
