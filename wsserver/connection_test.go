package wsserver

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wskit/codec"
	"wskit/codec/wsconn"
)

// A lockedBuffer is for a logger and a test at once.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func TestSessionEnds(t *testing.T) {
	tests := []struct {
		name   string
		serve  func(context.Context, *wsconn.Conn) error
		code   codec.CloseCode
		reason string
		log    string // a part of it; if empty, nothing is logged
	}{
		{name: "nil", serve: func(context.Context, *wsconn.Conn) error { return nil }, code: codec.CloseNormal},
		{name: "error", serve: func(context.Context, *wsconn.Conn) error { return errors.New("disk full") }, code: codec.CloseInternalError, log: "disk full"},
		{name: "panic", serve: func(context.Context, *wsconn.Conn) error { panic("oh no") }, code: codec.CloseInternalError, log: "oh no"},
		{name: "close error", serve: func(context.Context, *wsconn.Conn) error {
			return &wsconn.CloseError{Code: 4001, Reason: "try later"}
		}, code: 4001, reason: "try later"},
		{name: "wrapped close error", serve: func(context.Context, *wsconn.Conn) error {
			return errors.Join(errors.New("script"), &wsconn.CloseError{Code: 4002})
		}, code: 4002},
		{name: "no status", serve: func(context.Context, *wsconn.Conn) error {
			return &wsconn.CloseError{Code: codec.CloseNoStatus}
		}, code: codec.CloseNoStatus},
		{name: "cut off", serve: func(context.Context, *wsconn.Conn) error {
			return &wsconn.CloseError{Code: codec.CloseAbnormal}
		}, code: codec.CloseAbnormal},
		{name: "code that cannot be sent", serve: func(context.Context, *wsconn.Conn) error {
			return &wsconn.CloseError{Code: 999}
		}, code: codec.CloseInternalError, log: "999"},
		{name: "closed by itself", serve: func(_ context.Context, c *wsconn.Conn) error {
			c.Close(4003, "done")
			return errors.New("late")
		}, code: 4003, reason: "done"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var log lockedBuffer
			cfg := Config{
				Mounts: []Mount{{"/", RouteFunc(func(*http.Request) (*Session, error) { return &Session{Serve: tt.serve}, nil })}},
				Log:    slog.New(slog.NewTextHandler(&log, nil)),
			}
			ts := serve(t, cfg, nil)
			c := ts.open(nil, "/")
			_, _, err := c.NextMessage()
			end, ok := errors.AsType[*wsconn.CloseError](err)
			if !ok || end.Code != tt.code || end.Reason != tt.reason {
				t.Errorf("the client's end: %v; want %v %q", err, tt.code, tt.reason)
			}
			if o, closed := <-ts.opened, <-ts.closed; o.N != 1 || closed.N != 1 || closed.End == nil || closed.Duration <= 0 {
				t.Errorf("opened %+v, closed %+v", o, closed)
			}
			if got := log.String(); !strings.Contains(got, tt.log) || (got == "") != (tt.log == "") {
				t.Errorf("log %q, want %q in it", got, tt.log)
			}
			ts.open(nil, "/") // the server lives
		})
	}
}

func TestPanicInARoute(t *testing.T) {
	var log lockedBuffer
	ts := serve(t, Config{
		MaxConnections: 1,
		Log:            slog.New(slog.NewTextHandler(&log, nil)),
		Mounts: []Mount{
			{"/", Echo()},
			{"/panic", RouteFunc(func(*http.Request) (*Session, error) { panic("oh no") })},
		},
	}, nil)
	resp, body := ts.exchanger().send(t, upgradeRequest("/panic"))
	if resp.StatusCode != http.StatusInternalServerError || strings.Contains(body, "oh no") {
		t.Errorf("%s, %q", resp.Status, body)
	}
	if !strings.Contains(log.String(), "oh no") || !strings.Contains(log.String(), "TestPanicInARoute") {
		t.Errorf("log %q: no panic with its stack", log.String())
	}
	ts.open(nil, "/") // its place was given back
}

func TestSessionContext(t *testing.T) {
	tests := []struct {
		name string
		end  func(ts *testServer, client *wsconn.Conn)
	}{
		{name: "peer closes", end: func(_ *testServer, client *wsconn.Conn) { client.Close(codec.CloseNormal, "") }},
		{name: "peer is lost", end: func(_ *testServer, client *wsconn.Conn) { client.Abort() }},
		{name: "shutdown", end: func(ts *testServer, client *wsconn.Conn) {
			go client.Discard()
			ts.Shutdown(context.Background())
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			result := make(chan error, 2)
			route := RouteFunc(func(*http.Request) (*Session, error) {
				return &Session{Serve: func(ctx context.Context, c *wsconn.Conn) error {
					if _, ok := ctx.Deadline(); ok || ctx.Value("k") != nil {
						t.Error("the context has a deadline or values")
					}
					result <- ctx.Err()
					child, cancel := context.WithCancel(ctx)
					defer cancel()
					go c.Discard()
					<-child.Done()
					result <- child.Err()
					<-c.Done()
					return nil
				}}, nil
			})
			ts := serve(t, Config{Mounts: []Mount{{"/", route}}}, nil)
			c := ts.open(nil, "/")
			if err := <-result; err != nil {
				t.Errorf("Err() = %v while it is open", err)
			}
			tt.end(ts, c)
			if err := <-result; !errors.Is(err, context.Canceled) {
				t.Errorf("Err() = %v after the end, want %v", err, context.Canceled)
			}
			<-ts.closed
		})
	}
}

// TestContextAfterTheEnd asks for the first time when nobody would close it.
func TestContextAfterTheEnd(t *testing.T) {
	kept := make(chan context.Context, 1)
	route := RouteFunc(func(*http.Request) (*Session, error) {
		return &Session{Serve: func(ctx context.Context, c *wsconn.Conn) error {
			kept <- ctx
			return nil
		}}, nil
	})
	ts := serve(t, Config{Mounts: []Mount{{"/", route}}}, nil)
	ts.open(nil, "/").NextMessage()
	<-ts.closed
	<-(<-kept).Done()
}

func TestPingInterval(t *testing.T) {
	tests := []struct {
		name     string
		interval time.Duration
		want     time.Duration // zero is never
	}{
		{name: "default", want: 30 * time.Second},
		{name: "given", interval: 7 * time.Second, want: 7 * time.Second},
		{name: "off", interval: -1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newPipeListener()
				serve(t, Config{Conn: wsconn.Config{PingInterval: tt.interval}}, l)
				nc := l.dial()
				e := &exchanger{nc: nc, br: newReader(nc)}
				e.send(t, upgradeRequest("/"))
				began := time.Now()
				nc.SetReadDeadline(began.Add(time.Hour))
				b, err := e.br.ReadByte()
				got := time.Since(began)
				switch {
				case tt.want == 0 && err == nil:
					t.Errorf("byte 0x%02X after %v", b, got)
				case tt.want != 0 && (b != 0x89 || got != tt.want):
					t.Errorf("byte 0x%02X, %v after %v; want a ping after %v", b, err, got, tt.want)
				}
				nc.Close()
			})
		})
	}
}

func TestTap(t *testing.T) {
	var mu sync.Mutex
	var got [2]bytes.Buffer
	var numbers []uint64
	ts := serve(t, Config{Tap: func(n uint64) func(codec.Role, time.Time, []byte) {
		numbers = append(numbers, n)
		if n == 2 {
			return nil
		}
		return func(from codec.Role, at time.Time, b []byte) {
			mu.Lock()
			defer mu.Unlock()
			if at.IsZero() {
				t.Error("a tap without a time")
			}
			got[from].Write(b)
		}
	}}, nil)
	c := ts.open(nil, "/a", "X-A: b")
	c.WriteMessage(codec.OpText, []byte("hello"))
	if _, _, err := c.NextMessage(); err != nil {
		t.Fatal(err)
	}
	c.Close(codec.CloseNormal, "")
	<-ts.closed
	ts.open(nil, "/").Close(codec.CloseNormal, "")
	<-ts.closed

	mu.Lock()
	defer mu.Unlock()
	request, n, err := codec.ParseHead(got[codec.RoleClient].Bytes())
	if err != nil || request.Start != "GET /a HTTP/1.1" || request.Get("X-A") != "b" || request.Get("Host") != "localhost" {
		t.Errorf("request %+v, %v", request, err)
	}
	if rest := got[codec.RoleClient].Len() - n; rest != 6+5+6+2 { // a message and a close frame, masked
		t.Errorf("%d bytes behind the request", rest)
	}
	response, n, err := codec.ParseHead(got[codec.RoleServer].Bytes())
	if err != nil || response.Start != "HTTP/1.1 101 Switching Protocols" {
		t.Errorf("response %+v, %v", response, err)
	}
	if rest := string(got[codec.RoleServer].Bytes()[n:]); rest != "\x81\x05hello\x88\x02\x03\xe8" {
		t.Errorf("behind the response: %q", rest)
	}
	if len(numbers) != 2 || numbers[0] != 1 || numbers[1] != 2 {
		t.Errorf("numbers %v", numbers)
	}
}

// A brokenConn fails to write what begins with "HTTP/1.1 101".
type brokenConn struct{ net.Conn }

func (c brokenConn) Write(b []byte) (int, error) {
	if strings.HasPrefix(string(b), "HTTP/1.1 101") {
		return 0, errors.New("reset")
	}
	return c.Conn.Write(b)
}

func TestClientGoneAtTheHandshake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipeListener()
		ts := serve(t, Config{MaxConnections: 1}, l)
		client, server := net.Pipe()
		l.conns <- brokenConn{server}
		go io.WriteString(client, upgradeRequest("/"))
		if b, err := io.ReadAll(client); len(b) > 0 || err != nil {
			t.Errorf("%q, %v", b, err)
		}
		if r := <-ts.requests; r.Status != 101 {
			t.Errorf("requested %+v", r)
		}
		if o, c := <-ts.opened, <-ts.closed; o.N != 1 || c.N != 1 || c.End.By != wsconn.Lost || c.End.Code != codec.CloseAbnormal {
			t.Errorf("opened %+v, closed %+v with %v", o, c, c.End)
		}
		synctest.Wait()
		ts.open(l.dial(), "/") // its place was given back
	})
}
