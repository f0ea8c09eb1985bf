//go:build !unix

package wsconn

import "net"

// newRaw returns nil: here all connections are plain.
func newRaw(net.Conn, deadliner) transport { return nil }
