package wsconn

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wskit/codec"
)

// TestWriteRaw sends bytes that are no frames, after what is queued. They are tapped and
// counted as bytes.
func TestWriteRaw(t *testing.T) {
	onNetworks(t, func(t *testing.T, n network) {
		for _, role := range []codec.Role{codec.RoleServer, codec.RoleClient} {
			var tapped bytes.Buffer
			var mu sync.Mutex
			c, p := against(t, n, Config{Role: role, Tap: func(from codec.Role, _ time.Time, b []byte) {
				mu.Lock()
				defer mu.Unlock()
				tapped.Write(b)
			}})
			raw := [][]byte{[]byte("\xffno frame"), pattern(300_000), {}, []byte("end")}
			before := bytes.Clone(raw[1])
			sent := async(func() error {
				for _, b := range raw {
					if err := errors.Join(c.QueueMessage(codec.OpText, []byte("queued")), c.WriteRaw(b)); err != nil {
						return err
					}
				}
				return nil
			})
			wire := 0
			for _, b := range raw {
				p.want(true, codec.OpText, "queued")
				p.wantBytes(b)
				wire += len(frame(role, true, codec.OpText, "queued")) + len(b)
			}
			if err := sent(); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(raw[1], before) {
				t.Error("WriteRaw changed its argument")
			}
			mu.Lock()
			if tapped.Len() != wire || !bytes.HasSuffix(tapped.Bytes(), raw[3]) {
				t.Errorf("%d bytes were tapped, want %d", tapped.Len(), wire)
			}
			mu.Unlock()
			want := Stats{BytesOut: int64(wire), FramesOut: int64(len(raw)), MessagesOut: int64(len(raw))}
			if got := c.Stats(); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		}
	})
}

// wantBytes reads bytes and compares them.
func (p *peer) wantBytes(want []byte) {
	p.t.Helper()
	for more := make([]byte, 64<<10); len(p.buf) < len(want); {
		n, err := p.nc.Read(more)
		p.buf = append(p.buf, more[:n]...)
		if err != nil {
			p.t.Fatalf("peer: read: %v", err)
		}
	}
	if !bytes.Equal(p.buf[:len(want)], want) {
		p.t.Errorf("peer: got %.80q, want %.80q", p.buf[:len(want)], want)
	}
	p.buf = p.buf[len(want):]
}

// TestWriteRawWaitsForTheMessage is called while another goroutine is in the middle of a
// message. A control frame does not wait.
func TestWriteRawWaitsForTheMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, p := against(t, pipes, Config{FragmentSize: 3})
		goOn := make(chan struct{})
		written := async(func() error {
			w, err := c.MessageWriter(codec.OpText)
			if err != nil {
				return err
			}
			if _, err := w.Write([]byte("begun")); err != nil {
				return err
			}
			<-goOn
			return w.Close()
		})
		p.want(false, codec.OpText, "beg")
		sent := async(func() error { return c.WriteRaw(frame(codec.RoleServer, true, codec.OpText, "raw")) })
		synctest.Wait()
		pinged := async(func() error { return c.Ping([]byte("between")) })
		p.want(true, codec.OpPing, "between")
		close(goOn)
		p.want(true, codec.OpContinuation, "un")
		p.want(true, codec.OpText, "raw")
		if err := errors.Join(written(), sent(), pinged()); err != nil {
			t.Error(err)
		}
	})
}

// TestWriteRawAfterClose sends behind a close frame, until the transport ends. What is
// queued stays where it is.
func TestWriteRawAfterClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, p := against(t, pipes, Config{})
		closed := async(func() error { return c.Close(codec.CloseNormal, "bye") })
		p.wantClose(codec.CloseNormal, "bye")
		synctest.Wait()
		c.QueueMessage(codec.OpText, []byte("queued"))
		p.send(p.frame(true, codec.OpPing, "late"))
		sent := async(func() error { return c.WriteRaw(frame(codec.RoleServer, true, codec.OpText, "late")) })
		p.want(true, codec.OpText, "late")
		if err := sent(); err != nil {
			t.Errorf("WriteRaw: %v", err)
		}
		p.send(p.close(codec.CloseNormal, ""))
		p.wantEnd()
		if err := closed(); err != nil {
			t.Errorf("Close: %v", err)
		}
		for _, b := range []string{"x", ""} {
			if err := c.WriteRaw([]byte(b)); err != c.Err() || err == nil {
				t.Errorf("WriteRaw of %q after the end: %v, want %v", b, err, c.Err())
			}
		}
	})
}

// TestWriteRawIsNotKnown sends a close frame of which this end knows nothing.
func TestWriteRawIsNotKnown(t *testing.T) {
	c, p := against(t, pipes, Config{})
	ended := async(c.Discard)
	sent := async(func() error {
		return errors.Join(
			c.WriteRaw(frame(codec.RoleServer, true, codec.OpClose, "\x03\xe8")),
			c.WriteMessage(codec.OpText, []byte("and on")),
		)
	})
	p.wantClose(codec.CloseNormal, "")
	p.want(true, codec.OpText, "and on")
	if err := sent(); err != nil {
		t.Error(err)
	}
	p.send(p.close(4001, "mine"))
	p.wantClose(4001, "")
	wantEnded(t, ended(), CloseError{Code: 4001, Reason: "mine", By: Peer})
}

// TestWriteRawGivesUp has nobody to write to: the connection ends while it waits for a
// message, or has lost its transport.
func TestWriteRawGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := against(t, pipes, Config{})
		w, err := c.MessageWriter(codec.OpText)
		if err != nil {
			t.Fatal(err)
		}
		sent := async(func() error { return c.WriteRaw([]byte("x")) })
		synctest.Wait()
		c.Abort()
		if err := sent(); !errors.Is(err, ErrAborted) {
			t.Errorf("WriteRaw: %v, want %v", err, ErrAborted)
		}
		w.Close()
	})
	synctest.Test(t, func(t *testing.T) {
		c, p := against(t, pipes, Config{})
		p.nc.Close()
		for range 2 {
			wantEnded(t, c.WriteRaw([]byte("x")), CloseError{Code: codec.CloseAbnormal, By: Lost, Err: c.broken})
		}
		if c.broken == nil {
			t.Error("the transport is not broken")
		}
		c.Discard()
	})
}

// TestSetAutoPong sends pings while they are not answered, and when they are again.
func TestSetAutoPong(t *testing.T) {
	var seen []string
	c, p := against(t, pipes, Config{OnControl: func(op codec.Opcode, payload []byte) {
		seen = append(seen, fmt.Sprintf("%v %s", op, payload))
	}})
	ended := async(func() error { return serveEcho(c) })
	for _, on := range []bool{true, false, true, false} {
		c.SetAutoPong(on)
		p.send(p.frame(true, codec.OpPing, fmt.Sprint(on)), p.text("then"))
		if on {
			p.want(true, codec.OpPong, "true")
		}
		p.want(true, codec.OpText, "then")
	}
	p.send(p.close(codec.CloseNormal, ""))
	p.wantClose(codec.CloseNormal, "")
	ended()
	want := "ping true, ping false, ping true, ping false"
	if got := strings.Join(seen, ", "); got != want {
		t.Errorf("OnControl saw %q, want %q", got, want)
	}
}
