package load

import "wskit/codec"

// maxInline is how many bytes may be in flight on a connection whose reading
// goroutine sends. They fit the queue of a connection and the buffers of any socket,
// so that it never waits for a peer that waits for it.
const maxInline = 48 << 10

// frameOverhead is what a short message is longer on the wire, in bytes.
const frameOverhead = codec.MaxHeader

// maxBatch is the largest number of messages that a worker takes at a time.
const maxBatch = 256

// maxIdleWorkers is how many workers wait for work. Others end.
const maxIdleWorkers = 64

// allowance returns how many messages c may send, for the holder of mu.
func (c *conn) allowance(now int64) int64 {
	e := c.e
	n := c.last - c.next
	switch {
	case c.over || n <= 0:
		return 0
	case e.mode == Open:
		n = min(n, c.dueBy(now)-c.next)
	case now >= e.end.Load():
		return 0
	case e.replies:
		n = min(n, int64(e.cfg.Pipeline)-(c.next-c.head))
	}
	if e.counted {
		n = min(n, e.tokens.Load())
	}
	return max(n, 0)
}

// refill queues as many messages as c may send, for the holder of mu between enter
// and leave.
func (c *conn) refill() {
	for n := c.e.take(c.allowance(c.now)); n > 0; n-- {
		seq := c.begin(c.now)
		if c.ws.QueueMessage(c.e.messages.op, c.msg.number(seq)) != nil {
			// It has ended, as NextMessage will tell. What it took of a count
			// is nobody else's.
			if c.e.counted {
				c.failed(KindUnsent, c.next, n-1)
			}
			return
		}
	}
}

// begin puts the next message in flight and returns its number.
func (c *conn) begin(now int64) int64 {
	seq := c.next
	if c.sent != nil {
		c.sent[seq%int64(len(c.sent))] = now
	}
	c.next++
	if seq >= c.measured && c.e.replies {
		c.batch.sent++
	}
	return seq
}

// pump sends what c may send until there is no more. Who calls it has set sending.
func (c *conn) pump() {
	for {
		send := c.pumpBatch
		if c.e.inline {
			send = c.pumpInline
		}
		n, err := send()
		if err != nil {
			return // it has ended, as NextMessage tells: nobody pumps again
		}
		if n > 0 {
			continue
		}
		c.sending.Store(false)
		// What has come up since is left to whoever noticed, or to this one.
		c.mu.Lock()
		n = c.allowance(c.e.now())
		c.mu.Unlock()
		if n == 0 || !c.sending.CompareAndSwap(false, true) {
			return
		}
	}
}

// pumpInline sends for a connection whose reading goroutine sends too.
func (c *conn) pumpInline() (sent int64, err error) {
	c.mu.Lock()
	c.enter()
	before := c.next
	c.refill()
	sent = c.next - before
	c.leave()
	c.mu.Unlock()
	if sent == 0 {
		return 0, nil
	}
	return sent, c.ws.Flush()
}

// pumpBatch sends some messages for a connection on which only workers send.
func (c *conn) pumpBatch() (int64, error) {
	e := c.e
	c.mu.Lock()
	now := e.now()
	first := c.next
	n := e.take(min(c.allowance(now), e.batch))
	for range n {
		c.begin(now)
	}
	c.batch.flush(c.shard)
	c.mu.Unlock()
	if n == 0 {
		return 0, nil
	}
	err := c.write(first, n)
	if err == nil && !e.replies {
		c.handedOver(n)
	}
	return n, err
}

// write sends n messages from number first on. They are not queued: the reading
// goroutine would send them, and wait for a peer that waits for it to read.
func (c *conn) write(first, n int64) error {
	m := c.e.messages
	msg := m.get(c.index)
	defer m.put(msg)
	if n == 1 {
		return c.ws.WriteMessage(m.op, msg.number(first))
	}
	seq := first - 1
	return c.ws.WriteMessages(m.op, func() ([]byte, bool) {
		if seq++; seq == first+n {
			return nil, false
		}
		return msg.number(seq), true
	})
}

// handedOver settles n messages that want no replies.
func (c *conn) handedOver(n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return
	}
	c.now = c.e.now()
	for range n {
		if c.head >= c.measured {
			c.batch.sent++
			c.waited(c.head)
		} else {
			c.batch.warm++
		}
		c.pop()
	}
	c.batch.flush(c.shard)
	c.e.complete(n)
}

// take takes up to n messages from those that are left of a counted run, and returns
// how many.
func (e *engine) take(n int64) int64 {
	if !e.counted || n <= 0 {
		return n
	}
	return max(n+min(e.tokens.Add(-n), 0), 0)
}

// kick has a worker pump c, unless one does.
func (e *engine) kick(c *conn) {
	if !c.sending.CompareAndSwap(false, true) {
		return
	}
	select {
	case e.work <- c:
	default:
		e.workers.Go(func() { e.worker(c) })
	}
}

// worker pumps c and then what it is given, until there are enough who wait.
func (e *engine) worker(c *conn) {
	for {
		c.pump()
		if e.idle.Add(1) > maxIdleWorkers {
			e.idle.Add(-1)
			return
		}
		next, ok := <-e.work
		e.idle.Add(-1)
		if !ok {
			return
		}
		c = next
	}
}
