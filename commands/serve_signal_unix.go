//go:build unix

package commands

import (
	"os/exec"
	"syscall"
)

// signalled returns the error of a command that a signal ended, with the exit code
// of a shell: 128 and the signal's number.
func signalled(exit *exec.ExitError) error {
	status, ok := exit.Sys().(syscall.WaitStatus)
	if !ok {
		return &exitError{code: exitExpectation}
	}
	return &exitError{code: 128 + int(status.Signal())}
}
