package conform

// openingCases are about how a server answers the request of an opening handshake (RFC 6455 §4.2).
func openingCases() []*Case { return nil }
