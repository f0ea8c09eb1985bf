package interop

import "syscall"

// dieWithParent ends a child when the tests are killed before they could.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
}
