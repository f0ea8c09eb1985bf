package wsserver

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"wskit/codec"
)

func TestRequests(t *testing.T) {
	// plain is a request that is no upgrade.
	plain := func(method, path string, lines ...string) string {
		return method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n" + join(lines) + "\r\n"
	}
	without := func(name string) string {
		var b strings.Builder
		for line := range strings.SplitAfterSeq(upgradeRequest("/ws"), "\r\n") {
			if !strings.HasPrefix(line, name+":") {
				b.WriteString(line)
			}
		}
		return b.String()
	}
	replace := func(old, new string) string { return strings.Replace(upgradeRequest("/ws"), old, new, 1) }
	key := "Sec-WebSocket-Key: " + testKey
	tests := []struct {
		name    string
		request string
		status  int
		header  map[string]string
		body    string // a part of it
		open    bool   // the connection stays open behind the response
		reason  string // a part of that in Refused; if empty, there is none
		hint    string // a part of that in Refused
	}{
		{name: "upgrade", request: upgradeRequest("/ws"), status: 101, open: true, header: map[string]string{
			"Upgrade": "websocket", "Connection": "Upgrade", "Sec-Websocket-Accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
			"X-Server": "yes", "Sec-Websocket-Protocol": "", "Sec-Websocket-Extensions": "",
		}},
		{name: "wildcard", request: upgradeRequest("/rooms/a%20b?x=1"), status: 101, open: true, header: map[string]string{"X-Room": "a b"}},
		{name: "absolute form", request: upgradeRequest("http://localhost/ws"), status: 101, open: true},
		{name: "preferred subprotocol", request: upgradeRequest("/ws", "Sec-WebSocket-Protocol: v1, v2"), status: 101, open: true, header: map[string]string{"Sec-Websocket-Protocol": "v2"}},
		{name: "unknown subprotocol", request: upgradeRequest("/ws", "Sec-WebSocket-Protocol: v9"), status: 101, open: true, header: map[string]string{"Sec-Websocket-Protocol": ""}},
		{name: "empty body announced", request: upgradeRequest("/ws", "Content-Length: 0"), status: 101, open: true},

		{name: "reject", request: upgradeRequest("/no"), status: 418, body: "short and stout", reason: "the route refuses it"},
		{name: "refusal with a header", request: upgradeRequest("/auth"), status: 401, header: map[string]string{"Www-Authenticate": "Basic", "Content-Type": "text/html"}, body: "<p>", reason: "the route refuses it"},
		{name: "route fails", request: upgradeRequest("/fail"), status: 500, body: "500 Internal Server Error: the route failed\n", reason: "the route failed"},
		{name: "route chooses what was not offered", request: upgradeRequest("/badproto"), status: 500, reason: "the route failed"},

		{name: "route refuses with no refusal", request: upgradeRequest("/badstatus"), status: 500, reason: "the route failed"},

		{name: "unknown path", request: upgradeRequest("/nope"), status: 404, reason: "no WebSocket at this path", hint: "/ws, /rooms/{room}"},
		{name: "slash missing", request: upgradeRequest("/tree"), status: 404, body: "404 Not Found: the path ends in a slash: /tree/\n", reason: "no WebSocket", hint: "the path ends in a slash: /tree/"},
		{name: "path not clean", request: upgradeRequest("/x/../ws"), status: 404, reason: "no WebSocket", hint: "/ws"},
		{name: "plain, unknown path", request: plain("GET", "/nope"), status: 404, open: true},

		{name: "plain", request: plain("GET", "/ws"), status: 426, open: true, body: "this is a WebSocket", header: map[string]string{"Upgrade": "websocket", "Connection": "Upgrade", "Sec-Websocket-Version": "13"}},
		{name: "plain HEAD", request: plain("HEAD", "/ws"), status: 426, open: true, header: map[string]string{"Upgrade": "websocket"}},
		{name: "plain POST", request: plain("POST", "/ws", "Content-Length: 2", "") + "xy", status: 405, header: map[string]string{"Allow": "GET, HEAD"}},
		{name: "browser", request: plain("GET", "/ws", "Accept: text/html,application/xhtml+xml;q=0.9"), status: 200, open: true, body: "<!doctype html>", header: map[string]string{"Content-Type": "text/html; charset=utf-8"}},
		{name: "upgrade to something else", request: plain("GET", "/ws", "Upgrade: h2c", "Connection: Upgrade"), status: 426, open: true},
		{name: "asterisk", request: plain("OPTIONS", "*"), status: 400},

		{name: "POST with an upgrade", request: replace("GET", "POST"), status: 405, reason: "GET", header: map[string]string{"Allow": "GET"}},
		{name: "HTTP/1.0", request: replace("HTTP/1.1", "HTTP/1.0"), status: 400, reason: "HTTP/1.1", hint: "proxy"},
		{name: "no Upgrade", request: without("Upgrade"), status: 426, reason: "Upgrade", hint: "proxy", header: map[string]string{"Sec-Websocket-Version": "13"}},
		{name: "no Connection", request: without("Connection"), status: 400, reason: "Connection", hint: "proxy"},
		{name: "no key", request: without("Sec-WebSocket-Key"), status: 400, reason: "Sec-WebSocket-Key"},
		{name: "short key", request: replace(testKey, "QUJD"), status: 400, reason: "16 bytes"},
		{name: "two keys", request: replace(key, key+"\r\n"+key), status: 400, reason: "one Sec-WebSocket-Key"},
		{name: "other version", request: replace("Version: 13", "Version: 8"), status: 426, reason: "13", header: map[string]string{"Sec-Websocket-Version": "13"}},
		{name: "no version", request: without("Sec-WebSocket-Version"), status: 426, reason: "Sec-WebSocket-Version"},
		{name: "body", request: upgradeRequest("/ws", "Content-Length: 5"), status: 400, reason: "no body"},
		{name: "chunked body", request: upgradeRequest("/ws", "Transfer-Encoding: chunked"), status: 400, reason: "no body"},
		{name: "extensions that are too long", request: upgradeRequest("/ws", "Sec-WebSocket-Extensions: "+strings.Repeat("a,", 3000)), status: 400, reason: "limit"},

		{name: "no Host", request: without("Host"), status: 400},
		{name: "two Hosts", request: replace("Host: localhost", "Host: localhost\r\nHost: evil.example"), status: 400},
		{name: "empty Host", request: replace("Host: localhost", "Host:"), status: 400, reason: `the Host "" is not a host`},
		{name: "evil Host", request: replace("localhost", "Evil.Example:80"), status: 403, reason: `the Host "evil.example" is not allowed`, hint: "--allow-host 'evil.example'"},
		{name: "evil Host, plain", request: "GET /ws HTTP/1.1\r\nHost: evil.example\r\n\r\n", status: 403, reason: "not allowed", hint: "--allow-host 'evil.example'"},
		{name: "evil absolute form", request: upgradeRequest("http://evil.example/ws"), status: 403, reason: "the Host", hint: "--allow-host"},
		{name: "userinfo in Host", request: replace("localhost", "localhost@evil.example"), status: 400},
		{name: "colon in Host", request: replace("localhost", "localhost:1:2"), status: 400, reason: "is not a host"},
		{name: "userinfo in an absolute form", request: upgradeRequest("http://localhost@evil.example/ws"), status: 403, reason: "the Host", hint: "'evil.example'"},
		{name: "evil Origin", request: upgradeRequest("/ws", "Origin: https://evil.example"), status: 403, reason: `the Origin "https://evil.example" is not allowed`, hint: "--allow-origin 'https://evil.example'"},
		{name: "null Origin", request: upgradeRequest("/ws", "Origin: null"), status: 403, reason: `"null"`, hint: "--allow-origin 'null'"},
		{name: "loopback Origin", request: upgradeRequest("/ws", "Origin: http://localhost:3000"), status: 101, open: true},
		{name: "Origin with a quote", request: upgradeRequest("/ws", "Origin: https://a'; rm -rf x"), status: 403, reason: `a'; rm`},
		{name: "Origin that would write to a terminal", request: upgradeRequest("/ws", "Origin: https://a\u009b2J\u202e"), status: 403, reason: `\u009b2J\u202e`},
		{name: "evil Origin, unknown path", request: upgradeRequest("/nope", "Origin: https://evil.example"), status: 403, reason: "Origin", hint: "evil"},

		{name: "target too long", request: upgradeRequest("/ws?" + strings.Repeat("a", maxTarget)), status: 414, reason: "8192"},
		{name: "too many lines", request: upgradeRequest("/ws", strings.Split(strings.Repeat("A: b\n", 96)+"A: b", "\n")...), status: 431, reason: "100"},
		{name: "as many lines as may be", request: upgradeRequest("/ws", strings.Split(strings.Repeat("A: b\n", 94)+"A: b", "\n")...), status: 101, open: true},
		{name: "head too long", request: upgradeRequest("/ws", "A: "+strings.Repeat("b", maxHeadBytes)), status: 431},
		{name: "not HTTP", request: "\x16\x03\x01\x02\r\n\r\n", status: 400},
	}
	cfg := Config{
		Mounts: []Mount{
			{"/ws", Echo()},
			{"/rooms/{room}", RouteFunc(func(r *http.Request) (*Session, error) {
				return &Session{Header: http.Header{"X-Room": {r.PathValue("room")}}, Serve: echo}, nil
			})},
			{"/tree/", Echo()},
			{"/no", Reject(418, "short and stout")},
			{"/auth", RouteFunc(func(*http.Request) (*Session, error) {
				return nil, &Refusal{Status: 401, Header: http.Header{"Www-Authenticate": {"Basic"}, "Content-Type": {"text/html"}}, Body: "<p>"}
			})},
			{"/fail", RouteFunc(func(*http.Request) (*Session, error) { return nil, errors.New("secret") })},
			{"/badstatus", Reject(101, "")},
			{"/badproto", RouteFunc(func(*http.Request) (*Session, error) { return &Session{Protocol: "v7", Serve: echo}, nil })},
		},
		Subprotocols: []string{"v2", "v1"},
		Header:       []codec.Field{{Name: "X-Server", Value: "yes"}},
	}
	ts := serve(t, cfg, nil)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ts.t = t
			e := ts.exchanger()
			resp, body := e.send(t, tt.request)
			if resp.StatusCode != tt.status {
				t.Fatalf("status %s, want %d; body %q", resp.Status, tt.status, body)
			}
			for name, want := range tt.header {
				if got := resp.Header.Get(name); got != want {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
			if !strings.Contains(body, tt.body) {
				t.Errorf("body %q does not contain %q", body, tt.body)
			}
			if resp.Close == tt.open {
				t.Errorf("Connection: %q; want open %v", resp.Header["Connection"], tt.open)
			}
			if tt.reason == "" {
				if len(ts.refused) > 0 {
					t.Errorf("refused: %+v", <-ts.refused)
				}
				return
			}
			var got Refused
			select { // it is called before the response is flushed
			case got = <-ts.refused:
			default:
			}
			if got.Status != tt.status || !strings.Contains(got.Reason, tt.reason) || !strings.Contains(got.Hint, tt.hint) || got.Hint == "" != (tt.hint == "") {
				t.Errorf("refused: %+v; want status %d, reason with %q, hint with %q", got, tt.status, tt.reason, tt.hint)
			}
			// A14: what stands behind a refused upgrade is not served.
			if b, _ := io.ReadAll(e.br); len(b) > 0 {
				t.Errorf("behind the refusal: %q", b)
			}
		})
	}
}

func TestPipelinedRequestBehindARefusalIsNotServed(t *testing.T) {
	ts := serve(t, Config{Mounts: []Mount{{"/no", Reject(403, "no")}, {"/ws", Echo()}}}, nil)
	for _, first := range []string{
		upgradeRequest("/no"),
		upgradeRequest("/nope"),
		upgradeRequest("/ws", "Origin: https://evil.example"),
		upgradeRequest("/ws", "Content-Length: 44"),
		upgradeRequest("/ws", "Transfer-Encoding: chunked"),
	} {
		e := ts.exchanger()
		resp, _ := e.send(t, first+"GET /ws HTTP/1.1\r\nHost: localhost\r\nX: y\r\n\r\n")
		if resp.StatusCode < 400 {
			t.Errorf("%q: %s", first, resp.Status)
		}
		if b, _ := io.ReadAll(e.br); len(b) > 0 {
			t.Errorf("behind the refusal of %q: %q", first, b)
		}
	}
}

func TestEarlyData(t *testing.T) {
	ts := serve(t, Config{}, nil)
	nc := ts.dial()
	const masked = "\x81\x85\x00\x00\x00\x00hello" // a mask of zeros
	if _, err := io.WriteString(nc, upgradeRequest("/")+masked[:7]); err != nil {
		t.Fatal(err)
	}
	<-ts.opened
	if _, err := io.WriteString(nc, masked[7:]); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 1024)
	n, err := io.ReadAtLeast(nc, b, len("\r\n\r\n\x81\x05hello"))
	if err != nil {
		t.Fatal(err)
	}
	for !strings.Contains(string(b[:n]), "\x81\x05hello") {
		m, err := nc.Read(b[n:])
		if err != nil {
			t.Fatalf("%q, %v: the echo is missing", b[:n], err)
		}
		n += m
	}
}

func TestRequested(t *testing.T) {
	ts := serve(t, Config{}, nil)
	tests := []struct {
		name, request string
		want          Requested
	}{
		{name: "upgrade", request: upgradeRequest("/a?b"), want: Requested{Method: "GET", Target: "/a?b", Host: "localhost", Status: 101}},
		{name: "plain", request: "HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n", want: Requested{Method: "HEAD", Target: "/a", Host: "x", Status: 426}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := ts.exchanger()
			e.send(t, tt.request)
			got := <-ts.requests
			if got.Remote != e.nc.LocalAddr().String() || got.Duration <= 0 {
				t.Errorf("remote %s, duration %v", got.Remote, got.Duration)
			}
			got.Remote, got.Duration = "", 0
			if got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

// TestHandshakeTimeout sends a byte each second: the limit is on the whole.
func TestHandshakeTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipeListener()
		serve(t, Config{HandshakeTimeout: 3 * time.Second}, l)
		nc := l.dial()
		go io.Copy(io.Discard, nc)
		began := time.Now()
		request := upgradeRequest("/")
		for i := range len(request) {
			if _, err := nc.Write([]byte{request[i]}); err != nil {
				break
			}
			time.Sleep(time.Second)
		}
		if got := time.Since(began); got < 3*time.Second || got > 4*time.Second {
			t.Errorf("cut off after %v, want 3 s", got)
		}
		nc.Close()
	})
}

func TestPage(t *testing.T) {
	for _, element := range []string{"style", "script"} {
		if n := strings.Count(page, "<"+element); n != 1 {
			t.Errorf("%d elements %s, want 1", n, element)
		}
		if !strings.Contains(pagePolicy, element+"-src '"+hashOf(element)+"'") {
			t.Errorf("the policy %q has no hash for %s", pagePolicy, element)
		}
	}
	for _, outside := range []string{"http://", "https://", "src=", "href=", "url(", "@import", "innerHTML", "document.write", "eval(", " style="} {
		if strings.Contains(page, outside) {
			t.Errorf("the page contains %q", outside)
		}
	}
	ts := serve(t, Config{}, nil)
	resp, body := ts.exchanger().send(t, "GET /%3Cscript%3E?<script> HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n\r\n")
	if body != page {
		t.Error("the page changes with the request")
	}
	for name, want := range map[string]string{
		"Content-Security-Policy": pagePolicy, "X-Content-Type-Options": "nosniff", "Vary": "Accept", "Cache-Control": "no-store",
	} {
		if got := resp.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestMaxConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipeListener()
		ts := serve(t, Config{MaxConnections: 2}, l)
		first := ts.open(l.dial(), "/")
		second := ts.open(l.dial(), "/")
		nc := l.dial()
		resp, body := (&exchanger{nc: nc, br: newReader(nc)}).send(t, upgradeRequest("/"))
		if resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" {
			t.Errorf("the third: %s, Retry-After %q, %q", resp.Status, resp.Header.Get("Retry-After"), body)
		}
		if r := <-ts.refused; r.Status != 503 || !strings.Contains(r.Hint, "--max-connections") {
			t.Errorf("refused: %+v", r)
		}
		nc.Close()
		first.Close(codec.CloseNormal, "")
		synctest.Wait()
		third := ts.open(l.dial(), "/")
		var numbers []uint64
		for range 3 {
			numbers = append(numbers, (<-ts.opened).N)
		}
		if fmt.Sprint(numbers) != "[1 2 3]" {
			t.Errorf("numbers %v, want 1 2 3", numbers)
		}
		second.Close(codec.CloseNormal, "")
		third.Close(codec.CloseNormal, "")
		synctest.Wait()
		ts.mu.Lock()
		defer ts.mu.Unlock()
		if len(ts.Server.open) != 0 || len(ts.Server.requests) != 0 || ts.places != 0 {
			t.Errorf("%d sessions, %d requests and %d places are left in the books", len(ts.Server.open), len(ts.Server.requests), ts.places)
		}
	})
}

// TestRefusedUpgradesGiveTheirPlaceBack would run out of places if they did not.
func TestRefusedUpgradesGiveTheirPlaceBack(t *testing.T) {
	ts := serve(t, Config{MaxConnections: 1, Mounts: []Mount{{"/", Echo()}, {"/no", Reject(403, "")}}}, nil)
	for range 3 {
		if resp, _ := ts.exchanger().send(t, upgradeRequest("/no")); resp.StatusCode != 403 {
			t.Fatal(resp.Status)
		}
	}
	ts.open(nil, "/")
}

func TestLoopbackAddr(t *testing.T) {
	tests := []struct {
		name string
		addr net.Addr
		want bool
	}{
		{name: "loopback", addr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}, want: true},
		{name: "IPv6 loopback", addr: &net.TCPAddr{IP: net.IPv6loopback}, want: true},
		{name: "another", addr: &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1)}},
		{name: "socket", addr: &net.UnixAddr{Name: "s"}, want: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := loopbackAddr(tt.addr); got != tt.want {
				t.Errorf("loopbackAddr(%v) = %v, want %v", tt.addr, got, tt.want)
			}
		})
	}
}
