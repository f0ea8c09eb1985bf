package scripts

import (
	"slices"
	"time"

	"github.com/dop251/goja"

	"wskit/codec"
	"wskit/codec/wsconn"
	"wskit/internal/hub"
)

// The values of readyState.
const (
	stateConnecting = iota
	stateOpen
	stateClosing
	stateClosed
)

// A socket is a connection as a script sees it.
type socket struct {
	e       *Engine
	request *request
	// closeTimeout is that of the connection.
	closeTimeout time.Duration
	amid         bool // the last frame was not the last of its message; owned by who reads
	inbox

	// owned by the loop, conn and out from when the connection is open
	conn   *wsconn.Conn
	out    *wsconn.Outbox
	member *hub.Member
	object *goja.Object
	state  int
	name   string
	fields map[string]goja.Value // what the script has set
	listeners
	topics map[string]bool
	binary string // binaryType, "" for arraybuffer
	// handlers and timers are how many run for it.
	handlers, timers int
	owned            map[*timer]struct{} // the timers that end with it
	waits            []*wait
	buffer           []*message // that came while nobody wanted them
	end              *wsconn.CloseError
	expected         bool // the script waited for this end
	silent           bool // autoPong is false
	failed           bool // the script has failed
	heard            bool // the script has had a message or a frame
	dropping         bool // endless of the inbox
	limits           limits
	decision         *decision     // of its upgrade, nil for none
	onEmpty          chan struct{} // closed when the inbox is empty, nil for nobody
	// dialled says that a script has opened it, by connect, and owner for whom, nil
	// for nobody. Its dials are what was opened for it and has not ended.
	dialled bool
	owner   *socket
	dials   []*socket
	late    bool // its owner was about to end when it was dialled
}

// newSocket returns the socket of a connection that is being made.
func (e *Engine) newSocket(r *request) *socket {
	return &socket{e: e, request: r, name: r.name}
}

// serve runs the connection: it reads until the end and leaves the rest to the loop.
// That calls opened first.
func (s *socket) serve(c *wsconn.Conn, opened func()) error {
	e := s.e
	begun := make(chan struct{})
	if !e.post(func() { s.begin(c, opened); close(begun) }) {
		return &wsconn.CloseError{Code: codec.CloseGoingAway, By: wsconn.Local}
	}
	select {
	case <-begun:
	case <-e.ctx.Done():
		return &wsconn.CloseError{Code: codec.CloseGoingAway, By: wsconn.Local}
	}
	err := s.read(c)
	end, _ := err.(*wsconn.CloseError)
	over := make(chan struct{})
	if e.post(func() { s.deliverUntil(time.Time{}); s.closed(end); close(over) }) {
		select {
		case <-over:
		case <-e.ctx.Done():
		}
	}
	return err
}

// begin opens the socket, on the loop.
func (s *socket) begin(c *wsconn.Conn, opened func()) {
	s.conn, s.state = c, stateOpen
	s.e.open[s] = struct{}{}
	s.out = c.NewOutbox(outboxBytes, wsconn.CloseWhenFull)
	s.out.Hold()
	defer s.out.Release()
	opened()
}

// handled gives the script its connection: it calls the handlers of connection.
func (s *socket) handled() {
	e := s.e
	s.handlers += len(e.handlers["connection"]) // all of them, before the first may be the last
	for _, f := range e.handlers["connection"] {
		e.turn(s, func() error {
			v, err := f(goja.Undefined(), s.value())
			if err != nil {
				s.handlers--
				return err
			}
			return e.settle(v, func(goja.Value) { s.handlers-- }, func(reason goja.Value) {
				s.handlers--
				if !isEnd(reason) {
					e.fail(s, e.file.failureOf(reason, nil))
				}
			})
		})
	}
	e.touch(s) // there may be no handler
	e.closeTouched()
}

// A batch ends after batchTime, or with batchCount messages at the least and when much
// waits for the peer: others have their turn, and what was sent goes out.
const (
	batchTime  = 10 * time.Millisecond
	batchCount = 16
)

// deliver hands what has come to the script, on the loop: a batch of it.
func (s *socket) deliver() { s.deliverUntil(time.Now().Add(batchTime)) }

// deliverUntil hands what has come to the script, until it is late. The zero time is never.
func (s *socket) deliverUntil(late time.Time) {
	s.inbox.mu.Lock()
	batch := s.in
	s.in, s.spare, s.posted = s.spare[:0], nil, false
	s.inbox.mu.Unlock()
	s.out.Hold()
	bytes, count, done := 0, 0, len(batch)
	for i := range batch {
		if i > 0 && i%batchCount == 0 && !late.IsZero() && (s.behind() || time.Now().After(late)) {
			done = i
			break
		}
		if s.e.exiting {
			break
		}
		if s.handle(&batch[i]) {
			bytes += batch[i].size()
			count++
		}
	}
	s.out.Release()
	s.had(bytes, count)
	s.putBack(batch, done)
}

// behind reports whether a client takes less than the script sends. A server is always
// read: if neither end read while it sends, both would wait for ever.
func (s *socket) behind() bool { return !s.request.client && s.out.Size() > outboxBehind }

// handle hands what has come to who wants it, and reports false where it is kept.
func (s *socket) handle(in *incoming) bool {
	m := newMessage(s, in)
	switch {
	case s.failed && !s.awaits(): // what listens has failed, or may as well
	case in.op.Control():
		k := onPing
		if in.op == codec.OpPong {
			k = onPong
		}
		s.event(k, m)
	case len(s.buffer) == 0 && !in.frame && s.listensTo(onMessage) && !s.listensTo(onFrame) && !s.awaits():
		s.heard = true
		s.event(onMessage, m)
	default:
		s.buffer = append(s.buffer, m)
		s.settleWaits()
		return false
	}
	return true
}

// awaits reports whether a message or a frame is waited for.
func (s *socket) awaits() bool {
	for _, w := range s.waits {
		if w.kind != forClosed {
			return true
		}
	}
	return false
}

// closed tells the script of the end, on the loop.
func (s *socket) closed(end *wsconn.CloseError) {
	if end == nil {
		end = &wsconn.CloseError{Code: codec.CloseAbnormal, By: wsconn.Lost}
	}
	s.state, s.end = stateClosed, end
	s.leave()
	s.e.timers.removeOwned(s)
	s.leaveAll()
	s.settleWaits()
	if end.Code == codec.CloseAbnormal || end.Err != nil {
		s.event(onError, failedEnd{s})
	}
	s.event(onClose, closedEnd{s})
	s.e.closeTouched()
}

// leave takes the socket out of the engine, and ends what was dialled for it.
func (s *socket) leave() {
	if s.dialled {
		s.e.dialled--
		if s.owner != nil {
			s.owner.dials = slices.DeleteFunc(s.owner.dials, func(d *socket) bool { return d == s })
			s.e.touch(s.owner)
		}
	}
	delete(s.e.open, s)
	code := codec.CloseNormal
	if s.end.Code != codec.CloseNormal {
		code = codec.CloseGoingAway
	}
	for _, d := range s.dials {
		if !d.late {
			d.close(code, "")
		}
	}
}

// closeIfDone closes the connection when nothing can happen for it any more. One that was
// dialled ends with its owner.
func (s *socket) closeIfDone() {
	switch {
	case s.state == stateOpen && !s.dialled && !s.busy():
		s.close(codec.CloseNormal, "")
	case s.state == stateClosed && s.handlers == 0:
		for _, d := range s.dials {
			d.close(codec.CloseNormal, "")
		}
	}
}

// busy reports whether something can still happen for the script.
func (s *socket) busy() bool {
	return s.handlers > 0 || s.timers > 0 || len(s.waits) > 0 || len(s.topics) > 0 || s.listens() ||
		slices.ContainsFunc(s.dials, (*socket).busy)
}

// close begins the closing handshake, behind what is queued. What comes before the peer's
// close frame still goes to the script.
func (s *socket) close(code codec.CloseCode, reason string) {
	if s.state == stateOpen {
		s.state = stateClosing
		s.out.BeginClose(code, reason)
		s.setReading(func(in *inbox) { in.paused = false })
	}
}

// fault closes the connection because of an error in the script, which gets nothing more
// of it.
func (s *socket) fault() {
	s.failed = true
	s.close(codec.CloseInternalError, "")
}

// after starts a timer that belongs to the socket.
func (s *socket) after(d time.Duration, f func() error) *timer {
	t := &timer{socket: s, owned: true, f: f}
	s.e.timers.add(t, d)
	return t
}
