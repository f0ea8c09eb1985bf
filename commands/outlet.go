package commands

import (
	"context"
	"errors"
	"io"
	"time"
)

// flushTime is how long a write may still take once the command is to end.
const flushTime = time.Second

// errStuck says that a write was given up.
var errStuck = errors.New("nobody takes what is written")

// An outlet passes writes on to a stream that may block for ever: a pipe that
// nobody reads. When its context ends, a write that does not return is given up,
// and with it all later ones, so that the connection can still be closed. It is for
// one goroutine at a time.
type outlet struct {
	ctx  context.Context
	w    io.Writer
	buf  []byte // the pump's during a write
	work chan []byte
	done chan written
	err  error
}

type written struct {
	n   int
	err error
}

// newOutlet returns an outlet to w. Its pump ends with close.
func newOutlet(ctx context.Context, w io.Writer) *outlet {
	o := &outlet{ctx: ctx, w: w, work: make(chan []byte), done: make(chan written, 1)}
	go o.pump()
	return o
}

// close ends the pump, which a write that was given up holds until the process ends.
func (o *outlet) close() { close(o.work) }

func (o *outlet) pump() {
	for b := range o.work {
		n, err := o.w.Write(b)
		o.done <- written{n, err}
	}
}

// Write writes b, or gives up.
func (o *outlet) Write(b []byte) (int, error) {
	if o.err != nil {
		return 0, o.err
	}
	if cap(o.buf) > 1<<20 {
		o.buf = nil
	}
	o.buf = append(o.buf[:0], b...)
	o.work <- o.buf
	select {
	case r := <-o.done:
		return r.n, r.err
	case <-o.ctx.Done():
	}
	select {
	case r := <-o.done:
		return r.n, r.err
	case <-time.After(flushTime):
		o.err = errStuck
		return 0, o.err
	}
}
