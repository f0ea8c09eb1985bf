package commands

import (
	"cmp"
	"context"
	"errors"
	"io"
	"regexp"
	"slices"
	"sync"
	"time"

	"wskit/codec"
	"wskit/codec/wsconn"
)

// An outgoing is one message to send.
type outgoing struct {
	opcode codec.Opcode
	data   []byte
}

// A sender yields the messages to send, io.EOF after the last.
type sender interface {
	next() (outgoing, error)
}

// An expectation is what an exchange waits for before it closes.
type expectation struct {
	count   int            // messages; -1 is as many as were sent
	skip    int            // messages that come first and do not count
	match   *regexp.Regexp // a message to wait for
	all     bool           // print what does not match too
	closes  []codec.CloseCode
	wait    time.Duration // after the last message was sent; negative is for ever
	limit   time.Duration // for the whole exchange, which then ends normally; 0 is none
	pending bool          // something was asked for explicitly
}

// An exchange sends messages and takes those that come, until its expectation is
// met: the piped and one-shot life of a client.
type exchange struct {
	conn *wsconn.Conn
	send sender
	want expectation
	// show gets each message that is to be printed; data is borrowed. An error
	// ends the exchange.
	show func(op codec.Opcode, data []byte) error

	progress chan struct{} // of capacity 1: something below has changed

	// guarded by mu
	mu      sync.Mutex
	sent    int
	sentAll bool
	got     int // that count
	skipped int
	matched bool
	err     error // of reading what to send, or of showing
	ended   bool
}

// run drives the exchange to its end, closes the connection and says how it went.
func (x *exchange) run(ctx context.Context) error {
	x.progress = make(chan struct{}, 1)
	var readers sync.WaitGroup
	readers.Go(x.receive)
	// The sender may sit in a read of stdin, which nothing can interrupt, so
	// nobody waits for it: it ends with the process.
	go x.sendAll()

	err := x.await(ctx)
	if closeErr := x.close(ctx, err); err == nil {
		err = closeErr
	}
	readers.Wait()
	return err
}

// await waits until the expectation is met or cannot be any more.
func (x *exchange) await(ctx context.Context) error {
	var limit, wait <-chan time.Time
	if x.want.limit > 0 {
		limit = time.After(x.want.limit)
	}
	for {
		done, waiting, err := x.state()
		if done || err != nil {
			return err
		}
		if waiting && wait == nil && x.want.wait >= 0 {
			wait = time.After(x.want.wait)
		}
		select {
		case <-x.progress:
		case <-limit:
			return nil
		case <-wait:
			return x.unmet("within " + x.want.wait.String())
		case <-ctx.Done():
			return interruption(ctx)
		}
	}
}

// state reports whether the exchange is done, and whether it only waits for the
// peer.
func (x *exchange) state() (done, waiting bool, err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case x.err != nil:
		return true, false, x.err
	case x.ended:
		return true, false, nil
	case !x.sentAll:
		return false, false, nil
	}
	if len(x.want.closes) > 0 {
		return false, true, nil
	}
	if x.want.match != nil && !x.matched {
		return false, true, nil
	}
	if x.sent == 0 && !x.want.pending {
		return false, false, nil
	}
	return x.got >= x.target(), true, nil
}

// target returns how many messages are expected. The caller holds mu.
func (x *exchange) target() int {
	switch {
	case x.want.count >= 0:
		return x.want.count
	case x.want.match != nil:
		return 0
	}
	return x.sent
}

// close performs the closing handshake, unless the connection has ended, and says
// what the exchange comes to.
func (x *exchange) close(ctx context.Context, err error) error {
	if x.conn.Err() == nil {
		closeErr := x.conn.Close(codec.CloseNormal, "")
		if err != nil {
			return err
		}
		end := (*wsconn.CloseError)(nil)
		if errors.As(closeErr, &end) {
			return closeFailure(end)
		}
		return nil
	}
	var end *wsconn.CloseError
	errors.As(x.conn.Err(), &end)
	if slices.Contains(x.want.closes, end.Code) {
		return nil
	}
	if failure := closeFailure(end); failure != nil {
		return failure
	}
	return x.unmet("before the server closed with " + end.Code.String())
}

// unmet returns the error of an expectation that was not met, or nil if it was.
func (x *exchange) unmet(when string) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case len(x.want.closes) > 0:
		return failf(exitExpectation, "the server did not close with %v %s", x.want.closes, when)
	case x.want.match != nil && !x.matched:
		return failf(exitExpectation, "no message matched %q %s", x.want.match, when)
	case x.got < x.target():
		return failf(exitExpectation, "got %d of %d messages %s", x.got, x.target(), when).
			withHint("--count says how many to wait for, -w how long")
	}
	return nil
}

// receive takes messages until the connection ends.
func (x *exchange) receive() {
	for {
		op, data, err := x.conn.NextMessage()
		if err != nil {
			x.change(func() { x.ended = true })
			return
		}
		x.take(op, data)
	}
}

func (x *exchange) take(op codec.Opcode, data []byte) {
	x.mu.Lock()
	counts := x.skipped >= x.want.skip
	matches := counts && !x.matched && x.want.match != nil && x.want.match.Match(data)
	x.mu.Unlock()

	var err error
	if matches || x.want.all || counts && x.want.match == nil {
		err = x.show(op, data)
	}
	x.change(func() {
		if counts {
			x.got++
		} else {
			x.skipped++
		}
		x.matched = x.matched || matches
		x.err = cmp.Or(x.err, err)
	})
}

// sendAll sends what there is to send.
func (x *exchange) sendAll() {
	for {
		m, err := x.send.next()
		if errors.Is(err, io.EOF) {
			x.change(func() { x.sentAll = true })
			return
		}
		if err != nil {
			x.change(func() { x.err = err })
			return
		}
		// What ended the connection is found by receive.
		if x.conn.WriteMessage(m.opcode, m.data) != nil {
			return
		}
		x.change(func() { x.sent++ })
	}
}

// change changes the state and wakes await.
func (x *exchange) change(f func()) {
	x.mu.Lock()
	f()
	x.mu.Unlock()
	select {
	case x.progress <- struct{}{}:
	default:
	}
}
