package wsconn

import (
	"errors"
	"sync"

	"wskit/codec"
)

// DefaultOutboxLimit is how much an Outbox holds unless told otherwise, in bytes.
const DefaultOutboxLimit = 1 << 20

// outboxOverhead is what a message counts for beside its data, in bytes, so that
// empty messages are bounded too.
const outboxOverhead = 64

// ErrOutboxFull is returned by Outbox.Send for a message that found no room.
var ErrOutboxFull = errors.New("the peer is too slow: its queue is full")

// An OutboxPolicy says what an Outbox does with a message that finds no room.
type OutboxPolicy uint8

const (
	// CloseWhenFull gives up on the peer: what is queued is dropped and the
	// connection closed with codec.ClosePolicyViolation.
	CloseWhenFull OutboxPolicy = iota
	// DropWhenFull drops the message.
	DropWhenFull
)

// An Outbox is a bounded queue of messages in front of a connection, for who must
// not wait for a slow peer. Its goroutine lives only while there is something to
// send, and Wait waits for it. Any goroutine may use it.
type Outbox struct {
	c      *Conn
	limit  int
	policy OutboxPolicy

	mu sync.Mutex
	// guarded by mu
	queue []outMessage
	size  int // of queue and of the message being sent
	full  bool
	// ended is closed when the goroutine ends. It is nil while there is nothing
	// to send.
	ended chan struct{}
	// last is the ended of the last goroutine, which may have yet to close the
	// connection.
	last chan struct{}
}

type outMessage struct {
	op   codec.Opcode
	data []byte
}

func (m outMessage) size() int { return len(m.data) + outboxOverhead }

// NewOutbox returns an empty outbox for c that holds up to limit bytes. If limit is
// zero or negative, DefaultOutboxLimit.
func (c *Conn) NewOutbox(limit int, policy OutboxPolicy) *Outbox {
	if limit <= 0 {
		limit = DefaultOutboxLimit
	}
	return &Outbox{c: c, limit: limit, policy: policy}
}

// Send queues a message, and never waits. Data is kept until it is sent and must not
// change: many outboxes may share it. It returns ErrOutboxFull when there is no room,
// ErrOpcode for what is no message, and the *CloseError once the connection has
// ended. An empty outbox takes a message of any size.
func (o *Outbox) Send(op codec.Opcode, data []byte) error {
	if !op.Data() {
		return ErrOpcode
	}
	if err := o.c.Err(); err != nil {
		return err
	}
	m := outMessage{op: op, data: data}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.full {
		return ErrOutboxFull
	}
	if o.size > 0 && o.size+m.size() > o.limit {
		if o.policy == CloseWhenFull {
			o.full, o.queue = true, nil
			// The message on its way may be stuck: it has no longer than
			// the closing handshake.
			o.c.limitTo(o.c.closeTimeout)
		}
		return ErrOutboxFull
	}
	o.queue = append(o.queue, m)
	o.size += m.size()
	if o.ended == nil {
		o.ended = make(chan struct{})
		o.last = o.ended
		go o.run(o.ended)
	}
	return nil
}

// Wait waits until what was queued is sent, or cannot be any more.
func (o *Outbox) Wait() {
	o.mu.Lock()
	last := o.last
	o.mu.Unlock()
	if last != nil {
		<-last
	}
}

// run sends what is queued. It belongs to Send, and Wait waits for it.
func (o *Outbox) run(ended chan struct{}) {
	defer close(ended)
	for {
		m, ok := o.next()
		if !ok {
			break
		}
		err := o.c.WriteMessage(m.op, m.data)
		o.mu.Lock()
		o.size -= m.size()
		if err != nil {
			o.queue, o.size = nil, 0
		}
		o.mu.Unlock()
	}
	o.mu.Lock()
	full := o.full
	o.mu.Unlock()
	if full {
		o.c.Close(codec.ClosePolicyViolation, "too slow")
	}
}

// next takes the oldest message. Without one the goroutine is over.
func (o *Outbox) next() (m outMessage, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.queue) == 0 {
		o.ended, o.queue = nil, nil
		return m, false
	}
	m, o.queue[0] = o.queue[0], outMessage{}
	o.queue = o.queue[1:]
	return m, true
}
