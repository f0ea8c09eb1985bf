package load

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"wskit/codec"
	"wskit/codec/wsconn"
	"wskit/internal/leaktest"
	"wskit/wsclient"
	"wskit/wsserver"
)

// TestMain fails when a goroutine or a descriptor outlives the tests.
func TestMain(m *testing.M) { os.Exit(leaktest.Run(m, os.Stderr)) }

// A script plays the server on a connection past its handshake, the i-th.
type script func(i int, c *wsconn.Conn)

// echo sends each message back.
func echo(_ int, c *wsconn.Conn) {
	for {
		op, data, err := c.NextMessage()
		if err != nil {
			return
		}
		c.QueueMessage(op, data)
	}
}

// each calls reply for the messages, counted from zero on each connection.
func each(reply func(c *wsconn.Conn, n int, op codec.Opcode, data []byte)) script {
	return func(_ int, c *wsconn.Conn) {
		for n := 0; ; n++ {
			op, data, err := c.NextMessage()
			if err != nil {
				return
			}
			reply(c, n, op, data)
		}
	}
}

// A target is a scripted server at the other ends of pipes.
type target struct {
	script script
	// raw is sent as it is behind the first message, in place of a script.
	raw []byte
	// answer is the head of the response, if it is not a good one; ACCEPT in it
	// stands for the accept key.
	answer  string
	dialled atomic.Int64
	running sync.WaitGroup
}

const goodAnswer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ACCEPT\r\n\r\n"

// dial is a Dial for a wsclient.Config.
func (s *target) dial(context.Context, string, string) (net.Conn, error) {
	i := int(s.dialled.Add(1) - 1)
	client, server := net.Pipe()
	s.running.Go(func() {
		defer server.Close()
		request := readRequest(server)
		answer := s.answer
		if answer == "" {
			answer = goodAnswer
		}
		key := codec.AcceptKey(request.Get("Sec-WebSocket-Key"))
		io.WriteString(server, strings.ReplaceAll(answer, "ACCEPT", key))
		c := wsconn.New(server, wsconn.Config{WriteTimeout: -1})
		defer c.Abort()
		if s.script != nil {
			s.script(i, c)
		} else if s.raw != nil {
			c.NextMessage()
			server.Write(s.raw)
			c.Discard()
		}
	})
	return client, nil
}

func readRequest(nc net.Conn) codec.Head {
	var b []byte
	br := bufio.NewReader(nc)
	for !strings.HasSuffix(string(b), "\r\n\r\n") {
		c, err := br.ReadByte()
		if err != nil {
			return codec.Head{}
		}
		b = append(b, c)
	}
	h, _, _ := codec.ParseHead(b)
	return h
}

func parse(t testing.TB, s string) *wsclient.URL {
	t.Helper()
	u, err := wsclient.ParseURL(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// faked runs f in a bubble with a fake clock.
func faked(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, f)
}

// runPipes runs cfg against a scripted server in a bubble.
func runPipes(ctx context.Context, t *testing.T, s *target, cfg Config, progress func(Progress)) (*Report, error) {
	t.Helper()
	cfg.Dial = []wsclient.Config{{URL: parse(t, "ws://pipe/"), Dial: s.dial}}
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	e := newEngine(cfg.withDefaults())
	e.newAlarm = func() alarm { return plainAlarm{} }
	r, err := e.report(ctx, progress)
	s.running.Wait()
	return r, err
}

// errorsOf returns the counts by kind.
func errorsOf(r *Report) map[string]int64 {
	m := make(map[string]int64)
	for _, e := range r.Errors {
		m[e.Kind] = e.Count
	}
	return m
}

// closesOf returns the counts by code and by whom.
func closesOf(r *Report) map[CloseCount]int64 {
	m := make(map[CloseCount]int64)
	for _, c := range r.Closes {
		m[CloseCount{Code: c.Code, By: c.By}] = c.Count
	}
	return m
}

// serve runs a server of ours until the test ends, and returns its URL.
func serve(t testing.TB, addr string, session func(ctx context.Context, c *wsconn.Conn) error) *wsclient.URL {
	t.Helper()
	cfg := wsserver.Config{}
	if session != nil {
		route := func(*http.Request) (*wsserver.Session, error) { return &wsserver.Session{Serve: session}, nil }
		cfg.Mounts = []wsserver.Mount{{Pattern: "/", Route: wsserver.RouteFunc(route)}}
	}
	s, err := wsserver.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return listen(t, s, addr)
}

// listen runs a server until the test ends, and returns its URL.
func listen(t testing.TB, s *wsserver.Server, addr string) *wsclient.URL {
	t.Helper()
	if err := s.Listen(addr); err != nil {
		t.Fatal(err)
	}
	served := make(chan error)
	go func() { served <- s.Serve() }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		s.Shutdown(ctx)
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return parse(t, s.URLs()[0])
}
