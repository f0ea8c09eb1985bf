package main

import (
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"strings"
)

// verify sends one message on the first connection and checks that its echo comes.
func (l *loop) verify() error {
	l.seen = make([]byte, 0, l.stream.ends[0])
	if err := l.exchange(0, 1); err != nil {
		return fmt.Errorf("exchange the first message: %w", err)
	}
	reply := l.seen
	l.seen = nil
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
	if l.cfg.deflate != "" {
		r := io.MultiReader(bytes.NewReader(message), strings.NewReader(deflateTail+emptyBlock))
		var err error
		if message, err = io.ReadAll(flate.NewReader(r)); err != nil {
			return fmt.Errorf("inflate the first reply: %w", err)
		}
	}
	if !bytes.Equal(message, l.stream.first) {
		return fmt.Errorf("the first reply is no echo")
	}
	return nil
}

// join returns the payload of the message in b, its fragments joined, and the first byte
// of its first header. Control frames are left out.
func join(b []byte) (message []byte, first byte) {
	for i := 0; i < len(b); {
		size, length := headerSize(b[i:])
		if size == 0 || len(b)-i-size < length {
			break // the beginning of what comes after the message
		}
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
