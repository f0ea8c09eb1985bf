package load

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// shareLocalPorts has the kernel choose the local port when it connects, by source
// and destination, and not when it binds the source alone: else all destinations
// share the ports of a source.
func shareLocalPorts(_, _ string, rc syscall.RawConn) error {
	return rc.Control(func(fd uintptr) {
		// An old kernel that cannot has fewer ports.
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1)
	})
}
