package wsclient

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"net"
	"net/http/httptrace"
	"strings"
	"time"

	"wskit/codec"
	"wskit/codec/wsconn"
)

// A Conn is a connection and what is known of how it came about.
type Conn struct {
	*wsconn.Conn

	// URL is where it goes.
	URL *URL
	// Request and Response are the heads of the opening handshake.
	Request, Response codec.Head
	// Agreement is what was agreed on.
	Agreement codec.Agreement
	// TLS is the state of TLS, nil without it.
	TLS *tls.ConnectionState
	// Timings says how long each step took.
	Timings Timings
}

// Timings says how long the steps of a connection took. A step that there was not
// is zero.
type Timings struct {
	// DNS is the time to resolve the name.
	DNS time.Duration
	// Connect is the time to connect, without DNS.
	Connect time.Duration
	// TLS is the time of the TLS handshake.
	TLS time.Duration
	// Handshake is the time from the request to the end of the response's head.
	Handshake time.Duration
}

// Dial connects and performs the opening handshake (RFC 6455 §4.1). When ctx ends
// before, so does Dial; afterwards it means nothing to the connection. The error is
// a *ConfigError, before anything is sent, a *DialError or a *HandshakeError.
func Dial(ctx context.Context, cfg Config) (*Conn, error) {
	handshake, head, err := cfg.request()
	if err != nil {
		return nil, err
	}
	c := &Conn{URL: cfg.URL, Request: head}
	nc, err := c.connect(ctx, &cfg)
	if err != nil {
		return nil, err
	}
	early, err := c.handshake(ctx, nc, &cfg, handshake)
	if err != nil {
		nc.Close()
		return nil, err
	}
	wscfg := cfg.Conn
	wscfg.Role, wscfg.Buffered = codec.RoleClient, early
	wscfg.Subprotocol, wscfg.Deflate = c.Agreement.Protocol, c.Agreement.Deflate
	if cfg.Deflate != nil {
		wscfg.CompressLevel, wscfg.CompressMin = cfg.Deflate.Level, cfg.Deflate.MinSize
	}
	c.Conn = wsconn.New(nc, wscfg)
	return c, nil
}

// Connect resolves, connects and sets up TLS as Dial does, and leaves the opening
// handshake to the caller. A connection with TLS is a *tls.Conn. The error is a
// *ConfigError or a *DialError.
func Connect(ctx context.Context, cfg Config) (net.Conn, error) {
	if cfg.URL == nil {
		return nil, &ConfigError{errNoURL}
	}
	return (&Conn{URL: cfg.URL}).connect(ctx, &cfg)
}

// connect resolves, connects and sets up TLS, all within ConnectTimeout.
func (c *Conn) connect(ctx context.Context, cfg *Config) (net.Conn, error) {
	if d := timeout(cfg.ConnectTimeout, DefaultConnectTimeout); d > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, d)
		defer cancel()
	}
	network, addr := cfg.URL.Addr()
	dial := cfg.Dial
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	began := time.Now()
	nc, err := dial(c.traceDNS(ctx), network, addr)
	c.Timings.Connect = time.Since(began) - c.Timings.DNS
	if err != nil {
		op := OpConnect
		if _, ok := errors.AsType[*net.DNSError](err); ok {
			op, addr = OpResolve, cfg.URL.Host
		}
		return nil, &DialError{Op: op, Addr: addr, Err: err, hint: connectHint(cfg.URL, err)}
	}
	if !cfg.URL.Secure {
		return nc, nil
	}
	began = time.Now()
	secure := tls.Client(nc, tlsConfig(cfg))
	if err := secure.HandshakeContext(ctx); err != nil {
		nc.Close()
		return nil, &DialError{Op: OpTLS, Addr: addr, Err: err, hint: tlsHint(cfg.URL, err)}
	}
	c.Timings.TLS = time.Since(began)
	state := secure.ConnectionState()
	c.TLS = &state
	return secure, nil
}

// traceDNS returns a context in which a net.Dialer's time for DNS goes to Timings.
func (c *Conn) traceDNS(ctx context.Context) context.Context {
	var began time.Time
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		DNSStart: func(httptrace.DNSStartInfo) { began = time.Now() },
		DNSDone:  func(httptrace.DNSDoneInfo) { c.Timings.DNS = time.Since(began) },
	})
}

func tlsConfig(cfg *Config) *tls.Config {
	t := cfg.TLS.Clone()
	if t == nil {
		t = &tls.Config{}
	}
	if t.ServerName == "" {
		t.ServerName, _, _ = strings.Cut(cfg.URL.Host, "%")
	}
	if t.ServerName == "" {
		t.ServerName = "localhost"
	}
	t.MinVersion = max(t.MinVersion, tls.VersionTLS12)
	t.NextProtos = []string{"http/1.1"}
	return t
}

func newNonce() (nonce [16]byte) {
	rand.Read(nonce[:])
	return nonce
}
