// Package trace has the one event format of this tool: what happened on a
// WebSocket connection, as Go values, as JSON Lines for programs ([Writer]) and as
// text for people ([Text]). It also has the table of everything that can be wrong
// with a connection, and explains its words ([Explain]).
//
// An event holds what a peer sent, to the byte. What leaves this package is made
// safe on the way out: text is escaped, JSON has no control characters, secrets of
// the handshake are redacted unless they are asked for.
package trace
