package wsclient_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"wskit/codec"
	"wskit/wsclient"
	"wskit/wsserver"
)

func TestHandshakeErrors(t *testing.T) {
	edit := func(old, new string) string { return strings.Replace(switching, old, new, 1) + "NL" }
	tests := []struct {
		name, answer string
		url          string // if empty, ws://h:81/x
		status       int
		is           error
		text         string // a part of the error
		hint         string // a part of the hint; if empty, there is none
		body         string
		more         bool
	}{
		{name: "not found", answer: "HTTP/1.1 404 Not FoundNLContent-Length: 4NLNLnope", status: 404, is: wsclient.ErrRefused, text: `shake hands: the server refused the handshake: "404 Not Found"`, hint: "check the path", body: "nope"},
		{name: "unauthorised", answer: "HTTP/1.1 401 UnauthorizedNLWWW-Authenticate: BasicNLContent-Length: 0NLNL", status: 401, is: wsclient.ErrRefused, hint: "-u USER:PASS"},
		{name: "forbidden", answer: "HTTP/1.1 403NLNL", status: 403, is: wsclient.ErrRefused, hint: "-o http://h:81"},
		{name: "forbidden on a socket", url: "unix:s", answer: "HTTP/1.1 403NLNL", status: 403, is: wsclient.ErrRefused, hint: "-o http://localhost"},
		{name: "redirect", answer: "HTTP/1.1 302 FoundNLLocation: https://other/y?z#fNLNL", status: 302, is: wsclient.ErrRefused, hint: "did you mean wss://other/y?z ?"},
		{name: "redirect to a path", answer: "HTTP/1.1 308 PermanentNLLocation: /x/NLNL", status: 308, is: wsclient.ErrRefused, hint: "did you mean ws://h:81/x/ ?"},
		{name: "redirect to nowhere", answer: "HTTP/1.1 302 FoundNLLocation: mailto:xNLNL", status: 302, is: wsclient.ErrRefused},
		{name: "redirect without a location", answer: "HTTP/1.1 302 FoundNLNL", status: 302, is: wsclient.ErrRefused},
		{name: "page", answer: "HTTP/1.1 200 OKNLTransfer-Encoding: chunkedNLNL3NL<p>NL2NLhiNL0NLNL", status: 200, is: wsclient.ErrRefused, hint: "plain HTTP", body: "<p>hi"},
		{name: "TLS wanted by Go", answer: "HTTP/1.0 400 Bad RequestNLNLClient sent an HTTP request to an HTTPS server.\n", status: 400, is: wsclient.ErrRefused, hint: "did you mean wss://h:81/x ?", body: "Client sent an HTTP request to an HTTPS server.\n"},
		{name: "bad request", answer: "HTTP/1.1 400 Bad RequestNLNL", status: 400, is: wsclient.ErrRefused},
		{name: "upgrade required", answer: "HTTP/1.1 426 Upgrade RequiredNLNL", status: 426, is: wsclient.ErrRefused, hint: "proxy"},
		{name: "bad gateway", answer: "HTTP/1.1 502 Bad GatewayNLNL", status: 502, is: wsclient.ErrRefused, hint: "behind"},
		{name: "server error with a long body", answer: "HTTP/1.1 500 OopsNLNL" + strings.Repeat("x", 5000), status: 500, is: wsclient.ErrRefused, body: strings.Repeat("x", 4096), more: true},
		{name: "body as long as may be", answer: "HTTP/1.1 500 OopsNLContent-Length: 4096NLNL" + strings.Repeat("x", 5000), status: 500, is: wsclient.ErrRefused, body: strings.Repeat("x", 4096)},
		{name: "body without end", answer: "HTTP/1.1 500 OopsNLContent-Length: 100NLNLshort", status: 500, is: wsclient.ErrRefused, body: "short"},
		{name: "no body by status", answer: "HTTP/1.1 204 No ContentNLNLxyz", status: 204, is: wsclient.ErrRefused},
		{name: "bad length", answer: "HTTP/1.1 500 OopsNLContent-Length: xNLNLxyz", status: 500, is: wsclient.ErrRefused},
		{name: "status that writes to a terminal", answer: "HTTP/1.1 500 \u202e\u009b2JNLNL", status: 500, is: wsclient.ErrRefused, text: `"500 \u202e\u009b2J"`},

		{name: "wrong accept", answer: edit("ACCEPT", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), is: codec.ErrAcceptWrong, text: "Sec-WebSocket-Accept"},
		{name: "no accept", answer: edit("Sec-WebSocket-Accept: ACCEPTNL", ""), is: codec.ErrAcceptMissing},
		{name: "no upgrade", answer: edit("Upgrade: websocketNL", ""), is: codec.ErrUpgradeMissing},
		{name: "no connection", answer: edit("Connection: UpgradeNL", ""), is: codec.ErrConnectionMissing},
		{name: "subprotocol not offered", answer: switching + "Sec-WebSocket-Protocol: xNLNL", is: codec.ErrSubprotocolNotOffered},
		{name: "extension not offered", answer: switching + "Sec-WebSocket-Extensions: permessage-deflateNLNL", is: codec.ErrExtensionNotOffered},

		{name: "nothing", answer: "", is: wsclient.ErrNoAnswer, text: "without an answer", hint: "wss://h:81/x"},
		{name: "nothing on a socket", url: "unix:s", answer: "", is: wsclient.ErrNoAnswer, hint: "or want TLS"},
		{name: "cut", answer: "HTTP/1.1 101 Swi", is: wsclient.ErrShortAnswer},
		{name: "cut behind an interim answer", answer: "HTTP/1.1 100 ContinueNLNL", is: wsclient.ErrNoAnswer, hint: "wss"},
		{name: "SSH", answer: "SSH-2.0-OpenSSH_9.9\r\n", is: wsclient.ErrNotHTTP, text: `the answer is not HTTP: "SSH-2.0-OpenSSH_9.9\r\n"`, hint: "SSH"},
		{name: "mail", answer: "220 mail.example ESMTP\r\n", is: wsclient.ErrNotHTTP, hint: "not a WebSocket server"},
		{name: "TLS alert", answer: "\x15\x03\x01\x00\x02\x02\x46", is: wsclient.ErrNotHTTP, text: `\x15\x03\x01`, hint: "did you mean wss://h:81/x ?"},
		{name: "HTTP/2", answer: "\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64", is: wsclient.ErrNotHTTP, hint: "HTTP/2"},
		{name: "long garbage", answer: strings.Repeat("\x00", 100), is: wsclient.ErrNotHTTP, text: `\x00"…`, hint: "not a WebSocket server"},
		{name: "bad header", answer: "HTTP/1.1 101 xNLno colonNLNL", is: codec.ErrFieldWithoutColon},
		{name: "bare LF", answer: edit("Upgrade: websocketNL", "Upgrade: websocket\n"), is: codec.ErrBareLF},
		{name: "control character behind a fold", answer: edit("Upgrade: websocketNL", "Upgrade: websocketNLA: bNL \aNL"), is: codec.ErrInvalidFieldValue},
		{name: "TCP echo", answer: "GET /x HTTP/1.1NLHost: hNLNL", is: codec.ErrInvalidStartLine, hint: "echo server for TCP"},
		{name: "endless header", answer: "HTTP/1.1 101 xNLA: " + strings.Repeat("b", 70<<10), is: codec.ErrHeadTooLarge},
		{name: "endless lines", answer: "HTTP/1.1 101 xNL" + strings.Repeat("A: bNL", 20<<10), is: codec.ErrHeadTooLarge},
		{name: "endless interim answers", answer: strings.Repeat("HTTP/1.1 100 ContinueNLNL", 5<<10), is: codec.ErrHeadTooLarge},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.url == "" {
				tt.url = "ws://h:81/x"
			}
			cfg := wsclient.Config{URL: parse(t, tt.url), Dial: dialer(t, answer(tt.answer))}
			_, err := wsclient.Dial(context.Background(), cfg)
			he, ok := errors.AsType[*wsclient.HandshakeError](err)
			if !ok {
				t.Fatalf("Dial: %v, want a *HandshakeError", err)
			}
			if he.Status != tt.status || !errors.Is(err, tt.is) || he.Timeout() {
				t.Errorf("Dial: %v, status %d, timeout %v; want status %d, %v", err, he.Status, he.Timeout(), tt.status, tt.is)
			}
			if !strings.HasPrefix(err.Error(), "shake hands: ") || !strings.Contains(err.Error(), tt.text) {
				t.Errorf("error %q, want %q in it", err, tt.text)
			}
			if !strings.Contains(he.Hint(), tt.hint) || (he.Hint() == "") != (tt.hint == "") {
				t.Errorf("hint %q, want %q in it", he.Hint(), tt.hint)
			}
			if string(he.Body) != tt.body || he.More != tt.more {
				t.Errorf("body %q, more %v; want %q, %v", he.Body, he.More, tt.body, tt.more)
			}
			if tt.status != 0 && he.Response.Start == "" {
				t.Error("the response is missing")
			}
		})
	}
}

// TestRefusalWithoutReadingTheRequest has a server that answers at once and closes.
func TestRefusalWithoutReadingTheRequest(t *testing.T) {
	tests := []struct {
		name   string
		script func(nc net.Conn)
		is     error
	}{
		{name: "answer", script: func(nc net.Conn) { io.WriteString(nc, "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n") }, is: wsclient.ErrRefused},
		{name: "close", script: func(net.Conn) {}, is: io.ErrClosedPipe},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := wsclient.Config{URL: parse(t, "h"), Dial: func(context.Context, string, string) (net.Conn, error) {
				client, server := net.Pipe()
				go func() {
					tt.script(server)
					server.Close()
				}()
				return lateWriter{client}, nil
			}}
			if _, err := wsclient.Dial(context.Background(), cfg); !errors.Is(err, tt.is) {
				t.Errorf("Dial: %v, want %v", err, tt.is)
			}
		})
	}
}

// A lateWriter cannot write: the peer has closed.
type lateWriter struct{ net.Conn }

func (lateWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestDialErrors(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := l.Addr().String()
	l.Close()
	fails := func(err error) func(context.Context, string, string) (net.Conn, error) {
		return func(context.Context, string, string) (net.Conn, error) { return nil, err }
	}
	dir := t.TempDir()
	tests := []struct {
		name, url string
		dial      func(context.Context, string, string) (net.Conn, error)
		op        wsclient.Op
		want      string // the whole error
		is        error
		hint      string
		timeout   bool
	}{
		{name: "refused", url: closed, op: wsclient.OpConnect, want: "connect to " + closed + ": connection refused", is: syscall.ECONNREFUSED, hint: "is the server running"},
		{name: "no socket", url: "unix:" + dir + "/s", op: wsclient.OpConnect, want: "connect to " + dir + "/s: no such file or directory", hint: "no such socket"},
		{name: "unknown name", url: "h.invalid", dial: fails(&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "h.invalid", IsNotFound: true}}), op: wsclient.OpResolve, want: "resolve h.invalid: no such host", hint: "spelling"},
		{name: "DNS too slow", url: "h", dial: fails(&net.DNSError{Err: "i/o timeout", IsTimeout: true}), op: wsclient.OpResolve, want: "resolve h: i/o timeout", hint: "--connect-timeout", timeout: true},
		{name: "too slow", url: "h", dial: fails(context.DeadlineExceeded), op: wsclient.OpConnect, want: "connect to h:80: it takes too long", is: context.DeadlineExceeded, hint: "firewall", timeout: true},
		{name: "unreachable", url: "h", dial: fails(&net.OpError{Op: "dial", Err: syscall.EHOSTUNREACH}), op: wsclient.OpConnect, want: "connect to h:80: no route to host"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := wsclient.Dial(context.Background(), wsclient.Config{URL: parse(t, tt.url), Dial: tt.dial})
			de, ok := errors.AsType[*wsclient.DialError](err)
			if !ok {
				t.Fatalf("Dial: %v, want a *DialError", err)
			}
			if de.Op != tt.op || de.Error() != tt.want || de.Timeout() != tt.timeout || tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("Dial: %q, %v, timeout %v; want %q, %v, %v", de, de.Op, de.Timeout(), tt.want, tt.op, tt.timeout)
			}
			if !strings.Contains(de.Hint(), tt.hint) || (de.Hint() == "") != (tt.hint == "") {
				t.Errorf("hint %q, want %q in it", de.Hint(), tt.hint)
			}
		})
	}
}

func TestTLSErrors(t *testing.T) {
	cert, err := wsserver.SelfSigned()
	if err != nil {
		t.Fatal(err)
	}
	secure := serve(t, wsserver.Config{TLS: &tls.Config{Certificates: []tls.Certificate{cert}}}, "127.0.0.1:0")
	plain := serve(t, wsserver.Config{}, "127.0.0.1:0")
	wantsCert := serve(t, wsserver.Config{TLS: &tls.Config{Certificates: []tls.Certificate{cert}, ClientAuth: tls.RequireAnyClientCert}}, "127.0.0.1:0")
	socket := filepath.Join(t.TempDir(), "s")
	mute, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	go func() {
		for {
			c, err := mute.Accept()
			if err != nil {
				return
			}
			c.Close()
		}
	}()
	insecure := &tls.Config{InsecureSkipVerify: true}
	oldClient := &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12}
	tests := []struct {
		name   string
		url    *wsclient.URL
		secure bool
		client *tls.Config
		hint   string
	}{
		{name: "unknown authority", url: secure, secure: true, hint: "--cacert FILE"},
		{name: "another name", url: secure, secure: true, client: &tls.Config{ServerName: "other.example"}, hint: "--servername NAME"},
		{name: "plain server", url: plain, secure: true, client: insecure, hint: "did you mean ws://" + plain.HostHeader() + "/ ?"},
		{name: "server that closes", url: &wsclient.URL{Host: "h", Port: 1, Target: "/", Socket: socket}, secure: true, client: insecure, hint: "may not speak TLS; did you mean ws://h:1/ ?"},
		{name: "client certificate wanted", url: wantsCert, secure: true, client: insecure, hint: "--cert FILE --key FILE"},
		{name: "client certificate wanted in TLS 1.2", url: wantsCert, secure: true, client: oldClient, hint: "--cert FILE --key FILE"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			u := *tt.url
			u.Secure = tt.secure
			_, err := wsclient.Dial(context.Background(), wsclient.Config{URL: &u, TLS: tt.client})
			de, ok := errors.AsType[*wsclient.DialError](err)
			if !ok || de.Op != wsclient.OpTLS || !strings.HasPrefix(err.Error(), "set up TLS with ") {
				t.Fatalf("Dial: %v, want a *DialError of TLS", err)
			}
			if !strings.Contains(de.Hint(), tt.hint) {
				t.Errorf("%v: hint %q, want %q in it", err, de.Hint(), tt.hint)
			}
		})
	}

	u := *secure
	u.Secure = false
	_, err = wsclient.Dial(context.Background(), wsclient.Config{URL: &u})
	he, ok := errors.AsType[*wsclient.HandshakeError](err)
	if want := "did you mean wss://" + secure.HostHeader() + "/ ?"; !ok || !strings.Contains(he.Hint(), want) {
		t.Errorf("plain client: %v, hint %q; want %q in it", err, he.Hint(), want)
	}
}
