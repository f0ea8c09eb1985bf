package wsserver

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"wskit/codec/wsconn"
)

// A Route decides on an upgrade and returns the session to run, or an error: a
// *Refusal, in which the response is written, or any other, for which it is 500.
// Upgrade runs on the goroutine of the request; the request must not be kept. It may
// take its time: the request's context ends when shutdown begins, or when the client
// goes away, unless that has sent something behind its request. An upgrade that has
// not ended counts as a connection. RequestName tells the name that the client chose.
type Route interface {
	Upgrade(r *http.Request) (*Session, error)
}

// A RouteFunc is a function that is a Route.
type RouteFunc func(r *http.Request) (*Session, error)

// Upgrade calls f.
func (f RouteFunc) Upgrade(r *http.Request) (*Session, error) { return f(r) }

// A Session serves one connection. The server does not change it: one value may
// serve many.
type Session struct {
	// Protocol is the subprotocol, one that the client offered. If empty, it
	// is the first of Config.Subprotocols that the client offered, if any.
	Protocol string
	// Header is added to the response. If nil, nothing is.
	Header http.Header
	// NoCompression keeps permessage-deflate off, whatever the client offers.
	NoCompression bool
	// Name names the connection, for the events, in at most MaxName bytes. If
	// empty, that is what Config.NameQuery finds.
	Name string
	// Configure changes the connection's configuration, which begins as
	// Config.Conn, before the client gets its answer: its limits, its times and
	// its hooks. What the handshake decides, and Tap, are not taken from it. The
	// hooks are called by whoever reads, which is Serve, but at shutdown may be
	// another goroutine, and before Serve begins. If nil, Config.Conn is used as
	// it is, and costs a connection no memory.
	Configure func(*wsconn.Config)
	// Delay is how long the client waits for its answer: a fault, for tests of
	// clients. When shutdown begins it is refused instead; a client that goes away
	// ends the wait. If zero or negative, there is none.
	Delay time.Duration
	// Accept is sent as Sec-WebSocket-Accept: a fault, for tests of clients. If
	// empty, the right value is.
	Accept string
	// Serve runs the connection, on a goroutine of its own. When it returns,
	// the server performs the closing handshake: nil closes with 1000, a
	// *wsconn.CloseError with its code and reason, any other error with 1011.
	// The context ends with the connection or at shutdown.
	Serve func(ctx context.Context, c *wsconn.Conn) error
}

// MaxName is the length of the longest name of a connection, in bytes.
const MaxName = 256

// A Refusal is the response to an upgrade that a Route refuses. The connection is
// closed behind it.
type Refusal struct {
	// Status is an HTTP status from 200 to 599, unless Drop is set.
	Status int
	// Header is added to the response. If it has no Content-Type, that is
	// text/plain.
	Header http.Header
	// Body follows the header.
	Body string
	// Reason says why in the log, in a few words. If empty, that the route refuses it.
	Reason string
	// Delay is as in Session.
	Delay time.Duration
	// Drop resets the connection instead of an answer: a fault, for tests of
	// clients.
	Drop bool
}

// Error names the status.
func (r *Refusal) Error() string {
	if r.Drop {
		return "upgrade refused: the connection is dropped"
	}
	return fmt.Sprintf("upgrade refused: %d %s", r.Status, http.StatusText(r.Status))
}

// A Mount is a Route at its place.
type Mount struct {
	// Pattern is one of http.ServeMux, beginning with a slash.
	Pattern string
	// Route decides on the upgrades there.
	Route Route
}
