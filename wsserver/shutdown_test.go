package wsserver

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"wskit/codec"
	"wskit/codec/wsconn"
)

func TestShutdown(t *testing.T) {
	ts := serve(t, Config{}, nil)
	var clients []*wsconn.Conn
	for range 3 {
		clients = append(clients, ts.open(nil, "/"))
	}
	quiet := ts.dial() // sends nothing
	kept := ts.exchanger()
	kept.send(t, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n") // keeps alive
	ends := make(chan error, len(clients))
	for _, c := range clients {
		go func() { ends <- c.Discard() }()
	}
	began := time.Now()
	if err := ts.Shutdown(context.Background()); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("Shutdown took %v", took)
	}
	for range clients {
		end, ok := errors.AsType[*wsconn.CloseError](<-ends)
		if !ok || end.Code != codec.CloseGoingAway || end.By != wsconn.Peer || end.Reason == "" {
			t.Errorf("a client's end: %v", end)
		}
	}
	if len(ts.closed) != len(clients) {
		t.Errorf("%d connections were reported before Shutdown returned, want %d", len(ts.closed), len(clients))
	}
	for _, r := range []io.Reader{quiet, kept.br} {
		if b, err := io.ReadAll(r); len(b) > 0 || err != nil {
			t.Errorf("%q, %v; want the end", b, err)
		}
	}
	if err := <-ts.served; err != nil {
		t.Errorf("Serve: %v", err)
	}
	ts.served <- nil
}

// TestShutdownOfSilentPeers has clients that answer no close frame.
func TestShutdownOfSilentPeers(t *testing.T) {
	tests := []struct {
		name    string
		closing time.Duration // CloseTimeout
		end     func(ts *testServer, cancel func())
		want    time.Duration // until Shutdown returns
		err     error
	}{
		{name: "default limit", end: func(*testServer, func()) {}, want: 5 * time.Second},
		{name: "given limit", closing: 2 * time.Second, end: func(*testServer, func()) {}, want: 2 * time.Second},
		{name: "context", end: func(_ *testServer, cancel func()) {
			time.Sleep(time.Second)
			cancel()
		}, want: time.Second, err: context.Canceled},
		{name: "second call", end: func(ts *testServer, _ func()) {
			time.Sleep(time.Second)
			ts.Shutdown(context.Background())
		}, want: time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newPipeListener()
				ts := serve(t, Config{Conn: wsconn.Config{CloseTimeout: tt.closing}}, l)
				nc := l.dial()
				(&exchanger{nc: nc, br: newReader(nc)}).send(t, upgradeRequest("/"))
				go io.Copy(io.Discard, nc)
				synctest.Wait()
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				go tt.end(ts, cancel)
				began := time.Now()
				err := ts.Shutdown(ctx)
				if got := time.Since(began); got != tt.want {
					t.Errorf("Shutdown took %v, want %v", got, tt.want)
				}
				if !errors.Is(err, tt.err) {
					t.Errorf("Shutdown: %v, want %v", err, tt.err)
				}
				nc.Close()
			})
		})
	}
}

// TestEndDuringShutdown has sessions that their context ends before shutdown sends
// the close frame.
func TestEndDuringShutdown(t *testing.T) {
	for _, result := range []error{nil, context.Canceled, errors.New("failed")} {
		s, err := New(Config{})
		if err != nil {
			t.Fatal(err)
		}
		c := &connection{server: s}
		client, server := net.Pipe()
		c.conn = wsconn.New(server, wsconn.Config{})
		end := make(chan error, 1)
		go func() { end <- wsconn.New(client, wsconn.Config{Role: codec.RoleClient}).Discard() }()
		close(s.stop)
		c.finish(result)
		want := codec.CloseGoingAway
		if result != nil && result != context.Canceled {
			want = codec.CloseInternalError
		}
		if got, _ := errors.AsType[*wsconn.CloseError](<-end); got.Code != want {
			t.Errorf("a session that returns %v: %v, want %v", result, got, want)
		}
	}
}

// TestShutdownOfAStuckSession has a session that does not look at its context.
func TestShutdownOfAStuckSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		l := newPipeListener()
		ts := serve(t, Config{Mounts: []Mount{{"/", RouteFunc(func(*http.Request) (*Session, error) {
			return &Session{Serve: func(context.Context, *wsconn.Conn) error {
				<-release
				return nil
			}}, nil
		})}}}, l)
		c := ts.open(l.dial(), "/")
		go c.Discard()
		synctest.Wait()
		began := time.Now()
		err := ts.Shutdown(context.Background())
		if err == nil || !strings.Contains(err.Error(), "1 sessions") {
			t.Errorf("Shutdown: %v", err)
		}
		if got, want := time.Since(began), wsconn.DefaultCloseTimeout+cutOffTime; got != want {
			t.Errorf("Shutdown took %v, want %v", got, want)
		}
		close(release)
	})
}

// TestUpgradeDuringShutdown holds an upgrade until shutdown has begun.
func TestUpgradeDuringShutdown(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	route := RouteFunc(func(*http.Request) (*Session, error) {
		close(entered)
		<-release
		return &Session{Serve: echo}, nil
	})
	ts := serve(t, Config{Mounts: []Mount{{"/", route}, {"/late", Echo()}}}, nil)
	late := ts.exchanger()
	nc := ts.dial()
	io.WriteString(nc, upgradeRequest("/"))
	<-entered
	done := make(chan error)
	go func() { done <- ts.Shutdown(context.Background()) }()
	<-ts.stop
	close(release)
	c := &exchanger{nc: nc, br: newReader(nc)}
	if resp, err := http.ReadResponse(c.br, nil); err != nil || resp.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("response %v, %v", resp, err)
	}
	cfg := wsconn.Config{Role: codec.RoleClient}
	cfg.Buffered, _ = c.br.Peek(c.br.Buffered())
	end, _ := errors.AsType[*wsconn.CloseError](wsconn.New(nc, cfg).Discard())
	if end.Code != codec.CloseGoingAway {
		t.Errorf("the client's end: %v, want 1001", end)
	}
	if err := <-done; err != nil {
		t.Errorf("Shutdown: %v", err)
	}
	if err := ts.reserve(); err != errStopping {
		t.Errorf("reserve: %v, want %v", err, errStopping)
	}
	if b, _ := io.ReadAll(late.br); len(b) > 0 {
		t.Errorf("the late one got %q", b)
	}
}

func TestShutdownBeforeServe(t *testing.T) {
	s, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Serve(); err != ErrNoListener {
		t.Errorf("Serve without a listener: %v, want %v", err, ErrNoListener)
	}
	if err := s.Listen(":0"); err != nil {
		t.Fatal(err)
	}
	if err := s.Shutdown(context.Background()); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
	if err := s.Serve(); err != nil {
		t.Errorf("Serve: %v", err)
	}
}
