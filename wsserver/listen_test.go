package wsserver

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"wskit/codec"
)

func newServer(t *testing.T, cfg Config, addrs ...string) *Server {
	t.Helper()
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Shutdown(context.Background()) })
	for _, a := range addrs {
		if err := s.Listen(a); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func hasIPv6() bool {
	l, err := net.Listen("tcp6", "[::1]:0")
	if err == nil {
		l.Close()
	}
	return err == nil
}

func TestListenLoopback(t *testing.T) {
	s := newServer(t, Config{}, ":0")
	urls := s.URLs()
	if len(urls) != 1 {
		t.Fatalf("URLs() = %v", urls)
	}
	u, err := url.Parse(urls[0])
	if err != nil {
		t.Fatal(err)
	}
	hosts := []string{"127.0.0.1"}
	if hasIPv6() {
		hosts = append(hosts, "::1", u.Hostname())
	}
	for _, host := range hosts {
		c, err := net.Dial("tcp", net.JoinHostPort(host, u.Port()))
		if err != nil {
			t.Errorf("%s: %v", urls[0], err)
			continue
		}
		c.Close()
	}
}

func TestListenURLs(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "s")
	tests := []struct {
		name, addr string
		tls        bool
		want       string // of the first URL, without a port
	}{
		{name: "IPv4", addr: "127.0.0.1:0", want: "ws://127.0.0.1"},
		{name: "TLS", addr: "127.0.0.1:0", tls: true, want: "wss://127.0.0.1"},
		{name: "all of IPv4", addr: "0.0.0.0:0", want: "ws://127.0.0.1"},
		{name: "socket", addr: "unix:" + socket, tls: true, want: "unix:" + socket},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, Config{SelfSigned: tt.tls}, tt.addr)
			got := s.URLs()[0]
			if got = got[:strings.LastIndexByte(got, ':')]; got != tt.want {
				t.Errorf("URLs() = %v, want %s:PORT first", s.URLs(), tt.want)
			}
		})
	}
}

func TestListenOnIPv4IsIPv4Only(t *testing.T) {
	if !hasIPv6() {
		t.Skip("no IPv6 here")
	}
	for _, test := range []struct {
		addr  string
		want6 bool
	}{
		{addr: "0.0.0.0:0", want6: false},
		{addr: "[::]:0", want6: true},
	} {
		t.Run(test.addr, func(t *testing.T) {
			s := newServer(t, Config{}, test.addr)
			_, port, _ := net.SplitHostPort(s.Exposed()[0])
			c, err := net.Dial("tcp6", net.JoinHostPort("::1", port))
			if err == nil {
				c.Close()
			}
			if got := err == nil; got != test.want6 {
				t.Errorf("connected over IPv6: %v (%v), want %v", got, err, test.want6)
			}
		})
	}
}

func TestListenErrors(t *testing.T) {
	dir := t.TempDir()
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	_, port, _ := net.SplitHostPort(busy.Addr().String())
	used, err := net.Listen("unix", filepath.Join(dir, "used"))
	if err != nil {
		t.Fatal(err)
	}
	defer used.Close()
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, addr string
		want       error
		hint       string
	}{
		{name: "port in use", addr: "127.0.0.1:" + port, want: syscall.EADDRINUSE, hint: "another port"},
		{name: "loopback port in use", addr: port, want: syscall.EADDRINUSE, hint: "another port"},
		{name: "socket in use", addr: "unix:" + dir + "/used", want: errSocketInUse, hint: "another path"},
		{name: "file in place of a socket", addr: "unix:" + dir + "/file", want: errNotSocket, hint: dir + "/file"},
		{name: "no directory", addr: "unix:" + dir + "/no/s", want: syscall.ENOENT},
		{name: "socket path too long", addr: "unix:" + dir + strings.Repeat("/x", 100), want: syscall.EINVAL, hint: "100 bytes"},
		{name: "somebody else's address", addr: "192.0.2.1:0", want: syscall.EADDRNOTAVAIL, hint: "0.0.0.0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, Config{})
			err := s.Listen(tt.addr)
			le, ok := errors.AsType[*ListenError](err)
			if !ok || !errors.Is(err, tt.want) {
				t.Fatalf("Listen: %v, want a *ListenError with %v", err, tt.want)
			}
			if want := "listen on " + tt.addr + ": " + tt.want.Error(); le.Error() != want {
				t.Errorf("error %q, want %q", le, want)
			}
			if !strings.Contains(le.Hint(), tt.hint) {
				t.Errorf("hint %q, want %q in it", le.Hint(), tt.hint)
			}
		})
	}
	if err := newServer(t, Config{}).Listen("x"); !errors.As(err, new(*AddressError)) {
		t.Errorf("Listen(x): %v, want an *AddressError", err)
	}
}

func TestListenReplacesAStaleSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	l.Close() // as a process leaves it that was killed
	s := newServer(t, Config{}, "unix:"+path)
	served := make(chan error)
	go func() { served <- s.Serve() }()
	nc, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	e := &exchanger{nc: nc, br: newReader(nc)}
	if resp, _ := e.send(t, upgradeRequest("/", "Origin: http://localhost")); resp.StatusCode != 101 {
		t.Error(resp.Status)
	}
	nc.Close()
	s.Shutdown(context.Background())
	if err := <-served; err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(path); !os.IsNotExist(err) {
		t.Errorf("the socket is left behind: %v", err)
	}
}

func TestBaseURLOfAZone(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	got := baseURLs(address{host: "fe80::1%eth0"}, []net.Listener{l}, false)
	if len(got) != 1 || !strings.HasPrefix(got[0], "ws://[fe80::1%25eth0]:") {
		t.Errorf("baseURLs = %q", got)
	}
}

// A failingListener fails as one does without descriptors.
type failingListener struct {
	*pipeListener
	fails int
}

func (l *failingListener) Accept() (net.Conn, error) {
	if l.fails > 0 {
		l.fails--
		return nil, &net.OpError{Op: "accept", Err: os.NewSyscallError("accept4", syscall.EMFILE)}
	}
	return l.pipeListener.Accept()
}

func TestAcceptBacksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log lockedBuffer
		l := &failingListener{newPipeListener(), 20}
		a := newAcceptor(l, slog.New(slog.NewTextHandler(&log, nil)))
		began := time.Now()
		accepted := make(chan error)
		go func() {
			_, err := a.Accept()
			accepted <- err
		}()
		client := l.dial()
		if err := <-accepted; err != nil {
			t.Fatal(err)
		}
		client.Close()
		// 5, 10, 20 … 640 ms, then 12 times 1 s.
		if got, want := time.Since(began), 13275*time.Millisecond; got != want {
			t.Errorf("accepted after %v, want %v", got, want)
		}
		if n := strings.Count(log.String(), "too many open files"); n != 3 {
			t.Errorf("%d lines in 13 s, want one each 5 s:\n%s", n, log.String())
		}

		l.fails = 1 << 30
		go func() {
			_, err := a.Accept()
			accepted <- err
		}()
		time.Sleep(time.Minute)
		closing := time.Now()
		a.Close()
		if err := <-accepted; err != net.ErrClosed {
			t.Errorf("Accept after Close: %v", err)
		}
		if waited := time.Since(closing); waited != 0 {
			t.Errorf("Accept ended %v after Close", waited)
		}
	})
}

func TestSelfSigned(t *testing.T) {
	s := newServer(t, Config{SelfSigned: true, TLS: &tls.Config{NextProtos: []string{"h2"}}}, "127.0.0.1:0")
	served := make(chan error)
	go func() { served <- s.Serve() }()
	raw, err := net.Dial("tcp", s.bound[0].Listeners[0].Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	tc := tls.Client(raw, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2", "http/1.1"}})
	if err := tc.Handshake(); err != nil {
		t.Fatal(err)
	}
	state := tc.ConnectionState()
	if state.NegotiatedProtocol != "http/1.1" {
		t.Errorf("negotiated %q, want http/1.1", state.NegotiatedProtocol)
	}
	leaf := state.PeerCertificates[0]
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	hostname, _ := os.Hostname()
	for _, name := range []string{"localhost", "127.0.0.1", "::1", hostname} {
		if _, err := leaf.Verify(x509.VerifyOptions{DNSName: name, Roots: roots}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	e := &exchanger{nc: tc, br: newReader(tc)}
	if resp, _ := e.send(t, upgradeRequest("/")); resp.StatusCode != 101 {
		t.Error(resp.Status)
	}
	tc.Close()
	s.Shutdown(context.Background())
	if err := <-served; err != nil {
		t.Error(err)
	}
}

func TestCertificateNamesAreHosts(t *testing.T) {
	cert, err := SelfSigned("chat.example.com", "192.0.2.7", "0.0.0.0", "")
	if err != nil {
		t.Fatal(err)
	}
	if n := len(cert.Leaf.IPAddresses); n != 3 {
		t.Errorf("addresses %v, want three", cert.Leaf.IPAddresses)
	}
	cert.Leaf = nil // as tls.X509KeyPair left it once
	if got := certificateNames(&tls.Config{Certificates: []tls.Certificate{cert}}); !slices.Equal(got, []string{"localhost", "chat.example.com"}) {
		t.Errorf("certificateNames = %q", got)
	}
}

func TestNewErrors(t *testing.T) {
	mounts := func(patterns ...string) (ms []Mount) {
		for _, p := range patterns {
			ms = append(ms, Mount{p, Echo()})
		}
		return ms
	}
	tests := []struct {
		name string
		cfg  Config
		want string // the whole error
	}{
		{name: "same pattern twice", cfg: Config{Mounts: mounts("/a", "/a")}, want: `bad path pattern "/a": it conflicts with the pattern "/a"`},
		{name: "conflict", cfg: Config{Mounts: mounts("/a/{x}", "/{x}/b")}, want: `bad path pattern "/{x}/b": it conflicts with the pattern "/a/{x}"`},
		{name: "bad wildcard", cfg: Config{Mounts: mounts("/{a")}, want: `bad path pattern "/{a": at offset 1: bad wildcard segment (must end with '}')`},
		{name: "method", cfg: Config{Mounts: mounts("GET /a")}, want: `bad path pattern "GET /a": it does not begin with a slash`},
		{name: "line feed", cfg: Config{Mounts: mounts("/a\nb")}, want: `bad path pattern "/a\nb": it contains a control character`},
		{name: "subprotocol", cfg: Config{Subprotocols: []string{"a b"}}, want: `bad subprotocol "a b": it is not a token, which is letters, digits and !#$%&'*+-.^_` + "`" + `|~`},
		{name: "subprotocol twice", cfg: Config{Subprotocols: []string{"a", "a"}}, want: `bad subprotocol "a": it is given twice`},
		{name: "header", cfg: Config{Header: []codec.Field{{Name: "A", Value: "b\r\nC: d"}}}, want: `bad response header "A": the value has a control character`},
		{name: "header of the handshake", cfg: Config{Header: []codec.Field{{Name: "Upgrade", Value: "x"}}}, want: `bad response header "Upgrade": the handshake sets it`},
		{name: "deflate", cfg: Config{Deflate: &codec.DeflateConfig{Level: 10}}, want: `invalid compression level 10: want 1 to 9`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := New(tt.cfg)
			if err == nil || err.Error() != tt.want {
				t.Errorf("New: %v, want %s", err, tt.want)
			}
		})
	}
}

func TestConnectionLimit(t *testing.T) {
	tests := []struct{ limit, want uint64 }{{limit: 64, want: 16}, {limit: 1024, want: 128}, {limit: 1 << 20, want: 128}, {limit: 3}}
	for _, tt := range tests {
		if got := reserved(tt.limit); got != tt.want {
			t.Errorf("reserved(%d) = %d, want %d", tt.limit, got, tt.want)
		}
	}
	if got := connectionLimit(); got == 0 {
		t.Error("connectionLimit() = 0")
	}
	if got := (Config{}).withDefaults(); got.MaxConnections != connectionLimit() || len(got.Mounts) != 1 || got.HandshakeTimeout != 5*time.Second {
		t.Errorf("withDefaults() = %+v", got)
	}
}
