//go:build unix

package commands

import (
	"errors"
	"io"
	"os/exec"
	"syscall"

	"wskit/internal/term"
)

// A group is a command and what it starts.
type group struct {
	cmd *exec.Cmd
	own bool // it is a process group of its own
}

// newGroup prepares cmd. At a terminal it stays in our process group, to be able to
// read what is typed: then the terminal's Ctrl-C reaches it, and all that it has
// started, without us.
func newGroup(cmd *exec.Cmd, stdin io.Reader) *group {
	g := &group{cmd: cmd, own: !term.IsTerminal(stdin)}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: g.own}
	return g
}

// interrupt passes on the signal that ended a context with this cause.
func (g *group) interrupt(cause error) {
	signal := syscall.SIGINT
	if in := (Interrupted{}); errors.As(cause, &in) && in.Code == exitTerminated {
		signal = syscall.SIGTERM
	}
	if g.own || signal != syscall.SIGINT {
		g.signal(signal)
	}
}

func (g *group) kill() { g.signal(syscall.SIGKILL) }

func (g *group) signal(s syscall.Signal) {
	pid := g.cmd.Process.Pid
	if g.own {
		pid = -pid
	}
	syscall.Kill(pid, s) // an error says that it has ended
}

// signalled returns the error of a command that a signal ended, with the exit code
// of a shell: 128 and the signal's number.
func signalled(exit *exec.ExitError) error {
	status, ok := exit.Sys().(syscall.WaitStatus)
	if !ok {
		return &exitError{code: exitExpectation}
	}
	return &exitError{code: 128 + int(status.Signal())}
}
