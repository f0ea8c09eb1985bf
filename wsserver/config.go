package wsserver

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"wskit/codec"
	"wskit/codec/wsconn"
)

// The safe defaults of a Config, and limits that are fixed.
const (
	DefaultHandshakeTimeout = 5 * time.Second
	DefaultPingInterval     = 30 * time.Second

	maxHeadBytes = 16 << 10 // of a request
	maxFields    = 100
	maxTarget    = 8 << 10
)

// A Config says how a Server behaves. The server makes a copy. The hooks are
// called on the goroutine of the request or of the connection, several at once,
// which waits for them.
type Config struct {
	// Mounts are the routes and their patterns. If empty, Echo on every path.
	Mounts []Mount

	// TLS holds at least a certificate. Only HTTP/1.1 is ever negotiated. If
	// nil, connections are plain unless SelfSigned is set.
	TLS *tls.Config
	// SelfSigned adds a certificate from SelfSigned, for the names that are
	// listened on, to TLS.
	SelfSigned bool

	// AllowHosts are further hosts that a request may be for: NAME, NAME:PORT,
	// *.DOMAIN or *. If empty, those are an address, a name without dots,
	// *.localhost, *.local, *.internal, the name of this machine and the names
	// that are listened on or in a certificate.
	AllowHosts []string
	// AllowOrigins are further origins of pages that may connect:
	// scheme://host[:port] in which the host may be *.DOMAIN, null, or * for
	// all. If empty, those are the same host and, for a connection on a
	// loopback address, every loopback origin. Who sends no Origin, as
	// browsers always do, may always connect.
	AllowOrigins []string

	// Subprotocols are what the server speaks, the preferred one first. If
	// empty, no subprotocol is agreed on.
	Subprotocols []string
	// Header is added to each response that accepts an upgrade. If empty,
	// nothing is.
	Header []codec.Field
	// Deflate says how to compress. If nil, permessage-deflate is declined.
	Deflate *codec.DeflateConfig
	// NameQuery is the parameter of a request's query that names its connection, for
	// the events; a value of more than MaxName bytes is refused with 400. If empty,
	// only a Session names it.
	NameQuery string
	// Conn holds the limits and the times of each connection. If its
	// PingInterval is zero, it is DefaultPingInterval; if negative, there is no
	// keepalive. What the handshake decides, and Tap, are not used.
	Conn wsconn.Config

	// MaxConnections is the largest number of connections; the next one is
	// refused with 503. If zero, it is what the limit on descriptors allows,
	// less a reserve; if negative, there is no limit.
	MaxConnections int
	// HandshakeTimeout is how long TLS, and then a request, may take. If zero,
	// DefaultHandshakeTimeout.
	HandshakeTimeout time.Duration

	// Log takes what the hooks do not show: failing accepts, panics and errors
	// of sessions. If nil, they are not logged.
	Log *slog.Logger
	// OnRequest is called behind each request. If nil, it is not.
	OnRequest func(Requested)
	// OnRefuse is called for each request that was refused, and for each
	// upgrade without a route. If nil, it is not.
	OnRefuse func(Refused)
	// OnOpen is called for each connection, before the client gets its answer.
	// If nil, it is not.
	OnOpen func(Opened)
	// OnClose is called behind each connection for which OnOpen was. If nil,
	// it is not.
	OnClose func(Closed)
	// Tap returns the tap of a connection, as in wsconn.Config, or nil for
	// none. The tap sees the handshake too, its request with the headers in
	// alphabetical order. If nil, nothing is tapped.
	Tap func(n uint64) func(from codec.Role, at time.Time, b []byte)
}

// withDefaults returns a copy of c in which each zero is replaced by what it
// stands for.
func (c Config) withDefaults() Config {
	if len(c.Mounts) == 0 {
		c.Mounts = []Mount{{Pattern: "/", Route: Echo()}}
	}
	if c.HandshakeTimeout <= 0 {
		c.HandshakeTimeout = DefaultHandshakeTimeout
	}
	if c.Conn.PingInterval == 0 {
		c.Conn.PingInterval = DefaultPingInterval
	}
	if c.Conn.CloseTimeout <= 0 {
		c.Conn.CloseTimeout = wsconn.DefaultCloseTimeout
	}
	if c.MaxConnections == 0 {
		c.MaxConnections = connectionLimit()
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Deflate != nil {
		deflate := *c.Deflate
		c.Deflate = &deflate
		c.Conn.CompressLevel, c.Conn.CompressMin = deflate.Level, deflate.MinSize
	}
	c.Conn.Role, c.Conn.Tap = codec.RoleServer, nil
	c.Conn = c.Conn.Share()
	return c
}

// checkHandshake checks what the answer to a handshake is made of.
func checkHandshake(c *Config) error {
	for i, p := range c.Subprotocols {
		if codec.CheckField(codec.Field{Name: p}) != nil {
			return configError("subprotocol", p, "it is not a token, which is letters, digits and !#$%&'*+-.^_`|~", "")
		}
		if slices.Contains(c.Subprotocols[:i], p) {
			return configError("subprotocol", p, "it is given twice", "")
		}
	}
	for _, f := range c.Header {
		if err := codec.CheckField(f); err != nil {
			return configError("response header", f.Name, err.Error(), "")
		}
		if codec.HandshakeField(f.Name) {
			return configError("response header", f.Name, "the handshake sets it", "")
		}
	}
	if c.Deflate != nil {
		return c.Deflate.Validate()
	}
	return nil
}

// A ConfigError is a setting that cannot be.
type ConfigError struct {
	// Setting says what the value is for, such as "allowed origin".
	Setting string
	// Value is what was given.
	Value string
	// Problem says what is wrong, in a few words.
	Problem string

	hint string
}

// Error names the setting, its value and the problem.
func (e *ConfigError) Error() string {
	return fmt.Sprintf("bad %s %q: %s", e.Setting, e.Value, e.Problem)
}

// Hint says what to type instead, or is empty.
func (e *ConfigError) Hint() string { return e.hint }

func configError(setting, value, problem, hint string) error {
	return &ConfigError{Setting: setting, Value: value, Problem: problem, hint: hint}
}
