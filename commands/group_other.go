//go:build !unix

package commands

import (
	"io"
	"os/exec"
)

// A group is a command.
type group struct{ cmd *exec.Cmd }

func newGroup(cmd *exec.Cmd, _ io.Reader) *group { return &group{cmd} }

// interrupt does nothing: a console tells the command too.
func (g *group) interrupt(error) {}

func (g *group) kill() { g.cmd.Process.Kill() }

// signalled returns the error of a command that was ended from outside.
func signalled(*exec.ExitError) error { return &exitError{code: exitExpectation} }
