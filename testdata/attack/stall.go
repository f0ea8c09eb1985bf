//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"

	"wskit/codec"
)

func stallFaults() []attack {
	a := attack{memory: 16 << 20, time: 45 * time.Second, waits: true}
	reader, sender, silent, lost := a, a, a, a
	reader.id, reader.what, reader.run = "F2", "a reader that stops, beside another who is to be served", slowReader
	sender.id, sender.what, sender.run = "F2", "a server that stops reading", slowTaker
	silent.id, silent.what, silent.run = "F7", "a peer that vanishes: no pong (keepalive of 1 s)", vanish
	lost.id, lost.what, lost.run = "F7", "a server that vanishes: no pong (keepalive of 1 s)", vanish
	silent.ours, lost.ours = true, true
	return slices.Concat(each(reader, serve), each(sender, connect, inspect), each(silent, serve), each(lost, connect, inspect))
}

// slowReader sends messages to an echo and reads none of them.
func slowReader(t *trial) error {
	s, err := t.serve()
	if err != nil {
		return err
	}
	nc, _, err := s.open("")
	if err != nil {
		return err
	}
	defer drop(nc)
	stop := make(chan struct{})
	var neighbour sync.WaitGroup
	var waits []time.Duration
	neighbour.Go(func() { waits = t.echoes(s, stop) })

	began := time.Now()
	batch := frame{op: codec.OpBinary, payload: make([]byte, 64<<10)}.append(nil, codec.RoleClient)
	nc.SetDeadline(began.Add(30 * time.Second))
	for err == nil {
		_, err = nc.Write(batch)
	}
	how := "cut"
	if errors.Is(err, os.ErrDeadlineExceeded) {
		how = "silent"
	}
	t.after(how, "the reader", began, 10*time.Second, "cut")
	close(stop)
	neighbour.Wait()
	if len(waits) == 0 {
		t.fault("the neighbour was not served")
		return nil
	}
	slices.Sort(waits)
	p99 := waits[len(waits)*99/100]
	t.note("p99 of the neighbour %.1f ms", float64(p99.Microseconds())/1000)
	if p99 > 200*time.Millisecond {
		t.fault("p99 of the neighbour's %d echoes is %v", len(waits), p99)
	}
	return nil
}

// echoes has a connection in peace echo until stop is closed, and returns how long each took.
func (t *trial) echoes(s *server, stop <-chan struct{}) (waits []time.Duration) {
	nc, r, err := s.open("")
	if err != nil {
		t.fault("a neighbour: %v", err)
		return nil
	}
	defer drop(nc)
	message := textFrame("ping").append(nil, codec.RoleClient)
	for {
		select {
		case <-stop:
			return waits
		case <-time.After(5 * time.Millisecond):
		}
		began := time.Now()
		nc.SetDeadline(began.Add(answerLimit))
		nc.Write(message)
		if _, _, err := readFrame(r); err != nil {
			t.fault("a neighbour: %v", err)
			return waits
		}
		waits = append(waits, time.Since(began))
	}
}

// slowTaker has a client send to a server that does not read.
func slowTaker(t *trial) error {
	gone := make(chan struct{})
	defer close(gone)
	l, err := t.lure(func(c *caught) {
		c.accept("", nil)
		<-gone
	})
	if err != nil {
		return err
	}
	began := time.Now()
	c, err := t.launch([]string{t.lab.wskit, t.target, l.url}, func(cmd *exec.Cmd) {
		cmd.Stdin = &endlessLines{line: []byte(strings.Repeat("a", 999) + "\n"), left: 64 << 20}
	})
	if err != nil {
		return err
	}
	exit, err := c.wait(exitLimit)
	if err != nil {
		return err
	}
	t.after(fmt.Sprint("exit ", exit), "the sender", began, 10*time.Second, "exit 6")
	return nil
}

// endlessLines reads as the same line again and again.
type endlessLines struct {
	line []byte
	left int
}

// Read implements io.Reader.
func (e *endlessLines) Read(p []byte) (int, error) {
	if e.left <= 0 || len(p) < len(e.line) {
		return 0, io.EOF
	}
	n := copy(p, bytes.Repeat(e.line, len(p)/len(e.line)))
	e.left -= n
	return n, nil
}

// vanish has a peer answer nothing, not even pings.
func vanish(t *trial) error {
	keepalive := []string{"--ping-interval", "1", "--ping-timeout", "1"}
	if t.target != serve {
		return t.meet("no pong", 8, func(c *caught) {
			c.accept("", nil)
			began := time.Now()
			c.SetDeadline(began.Add(exitLimit))
			t.after(hearFrames(c.r).how, "no pong", began, 2*time.Second, "cut", "1002", "1011")
		}, keepalive...)
	}
	s, err := t.serve(keepalive...)
	if err != nil {
		return err
	}
	nc, r, err := s.open("")
	if err != nil {
		return err
	}
	defer drop(nc)
	began := time.Now()
	nc.SetDeadline(began.Add(exitLimit))
	t.after(hearFrames(r).how, "no pong", began, 2*time.Second, "cut", "1002", "1011")
	return nil
}
