// Package wsserver serves WebSocket connections: it listens, routes requests with
// the patterns of net/http, guards the upgrade (RFC 6455 §4.2) against strangers,
// runs a behaviour or any other session on each connection, and shuts down
// gracefully.
package wsserver
