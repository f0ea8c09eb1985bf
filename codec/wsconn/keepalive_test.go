package wsconn

import (
	"bytes"
	"errors"
	"io"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"wskit/codec"
)

const second = time.Second

// TestKeepalive pings each interval, whatever else happens, and gives up on a peer
// that sends nothing at all for the time-out.
func TestKeepalive(t *testing.T) {
	for _, tt := range []struct {
		name string
		cfg  Config
		// answers is the number of pings that the peer answers, by sending
		// reply.
		answers int
		reply   []byte
		// pings are those that the peer sees, and ends when the connection is
		// given up, in time since the start.
		pings []time.Duration
		ends  time.Duration
	}{
		{
			name:  "never answered",
			cfg:   Config{PingInterval: 30 * second, PingTimeout: 20 * second},
			pings: []time.Duration{30 * second},
			ends:  50 * second,
		},
		{
			name:    "answered twice",
			cfg:     Config{PingInterval: 30 * second},
			answers: 2,
			reply:   frame(codec.RoleClient, true, codec.OpPong, "1"),
			pings:   []time.Duration{30 * second, 60 * second, 90 * second},
			ends:    110 * second,
		},
		{
			name:    "any message is life",
			cfg:     Config{PingInterval: 30 * second, PingTimeout: 5 * second},
			answers: 1,
			reply:   frame(codec.RoleClient, true, codec.OpText, "not a pong"),
			pings:   []time.Duration{30 * second, 60 * second},
			ends:    65 * second,
		},
		{
			name:    "any byte is life",
			cfg:     Config{PingInterval: 10 * second, PingTimeout: 5 * second, MessageTimeout: -1},
			answers: 1,
			reply:   []byte{0x81},
			pings:   []time.Duration{10 * second, 20 * second},
			ends:    25 * second,
		},
		{
			name:  "time-out longer than the interval",
			cfg:   Config{PingInterval: 10 * second, PingTimeout: 25 * second},
			pings: []time.Duration{10 * second, 20 * second, 30 * second},
			ends:  35 * second,
		},
		{
			name:    "client",
			cfg:     Config{Role: codec.RoleClient, PingInterval: second, PingTimeout: second / 2},
			answers: 1,
			reply:   frame(codec.RoleServer, true, codec.OpPong, ""),
			pings:   []time.Duration{second, 2 * second},
			ends:    2*second + second/2,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, p := against(t, pipes, tt.cfg)
				start := time.Now()
				ended := async(c.Discard)
				for i, at := range tt.pings {
					h, payload, ok := p.next()
					if !ok || h.Opcode != codec.OpPing || string(payload) != string(rune('1'+i)) {
						t.Fatalf("ping %d: got %v %q", i+1, h.Opcode, payload)
					}
					if got := time.Since(start); got != at {
						t.Errorf("ping %d after %v, want %v", i+1, got, at)
					}
					if i < tt.answers {
						p.send(tt.reply)
					}
				}
				wantEnded(t, ended(), CloseError{Code: codec.CloseAbnormal, By: Lost, Err: ErrPingTimeout})
				if got := time.Since(start); got != tt.ends {
					t.Errorf("given up after %v, want %v", got, tt.ends)
				}
			})
		})
	}
}

// TestKeepaliveOff sends no ping and waits for ever.
func TestKeepaliveOff(t *testing.T) {
	for _, cfg := range []Config{{}, {PingInterval: -second}, {PingInterval: second, PingTimeout: -1}} {
		synctest.Test(t, func(t *testing.T) {
			c, p := against(t, pipes, cfg)
			got := drainNet(p.nc)
			ended := async(c.Discard)
			time.Sleep(10 * time.Hour)
			synctest.Wait()
			if err := c.Err(); err != nil {
				t.Errorf("ended with %v", err)
			}
			c.Abort()
			ended()
			if n := got(); (n == 0) != (cfg.PingInterval <= 0) {
				t.Errorf("%d bytes were sent with interval %v", n, cfg.PingInterval)
			}
		})
	}
}

// TestKeepaliveWhileWriterIsStuck leaves the ping to who writes.
func TestKeepaliveWhileWriterIsStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, p := against(t, pipes, Config{PingInterval: second, PingTimeout: 5 * second})
		ended := async(c.Discard)
		wrote := async(func() error { return c.WriteMessage(codec.OpText, []byte("slow")) })
		time.Sleep(3 * second)
		p.want(true, codec.OpText, "slow")
		p.want(true, codec.OpPing, "1")
		if err := wrote(); err != nil {
			t.Error(err)
		}
		drained := drainNet(p.nc)
		wantEnded(t, ended(), CloseError{Code: codec.CloseAbnormal, By: Lost, Err: ErrPingTimeout})
		drained()
	})
}

// TestMessageTimeout sends a message bit by bit. The limit is absolute: it counts
// from the message's first byte and no byte extends it.
func TestMessageTimeout(t *testing.T) {
	client := &peer{role: codec.RoleClient}
	for _, tt := range []struct {
		name string
		// wire is sent a byte a second, piece by piece if there are pieces.
		wire   []byte
		pieces [][]byte
	}{
		{name: "header", wire: head(codec.Header{Fin: true, Opcode: codec.OpText, Form: 64, Length: 1 << 20})},
		{name: "payload", wire: client.text("0123456789")},
		{name: "ping", wire: client.frame(true, codec.OpPing, "0123456789")},
		{name: "fragments", pieces: [][]byte{
			client.frame(false, codec.OpText, "a"), client.frame(false, codec.OpContinuation, "b"),
			client.frame(false, codec.OpContinuation, ""), client.frame(false, codec.OpContinuation, ""),
			client.frame(true, codec.OpPing, ""), client.frame(false, codec.OpContinuation, ""),
			client.frame(false, codec.OpContinuation, ""), client.frame(false, codec.OpContinuation, ""),
		}},
		{name: "beyond the buffer", pieces: [][]byte{
			append(head(codec.Header{Fin: true, Opcode: codec.OpBinary, Length: 1 << 20}), make([]byte, 100_000)...),
			make([]byte, 1), make([]byte, 1), make([]byte, 1), make([]byte, 1), make([]byte, 1), make([]byte, 1),
		}},
	} {
		for _, r := range readers {
			t.Run(tt.name+"/"+r.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c, p := against(t, pipes, Config{MessageTimeout: 5 * second})
					ended := async(func() error { _, err := r.read(c); return err })
					time.Sleep(time.Hour) // idle time does not count
					start := time.Now()
					sent := async(func() error {
						pieces := tt.pieces
						for i := range tt.wire {
							pieces = append(pieces, tt.wire[i:i+1])
						}
						for _, b := range pieces {
							if _, err := p.nc.Write(b); err != nil {
								return err
							}
							time.Sleep(second)
						}
						return nil
					})
					h, payload, _ := p.next()
					if h.Opcode == codec.OpPong {
						h, payload, _ = p.next()
					}
					code, _, _ := codec.ParseClose(payload)
					if h.Opcode != codec.OpClose || code != codec.ClosePolicyViolation {
						t.Errorf("got %v %d, want a close with 1008", h.Opcode, code)
					}
					if got := time.Since(start); got != 5*second {
						t.Errorf("cut off after %v, want 5s", got)
					}
					err := ended()
					wantEnded(t, err, CloseError{Code: 1008, Reason: err.(*CloseError).Reason, By: Local, Err: ErrMessageTimeout})
					sent()
				})
			})
		}
	}
}

// TestMessageTimeoutIsForOneMessage sends many messages without a pause between
// them, each within its time.
func TestMessageTimeoutIsForOneMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, p := against(t, pipes, Config{MessageTimeout: 5 * second})
		read := async(func() int {
			n, _ := readers[0].read(c)
			return n
		})
		one := append(p.text("0123456789"), p.frame(true, codec.OpPong, "0123456789")...)
		wire := bytes.Repeat(one, 20)
		// The pieces never end where a frame does.
		for i := 0; i < len(wire); i += 7 {
			time.Sleep(second)
			p.send(wire[i:min(i+7, len(wire))])
		}
		c.Abort()
		if n := read(); n != 20 {
			t.Errorf("got %d messages, want 20", n)
		}
	})
}

// TestNoMessageTimeout never gives up on a message.
func TestNoMessageTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, p := against(t, pipes, Config{MessageTimeout: -1})
		got := async(func() string { _, data, _ := c.NextMessage(); return string(data) })
		for _, b := range p.text("patience") {
			p.send([]byte{b})
			time.Sleep(time.Hour)
		}
		if s := got(); s != "patience" {
			t.Errorf("got %q, want patience", s)
		}
	})
}

// TestWriteTimeout has a peer that does not read.
func TestWriteTimeout(t *testing.T) {
	for _, tt := range []struct {
		name  string
		write func(c *Conn) error
	}{
		{name: "WriteMessage", write: func(c *Conn) error { return c.WriteMessage(codec.OpText, nil) }},
		{name: "large", write: func(c *Conn) error { return c.WriteMessage(codec.OpText, make([]byte, 1<<20)) }},
		{name: "WriteFrame", write: func(c *Conn) error { return c.WriteFrame(Frame{Opcode: codec.OpText}) }},
		{name: "Ping", write: func(c *Conn) error { return c.Ping(nil) }},
		{name: "Queue", write: func(c *Conn) (err error) {
			for err == nil {
				err = c.QueueMessage(codec.OpText, make([]byte, 1000))
			}
			return err
		}},
		{name: "NextMessage", write: func(c *Conn) error {
			c.QueueMessage(codec.OpText, nil)
			_, _, err := c.NextMessage()
			return err
		}},
		{name: "MessageWriter", write: func(c *Conn) error {
			w, err := c.MessageWriter(codec.OpText)
			for err == nil {
				_, err = w.Write(make([]byte, 10_000))
			}
			if err2 := w.Close(); err2 != err {
				return err2
			}
			return err
		}},
	} {
		for _, role := range []codec.Role{codec.RoleServer, codec.RoleClient} {
			t.Run(tt.name+"/"+role.String(), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c, _ := against(t, pipes, Config{Role: role, WriteTimeout: 7 * second})
					start := time.Now()
					err := tt.write(c)
					wantEnded(t, err, CloseError{Code: codec.CloseAbnormal, By: Lost, Err: ErrWriteTimeout})
					if got := time.Since(start); got != 7*second {
						t.Errorf("the write took %v, want 7s", got)
					}
					wantSticky(t, c, err)
				})
			})
		}
	}
}

// TestWriteTimeoutIsForAPiece gives each piece of a large message its own time.
func TestWriteTimeoutIsForAPiece(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, p := against(t, pipes, Config{WriteTimeout: 2 * second})
		wrote := async(func() error { return c.WriteMessage(codec.OpBinary, make([]byte, 4*pieceSize)) })
		n := 0
		for b := make([]byte, pieceSize/4); n < 4*pieceSize; {
			time.Sleep(second / 3)
			m, err := p.nc.Read(b)
			if err != nil {
				t.Fatalf("after %d bytes: %v", n, err)
			}
			n += m
		}
		if err := async(func() error { drainNet(p.nc); return wrote() })(); err != nil {
			t.Error(err)
		}
	})
}

// TestNoWriteTimeout waits for a slow reader as long as it takes.
func TestNoWriteTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, p := against(t, pipes, Config{WriteTimeout: -1})
		wrote := async(func() error { return c.WriteMessage(codec.OpText, []byte("patience")) })
		time.Sleep(10 * time.Hour)
		p.want(true, codec.OpText, "patience")
		if err := wrote(); err != nil {
			t.Error(err)
		}
	})
}

// TestWriteTimeoutUnderTLS expects TLS to say nothing after a record that it could not
// send: the goodbye would be a record out of turn, and wait for a peer that does not read.
func TestWriteTimeoutUnderTLS(t *testing.T) {
	a, b := tlsPair(t)
	defer b.Close()
	c := New(a, Config{WriteTimeout: 1})
	err := c.WriteMessage(codec.OpText, []byte("x"))
	wantEnded(t, err, CloseError{Code: codec.CloseAbnormal, By: Lost, Err: ErrWriteTimeout})
	b.SetDeadline(time.Now().Add(patience))
	if n, err := b.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("the peer's Read() = %d, %v, want the end of the stream", n, err)
	}
}

// TestWriteTimeoutOnSockets fills the buffers of real sockets, where the deadline is
// set only when a write has to wait, and must be gone when it did not.
func TestWriteTimeoutOnSockets(t *testing.T) {
	for _, size := range []int{16 << 10, 1 << 20} { // gathered, and beside the buffer
		onNetworks(t, func(t *testing.T, n network) {
			t.Parallel() // they mostly wait
			writeTimeoutOnSocket(t, n, size)
		})
	}
}

func writeTimeoutOnSocket(t *testing.T, n network, size int) {
	c, p := against(t, n, Config{WriteTimeout: second / 2})
	if n.name != "pipe" {
		if err := c.WriteMessage(codec.OpText, []byte("x")); err != nil {
			t.Fatal(err)
		}
		p.want(true, codec.OpText, "x")
		// A write that waits for a moment and then succeeds.
		wrote := async(func() error { return c.WriteMessage(codec.OpBinary, make([]byte, 6<<20)) })
		h, _, _ := readHeader(p)
		if _, err := io.CopyN(io.Discard, p.nc, int64(h.Length)-int64(len(p.buf))); err != nil {
			t.Fatal(err)
		}
		p.buf = nil
		if err := wrote(); err != nil {
			t.Fatal(err)
		}
		// The deadline of that write passes and is nobody's business.
		p.nc.SetReadDeadline(time.Now().Add(second * 2 / 3))
		if n, err := p.nc.Read(make([]byte, 1)); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("Read() while nothing is sent = %d, %v", n, err)
		}
		p.nc.SetReadDeadline(time.Now().Add(patience))
		if err := c.WriteMessage(codec.OpText, []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	var err error
	for err == nil {
		err = c.WriteMessage(codec.OpBinary, make([]byte, size))
	}
	wantEnded(t, err, CloseError{Code: codec.CloseAbnormal, By: Lost, Err: ErrWriteTimeout})
	wantSticky(t, c, err)
	p.nc.Close()
}
