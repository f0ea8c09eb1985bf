package wsserver

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"

	"wskit/codec"
	"wskit/codec/wsconn"
	"wskit/internal/leaktest"
)

// TestMain fails when a goroutine or a descriptor outlives the tests.
func TestMain(m *testing.M) { os.Exit(leaktest.Run(m, os.Stderr)) }

// A testServer is a server that serves, until the test ends.
type testServer struct {
	*Server
	t        *testing.T
	addr     string
	opened   chan Opened
	closed   chan Closed
	refused  chan Refused
	requests chan Requested
	served   chan error
}

// serve starts a server on a loopback port, or on listener if that is not nil.
func serve(t *testing.T, cfg Config, listener net.Listener) *testServer {
	t.Helper()
	ts := &testServer{
		t: t, opened: make(chan Opened, 100), closed: make(chan Closed, 100), refused: make(chan Refused, 100),
		requests: make(chan Requested, 100), served: make(chan error, 1),
	}
	cfg.OnOpen = func(o Opened) { ts.opened <- o }
	cfg.OnClose = func(c Closed) { ts.closed <- c }
	cfg.OnRefuse = func(r Refused) { ts.refused <- r }
	cfg.OnRequest = func(r Requested) { ts.requests <- r }
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ts.Server = s
	if listener != nil {
		s.Add(listener)
	} else if err := s.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	ts.addr = s.bound[0].Listeners[0].Addr().String()
	go func() { ts.served <- s.Serve() }()
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel() // who has not closed yet is cut off
		s.Shutdown(ctx)
		if err := <-ts.served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return ts
}

// dial connects without sending anything.
func (ts *testServer) dial() net.Conn {
	ts.t.Helper()
	nc, err := net.Dial("tcp", ts.addr)
	if err != nil {
		ts.t.Fatal(err)
	}
	ts.t.Cleanup(func() { nc.Close() })
	return nc
}

// An exchanger sends raw requests and reads responses.
type exchanger struct {
	nc net.Conn
	br *bufio.Reader
}

func (ts *testServer) exchanger() *exchanger {
	nc := ts.dial()
	return &exchanger{nc: nc, br: bufio.NewReader(nc)}
}

// send sends the request and returns the response, its body read.
func (e *exchanger) send(t *testing.T, request string) (resp *http.Response, body string) {
	t.Helper()
	go e.nc.Write([]byte(request)) // a server that refuses early does not read all
	resp, err := http.ReadResponse(e.br, &http.Request{Method: method(request)})
	if err != nil {
		t.Fatalf("read response: %v", err)
	}
	var b strings.Builder
	if resp.StatusCode != http.StatusSwitchingProtocols {
		if _, err := bufio.NewReader(resp.Body).WriteTo(&b); err != nil {
			t.Fatalf("read body: %v", err)
		}
	}
	return resp, b.String()
}

func method(request string) string {
	m, _, _ := strings.Cut(request, " ")
	return m
}

const testKey = "dGhlIHNhbXBsZSBub25jZQ=="

// upgradeRequest returns the request of a good client, with more lines behind it.
func upgradeRequest(path string, lines ...string) string {
	return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Key: " + testKey + "\r\nSec-WebSocket-Version: 13\r\n" + join(lines) + "\r\n"
}

func join(lines []string) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(l + "\r\n")
	}
	return b.String()
}

// open upgrades nc, or a new connection if that is nil, and returns the client's
// end.
func (ts *testServer) open(nc net.Conn, path string, lines ...string) *wsconn.Conn {
	ts.t.Helper()
	if nc == nil {
		nc = ts.dial()
	}
	e := &exchanger{nc: nc, br: bufio.NewReader(nc)}
	resp, body := e.send(ts.t, upgradeRequest(path, lines...))
	if resp.StatusCode != http.StatusSwitchingProtocols {
		ts.t.Fatalf("upgrade of %s: %s: %s", path, resp.Status, body)
	}
	cfg := wsconn.Config{Role: codec.RoleClient, Subprotocol: resp.Header.Get("Sec-WebSocket-Protocol")}
	cfg.Buffered, _ = e.br.Peek(e.br.Buffered())
	c := wsconn.New(nc, cfg)
	ts.t.Cleanup(c.Abort)
	return c
}

// A pipeListener is a listener of net.Pipe, which testing/synctest can wait for.
type pipeListener struct {
	conns chan net.Conn
	done  chan struct{}
}

func newPipeListener() *pipeListener {
	return &pipeListener{conns: make(chan net.Conn), done: make(chan struct{})}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	select {
	case <-l.done:
	default:
		close(l.done)
	}
	return nil
}

func (l *pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }

func (l *pipeListener) dial() net.Conn {
	client, server := net.Pipe()
	l.conns <- server
	return client
}

func newReader(nc net.Conn) *bufio.Reader { return bufio.NewReader(nc) }
