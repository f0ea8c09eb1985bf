package wsconn

import (
	"sync"
	"time"

	"wskit/codec"
)

// An outItem is a message that waits in an outbox, or a call of do.
type outItem struct {
	data     []byte
	prepared *Prepared // that data is of, or nil
	do       func(c *Conn) error
	size     int // what it counts for
	op       codec.Opcode
}

// An outQueue goes from whoever sends to the goroutine of an outbox, and back to the
// pool when it is empty.
type outQueue struct{ items []outItem }

// The capacities of queues: of a new one, and the largest that the pool keeps.
const (
	outQueueCap    = 8
	outQueueMaxCap = 1024
)

var outQueues = sync.Pool{New: func() any { return &outQueue{make([]outItem, 0, outQueueCap)} }}

// free gives q back. Its items are cleared.
func (q *outQueue) free() {
	if cap(q.items) <= outQueueMaxCap {
		q.items = q.items[:0]
		outQueues.Put(q)
	}
}

// run sends what is queued, and then closes the connection if that was asked for. It
// belongs to whoever made something of that wait, and Wait waits for it.
func (o *Outbox) run() {
	for {
		q, end := o.take()
		switch {
		case q != nil:
			for items := q.items; len(items) > 0; {
				n, err := o.c.writeItems(items)
				items = o.sent(items, n, err)
			}
			q.free()
		case end != nil:
			if end.begin {
				o.c.beginClose(end.code, end.reason)
			} else {
				o.c.Close(end.code, end.reason)
			}
		default:
			return
		}
	}
}

// take returns what the goroutine has to do next. With nothing the goroutine is over.
func (o *Outbox) take() (q *outQueue, end *outClose) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.held == 0 && (o.queue != nil || o.ending != nil) {
		if o.queue == nil {
			end, o.ending = o.ending, nil
		}
		q, o.queue = o.queue, nil
		return q, end
	}
	o.running = false
	o.announce()
	return nil, nil
}

// sent accounts for the first n items, which are sent unless err says why not, and
// returns those that are still to be sent.
func (o *Outbox) sent(items []outItem, n int, err error) []outItem {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err != nil {
		o.dropQueue()
		if o.refusal == nil || o.refusal == ErrClosing {
			o.refusal = err
		}
	}
	if err != nil || o.refusal == ErrOutboxFull {
		n = len(items)
	}
	o.forget(items[:n])
	return items[n:]
}

// dropQueue drops what waits for the goroutine, for the holder of mu.
func (o *Outbox) dropQueue() {
	if q := o.queue; q != nil {
		o.queue = nil
		o.forget(q.items)
		q.free()
	}
}

// forget takes items out of the account, for the holder of mu.
func (o *Outbox) forget(items []outItem) {
	for i := range items {
		o.size -= items[i].size
	}
	o.count -= len(items)
	clear(items)
	if o.count == 0 {
		o.announce()
	}
}

// writeItems sends the first of items, with those behind it that fit into the same
// write, and returns how many that are.
func (c *Conn) writeItems(items []outItem) (n int, err error) {
	if do := items[0].do; do != nil {
		return 1, do(c)
	}
	size := c.itemSize(&items[0])
	for n = 1; n < len(items) && items[n].do == nil; n++ {
		if size += c.itemSize(&items[n]); size > queueSize-slotReserve {
			break
		}
	}
	if !c.lockMessage() {
		return 0, c.Err()
	}
	defer c.message.unlock()
	if n == 1 {
		return 1, c.sendItem(&items[0])
	}
	if err := c.beginWrite(); err != nil {
		return 0, err
	}
	defer c.endWrite()
	c.queueMu.Lock()
	out := c.takeDue(size)
	for i := range items[:n] {
		c.appendItem(out, &items[i])
	}
	c.queueMu.Unlock()
	return n, c.writeOut(out)
}

// itemSize returns a bound for the size of a message on the wire.
func (c *Conn) itemSize(it *outItem) int {
	if it.prepared != nil {
		if f := c.formOf(it.prepared); f != nil {
			return len(f.frame)
		}
	}
	return c.encodedSize(len(it.data))
}

// sendItem sends a message of any size, for the holder of the message lock.
func (c *Conn) sendItem(it *outItem) error {
	if it.prepared != nil {
		return c.sendPrepared(it.prepared)
	}
	return c.sendMessage(it.op, it.data)
}

// appendItem appends a message to out, which has room for it, for the holder of
// queueMu.
func (c *Conn) appendItem(out *buffer, it *outItem) {
	if it.prepared != nil {
		if f := c.formOf(it.prepared); f != nil {
			out.b = append(out.b, f.frame...)
			c.countPrepared(it.prepared, f)
			return
		}
	}
	c.appendMessage(out, it.op, it.data)
}

// drainOutboxes has the outboxes send what they hold, and lets them take nothing more.
// It gives up after half of the time that the closing handshake may take, so that a
// call of Do that goes on for long does not cost the peer its close frame.
func (c *Conn) drainOutboxes() {
	c.mu.Lock()
	last := c.outbox
	c.mu.Unlock()
	empty := true
	for o := last; o != nil; o = o.older {
		empty = o.refuse() && empty
	}
	if empty {
		return
	}
	late := make(chan struct{})
	timer := time.AfterFunc(c.closeTimeout/2, func() { close(late) })
	defer timer.Stop()
	for o := last; o != nil; o = o.older {
		o.await(o.empty, late)
	}
}

// refuse lets the outbox take nothing more and reports whether it is empty.
func (o *Outbox) refuse() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.refusal == nil {
		o.refusal = ErrClosing
	}
	return o.empty()
}

// empty reports whether everything is sent, for the holder of mu.
func (o *Outbox) empty() bool { return o.count == 0 }
