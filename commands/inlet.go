package commands

import (
	"context"
	"io"
)

// An inlet reads from a stream that may block for ever: a pipe into which nobody
// writes. When its context ends, so does the reading, with the context's error. It
// is for one goroutine at a time.
type inlet struct {
	ctx  context.Context
	want chan struct{}
	got  chan readResult
	rest []byte // of the pump's buffer, which reads no more before this is empty
}

type readResult struct {
	b   []byte
	err error
}

// newInlet returns an inlet from r. Its pump ends with close.
func newInlet(ctx context.Context, r io.Reader) *inlet {
	in := &inlet{ctx: ctx, want: make(chan struct{}, 1), got: make(chan readResult, 1)}
	go in.pump(r)
	return in
}

// close ends the pump, which a read that does not return holds until the process
// ends.
func (in *inlet) close() { close(in.want) }

func (in *inlet) pump(r io.Reader) {
	buf := make([]byte, 64<<10)
	for range in.want {
		n, err := r.Read(buf)
		in.got <- readResult{buf[:n], err}
	}
}

// Read reads what has come, or waits for something.
func (in *inlet) Read(p []byte) (int, error) {
	if len(in.rest) == 0 {
		if err := in.ctx.Err(); err != nil {
			return 0, err
		}
		in.want <- struct{}{}
		select {
		case r := <-in.got:
			in.rest = r.b
			if len(r.b) == 0 {
				return 0, r.err
			}
		case <-in.ctx.Done():
			return 0, in.ctx.Err()
		}
	}
	n := copy(p, in.rest)
	in.rest = in.rest[n:]
	return n, nil
}
