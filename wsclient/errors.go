package wsclient

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"

	"wskit/codec"
)

// An Op is a step of making a connection.
type Op string

// The steps in their order.
const (
	OpResolve Op = "resolve"
	OpConnect Op = "connect"
	OpTLS     Op = "tls"
)

// A DialError says that there is no connection to shake hands on.
type DialError struct {
	// Op is the step that failed.
	Op Op
	// Addr is the host and port, or the path of the unix socket.
	Addr string
	// Err is the cause.
	Err error

	hint string
}

// Error names the step, the address and the cause.
func (e *DialError) Error() string {
	err := cause(e.Err)
	switch e.Op {
	case OpResolve:
		return fmt.Sprintf("resolve %s: %v", e.Addr, err)
	case OpTLS:
		return fmt.Sprintf("set up TLS with %s: %v", e.Addr, err)
	}
	return fmt.Sprintf("connect to %s: %v", e.Addr, err)
}

// Unwrap returns the cause.
func (e *DialError) Unwrap() error { return e.Err }

// Timeout reports whether the time ran out.
func (e *DialError) Timeout() bool { return isTimeout(e.Err) }

// Hint says what to try, or is empty.
func (e *DialError) Hint() string { return e.hint }

// The causes of a *HandshakeError, besides those of codec and of the network.
var (
	// ErrRefused says that the server answered with a status other than 101.
	ErrRefused = errors.New("the server refused the handshake")
	// ErrNotHTTP says that the server answered with something else than HTTP.
	ErrNotHTTP = errors.New("the answer is not HTTP")
	// ErrNoAnswer says that the server closed the connection without an answer.
	ErrNoAnswer = errors.New("the server closed the connection without an answer")
	// ErrShortAnswer says that the server closed the connection within its
	// answer.
	ErrShortAnswer = errors.New("the server closed the connection within its answer")
)

// A HandshakeError says that the server refused the opening handshake, or that its
// answer broke a rule.
type HandshakeError struct {
	// Status is the HTTP status of the answer, zero when there was none.
	Status int
	// Response is the head of the answer, as far as it could be read.
	Response codec.Head
	// Body is the start of the body of a refusal, at most 4 KiB.
	Body []byte
	// More says that the body is longer than that.
	More bool
	// Err is the cause: one of this package, a *codec.HandshakeError, or an
	// error of the network. What a peer sent is quoted in it.
	Err error

	raw    []byte // the start of an answer that is not HTTP
	detail string
	hint   string
}

// Error says what went wrong. What the peer sent is quoted.
func (e *HandshakeError) Error() string {
	s := "shake hands: " + cause(e.Err).Error()
	if e.detail != "" {
		s += ": " + e.detail
	}
	return s
}

// Unwrap returns the cause.
func (e *HandshakeError) Unwrap() error { return e.Err }

// Timeout reports whether the time ran out.
func (e *HandshakeError) Timeout() bool { return isTimeout(e.Err) }

// Hint says what to try, or is empty.
func (e *HandshakeError) Hint() string { return e.hint }

func isTimeout(err error) bool {
	t, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err)
	return ok && t.Timeout()
}

// How a time that ran out, and an end that came too early, are shown.
var (
	errTimeout = errors.New("it takes too long")
	errClosed  = errors.New("the server closed the connection")
)

// cause drops what net says about an operation and an address that the error names
// itself.
func cause(err error) error {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) {
		return errTimeout
	}
	if errors.Is(err, io.EOF) {
		return errClosed
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return errors.New(dns.Err)
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Err != nil {
		err = op.Err
	}
	if sys, ok := errors.AsType[*os.SyscallError](err); ok {
		err = sys.Err
	}
	return err
}
