package wsconn

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"wskit/codec"
)

// writes counts the writes of a server's connection. It sets cfg.Tap.
func writes(cfg *Config) *int {
	n := new(int)
	cfg.Tap = func(from codec.Role, _ time.Time, _ []byte) {
		if from == codec.RoleServer {
			*n++
		}
	}
	return n
}

// TestOutboxTogether sends what has gathered behind a write in one write, of whatever
// kind it is, and what is too long for that by itself.
func TestOutboxTogether(t *testing.T) {
	long := strings.Repeat("long", queueSize/4)
	for _, tt := range []struct {
		name     string
		messages []string
		writes   int
	}{
		{name: "short", messages: strings.Split(strings.Repeat("short ", 100), " "), writes: 1},
		{name: "two fit", messages: []string{long[:20_000], long[:20_000], long[:30_000]}, writes: 2},
		{name: "long", messages: []string{"a", "b", long, "c", "d"}, writes: 4}, // its header goes first
	} {
		for _, role := range []codec.Role{codec.RoleServer, codec.RoleClient} {
			t.Run(fmt.Sprint(tt.name, "/", role), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					cfg := Config{Role: role}
					n := writes(&cfg)
					c, p := against(t, pipes, cfg)
					o := c.NewOutbox(0, CloseWhenFull)
					o.Send(codec.OpText, []byte("first"))
					synctest.Wait() // it is being written
					for i, m := range tt.messages {
						if i%2 == 1 {
							o.SendPrepared(NewPrepared(codec.OpText, []byte(m)))
						} else {
							o.Send(codec.OpText, []byte(m))
						}
					}
					p.want(true, codec.OpText, "first")
					for _, m := range tt.messages {
						p.want(true, codec.OpText, m)
					}
					o.Wait()
					if got := *n - 1; role == codec.RoleServer && got > tt.writes {
						t.Errorf("%d messages took %d writes, want %d", len(tt.messages), got, tt.writes)
					}
					if got := c.Stats().MessagesOut; got != int64(len(tt.messages)+1) {
						t.Errorf("Stats: %d messages, want %d", got, len(tt.messages)+1)
					}
				})
			})
		}
	}
}

// TestOutboxSize counts a message until it is handed to the network, and no longer.
func TestOutboxSize(t *testing.T) {
	const size = 10_000
	synctest.Test(t, func(t *testing.T) {
		c, p := against(t, pipes, Config{})
		o := c.NewOutbox(0, CloseWhenFull)
		message := pattern(size)
		o.Hold()
		for range 20 {
			o.Send(codec.OpBinary, message)
		}
		o.SendPrepared(NewPrepared(codec.OpBinary, message))
		o.Do(size, func(*Conn) error { return nil })
		o.Do(-1, func(*Conn) error { return nil })
		if got := o.Size(); got != 22*size {
			t.Errorf("Size() = %d while it is held, want %d", got, 22*size)
		}
		o.Release()
		for left := 22; left > 1; left -= min(left-1, 6) { // six fit into a write
			synctest.Wait()
			if got := o.Size(); got != left*size {
				t.Errorf("Size() = %d, want %d", got, left*size)
			}
			for range min(left-1, 6) {
				p.want(true, codec.OpBinary, string(message))
			}
		}
		o.Wait()
		if o.Size() != 0 || o.count != 0 || o.queue != nil {
			t.Errorf("an empty outbox counts %d bytes of %d, with queue %v", o.Size(), o.count, o.queue)
		}
	})
}

// TestOutboxDo calls functions in the order of the messages, which may send what no
// message is.
func TestOutboxDo(t *testing.T) {
	onNetworks(t, func(t *testing.T, n network) {
		c, p := against(t, n, Config{})
		o := c.NewOutbox(0, CloseWhenFull)
		o.Send(codec.OpText, []byte("before"))
		o.Do(3, func(c *Conn) error {
			return errors.Join(c.WriteFrame(Frame{Opcode: codec.OpText, Data: []byte("a")}), c.WriteFrame(Frame{Fin: true, Data: []byte("b")}))
		})
		o.Do(0, func(c *Conn) error { return c.Ping([]byte("ping")) })
		o.Send(codec.OpText, []byte("after"))
		p.want(true, codec.OpText, "before")
		p.want(false, codec.OpText, "a")
		p.want(true, codec.OpContinuation, "b")
		p.want(true, codec.OpPing, "ping")
		p.want(true, codec.OpText, "after")
		o.Wait()
	})
}

// TestOutboxDoFails has a function whose error ends the outbox, but not the connection.
func TestOutboxDoFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, p := against(t, pipes, Config{})
		o := c.NewOutbox(0, CloseWhenFull)
		failed := errors.New("failed")
		called := false
		o.Hold()
		o.Do(10, func(*Conn) error { return failed })
		o.Send(codec.OpText, []byte("never sent"))
		o.Do(10, func(*Conn) error { called = true; return nil })
		o.Release()
		o.Wait()
		if called || o.Size() != 0 {
			t.Errorf("after an error: called %v, %d bytes wait", called, o.Size())
		}
		if err := o.Send(codec.OpText, nil); err != failed {
			t.Errorf("Send() = %v, want %v", err, failed)
		}
		o.Close(codec.CloseInternalError, "") // still closes
		p.wantClose(codec.CloseInternalError, "")
		p.send(p.close(codec.CloseInternalError, ""))
		o.Wait()
	})
}

// TestOutboxHold sends nothing between Hold and Release, and all of it in one write
// then.
func TestOutboxHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := Config{}
		n := writes(&cfg)
		c, p := against(t, pipes, cfg)
		o := c.NewOutbox(0, CloseWhenFull)
		o.Release() // of nothing
		o.Hold()
		o.Hold()
		for range 10 {
			o.Send(codec.OpText, []byte("message"))
		}
		o.Release()
		if o.running {
			t.Error("there is a goroutine while it is held")
		}
		synctest.Wait()
		if *n != 0 {
			t.Errorf("%d writes while it was held", *n)
		}
		o.Release()
		for range 10 {
			p.want(true, codec.OpText, "message")
		}
		o.Wait()
		if *n != 1 {
			t.Errorf("10 messages took %d writes, want 1", *n)
		}
		o.Hold()
		o.Release() // with nothing to send
		if o.running {
			t.Error("there is a goroutine with nothing to do")
		}
	})
}

// TestOutboxHoldAmidSending holds what is queued while the goroutine sends what was
// before.
func TestOutboxHoldAmidSending(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := Config{}
		n := writes(&cfg)
		c, p := against(t, pipes, cfg)
		o := c.NewOutbox(0, CloseWhenFull)
		o.Send(codec.OpText, []byte("first"))
		synctest.Wait() // it is being written
		o.Hold()
		o.Send(codec.OpText, []byte("second"))
		p.want(true, codec.OpText, "first")
		synctest.Wait()
		o.Send(codec.OpText, []byte("third"))
		synctest.Wait()
		if *n != 1 {
			t.Errorf("%d writes while it was held, want 1", *n)
		}
		waited := async(func() bool { o.Wait(); return true })
		o.Release()
		p.want(true, codec.OpText, "second")
		p.want(true, codec.OpText, "third")
		waited()
		if *n != 2 {
			t.Errorf("three messages took %d writes, want 2", *n)
		}
	})
}

// TestOutboxLetsGo keeps nothing of a message that is sent, not even for the next queue.
func TestOutboxLetsGo(t *testing.T) {
	c, p := against(t, networks[0], Config{})
	o := c.NewOutbox(0, CloseWhenFull)
	data := new([1 << 10]byte)
	kept := weak.Make(data)
	o.Send(codec.OpBinary, data[:])
	data = nil
	p.want(true, codec.OpBinary, string(make([]byte, 1<<10)))
	o.Wait()
	runtime.GC() // once: the pools let go at the second
	if kept.Value() != nil {
		t.Error("a message that is sent is still in memory")
	}
}

// TestOutboxHoldFull holds no more than the limit either.
func TestOutboxHoldFull(t *testing.T) {
	const room = 4
	for _, policy := range []OutboxPolicy{CloseWhenFull, DropWhenFull} {
		synctest.Test(t, func(t *testing.T) {
			c, p := against(t, pipes, Config{})
			o := c.NewOutbox(room*(10+outboxOverhead), policy)
			o.Hold()
			for i := range room + 2 {
				if err := o.Send(codec.OpText, make([]byte, 10)); (err == ErrOutboxFull) != (i >= room) {
					t.Errorf("Send of message %d: %v", i, err)
				}
			}
			o.Release()
			if policy == DropWhenFull {
				for range room {
					p.want(true, codec.OpText, string(make([]byte, 10)))
				}
			} else {
				p.wantClose(codec.ClosePolicyViolation, "too slow")
				p.send(p.close(codec.ClosePolicyViolation, ""))
			}
			o.Wait()
			if o.Size() != 0 {
				t.Errorf("%d bytes are left", o.Size())
			}
		})
	}
}

// TestOutboxFullDropsTheBatch drops what the goroutine has taken already, too.
func TestOutboxFullDropsTheBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, p := against(t, pipes, Config{})
		o := c.NewOutbox(300_000, CloseWhenFull)
		message := pattern(40_000)
		o.Hold()
		for range 6 {
			o.Send(codec.OpBinary, message)
		}
		o.Release()
		synctest.Wait()
		for o.Send(codec.OpBinary, message) == nil {
			synctest.Wait()
		}
		p.want(true, codec.OpBinary, string(message))
		p.wantClose(codec.ClosePolicyViolation, "too slow")
		p.send(p.close(codec.ClosePolicyViolation, ""))
		o.Wait()
	})
}

// TestCloseDoesNotWaitForEver sends the close frame while a function goes on, or while
// an outbox is held.
func TestCloseDoesNotWaitForEver(t *testing.T) {
	for _, held := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			c, p := against(t, pipes, Config{CloseTimeout: 4 * second})
			o := c.NewOutbox(0, CloseWhenFull)
			if held {
				o.Hold()
				defer o.Release()
			}
			o.Do(0, func(c *Conn) error {
				<-c.Done()
				return c.Err()
			})
			began := time.Now()
			closed := async(func() error { return c.Close(codec.CloseGoingAway, "") })
			p.wantClose(codec.CloseGoingAway, "")
			if got := time.Since(began); got != 2*time.Second {
				t.Errorf("the close frame came after %v, want 2s", got)
			}
			p.send(p.close(codec.CloseGoingAway, ""))
			if err := closed(); err != nil {
				t.Errorf("Close: %v", err)
			}
			if !held {
				o.Wait()
			}
		})
	}
}

// TestOutboxManySenders has goroutines use one outbox in every way: what each of them
// sends arrives in its order, and nothing is lost.
func TestOutboxManySenders(t *testing.T) {
	const senders, each = 8, 500
	srv, cli := connect(t, networks[0], Config{Deflate: &codec.Deflate{}}, Config{Deflate: &codec.Deflate{}})
	ended := async(srv.Discard)
	o := srv.NewOutbox(64<<20, CloseWhenFull)
	var sending sync.WaitGroup
	for s := range senders {
		sending.Go(func() {
			for i := range each {
				text := fmt.Appendf(nil, "%d %d %s", s, i, strings.Repeat("x", i))
				var err error
				switch (s + i) % 4 {
				case 0:
					err = o.SendPrepared(NewPrepared(codec.OpText, text))
				case 1:
					err = o.Do(len(text), func(c *Conn) error { return c.WriteMessage(codec.OpText, text) })
				case 2:
					o.Hold()
					err = o.Send(codec.OpText, text)
					o.Release()
				default:
					err = o.Send(codec.OpText, text)
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	next := [senders]int{}
	for range senders * each {
		_, data, err := cli.NextMessage()
		if err != nil {
			t.Fatal(err)
		}
		var s, i int
		if _, err := fmt.Sscan(string(data), &s, &i); err != nil || next[s] != i {
			t.Fatalf("got %.20q of sender %d, want its message %d", data, s, next[s])
		}
		next[s]++
	}
	sending.Wait()
	o.Close(codec.CloseNormal, "")
	cli.Discard()
	o.Wait()
	ended()
}
