package main

import (
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"peers/internal/proc"
	"peers/internal/result"
)

// settle is how long a server may tidy up before its memory is read.
const settle = time.Second

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
		time.Sleep(settle)
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
		window := l.conns[first:min(first+dialWindow, len(l.conns))]
		for i := range window {
			if err := l.write(&window[i]); err != nil {
				return fmt.Errorf("send on connection %d: %w", first+i+1, err)
			}
		}
		for i := range window {
			if _, err := l.read(&window[i]); err != nil {
				return fmt.Errorf("receive on connection %d: %w", first+i+1, err)
			}
		}
	}
	return nil
}

// verify sends one message on the first connection and checks that its echo comes.
func (l *loop) verify() error {
	c := &l.conns[0]
	if err := l.write(c); err != nil {
		return fmt.Errorf("send the first message: %w", err)
	}
	reply, err := l.read(c)
	if err != nil {
		return fmt.Errorf("receive the first reply: %w", err)
	}
	if l.cfg.raw {
		if !bytes.Equal(reply, l.stream.data[:l.stream.ends[0]]) {
			return fmt.Errorf("the first reply is no echo")
		}
		return nil
	}
	message, first := join(reply)
	if compressed := first&rsv1 != 0; compressed != (l.cfg.deflate != "") {
		return fmt.Errorf("the first reply is compressed: %t", compressed)
	}
	if first&rsv1 != 0 {
		r := io.MultiReader(bytes.NewReader(message), strings.NewReader(deflateTail+emptyBlock))
		if message, err = io.ReadAll(flate.NewReader(r)); err != nil {
			return fmt.Errorf("inflate the first reply: %w", err)
		}
	}
	if !bytes.Equal(message, l.stream.first) {
		return fmt.Errorf("the first reply is no echo")
	}
	return nil
}

// write sends one message on a connection that blocks.
func (l *loop) write(c *conn) error {
	c.due++
	for end := l.stream.start(c.due); c.off < end; end = l.stream.start(c.due) {
		n, err := unix.Write(c.fd, l.stream.data[c.off:end])
		if err != nil {
			return err
		}
		l.stream.advance(c, n)
	}
	return nil
}

// read returns the bytes of one reply on a connection that blocks.
func (l *loop) read(c *conn) (reply []byte, err error) {
	for {
		got, err := receive(c.fd, l.buf)
		if err != nil {
			return nil, err
		}
		reply = append(reply, l.buf[:got]...)
		n, err := c.replies.count(l.buf[:got])
		if err != nil {
			return nil, err
		}
		if n > 0 {
			l.answered += int64(n)
			return reply, nil
		}
	}
}

// join returns the payload of the message in b, its fragments joined, and the first byte
// of its first header. Control frames are left out.
func join(b []byte) (message []byte, first byte) {
	for i := 0; i < len(b); {
		size, length := headerSize(b[i:])
		if b[i]&0x0f < opClose {
			if b[i]&0x0f != 0 {
				first = b[i]
			}
			message = append(message, b[i+size:i+size+length]...)
		}
		i += size + length
	}
	return message, first
}
