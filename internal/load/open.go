package load

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"wskit/wsclient"
)

const (
	// maxHandshakes is how many handshakes go on at a time, unless a ramp-up
	// spreads them.
	maxHandshakes = 64
	// enoughFailures is how many connections may fail without a single one that
	// is opened, before the others are not tried.
	enoughFailures = 100
)

// openAll opens the connections, until ctx ends or it is clear that none can be.
func (e *engine) openAll(ctx context.Context) {
	var warm *epoch
	if e.warm && e.mode == Open {
		warm = e.newSchedule(e.now(), e.cfg.Connections)
		e.begin(warm)
	}
	var dials sync.WaitGroup
	defer dials.Wait()
	slots := make(chan struct{}, maxHandshakes)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for i := range e.cfg.Connections {
		if e.cfg.RampUp > 0 {
			at := int64(float64(e.cfg.RampUp) * float64(i) / float64(e.cfg.Connections))
			timer.Reset(time.Duration(at - e.now()))
			select {
			case <-timer.C:
			case <-ctx.Done():
				return
			}
		} else {
			select {
			case slots <- struct{}{}:
			case <-ctx.Done():
				return
			}
		}
		if e.hopeless() {
			return
		}
		dials.Go(func() {
			e.dial(ctx, i, warm)
			if e.cfg.RampUp == 0 {
				<-slots
			}
		})
	}
}

func (e *engine) hopeless() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.conns) == 0 && e.failures >= enoughFailures
}

// newSchedule returns an endless schedule that begins at base, in nanoseconds since
// the beginning of the run, for n connections.
func (e *engine) newSchedule(base int64, n int) *epoch {
	return &epoch{
		schedule: schedule{base: base, interval: float64(time.Second) / e.cfg.Rate, stride: int64(n), limit: never},
		conns:    make([]atomic.Pointer[conn], n),
	}
}

// dial opens connection i and has it read. Warm is the schedule of an open loop
// until measuring begins.
func (e *engine) dial(ctx context.Context, i int, warm *epoch) {
	c := &conn{e: e, index: i, shard: e.totals.shards[i%len(e.totals.shards)], window: window{measured: never}}
	cfg := e.cfg.Dial[i%len(e.cfg.Dial)]
	cfg.Conn.OnWait = c.onWait
	if n := len(e.cfg.Sources); n > 0 {
		cfg.Dial = sourceDialer(e.cfg.Sources[i/len(e.cfg.Dial)%n]).DialContext
	}
	began := e.now()
	ws, err := wsclient.Dial(ctx, cfg)
	if err != nil {
		if ctx.Err() == nil {
			e.notOpened(i, err)
		}
		return
	}
	took := time.Duration(e.now() - began)
	c.ws = ws.Conn
	if e.mode == Closed && e.replies {
		c.sent = make([]int64, e.cfg.Pipeline)
	}
	if e.warm {
		c.last = never
	}
	if warm != nil {
		c.share = share{schedule: &warm.schedule, slot: int64(i)}
		c.first = c.dueBy(e.now())
		c.head, c.next = c.first, c.first
	}
	e.mu.Lock()
	e.conns = append(e.conns, c)
	e.open++
	e.handshake.Record(took)
	if len(e.conns) == 1 && ws.Agreement.Deflate != nil {
		e.compress = ws.Response.Get("Sec-WebSocket-Extensions")
	}
	e.mu.Unlock()
	e.readers.Go(c.read)
	switch {
	case warm != nil:
		warm.conns[i].Store(c)
	case e.warm:
		e.kick(c)
	}
}

// notOpened counts a connection that could not be opened.
func (e *engine) notOpened(i int, err error) {
	e.mu.Lock()
	e.failures++
	if e.firstErr == nil {
		e.firstErr = err
	}
	e.mu.Unlock()
	e.tally.fail(dialKind(err), 1, func() string { return fmt.Sprintf("connection %d: %v", i, err) })
}

// sourceDialer returns a dialler that dials from a local address.
func sourceDialer(source netip.Addr) *net.Dialer {
	return &net.Dialer{
		LocalAddr: net.TCPAddrFromAddrPort(netip.AddrPortFrom(source, 0)),
		Control:   shareLocalPorts,
	}
}
