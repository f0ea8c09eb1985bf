package main

import (
	"fmt"
	"time"

	"peers/internal/proc"
	"peers/internal/result"
)

// idle reads the server's memory around connections that do nothing.
func (l *loop) idle() (*result.Result, error) {
	idle := &result.Idle{Connections: l.cfg.conns}
	for _, step := range []struct {
		do   func() error
		into *int64
	}{
		{func() error { return nil }, &idle.Before},
		{l.open, &idle.Connected},
		{l.sendOnEach, &idle.Answered},
	} {
		if err := step.do(); err != nil {
			return nil, err
		}
		time.Sleep(l.cfg.settle)
		memory, err := proc.ReadMemory(l.cfg.pid)
		if err != nil {
			return nil, err
		}
		*step.into = memory.RSS
	}
	return &result.Result{Messages: l.answered, Idle: idle}, nil
}

// sendOnEach sends one message on each connection, on dialWindow of them at a time, and
// awaits the replies.
func (l *loop) sendOnEach() error {
	for first := 0; first < len(l.conns); first += dialWindow {
		end := min(first+dialWindow, len(l.conns))
		if err := l.exchange(first, end); err != nil {
			return err
		}
	}
	return nil
}

// exchange sends one message on each of the connections from first to before end, and
// awaits the replies.
func (l *loop) exchange(first, end int) error {
	for i := first; i < end; i++ {
		if err := l.send(i, 1); err != nil {
			return fmt.Errorf("connection %d: %w", i+1, err)
		}
	}
	want := l.answered + int64(end-first)
	if err := l.run(patience*time.Second, int64(end-first)); err != nil {
		return err
	}
	if l.answered < want {
		return fmt.Errorf("%d of %d replies are missing after %d s", want-l.answered, end-first, patience)
	}
	return nil
}
