package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
)

// drive runs a client through all cases of "wskit check --listen", by the convention of the
// Autobahn test suite. Words are wskit without a bug, which asks and ends, and the target
// with its flags, which is the client.
func drive(ctx context.Context, url string, words []string, stderr io.Writer) error {
	if url == "" || len(words) < 2 {
		return errors.New("-drive is for check --run, which sets WSKIT_URL: want a wskit and a client")
	}
	url = strings.TrimSuffix(url, "/")
	wskit, client := words[0], words[1:]
	count, err := exec.CommandContext(ctx, wskit, "connect", url+"/getCaseCount").Output()
	if err != nil {
		return fmt.Errorf("ask for the number of cases: %w", err)
	}
	client = append(client[:len(client):len(client)], url, string(bytes.TrimSpace(count)))
	cmd := exec.CommandContext(ctx, client[0], client[1:]...)
	cmd.Stderr = stderr
	if err := cmd.Run(); err != nil {
		fmt.Fprintf(stderr, "mutants: %v\n", err) // check says in which cases
	}
	if err := exec.CommandContext(ctx, wskit, "connect", url+"/updateReports?agent=mutant").Run(); err != nil {
		return fmt.Errorf("end the run: %w", err)
	}
	return nil
}
