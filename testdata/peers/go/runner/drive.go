package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"syscall"
	"time"

	"peers/internal/child"
	"peers/internal/proc"
	"peers/internal/result"
)

// drive runs the load generator, with its flags in words, on a core against a server.
func drive(ctx context.Context, s *child.Server, words []string, cpu int, limit time.Duration) (*result.Result, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	words = append(slices.Clip(words), "-addr", s.Addr, "-pid", strconv.Itoa(s.PID()))
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	var stdout bytes.Buffer
	var stderr child.Tail
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := proc.OnCore(cpu, cmd.Start); err != nil {
		return nil, fmt.Errorf("start the load: %w", err)
	}
	err := cmd.Wait()
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("no result within %v", limit)
	case err != nil && stderr.Said() != "":
		return nil, errors.New(stderr.Said())
	case err != nil:
		return nil, fmt.Errorf("the load: %w", err)
	}
	var res result.Result
	if err := json.Unmarshal(stdout.Bytes(), &res); err != nil {
		return nil, fmt.Errorf("parse the result of the load: %w", err)
	}
	return &res, nil
}
