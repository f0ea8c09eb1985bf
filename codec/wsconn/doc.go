// Package wsconn runs a WebSocket connection past its handshake: package codec on
// a net.Conn, for both roles.
//
// # Reading
//
// One goroutine reads, with NextMessage, NextFrame, NextReader or Discard. All
// frames of a read are decoded before the next read, and what Next… returns is a
// view into the read buffer where it can be: it lives until the next call of
// Next…, and whoever wants it longer copies it. A connection that waits holds no
// buffer. Pings are answered, the keepalive runs and a close frame is answered
// within Next…, so a connection that only writes has somebody run Discard.
//
// Who does not call Next… for a while does not read: the peer's writes stall, and there
// is no keepalive meanwhile. Close and Abort work all the same. The time counts for the
// MessageTimeout only within a message that NextFrame or NextReader has begun.
//
// # Writing
//
// Any goroutine writes, with Write…, Ping, Pong and MessageWriter, which send at
// once. The reading goroutine may Queue… its replies instead: they go out in one
// write before the next read. Everything goes out in the order of the calls of one
// goroutine; only control frames overtake a message that is being sent in
// fragments (RFC 6455 §5.5).
//
// # Ending
//
// A connection ends once, with one *CloseError: Next… returns it, Err keeps it,
// and Done is closed. Calls take no context: whoever owns the connection ends it
// with Close or Abort, from any goroutine, and its limits end it otherwise.
package wsconn
