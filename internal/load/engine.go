package load

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"wskit/codec/wsconn"
)

// maxShards bounds the memory for histograms.
const maxShards = 32

// An engine is a run that goes on.
type engine struct {
	cfg      Config // with defaults
	mode     Mode
	began    time.Time
	messages *messages
	totals   *totals
	tally    *tally

	// replies says that messages are to be answered, and exact that an answer
	// tells by its number to which, alike that it tells nothing.
	replies, exact, alike bool
	// inline says that the reading goroutines send.
	inline bool
	// warm says that a connection sends as soon as it is open.
	warm bool
	// counted says that the number of messages is limited.
	counted bool
	// batch is how many messages a worker takes at a time.
	batch int64
	// nap is the shortest sleep of the pacer, zero for any.
	nap      time.Duration
	newAlarm func() alarm

	// end is when a closed loop stops to send.
	end atomic.Int64
	// tokens are the messages of a counted closed loop that are left, completed
	// those of any counted loop that are settled.
	tokens, completed atomic.Int64
	epoch             atomic.Pointer[epoch]
	newEpoch          chan struct{}
	// undrained is how many connections the end of the run waits for.
	undrained atomic.Int64

	work    chan *conn
	workers sync.WaitGroup
	idle    atomic.Int32
	readers sync.WaitGroup

	mu sync.Mutex
	// guarded by mu
	conns     []*conn // that were opened
	open      int64   // those that are still open
	failures  int64
	lost      int64
	firstErr  error
	handshake *Histogram
	compress  string
	phase     Phase
	started   int64 // when measuring began, or never
	stopped   int64 // when it ended, or never
	settled   int64 // when nothing was waited for any more
	course    course
	wire      [2]int64 // out and in, before measuring began

	// over is closed when there is no reason to go on: all messages are settled,
	// or no connection is left.
	over     chan struct{}
	overOnce sync.Once
	// empty is closed when nothing is in flight any more, after the end.
	empty chan struct{}
}

func newEngine(cfg Config) *engine {
	e := &engine{
		cfg: cfg, mode: Closed, began: time.Now(), messages: newMessages(&cfg), tally: newTally(),
		totals:    newTotals(min(2*runtime.GOMAXPROCS(0), maxShards, cfg.Connections)),
		replies:   cfg.Check != CheckNone && !cfg.Idle,
		warm:      cfg.RampUp > 0 && cfg.Count == 0 && !cfg.Idle,
		newAlarm:  newAlarm,
		newEpoch:  make(chan struct{}, 1),
		work:      make(chan *conn),
		handshake: NewHistogram(),
		phase:     Opening, started: never, stopped: never,
		over:  make(chan struct{}),
		empty: make(chan struct{}),
	}
	switch {
	case cfg.Idle:
		e.mode = Idle
	case cfg.Rate > 0:
		e.mode = Open
		if cfg.Rate*shortestNap.Seconds() > 1 {
			e.nap = shortestNap
		}
	}
	e.exact = e.messages.numbered && cfg.Check == CheckEcho
	e.alike = cfg.Check == CheckCount || cfg.Message != nil || cfg.Size == 0
	e.inline = e.mode == Closed && e.replies && cfg.Pipeline*(cfg.Size+frameOverhead) <= maxInline
	e.counted = e.mode == Closed && cfg.Count > 0
	e.tokens.Store(cfg.Count)
	e.batch = int64(min(max(maxInline/(cfg.Size+frameOverhead), 1), maxBatch))
	e.end.Store(never)
	return e
}

// now returns the time since the beginning of the run in nanoseconds.
func (e *engine) now() int64 { return int64(time.Since(e.began)) }

// finish says that there is no reason to go on.
func (e *engine) finish() {
	e.overOnce.Do(func() { close(e.over) })
}

// complete counts messages as settled: answered, or failed.
func (e *engine) complete(n int64) {
	if e.cfg.Count > 0 && n > 0 && e.completed.Add(n) >= e.cfg.Count {
		e.mu.Lock()
		e.stopped = min(e.stopped, e.now())
		e.mu.Unlock()
		e.finish()
	}
}

// drained says that a connection that was drained is empty.
func (e *engine) drained() {
	if e.undrained.Add(-1) == 0 {
		close(e.empty)
	}
}

// lose counts a connection that has ended before the run did.
func (e *engine) lose(c *conn, end *wsconn.CloseError) {
	e.mu.Lock()
	ending := e.phase == Ending && c.head >= c.last
	if !ending {
		e.lost++
	}
	e.mu.Unlock()
	if ending {
		return // what was wanted of it is done
	}
	e.tally.fail(endKind(end), 1, func() string { return c.describe(end) })
}

// left says that a connection is no more.
func (e *engine) left() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.open--
	if e.open == 0 && e.phase != Opening {
		e.finish()
	}
}

// run does everything between the first connection and the last.
func (e *engine) run(ctx context.Context) (interrupted bool) {
	quit := make(chan struct{})
	var helpers sync.WaitGroup
	helpers.Go(func() { e.monitor(quit) })
	if e.mode == Open {
		helpers.Go(func() { e.pace(quit) })
	}
	e.openAll(ctx)
	if ctx.Err() == nil && e.measure() {
		e.wait(ctx)
	}
	e.stop()
	interrupted = ctx.Err() != nil
	if !interrupted {
		e.drain(ctx)
		interrupted = ctx.Err() != nil
	}
	close(quit)
	helpers.Wait()
	e.settle(interrupted)
	e.closeAll(ctx)
	e.readers.Wait()
	close(e.work)
	e.workers.Wait()
	e.sample(true)
	return interrupted
}

// measure begins the measuring phase, unless no connection is left.
func (e *engine) measure() bool {
	e.mu.Lock()
	if e.open == 0 {
		e.mu.Unlock()
		return false
	}
	now := e.now()
	e.phase, e.started = Measuring, now
	if e.cfg.Duration > 0 {
		e.end.Store(now + int64(e.cfg.Duration))
	}
	e.course.errors = e.tally.count()
	e.wire = e.onWire()
	e.mu.Unlock()
	var live []*conn // that may end any time, but are taken as they are now
	for _, c := range e.conns {
		if c.ws.Err() == nil {
			live = append(live, c)
		}
	}
	var ep *epoch
	if e.mode == Open {
		ep = e.measuredSchedule(now, len(live))
	}
	for i, c := range live {
		c.mu.Lock()
		c.start(ep, i)
		c.mu.Unlock()
		if e.mode == Closed {
			e.kick(c)
		}
	}
	if ep != nil {
		e.begin(ep)
	}
	return true
}

// measuredSchedule returns the schedule of the measuring phase for n connections.
func (e *engine) measuredSchedule(now int64, n int) *epoch {
	ep := e.newSchedule(now, max(n, 1))
	if e.cfg.Duration > 0 {
		ep.limit = ep.before(now + int64(e.cfg.Duration))
	}
	if e.cfg.Count > 0 {
		ep.limit = min(ep.limit, e.cfg.Count)
	}
	return ep
}

// start begins the measuring phase of a connection, for the holder of its mu.
func (c *conn) start(ep *epoch, slot int) {
	c.measured = c.next
	switch c.e.mode {
	case Closed:
		c.last = never
	case Open:
		c.share = share{schedule: &ep.schedule, slot: int64(slot), from: c.next}
		c.last = c.end()
		ep.conns[slot].Store(c)
		if c.over { // just now
			c.e.complete(c.last - c.next)
		}
	}
}

// wait waits for the end of the measuring phase.
func (e *engine) wait(ctx context.Context) {
	var end <-chan time.Time
	if e.cfg.Duration > 0 {
		timer := time.NewTimer(time.Duration(e.end.Load() - e.now()))
		defer timer.Stop()
		end = timer.C
	}
	select {
	case <-ctx.Done():
	case <-e.over:
	case <-end:
	}
}
