//go:build !unix

package commands

import "os/exec"

// signalled returns the error of a command that was ended from outside.
func signalled(*exec.ExitError) error { return &exitError{code: exitExpectation} }
