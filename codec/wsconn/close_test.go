package wsconn

import (
	"bytes"
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"wskit/codec"
)

// pipes is the network for tests with a fake clock.
var pipes = network{name: "pipe", pair: pipePair}

// TestPeerCloses answers a close frame of the peer in both roles: with its code, and
// with the end of TCP by the server first (RFC 6455 §7.1.1).
func TestPeerCloses(t *testing.T) {
	for _, tt := range []struct {
		name   string
		code   codec.CloseCode
		reason string
		want   codec.CloseCode
	}{
		{name: "normal", code: 1000, reason: "bye", want: 1000},
		{name: "empty", code: 0, want: codec.CloseNoStatus},
		{name: "private", code: 4999, reason: strings.Repeat("ü", 61), want: 4999},
		{name: "try again later", code: 1013, want: 1013},
	} {
		for _, role := range []codec.Role{codec.RoleServer, codec.RoleClient} {
			t.Run(tt.name+" "+role.String(), func(t *testing.T) {
				onNetworks(t, func(t *testing.T, n network) {
					c, p := against(t, n, Config{Role: role})
					ended := async(func() error { _, _, err := c.NextMessage(); return err })
					p.send(p.close(tt.code, tt.reason))
					p.wantClose(tt.code, "")
					if role == codec.RoleServer {
						p.wantEnd()
					} else {
						select {
						case <-c.Done():
							t.Error("the client did not wait for the server to close TCP")
						default:
						}
					}
					p.nc.Close()
					err := ended()
					wantEnded(t, err, CloseError{Code: tt.want, Reason: tt.reason, By: Peer})
					wantSticky(t, c, err)
					if err := c.Close(1000, ""); err != nil {
						t.Errorf("Close() after a proper close = %v, want nil", err)
					}
				})
			})
		}
	}
}

// TestClose closes from the reading goroutine and from another one, while that one
// reads, has left, or comes back late.
func TestClose(t *testing.T) {
	for _, tt := range []struct {
		name string
		// before runs on the connection and its peer before Close, and returns
		// what is to be waited for afterwards.
		before func(t *testing.T, c *Conn, p *peer) (after func())
	}{
		{name: "nobody reads", before: func(t *testing.T, c *Conn, p *peer) func() { return func() {} }},
		{name: "messages unread", before: func(t *testing.T, c *Conn, p *peer) func() {
			sent := async(func() bool { p.send(p.text("a"), p.text("b"), p.text("c")); return true })
			_, data, err := c.NextMessage()
			if err != nil || string(data) != "a" {
				t.Errorf("NextMessage() = %q, %v; want a", data, err)
			}
			return func() {
				sent()
				if string(data) != "a" {
					t.Errorf("Close changed the view of the last message to %q", data)
				}
			}
		}},
		{name: "somebody reads", before: func(t *testing.T, c *Conn, p *peer) func() {
			ended := async(c.Discard)
			return func() { wantEnded(t, ended(), CloseError{Code: 1001, Reason: "away", By: Local}) }
		}},
		{name: "the reader stops", before: func(t *testing.T, c *Conn, p *peer) func() {
			got := async(func() string { _, data, _ := c.NextMessage(); return string(data) })
			for !c.reading.Load() {
				runtime.Gosched()
			}
			p.send(p.text("last"))
			return func() {
				if s := got(); s != "last" {
					t.Errorf("the reader got %q, want last", s)
				}
			}
		}},
		{name: "inside a message", before: func(t *testing.T, c *Conn, p *peer) func() {
			sent := async(func() bool {
				p.send(p.frame(false, codec.OpText, "be"), p.frame(false, codec.OpContinuation, "gun"))
				return true
			})
			_, r, err := c.NextReader()
			if err != nil {
				t.Fatal(err)
			}
			b := make([]byte, 1)
			r.Read(b)
			sent()
			return func() {
				if _, err := r.Read(b); err != c.Err() {
					t.Errorf("Read() after Close = %v, want %v", err, c.Err())
				}
			}
		}},
		{name: "queued", before: func(t *testing.T, c *Conn, p *peer) func() {
			c.QueueMessage(codec.OpText, []byte("queued"))
			return func() {}
		}},
		{name: "a frame of two queued", before: func(t *testing.T, c *Conn, p *peer) func() {
			c.QueueFrame(Frame{Opcode: codec.OpText, Data: []byte("half")})
			return func() {}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onNetworks(t, func(t *testing.T, n network) {
				for _, role := range []codec.Role{codec.RoleServer, codec.RoleClient} {
					c, p := against(t, n, Config{Role: role})
					after := tt.before(t, c, p)
					closed := async(func() error { return c.Close(codec.CloseGoingAway, "away") })
					switch tt.name {
					case "queued":
						p.want(true, codec.OpText, "queued")
					case "a frame of two queued":
						p.want(false, codec.OpText, "half")
					}
					p.wantClose(1001, "away")
					if tt.name == "inside a message" {
						p.send(p.frame(true, codec.OpContinuation, "."))
					}
					p.send(p.close(1001, ""))
					if role == codec.RoleServer {
						p.wantEnd()
					}
					p.nc.Close()
					if err := closed(); err != nil {
						t.Errorf("Close() = %v, want nil", err)
					}
					after()
					wantEnded(t, c.Err(), CloseError{Code: 1001, Reason: "away", By: Local})
					wantSticky(t, c, c.Err())
				}
			})
		})
	}
}

func TestCloseCodes(t *testing.T) {
	for _, tt := range []struct {
		name         string
		code, want   codec.CloseCode
		reason, text string
	}{
		{name: "zero", code: 0, reason: "dropped"},
		{name: "no status", code: codec.CloseNoStatus, reason: "dropped"},
		{name: "abnormal must not be sent", code: codec.CloseAbnormal, want: codec.CloseInternalError},
		{name: "TLS must not be sent", code: codec.CloseTLSHandshake, want: codec.CloseInternalError},
		{name: "unknown", code: 999, want: codec.CloseInternalError},
		{name: "invalid reason", code: 1000, want: 1000, reason: "a\xffb", text: "a\uFFFDb"},
		{name: "long reason", code: 3000, want: 3000, reason: strings.Repeat("é", 100), text: strings.Repeat("é", 61)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, p := against(t, pipes, Config{})
			closed := async(func() error { return c.Close(tt.code, tt.reason) })
			p.wantClose(tt.want, tt.text)
			p.send(p.close(tt.want, ""))
			if err := closed(); err != nil {
				t.Errorf("Close() = %v", err)
			}
		})
	}
}

// TestSimultaneousClose has both ends close at once.
func TestSimultaneousClose(t *testing.T) {
	onNetworks(t, func(t *testing.T, n network) {
		if n.name == "pipe" {
			t.Skip("a pipe takes nothing while nobody reads")
		}
		for range 20 {
			srv, cli := connect(t, n, Config{}, Config{})
			s := async(func() error { return srv.Close(1000, "server") })
			c := async(func() error { return cli.Close(1001, "client") })
			if err := errors.Join(s(), c()); err != nil {
				t.Fatalf("Close() = %v", err)
			}
		}
	})
}

// TestCloseTwice calls Close from several goroutines.
func TestCloseTwice(t *testing.T) {
	onNetworks(t, func(t *testing.T, n network) {
		srv, cli := connect(t, n, Config{}, Config{})
		ended := async(srv.Discard)
		a := async(func() error { return cli.Close(1000, "") })
		b := async(func() error { return cli.Close(1000, "") })
		if err := errors.Join(a(), b(), cli.Close(1001, "")); err != nil {
			t.Errorf("Close() = %v, want nil", err)
		}
		wantEnded(t, ended(), CloseError{Code: 1000, By: Peer})
	})
}

// TestCloseTimeout has a peer that never answers, with and without somebody who
// reads, and one that sends for ever.
func TestCloseTimeout(t *testing.T) {
	for _, tt := range []struct {
		name   string
		reads  bool
		floods bool
	}{
		{name: "silent"},
		{name: "silent to a reader", reads: true},
		{name: "flooding", floods: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, p := against(t, pipes, Config{CloseTimeout: 3 * time.Second})
				if tt.reads {
					ended := async(c.Discard)
					defer ended()
				}
				flooded := async(func() error {
					for tt.floods {
						if _, err := p.nc.Write(p.text("more")); err != nil {
							return err
						}
						time.Sleep(time.Millisecond)
					}
					return nil
				})
				start := time.Now()
				closed := async(func() error { return c.Close(1000, "bye") })
				p.wantClose(1000, "bye")
				err := closed()
				if got := time.Since(start); got != 3*time.Second {
					t.Errorf("Close took %v, want 3s", got)
				}
				wantEnded(t, err, CloseError{Code: 1000, Reason: "bye", By: Local, Err: ErrCloseTimeout})
				wantSticky(t, c, err)
				p.nc.Close()
				flooded()
			})
		})
	}
}

// TestCloseWhileWriterIsStuck has a peer that does not read.
func TestCloseWhileWriterIsStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := against(t, pipes, Config{CloseTimeout: 2 * time.Second, WriteTimeout: time.Hour})
		wrote := async(func() error { return c.WriteMessage(codec.OpText, []byte("stuck")) })
		synctest.Wait()
		start := time.Now()
		err := c.Close(1000, "")
		if got := time.Since(start); got != 2*time.Second {
			t.Errorf("Close took %v, want 2s", got)
		}
		want := CloseError{Code: codec.CloseAbnormal, By: Lost, Err: ErrWriteTimeout}
		wantEnded(t, err, want)
		wantEnded(t, wrote(), want)
	})
}

// TestPeerClosesWhileWriterIsStuck is the same with the peer's close frame.
func TestPeerClosesWhileWriterIsStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, p := against(t, pipes, Config{CloseTimeout: 2 * time.Second, WriteTimeout: time.Hour})
		wrote := async(func() error { return c.WriteMessage(codec.OpText, []byte("stuck")) })
		synctest.Wait()
		ended := async(c.Discard)
		p.send(p.close(1001, "leaving"))
		wantEnded(t, wrote(), CloseError{Code: codec.CloseAbnormal, By: Lost, Err: ErrWriteTimeout})
		wantEnded(t, ended(), CloseError{Code: codec.CloseAbnormal, By: Lost, Err: ErrWriteTimeout})
	})
}

// TestClientWaitsForTheServersEnd bounds the wait for the end of TCP.
func TestClientWaitsForTheServersEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, p := against(t, pipes, Config{Role: codec.RoleClient})
		ended := async(c.Discard)
		start := time.Now()
		p.send(p.close(1000, ""))
		p.wantClose(1000, "")
		wantEnded(t, ended(), CloseError{Code: 1000, By: Peer})
		if got := time.Since(start); got != lingerTime {
			t.Errorf("the client waited %v, want %v", got, lingerTime)
		}
	})
}

// TestHalfClose ends the peer's half of the connection without a close frame: what
// it asked for is answered all the same.
func TestHalfClose(t *testing.T) {
	onNetworks(t, func(t *testing.T, n network) {
		if n.name == "pipe" {
			t.Skip("a pipe has no halves")
		}
		c, p := against(t, n, Config{})
		ended := async(func() error { return serveEcho(c) })
		big := string(bytes.Repeat([]byte("0123456789"), 100_000))
		sent := async(func() bool {
			p.send(p.text("small"), p.text(big), p.text("last"))
			return p.nc.(interface{ CloseWrite() error }).CloseWrite() == nil
		})
		p.want(true, codec.OpText, "small")
		p.want(true, codec.OpText, big)
		p.want(true, codec.OpText, "last")
		p.wantEnd()
		if !sent() {
			t.Error("the peer could not close its half")
		}
		wantEnded(t, ended(), CloseError{Code: codec.CloseAbnormal, By: Lost, Err: io.EOF})
	})
}

// TestHalfCloseWaitsForWriter has another goroutine write a message at that time.
func TestHalfCloseWaitsForWriter(t *testing.T) {
	onNetworks(t, func(t *testing.T, n network) {
		if n.name == "pipe" {
			t.Skip("a pipe has no halves")
		}
		c, p := against(t, n, Config{})
		data := pattern(2 << 20)
		wrote := async(func() error { return c.WriteMessage(codec.OpBinary, data) })
		h, _, _ := readHeader(p)
		ended := async(c.Discard)
		p.nc.(interface{ CloseWrite() error }).CloseWrite()
		if h.Length != uint64(len(data)) {
			t.Errorf("got a frame of %d bytes, want %d", h.Length, len(data))
		}
		rest, err := io.ReadAll(p.nc)
		if got := len(p.buf) + len(rest); got != len(data) || err != nil {
			t.Errorf("got %d bytes of the message and %v, want %d", got, err, len(data))
		}
		if err := wrote(); err != nil {
			t.Errorf("WriteMessage() = %v", err)
		}
		wantEnded(t, ended(), CloseError{Code: codec.CloseAbnormal, By: Lost, Err: io.EOF})
	})
}

// readHeader reads up to the end of a frame's header.
func readHeader(p *peer) (codec.Header, int, error) {
	for {
		h, n, err := codec.ParseHeader(p.buf)
		if err == nil {
			p.buf = p.buf[n:]
			return h, n, nil
		}
		b := make([]byte, 16)
		m, err := p.nc.Read(b)
		if err != nil {
			return h, 0, err
		}
		p.buf = append(p.buf, b[:m]...)
	}
}

// TestEndAtEveryByte ends the stream at every byte of a session: without a close
// frame that is 1006.
func TestEndAtEveryByte(t *testing.T) {
	wire := session()
	for end := range len(wire) {
		c, p := against(t, pipes, Config{})
		drained := drainNet(p.nc)
		ended := async(func() error { return serveEcho(c) })
		p.send(wire[:end])
		p.nc.Close()
		err := ended()
		var ce *CloseError
		if !errors.As(err, &ce) || ce.Code != codec.CloseAbnormal || ce.By != Lost || ce.Err == nil {
			t.Errorf("end after %d bytes: %v, want a loss", end, err)
		}
		drained()
	}
}

// session returns the bytes of a client's whole session but the close frame.
func session() []byte {
	p := &peer{role: codec.RoleClient}
	return bytes.Join([][]byte{
		p.text("hello"),
		p.frame(true, codec.OpPing, "ping"),
		p.frame(false, codec.OpText, "frag"),
		p.frame(true, codec.OpPong, ""),
		p.frame(true, codec.OpContinuation, "ment"),
		p.frame(true, codec.OpBinary, string(make([]byte, 200))),
	}, nil)
}

// TestResetAtEveryByte resets TCP at every byte of a session.
func TestResetAtEveryByte(t *testing.T) {
	wire := append(session(), frame(codec.RoleClient, true, codec.OpClose, "\x03\xe8")...)
	for end := range len(wire) {
		c, p := against(t, networks[0], Config{})
		ended := async(func() error { return serveEcho(c) })
		p.send(wire[:end])
		p.nc.(*net.TCPConn).SetLinger(0)
		p.nc.Close()
		err := ended()
		var ce *CloseError
		if !errors.As(err, &ce) || ce.Code != codec.CloseAbnormal || ce.By != Lost {
			t.Errorf("reset after %d bytes: %v, want a loss", end, err)
		}
		if c.Err() != err {
			t.Errorf("reset after %d bytes: Err() = %v, want %v", end, c.Err(), err)
		}
	}
}

// TestBrokenWriteLeavesTheReaderItsTime has the peer say why it closes and then
// refuse what is still sent: the close frame decides, not the error of the write.
func TestBrokenWriteLeavesTheReaderItsTime(t *testing.T) {
	c, p := against(t, networks[0], Config{Role: codec.RoleClient})
	p.send(p.close(codec.CloseMessageTooBig, "too big"))
	p.nc.Close()
	data := make([]byte, 8<<20)
	var err error
	for err == nil {
		err = c.WriteMessage(codec.OpBinary, data)
	}
	var ce *CloseError
	if !errors.As(err, &ce) || ce.By != Lost || ce.Code != codec.CloseAbnormal {
		t.Errorf("WriteMessage() = %v, want a loss", err)
	}
	if c.Err() != nil {
		t.Errorf("Err() = %v before the reader has said how it ended", c.Err())
	}
	if err := c.Ping(nil); err == nil {
		t.Error("Ping() = nil on a broken connection")
	}
	wantEnded(t, c.Discard(), CloseError{Code: codec.CloseMessageTooBig, Reason: "too big", By: Peer})
}

// TestBrokenWriteEnds has nobody to say how it ended.
func TestBrokenWriteEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := net.Pipe()
		broken := errors.New("cable cut")
		c := New(&failingWrites{Conn: a, err: broken}, Config{})
		defer b.Close()
		ended := async(c.Discard)
		start := time.Now()
		wantEnded(t, c.WriteMessage(codec.OpText, nil), CloseError{Code: 1006, By: Lost, Err: broken})
		wantEnded(t, ended(), CloseError{Code: 1006, By: Lost, Err: broken})
		if got := time.Since(start); got != lingerTime {
			t.Errorf("the reader waited %v, want %v", got, lingerTime)
		}
	})
}

type failingWrites struct {
	net.Conn
	err error
}

func (f *failingWrites) Write([]byte) (int, error) { return 0, f.err }

// TestAbort drops the connection under a reader and a writer.
func TestAbort(t *testing.T) {
	onNetworks(t, func(t *testing.T, n network) {
		c, p := against(t, n, Config{})
		read := async(c.Discard)
		wrote := async(func() error {
			for {
				if err := c.WriteMessage(codec.OpBinary, make([]byte, 1<<20)); err != nil {
					return err
				}
			}
		})
		one := make([]byte, 1)
		p.nc.Read(one) // the writer is under way
		c.Abort()
		want := CloseError{Code: codec.CloseAbnormal, By: Local, Err: ErrAborted}
		wantEnded(t, read(), want)
		wantEnded(t, wrote(), want)
		wantEnded(t, c.Close(1000, ""), want)
		c.Abort()
		wantEnded(t, c.Err(), want)
	})
}

// TestWritesAfterClose refuses what may not follow a close frame.
func TestWritesAfterClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, p := against(t, pipes, Config{})
		closed := async(func() error { return c.Close(1000, "") })
		p.wantClose(1000, "")
		synctest.Wait()
		for name, err := range map[string]error{
			"WriteMessage": c.WriteMessage(codec.OpText, nil),
			"large":        c.WriteMessage(codec.OpText, make([]byte, 1<<20)),
			"WriteFrame":   c.WriteFrame(Frame{Fin: true, Opcode: codec.OpText}),
			"Ping":         c.Ping(nil),
			"Pong":         c.Pong(nil),
			"Flush":        c.Flush(),
		} {
			if err != ErrClosing {
				t.Errorf("%s after Close = %v, want %v", name, err, ErrClosing)
			}
		}
		p.send(p.frame(true, codec.OpPing, "no pong may follow"), p.close(1000, ""))
		p.wantEnd()
		if err := closed(); err != nil {
			t.Error(err)
		}
	})
}
