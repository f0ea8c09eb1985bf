package wsconn

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"wskit/codec"
)

// TestWriteMessageWith looks at the frames of a message, in both roles.
func TestWriteMessageWith(t *testing.T) {
	long := strings.Repeat("compress me ", 100)
	mixed := string(pattern(1000))
	deflate := &codec.Deflate{ServerNoContextTakeover: true, ClientNoContextTakeover: true}
	for _, tt := range []struct {
		name    string
		cfg     Config
		opts    SendOptions
		message string
		rsv     uint8
		frames  []int // their sizes; of what is compressed, only the first
		err     error
	}{
		{name: "as it is", message: long, frames: []int{1200}},
		{name: "fragments", opts: SendOptions{Fragment: 500}, message: long, frames: []int{500, 500, 200}},
		{name: "fragments that fit", opts: SendOptions{Fragment: 400}, message: long, frames: []int{400, 400, 400}},
		{name: "a large fragment", opts: SendOptions{Fragment: 1200}, message: long, frames: []int{1200}},
		{name: "nothing to cut", opts: SendOptions{Fragment: 1}, frames: []int{0}},
		{name: "as configured", cfg: Config{FragmentSize: 700}, opts: SendOptions{Compress: CompressNever}, message: long, frames: []int{700, 500}},
		{name: "larger than configured", cfg: Config{FragmentSize: 100}, opts: SendOptions{Fragment: 1000}, message: long, frames: []int{1000, 200}},
		{name: "one frame all the same", cfg: Config{FragmentSize: 100}, opts: SendOptions{Fragment: -1}, message: long, frames: []int{1200}},

		{name: "compressed", cfg: Config{Deflate: deflate}, opts: SendOptions{Fragment: 5}, message: long, rsv: codec.RSV1, frames: []int{5}},
		{name: "never compressed", cfg: Config{Deflate: deflate}, opts: SendOptions{Compress: CompressNever}, message: long, frames: []int{1200}},
		{name: "below the minimum", cfg: Config{Deflate: deflate}, opts: SendOptions{Fragment: 5}, message: "tiny", frames: []int{4}},
		{name: "always compressed", cfg: Config{Deflate: deflate}, opts: SendOptions{Compress: CompressAlways, Fragment: 2}, message: "tiny", rsv: codec.RSV1, frames: []int{2}},
		{name: "nothing to compress", cfg: Config{Deflate: deflate}, opts: SendOptions{Compress: CompressAlways}, rsv: codec.RSV1, frames: []int{1}},
		{name: "larger when compressed", cfg: Config{Deflate: deflate}, opts: SendOptions{Fragment: -1}, message: mixed, frames: []int{1000}},
		{name: "larger and always", cfg: Config{Deflate: deflate}, opts: SendOptions{Compress: CompressAlways, Fragment: 1001}, message: mixed, rsv: codec.RSV1, frames: []int{1001}},
		{name: "not agreed", opts: SendOptions{Compress: CompressAlways}, message: long, err: ErrNoCompression},
	} {
		for _, role := range []codec.Role{codec.RoleServer, codec.RoleClient} {
			t.Run(fmt.Sprintf("%s/%v", tt.name, role), func(t *testing.T) {
				tt.cfg.Role = role
				c, p := against(t, pipes, tt.cfg)
				data := []byte(tt.message)
				sent := async(func() error { return c.WriteMessageWith(codec.OpBinary, data, tt.opts) })
				if tt.err != nil {
					if err := sent(); err != tt.err {
						t.Errorf("got %v, want %v", err, tt.err)
					}
					return
				}
				sizes, payload := p.message(codec.OpBinary, tt.rsv)
				if err := sent(); err != nil {
					t.Fatal(err)
				}
				if tt.rsv == 0 && fmt.Sprint(sizes) != fmt.Sprint(tt.frames) || sizes[0] != tt.frames[0] {
					t.Errorf("frames of %v bytes, want %v", sizes, tt.frames)
				}
				if tt.rsv != 0 {
					var err error
					if payload, err = codec.NewDecompressor().Append(nil, nil, payload, 0); err != nil {
						t.Fatal(err)
					}
				}
				if string(payload) != tt.message || string(data) != tt.message {
					t.Errorf("got %.40q (%d bytes), want %.40q", payload, len(payload), tt.message)
				}
				if got := c.Stats(); got.FramesOut != int64(len(sizes)) || got.MessagesOut != 1 {
					t.Errorf("Stats: %+v, want %d frames and a message", got, len(sizes))
				}
			})
		}
	}
	c, _ := against(t, pipes, Config{})
	if err := c.WriteMessageWith(codec.OpPing, nil, SendOptions{}); err != ErrOpcode {
		t.Errorf("a ping: %v, want %v", err, ErrOpcode)
	}
	c.Abort()
	if err := c.WriteMessageWith(codec.OpText, nil, SendOptions{Fragment: 1}); !errors.Is(err, ErrAborted) {
		t.Errorf("after the end: %v, want %v", err, ErrAborted)
	}
}

// message reads the frames of a message and returns their sizes and the payload.
func (p *peer) message(op codec.Opcode, rsv uint8) (sizes []int, payload []byte) {
	p.t.Helper()
	for {
		h, b, ok := p.next()
		if !ok {
			p.t.Fatal("peer: the stream ended within a message")
		}
		if h.Opcode != op || h.RSV != rsv {
			p.t.Errorf("peer: frame %d is %v with RSV %d, want %v with %d", len(sizes), h.Opcode, h.RSV, op, rsv)
		}
		op, rsv = codec.OpContinuation, 0
		sizes, payload = append(sizes, len(b)), append(payload, b...)
		if h.Fin {
			return sizes, payload
		}
	}
}

// TestWriteMessageWithTakeover mixes all ways of compressing, so that each message
// refers to those before it, on every transport.
func TestWriteMessageWithTakeover(t *testing.T) {
	text := "Sphinx of black quartz, judge my vow. The five boxing wizards jump quickly. "
	for _, agreed := range agreements {
		t.Run(fmt.Sprintf("%+v", agreed), func(t *testing.T) {
			for _, n := range []network{networks[0], networks[4], pipes} {
				srv, cli := connect(t, n, Config{Deflate: &agreed}, Config{Deflate: &agreed})
				want := func(i int) []byte { return []byte(strings.Repeat(text[i%40:], 1+i%7*i%50)) }
				const messages = 40
				for _, dir := range []struct{ from, to *Conn }{{srv, cli}, {cli, srv}} {
					sent := async(func() error {
						for i := range messages {
							o := SendOptions{Compress: Compression(i % 3), Fragment: []int{0, 70, 1000, -1}[i%4]}
							if err := dir.from.WriteMessageWith(codec.OpText, want(i), o); err != nil {
								return err
							}
							if err := dir.from.QueueMessage(codec.OpText, want(i+1)); err != nil {
								return err
							}
						}
						return dir.from.Flush()
					})
					for i := range 2 * messages {
						_, got, err := dir.to.NextMessage()
						if err != nil {
							t.Fatal(err)
						}
						if w := want((i + 1) / 2); !bytes.Equal(got, w) {
							t.Fatalf("%s: message %d is %.40q (%d bytes), want %.40q (%d)", n.name, i, got, len(got), w, len(w))
						}
					}
					if err := sent(); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
}

// TestPause has a ping and a close pass between the fragments of a message that takes
// its time, while messages wait.
func TestPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, p := against(t, pipes, Config{})
		ended := async(c.Discard)
		began := time.Now()
		at := func(want time.Duration) {
			t.Helper()
			if got := time.Since(began); got != want {
				t.Errorf("it came after %v, want %v", got, want)
			}
		}
		slow := SendOptions{Fragment: 2, Pause: time.Second}
		sent := async(func() error { return c.WriteMessageWith(codec.OpText, []byte("slowly"), slow) })
		p.want(false, codec.OpText, "sl")
		at(0)
		after := async(func() error { return c.WriteMessage(codec.OpText, []byte("after")) })
		synctest.Wait()
		p.send(p.frame(true, codec.OpPing, "now"))
		p.want(true, codec.OpPong, "now")
		c.QueueMessage(codec.OpText, []byte("queued"))
		pinged := async(func() error { return c.Ping([]byte("mine")) })
		p.want(true, codec.OpPing, "mine")
		at(0)
		p.want(false, codec.OpContinuation, "ow")
		at(time.Second)
		p.want(true, codec.OpContinuation, "ly")
		at(2 * time.Second)
		p.want(true, codec.OpText, "queued")
		p.want(true, codec.OpText, "after")
		at(2 * time.Second)
		if err := errors.Join(sent(), after(), pinged()); err != nil {
			t.Error(err)
		}

		// The end does not wait for the pause, nor the pause for its own end.
		slow.Pause = time.Hour
		sent = async(func() error { return c.WriteMessageWith(codec.OpText, []byte("slowly"), slow) })
		p.want(false, codec.OpText, "sl")
		closed := async(func() error { return c.Close(codec.CloseNormal, "enough") })
		p.wantClose(codec.CloseNormal, "enough")
		p.send(p.close(codec.CloseNormal, ""))
		p.wantEnd()
		if err := sent(); err != c.Err() || err == nil {
			t.Errorf("WriteMessageWith: %v, want %v", err, c.Err())
		}
		if err := closed(); err != nil {
			t.Error(err)
		}
		at(2 * time.Second)
		ended()
	})
}

// TestPauseEnds ends the connection amid a pause in other ways.
func TestPauseEnds(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  func(c *Conn, p *peer)
		err  error // of WriteMessageWith; if nil, that of the connection
		took time.Duration
	}{
		{name: "abort", end: func(c *Conn, p *peer) { c.Abort() }},
		{name: "loss", end: func(c *Conn, p *peer) { p.nc.Close() }},
		{name: "peer closes", end: func(c *Conn, p *peer) {
			p.send(p.close(codec.CloseNormal, ""))
			p.wantClose(codec.CloseNormal, "")
		}},
		{name: "close, and a peer that is slow to answer", end: func(c *Conn, p *peer) {
			go c.Close(codec.CloseNormal, "")
			p.wantClose(codec.CloseNormal, "")
		}, err: ErrClosing, took: time.Minute},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, p := against(t, pipes, Config{CloseTimeout: time.Hour})
				ended := async(c.Discard)
				began := time.Now()
				sent := async(func() error {
					return c.WriteMessageWith(codec.OpText, []byte("slowly"), SendOptions{Fragment: 2, Pause: time.Minute})
				})
				p.want(false, codec.OpText, "sl")
				tt.end(c, p)
				err := sent()
				if got := time.Since(began); got != tt.took {
					t.Errorf("it took %v, want %v", got, tt.took)
				}
				if tt.err == nil {
					tt.err = c.Err()
				}
				if err != tt.err || err == nil {
					t.Errorf("got %v, want %v", err, tt.err)
				}
				p.nc.Close()
				ended()
			})
		})
	}
}
