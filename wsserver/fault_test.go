package wsserver

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"wskit/codec"
	"wskit/codec/wsconn"
)

// accepting is a route that runs the same session for each upgrade.
func accepting(s Session) Route {
	if s.Serve == nil {
		s.Serve = echo
	}
	return &static{s}
}

func refusing(r Refusal) Route {
	return RouteFunc(func(*http.Request) (*Session, error) { return nil, &r })
}

// TestDelay has clients wait longer for their answer than a request may take.
func TestDelay(t *testing.T) {
	tests := []struct {
		name   string
		route  Route
		wait   time.Duration
		status int
		reason string
	}{
		{name: "accepted", route: accepting(Session{Delay: time.Minute}), wait: time.Minute, status: 101},
		{name: "refused", route: refusing(Refusal{Status: 418, Delay: time.Hour}), wait: time.Hour, status: 418, reason: "the route refuses it"},
		{name: "dropped", route: refusing(Refusal{Drop: true, Delay: time.Minute}), wait: time.Minute, reason: "the route drops it"},
		{name: "a slow route", route: RouteFunc(func(*http.Request) (*Session, error) {
			time.Sleep(time.Minute)
			return &Session{Serve: echo}, nil
		}), wait: time.Minute, status: 101},
		{name: "a slow route that refuses", route: RouteFunc(func(*http.Request) (*Session, error) {
			time.Sleep(time.Minute)
			return nil, &Refusal{Status: 503, Delay: time.Minute}
		}), wait: 2 * time.Minute, status: 503, reason: "the route refuses it"},
		{name: "a slow route that fails", route: RouteFunc(func(*http.Request) (*Session, error) {
			time.Sleep(time.Minute)
			return nil, errors.New("no")
		}), wait: time.Minute, status: 500, reason: "the route failed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newPipeListener()
				ts := serve(t, Config{Mounts: []Mount{{"/", tt.route}}}, l)
				nc := l.dial()
				e := &exchanger{nc: nc, br: newReader(nc)}
				began := time.Now()
				io.WriteString(nc, upgradeRequest("/"))
				resp, err := http.ReadResponse(e.br, nil)
				if got := time.Since(began); got != tt.wait {
					t.Errorf("the answer took %v, want %v", got, tt.wait)
				}
				switch {
				case tt.status == 0 && err == nil:
					t.Errorf("got %s, want none", resp.Status)
				case tt.status != 0 && (err != nil || resp.StatusCode != tt.status):
					t.Errorf("got %v and %v, want %d", resp, err, tt.status)
				}
				if tt.status != 101 {
					if r := <-ts.refused; r.Status != tt.status || r.Reason != tt.reason {
						t.Errorf("refused: %+v, want %d %q", r, tt.status, tt.reason)
					}
					nc.Close()
					return
				}
				c := wsconn.New(nc, wsconn.Config{Role: codec.RoleClient})
				go c.WriteMessage(codec.OpText, []byte("hello"))
				if _, data, err := c.NextMessage(); string(data) != "hello" {
					t.Errorf("got %q and %v, want an echo", data, err)
				}
				c.Abort()
			})
		})
	}
}

// waiting are routes whose clients wait until the context ends.
var waiting = []struct {
	name  string
	route Route
}{
	{"a delay", accepting(Session{Delay: time.Hour})},
	{"a delayed refusal", refusing(Refusal{Status: 418, Delay: time.Hour})},
	{"a delayed drop", refusing(Refusal{Drop: true, Delay: time.Hour})},
	{"a route", RouteFunc(func(r *http.Request) (*Session, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	})},
	{"a route with the cause", RouteFunc(func(r *http.Request) (*Session, error) {
		<-r.Context().Done()
		return nil, context.Cause(r.Context())
	})},
}

// TestClientGoesAway has clients that do not wait for their answer. Their place is free
// at once.
func TestClientGoesAway(t *testing.T) {
	for _, tt := range waiting {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				l := newPipeListener()
				ts := serve(t, Config{
					Mounts: []Mount{{"/", Echo()}, {"/wait", tt.route}}, MaxConnections: 1,
					Log: slog.New(slog.NewTextHandler(&log, nil)),
				}, l)
				began := time.Now()
				nc := l.dial()
				io.WriteString(nc, upgradeRequest("/wait"))
				synctest.Wait()
				second := l.dial()
				if resp, _ := (&exchanger{nc: second, br: newReader(second)}).send(t, upgradeRequest("/")); resp.StatusCode != 503 {
					t.Errorf("a second one got %s, want 503", resp.Status)
				}
				second.Close()
				<-ts.refused
				nc.Close()
				want := Refused{Remote: "pipe", Path: "/wait", Reason: "the client went away"}
				if r := <-ts.refused; r != want {
					t.Errorf("refused: %+v, want %+v", r, want)
				}
				synctest.Wait()
				ts.open(l.dial(), "/").Abort()
				if took := time.Since(began); took != 0 {
					t.Errorf("it took %v, want no time", took)
				}
				if log.Len() > 0 {
					t.Errorf("it was logged: %s", log.String())
				}
			})
		})
	}
}

// TestClientGoesAwayOnSockets has it go away in its ways: with a reset, and with the
// goodbye of TLS.
func TestClientGoesAwayOnSockets(t *testing.T) {
	for _, secure := range []bool{false, true} {
		entered := make(chan struct{})
		ts := serve(t, Config{SelfSigned: secure, Mounts: []Mount{{"/", RouteFunc(func(r *http.Request) (*Session, error) {
			entered <- struct{}{}
			<-r.Context().Done()
			return nil, r.Context().Err()
		})}}}, nil)
		nc := ts.dial()
		if secure {
			nc = tls.Client(nc, &tls.Config{InsecureSkipVerify: true})
		} else {
			nc.(*net.TCPConn).SetLinger(0)
		}
		io.WriteString(nc, upgradeRequest("/"))
		<-entered
		nc.Close()
		if r := <-ts.refused; r.Status != 0 || r.Reason != "the client went away" {
			t.Errorf("secure %v: refused: %+v", secure, r)
		}
	}
}

// TestShutdownOfWaitingClients answers those that wait, and waits for none.
func TestShutdownOfWaitingClients(t *testing.T) {
	for _, tt := range waiting {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				l := newPipeListener()
				ts := serve(t, Config{Mounts: []Mount{{"/", tt.route}}, Log: slog.New(slog.NewTextHandler(&log, nil))}, l)
				nc := l.dial()
				io.WriteString(nc, upgradeRequest("/"))
				synctest.Wait()
				began := time.Now()
				done := make(chan error)
				go func() { done <- ts.Shutdown(context.Background()) }()
				resp, err := http.ReadResponse(newReader(nc), nil)
				if err != nil || resp.StatusCode != 503 || resp.Header.Get("Retry-After") == "" {
					t.Errorf("got %v and %v, want 503", resp, err)
				}
				if r := <-ts.refused; r.Status != 503 || r.Reason != errStopping.Error() {
					t.Errorf("refused: %+v, want %q", r, errStopping)
				}
				nc.Close()
				if err := <-done; err != nil {
					t.Errorf("Shutdown: %v", err)
				}
				if took := time.Since(began); took > time.Second { // net/http may linger
					t.Errorf("it took %v, want no time", took)
				}
				if log.Len() > 0 {
					t.Errorf("it was logged: %s", log.String())
				}
			})
		})
	}
}

// TestCanceledRoute has a route that gives up although nobody told it to: that is an
// error as others.
func TestCanceledRoute(t *testing.T) {
	var log lockedBuffer
	ts := serve(t, Config{Mounts: []Mount{{"/", RouteFunc(func(*http.Request) (*Session, error) {
		return nil, context.Canceled
	})}}, Log: slog.New(slog.NewTextHandler(&log, nil))}, nil)
	if resp, _ := ts.exchanger().send(t, upgradeRequest("/")); resp.StatusCode != 500 {
		t.Errorf("got %s, want 500", resp.Status)
	}
	if got := log.String(); !strings.Contains(got, "context canceled") {
		t.Errorf("logged %q, want the error", got)
	}
}

// TestDrop looks at what the client sees of it: a reset, and not a byte.
func TestDrop(t *testing.T) {
	for _, secure := range []bool{false, true} {
		ts := serve(t, Config{Mounts: []Mount{{"/", refusing(Refusal{Drop: true})}}, SelfSigned: secure}, nil)
		bare := ts.dial()
		nc := bare
		if secure {
			nc = tls.Client(bare, &tls.Config{InsecureSkipVerify: true})
		}
		io.WriteString(nc, upgradeRequest("/")+"and more")
		if n, err := io.Copy(io.Discard, struct{ net.Conn }{nc}); n != 0 || !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("secure %v: the client got %d bytes and %v, want %v", secure, n, err, syscall.ECONNRESET)
		}
		want := Refused{Remote: bare.LocalAddr().String(), Path: "/", Reason: "the route drops it"}
		if r := <-ts.refused; r != want {
			t.Errorf("secure %v: refused: %+v, want %+v", secure, r, want)
		}
		if r := <-ts.requests; r.Status != 0 {
			t.Errorf("secure %v: the request has status %d, want none", secure, r.Status)
		}
	}
}

// TestAccept answers with another key than the right one.
func TestAccept(t *testing.T) {
	for _, tt := range []struct {
		accept, want string
		status       int
	}{
		{accept: "", want: "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", status: 101},
		{accept: "wrong", want: "wrong", status: 101},
		{accept: "a\r\nb: c", status: 500},
	} {
		ts := serve(t, Config{Mounts: []Mount{{"/", accepting(Session{Accept: tt.accept})}}}, nil)
		resp, _ := ts.exchanger().send(t, upgradeRequest("/"))
		if got := resp.Header.Get("Sec-WebSocket-Accept"); resp.StatusCode != tt.status || got != tt.want {
			t.Errorf("%q: got %s and %q, want %d and %q", tt.accept, resp.Status, got, tt.status, tt.want)
		}
	}
}
