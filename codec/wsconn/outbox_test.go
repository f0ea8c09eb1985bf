package wsconn

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"wskit/codec"
)

// TestOutbox sends what was queued in its order, and needs a goroutine only then.
func TestOutbox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, p := against(t, pipes, Config{})
		o := c.NewOutbox(0, CloseWhenFull)
		if err := o.Send(codec.OpPing, nil); err != ErrOpcode {
			t.Errorf("Send(ping) = %v, want %v", err, ErrOpcode)
		}
		for round := range 3 {
			for i := range 20 {
				if err := o.Send(codec.OpText, fmt.Append(nil, round, i)); err != nil {
					t.Fatal(err)
				}
			}
			for i := range 20 {
				p.want(true, codec.OpText, fmt.Sprint(round, i))
			}
			o.Wait()
			if o.running || o.Size() != 0 {
				t.Errorf("a goroutine %v and %d bytes are left after Wait", o.running, o.Size())
			}
		}
		c.Abort()
		if err := o.Send(codec.OpText, nil); err != c.Err() {
			t.Errorf("Send() after the end = %v, want %v", err, c.Err())
		}
	})
}

// TestOutboxFull has a peer that does not read, for both policies.
func TestOutboxFull(t *testing.T) {
	const room = 4 // messages
	for _, policy := range []OutboxPolicy{CloseWhenFull, DropWhenFull} {
		synctest.Test(t, func(t *testing.T) {
			c, p := against(t, pipes, Config{CloseTimeout: 3 * second})
			o := c.NewOutbox(room*(100+outboxOverhead), policy)
			start := time.Now()
			for i := range room + 2 {
				err := o.Send(codec.OpText, make([]byte, 100))
				synctest.Wait()
				if (err != nil) != (i >= room) || err != nil && err != ErrOutboxFull {
					t.Errorf("Send of message %d = %v", i, err)
				}
			}
			if time.Since(start) != 0 {
				t.Error("Send has waited")
			}
			if policy == DropWhenFull {
				for range room {
					p.want(true, codec.OpText, string(make([]byte, 100)))
				}
				o.Wait()
				if err := o.Send(codec.OpText, nil); err != nil {
					t.Errorf("Send when there is room again = %v", err)
				}
				p.want(true, codec.OpText, "")
				o.Wait()
				return
			}
			o.Wait()
			if got := time.Since(start); got != 3*second {
				t.Errorf("the stuck peer was given up after %v, want 3s", got)
			}
			wantEnded(t, c.Err(), CloseError{Code: codec.CloseAbnormal, By: Lost, Err: ErrWriteTimeout})
		})
	}
}

// TestOutboxFullCloses tells a peer that is only slow why it is closed.
func TestOutboxFullCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, p := against(t, pipes, Config{})
		o := c.NewOutbox(200, CloseWhenFull)
		o.Send(codec.OpText, []byte("first"))
		synctest.Wait()
		o.Send(codec.OpText, []byte("dropped"))
		if err := o.Send(codec.OpText, make([]byte, 100)); err != ErrOutboxFull {
			t.Errorf("Send() = %v, want %v", err, ErrOutboxFull)
		}
		p.want(true, codec.OpText, "first")
		p.wantClose(codec.ClosePolicyViolation, "too slow")
		p.send(p.close(codec.ClosePolicyViolation, ""))
		o.Wait()
		wantEnded(t, c.Err(), CloseError{Code: codec.ClosePolicyViolation, Reason: "too slow", By: Local})
	})
}

// TestOutboxTakesOneLargeMessage lets a message through that is larger than the limit.
func TestOutboxTakesOneLargeMessage(t *testing.T) {
	c, p := against(t, networks[0], Config{})
	o := c.NewOutbox(10, DropWhenFull)
	if err := o.Send(codec.OpBinary, pattern(100_000)); err != nil {
		t.Fatal(err)
	}
	p.want(true, codec.OpBinary, string(pattern(100_000)))
	o.Wait()
}
