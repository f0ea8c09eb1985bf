//go:build unix

package main

import (
	"bytes"
	"testing"
)

// TestBenchLine runs bench on a terminal until its line tells of messages, and
// interrupts it: the line is erased before the report.
func TestBenchLine(t *testing.T) {
	s := newScreen(t, "bench", "--duration", "1h", "echo:")
	s.await("\r")
	s.await(" of 60 min")
	s.await(" msg/s  p50 ")
	s.await("\x1b[K")
	s.send("\x03")
	s.await("\r\x1b[Kws://127.0.0.1:")
	s.await("interrupted: ")
	s.await("closes ")
	s.exits(130)
}

// TestBenchQuiet checks that -q shows nothing but the report.
func TestBenchQuiet(t *testing.T) {
	s := newScreen(t, "bench", "-q", "--duration", "600ms", "echo:")
	s.await("closes ")
	s.exits(0)
	<-s.closed
	s.mu.Lock()
	defer s.mu.Unlock()
	if bytes.Contains(s.all, []byte("\x1b")) {
		t.Errorf("got %q, want no control sequence", s.all)
	}
}
