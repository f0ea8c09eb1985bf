package codec

import "strconv"

// A HandshakeError is a handshake that broke a rule, or that was refused: the rule,
// and what was found in its place.
type HandshakeError struct {
	// Violation is the rule. Unwrap returns it, for errors.Is.
	Violation *Violation
	// Status is the HTTP status of the refusal: the one that a server is to
	// answer a request with or, for ErrHandshakeStatus, the one that the server
	// has answered with. It is zero for what a client finds wrong in a 101, and
	// for the syntax of a head: there the Violation has the status that a
	// server answers with.
	Status int
	// Detail says what was found. It may be empty. What a peer sent is quoted
	// in it, cut to a few words and safe to print.
	Detail string
	// Fields are the header fields that the refusal must carry.
	Fields []Field
}

// Error returns the rule, what was found and the section.
func (e *HandshakeError) Error() string {
	if e.Detail == "" {
		return e.Violation.Error()
	}
	return e.Violation.Reason + ": " + e.Detail + " (" + e.Violation.Section + ")"
}

// Unwrap returns the violation.
func (e *HandshakeError) Unwrap() error { return e.Violation }

// maxQuoted is how much of what a peer sent an error shows, in bytes.
const maxQuoted = 64

// quote returns s in quotes, escaped, and cut where it is long.
func quote(s string) string {
	if len(s) > maxQuoted {
		return strconv.Quote(s[:maxQuoted]) + "…"
	}
	return strconv.Quote(s)
}
