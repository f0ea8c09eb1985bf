package wsconn

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"

	"wskit/codec"
)

// forms returns how many compressed forms p has.
func forms(p *Prepared) int {
	n := 0
	for f := p.forms.Load(); f != nil; f = f.next {
		n++
	}
	return n
}

// preparedTexts are messages that refer to each other where there is takeover: short
// ones, long ones, and ones that do not compress.
func preparedTexts() []string {
	line := "Sphinx of black quartz, judge my vow. The five boxing wizards jump quickly. "
	return []string{
		line + line[:40], "", "short", line + line[:60], strings.Repeat(line, 300), string(pattern(3000)),
		strings.Repeat("compress me ", 100), string(pattern(80_000)), line + line[:50], strings.Repeat(line, 2000),
	}
}

// TestPreparedTakeover sends prepared messages between others that are compressed with
// what was sent before, in every way of sending, for each window.
func TestPreparedTakeover(t *testing.T) {
	for bits := codec.MinWindowBits; bits <= codec.MaxWindowBits; bits++ {
		for _, alone := range []bool{false, true} {
			t.Run(fmt.Sprintf("bits=%d/alone=%v", bits, alone), func(t *testing.T) {
				agreed := &codec.Deflate{ServerMaxWindowBits: bits, ServerNoContextTakeover: alone}
				srv, cli := connect(t, networks[0], Config{Deflate: agreed}, Config{Deflate: agreed})
				texts := preparedTexts()
				sent := async(func() error {
					o := srv.NewOutbox(16<<20, CloseWhenFull)
					for _, text := range texts {
						p := NewPrepared(codec.OpBinary, []byte(text))
						o.Hold()
						for _, err := range []error{
							o.SendPrepared(p),
							o.Send(codec.OpBinary, []byte(text)),
							o.SendPrepared(p),
						} {
							if err != nil {
								return err
							}
						}
						o.Release()
						o.Wait()
						if err := srv.WritePrepared(p); err != nil {
							return err
						}
						if err := srv.WriteMessage(codec.OpBinary, []byte(text)); err != nil {
							return err
						}
						if forms(p) > 1 {
							t.Errorf("%d forms of one message, want one", forms(p))
						}
					}
					return nil
				})
				for i := range 5 * len(texts) {
					op, data, err := cli.NextMessage()
					if want := texts[i/5]; err != nil || op != codec.OpBinary || string(data) != want {
						t.Fatalf("message %d: got %v, %d bytes and %v; want %d bytes", i, op, len(data), err, len(want))
					}
				}
				if err := sent(); err != nil {
					t.Error(err)
				}
				n := int64(5 * len(texts))
				if s := srv.Stats(); s.MessagesOut != n || s.FramesOut != n {
					t.Errorf("Stats: %d messages in %d frames, want %d", s.MessagesOut, s.FramesOut, n)
				}
			})
		}
	}
}

// TestPreparedIsShared compresses a message once for a thousand connections that are
// sent it at the same time, and sends all of them the same bytes from the same place.
func TestPreparedIsShared(t *testing.T) {
	text := strings.Repeat("compress me once ", 50)
	for _, tt := range []struct {
		name    string
		deflate []*codec.Deflate // of the connections in turn
		forms   int
	}{
		{name: "plain", deflate: []*codec.Deflate{nil}},
		{name: "one window", deflate: []*codec.Deflate{{}}, forms: 1},
		{name: "with and without takeover", deflate: []*codec.Deflate{{}, {ServerNoContextTakeover: true}}, forms: 1},
		{name: "three windows", deflate: []*codec.Deflate{{}, {ServerMaxWindowBits: 9}, {ServerMaxWindowBits: 12}, nil}, forms: 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := NewPrepared(codec.OpText, []byte(text))
			wires := make([]*wire, 1000)
			var writing sync.WaitGroup
			for i := range wires {
				nc, peer := pipePair(t)
				c := New(nc, Config{Deflate: tt.deflate[i%len(tt.deflate)]})
				wires[i] = &wire{}
				c.tr = wires[i]
				writing.Go(func() {
					if err := c.WritePrepared(p); err != nil {
						t.Error(err)
					}
					c.Abort()
					peer.Close()
				})
			}
			writing.Wait()
			if got := forms(p); got != tt.forms {
				t.Errorf("%d forms for %d connections, want %d", got, len(wires), tt.forms)
			}
			kinds := len(tt.deflate)
			for i, w := range wires[kinds:] {
				if &w.b[0] != &wires[i%kinds].b[0] {
					t.Fatalf("connection %d was sent bytes of its own", kinds+i)
				}
			}
		})
	}
}

// A wire is a transport that keeps the slice that it was given last.
type wire struct {
	loop
	b []byte
}

func (w *wire) write(p []byte) error {
	w.b = p
	return nil
}

// TestPreparedOnTheWire looks at the frames of a prepared message.
func TestPreparedOnTheWire(t *testing.T) {
	long, noise := strings.Repeat("compress me ", 100), string(pattern(1000))
	huge := string(pattern(queueSize))
	for _, tt := range []struct {
		name    string
		cfg     Config
		message string
		queued  bool // something waits to go out before it
		frames  int
		rsv     uint8
		atMost  int
	}{
		{name: "plain", message: long, frames: 1, atMost: len(long)},
		{name: "empty", message: "", frames: 1},
		{name: "behind a reply", message: long, queued: true, frames: 1, atMost: len(long)},
		{name: "huge", message: huge, frames: 1, atMost: len(huge)},
		{name: "huge behind a reply", message: huge, queued: true, frames: 1, atMost: len(huge)},
		{name: "compressed", cfg: Config{Deflate: &codec.Deflate{}}, message: long, frames: 1, rsv: codec.RSV1, atMost: 100},
		{name: "below the minimum", cfg: Config{Deflate: &codec.Deflate{}, CompressMin: 2000}, message: long, frames: 1, atMost: len(long)},
		{name: "no minimum", cfg: Config{Deflate: &codec.Deflate{}, CompressMin: -1}, message: "tiny", frames: 1, atMost: 4},
		{name: "incompressible", cfg: Config{Deflate: &codec.Deflate{}}, message: noise, frames: 1, atMost: len(noise)},
		{name: "client", cfg: Config{Role: codec.RoleClient}, message: long, frames: 1, atMost: len(long)},
		{name: "client, compressed", cfg: Config{Role: codec.RoleClient, Deflate: &codec.Deflate{}}, message: long, frames: 1, rsv: codec.RSV1, atMost: 100},
		{name: "fragments", cfg: Config{FragmentSize: 500}, message: long, frames: 3, atMost: 500},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, p := against(t, networks[0], tt.cfg)
			if tt.queued {
				c.QueueMessage(codec.OpText, []byte("reply"))
			}
			m := NewPrepared(codec.OpBinary, []byte(tt.message))
			sent := async(func() error { return c.WritePrepared(m) })
			if tt.queued {
				p.want(true, codec.OpText, "reply")
			}
			var all []byte
			for i := range tt.frames {
				h, payload, _ := p.next()
				first := i == 0
				if h.Fin != (i == tt.frames-1) || h.RSV != tt.rsv || (h.Opcode == codec.OpBinary) != first || len(payload) > tt.atMost {
					t.Errorf("frame %d: %+v with %d bytes, want RSV %d and at most %d", i, h, len(payload), tt.rsv, tt.atMost)
				}
				all = append(all, payload...)
			}
			if tt.rsv == 0 && string(all) != tt.message {
				t.Errorf("got %d bytes, want %d", len(all), len(tt.message))
			}
			if err := sent(); err != nil {
				t.Error(err)
			}
			want := Stats{FramesOut: int64(tt.frames), MessagesOut: 1, BytesOut: int64(p.n)}
			if tt.queued {
				want.FramesOut++
				want.MessagesOut++
			}
			if got := c.Stats(); got != want {
				t.Errorf("Stats: %+v, want %+v", got, want)
			}
		})
	}
}

// TestPreparedKeepsNothing copies what it is given, and refuses what is no message.
func TestPreparedKeepsNothing(t *testing.T) {
	c, p := against(t, networks[0], Config{})
	data := []byte("data")
	m := NewPrepared(codec.OpText, data)
	copy(data, "XXXX")
	if err := c.WritePrepared(m); err != nil {
		t.Fatal(err)
	}
	p.want(true, codec.OpText, "data")
	ping := NewPrepared(codec.OpPing, nil)
	o := c.NewOutbox(0, CloseWhenFull)
	if err := c.WritePrepared(ping); err != ErrOpcode {
		t.Errorf("WritePrepared(ping) = %v, want %v", err, ErrOpcode)
	}
	if err := o.SendPrepared(ping); err != ErrOpcode {
		t.Errorf("SendPrepared(ping) = %v, want %v", err, ErrOpcode)
	}
	c.Abort()
	if err := c.WritePrepared(m); err != c.Err() {
		t.Errorf("WritePrepared() after the end = %v, want %v", err, c.Err())
	}
	o.Wait()
}

// TestPreparedIsTapped shows a prepared message to the tap, and leaves it as it is.
func TestPreparedIsTapped(t *testing.T) {
	cfg := Config{}
	n := writes(&cfg)
	c, p := against(t, networks[0], cfg)
	m := NewPrepared(codec.OpBinary, pattern(100_000))
	before := bytes.Clone(m.plain.frame)
	sent := async(func() error { return c.WritePrepared(m) })
	p.want(true, codec.OpBinary, string(pattern(100_000)))
	if err := sent(); err != nil || *n != 1 {
		t.Errorf("%d writes were tapped and %v, want 1", *n, err)
	}
	if !bytes.Equal(m.plain.frame, before) {
		t.Error("the message was changed")
	}
}
