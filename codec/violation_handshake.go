package codec

// handshakeViolations lists the violations of the opening handshake and of the
// negotiation of extensions.
func handshakeViolations() []*Violation { return nil }
