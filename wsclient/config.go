package wsclient

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
	"unicode"

	"wskit/codec"
	"wskit/codec/wsconn"
)

// The safe defaults of a Config, and limits that are fixed.
const (
	DefaultConnectTimeout   = 10 * time.Second
	DefaultHandshakeTimeout = 10 * time.Second

	maxHeadBytes = 64 << 10 // of a response, interim responses included
	maxBodyBytes = 4 << 10  // of a refusal
	bodyTimeout  = time.Second
)

// A Config says where and how to dial. Dial changes nothing in it.
type Config struct {
	// URL is where to go. It is required.
	URL *URL
	// Header is sent behind the handshake's own fields, in its order; Host,
	// User-Agent and Origin replace those, and Authorization the credentials of
	// the URL. If empty, nothing is added.
	Header []codec.Field
	// Host is sent in place of the URL's host and port. If empty, those are.
	Host string
	// Origin and UserAgent are sent as the fields of these names. If empty, the
	// field is left out.
	Origin, UserAgent string
	// Subprotocols are offered, the preferred one first. If empty, none is.
	Subprotocols []string
	// Deflate is what to offer for permessage-deflate. If nil, nothing is.
	Deflate *codec.DeflateConfig
	// TLS says how to verify the server of a wss URL. If its ServerName is
	// empty, that is the URL's host; only TLS 1.2 or later and HTTP/1.1 are ever
	// negotiated. If nil, the system's certificates are trusted.
	TLS *tls.Config
	// ConnectTimeout is how long resolving, connecting and TLS may take
	// together. If zero, DefaultConnectTimeout; if negative, as ctx says.
	ConnectTimeout time.Duration
	// HandshakeTimeout is how long the opening handshake may take after that.
	// If zero, DefaultHandshakeTimeout; if negative, as ctx says.
	HandshakeTimeout time.Duration
	// Dial makes the connection, in the manner of net.Dialer.DialContext. If
	// nil, a net.Dialer does.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
	// Conn holds the limits and the times of the connection. Its Tap sees the
	// handshake too. What the handshake decides is not used.
	Conn wsconn.Config
}

// A ConfigError is a setting with which no handshake can be made: a header that
// cannot be sent, say.
type ConfigError struct {
	// Err names the setting and says what is wrong.
	Err error
}

// Error says what is wrong.
func (e *ConfigError) Error() string { return "make handshake: " + e.Err.Error() }

// Unwrap returns the cause.
func (e *ConfigError) Unwrap() error { return e.Err }

// Check returns a *ConfigError unless a handshake can be made of c. Dial checks it
// too.
func (c *Config) Check() error {
	_, _, err := c.request()
	return err
}

// Request returns the request of the opening handshake that Dial would send. Its key is
// a new one.
func (c *Config) Request() (codec.Head, error) {
	_, head, err := c.request()
	return head, err
}

var errNoURL = errors.New("there is no URL")

// request returns the handshake and its head. The nonce is a new one.
func (c *Config) request() (*codec.ClientHandshake, codec.Head, error) {
	if c.URL == nil {
		return nil, codec.Head{}, &ConfigError{errNoURL}
	}
	if c.Deflate != nil {
		if err := c.Deflate.Validate(); err != nil {
			return nil, codec.Head{}, &ConfigError{err}
		}
	}
	h := &codec.ClientHandshake{
		Target: c.URL.Target, Host: c.Host, Nonce: newNonce(),
		UserAgent: c.UserAgent, Origin: c.Origin,
		Protocols: c.Subprotocols, Deflate: c.Deflate,
	}
	if h.Host == "" {
		h.Host = c.URL.HostHeader()
	}
	if auth, ok, err := c.authorization(); err != nil {
		return nil, codec.Head{}, &ConfigError{err}
	} else if ok {
		h.Fields = append(h.Fields, auth)
	}
	h.Fields = append(h.Fields, c.Header...)
	head, err := h.Head()
	if err != nil {
		return nil, codec.Head{}, &ConfigError{err}
	}
	return h, head, nil
}

// authorization returns the field for the credentials of the URL (RFC 7617), if
// there are any and the header has none.
func (c *Config) authorization() (f codec.Field, ok bool, err error) {
	if c.URL.User == nil {
		return codec.Field{}, false, nil
	}
	for _, f := range c.Header {
		if strings.EqualFold(f.Name, "Authorization") {
			return codec.Field{}, false, nil
		}
	}
	password, _ := c.URL.User.Password()
	credentials := fmt.Sprintf("%s:%s", c.URL.User.Username(), password)
	if strings.ContainsFunc(credentials, unicode.IsControl) { // RFC 7617 §2
		return codec.Field{}, false, errors.New("the credentials of the URL have a control character")
	}
	return codec.Field{
		Name:  "Authorization",
		Value: "Basic " + base64.StdEncoding.EncodeToString([]byte(credentials)),
	}, true, nil
}

// timeout applies a default to a time that may be negative for none.
func timeout(d, def time.Duration) time.Duration {
	if d == 0 {
		return def
	}
	return max(d, 0)
}
