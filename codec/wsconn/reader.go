package wsconn

import (
	"errors"
	"io"

	"wskit/codec"
)

// errStaleReader is what a message reader returns once another message was begun.
var errStaleReader = errors.New("the message was given up for the next one")

// NextReader returns a reader of the next message, which may be larger than memory
// when MaxMessage allows it. The reader is valid until the next call of Next…,
// which skips what was not read. Its Read returns io.EOF at the message's end, and
// the *CloseError if the connection ends before; it fails at the first bad byte of
// a text. A compressed message is inflated in memory first.
func (c *Conn) NextReader() (op codec.Opcode, r io.Reader, err error) {
	if c.isReady() {
		op, data := c.nextReady()
		return op, c.newStream(messageReader{c: c, rest: data, last: true}), nil
	}
	if !c.beginNext() {
		return 0, nil, c.ending()
	}
	defer c.endRead()
	for {
		ch, err := c.nextPiece()
		if err != nil {
			return 0, nil, err
		}
		if !ch.First {
			continue
		}
		if ch.Compressed {
			if ch.Data, err = c.wholeMessage(ch); err != nil {
				return 0, nil, err
			}
			ch.Last = true
		}
		return ch.Opcode, c.newStream(messageReader{c: c, rest: ch.Data, last: ch.Last}), nil
	}
}

// newStream makes r the reader that is valid.
func (c *Conn) newStream(r messageReader) io.Reader {
	if c.stream == nil {
		c.stream = new(messageReader)
	}
	*c.stream = r
	return c.stream
}

// A messageReader reads one message. Rest is what was decoded of it and not read.
type messageReader struct {
	c    *Conn
	rest []byte
	last bool
}

// Read reads the message's data. It is part of the reading goroutine, like Next….
func (r *messageReader) Read(p []byte) (int, error) {
	c := r.c
	if c == nil {
		return 0, errStaleReader
	}
	if len(p) == 0 {
		return 0, nil
	}
	if !c.reading.CompareAndSwap(false, true) {
		return 0, c.ending()
	}
	defer c.endRead()
	for len(r.rest) == 0 {
		if r.last {
			return 0, io.EOF
		}
		missing := c.rx.Decoder.Missing()
		direct := len(p) >= directSize && missing >= directSize && c.in.empty()
		var ch codec.Chunk
		var err error
		if direct {
			ch, err = c.readInto(p, missing)
		} else {
			ch, err = c.nextPiece()
		}
		if err != nil {
			return 0, err
		}
		r.last = ch.Last
		if direct {
			return len(ch.Data), nil
		}
		r.rest = ch.Data
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}
