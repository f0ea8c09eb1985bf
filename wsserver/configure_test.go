package wsserver

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"wskit/codec"
	"wskit/codec/wsconn"
)

// TestConfigure gives sessions limits and hooks of their own. Those of others stay as
// they are.
func TestConfigure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipeListener()
		var began wsconn.Config
		controls := make(chan string, 10)
		configure := func(c *wsconn.Config) {
			began = *c
			c.MaxMessage, c.PingInterval = 5, time.Second
			c.OnControl = func(op codec.Opcode, payload []byte) { controls <- fmt.Sprintf("%v %s", op, payload) }
			// What is not theirs to say.
			c.Role, c.Subprotocol, c.Deflate = codec.RoleClient, "mine", &codec.Deflate{}
			c.Tap = func(codec.Role, time.Time, []byte) { t.Error("it was tapped") }
		}
		ts := serve(t, Config{
			Conn:   wsconn.Config{MaxMessage: 10, PingInterval: time.Hour},
			Mounts: []Mount{{"/", Echo()}, {"/own", accepting(Session{Configure: configure})}},
		}, l)
		other, own := ts.open(l.dial(), "/"), ts.open(l.dial(), "/own")
		if began.MaxMessage != 10 || began.PingInterval != time.Hour {
			t.Errorf("it began with %d and %v, want those of the server", began.MaxMessage, began.PingInterval)
		}
		for _, tt := range []struct {
			c    *wsconn.Conn
			most int
		}{{other, 10}, {own, 5}} {
			for size := range tt.most + 2 {
				sent := make(chan error, 1)
				go func() { sent <- tt.c.WriteMessage(codec.OpText, make([]byte, size)) }()
				_, data, err := tt.c.NextMessage()
				if size <= tt.most {
					if err != nil || len(data) != size {
						t.Fatalf("%d bytes of at most %d: %v", size, tt.most, err)
					}
				} else if end, _ := errors.AsType[*wsconn.CloseError](err); end.Code != codec.CloseMessageTooBig {
					t.Errorf("%d bytes of at most %d: %v", size, tt.most, err)
				}
				<-sent
			}
		}

		own = ts.open(l.dial(), "/own")
		go own.Discard()
		go own.Ping([]byte("mine"))
		for _, want := range []string{"ping mine", "pong 1", "pong 2"} {
			if got := <-controls; got != want {
				t.Errorf("OnControl saw %q, want %q", got, want)
			}
		}
		own.Abort()
	})
}

// TestConfigurePanics has a session that cannot be configured.
func TestConfigurePanics(t *testing.T) {
	ts := serve(t, Config{Mounts: []Mount{{"/", accepting(Session{Configure: func(*wsconn.Config) { panic("oh no") }})}}}, nil)
	if resp, _ := ts.exchanger().send(t, upgradeRequest("/")); resp.StatusCode != http.StatusInternalServerError {
		t.Errorf("got %s, want 500", resp.Status)
	}
}

// TestHooksOfAnUpgrade has a session for each upgrade, which shares what it sees with its
// hooks, while the server shuts down.
func TestHooksOfAnUpgrade(t *testing.T) {
	var seen atomic.Int64
	route := RouteFunc(func(*http.Request) (*Session, error) {
		var mine atomic.Int64
		return &Session{
			Configure: func(c *wsconn.Config) {
				c.OnControl = func(codec.Opcode, []byte) { mine.Add(1) }
				c.OnWait = func() { mine.Add(0) }
			},
			Serve: func(ctx context.Context, c *wsconn.Conn) error {
				err := c.Discard()
				seen.Add(mine.Load())
				return err
			},
		}, nil
	})
	ts := serve(t, Config{Mounts: []Mount{{"/", route}}}, nil)
	const n = 20
	for i := range n {
		c := ts.open(nil, "/")
		for range i % 3 {
			if err := c.Ping(nil); err != nil {
				t.Fatal(err)
			}
		}
		go c.Discard()
	}
	if err := ts.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	if got := seen.Load(); got > n { // who was closed first saw less
		t.Errorf("%d pings were seen", got)
	}
}
