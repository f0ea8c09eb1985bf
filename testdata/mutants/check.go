package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// checkLimit is how long a run of check may take. Then it is interrupted, and says what it
// has found so far.
const checkLimit = time.Minute

// jobs is the number of cases that run at the same time: a mutant that does not answer
// makes each wait, and costs nothing meanwhile.
const jobs = "64"

// listenLimit is how long a server may take until it listens.
const listenLimit = 20 * time.Second

// A checker runs "wskit check".
type checker struct {
	binary string // of wskit as it is, without a bug
	self   string // this program, which drives clients
}

// A verdict is what check said of a case.
type verdict struct {
	Case    string `json:"case"`
	Verdict string `json:"verdict"`
	Text    string `json:"text"`
}

// badness orders the verdicts that tell of a bug. All others have none.
var badness = map[string]int{"non-strict": 1, "fail": 2}

// check runs all cases against the target, as a server or as a client, and returns the
// verdicts. Trouble is what check said instead when it found nothing to test.
func (c *checker) check(ctx context.Context, role, target string, with []string) (verdicts []verdict, trouble string, err error) {
	ctx, cancel := context.WithTimeout(ctx, checkLimit)
	defer cancel()
	if role == "client" {
		drive := append([]string{c.self, "-drive", c.binary, target, "connect"}, with...)
		return c.run(ctx, "--listen", "127.0.0.1:0", "--run", quote(drive))
	}
	url, stop, err := serve(target, with)
	if err != nil {
		return nil, "", err
	}
	defer stop()
	return c.run(ctx, "--jobs", jobs, url)
}

// run runs check and reads its report.
func (c *checker) run(ctx context.Context, args ...string) ([]verdict, string, error) {
	cmd := exec.CommandContext(ctx, c.binary, append([]string{"check", "--json"}, args...)...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 20 * time.Second
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	failed := cmd.Run()
	if stdout.Len() == 0 && failed != nil {
		return nil, strings.TrimSpace(stderr.String()), nil
	}
	var report struct {
		Agents []struct {
			Ended   string
			Results []verdict
		}
	}
	if err := json.Unmarshal(stdout.Bytes(), &report); err != nil {
		return nil, "", fmt.Errorf("read report of check: %w: %s", err, &stderr)
	}
	if len(report.Agents) != 1 {
		return nil, "", fmt.Errorf("read report of check: %d agents, want 1: %s", len(report.Agents), &stderr)
	}
	agent := report.Agents[0]
	if !slices.ContainsFunc(agent.Results, func(v verdict) bool { return v.Verdict != "not-run" }) {
		return nil, "no case was run: " + agent.Ended, nil
	}
	return agent.Results, "", nil
}

// serve starts the target as an echo server, and returns its URL and what ends it.
func serve(target string, with []string) (url string, stop func(), err error) {
	cmd := exec.Command(target, append([]string{"serve"}, with...)...)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, fmt.Errorf("start the server: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return "", nil, fmt.Errorf("start the server: %w", err)
	}
	stop = func() {
		cmd.Process.Kill()
		cmd.Wait()
	}
	late := time.AfterFunc(listenLimit, func() { cmd.Process.Kill() })
	defer late.Stop()
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		stop()
		return "", nil, fmt.Errorf("start the server: it printed %q: %w", line, err)
	}
	return strings.TrimSpace(line), stop, nil
}

// quote makes a command of words, for a shell.
func quote(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
	}
	return strings.Join(quoted, " ")
}

// worse returns the cases that tell of a bug and did so less, or not at all, before.
func worse(before, after []verdict) []verdict {
	old := map[string]int{}
	for _, v := range before {
		old[v.Case] = badness[v.Verdict]
	}
	var list []verdict
	for _, v := range after {
		if badness[v.Verdict] > old[v.Case] {
			list = append(list, v)
		}
	}
	// A fail says more than non-strict.
	slices.SortStableFunc(list, func(a, b verdict) int { return badness[b.Verdict] - badness[a.Verdict] })
	return list
}
