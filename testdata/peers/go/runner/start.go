package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"peers/internal/proc"
	"peers/internal/result"
)

// startLimit is how long a server may take until it listens.
const startLimit = 20 * time.Second

// address finds the address in the line that a server prints.
var address = regexp.MustCompile(`127\.0\.0\.1:\d+`)

// A process is a server that runs.
type process struct {
	cmd    *exec.Cmd
	stdout io.ReadCloser
	stderr tail
	addr   string
}

// start starts a server on a core and waits until it listens.
func start(ctx context.Context, words []string, cpu int) (*process, error) {
	p := &process{cmd: exec.CommandContext(ctx, words[0], words[1:]...)}
	p.cmd.Stderr = &p.stderr
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	p.cmd.WaitDelay = time.Second
	var err error
	if p.stdout, err = p.cmd.StdoutPipe(); err != nil {
		return nil, err
	}
	if err := proc.OnCore(cpu, p.cmd.Start); err != nil {
		return nil, err
	}
	late := time.AfterFunc(startLimit, func() { p.stdout.Close() })
	line, err := bufio.NewReader(p.stdout).ReadString('\n')
	if !late.Stop() {
		err = fmt.Errorf("it did not listen within %v", startLimit)
	}
	if p.addr = address.FindString(line); err == nil && p.addr == "" {
		err = fmt.Errorf("it printed no address: %q", line)
	}
	if err != nil {
		p.stop()
		return nil, p.reason(fmt.Errorf("start the server: %w", err))
	}
	return p, nil
}

// stop kills the server and waits until it is gone.
func (p *process) stop() {
	p.cmd.Process.Kill()
	p.cmd.Wait()
}

// reason adds to err what the server said last. The server must have been stopped.
func (p *process) reason(err error) error {
	if said := p.stderr.said(); said != "" {
		return fmt.Errorf("%w (the server said %q)", err, said)
	}
	return err
}

// drive runs the load generator, with its flags in words, on a core against the server.
func (p *process) drive(ctx context.Context, words []string, cpu int, limit time.Duration) (*result.Result, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	words = append(slices.Clip(words), "-addr", p.addr, "-pid", strconv.Itoa(p.cmd.Process.Pid))
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	var stdout bytes.Buffer
	var stderr tail
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := proc.OnCore(cpu, cmd.Start); err != nil {
		return nil, fmt.Errorf("start the load: %w", err)
	}
	err := cmd.Wait()
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("no result within %v", limit)
	case err != nil && stderr.said() != "":
		return nil, errors.New(stderr.said())
	case err != nil:
		return nil, fmt.Errorf("the load: %w", err)
	}
	var res result.Result
	if err := json.Unmarshal(stdout.Bytes(), &res); err != nil {
		return nil, fmt.Errorf("parse the result of the load: %w", err)
	}
	return &res, nil
}

// A tail keeps the last that was written to it.
type tail struct{ b []byte }

// Write implements io.Writer.
func (t *tail) Write(p []byte) (int, error) {
	const most = 4096
	t.b = append(t.b, p...)
	t.b = t.b[max(0, len(t.b)-most):]
	return len(p), nil
}

// said returns the line that tells most: the first that looks like the cause, else the last.
func (t *tail) said() string {
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
