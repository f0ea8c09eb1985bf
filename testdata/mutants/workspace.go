package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// The limits on what the go command may take. Mutated code may hang its tests.
const (
	buildLimit = 5 * time.Minute
	testLimit  = 3 * time.Minute
)

// A workspace is a copy of the checkout, to put bugs into.
type workspace struct {
	dir    string // of the copy
	binary string // of the target that is built of it
}

// target is the program that is built with a bug.
const target = "testdata/mutants/target"

// newWorkspace copies what git tracks of the checkout in the working directory into dir,
// without the testdata that no build needs.
func newWorkspace(dir string) (*workspace, error) {
	out, err := exec.Command("git", "ls-files", "-z").Output()
	if err != nil {
		return nil, fmt.Errorf("list files of the checkout: %w", err)
	}
	w := &workspace{dir: filepath.Join(dir, "checkout"), binary: filepath.Join(dir, "target")}
	for name := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		if strings.HasPrefix(name, "testdata/") && !strings.HasPrefix(name, target+"/") {
			continue
		}
		content, err := os.ReadFile(name)
		if os.IsNotExist(err) {
			continue // deleted, and not committed yet
		}
		if err != nil {
			return nil, fmt.Errorf("copy checkout: %w", err)
		}
		to := filepath.Join(w.dir, name)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return nil, fmt.Errorf("copy checkout: %w", err)
		}
		if err := os.WriteFile(to, content, 0o644); err != nil {
			return nil, fmt.Errorf("copy checkout: %w", err)
		}
	}
	return w, nil
}

// build builds a program of the copy. Trimmed paths let all copies share what is cached.
func (w *workspace) build(ctx context.Context, name, binary string) error {
	out, err := w.run(ctx, buildLimit, "build", "-trimpath", "-ldflags=-s -w", "-o", binary, "./"+name)
	if err != nil {
		return fmt.Errorf("build: %w\n%s", err, out)
	}
	return nil
}

// testedPackages are those whose tests know the protocol, the quickest first.
var testedPackages = []string{"./codec", "./codec/wsconn", "./wsserver", "./wsclient"}

// failedTest finds the name of a test that failed, of one that was there when a test
// binary ended, and of one that ran for too long.
var failedTest = regexp.MustCompile(`(?m)^--- FAIL: (\w+)|^\t+(Test\w+) \(.*\)$|^panic: (test timed out)|^(panic|fatal error): `)

// test runs the unit tests, up to the first package in which some fail, and returns those.
func (w *workspace) test(ctx context.Context) ([]string, error) {
	var out []byte
	var err error
	for _, name := range testedPackages {
		if out, err = w.run(ctx, testLimit, "test", "-short", "-failfast", "-vet=off", "-trimpath", "-timeout", "60s", name); err != nil {
			break
		}
	}
	if err == nil {
		return nil, nil
	}
	var failed []string
	for _, match := range failedTest.FindAllSubmatch(out, -1) {
		failed = append(failed, string(bytes.Join(match[1:], nil)))
	}
	if len(failed) == 0 || bytes.Contains(out, []byte("[build failed]")) {
		return nil, fmt.Errorf("test: %w\n%s", err, out)
	}
	return failed, nil
}

// run runs the go command in the copy and returns what it prints.
func (w *workspace) run(ctx context.Context, limit time.Duration, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = w.dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.WaitDelay = time.Second
	return cmd.CombinedOutput()
}
