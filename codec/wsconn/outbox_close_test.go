package wsconn

import (
	"testing"
	"testing/synctest"
	"time"

	"wskit/codec"
)

// TestOutboxBeginClose has the reader get what comes between the two close frames, also
// when it comes back late.
func TestOutboxBeginClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, p := against(t, pipes, Config{})
		o := c.NewOutbox(0, CloseWhenFull)
		o.BeginClose(codec.CloseNormal, "bye")
		p.wantClose(codec.CloseNormal, "bye")
		go p.send(p.text("one"), p.text("two"), p.close(codec.CloseNormal, ""))
		for _, want := range []string{"one", "two"} {
			time.Sleep(time.Millisecond)
			if _, data, err := c.NextMessage(); err != nil || string(data) != want {
				t.Fatalf("NextMessage() = %q, %v, want %q", data, err, want)
			}
		}
		_, _, err := c.NextMessage()
		wantEnded(t, err, CloseError{Code: codec.CloseNormal, Reason: "bye", By: Local})
	})
}

// TestOnClose has what is sent from within OnClose, and behind the back of the reader,
// go out before the answer to the close.
func TestOnClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var o *Outbox
		calls := 0
		c, p := against(t, pipes, Config{OnClose: func() {
			calls++
			o.Send(codec.OpText, []byte("late"))
		}})
		o = c.NewOutbox(0, CloseWhenFull)
		ended := make(chan error, 1)
		go func() { ended <- c.Discard() }()
		p.send(p.text("question"), p.close(codec.CloseGoingAway, ""))
		p.want(true, codec.OpText, "late")
		p.wantClose(codec.CloseGoingAway, "")
		wantEnded(t, <-ended, CloseError{Code: codec.CloseGoingAway, By: Peer})
		if calls != 1 {
			t.Errorf("OnClose was called %d times", calls)
		}
	})
}

// TestOnCloseAfterOurs does not call OnClose when our close frame was first.
func TestOnCloseAfterOurs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, p := against(t, pipes, Config{OnClose: func() { t.Error("OnClose was called") }})
		go c.Close(codec.CloseNormal, "")
		p.wantClose(codec.CloseNormal, "")
		p.send(p.close(codec.CloseNormal, ""))
		<-c.Done()
	})
}

// TestOutboxClose closes behind what is queued, without having anybody wait.
func TestOutboxClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, p := against(t, pipes, Config{})
		o := c.NewOutbox(0, CloseWhenFull)
		o.Send(codec.OpText, []byte("first"))
		synctest.Wait()
		o.Send(codec.OpText, []byte("last"))
		o.Close(codec.CloseNormal, "bye")
		o.Close(codec.CloseGoingAway, "ignored")
		for name, err := range map[string]error{
			"Send":         o.Send(codec.OpText, nil),
			"SendPrepared": o.SendPrepared(NewPrepared(codec.OpText, nil)),
			"Do":           o.Do(0, func(*Conn) error { return nil }),
		} {
			if err != ErrClosing {
				t.Errorf("%s after Close: %v, want %v", name, err, ErrClosing)
			}
		}
		p.want(true, codec.OpText, "first")
		p.want(true, codec.OpText, "last")
		p.wantClose(codec.CloseNormal, "bye")
		p.send(p.close(codec.CloseNormal, ""))
		o.Wait()
		wantEnded(t, c.Err(), CloseError{Code: codec.CloseNormal, Reason: "bye", By: Local})
		if err := o.Send(codec.OpText, nil); err != c.Err() {
			t.Errorf("Send() after the end = %v, want %v", err, c.Err())
		}
	})
}

// TestCloseDrains has Conn.Close send what outboxes hold, take nothing more, and give
// a peer up that does not read in the time of the closing handshake.
func TestCloseDrains(t *testing.T) {
	for _, reads := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			c, p := against(t, pipes, Config{CloseTimeout: 3 * second})
			first, second := c.NewOutbox(0, CloseWhenFull), c.NewOutbox(0, CloseWhenFull)
			for range 3 {
				first.Send(codec.OpText, []byte("one"))
				synctest.Wait()
			}
			second.Hold()
			second.Send(codec.OpText, []byte("two"))
			began := time.Now()
			closed := async(func() error { return c.Close(codec.CloseGoingAway, "") })
			synctest.Wait()
			if err := first.Send(codec.OpText, nil); err != ErrClosing {
				t.Errorf("Send() while the connection closes = %v, want %v", err, ErrClosing)
			}
			second.Release()
			if !reads {
				closed()
				if got := time.Since(began); got != 3*time.Second {
					t.Errorf("Close took %v, want 3s", got)
				}
				first.Wait()
				second.Wait()
				return
			}
			got := map[string]int{}
			for range 4 {
				_, data, _ := p.next()
				got[string(data)]++
			}
			if got["one"] != 3 || got["two"] != 1 {
				t.Errorf("got %v", got)
			}
			p.wantClose(codec.CloseGoingAway, "")
			p.send(p.close(codec.CloseGoingAway, ""))
			if err := closed(); err != nil {
				t.Errorf("Close: %v", err)
			}
		})
	}
}
