package interop

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// limit is how long any process may take: far more than it needs, so that only one
// that hangs is ended by it.
const limit = 2 * time.Minute

// A process is a program that prints JSON lines on its standard output.
type process struct {
	cmd    *exec.Cmd
	cancel context.CancelFunc
	stdin  io.WriteCloser
	stdout *json.Decoder
	stderr bytes.Buffer // complete once it has ended
}

// launch starts a program. Whoever calls it calls finish.
func launch(t *testing.T, argv []string, with ...func(*exec.Cmd)) *process {
	t.Helper()
	// Not t.Context, which ends before the clean-up that stops the process in
	// the proper way.
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	p := &process{cmd: exec.CommandContext(ctx, argv[0], argv[1:]...), cancel: cancel}
	p.cmd.Stderr = &p.stderr
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) } // nginx ends its worker
	p.cmd.WaitDelay = 5 * time.Second
	p.cmd.SysProcAttr = dieWithParent()
	for _, f := range with {
		f(p.cmd)
	}
	stdin, err := p.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		cancel()
		t.Fatal(err)
	}
	p.stdin, p.stdout = stdin, json.NewDecoder(stdout)
	return p
}

// serve starts a server and stops it when the test ends: then it must exit with 0.
func serve(t *testing.T, argv []string, with ...func(*exec.Cmd)) *process {
	t.Helper()
	p := launch(t, argv, with...)
	t.Cleanup(func() {
		_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
		if err := p.finish(); err != nil {
			t.Errorf("stop %s: %v\n%s", filepath.Base(argv[0]), err, &p.stderr)
		} else if t.Failed() {
			t.Logf("%s said:\n%s", filepath.Base(argv[0]), &p.stderr)
		}
	})
	return p
}

// next reads the next line into v.
func (p *process) next(t *testing.T, v any) {
	t.Helper()
	if err := p.stdout.Decode(v); err != nil {
		p.cancel()
		t.Fatalf("%s: read a line: %v", filepath.Base(p.cmd.Path), err)
	}
}

// finish closes the standard input, reads what is left on the standard output, and
// waits for the end.
func (p *process) finish() error {
	defer p.cancel()
	p.stdin.Close()
	var line json.RawMessage
	for p.stdout.Decode(&line) == nil {
	}
	return p.cmd.Wait()
}

// A result is one case of a peer's client.
type result struct {
	Case   string
	OK     bool
	Detail string
	URL    string // Chromium's only

	// What the handshake agreed, with the case "open".
	Extensions, Protocol string
}

// runClient runs a peer's client to its end and returns its results. Each case
// that failed fails the test.
func runClient(t *testing.T, argv []string) []result {
	t.Helper()
	p := launch(t, argv)
	var all []result
	var err error
	for err == nil {
		var r result
		if err = p.stdout.Decode(&r); err == nil {
			all = append(all, r)
		}
	}
	failed := 0
	for _, r := range all {
		if !r.OK {
			failed++
			t.Errorf("%s %s: %s", r.URL, r.Case, r.Detail)
		}
	}
	if !errors.Is(err, io.EOF) {
		t.Errorf("read results: %v", err)
	}
	if err := p.finish(); err != nil && failed == 0 {
		t.Errorf("%v: %v\n%s", argv, err, &p.stderr)
	}
	return all
}
