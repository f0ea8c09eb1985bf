package wsclient_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"os"
	"strings"
	"testing"

	"wskit/codec"
	"wskit/internal/leaktest"
	"wskit/wsclient"
	"wskit/wsserver"
)

// TestMain fails when a goroutine or a descriptor outlives the tests.
func TestMain(m *testing.M) { os.Exit(leaktest.Run(m, os.Stderr)) }

// serve runs a server of ours until the test ends, and returns its URL.
func serve(t *testing.T, cfg wsserver.Config, addr string) *wsclient.URL {
	t.Helper()
	s, err := wsserver.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Listen(addr); err != nil {
		t.Fatal(err)
	}
	served := make(chan error)
	go func() { served <- s.Serve() }()
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		s.Shutdown(ctx)
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return parse(t, s.URLs()[0])
}

func parse(t *testing.T, s string) *wsclient.URL {
	t.Helper()
	u, err := wsclient.ParseURL(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// A script plays a server on a connection. It is given the request.
type script func(nc net.Conn, request codec.Head)

// dialer returns a Dial for a Config: the other end of a pipe runs s, which may be
// nil for a server that never reads.
func dialer(t *testing.T, s script) func(context.Context, string, string) (net.Conn, error) {
	return func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		done := make(chan struct{})
		go func() {
			defer close(done)
			if s == nil {
				return
			}
			s(server, readRequest(server))
		}()
		t.Cleanup(func() {
			server.Close()
			<-done
		})
		return client, nil
	}
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

// answer returns a script that sends text, in which ACCEPT stands for the accept
// key and NL for a line end, and closes.
func answer(text string) script {
	return func(nc net.Conn, request codec.Head) {
		io.WriteString(nc, expand(text, request))
		nc.Close()
	}
}

func expand(text string, request codec.Head) string {
	return strings.NewReplacer(
		"ACCEPT", codec.AcceptKey(request.Get("Sec-WebSocket-Key")),
		"NL", "\r\n",
	).Replace(text)
}

// switching is the head of a good answer, open for more lines.
const switching = "HTTP/1.1 101 Switching ProtocolsNLUpgrade: websocketNLConnection: UpgradeNLSec-WebSocket-Accept: ACCEPTNL"
