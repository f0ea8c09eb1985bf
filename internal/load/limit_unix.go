//go:build unix

package load

import (
	"math"
	"os"
	"syscall"
)

// systemLimits returns the limits of this process. The runtime has raised that of
// the descriptors as far as it may be raised.
func systemLimits() limits {
	l := limits{descriptors: -1, used: -1, ports: localPorts()}
	var r syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &r) == nil {
		l.descriptors = int(min(uint64(r.Cur), math.MaxInt32))
		l.used = openFiles()
	}
	return l
}

// openFiles returns the number of open descriptors, or a guess.
func openFiles() int {
	for _, dir := range []string{"/proc/self/fd", "/dev/fd"} {
		if list, err := os.ReadDir(dir); err == nil {
			return len(list)
		}
	}
	return 8
}
