//go:build linux

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

func originAttacks() []attack {
	base := attack{target: serve, memory: 4 << 20, time: 10 * time.Second}
	row := func(id, what string, run func(t *trial) error) attack {
		a := base
		a.id, a.what, a.run = id, what, run
		return a
	}
	return []attack{
		row("A13", "pages of other origins: cross-site hijacking", foreignOrigins),
		row("A13b", "other names in Host and in the request line: DNS rebinding", foreignHosts),
		row("A14", "a second request behind an upgrade that is refused", pipelined),
		row("A14b", "a body, Transfer-Encoding, h2c and other disguises with an upgrade", disguised),
	}
}

// A call is a request whose answer must be one of some.
type call struct {
	what    string
	request string
	want    []string
}

// calls sends the requests, each on a connection of its own.
func (t *trial) calls(calls []call, args ...string) error {
	s, err := t.serve(args...)
	if err != nil {
		return err
	}
	for _, c := range calls {
		// The close frame is for who is let in.
		e := s.exchange(append([]byte(c.request), closing(1)...), 0)
		if e.how == "1000" {
			e.how = "101"
		}
		t.saw(e.how, c.what, c.want...)
	}
	return nil
}

// handshakeOf returns an upgrade with that request line, and those lines in place of Host.
func handshakeOf(start, lines string) string {
	return start + "\r\n" + lines + "Connection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + key + "\r\n\r\n"
}

func foreignOrigins(t *trial) error {
	var calls []call
	add := func(want, lines string) {
		calls = append(calls, call{lines, handshakeOf("GET / HTTP/1.1", "Host: localhost:8080\r\n"+lines), []string{want}})
	}
	for _, origin := range []string{
		"https://evil.example", "http://evil.example:8080", "null", "http://localhost.evil.example:8080", "http://evil.example#localhost:8080",
		"http://localhost:8080@evil.example", "http://localhost:8080.evil.example", "http://localhost:8080, http://evil.example",
		"http://evil.example/http://localhost:8080", "file://", "chrome-extension://abc", "http://127.0.0.1.evil.example",
		"http://127.0.0.1@evil.example", "http://[::1].evil.example", "http://localhost%00.evil.example", "http://loc\xE2\x84\x93host.evil",
		"", "http://", "://", "*", "http://*", "http://*.localhost:8080", "localhost:8080", "http://local\thost:8080", "NULL",
	} {
		add("403", "Origin: "+origin+"\r\n")
	}
	add("403", "Origin: http://localhost:8080\r\nOrigin: http://evil.example\r\n")
	add("403", "Origin: http://evil.example\r\nOrigin: http://localhost:8080\r\n")
	add("403", "oRiGiN: http://evil.example\r\n")
	add("101", "Origin: http://localhost:8080\r\n")
	add("101", "")
	return t.calls(calls)
}

func foreignHosts(t *trial) error {
	var calls []call
	add := func(start, lines string, want ...string) {
		calls = append(calls, call{start + " " + lines, handshakeOf(start, lines), want})
	}
	const start = "GET / HTTP/1.1"
	for _, host := range []string{
		"evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example", "evil.example.", "EVIL.EXAMPLE",
		"[::1].evil.example", "localhost:8080@evil.example", "localhost evil.example", "localhost/evil.example", "localhost,evil.example",
		"evil.example#localhost", "evil.example\\localhost", ".localhost", "localhost..", "x.localhost.evil.example", "[::1", "[evil.example]",
		"localhost:99999", "localhost:port", "localhost:80:80", "\xC5\x82.example", "%6cocalhost.example",
	} {
		add(start, "Host: "+host+"\r\n", "403", "400")
		// The page of a rebinding attack has the same origin as the host.
		add(start, "Host: "+host+"\r\nOrigin: http://"+host+"\r\n", "403", "400")
	}
	add(start, "", "400")
	add(start, "Host:\r\n", "400")
	add(start, "Host: localhost\r\nHost: evil.example\r\n", "400")
	add(start, "Host: evil.example\r\nHost: localhost\r\n", "400")
	add("GET http://evil.example/ HTTP/1.1", "Host: localhost\r\n", "403")
	add("GET http://evil.example:8080/ HTTP/1.1", "Host: localhost\r\nOrigin: http://evil.example:8080\r\n", "403")
	add("GET //evil.example/ HTTP/1.1", "Host: evil.example\r\n", "403")
	add("CONNECT evil.example:80 HTTP/1.1", "Host: localhost\r\n", "403", "405", "400")
	add(start, "Host: localhost:8080\r\nOrigin: http://localhost:8080\r\n", "101")
	return t.calls(calls)
}

// second is a request that nobody may answer, behind one that is refused.
const second = "GET /second HTTP/1.1\r\nHost: localhost\r\n\r\n"

func pipelined(t *trial) error {
	s, err := t.serve("/ws=echo", "/no=reject:403")
	if err != nil {
		return err
	}
	s.path = "/ws"
	calls := []call{
		{"a foreign Origin", handshakeOf("GET /ws HTTP/1.1", "Host: localhost\r\nOrigin: http://evil.example\r\n"), []string{"403"}},
		{"a foreign Host", handshakeOf("GET /ws HTTP/1.1", "Host: evil.example\r\n"), []string{"403"}},
		{"another version", strings.Replace(handshakeOf("GET /ws HTTP/1.1", "Host: localhost\r\n"), "13", "12", 1), []string{"426"}},
		{"a bad key", strings.Replace(handshakeOf("GET /ws HTTP/1.1", "Host: localhost\r\n"), key, "c2hvcnQ=", 1), []string{"400"}},
		{"no Connection", strings.Replace(handshakeOf("GET /ws HTTP/1.1", "Host: localhost\r\n"), "Connection: Upgrade\r\n", "", 1), []string{"400"}},
		{"a body that is the request", handshakeOf("GET /ws HTTP/1.1", fmt.Sprintf("Host: localhost\r\nContent-Length: %d\r\n", len(second))), []string{"400"}},
		{"a chunked body", handshakeOf("GET /ws HTTP/1.1", "Host: localhost\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n", []string{"400"}},
		{"POST", handshakeOf("POST /ws HTTP/1.1", "Host: localhost\r\n"), []string{"405"}},
	}
	if t.lab.peer == "" { // another server may take an upgrade anywhere
		calls = append(
			calls,
			call{"no such path", handshakeOf("GET /none HTTP/1.1", "Host: localhost\r\n"), []string{"404"}},
			call{"a route that refuses", handshakeOf("GET /no HTTP/1.1", "Host: localhost\r\n"), []string{"403"}},
			call{"keep-alive asked for", handshakeOf("GET /none HTTP/1.1", "Host: localhost\r\nConnection: keep-alive\r\n"), []string{"404"}},
		)
	}
	for _, c := range calls {
		got, err := s.answers([]byte(c.request + second))
		if err != nil {
			return err
		}
		t.saw(strings.Join(got, "+"), c.what, c.want...)
	}
	return nil
}

// answers sends bytes on a connection of their own and returns the status of each answer, up
// to its end.
func (s *server) answers(b []byte) ([]string, error) {
	nc, err := s.dial()
	if err != nil {
		return nil, err
	}
	defer drop(nc)
	nc.SetDeadline(time.Now().Add(answerLimit))
	if _, err := nc.Write(b); err != nil {
		return nil, err
	}
	var all []string
	r := bufio.NewReader(nc)
	for {
		resp, err := http.ReadResponse(r, nil)
		if err != nil {
			return all, nil
		}
		var body bytes.Buffer
		body.ReadFrom(resp.Body)
		all = append(all, fmt.Sprint(resp.StatusCode))
	}
}

func disguised(t *trial) error {
	var calls []call
	add := func(what, lines string, want ...string) {
		calls = append(calls, call{what, handshakeOf("GET / HTTP/1.1", "Host: localhost\r\n"+lines), want})
	}
	for _, lines := range []string{
		"Content-Length: 5\r\n", "Content-Length: 0\r\nContent-Length: 5\r\n", "Content-Length: +5\r\n", "Content-Length: 5, 5\r\n", "Content-Length: -1\r\n",
		"Content-Length: 99999999999999999999\r\n", "Transfer-Encoding: chunked\r\n", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
		"Transfer-Encoding: identity\r\n", "Transfer-Encoding: x, chunked\r\n", "Transfer-Encoding: chunked, identity\r\n",
		"Transfer-Encoding:\vchunked\r\n", "Transfer-Encoding : chunked\r\n", " Transfer-Encoding: chunked\r\n",
		"Sec-WebSocket-Key: " + key + "\r\n", "Sec-WebSocket-Version: 13\r\n", "X: a\x00b\r\n", "X\x00: a\r\n", "X: a\rSec: b\r\n", ": no name\r\n",
	} {
		add(fmt.Sprintf("%q", lines), lines, "400", "501")
	}
	// What is folded is a part of the value before it (RFC 9112 §5.2).
	add("a folded line", "X: y\r\n Transfer-Encoding: chunked\r\n", "101", "400")
	h2 := "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
	calls = append(
		calls,
		call{"the preface of HTTP/2", h2, []string{"400", "403", "405", "505", "cut"}},
		call{"HTTP/1.0", handshakeOf("GET / HTTP/1.0", "Host: localhost\r\n"), []string{"400", "426", "505"}},
		call{"HTTP/0.9", "GET /\r\n\r\n", []string{"400"}},
		call{"HTTP/9.9", handshakeOf("GET / HTTP/9.9", "Host: localhost\r\n"), []string{"505", "400"}},
		call{"h2c", strings.Replace(handshakeOf("GET / HTTP/1.1", "Host: localhost\r\n"), "websocket", "h2c", 1), []string{"400", "426"}},
		call{"TLS on a plain port", "\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03", []string{"400", "cut"}},
		call{"nothing but the end", "\r\n\r\n", []string{"400", "cut"}},
	)
	return t.calls(slices.Clip(calls))
}
