package scripts

import (
	"sync"
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
	inbox

	// owned by the loop, conn and out from when the connection is open
	conn   *wsconn.Conn
	out    *wsconn.Outbox
	member *hub.Member
	object *goja.Object
	state  int
	name   string
	fields map[string]goja.Value // what the script has set, listeners included
	// listeners are those of addEventListener.
	listeners map[string][]goja.Value
	topics    map[string]bool
	binary    string // binaryType, "" for arraybuffer
	// handlers and timers are how many run for it.
	handlers, timers int
	waits            []*wait
	buffer           []*message // that came while nobody wanted them
	end              *wsconn.CloseError
	expected         bool // the script waited for this end
	silent           bool // autoPong is false
}

// newSocket returns the socket of a connection that is being made.
func (e *Engine) newSocket(r *request) *socket {
	s := &socket{e: e, request: r, name: r.name}
	s.inbox.changed = sync.NewCond(&s.inbox.mu)
	return s
}

// The bounds of an inbox: beyond either, the connection is not read.
const (
	inboxBytes = 1 << 20
	inboxCount = 4096
)

// The bounds of an outbox: beyond the first, a client is not read until all is sent to it,
// and beyond the second the peer is too slow. Between them there is room for the answers
// to a full inbox and to the largest message. A server is always read: if neither end
// read while it sends, both would wait for ever.
const (
	outboxBehind = 512 << 10
	outboxBytes  = 18 << 20
)

// An inbox is what has come and the script has not had yet. The goroutine that reads
// fills it and waits while it is full.
type inbox struct {
	mu      sync.Mutex
	changed *sync.Cond

	// guarded by mu
	in     []incoming
	spare  []incoming
	bytes  int // of what the script has not had, of buffer too
	count  int
	posted bool // the loop knows that there is something
	paused bool
	frames bool // frames are wanted, not messages
	ended  bool
}

// An incoming is a message or a frame.
type incoming struct {
	text  string
	data  []byte
	op    codec.Opcode
	frame bool
	fin   bool
	rsv1  bool
}

func (in *incoming) size() int { return len(in.text) + len(in.data) }

// serve runs the connection: it reads until the end and leaves the rest to the loop.
func (s *socket) serve(c *wsconn.Conn) error {
	e := s.e
	opened := make(chan struct{})
	if !e.post(func() { s.opened(c); close(opened) }) {
		return &wsconn.CloseError{Code: codec.CloseGoingAway, By: wsconn.Local}
	}
	select {
	case <-opened:
	case <-e.stopped:
		return &wsconn.CloseError{Code: codec.CloseGoingAway, By: wsconn.Local}
	}
	stop := make(chan struct{})
	var waker sync.WaitGroup
	waker.Go(func() {
		select {
		case <-c.Done():
		case <-e.stopped:
		case <-stop:
		}
		s.inbox.mu.Lock()
		s.inbox.ended = true
		s.inbox.mu.Unlock()
		s.inbox.changed.Broadcast()
	})
	err := s.read(c)
	close(stop)
	waker.Wait()
	end, _ := err.(*wsconn.CloseError)
	over := make(chan struct{})
	if e.post(func() { s.deliver(); s.closed(end); close(over) }) {
		select {
		case <-over:
		case <-e.stopped:
		}
	}
	return err
}

// read fills the inbox until the connection ends.
func (s *socket) read(c *wsconn.Conn) error {
	for {
		in, err := s.next(c)
		if err != nil {
			return err
		}
		s.inbox.mu.Lock()
		s.in = append(s.in, in)
		s.bytes += in.size()
		s.count++
		first := !s.posted
		s.posted = true
		s.inbox.mu.Unlock()
		if first && !s.e.post(s.deliver) {
			return c.Discard()
		}
	}
}

// next waits until the script may have more, and reads it.
func (s *socket) next(c *wsconn.Conn) (incoming, error) {
	s.inbox.mu.Lock()
	for (s.paused || s.bytes >= inboxBytes || s.count >= inboxCount) && !s.ended {
		s.changed.Wait()
	}
	frames := s.frames
	s.inbox.mu.Unlock()
	if !s.request.client && s.out.Size() > outboxBehind {
		s.out.WaitEmpty()
	}
	if frames {
		f, err := c.NextFrame()
		return incoming{frame: true, op: f.Opcode, fin: f.Fin, rsv1: f.Compressed, data: append([]byte(nil), f.Data...)}, err
	}
	op, data, err := c.NextMessage()
	if op == codec.OpText {
		return incoming{op: op, text: string(data)}, err
	}
	return incoming{op: op, data: append([]byte(nil), data...)}, err
}

// had gives room in the inbox for what the script has had.
func (s *socket) had(bytes, count int) {
	s.inbox.mu.Lock()
	full := s.bytes >= inboxBytes || s.count >= inboxCount
	s.bytes -= bytes
	s.count -= count
	s.inbox.mu.Unlock()
	if full {
		s.changed.Signal()
	}
}

// setReading changes how the connection is read.
func (s *socket) setReading(change func(*inbox)) {
	s.inbox.mu.Lock()
	change(&s.inbox)
	s.inbox.mu.Unlock()
	s.changed.Signal()
}

// opened gives the script its connection, on the loop.
func (s *socket) opened(c *wsconn.Conn) {
	e := s.e
	s.conn, s.state = c, stateOpen
	s.out = c.NewOutbox(outboxBytes, wsconn.CloseWhenFull)
	e.open[s] = struct{}{}
	s.out.Hold()
	defer s.out.Release()
	for _, f := range e.handlers["connection"] {
		s.handlers++
		e.turn(s, func() error {
			v, err := f(goja.Undefined(), s.value())
			if err != nil {
				return err
			}
			return e.then(v, func() { s.handlers-- })
		})
	}
}

// deliver hands what has come to the script, on the loop.
func (s *socket) deliver() {
	s.inbox.mu.Lock()
	batch := s.in
	s.in, s.spare, s.posted = s.spare[:0], nil, false
	s.inbox.mu.Unlock()
	s.out.Hold()
	for i := range batch {
		s.handle(&batch[i])
		batch[i] = incoming{}
	}
	s.out.Release()
	s.inbox.mu.Lock()
	s.spare = batch
	s.inbox.mu.Unlock()
}

// handle hands one message or frame to who wants it.
func (s *socket) handle(in *incoming) {
	m := newMessage(s, in)
	size := in.size()
	if s.wants(in.frame) && !s.awaits() {
		s.dispatch(m)
		s.had(size, 1)
		return
	}
	s.buffer = append(s.buffer, m)
	s.settleWaits()
}

// wants reports whether the script listens to messages, or to frames.
func (s *socket) wants(frame bool) bool {
	if frame {
		return s.listener("onframe") != nil
	}
	return s.listener("onmessage") != nil || len(s.listeners["message"]) > 0
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

// dispatch calls the listeners to a message or a frame.
func (s *socket) dispatch(m *message) {
	if m.in.frame {
		s.call(s.listener("onframe"), s.frameValue(m))
		return
	}
	s.event("message", m.value())
}

// listener returns the function that the script has set, or nil.
func (s *socket) listener(name string) goja.Value {
	v := s.fields[name]
	if _, ok := v.(*goja.Object); ok {
		return v
	}
	return nil
}

// event calls all listeners of an event, each in a turn of its own.
func (s *socket) event(kind string, e goja.Value) {
	s.call(s.listener("on"+kind), e)
	if len(s.listeners[kind]) > 0 {
		for _, f := range append([]goja.Value(nil), s.listeners[kind]...) {
			s.call(f, e)
		}
	}
}

func (s *socket) call(f, arg goja.Value) {
	callable, ok := goja.AssertFunction(f)
	if !ok {
		return
	}
	s.e.turn(s, func() error {
		_, err := callable(s.value(), arg)
		return err
	})
}

// closed tells the script of the end, on the loop.
func (s *socket) closed(end *wsconn.CloseError) {
	if end == nil {
		end = &wsconn.CloseError{Code: codec.CloseAbnormal, By: wsconn.Lost}
	}
	s.state, s.end = stateClosed, end
	delete(s.e.open, s)
	s.e.timers.removeOwned(s)
	s.leaveAll()
	s.settleWaits()
	if end.Code == codec.CloseAbnormal || end.Err != nil {
		s.event("error", s.errorValue(end))
	}
	s.event("close", s.closeValue())
	s.buffer = nil
}

// closeIfDone closes the connection when nothing can happen for it any more.
func (s *socket) closeIfDone() {
	if s.state != stateOpen || s.handlers > 0 || s.timers > 0 || len(s.waits) > 0 || len(s.topics) > 0 || s.listens() {
		return
	}
	s.close(codec.CloseNormal, "")
}

// listens reports whether the script has left a listener.
func (s *socket) listens() bool {
	for _, name := range listenerNames {
		if s.listener(name) != nil {
			return true
		}
	}
	for _, l := range s.listeners {
		if len(l) > 0 {
			return true
		}
	}
	return false
}

// close begins the closing handshake, behind what is queued.
func (s *socket) close(code codec.CloseCode, reason string) {
	if s.state == stateOpen {
		s.state = stateClosing
		s.out.Close(code, reason)
		s.setReading(func(in *inbox) { in.paused = false })
	}
}

// fault closes the connection because of an error in the script.
func (s *socket) fault() {
	s.close(codec.CloseInternalError, "")
}

// after starts a timer that belongs to the socket.
func (s *socket) after(d time.Duration, f func() error) *timer {
	t := &timer{socket: s, owned: true, f: f}
	s.e.timers.add(t, d)
	return t
}
