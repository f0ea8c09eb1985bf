package load

import (
	"context"
	"fmt"
	"sync"
	"time"

	"wskit/codec"
	"wskit/codec/wsconn"
)

// hurry is how long closing may take after an interruption.
const hurry = time.Second

// stop ends the measuring phase: what is due may still be sent, nothing else.
func (e *engine) stop() {
	e.mu.Lock()
	e.phase = Ending
	e.stopped = min(e.stopped, e.now(), e.end.Load())
	stopped := e.stopped
	e.end.Store(stopped)
	e.mu.Unlock()
	for _, c := range e.conns {
		c.mu.Lock()
		switch {
		case e.mode != Open:
			c.last = c.next
		case c.schedule != nil:
			c.last = max(min(c.last, c.dueBy(stopped)), c.next)
		}
		c.mu.Unlock()
	}
}

// drain waits for the replies that are missing, and for what is due to be sent, as
// long as a reply may take.
func (e *engine) drain(ctx context.Context) {
	e.undrained.Store(1) // until all are counted
	for _, c := range e.conns {
		c.mu.Lock()
		if !c.over && c.head < c.last {
			c.draining = true
			e.undrained.Add(1)
		}
		c.mu.Unlock()
	}
	e.drained()
	timer := time.NewTimer(e.cfg.Timeout)
	defer timer.Stop()
	select {
	case <-e.empty:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// settle closes the accounts of all connections, as of the same moment.
func (e *engine) settle(interrupted bool) {
	now := e.now()
	for _, c := range e.conns {
		c.mu.Lock()
		c.enter()
		c.now = now
		c.settle(interrupted)
		c.leave()
		c.mu.Unlock()
	}
	e.mu.Lock()
	e.settled = e.now()
	e.mu.Unlock()
}

// closeAll closes all connections at the same time, in a hurry when ctx has ended or
// ends meanwhile.
func (e *engine) closeAll(ctx context.Context) {
	var closing sync.WaitGroup
	for _, c := range e.conns {
		if c.ws.Err() == nil {
			closing.Go(func() { c.ws.Close(codec.CloseNormal, "") })
		}
	}
	closed := make(chan struct{})
	var watch sync.WaitGroup
	watch.Go(func() { e.abortLate(ctx, closed) })
	closing.Wait()
	close(closed)
	watch.Wait()
}

// abortLate drops the connections that are not closed soon after ctx has ended.
func (e *engine) abortLate(ctx context.Context, closed <-chan struct{}) {
	select {
	case <-ctx.Done():
	case <-closed:
		return
	}
	timer := time.NewTimer(hurry)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-closed:
		return
	}
	for _, c := range e.conns {
		c.ws.Abort()
	}
}

// describe tells how a connection ended before its time.
func (c *conn) describe(end *wsconn.CloseError) string {
	return fmt.Sprintf("connection %d, after %d messages: %v", c.index, c.next-c.first, end)
}
