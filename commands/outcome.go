package commands

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"

	"wskit/codec"
	"wskit/codec/wsconn"
	"wskit/internal/term"
	"wskit/wsclient"
)

// hinted is an error that knows what to try.
type hinted interface{ Hint() string }

// failure makes err the error that a command ends with, its own hint included.
func failure(code int, err error) *exitError {
	e := failf(code, "%w", err)
	if h := hinted(nil); errors.As(err, &h) {
		e.hint = h.Hint()
	}
	return e
}

// dialFailure turns the error of a dial into an exit code and a message.
func dialFailure(ctx context.Context, err error) error {
	if e := interruption(ctx); e != nil {
		return e
	}
	var refused *wsclient.HandshakeError
	var dial *wsclient.DialError
	code := exitUsage
	switch {
	case errors.As(err, &refused):
		code = exitHandshake
		if refused.Timeout() {
			code = exitTimeout
		}
	case errors.As(err, &dial):
		code = exitConnect
		if dial.Timeout() {
			code = exitTimeout
		}
	}
	return failure(code, err)
}

// showRefusal prints what a server answered instead of an upgrade: the status
// line, the headers that tell why, and the beginning of the body.
func (env *Env) showRefusal(err *wsclient.HandshakeError) {
	if err.Status == 0 {
		return
	}
	var b strings.Builder
	fmt.Fprintf(&b, "< %s\n", term.Escape(err.Response.Start))
	for _, f := range err.Response.Fields {
		switch strings.ToLower(f.Name) {
		case "location", "www-authenticate", "retry-after", "content-type", "sec-websocket-version", "server", "upgrade":
			fmt.Fprintf(&b, "< %s: %s\n", term.Escape(f.Name), term.Escape(f.Value))
		}
	}
	for line := range strings.Lines(strings.TrimRight(string(err.Body), "\r\n")) {
		fmt.Fprintf(&b, "  %s\n", term.Escape(strings.TrimRight(line, "\r\n")))
	}
	if err.More {
		b.WriteString("  …\n")
	}
	env.Stderr.Write([]byte(b.String()))
}

// interruption returns the error of a command that a signal ended, or nil.
func interruption(ctx context.Context) error {
	var sig Interrupted
	if !errors.As(context.Cause(ctx), &sig) {
		return nil
	}
	return &exitError{code: sig.Code}
}

// closeFailure turns the end of a connection into an exit code and a message. A
// normal end is nil.
func closeFailure(end *wsconn.CloseError) error {
	var v *codec.Violation
	switch {
	case end == nil:
		return nil
	case errors.As(end.Err, &v):
		return failf(exitProtocol, "the server broke the protocol: %w", v).withHint("wskit explain %s", v.Code)
	case errors.Is(end.Err, wsconn.ErrWriteTimeout), errors.Is(end.Err, wsconn.ErrCloseTimeout),
		errors.Is(end.Err, wsconn.ErrMessageTimeout):
		return failf(exitTimeout, "%w", end.Err)
	case errors.Is(end.Err, wsconn.ErrPingTimeout):
		return failf(exitLost, "the connection was lost: %w", end.Err)
	case end.By == wsconn.Lost:
		return failf(exitLost, "the connection was lost without a close frame (1006): %s", lost(end.Err)).withHint("wskit explain 1006")
	case end.By == wsconn.Peer && !normal(end.Code):
		msg := "the server closed with " + end.Code.String()
		if end.Reason != "" {
			msg += fmt.Sprintf(": %q", end.Reason)
		}
		return failf(exitClosed, "%s", msg).withHint("wskit explain %d", end.Code)
	}
	return nil
}

// lost says how a connection broke off.
func lost(err error) string {
	if err == nil || errors.Is(err, io.EOF) {
		return "the server ended the stream"
	}
	return cause(err).Error()
}

// cause drops what net and os say of an operation that the message names itself.
func cause(err error) error {
	if e, ok := errors.AsType[*net.OpError](err); ok {
		err = e.Err
	}
	if e, ok := errors.AsType[*os.PathError](err); ok {
		err = e.Err
	}
	if e, ok := errors.AsType[*os.SyscallError](err); ok {
		err = e.Err
	}
	return err
}

// normal reports whether code is that of a connection that ended as planned.
func normal(code codec.CloseCode) bool {
	switch code {
	case codec.CloseNormal, codec.CloseGoingAway, codec.CloseNoStatus:
		return true
	}
	return false
}
