package wsconn

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"wskit/codec"
)

// flood sends messages until the other end, which does not read, takes no more. It
// returns the number of messages and what is left to send of the last one.
func (p *peer) flood() (n int, rest []byte) {
	p.t.Helper()
	one := p.text(strings.Repeat("x", 10_000))
	for n = 1; ; n++ {
		p.nc.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
		sent, err := p.nc.Write(one)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			p.nc.SetWriteDeadline(time.Now().Add(patience))
			return n, one[sent:]
		}
		if err != nil {
			p.t.Fatalf("peer: write: %v", err)
		}
	}
}

// TestStalledSession has a session that stops reading for a while, so that the peer's
// writes stall. The connection can be ended meanwhile, and read on.
func TestStalledSession(t *testing.T) {
	for _, n := range []network{networks[0], networks[3], pipes} {
		for _, tt := range []struct {
			name string
			then func(t *testing.T, c *Conn, p *peer, messages int, rest []byte)
		}{
			{name: "read on", then: func(t *testing.T, c *Conn, p *peer, messages int, rest []byte) {
				go p.nc.Write(rest)
				for i := range messages {
					if _, data, err := c.NextMessage(); err != nil || len(data) != 10_000 {
						t.Fatalf("message %d of %d: %d bytes and %v", i, messages, len(data), err)
					}
				}
			}},
			{name: "close", then: func(t *testing.T, c *Conn, p *peer, messages int, rest []byte) {
				closed := async(func() error { return c.Close(4000, "enough") })
				p.wantClose(4000, "enough")
				p.send(rest, p.close(4000, ""))
				if err := closed(); err != nil {
					t.Errorf("Close: %v", err)
				}
				p.wantEnd()
			}},
			{name: "abort", then: func(t *testing.T, c *Conn, p *peer, messages int, rest []byte) {
				c.Abort()
				wantEnded(t, c.Err(), CloseError{Code: codec.CloseAbnormal, By: Local, Err: ErrAborted})
				p.wantEnd()
			}},
		} {
			t.Run(n.name+"/"+tt.name, func(t *testing.T) {
				c, p := against(t, n, Config{})
				go p.send(p.text("first"))
				if _, _, err := c.NextMessage(); err != nil {
					t.Fatal(err)
				}
				messages, rest := p.flood()
				tt.then(t, c, p, messages, rest)
			})
		}
	}
}

// TestStallIsNoTimeout has a session that comes back for the next message, of which the
// beginning is there, after longer than anything of the peer may take.
func TestStallIsNoTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, p := against(t, pipes, Config{PingInterval: time.Second})
		second := p.text("second")
		go p.send(p.text("first"), second[:3])
		if _, _, err := c.NextMessage(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		read := async(func() error {
			_, _, err := c.NextMessage()
			return err
		})
		p.want(true, codec.OpPing, "1") // that of an hour ago
		p.send(second[3:])
		if err := read(); err != nil {
			t.Error(err)
		}
	})
}

// TestAbortResets looks at what the peer sees of Abort: a reset, and nothing that could
// be taken for a proper end, whatever is going on.
func TestAbortResets(t *testing.T) {
	for _, n := range []network{networks[0], networks[4]} {
		for _, tt := range []struct {
			name string
			do   func(t *testing.T, c *Conn, p *peer) (wait func())
		}{
			{name: "idle", do: func(*testing.T, *Conn, *peer) func() { return func() {} }},
			{name: "unread data", do: func(t *testing.T, c *Conn, p *peer) func() {
				p.send(p.text("first"), p.text("unread"))
				if _, _, err := c.NextMessage(); err != nil {
					t.Fatal(err)
				}
				p.send(p.text("not even in the buffer"))
				return func() {}
			}},
			{name: "reading", do: func(t *testing.T, c *Conn, p *peer) func() {
				ended := async(func() error { return serveEcho(c) })
				p.send(p.text("first"))
				p.want(true, codec.OpText, "first")
				return func() { ended() }
			}},
			{name: "stuck in a write", do: func(t *testing.T, c *Conn, p *peer) func() {
				ended := async(func() error { return c.WriteMessage(codec.OpBinary, make([]byte, 32<<20)) })
				io.ReadFull(p.nc, make([]byte, 1))
				return func() { ended() }
			}},
		} {
			t.Run(fmt.Sprintf("%s/%s", n.name, tt.name), func(t *testing.T) {
				c, p := against(t, n, Config{})
				wait := tt.do(t, c, p)
				c.Abort()
				wait()
				nc := p.nc
				if secure, ok := nc.(*tls.Conn); ok {
					nc = secure.NetConn()
				}
				if _, err := io.Copy(io.Discard, struct{ net.Conn }{nc}); !errors.Is(err, syscall.ECONNRESET) {
					t.Errorf("the peer sees %v, want %v", err, syscall.ECONNRESET)
				}
			})
		}
	}
}
