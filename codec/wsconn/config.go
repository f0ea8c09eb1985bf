package wsconn

import (
	"io"
	"time"

	"wskit/codec"
)

// The safe defaults of a Config.
const (
	DefaultMaxMessage     = 16 << 20
	DefaultMaxFragments   = 16384
	DefaultPingTimeout    = 20 * time.Second
	DefaultWriteTimeout   = 10 * time.Second
	DefaultCloseTimeout   = 5 * time.Second
	DefaultMessageTimeout = 30 * time.Second
)

// A Config says how a connection behaves. The zero value is a server with the
// safe limits and without keepalive.
type Config struct {
	// Role is the end of the connection that this is. If zero, the server.
	Role codec.Role
	// Subprotocol is what the handshake agreed on. If zero, none.
	Subprotocol string
	// Deflate is what the handshake agreed on for permessage-deflate. If nil,
	// there is no compression. It must not be changed afterwards.
	Deflate *codec.Deflate
	// CompressLevel is 1 (fast) to 9 (small), or taken as the nearest of these.
	// If zero, codec.DefaultLevel. See codec.NewCompressor for where it counts.
	CompressLevel int
	// CompressMin is the size in bytes of the smallest message that is sent
	// compressed. If zero, codec.DefaultMinSize; if negative, every message is.
	CompressMin int
	// Buffered holds what was read past the handshake. It is copied. If zero,
	// nothing was.
	Buffered []byte

	// MaxMessage is the largest incoming message in bytes, after inflation. If
	// zero, DefaultMaxMessage; if negative, there is no limit.
	MaxMessage int64
	// MaxFrame is the largest payload of an incoming frame in bytes, before
	// inflation. If zero or negative, only MaxMessage bounds it.
	MaxFrame int64
	// MaxFragments is the largest number of frames of an incoming message. If
	// zero, DefaultMaxFragments; if negative, there is no limit.
	MaxFragments int
	// FragmentSize is the largest payload of a frame that is sent, in bytes.
	// If zero, a message is one frame.
	FragmentSize int

	// PingInterval is the time between two pings of the keepalive. If zero,
	// there is no keepalive.
	PingInterval time.Duration
	// PingTimeout is how long the peer may send nothing at all after a ping of
	// the keepalive. If zero, DefaultPingTimeout; if negative, for ever.
	PingTimeout time.Duration
	// WriteTimeout is how long a write of at most 256 KiB may take. If zero,
	// DefaultWriteTimeout; if negative, for ever.
	WriteTimeout time.Duration
	// CloseTimeout is how long the closing handshake may take, the end of TCP
	// included. If zero, DefaultCloseTimeout. It cannot be without a limit.
	CloseTimeout time.Duration
	// MessageTimeout is how long a message, or a frame, may take from its first
	// byte to its last. If zero, DefaultMessageTimeout; if negative, for ever.
	MessageTimeout time.Duration

	// Tap sees the raw bytes of both directions, as they are on the wire (masked;
	// within TLS), Buffered included. From is the role of who sent them. The
	// bytes are borrowed until Tap returns, and in order within a direction.
	// The two directions call it from different goroutines, perhaps at once. If
	// nil, nothing is tapped.
	Tap func(from codec.Role, at time.Time, b []byte)
	// OnControl is called with each incoming ping and pong, by the reading
	// goroutine within Next… or by a Close that reads in its place; the payload
	// is borrowed until it returns. It may write, but not read or close. If nil,
	// pings are answered all the same.
	OnControl func(op codec.Opcode, payload []byte)
	// OnWait is called by the reading goroutine within Next… each time when all
	// that has arrived is decoded, before it waits for more, and so once for all
	// the messages of a read; and before it waits for a Close that reads in its
	// place, which does not call it. It may queue, which goes out then, but not
	// read or close. If nil, nothing is called.
	OnWait func()

	// OnClose is called when the peer's close frame comes and none was sent, before
	// it is answered, by the reading goroutine within Next… or by a Close that reads
	// in its place. Messages can still be sent: it is for who answers them behind the
	// back of the reader, and may wait for that, but CloseTimeout runs. It must not
	// read or close. If nil, nothing is called.
	OnClose func()

	// rand is the source of masking keys. If nil, it is crypto/rand.
	rand io.Reader
	// limits are what Share has fixed, nil before it was called.
	limits *limits
}

// Share returns a copy of c whose times and limits are fixed: to change them has no
// effect any more, and all connections that are made with it hold them in one place.
// It is for who makes many.
func (c Config) Share() Config {
	c.limits = c.resolveLimits()
	return c
}

// Unshare returns a copy of c whose times and limits can be changed again, after Share:
// a connection that is made with it holds its own.
func (c Config) Unshare() Config {
	c.limits = nil
	return c
}

// limits are the limits and times of a connection, with 0 for what has none. They
// are never changed.
type limits struct {
	maxMessage, maxFrame                                                  uint64
	maxFragments                                                          int
	pingInterval, pingTimeout, writeTimeout, closeTimeout, messageTimeout time.Duration
}

func (c *Config) resolveLimits() *limits {
	l := &limits{
		maxMessage:     uint64(limit(c.MaxMessage, DefaultMaxMessage)),
		maxFrame:       uint64(max(c.MaxFrame, 0)),
		maxFragments:   limit(c.MaxFragments, DefaultMaxFragments),
		pingInterval:   max(c.PingInterval, 0),
		pingTimeout:    limit(c.PingTimeout, DefaultPingTimeout),
		writeTimeout:   limit(c.WriteTimeout, DefaultWriteTimeout),
		closeTimeout:   c.CloseTimeout,
		messageTimeout: limit(c.MessageTimeout, DefaultMessageTimeout),
	}
	if l.closeTimeout <= 0 {
		l.closeTimeout = DefaultCloseTimeout
	}
	return l
}

// hooks are the functions of a Config. They are never changed.
type hooks struct {
	tap       func(from codec.Role, at time.Time, b []byte)
	onControl func(op codec.Opcode, payload []byte)
	onWait    func()
	onClose   func()
}

// noHooks are those of a connection without any.
var noHooks hooks

func (c *Config) resolveHooks() *hooks {
	if c.Tap == nil && c.OnControl == nil && c.OnWait == nil && c.OnClose == nil {
		return &noHooks
	}
	return &hooks{tap: c.Tap, onControl: c.OnControl, onWait: c.OnWait, onClose: c.OnClose}
}

// An agreement is what few handshakes agree on.
type agreement struct {
	subprotocol string
	deflate     *codec.Deflate // nil for none
	inflater    *inflater      // nil without compression
}

// noAgreement is that of a connection without any.
var noAgreement agreement

func (c *Config) resolveAgreement() *agreement {
	if c.Subprotocol == "" && c.Deflate == nil {
		return &noAgreement
	}
	a := &agreement{subprotocol: c.Subprotocol, deflate: c.Deflate}
	if c.Deflate != nil {
		a.inflater = newInflater(c)
	}
	return a
}

// limit returns v with its zero replaced by def, and with 0 for what means no limit.
func limit[T int | int64 | time.Duration](v, def T) T {
	if v == 0 {
		return def
	}
	return max(v, 0)
}
