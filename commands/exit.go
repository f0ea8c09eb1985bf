package commands

import (
	"errors"
	"fmt"
)

// The exit codes. They are part of the interface: scripts branch on them.
const (
	exitOK          = 0
	exitExpectation = 1 // an expectation was not met
	exitUsage       = 2 // the command line is wrong
	exitConnect     = 3 // no connection: DNS, TCP, TLS
	exitHandshake   = 4 // the handshake was refused or is invalid
	exitProtocol    = 5 // the peer broke the protocol, or an input file is damaged
	exitTimeout     = 6 // a limit on connecting, the handshake, a write or the close ran out
	exitLocalIO     = 7 // stdout, a file, a port that cannot be bound
	exitLost        = 8 // the connection was lost without a close
	exitClosed      = 9 // the peer closed with another code than 1000, 1001 or none
	exitInterrupted = 130
	exitTerminated  = 143
)

// An exitError ends a command with a code. Its message is one line, and its hint,
// if any, says what to type.
type exitError struct {
	code int
	msg  string
	hint string
	err  error // what msg was made from, for errors.Is
}

func (e *exitError) Error() string { return e.msg }
func (e *exitError) Unwrap() error { return e.err }

// failf returns an error that ends the command with code. A %w in the format is
// kept for errors.Is.
func failf(code int, format string, args ...any) *exitError {
	err := fmt.Errorf(format, args...)
	return &exitError{code: code, msg: err.Error(), err: errors.Unwrap(err)}
}

// usagef returns an error of the command line.
func usagef(format string, args ...any) *exitError { return failf(exitUsage, format, args...) }

// withHint sets the hint.
func (e *exitError) withHint(format string, args ...any) *exitError {
	e.hint = fmt.Sprintf(format, args...)
	return e
}

// usageAt returns err as an error of the command line that says where it is, or nil.
func usageAt(where string, err error) error {
	if err == nil {
		return nil
	}
	e := usagef("%s: %w", where, err)
	if inner := (*exitError)(nil); errors.As(err, &inner) {
		e.hint = inner.hint
	}
	return e
}

// Interrupted is the cause of a context that a signal ended.
type Interrupted struct {
	// Code is the exit code that tells of the signal: 130 or 143.
	Code int
}

// Error says how the command was ended.
func (e Interrupted) Error() string {
	if e.Code == exitTerminated {
		return "terminated"
	}
	return "interrupted"
}
