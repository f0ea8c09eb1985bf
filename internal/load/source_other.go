//go:build !linux

package load

import "syscall"

// shareLocalPorts has nothing to do on this system.
func shareLocalPorts(string, string, syscall.RawConn) error { return nil }
