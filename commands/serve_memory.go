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
	// reclaimShare is the smallest share of them, as a divisor of the number that
	// is open. What a collection costs grows with that number, so a connection's
	// part of it stays far below what its handshake costs.
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
		if r.changes.Load() >= max(reclaimMin, r.open.Load()/reclaimShare) {
			r.changes.Store(0)
			r.release()
		}
	}
}

// awaitQuiet waits until no connection has come or gone for a while, and reports
// false at the end.
func (r *reclaimer) awaitQuiet() bool {
	tick := time.NewTicker(reclaimQuiet)
	defer tick.Stop()
	for seen := int64(0); seen != r.changes.Load(); {
		seen = r.changes.Load()
		select {
		case <-tick.C:
		case <-r.stop:
			return false
		}
	}
	return true
}
