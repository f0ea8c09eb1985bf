package scripts

import (
	"bytes"
	"slices"
	"sync"
	"time"

	"wskit/codec"
	"wskit/codec/wsconn"
)

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
	mu sync.Mutex

	// guarded by mu
	in     []incoming
	spare  []incoming
	bytes  int // of what the script has not had, of buffer too
	count  int
	posted bool // the loop knows that there is something
	paused bool
	frames bool // frames are wanted, not messages
	// controls says that pings and pongs are wanted too.
	controls bool
	endless  bool // what finds no room is dropped
	// room is told when the connection may be read again. It is nil until somebody has
	// waited for that.
	room chan struct{}
}

// full reports whether the connection must not be read now, for the holder of mu.
func (b *inbox) full() bool { return b.bytes >= inboxBytes || b.count >= inboxCount }

// An incoming is a message, a frame, a ping or a pong.
type incoming struct {
	text  string
	data  []byte
	op    codec.Opcode
	frame bool
	fin   bool
	rsv1  bool
}

func (in *incoming) size() int { return len(in.text) + len(in.data) }

// read fills the inbox until the connection ends.
func (s *socket) read(c *wsconn.Conn) error {
	for {
		in, err := s.next(c)
		if err != nil {
			return err
		}
		if s.e.ctx.Err() != nil || !s.push(in) {
			return c.Discard()
		}
	}
}

// push puts something into the inbox, and reports false when the loop has ended.
func (s *socket) push(in incoming) bool {
	s.inbox.mu.Lock()
	if s.endless && s.full() {
		s.inbox.mu.Unlock()
		return true
	}
	s.in = append(s.in, in)
	s.bytes += in.size()
	s.count++
	first := !s.posted
	s.posted = true
	s.inbox.mu.Unlock()
	return !first || s.e.post(s.deliver)
}

// control puts a ping or a pong into the inbox if the script wants it. It never waits,
// and lets them go while the script is behind. It is OnControl of the connection.
func (s *socket) control(op codec.Opcode, payload []byte) {
	s.inbox.mu.Lock()
	wanted := s.controls && !s.full()
	s.inbox.mu.Unlock()
	if wanted {
		s.push(incoming{op: op, data: bytes.Clone(payload)})
	}
}

// next waits until the script may have more, and reads it.
func (s *socket) next(c *wsconn.Conn) (incoming, error) {
	frames, room := s.readable()
	for room != nil {
		select {
		case <-room:
			frames, room = s.readable()
		case <-c.Done():
			room = nil
		case <-s.e.ctx.Done():
			room = nil
		}
	}
	if s.behind() {
		s.out.WaitEmpty()
	}
	if frames || s.amid { // a message whose beginning was a frame has no other end
		f, err := c.NextFrame()
		s.amid = err == nil && !f.Fin
		return incoming{frame: true, op: f.Opcode, fin: f.Fin, rsv1: f.Compressed, data: bytes.Clone(f.Data)}, err
	}
	op, data, err := c.NextMessage()
	if op == codec.OpText {
		return incoming{op: op, text: string(data)}, err
	}
	return incoming{op: op, data: bytes.Clone(data)}, err
}

// readable reports whether frames are wanted. While the connection must not be read, it
// returns what tells of room.
func (b *inbox) readable() (frames bool, room <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.paused && (!b.full() || b.endless) {
		return b.frames, nil
	}
	if b.room == nil {
		b.room = make(chan struct{}, 1)
	}
	return b.frames, b.room
}

// tellRoom tells who waits for room, for the holder of mu.
func (b *inbox) tellRoom() {
	if b.room != nil {
		select {
		case b.room <- struct{}{}:
		default:
		}
	}
}

// putBack leaves what a batch has not reached to the next one, and wakes who waits for an
// empty inbox when there is nothing.
func (s *socket) putBack(batch []incoming, done int) {
	rest := batch[done:]
	s.inbox.mu.Lock()
	if len(rest) > 0 {
		s.in = append(slices.Clone(rest), s.in...)
	}
	again := len(rest) > 0 && !s.posted
	s.posted = s.posted || again
	empty := len(s.in) == 0
	clear(batch)
	s.spare = batch[:0]
	s.inbox.mu.Unlock()
	switch {
	case empty && s.onEmpty != nil:
		close(s.onEmpty)
		s.onEmpty = nil
	case again && s.behind():
		go func() {
			s.out.WaitEmpty()
			s.e.post(s.deliver)
		}()
	case again:
		s.e.post(s.deliver)
	}
}

// had gives room in the inbox for what the script has had.
func (b *inbox) had(bytes, count int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	full := b.full()
	b.bytes -= bytes
	b.count -= count
	if full {
		b.tellRoom()
	}
}

// setReading changes how the connection is read.
func (b *inbox) setReading(change func(*inbox)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change(b)
	b.tellRoom()
}

// catchUp waits until the script has had what came, for a part of the time that the closing
// handshake may take. It is OnClose of the connection: a message is answered before the
// close that follows it.
func (s *socket) catchUp() {
	had := make(chan struct{})
	if !s.e.post(func() { s.notifyEmpty(had) }) {
		return
	}
	late := time.NewTimer(s.closeTimeout / 3)
	defer late.Stop()
	select {
	case <-had:
	case <-s.e.ctx.Done():
	case <-late.C:
	}
}

// notifyEmpty closes had when the script has had what has come, on the loop.
func (s *socket) notifyEmpty(had chan struct{}) {
	s.inbox.mu.Lock()
	empty := len(s.in) == 0
	s.inbox.mu.Unlock()
	if empty {
		close(had)
		return
	}
	s.onEmpty = had
}
