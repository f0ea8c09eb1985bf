package wsconn

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"wskit/codec"
)

// A countingConn counts its writes.
type countingConn struct {
	net.Conn
	writes []int
}

func (c *countingConn) Write(p []byte) (int, error) {
	c.writes = append(c.writes, len(p))
	return c.Conn.Write(p)
}

// counted returns a connection whose writes are counted, and its peer.
func counted(t *testing.T, cfg Config) (*Conn, *countingConn, *peer) {
	a, b := net.Pipe()
	cc := &countingConn{Conn: a}
	c := New(cc, cfg)
	t.Cleanup(func() { c.Abort(); b.Close() })
	return c, cc, &peer{t: t, nc: b, role: cfg.Role.Peer()}
}

// TestQueue gathers replies into one write, which goes out before the next read, with
// the next write, by Flush, or when there is much of them.
func TestQueue(t *testing.T) {
	for _, tt := range []struct {
		name string
		// then is what sends the queue, and last the frame that it sends after
		// it.
		then func(c *Conn) error
		last string
	}{
		{name: "Next", then: func(c *Conn) error { _, _, err := c.NextMessage(); return err }},
		{name: "Flush", then: func(c *Conn) error { return c.Flush() }},
		{name: "WriteMessage", then: func(c *Conn) error { return c.WriteMessage(codec.OpText, []byte("now")) }, last: "text now"},
		{name: "WriteFrame", then: func(c *Conn) error {
			return c.WriteFrame(Frame{Fin: true, Opcode: codec.OpBinary, Data: []byte("now")})
		}, last: "binary now"},
		{name: "Ping", then: func(c *Conn) error { return c.Ping([]byte("now")) }, last: "ping now"},
		{name: "MessageWriter", then: func(c *Conn) error {
			w, err := c.MessageWriter(codec.OpText)
			if err != nil {
				return err
			}
			io.WriteString(w, "now")
			return w.Close()
		}, last: "text now"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, cc, p := counted(t, Config{})
				for i := range 10 {
					var err error
					if i%2 == 0 {
						err = c.QueueMessage(codec.OpText, []byte{byte('0' + i)})
					} else {
						err = c.QueueFrame(Frame{Fin: true, Opcode: codec.OpBinary, Data: []byte{byte('0' + i)}})
					}
					if err != nil {
						t.Fatal(err)
					}
				}
				if len(cc.writes) != 0 {
					t.Errorf("%d writes before anything sends the queue", len(cc.writes))
				}
				then := async(func() error { return tt.then(c) })
				for i := range 10 {
					op := codec.OpText
					if i%2 == 1 {
						op = codec.OpBinary
					}
					p.want(true, op, fmt.Sprint(i))
				}
				if tt.last != "" {
					h, b, _ := p.next()
					if got := fmt.Sprintf("%v %s", h.Opcode, b); got != tt.last {
						t.Errorf("got %q after the queue, want %q", got, tt.last)
					}
				}
				if tt.name == "Next" {
					p.send(p.text("go on"))
				}
				if err := then(); err != nil {
					t.Error(err)
				}
				if len(cc.writes) != 1 {
					t.Errorf("got %d writes, want 1: %v", len(cc.writes), cc.writes)
				}
				if got, want := c.Stats().MessagesOut, int64(10); got < want || got > want+1 {
					t.Errorf("%d messages counted, want %d or one more", got, want)
				}
			})
		})
	}
}

// TestQueueIsBounded queues without end: it goes out in large writes, and what is too
// large for the queue by itself.
func TestQueueIsBounded(t *testing.T) {
	for _, role := range []codec.Role{codec.RoleServer, codec.RoleClient} {
		c, cc, p := counted(t, Config{Role: role})
		const n, size = 500, 1000
		queued := async(func() error {
			for i := range n {
				data := bytes.Repeat([]byte{byte(i)}, size)
				if i == n/2 {
					data = bytes.Repeat([]byte{byte(i)}, 3*queueSize)
				}
				if err := c.QueueMessage(codec.OpBinary, data); err != nil {
					return err
				}
				if q := c.queued; q != nil && len(q.b) > largeQueueSize {
					return fmt.Errorf("the queue holds %d bytes", len(q.b))
				}
			}
			return c.Flush()
		})
		for i := range n {
			_, b, ok := p.next()
			if !ok || b[0] != byte(i) || b[len(b)-1] != byte(i) {
				t.Fatalf("message %d is %d of %d bytes", i, b[0], len(b))
			}
		}
		if err := queued(); err != nil {
			t.Error(err)
		}
		if len(cc.writes) > 20 {
			t.Errorf("%v: %d writes, want few large ones: %v", role, len(cc.writes), cc.writes)
		}
		if !slices.ContainsFunc(cc.writes, func(n int) bool { return n > 2*queueSize && n <= largeQueueSize }) {
			t.Errorf("%v: the queue has not grown: %v", role, cc.writes)
		}
	}
}

// TestQueueAfterTheEnd returns the error of the connection at last.
func TestQueueAfterTheEnd(t *testing.T) {
	c, _ := against(t, pipes, Config{})
	c.Abort()
	var err error
	for range 1000 {
		if err = c.QueueMessage(codec.OpText, make([]byte, 1000)); err != nil {
			break
		}
	}
	wantEnded(t, err, CloseError{Code: codec.CloseAbnormal, By: Local, Err: ErrAborted})
	if _, err := c.MessageWriter(codec.OpText); err == nil {
		// The lock is free: the writer finds out when it writes.
		t.Log("MessageWriter after the end begins")
	}
}

// TestFrames checks the order of frames, large ones too, queued and written.
func TestFrames(t *testing.T) {
	large := string(pattern(2 * queueSize))
	onNetworks(t, func(t *testing.T, n network) {
		for _, role := range []codec.Role{codec.RoleServer, codec.RoleClient} {
			c, p := against(t, n, Config{Role: role})
			frames := []Frame{
				{Opcode: codec.OpText, Data: []byte("a")},
				{Data: []byte("b")},
				{Data: []byte(large)},
				{Fin: true, Data: []byte("d")},
				{Fin: true, Opcode: codec.OpBinary, Data: []byte(large)},
				{Opcode: codec.OpBinary, Data: []byte(large)},
				{Fin: true},
			}
			sent := async(func() error {
				for i, f := range frames {
					send := c.QueueFrame
					if i%3 == 2 {
						send = c.WriteFrame
					}
					if err := send(f); err != nil {
						return err
					}
				}
				if err := c.QueueMessage(codec.OpText, []byte("after")); err != nil {
					return err
				}
				return c.Flush()
			})
			for _, f := range frames {
				p.want(f.Fin, f.Opcode, string(f.Data))
			}
			p.want(true, codec.OpText, "after")
			if err := sent(); err != nil {
				t.Error(err)
			}
			if s := c.Stats(); s.FramesOut != 8 || s.MessagesOut != 4 {
				t.Errorf("Stats: %d frames and %d messages out, want 8 and 4", s.FramesOut, s.MessagesOut)
			}
		}
	})
}

// TestMisuse returns errors for calls that would break a rule, and survives them.
func TestMisuse(t *testing.T) {
	c, p := against(t, pipes, Config{})
	if err := c.WriteMessage(codec.OpPing, nil); err != ErrOpcode {
		t.Errorf("WriteMessage(ping) = %v", err)
	}
	if err := c.QueueMessage(codec.OpContinuation, nil); err != ErrOpcode {
		t.Errorf("QueueMessage(continuation) = %v", err)
	}
	if _, err := c.MessageWriter(codec.OpClose); err != ErrOpcode {
		t.Errorf("MessageWriter(close) = %v", err)
	}
	for _, op := range []codec.Opcode{codec.OpPing, codec.OpClose, 0x3} {
		if err := c.WriteFrame(Frame{Fin: true, Opcode: op}); err != ErrOpcode {
			t.Errorf("WriteFrame(%v) = %v", op, err)
		}
	}
	if err := c.QueueFrame(Frame{Fin: true}); err != ErrFrameOrder {
		t.Errorf("QueueFrame of a continuation without a message = %v", err)
	}
	if err := c.QueueFrame(Frame{Opcode: codec.OpText, Data: []byte("a")}); err != nil {
		t.Error(err)
	}
	if err := c.QueueFrame(Frame{Opcode: codec.OpText}); err != ErrFrameOrder {
		t.Errorf("QueueFrame of a message inside a message = %v", err)
	}
	if err := c.QueueMessage(codec.OpText, nil); err != ErrFrameOrder {
		t.Errorf("QueueMessage inside a message = %v", err)
	}
	sent := async(func() error { return c.WriteFrame(Frame{Fin: true, Data: []byte("b")}) })
	p.want(false, codec.OpText, "a")
	p.want(true, 0, "b")
	if err := sent(); err != nil {
		t.Error(err)
	}
}

// TestMessageWriter sends messages of every shape, by writes of every size.
func TestMessageWriter(t *testing.T) {
	for _, tt := range []struct {
		name     string
		fragment int
		writes   []int
		want     []int // the sizes of the frames
	}{
		{name: "empty", want: []int{0}},
		{name: "empty writes", writes: []int{0, 0}, want: []int{0}},
		{name: "one fragment", writes: []int{10, 20}, want: []int{30}},
		{name: "exactly one", fragment: 30, writes: []int{10, 20}, want: []int{30}},
		{name: "exactly two", fragment: 15, writes: []int{10, 20}, want: []int{15, 15}},
		{name: "a large write", fragment: 10, writes: []int{35}, want: []int{10, 10, 10, 5}},
		{name: "mixed", fragment: 10, writes: []int{3, 35, 1, 1}, want: []int{10, 10, 10, 10}},
		{name: "default size", writes: []int{40_000, 40_000}, want: []int{writerSize, writerSize, 80_000 - 2*writerSize}},
		{name: "large fragments", fragment: 200_000, writes: []int{150_000, 100_000}, want: []int{200_000, 50_000}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, role := range []codec.Role{codec.RoleServer, codec.RoleClient} {
				c, p := against(t, pipes, Config{Role: role, FragmentSize: tt.fragment})
				data := pattern(300_000)
				sent := async(func() error {
					w, err := c.MessageWriter(codec.OpBinary)
					if err != nil {
						return err
					}
					rest := data
					for _, n := range tt.writes {
						if m, err := w.Write(rest[:n]); m != n || err != nil {
							return fmt.Errorf("Write of %d bytes = %d, %v", n, m, err)
						}
						rest = rest[n:]
					}
					if err := w.Close(); err != nil {
						return err
					}
					if err := w.Close(); err != errWriterClosed {
						return fmt.Errorf("second Close = %v", err)
					}
					if _, err := w.Write([]byte("x")); err != errWriterClosed {
						return fmt.Errorf("Write after Close = %v", err)
					}
					return c.WriteMessage(codec.OpText, []byte("after"))
				})
				op := codec.OpBinary
				for i, n := range tt.want {
					p.want(i == len(tt.want)-1, op, string(data[:n]))
					data = data[n:]
					op = codec.OpContinuation
				}
				p.want(true, codec.OpText, "after")
				if err := sent(); err != nil {
					t.Error(err)
				}
				if s := c.Stats(); s.MessagesOut != 2 || s.FramesOut != int64(len(tt.want))+1 {
					t.Errorf("Stats: %d messages in %d frames, want 2 in %d", s.MessagesOut, s.FramesOut, len(tt.want)+1)
				}
			}
		})
	}
}

// TestWritersGiveUp has the connection end under those who wait for their turn.
func TestWritersGiveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := against(t, pipes, Config{})
		w, err := c.MessageWriter(codec.OpText)
		if err != nil {
			t.Fatal(err)
		}
		waits := []func() error{
			async(func() error { return c.WriteMessage(codec.OpText, nil) }),
			async(func() error { return c.QueueMessage(codec.OpText, make([]byte, 2*queueSize)) }),
			async(func() error { return c.WriteFrame(Frame{Opcode: codec.OpText}) }),
			async(func() error { _, err := c.MessageWriter(codec.OpText); return err }),
		}
		synctest.Wait()
		c.Abort()
		for i, wait := range waits {
			if err := wait(); err != c.Err() {
				t.Errorf("waiter %d got %v, want %v", i, err, c.Err())
			}
		}
		if err := w.Close(); err != c.Err() {
			t.Errorf("MessageWriter.Close() = %v, want %v", err, c.Err())
		}
	})
}

// TestQueueDuringMessageWriter leaves what the reader queues until the message of
// another goroutine is complete: the reader goes on meanwhile.
func TestQueueDuringMessageWriter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, p := against(t, pipes, Config{FragmentSize: 4})
		w, err := c.MessageWriter(codec.OpText)
		if err != nil {
			t.Fatal(err)
		}
		ended := async(func() error { return serveEcho(c) })
		wrote := async(func() error { _, err := io.WriteString(w, "slow m"); return err })
		p.want(false, codec.OpText, "slow")
		if err := wrote(); err != nil {
			t.Fatal(err)
		}
		for i := range 5 {
			p.send(p.text(fmt.Sprint(i)))
		}
		synctest.Wait()
		if got := c.Stats().MessagesIn; got != 5 {
			t.Errorf("the reader took %d messages, want 5", got)
		}
		closed := async(w.Close)
		p.want(true, codec.OpContinuation, " m")
		for i := range 5 {
			p.want(true, codec.OpText, fmt.Sprint(i))
		}
		if err := closed(); err != nil {
			t.Error(err)
		}
		p.send(p.close(1000, ""))
		p.wantClose(1000, "")
		ended()
	})
}

// TestMaskKeys takes each key from the source of randomness, in its order, and never
// twice, whatever the path of the frame.
func TestMaskKeys(t *testing.T) {
	source := pattern(1 << 16)
	c, p := against(t, pipes, Config{Role: codec.RoleClient, rand: bytes.NewReader(source)})
	sent := async(func() error {
		for i := range 100 {
			if err := c.QueueMessage(codec.OpText, nil); err != nil {
				return err
			}
			var err error
			switch i % 3 {
			case 0:
				err = c.WriteMessage(codec.OpBinary, make([]byte, 2*queueSize))
			case 1:
				err = c.Ping(nil)
			case 2:
				err = c.WriteFrame(Frame{Fin: true, Opcode: codec.OpText})
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	for i := range 200 {
		h, _, ok := p.next()
		if want := codec.MaskKey(source[4*i:]); !ok || h.Key != want {
			t.Fatalf("frame %d has the key %x, want %x", i, h.Key, want)
		}
	}
	if err := sent(); err != nil {
		t.Error(err)
	}
}

// TestMaskKeysAreRandom looks at the keys that a connection uses by itself.
func TestMaskKeysAreRandom(t *testing.T) {
	seen := map[codec.MaskKey]bool{}
	for range 4 {
		c, p := against(t, pipes, Config{Role: codec.RoleClient})
		for range 100 {
			sent := async(func() error { return c.WriteMessage(codec.OpText, nil) })
			h, _, _ := p.next()
			if err := sent(); err != nil {
				t.Fatal(err)
			}
			seen[h.Key] = true
		}
	}
	if len(seen) < 399 {
		t.Errorf("400 frames with %d keys", len(seen))
	}
}

// TestBrokenRandomness never sends a frame without a random key.
func TestBrokenRandomness(t *testing.T) {
	c, _ := against(t, pipes, Config{Role: codec.RoleClient, rand: strings.NewReader("short")})
	defer func() {
		if recover() == nil {
			t.Error("a frame was sent without a key")
		}
		// The locks are gone with the panic.
		c.nc.Close()
	}()
	c.QueueMessage(codec.OpText, nil)
}
