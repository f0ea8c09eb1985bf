package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"peers/internal/child"
)

// limit is how long one agent may take: far more than it needs.
const limit = 20 * time.Minute

// check tests the agent, writes its report into file, and returns it.
func (a *agent) check(ctx context.Context, o options, file string) (tested, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	args := []string{"check", "--json", "--big"}
	if a.role == "client" {
		args = append(args, "--run", a.script())
	} else {
		url, stop, err := a.start(ctx, o)
		if err != nil {
			return tested{}, err
		}
		defer stop()
		args = append(args, "--agent", a.name, url)
		if a.deflate {
			args = append(args, "--compress")
		}
		if !strings.HasPrefix(a.name, ours) {
			// One case at a time, so that none hears of what another does to the server.
			args = append(args, "--jobs", "1", "--timeout", "3")
		}
	}
	document, err := output(ctx, o.wskit, args...)
	if err != nil {
		return tested{}, err
	}
	if err := os.WriteFile(file, document, 0o644); err != nil {
		return tested{}, err
	}
	return a.read(file)
}

// read reads the agent's report.
func (a *agent) read(file string) (tested, error) {
	document, err := os.ReadFile(file)
	if err != nil {
		return tested{}, err
	}
	var report struct{ Agents []tested }
	if err := json.Unmarshal(document, &report); err != nil {
		return tested{}, fmt.Errorf("parse the report: %w", err)
	}
	if len(report.Agents) != 1 {
		return tested{}, fmt.Errorf("the report has %d agents", len(report.Agents))
	}
	got := report.Agents[0]
	got.Version = a.version
	return got, nil
}

// start starts a server, and the proxy that it is behind. It returns the URL, and what
// stops them.
func (a *agent) start(ctx context.Context, o options) (url string, stop func(), err error) {
	if a.kept {
		kept, err := child.Keep(ctx, a.command)
		if err != nil {
			return "", nil, err
		}
		return "ws://" + kept.Addr + "/", kept.Stop, nil
	}
	server, err := child.Start(ctx, a.command, child.AnyCore)
	if err != nil {
		return "", nil, err
	}
	if a.behind == "" {
		return "ws://" + server.Addr + "/", server.Stop, nil
	}
	proxy, err := startNginx(ctx, o.peers, server.Addr)
	if err != nil {
		server.Stop()
		return "", nil, err
	}
	return "ws://" + proxy.addr + "/", func() {
		proxy.stop()
		server.Stop()
	}, nil
}

// script is the client as a shell command.
func (a *agent) script() string {
	var b strings.Builder
	for _, word := range a.command {
		b.WriteString(quote(word) + " ")
	}
	return b.String() + `"$WSKIT_URL" ` + quote(a.name)
}

// quote makes one word of s for a shell.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// output returns what a command prints. That it found something to object to is no error.
func output(ctx context.Context, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.WaitDelay = 5 * time.Second
	var stdout bytes.Buffer
	var stderr child.Tail
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() == 1 && stdout.Len() > 0 {
		err = nil
	}
	if err != nil {
		return nil, fmt.Errorf("run wskit check: %w: %s", err, stderr.Said())
	}
	return stdout.Bytes(), nil
}

// merge writes one report of all agents side by side.
func merge(ctx context.Context, o options, files []string) error {
	args := []string{"check", "merge", "--html", filepath.Join(o.out, "report.html")}
	_, err := output(ctx, o.wskit, append(args, files...)...)
	return err
}
