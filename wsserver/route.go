package wsserver

import (
	"context"
	"fmt"
	"net/http"

	"wskit/codec/wsconn"
)

// A Route decides on an upgrade and returns the session to run, or an error: a
// *Refusal, in which the response is written, or any other, for which it is 500.
// Upgrade runs on the goroutine of the request; the request must not be kept.
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
	// Serve runs the connection, on a goroutine of its own. When it returns,
	// the server performs the closing handshake: nil closes with 1000, a
	// *wsconn.CloseError with its code and reason, any other error with 1011.
	// The context ends with the connection or at shutdown.
	Serve func(ctx context.Context, c *wsconn.Conn) error
}

// A Refusal is the response to an upgrade that a Route refuses. The connection is
// closed behind it.
type Refusal struct {
	// Status is an HTTP status from 200 to 599.
	Status int
	// Header is added to the response. If it has no Content-Type, that is
	// text/plain.
	Header http.Header
	// Body follows the header.
	Body string
}

// Error names the status.
func (r *Refusal) Error() string {
	return fmt.Sprintf("upgrade refused: %d %s", r.Status, http.StatusText(r.Status))
}

// A Mount is a Route at its place.
type Mount struct {
	// Pattern is one of http.ServeMux, beginning with a slash.
	Pattern string
	// Route decides on the upgrades there.
	Route Route
}
