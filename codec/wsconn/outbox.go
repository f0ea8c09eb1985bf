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

// ErrOutboxFull is returned by an Outbox for what found no room.
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
// not wait for a slow peer. What waits goes out in its order and in as few writes as
// it fits. Its goroutine lives only while there is something to send, and Wait waits
// for it; an outbox that is empty is little more than a hundred bytes. Any goroutine
// may use it.
//
// Conn.Close sends what the outboxes of the connection hold, and lets them take
// nothing more.
type Outbox struct {
	c *Conn
	// start is run. It is made once, for a go statement with a method makes a
	// closure each time.
	start func()
	limit int
	// older is the outbox of c that was made before, nil for none.
	older *Outbox

	mu sync.Mutex
	// guarded by mu

	// queue is what the goroutine has not taken yet, nil for nothing.
	queue *outQueue
	// size is of the payloads, and count the number, of what is queued or being
	// sent.
	size, count int
	// held is how many calls of Hold wait for Release.
	held int
	// refusal is the error of what is sent from now on, nil for none.
	refusal error
	// ending is the close that follows what is queued, nil for none or once it
	// was begun.
	ending *outClose
	// changed is closed when count becomes zero and when the outbox becomes idle.
	// It is nil while nobody waits for that.
	changed chan struct{}
	policy  OutboxPolicy
	// running says that there is a goroutine, closed that ending was set.
	running, closed bool
}

// outClose is what to close a connection with.
type outClose struct {
	code   codec.CloseCode
	reason string
	begin  bool // and leave the rest to who reads
}

// NewOutbox returns an empty outbox for c that holds up to limit bytes. If limit is
// zero or negative, DefaultOutboxLimit.
func (c *Conn) NewOutbox(limit int, policy OutboxPolicy) *Outbox {
	if limit <= 0 {
		limit = DefaultOutboxLimit
	}
	o := &Outbox{c: c, limit: limit, policy: policy}
	o.start = o.run
	c.mu.Lock()
	defer c.mu.Unlock()
	o.older, c.outbox = c.outbox, o
	return o
}

// Send queues a message, and never waits. Data is kept until it is sent and must not
// change: many outboxes may share it. It returns ErrOutboxFull when there is no room,
// ErrOpcode for what is no message, ErrClosing after Close, and the *CloseError once
// the connection has ended. An empty outbox takes a message of any size.
func (o *Outbox) Send(op codec.Opcode, data []byte) error {
	if !op.Data() {
		return ErrOpcode
	}
	return o.put(outItem{op: op, data: data, size: len(data)})
}

// SendPrepared is Send for a message that many connections are sent.
func (o *Outbox) SendPrepared(p *Prepared) error {
	if !p.op.Data() {
		return ErrOpcode
	}
	return o.put(outItem{op: p.op, data: p.data, prepared: p, size: len(p.data)})
}

// Do queues a call of f among the messages, which counts like a message of size
// bytes. It never waits and returns the errors of Send. F runs on the goroutine of
// the outbox: it may write and may wait, but no longer than until Done of c, and must
// not call Wait of the outbox or Close of the connection. Its error is like that of a
// message that could not be sent: the outbox drops what it holds, takes nothing more
// and returns that error from then on. F is not called at all after such an error.
func (o *Outbox) Do(size int, f func(c *Conn) error) error {
	return o.put(outItem{do: f, size: max(size, 0)})
}

// put queues it and sees to it that somebody sends it.
func (o *Outbox) put(it outItem) error {
	if err := o.c.Err(); err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.refusal != nil {
		return o.refusal
	}
	if o.count > 0 && o.size+o.count*outboxOverhead+it.size+outboxOverhead > o.limit {
		if o.policy == CloseWhenFull {
			o.giveUp()
		}
		return ErrOutboxFull
	}
	if o.queue == nil {
		o.queue = outQueues.Get().(*outQueue)
	}
	o.queue.items = append(o.queue.items, it)
	o.size += it.size
	o.count++
	o.wake()
	return nil
}

// giveUp ends the connection of a peer that is too slow, for the holder of mu.
func (o *Outbox) giveUp() {
	o.dropQueue()
	o.refusal = ErrOutboxFull
	o.closed, o.ending = true, &outClose{code: codec.ClosePolicyViolation, reason: "too slow"}
	// The message on its way may be stuck: it has no longer than the closing
	// handshake.
	o.c.limitTo(o.c.closeTimeout)
	o.wake()
}

// Close closes the connection as Conn.Close does, once what is queued is sent. It does
// not wait for any of that: Wait does, and Done of the connection tells. From now on
// Send returns ErrClosing. Only the first call has an effect.
func (o *Outbox) Close(code codec.CloseCode, reason string) {
	o.close(&outClose{code: code, reason: reason})
}

// BeginClose is Close for who reads on: the messages that come before the peer's close
// frame go to the reader, and without one the handshake is never completed.
func (o *Outbox) BeginClose(code codec.CloseCode, reason string) {
	o.close(&outClose{code: code, reason: reason, begin: true})
}

func (o *Outbox) close(end *outClose) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return
	}
	o.closed, o.ending = true, end
	if o.refusal == nil {
		o.refusal = ErrClosing
	}
	o.wake()
}

// Size returns the number of bytes that wait: those of the data of messages, and the
// sizes given to Do, until they are handed to the network. It is zero when there are
// none.
func (o *Outbox) Size() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.size
}

// Hold keeps what is queued from now on, and perhaps what was before, until Release
// is called as many times as Hold: for who is about to send several messages, so that
// they go out together. The limit holds meanwhile. It never waits.
func (o *Outbox) Hold() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.held++
}

// Release ends Hold. Without one it does nothing.
func (o *Outbox) Release() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.held > 0 {
		o.held--
	}
	o.wake()
}

// Wait waits until what was queued is sent, or cannot be any more, and the connection
// is closed if that was asked for. While the outbox is held it waits for Release.
func (o *Outbox) Wait() { o.await(o.idle, nil) }

// WaitEmpty waits until all that was queued is handed to the network or dropped, or the
// connection has ended: for who sends answers and will not ask for more while they wait.
func (o *Outbox) WaitEmpty() { o.await(o.empty, o.c.Done()) }

// idle reports whether there is nothing to do, for the holder of mu.
func (o *Outbox) idle() bool { return !o.running && o.queue == nil && o.ending == nil }

// await waits until ready, which is called by the holder of mu, or until late is
// closed.
func (o *Outbox) await(ready func() bool, late <-chan struct{}) {
	o.mu.Lock()
	for !ready() {
		if o.changed == nil {
			o.changed = make(chan struct{})
		}
		changed := o.changed
		o.mu.Unlock()
		select {
		case <-changed:
		case <-late:
			return
		}
		o.mu.Lock()
	}
	o.mu.Unlock()
}

// announce wakes those in await, for the holder of mu.
func (o *Outbox) announce() {
	if o.changed != nil {
		close(o.changed)
		o.changed = nil
	}
}

// wake starts the goroutine if there is something for it, for the holder of mu.
func (o *Outbox) wake() {
	if !o.running && o.held == 0 && !o.idle() {
		o.running = true
		go o.start()
	}
}
