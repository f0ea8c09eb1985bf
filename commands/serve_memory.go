package commands

import (
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"wskit/wsserver"
)

// When a reclaimer acts.
const (
	// reclaimMin is the smallest number of connections that came or went for which
	// it does.
	reclaimMin = 256
	// reclaimShare is the share of them, as a divisor of the number that is open,
	// behind which it waits for reclaimQuiet; a smaller share it lets rest longer,
	// half of it for twice that time. What a collection costs grows with the number
	// that is open, about 5 µs for each, so this bounds its part of the processor.
	reclaimShare = 2
	// reclaimQuiet is how long no connection may have come or gone.
	reclaimQuiet = 200 * time.Millisecond
)

// A reclaimer gives memory back to the system when a burst of connections is over.
// A handshake leaves several times the memory that its connection then holds, and
// messages allocate nothing: a server that only echoes would keep that garbage until
// the runtime collects for want of anything else, two minutes later. It costs one
// collection behind a burst, away from every connection, and nothing at other times.
type reclaimer struct {
	release func()

	open, changes atomic.Int64  // connections: open, and come or gone since release
	wake          chan struct{} // holds one token: there may be something to do

	stop    chan struct{}
	running sync.WaitGroup
}

// newReclaimer returns a running reclaimer.
func newReclaimer() *reclaimer { return startReclaimer(debug.FreeOSMemory) }

func startReclaimer(release func()) *reclaimer {
	r := &reclaimer{release: release, wake: make(chan struct{}, 1), stop: make(chan struct{})}
	r.running.Go(r.run)
	return r
}

// close ends it.
func (r *reclaimer) close() {
	close(r.stop)
	r.running.Wait()
}

// attach has it count the connections of a server.
func (r *reclaimer) attach(cfg *wsserver.Config) {
	onOpen, onClose := cfg.OnOpen, cfg.OnClose
	cfg.OnOpen = func(o wsserver.Opened) {
		if onOpen != nil {
			onOpen(o)
		}
		r.changed(1)
	}
	cfg.OnClose = func(c wsserver.Closed) {
		if onClose != nil {
			onClose(c)
		}
		r.changed(-1)
	}
}

// changed counts a connection that has come, 1, or gone, -1.
func (r *reclaimer) changed(by int64) {
	r.open.Add(by)
	if r.changes.Add(1)%reclaimMin == 0 {
		select {
		case r.wake <- struct{}{}:
		default:
		}
	}
}

func (r *reclaimer) run() {
	for {
		select {
		case <-r.wake:
		case <-r.stop:
			return
		}
		if !r.awaitQuiet() {
			return
		}
		if n := r.changes.Load(); n >= reclaimMin {
			r.changes.Add(-n)
			r.release()
		}
	}
}

// awaitQuiet waits until no connection has come or gone for long enough, and reports
// false at the end.
func (r *reclaimer) awaitQuiet() bool {
	tick := time.NewTicker(reclaimQuiet)
	defer tick.Stop()
	seen, quiet := r.changes.Load(), int64(0)
	for seen >= reclaimMin && (quiet == 0 || quiet*seen*reclaimShare < r.open.Load()) {
		select {
		case <-tick.C:
		case <-r.stop:
			return false
		}
		quiet++
		if n := r.changes.Load(); n != seen {
			seen, quiet = n, 0
		}
	}
	return true
}
