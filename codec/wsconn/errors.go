package wsconn

import (
	"errors"
	"fmt"

	"wskit/codec"
)

// The causes of a *CloseError that are neither a violation nor an error of the
// network, and the errors of a call that the connection survives.
var (
	// ErrPingTimeout says that a ping of the keepalive went unanswered.
	ErrPingTimeout = errors.New("the peer did not answer a ping in time")
	// ErrWriteTimeout says that the peer did not take what was sent.
	ErrWriteTimeout = errors.New("the peer did not take a write in time")
	// ErrMessageTimeout says that a message did not arrive whole in time.
	ErrMessageTimeout = errors.New("a message took too long to arrive")
	// ErrCloseTimeout says that the peer did not answer a close frame.
	ErrCloseTimeout = errors.New("the peer did not answer the close in time")
	// ErrAborted says that Abort was called.
	ErrAborted = errors.New("the connection was aborted")

	// ErrClosing is returned by a write once a close frame was sent: nothing
	// may follow it (RFC 6455 §5.5.1).
	ErrClosing = errors.New("a close frame was sent")
	// ErrOpcode is returned by a write whose opcode it cannot send.
	ErrOpcode = errors.New("the opcode cannot be sent this way")
	// ErrFrameOrder is returned by a write of a frame that does not continue
	// the message in progress, or has none to continue (RFC 6455 §5.4).
	ErrFrameOrder = errors.New("the frame does not fit the message in progress")
	// ErrControlTooLong is returned by a write of a control frame with more
	// than codec.MaxControlPayload bytes.
	ErrControlTooLong = errors.New("a control frame carries at most 125 bytes")
	// ErrNoCompression is returned by a write that must compress what the
	// handshake did not agree to compress.
	ErrNoCompression = errors.New("compression was not agreed on")
)

// By says who ended a connection.
type By uint8

// Who ended a connection.
const (
	// Local is this end: it sent the first close frame, or aborted.
	Local By = iota
	// Peer is the other end: it sent the first close frame.
	Peer
	// Lost is nobody: the connection ended without a close frame.
	Lost
)

// String returns "local", "peer" or "lost".
func (b By) String() string {
	switch b {
	case Local:
		return "local"
	case Peer:
		return "peer"
	}
	return "lost"
}

// A CloseError says how a connection ended. It is the one error that a connection
// ends with; nothing else tells.
type CloseError struct {
	// Code is the code of the first close frame, codec.CloseNoStatus when that
	// was empty and codec.CloseAbnormal when there was none.
	Code codec.CloseCode
	// Reason is that of the first close frame. A peer's is valid UTF-8, but
	// otherwise as the peer sent it: escape it before showing it.
	Reason string
	// By says who ended the connection.
	By By
	// Err is the cause: a *codec.Violation by the peer, one of this package's
	// errors, or an error of the network. It is nil after a proper close.
	Err error
}

// Error says who ended the connection and why. A reason is quoted.
func (e *CloseError) Error() string {
	var s string
	switch e.By {
	case Local:
		s = "closed with " + e.Code.String()
	case Peer:
		s = "closed by the peer with " + e.Code.String()
	default:
		s = "connection lost"
	}
	if e.Err != nil {
		return s + ": " + e.Err.Error()
	}
	if e.Reason != "" {
		s += fmt.Sprintf(" %q", e.Reason)
	}
	return s
}

// Unwrap returns the cause.
func (e *CloseError) Unwrap() error { return e.Err }
