//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
	"unicode/utf8"
)

// How long a child may take to do as it was told.
const (
	startLimit = 10 * time.Second
	exitLimit  = 60 * time.Second
)

// A child is a process that is attacked.
type child struct {
	t      *trial
	cmd    *exec.Cmd
	stdout output
	stderr output
	done   chan struct{} // closed when it has ended

	mu   sync.Mutex
	peak int64 // guarded by mu
}

// launch starts a process and watches its memory until it ends. Setup may change the command
// before.
func (t *trial) launch(argv []string, setup func(*exec.Cmd)) (*child, error) {
	c := &child{t: t, cmd: exec.CommandContext(t.ctx, argv[0], argv[1:]...), done: make(chan struct{})}
	c.stdout.line, c.stderr.line = make(chan struct{}), make(chan struct{})
	c.cmd.Stdout, c.cmd.Stderr = &c.stdout, &c.stderr
	c.cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+t.lab.dir, "NO_COLOR=1", "TERM=xterm")
	c.cmd.SysProcAttr = dieWithParent()
	c.cmd.WaitDelay = time.Second
	if setup != nil {
		setup(c.cmd)
	}
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", filepath.Base(argv[0]), err)
	}
	var watch sync.WaitGroup
	watch.Go(c.watch)
	watch.Go(func() {
		c.cmd.Wait()
		close(c.done)
	})
	t.later(func() {
		c.cmd.Process.Kill()
		watch.Wait()
		t.used(c.used())
	})
	return c, nil
}

// client starts a command of wskit.
func (t *trial) client(args ...string) (*child, error) {
	return t.launch(append([]string{t.lab.wskit}, args...), nil)
}

// watch reads the memory of the process often, for what has ended tells no more: a
// millisecond apart at first, then in longer steps.
func (c *child) watch() {
	for each := time.Millisecond; ; each = min(each+each/50, 50*time.Millisecond) {
		select {
		case <-c.done:
			return
		case <-time.After(each):
			c.sample()
		}
	}
}

// sample takes note of the largest memory that the process has had.
func (c *child) sample() {
	peak := statusField(c.cmd.Process.Pid, "VmHWM")
	c.mu.Lock()
	defer c.mu.Unlock()
	c.peak = max(c.peak, peak)
}

func (c *child) used() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.peak
}

// statusField returns a size of /proc/PID/status in bytes, zero for a process that has ended.
func statusField(pid int, name string) int64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(b), "\n"+name+":")
	line, _, _ := strings.Cut(rest, "\n")
	kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(line), " kB"), 10, 64)
	if err != nil {
		return 0
	}
	return kib << 10
}

// descriptors returns how many descriptors the process has open.
func (c *child) descriptors() int {
	list, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", c.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	return len(list)
}

// resident returns the memory that the process holds now.
func (c *child) resident() int64 { return statusField(c.cmd.Process.Pid, "VmRSS") }

// claimed returns the memory that the process has asked for, whether it uses it or not.
func (c *child) claimed() int64 { return statusField(c.cmd.Process.Pid, "VmData") }

// wait waits until the process ends and returns its exit code. One that does not end in time
// is killed.
func (c *child) wait(limit time.Duration) (exit int, err error) {
	select {
	case <-c.done:
	case <-time.After(limit):
		c.cmd.Process.Kill()
		<-c.done
		return 0, fmt.Errorf("%s did not end within %v", c.name(), limit)
	}
	if said := c.crashed(); said != "" {
		return 0, fmt.Errorf("%s crashed: %s", c.name(), said)
	}
	return c.cmd.ProcessState.ExitCode(), nil
}

// terminate asks the process to end, and waits for it.
func (c *child) terminate(limit time.Duration) (exit int, err error) {
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return 0, err
	}
	return c.wait(limit)
}

func (c *child) name() string { return strings.Join(c.cmd.Args[max(0, len(c.cmd.Args)-3):], " ") }

// crashed returns what the runtime of Go said last, if it did.
func (c *child) crashed() string {
	for line := range strings.Lines(c.stderr.String()) {
		for _, mark := range []string{"panic: ", "fatal error: ", "runtime: goroutine stack exceeds", "session panic", "DATA RACE"} {
			if strings.Contains(line, mark) {
				return strings.TrimSpace(line)
			}
		}
	}
	return ""
}

// keep is how much of an output is kept.
const keep = 4 << 20

// An output keeps the start of what a child writes.
type output struct {
	line chan struct{} // closed with the first newline

	mu    sync.Mutex
	b     []byte // guarded by mu
	total int64  // guarded by mu
	ended bool   // guarded by mu: line is closed
}

var _ io.Writer = (*output)(nil)

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.b = append(o.b, p[:min(len(p), keep-len(o.b))]...)
	o.total += int64(len(p))
	if !o.ended && bytes.IndexByte(o.b, '\n') >= 0 {
		o.ended = true
		close(o.line)
	}
	return len(p), nil
}

// String returns what is kept, without a part of a character at its end.
func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := len(o.b)
	for back := 1; o.total > int64(len(o.b)) && back < utf8.UTFMax; back++ {
		if r := o.b[len(o.b)-back:]; utf8.RuneStart(r[0]) && !utf8.FullRune(r) {
			n -= back
			break
		}
	}
	return string(o.b[:n])
}

// size returns how much was written.
func (o *output) size() int64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.total
}
