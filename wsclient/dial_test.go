package wsclient_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"wskit/codec"
	"wskit/codec/wsconn"
	"wskit/wsclient"
	"wskit/wsserver"
)

// echoOnce sends a text and wants it back, then closes.
func echoOnce(t *testing.T, c *wsclient.Conn) {
	t.Helper()
	if err := c.WriteMessage(codec.OpText, []byte("hello")); err != nil {
		t.Fatal(err)
	}
	op, data, err := c.NextMessage()
	if err != nil || op != codec.OpText || string(data) != "hello" {
		t.Errorf("echo: %v %q, %v", op, data, err)
	}
	if err := c.Close(codec.CloseNormal, ""); err != nil {
		t.Errorf("Close: %v", err)
	}
}

func TestDialTransports(t *testing.T) {
	cert, err := wsserver.SelfSigned("chat.example")
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(cert.Leaf)
	served := &tls.Config{Certificates: []tls.Certificate{cert}}
	socket := filepath.Join(t.TempDir(), "s")
	tests := []struct {
		name, addr string
		server     *tls.Config
		client     *tls.Config
		host       string // in place of the URL's
	}{
		{name: "IPv4", addr: "127.0.0.1:0"},
		{name: "loopback", addr: ":0"},
		{name: "unix", addr: "unix:" + socket},
		{name: "TLS", addr: "127.0.0.1:0", server: served, client: &tls.Config{RootCAs: roots}},
		{name: "TLS, name", addr: ":0", server: served, client: &tls.Config{RootCAs: roots}},
		{name: "TLS, another name", addr: "127.0.0.1:0", server: served, client: &tls.Config{RootCAs: roots, ServerName: "chat.example"}, host: "chat.example"},
		{name: "TLS, not verified", addr: "127.0.0.1:0", server: served, client: &tls.Config{InsecureSkipVerify: true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			u := serve(t, wsserver.Config{TLS: tt.server}, tt.addr)
			c, err := wsclient.Dial(context.Background(), wsclient.Config{URL: u, TLS: tt.client, Host: tt.host})
			if err != nil {
				t.Fatal(err)
			}
			if (c.TLS != nil) != (tt.server != nil) || (c.Timings.TLS > 0) != (tt.server != nil) {
				t.Errorf("TLS %v, timings %+v", c.TLS, c.Timings)
			}
			if c.TLS != nil && (c.TLS.NegotiatedProtocol != "http/1.1" || c.TLS.Version < tls.VersionTLS12) {
				t.Errorf("negotiated %q, version %x", c.TLS.NegotiatedProtocol, c.TLS.Version)
			}
			if c.Timings.Connect <= 0 || c.Timings.Handshake <= 0 || (c.Timings.DNS > 0) != (u.Host == "localhost") {
				t.Errorf("timings %+v", c.Timings)
			}
			if c.URL != u || c.Response.Start != "HTTP/1.1 101 Switching Protocols" {
				t.Errorf("URL %v, response %q", c.URL, c.Response.Start)
			}
			echoOnce(t, c)
		})
	}
}

func TestDialUnixWithTLS(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "s")
	serve(t, wsserver.Config{SelfSigned: true}, "unix:"+socket)
	for _, s := range []string{"wss://localhost/", "unix:ignored:/"} {
		u := parse(t, s)
		u.Socket, u.Secure = socket, true
		c, err := wsclient.Dial(context.Background(), wsclient.Config{URL: u, TLS: &tls.Config{InsecureSkipVerify: true}})
		if err != nil {
			t.Fatal(err)
		}
		if c.TLS.ServerName != "localhost" {
			t.Errorf("server name %q", c.TLS.ServerName)
		}
		echoOnce(t, c)
	}
}

func TestDialSends(t *testing.T) {
	tests := []struct {
		name, url string
		cfg       wsclient.Config
		want      map[string]string // header of the request; "" is absent
	}{
		{
			name: "minimal", url: "ws://h:81/a?b",
			want: map[string]string{"Host": "h:81", "Origin": "", "User-Agent": "", "Authorization": "", "Sec-WebSocket-Extensions": "", "Sec-WebSocket-Protocol": ""},
		},
		{
			name: "all", url: "ws://h/a?b",
			cfg: wsclient.Config{
				Host: "other", Origin: "null", UserAgent: "wskit", Subprotocols: []string{"v2", "v1"},
				Header:  []codec.Field{{Name: "X-A", Value: "b"}},
				Deflate: &codec.DeflateConfig{ServerNoContextTakeover: true},
			},
			want: map[string]string{
				"Host": "other", "Origin": "null", "User-Agent": "wskit", "Sec-WebSocket-Protocol": "v2, v1", "X-A": "b",
				"Sec-WebSocket-Extensions": "permessage-deflate; server_no_context_takeover; client_max_window_bits",
			},
		},
		{
			name: "header replaces", url: "ws://me:secret@h/a?b",
			cfg: wsclient.Config{Origin: "http://h", UserAgent: "wskit", Header: []codec.Field{
				{Name: "host", Value: "x"}, {Name: "origin", Value: "http://y"}, {Name: "authorization", Value: "Bearer z"},
			}},
			want: map[string]string{"Host": "x", "Origin": "http://y", "Authorization": "Bearer z"},
		},
		{name: "credentials", url: "ws://me:a%3Ab@h/a?b", want: map[string]string{"Authorization": "Basic bWU6YTpi"}},
		{name: "user without a password", url: "ws://me@h/a?b", want: map[string]string{"Authorization": "Basic bWU6"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := make(chan codec.Head, 1)
			tt.cfg.URL = parse(t, tt.url)
			tt.cfg.Dial = dialer(t, func(nc net.Conn, request codec.Head) {
				got <- request
				nc.Close()
			})
			if _, err := wsclient.Dial(context.Background(), tt.cfg); !errors.Is(err, wsclient.ErrNoAnswer) {
				t.Errorf("Dial: %v", err)
			}
			request := <-got
			if request.Start != "GET /a?b HTTP/1.1" {
				t.Errorf("start line %q", request.Start)
			}
			for name, want := range tt.want {
				if got := request.Get(name); got != want || request.Has(name) != (want != "") {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
		})
	}
}

func TestDialAgrees(t *testing.T) {
	u := serve(t, wsserver.Config{Subprotocols: []string{"v1"}, Deflate: &codec.DeflateConfig{ClientMaxWindowBits: 10}}, "127.0.0.1:0")
	c, err := wsclient.Dial(context.Background(), wsclient.Config{
		URL: u, Subprotocols: []string{"v2", "v1"}, Deflate: &codec.DeflateConfig{Level: 1, MinSize: 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	if c.Agreement.Protocol != "v1" || c.Subprotocol() != "v1" {
		t.Errorf("subprotocol %q, %q", c.Agreement.Protocol, c.Subprotocol())
	}
	if d := c.Agreement.Deflate; d == nil || d.ClientMaxWindowBits != 10 || c.Deflate() != d {
		t.Errorf("deflate %+v, %+v", d, c.Deflate())
	}
	echoOnce(t, c)
}

func TestNonceIsNew(t *testing.T) {
	seen := make(map[string]bool)
	for range 10 {
		cfg := wsclient.Config{URL: parse(t, "h"), Dial: dialer(t, func(nc net.Conn, request codec.Head) {
			seen[request.Get("Sec-WebSocket-Key")] = true
			nc.Close()
		})}
		wsclient.Dial(context.Background(), cfg)
	}
	if len(seen) != 10 {
		t.Errorf("%d keys in 10 handshakes", len(seen))
	}
}

// TestEarlyFrames sends frames in one write with the answer, after an interim one.
func TestEarlyFrames(t *testing.T) {
	cfg := wsclient.Config{URL: parse(t, "h"), Dial: dialer(t, answer(
		"HTTP/1.1 103 Early HintsNLLink: </x>NLNL"+switching+"NL\x81\x05hello\x81\x02yo"))}
	c, err := wsclient.Dial(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"hello", "yo"} {
		if _, data, err := c.NextMessage(); err != nil || string(data) != want {
			t.Errorf("NextMessage: %q, %v; want %q", data, err, want)
		}
	}
	c.Abort()
}

// TestFoldedResponse has a response with folds, which a client must take for spaces.
func TestFoldedResponse(t *testing.T) {
	folded := strings.Replace(switching, "Connection: Upgrade", "Connection: keep-alive,NL\tUpgrade", 1)
	cfg := wsclient.Config{URL: parse(t, "h"), Dial: dialer(t, answer(folded+"X-Folded: oneNL twoNLNL"))}
	c, err := wsclient.Dial(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Response.Get("X-Folded"); got != "one two" {
		t.Errorf("X-Folded is %q, want a space for the fold", got)
	}
	c.Abort()
}

// TestTap compares what was tapped with what went over the wire.
func TestTap(t *testing.T) {
	tests := []struct {
		name, answer string
	}{
		{name: "accepted", answer: switching + "NL\x81\x05hello"},
		{name: "interim", answer: "HTTP/1.1 100 ContinueNLNL" + switching + "NL"},
		{name: "refused", answer: "HTTP/1.1 403 ForbiddenNLContent-Length: 5NLNLno no"},
		{name: "garbage", answer: "SSH-2.0-x\r\n"},
		{name: "cut", answer: "HTTP/1.1 101 Switch"},
		{name: "nothing", answer: ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var mu sync.Mutex
			var got [2]bytes.Buffer
			var last [2]time.Time
			var want string
			cfg := wsclient.Config{
				URL: parse(t, "h"),
				Dial: dialer(t, func(nc net.Conn, request codec.Head) {
					want = expand(tt.answer, request)
					io.WriteString(nc, want)
					nc.Close()
				}),
				Conn: wsconn.Config{Tap: func(from codec.Role, at time.Time, b []byte) {
					mu.Lock()
					defer mu.Unlock()
					if at.Before(last[from]) || len(b) == 0 {
						t.Errorf("tap of %d bytes at %v, after %v", len(b), at, last[from])
					}
					last[from] = at
					got[from].Write(b)
				}},
			}
			c, err := wsclient.Dial(context.Background(), cfg)
			if err == nil {
				c.NextMessage()
				c.Abort()
			}
			mu.Lock()
			defer mu.Unlock()
			if h, _, err := codec.ParseHead(got[codec.RoleClient].Bytes()); err != nil || h.Start != "GET / HTTP/1.1" {
				t.Errorf("request %+v, %v", h, err)
			}
			if server := got[codec.RoleServer].String(); server != want {
				t.Errorf("tapped %q, sent %q", server, want)
			}
		})
	}
}

func TestConfigErrors(t *testing.T) {
	tests := []struct {
		name string
		cfg  wsclient.Config
		want string
	}{
		{name: "header", cfg: wsclient.Config{Header: []codec.Field{{Name: "A", Value: "b\nc"}}}, want: `make handshake: header "A": the value has a control character`},
		{name: "header of the handshake", cfg: wsclient.Config{Header: []codec.Field{{Name: "Upgrade", Value: "x"}}}, want: `make handshake: header "Upgrade": the handshake sets it`},
		{name: "host", cfg: wsclient.Config{Host: "a\r"}, want: `make handshake: header "Host": the value has a control character`},
		{name: "origin", cfg: wsclient.Config{Origin: "\x00"}, want: `make handshake: header "Origin": the value has a control character`},
		{name: "subprotocol", cfg: wsclient.Config{Subprotocols: []string{"a b"}}, want: `make handshake: subprotocol "a b": not a token`},
		{name: "deflate", cfg: wsclient.Config{Deflate: &codec.DeflateConfig{Level: 11}}, want: "make handshake: invalid compression level 11: want 1 to 9"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.cfg.URL = parse(t, "h")
			tt.cfg.Dial = func(context.Context, string, string) (net.Conn, error) {
				t.Error("it was dialled")
				return nil, errors.New("dialled")
			}
			_, err := wsclient.Dial(context.Background(), tt.cfg)
			if !errors.As(err, new(*wsclient.ConfigError)) || err.Error() != tt.want {
				t.Errorf("Dial: %v, want %s", err, tt.want)
			}
			if err := tt.cfg.Check(); err == nil || err.Error() != tt.want {
				t.Errorf("Check: %v, want %s", err, tt.want)
			}
		})
	}
	withUser := wsclient.Config{URL: parse(t, "ws://a%0d%0a:b@h/")}
	if err := withUser.Check(); err == nil || err.Error() != "make handshake: the credentials of the URL have a control character" {
		t.Errorf("a line feed in the credentials: %v", err)
	}
	if _, err := wsclient.Dial(context.Background(), wsclient.Config{}); err == nil || err.Error() != "make handshake: there is no URL" {
		t.Errorf("without a URL: %v", err)
	}
	if err := (&wsclient.Config{URL: parse(t, "h")}).Check(); err != nil {
		t.Errorf("Check of a good one: %v", err)
	}
}

// TestServerRefusals has our server refuse our client.
func TestServerRefusals(t *testing.T) {
	u := serve(t, wsserver.Config{Mounts: []wsserver.Mount{
		{Pattern: "/ws/", Route: wsserver.Echo()}, {Pattern: "/no", Route: wsserver.Reject(418, "short")},
	}}, "127.0.0.1:0")
	tests := []struct {
		name, path string
		origin     string
		status     int
		body       string
	}{
		{name: "origin", path: "/ws/", origin: "https://evil.example", status: http.StatusForbidden, body: "403 Forbidden: the Origin \"https://evil.example\" is not allowed\n"},
		{name: "slash", path: "/ws", status: http.StatusNotFound, body: "404 Not Found: the path ends in a slash: /ws/\n"},
		{name: "reject", path: "/no", status: 418, body: "short"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			to := *u
			to.Target = tt.path
			_, err := wsclient.Dial(context.Background(), wsclient.Config{URL: &to, Origin: tt.origin})
			he, ok := errors.AsType[*wsclient.HandshakeError](err)
			if !ok || he.Status != tt.status || string(he.Body) != tt.body {
				t.Errorf("Dial: %v, body %q; want %d, %q", err, he.Body, tt.status, tt.body)
			}
		})
	}
}
