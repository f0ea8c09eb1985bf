// Command wskit is a toolkit for WebSocket: it serves, connects, inspects and measures.
package main

import (
	"context"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"wskit/commands"
)

func main() {
	// A closed pipe is an error of a write, which ends a command quietly, and
	// not a signal that kills it.
	signal.Ignore(syscall.SIGPIPE)
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		cancel(commands.Interrupted{Code: code(<-signals)})
		os.Exit(code(<-signals)) // a second signal does not wait
	}()
	os.Exit(commands.Run(ctx, &commands.Env{
		Args:        os.Args,
		Stdin:       os.Stdin,
		Stdout:      os.Stdout,
		Stderr:      os.Stderr,
		Getenv:      os.Getenv,
		HistoryFile: historyFile(),
	}))
}

// code returns the exit code that tells of a signal.
func code(s os.Signal) int {
	if s == syscall.SIGTERM {
		return 143
	}
	return 130
}

// historyFile returns where the lines typed at a prompt are kept: the state
// directory of the XDG base directories.
func historyFile() string {
	state := os.Getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(state) {
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		state = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(state, "wskit", "history")
}
