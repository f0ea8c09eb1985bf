package wsconn

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"wskit/codec"
)

// TestPingIsAnswered answers pings alone, between fragments and before the message
// that is behind them.
func TestPingIsAnswered(t *testing.T) {
	onNetworks(t, func(t *testing.T, n network) {
		for _, role := range []codec.Role{codec.RoleServer, codec.RoleClient} {
			var seen []string
			c, p := against(t, n, Config{Role: role, OnControl: func(op codec.Opcode, payload []byte) {
				seen = append(seen, fmt.Sprintf("%v %s", op, payload))
			}})
			got := async(func() string {
				var s string
				for range 2 {
					_, data, err := c.NextMessage()
					if err != nil {
						return err.Error()
					}
					s += string(data)
				}
				return s
			})
			longest := "p\x00\xff" + strings.Repeat("p", codec.MaxControlPayload-3) // any bytes will do
			p.send(p.frame(true, codec.OpPing, longest))
			p.want(true, codec.OpPong, longest)
			p.send(p.frame(false, codec.OpText, "mess"), p.frame(true, codec.OpPing, ""))
			p.want(true, codec.OpPong, "")
			p.send(p.frame(true, codec.OpPong, "unasked"), p.frame(true, codec.OpContinuation, "age"))
			p.send(p.frame(true, codec.OpPing, "with"), p.text("!"))
			p.want(true, codec.OpPong, "with")
			if s := got(); s != "message!" {
				t.Errorf("got %q, want message!", s)
			}
			want := "ping " + longest + ", ping , pong unasked, ping with"
			if s := strings.Join(seen, ", "); s != want {
				t.Errorf("OnControl saw %q, want %q", s, want)
			}
		}
	})
}

// TestPingFlood sends pings without reading a pong: they cost one slot, and the
// connection ends when the write times out.
func TestPingFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, p := against(t, pipes, Config{})
		ended := async(c.Discard)
		one := p.frame(true, codec.OpPing, "flood")
		sent := async(func() (n int) {
			for range 100_000 / 1000 {
				m, err := p.nc.Write(bytes.Repeat(one, 1000))
				if n += m; err != nil {
					break
				}
			}
			return n / len(one)
		})
		start := time.Now()
		wantEnded(t, ended(), CloseError{Code: codec.CloseAbnormal, By: Lost, Err: ErrWriteTimeout})
		if got := time.Since(start); got != DefaultWriteTimeout {
			t.Errorf("ended after %v, want %v", got, DefaultWriteTimeout)
		}
		sent()
	})
}

// TestPongSlot has pings arrive while somebody writes: the reader goes on, and only
// the last ping is answered, when the write is done.
func TestPongSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, p := against(t, pipes, Config{WriteTimeout: time.Hour})
		var got []string
		ended := async(func() error {
			for {
				_, data, err := c.NextMessage()
				if err != nil {
					return err
				}
				got = append(got, string(data))
			}
		})
		wrote := async(func() error { return c.WriteMessage(codec.OpText, []byte("slow")) })
		synctest.Wait()
		for i := range 10 {
			p.send(p.frame(true, codec.OpPing, fmt.Sprint(i)))
			p.send(p.text(fmt.Sprint("message ", i)))
		}
		synctest.Wait()
		if len(got) != 10 {
			t.Errorf("the reader got %d messages while the writer waited, want 10", len(got))
		}
		p.want(true, codec.OpText, "slow")
		p.want(true, codec.OpPong, "9")
		if err := wrote(); err != nil {
			t.Error(err)
		}
		p.send(p.close(1000, ""))
		p.wantClose(1000, "")
		p.wantEnd()
		ended()
	})
}

// TestControlBetweenFragments sends control frames inside a message that a
// MessageWriter takes its time for, while other messages wait.
func TestControlBetweenFragments(t *testing.T) {
	onNetworks(t, func(t *testing.T, n network) {
		c, p := against(t, n, Config{FragmentSize: 4})
		ended := async(c.Discard)
		step := make(chan bool)
		wrote := async(func() error {
			w, err := c.MessageWriter(codec.OpText)
			if err != nil {
				return err
			}
			step <- true
			io.WriteString(w, "slow ")
			step <- true
			<-step
			io.WriteString(w, "message")
			return w.Close()
		})
		<-step
		other := async(func() error { return c.WriteMessage(codec.OpBinary, []byte("wait")) })
		p.want(false, codec.OpText, "slow")
		<-step
		ping := async(func() error { return c.Ping([]byte("ping")) })
		p.want(true, codec.OpPing, "ping")
		p.send(p.frame(true, codec.OpPing, "pong"))
		p.want(true, codec.OpPong, "pong")
		step <- true
		p.want(false, codec.OpContinuation, " mes")
		p.want(true, codec.OpContinuation, "sage")
		p.want(true, codec.OpBinary, "wait")
		for _, wait := range []func() error{wrote, other, ping} {
			if err := wait(); err != nil {
				t.Error(err)
			}
		}
		p.send(p.close(1000, ""))
		p.wantClose(1000, "")
		ended()
	})
}

// TestControlBetweenFragmentsOfLargeMessage does so for WriteMessage.
func TestControlBetweenFragmentsOfLargeMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, p := against(t, pipes, Config{FragmentSize: queueSize})
		data := strings.Repeat("x", 3*queueSize)
		wrote := async(func() error { return c.WriteMessage(codec.OpText, []byte(data)) })
		synctest.Wait()
		ping := async(func() error { return c.Ping([]byte("now")) })
		synctest.Wait()
		p.want(false, codec.OpText, data[:queueSize])
		p.want(true, codec.OpPing, "now")
		p.want(false, codec.OpContinuation, data[:queueSize])
		p.want(true, codec.OpContinuation, data[:queueSize])
		if wrote() != nil || ping() != nil {
			t.Error("a write failed")
		}
	})
}

func TestControlTooLong(t *testing.T) {
	c, _ := against(t, pipes, Config{})
	long := make([]byte, codec.MaxControlPayload+1)
	if err := c.Ping(long); err != ErrControlTooLong {
		t.Errorf("Ping() = %v, want %v", err, ErrControlTooLong)
	}
	if err := c.Pong(long); err != ErrControlTooLong {
		t.Errorf("Pong() = %v, want %v", err, ErrControlTooLong)
	}
}

// TestPong sends a pong that answers nothing.
func TestPong(t *testing.T) {
	c, p := against(t, pipes, Config{Role: codec.RoleClient})
	sent := async(func() error { return c.Pong([]byte("here")) })
	p.want(true, codec.OpPong, "here")
	if err := sent(); err != nil {
		t.Error(err)
	}
}
