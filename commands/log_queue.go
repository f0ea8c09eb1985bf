package commands

import (
	"bytes"
	"fmt"
	"io"
	"sync/atomic"
	"time"
)

// How much of a log may wait to be written, and how long for at the end.
const (
	logQueueLines = 1024
	logQueueClose = time.Second
)

// A logQueue is a writer that never waits: a terminal that was stopped, or a pipe that
// nobody reads, must not stop the connections that are logged. Each Write is a line or
// more. What finds the queue full is dropped, and counted in the log later.
type logQueue struct {
	w       io.Writer
	notice  string // with a %d for how many lines were dropped
	lines   chan []byte
	dropped atomic.Int64
	quit    chan struct{}
	done    chan struct{}
}

// The notices of a logQueue, for each format of the log.
const (
	droppedText = "wskit: warning: %d lines of the log were dropped: nobody read it\n"
	droppedJSON = `{"level":"WARN","msg":"lines of the log were dropped","lines":%d}` + "\n"
)

// newLogQueue returns a queue before w. Close ends its goroutine.
func newLogQueue(w io.Writer, notice string) *logQueue {
	q := &logQueue{w: w, notice: notice, lines: make(chan []byte, logQueueLines), quit: make(chan struct{}), done: make(chan struct{})}
	go q.run()
	return q
}

// Write never fails: there is nowhere to tell.
func (q *logQueue) Write(b []byte) (int, error) {
	select {
	case q.lines <- bytes.Clone(b):
	default:
		q.dropped.Add(1)
	}
	return len(b), nil
}

func (q *logQueue) run() {
	defer close(q.done)
	for {
		select {
		case line := <-q.lines:
			q.write(line)
		case <-q.quit:
			for len(q.lines) > 0 {
				q.write(<-q.lines)
			}
			return
		}
	}
}

func (q *logQueue) write(line []byte) {
	q.w.Write(line)
	if n := q.dropped.Swap(0); n > 0 {
		fmt.Fprintf(q.w, q.notice, n)
	}
}

// close writes what waits, if that can be done within logQueueClose. What is written
// to the queue afterwards is lost.
func (q *logQueue) close() {
	close(q.quit)
	select {
	case <-q.done:
	case <-time.After(logQueueClose):
	}
}
