// Package child runs the servers that are tested or measured as processes of their own.
package child

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"time"

	"peers/internal/proc"
)

// startLimit is how long a server may take until it listens.
const startLimit = 20 * time.Second

// address finds the address in the line that a server prints.
var address = regexp.MustCompile(`127\.0\.0\.1:\d+`)

// AnyCore lets a server run wherever the kernel likes.
const AnyCore = -1

// A Server is a server that runs.
type Server struct {
	// Addr is where it listens.
	Addr string

	cmd    *exec.Cmd
	stdout io.ReadCloser
	stderr Tail
}

// Start starts a server on a core and waits until it prints where it listens. It is killed
// when ctx ends.
func Start(ctx context.Context, words []string, cpu int) (*Server, error) {
	s := &Server{cmd: exec.CommandContext(ctx, words[0], words[1:]...)}
	s.cmd.Stderr = &s.stderr
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	s.cmd.WaitDelay = time.Second
	var err error
	if s.stdout, err = s.cmd.StdoutPipe(); err != nil {
		return nil, err
	}
	launch := s.cmd.Start
	if cpu != AnyCore {
		launch = func() error { return proc.OnCore(cpu, s.cmd.Start) }
	}
	if err := launch(); err != nil {
		return nil, err
	}
	late := time.AfterFunc(startLimit, func() { s.stdout.Close() })
	line, err := bufio.NewReader(s.stdout).ReadString('\n')
	if !late.Stop() {
		err = fmt.Errorf("it did not listen within %v", startLimit)
	}
	if s.Addr = address.FindString(line); err == nil && s.Addr == "" {
		err = fmt.Errorf("it printed no address: %q", line)
	}
	if err != nil {
		s.Stop()
		return nil, s.Reason(fmt.Errorf("start the server: %w", err))
	}
	return s, nil
}

// PID returns the number of the process.
func (s *Server) PID() int { return s.cmd.Process.Pid }

// Stop kills the server and waits until it is gone.
func (s *Server) Stop() {
	s.cmd.Process.Kill()
	s.cmd.Wait()
}

// Reason adds to err what the server said last. The server must have been stopped.
func (s *Server) Reason(err error) error {
	if said := s.stderr.Said(); said != "" {
		return fmt.Errorf("%w (the server said %q)", err, said)
	}
	return err
}

// A Tail keeps the last that was written to it.
type Tail struct{ b []byte }

// Write implements io.Writer.
func (t *Tail) Write(p []byte) (int, error) {
	const most = 4096
	t.b = append(t.b, p...)
	t.b = t.b[max(0, len(t.b)-most):]
	return len(p), nil
}

// Said returns the line that tells most: the first that looks like the cause, else the last.
func (t *Tail) Said() string {
	lines := strings.Split(strings.TrimSpace(string(t.b)), "\n")
	for _, line := range lines {
		for _, cause := range []string{"panic: ", "fatal error: ", "Error: "} {
			if strings.Contains(line, cause) {
				return line
			}
		}
	}
	return lines[len(lines)-1]
}
