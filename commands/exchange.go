package commands

import (
	"cmp"
	"context"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"wskit/codec"
	"wskit/codec/wsconn"
	"wskit/internal/trace"
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
	// planned is how many messages there are to send, as far as that is known
	// before. If zero, they are counted.
	planned int
	want    expectation
	// show gets each message that is to be printed; data is borrowed. An error
	// ends the exchange. It is nil when somebody else shows what comes.
	show func(op codec.Opcode, data []byte) error
	// fault tells that somebody else failed to show it.
	fault <-chan error

	progress chan struct{} // of capacity 1: something below has changed

	// guarded by mu
	mu      sync.Mutex
	sent    int  // or could not be, because the connection had ended
	sentAll bool // or nothing more can be sent
	sendErr error
	got     int // that count
	skipped int
	matched bool
	showErr error
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

	when, err := x.await(ctx)
	closeErr := x.close()
	readers.Wait()
	return cmp.Or(err, closeErr, x.unmet(when))
}

// await waits until the expectation is met or cannot be any more, and then says by
// when it was not: "within 10s". The error is of what ends an exchange at once.
func (x *exchange) await(ctx context.Context) (when string, err error) {
	var limit, wait <-chan time.Time
	if x.want.limit > 0 {
		limit = time.After(x.want.limit)
	}
	for {
		done, waiting, err := x.state()
		if done || err != nil {
			return "", err
		}
		if waiting && wait == nil && x.want.wait >= 0 {
			wait = time.After(x.want.wait)
		}
		select {
		case <-x.progress:
		case <-limit:
			if !x.want.pending {
				x.want.count = 0 // what came is enough
			}
			return "within " + x.want.limit.String(), nil
		case <-wait:
			return "within " + x.want.wait.String(), nil
		case err := <-x.fault:
			return "", err
		case <-ctx.Done():
			return "", interruption(ctx)
		}
	}
}

// state reports whether the exchange is done, and whether it only waits for the
// peer.
func (x *exchange) state() (done, waiting bool, err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case x.showErr != nil:
		return true, false, x.showErr
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
	if x.sent == 0 && !x.want.pending && x.sendErr == nil {
		return false, false, nil
	}
	return x.got >= x.target(), true, nil
}

// target returns how many messages are expected. The caller holds mu.
func (x *exchange) target() int {
	switch {
	case x.want.count >= 0:
		return x.want.count
	case x.want.match != nil, len(x.want.closes) > 0:
		return 0
	}
	return max(x.sent, x.planned)
}

// close performs the closing handshake, unless the connection has ended, and
// returns what is wrong with its end.
func (x *exchange) close() error {
	if x.conn.Err() == nil {
		x.conn.Close(codec.CloseNormal, "")
	}
	end := x.end()
	if x.wanted(end) {
		return nil
	}
	return closeFailure(end)
}

// end returns how the connection ended.
func (x *exchange) end() *wsconn.CloseError {
	var end *wsconn.CloseError
	errors.As(x.conn.Err(), &end)
	return end
}

// wanted reports whether the server ended the connection as --expect-close says.
func (x *exchange) wanted(end *wsconn.CloseError) bool {
	return end.By != wsconn.Local && slices.Contains(x.want.closes, end.Code)
}

// unmet returns the error of what could not be sent, or of an expectation that was
// not met, or nil. When says by when; if it is empty, by the end of the connection.
func (x *exchange) unmet(when string) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	end := x.end()
	closed := "the server closed with " + end.Code.String()
	if when == "" {
		when = "before " + closed
	}
	switch {
	case x.sendErr != nil:
		return x.sendErr
	case len(x.want.closes) > 0 && end.By == wsconn.Peer && !x.wanted(end):
		return failf(exitExpectation, "%s, --expect-close wants %s", closed, x.want.codes())
	case len(x.want.closes) > 0 && !x.wanted(end):
		return failf(exitExpectation, "the server did not close with %s %s", x.want.codes(), when)
	case x.want.match != nil && !x.matched:
		return failf(exitExpectation, "no message matched %q %s", x.want.match, when)
	case x.got < x.target():
		return failf(exitExpectation, "got %d of %s %s", x.got, trace.Plural(x.target(), "message"), when).
			withHint("--count says how many to wait for, -w how long")
	}
	return nil
}

// codes returns the close codes that are expected, for people.
func (w *expectation) codes() string {
	words := make([]string, len(w.closes))
	for i, code := range w.closes {
		words[i] = strconv.Itoa(int(code))
	}
	return strings.Join(words, " or ")
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
	if x.show != nil && (matches || x.want.all || counts && x.want.match == nil) {
		err = x.show(op, data)
	}
	x.change(func() {
		if counts {
			x.got++
		} else {
			x.skipped++
		}
		x.matched = x.matched || matches
		x.showErr = cmp.Or(x.showErr, err)
	})
}

// sendAll sends what there is to send. What cannot be read ends the sending, and
// the answers to what went before are waited for all the same.
func (x *exchange) sendAll() {
	for {
		m, err := x.send.next()
		if err != nil {
			x.change(func() {
				x.sentAll = true
				if !errors.Is(err, io.EOF) {
					x.sendErr = err
				}
			})
			return
		}
		x.change(func() { x.sent++ })
		// What ended the connection is found by receive.
		if x.conn.WriteMessage(m.opcode, m.data) != nil {
			return
		}
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
