package wsserver

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"wskit/codec"
	"wskit/codec/wsconn"
)

func TestRoomOf(t *testing.T) {
	tests := []struct{ name, a, b string }{
		{name: "the same", a: "/rooms/a", b: "/rooms/a"},
		{name: "escaped for nothing", a: "/rooms/%61", b: "/rooms/a"},
		{name: "two spellings", a: "/rooms/%c3%a9", b: "/rooms/%C3%A9"},
		{name: "a query", a: "/rooms/a?name=x", b: "/rooms/a"},
	}
	room := func(s string) string {
		u, err := url.ParseRequestURI(s)
		if err != nil {
			t.Fatal(err)
		}
		return roomOf(u)
	}
	for _, tt := range tests {
		if room(tt.a) != room(tt.b) {
			t.Errorf("%s: %q and %q are rooms %q and %q, want one", tt.name, tt.a, tt.b, room(tt.a), room(tt.b))
		}
	}
	rooms := []string{"/rooms/a/b", "/rooms/a%2Fb", "/rooms/a%252Fb", "/rooms/a", "/rooms/A", "/rooms/a/", "/rooms/", "/rooms/a%20", "/rooms/a+"}
	for i, a := range rooms {
		for _, b := range rooms[:i] {
			if room(a) == room(b) {
				t.Errorf("%q and %q are one room %q, want two", a, b, room(a))
			}
		}
	}
}

// A hall is a server of rooms.
type hall struct {
	*testServer
	broadcast *broadcast
}

// enter returns a client that is in the room of path, as one of n. It may have to wait
// for that: the client has its answer before.
func (h *hall) enter(path string, n int) *wsconn.Conn {
	h.t.Helper()
	c := h.open(nil, path)
	h.await(path, n)
	return c
}

// await waits until n are in the room of path.
func (h *hall) await(path string, n int) {
	h.t.Helper()
	u, err := url.ParseRequestURI(path)
	if err != nil {
		h.t.Fatal(err)
	}
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for range 10_000 {
		if h.broadcast.hub.Members(roomOf(u)) == n {
			return
		}
		<-tick.C
	}
	h.t.Fatalf("%d in %s, want %d", h.broadcast.hub.Members(roomOf(u)), path, n)
}

func newHall(t *testing.T, pattern string, cfg Config) *hall {
	b := Broadcast(wsconn.CloseWhenFull).(*broadcast)
	cfg.Mounts = []Mount{{pattern, b}}
	return &hall{serve(t, cfg, nil), b}
}

// wantNext reads messages from c.
func wantNext(t *testing.T, c *wsconn.Conn, op codec.Opcode, texts ...string) {
	t.Helper()
	for _, text := range texts {
		gotOp, got, err := c.NextMessage()
		if err != nil || gotOp != op || string(got) != text {
			t.Fatalf("got %v %.40q and %v, want %v %.40q", gotOp, got, err, op, text)
		}
	}
}

// TestBroadcast sends messages to the others of a room only, with their opcode.
func TestBroadcast(t *testing.T) {
	h := newHall(t, "/rooms/{room...}", Config{})
	a1, a2, a3 := h.enter("/rooms/a", 1), h.enter("/rooms/%61", 2), h.enter("/rooms/a", 3)
	b1, b2 := h.enter("/rooms/a%2Fb", 1), h.enter("/rooms/a/b", 1)
	b3 := h.enter("/rooms/a%2Fb", 2)
	for _, m := range []struct {
		from *wsconn.Conn
		op   codec.Opcode
		text string
	}{
		{a1, codec.OpText, "from a1"},
		{a2, codec.OpText, "from a2"},
		{b1, codec.OpBinary, "from b1 \xff"},
		{b2, codec.OpText, "from b2"},
	} {
		if err := m.from.WriteMessage(m.op, []byte(m.text)); err != nil {
			t.Fatal(err)
		}
		// In turn, so that the order is known.
		switch m.from {
		case a1:
			wantNext(t, a2, m.op, m.text)
			wantNext(t, a3, m.op, m.text)
		case a2:
			wantNext(t, a1, m.op, m.text)
			wantNext(t, a3, m.op, m.text)
		case b1:
			wantNext(t, b3, m.op, m.text)
		}
	}
	for _, c := range []*wsconn.Conn{a1, a2, a3, b1, b2, b3} {
		if err := c.Close(codec.CloseNormal, ""); err != nil {
			t.Error(err)
		}
		<-h.closed
		if in := c.Stats().MessagesIn; in > 2 {
			t.Errorf("a member got %d messages", in)
		}
	}
	for _, path := range []string{"/rooms/a", "/rooms/a/b", "/rooms/a%2Fb"} {
		h.await(path, 0)
	}
}

// TestBroadcastToSlow has a member who does not read until others have said more than
// may wait for it. They are not slowed by it.
func TestBroadcastToSlow(t *testing.T) {
	const size = 64 << 10
	text := strings.Repeat("x", size)
	for _, policy := range []wsconn.OutboxPolicy{wsconn.CloseWhenFull, wsconn.DropWhenFull} {
		t.Run(fmt.Sprint(policy), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newPipeListener()
				ts := serve(t, Config{Mounts: []Mount{{"/", Broadcast(policy)}}}, l)
				speaker, slow, other := ts.open(l.dial(), "/"), ts.open(l.dial(), "/"), ts.open(l.dial(), "/")
				heard := make(chan int)
				go func() {
					n := 0
					for ; n < 30; n++ {
						if _, data, err := other.NextMessage(); err != nil || string(data) != text {
							break
						}
					}
					heard <- n
				}()
				synctest.Wait()
				began := time.Now()
				for range 30 {
					if err := speaker.WriteMessage(codec.OpText, []byte(text)); err != nil {
						t.Fatal(err)
					}
					synctest.Wait()
				}
				if n := <-heard; n != 30 || time.Since(began) != 0 {
					t.Errorf("the other member heard %d of 30 messages in %v, want all at once", n, time.Since(began))
				}
				got := 0
				var end error
				for end == nil && got < 15 {
					if _, _, end = slow.NextMessage(); end == nil {
						got++
					}
				}
				closed, _ := errors.AsType[*wsconn.CloseError](end)
				switch {
				case policy == wsconn.DropWhenFull && got != 15:
					t.Errorf("the slow member got %d messages and %v, want the 15 that were kept", got, end)
				case policy == wsconn.CloseWhenFull && (got != 1 || closed.Code != codec.ClosePolicyViolation):
					t.Errorf("the slow member got %d messages and %v, want 1 and 1008", got, end)
				}
				if policy == wsconn.DropWhenFull {
					go other.Discard()
					if err := speaker.WriteMessage(codec.OpText, []byte("more")); err != nil {
						t.Fatal(err)
					}
					wantNext(t, slow, codec.OpText, "more")
				}
			})
		})
	}
}

// TestBroadcastAtShutdown sends what waits for a member before the close frame.
func TestBroadcastAtShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipeListener()
		ts := serve(t, Config{Mounts: []Mount{{"/", Broadcast(wsconn.CloseWhenFull)}}}, l)
		speaker, member := ts.open(l.dial(), "/"), ts.open(l.dial(), "/")
		synctest.Wait()
		for i := range 100 {
			if err := speaker.WriteMessage(codec.OpText, fmt.Append(nil, i)); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait() // the first is being written, and the others wait
		go speaker.Discard()
		down := make(chan error)
		go func() { down <- ts.Shutdown(context.Background()) }()
		synctest.Wait()
		for i := range 100 {
			wantNext(t, member, codec.OpText, fmt.Sprint(i))
		}
		_, _, err := member.NextMessage()
		if end, _ := errors.AsType[*wsconn.CloseError](err); end == nil || end.Code != codec.CloseGoingAway {
			t.Errorf("the member's end: %v, want 1001", err)
		}
		if err := <-down; err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	})
}

// TestExtraBehaviours has behaviours of the caller, with anything behind the colon.
func TestExtraBehaviours(t *testing.T) {
	var got string
	cfg := BehaviourConfig{Extra: []Behaviour{
		{Name: "js:", Make: func(arg string) (Route, error) { got = arg; return Echo(), nil }},
		{Name: "bad:", Make: func(arg string) (Route, error) { return nil, errors.New("bad " + arg) }},
		{Name: "plain", Make: func(string) (Route, error) { return Echo(), nil }},
	}}
	tests := []struct{ name, in, pattern, arg, err, hint string }{
		{name: "alone", in: "js:a=1; b=2", pattern: "/", arg: "a=1; b=2"},
		{name: "at a path", in: "/ws=js:a=1; b='/x=echo'", pattern: "/ws", arg: "a=1; b='/x=echo'"},
		{name: "slash left out", in: "ws=js:", pattern: "/ws"},
		{name: "no colon", in: "/x=plain", pattern: "/x"},
		{name: "one of this package", in: "/x=text:js:1", pattern: "/x"},
		{name: "its own error", in: "/x=bad:y=z", err: "bad y=z"},
		{name: "its own error, alone", in: "bad:y=z", err: "bad y=z"},
		{name: "without its colon", in: "/x=js", err: `unknown behaviour "js"`, hint: "broadcast, reject:…, js:…, bad:…, plain"},
		{name: "unknown", in: "ks:1", err: "neither", hint: "js:…"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got = ""
			m, err := cfg.ParseMount(tt.in)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Fatalf("got %v, want %q", err, tt.err)
				}
				if h, ok := err.(interface{ Hint() string }); tt.hint != "" && (!ok || !strings.Contains(h.Hint(), tt.hint)) {
					t.Errorf("%v has no hint with %q", err, tt.hint)
				}
				return
			}
			if err != nil || m.Pattern != tt.pattern || got != tt.arg || m.Route == nil {
				t.Errorf("got pattern %q, argument %q, route %v and %v; want %q and %q", m.Pattern, got, m.Route, err, tt.pattern, tt.arg)
			}
		})
	}
}

// TestSlowConsumer hands the policy on to broadcast.
func TestSlowConsumer(t *testing.T) {
	for _, policy := range []wsconn.OutboxPolicy{wsconn.CloseWhenFull, wsconn.DropWhenFull} {
		m, err := BehaviourConfig{SlowConsumer: policy}.ParseMount("/rooms/{room}=broadcast")
		if err != nil {
			t.Fatal(err)
		}
		if b, ok := m.Route.(*broadcast); !ok || b.slow != policy || m.Pattern != "/rooms/{room}" {
			t.Errorf("%q is %+v, want policy %v", m.Pattern, m.Route, policy)
		}
	}
}
