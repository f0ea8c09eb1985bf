package main

import (
	"encoding/json"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"

	"peers/internal/result"
)

// listen serves each connection with answer and returns the address.
func listen(t *testing.T, answer func(net.Conn)) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { ln.Close(); <-done })
	go func() {
		defer close(done)
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go func() { defer conn.Close(); answer(conn) }() // ends when load closes its side
		}
	}()
	return ln.Addr().String()
}

// echoRaw sends back what it reads.
func echoRaw(conn net.Conn) { io.Copy(conn, conn) }

// messages serves WebSocket: it answers each message with what reply makes of it.
func messages(reply func([]byte) []byte) func(net.Conn) {
	return func(conn net.Conn) {
		if _, err := ws.Upgrade(conn); err != nil {
			return
		}
		for {
			message, op, err := wsutil.ReadClientData(conn)
			if err != nil || wsutil.WriteServerMessage(conn, op, reply(message)) != nil {
				return
			}
		}
	}
}

func TestLoad(t *testing.T) {
	same := func(b []byte) []byte { return b }
	pid := strconv.Itoa(os.Getpid())
	for _, tt := range []struct {
		name   string
		answer func(net.Conn)
		flags  string
		least  int64  // messages
		fails  string // in the message of the error
	}{
		{name: "raw", answer: echoRaw, flags: "-raw -c 4 -p 8 -n 1000", least: 1000},
		{name: "raw, more than a socket takes", answer: echoRaw, flags: "-raw -c 2 -p 8 -size 1000000 -n 50", least: 50},
		{name: "raw, a message larger than that", answer: echoRaw, flags: "-raw -c 1 -size 16000000 -n 2", least: 2},
		{name: "binary", answer: messages(same), flags: "-c 4 -p 8 -n 1000", least: 1000},
		{name: "text", answer: messages(same), flags: "-c 2 -size 1024 -text -n 100", least: 100},
		{name: "idle", answer: messages(same), flags: "-c 100 -idle -settle 1ms", least: 100},
		{
			name: "no echo", answer: messages(func(b []byte) []byte { return make([]byte, len(b)) }),
			flags: "-c 1", fails: "the first reply is no echo",
		},
		{
			name: "another length", answer: messages(func(b []byte) []byte { return b[1:] }),
			flags: "-c 1", fails: "a reply has 124 bytes, not 125",
		},
		{
			name: "no compression", answer: messages(same),
			flags: "-c 1 -deflate takeover", fails: "does not agree to the compression",
		},
		{
			name: "refused", answer: func(conn net.Conn) { io.WriteString(conn, "HTTP/1.1 403 Forbidden\r\n\r\n") },
			flags: "-c 1", fails: `the server refuses: "HTTP/1.1 403 Forbidden"`,
		},
		{name: "closed", answer: func(net.Conn) {}, flags: "-raw -c 1", fails: "exchange the first message: connection 1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			args := append([]string{"-addr", listen(t, tt.answer), "-pid", pid, "-warmup", "0", "-time", "1m"}, strings.Fields(tt.flags)...)
			var stdout, stderr strings.Builder
			code := run(args, &stdout, &stderr)
			if tt.fails != "" {
				if code != 1 || !strings.Contains(stderr.String(), tt.fails) {
					t.Errorf("exit code %d, %q; want %q", code, stderr.String(), tt.fails)
				}
				return
			}
			var got result.Result
			if err := json.Unmarshal([]byte(stdout.String()), &got); err != nil {
				t.Fatalf("exit code %d, %q: %v", code, stderr.String(), err)
			}
			if got.Messages < tt.least || got.Idle != nil && got.Messages > tt.least {
				t.Errorf("%d messages, want %d", got.Messages, tt.least)
			}
			if got.Idle == nil && (got.ServerCPU <= 0 || got.Memory.RSS == 0) {
				t.Errorf("nothing measured: %+v", got)
			}
		})
	}
}
