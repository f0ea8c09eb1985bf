package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"sync"
	"time"
)

const (
	// caseLimit is how long a client may take for a case: longer than check waits for it.
	caseLimit = 20 * time.Second
	// clients is the number of clients that run at the same time.
	clients = 4
)

// drive runs a client through all cases of "wskit check --listen", by the convention of the
// Autobahn test suite. Words are the unmutated wskit, and the client with its flags, to
// which the URL is added.
func drive(ctx context.Context, url string, words []string, stderr io.Writer) error {
	if url == "" || len(words) < 2 {
		return errors.New("-drive is for check --run, which sets WSKIT_URL: want a wskit and a client")
	}
	wskit, client := words[0], words[1:]
	out, err := exec.CommandContext(ctx, wskit, "connect", url+"/getCaseCount").Output()
	if err != nil {
		return fmt.Errorf("ask for the number of cases: %w", err)
	}
	n, err := strconv.Atoi(string(bytes.TrimSpace(out)))
	if err != nil {
		return fmt.Errorf("ask for the number of cases: %w", err)
	}
	next := make(chan int)
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			for i := range next {
				runClient(ctx, client, fmt.Sprintf("%s/runCase?case=%d&agent=mutant", url, i), stderr)
			}
		})
	}
	for i := 1; i <= n && ctx.Err() == nil; i++ {
		next <- i
	}
	close(next)
	wg.Wait()
	if err := exec.CommandContext(ctx, wskit, "connect", url+"/updateReports?agent=mutant").Run(); err != nil {
		return fmt.Errorf("end the run: %w", err)
	}
	return nil
}

// runClient runs the client for one case. How it ends is for check to judge, but a crash is
// shown.
func runClient(ctx context.Context, client []string, url string, stderr io.Writer) {
	ctx, cancel := context.WithTimeout(ctx, caseLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, client[0], append(client[1:len(client):len(client)], url)...)
	cmd.WaitDelay = time.Second
	if out, err := cmd.CombinedOutput(); err != nil && bytes.Contains(out, []byte("\ngoroutine ")) {
		stderr.Write(out)
	}
}
