package commands

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestLogQueue(t *testing.T) {
	var out bytes.Buffer
	q := newLogQueue(&out, droppedText)
	var want strings.Builder
	for i := range 100 {
		fmt.Fprintf(q, "line %d\n", i)
		fmt.Fprintf(&want, "line %d\n", i)
	}
	q.close()
	if got := out.String(); got != want.String() {
		t.Errorf("got %q, want %q", got, want.String())
	}
}

// TestLogQueueBlocked has nobody read the log: writing goes on, and once somebody
// reads, the log says how much is missing.
func TestLogQueueBlocked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		q := newLogQueue(w, droppedText)
		fmt.Fprintln(q, "the first")
		synctest.Wait() // it is in the pipe, where it stays
		for range logQueueLines + 7 {
			fmt.Fprintln(q, "more")
		}
		start := time.Now()
		q.close()
		if took := time.Since(start); took != logQueueClose {
			t.Errorf("close took %v with nobody reading, want %v", took, logQueueClose)
		}
		read := make(chan string)
		go func() {
			b, _ := io.ReadAll(r)
			read <- string(b)
		}()
		<-q.done
		w.Close()
		log := <-read
		if n := strings.Count(log, "more\n"); n != logQueueLines {
			t.Errorf("%d lines came, want %d", n, logQueueLines)
		}
		if !strings.Contains(log, "7 lines of the log were dropped") {
			t.Errorf("the log does not tell what is missing: %.200q", log)
		}
	})
}
