package scripts

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dop251/goja"
)

// watchEach is how often a watchdog looks whether there are turns, and watchClosely how
// often it looks while there are.
const (
	watchEach    = 10 * time.Millisecond
	watchClosely = time.Millisecond
	// quietTicks is how often it looks in vain before it sleeps.
	quietTicks = 100
)

// A watchdog ends turns that take too long or too much memory. It looks now and then
// while there are turns, and sleeps otherwise.
type watchdog struct {
	vm     *goja.Runtime
	limit  time.Duration
	memory uint64

	parked atomic.Bool
	start  chan struct{}
	stop   chan struct{}
	done   sync.WaitGroup

	// turns is odd during a turn. The bit firedBit says that this one was told to
	// end: then, and only then, leave waits for watchMu.
	turns atomic.Uint64
	// starved says that the turn before was over when it should have ended for lack of
	// memory: the next one does.
	starved atomic.Bool

	watchMu sync.Mutex
	// guarded by watchMu
	fired error  // why the turn was ended
	last  uint64 // the turn that was ended last
}

const firedBit = 1 << 63

func (w *watchdog) begin(e *Engine) {
	w.vm, w.limit, w.memory = e.vm, e.cfg.TurnLimit, uint64(e.cfg.Memory)
	w.start, w.stop = make(chan struct{}, 1), make(chan struct{})
	w.done.Go(w.watch)
}

func (w *watchdog) close() {
	close(w.stop)
	w.done.Wait()
}

// enter begins a turn.
func (w *watchdog) enter() {
	w.turns.Add(1)
	if w.parked.Load() && w.parked.CompareAndSwap(true, false) {
		select {
		case w.start <- struct{}{}:
		default:
		}
	}
	if w.starved.Load() {
		w.end(w.turns.Load(), errMemory)
	}
}

// leave ends it, and returns why it was told to end before.
func (w *watchdog) leave() error {
	if w.turns.Add(1)&firedBit == 0 {
		return nil
	}
	w.watchMu.Lock() // until the interrupt has been sent
	defer w.watchMu.Unlock()
	w.turns.And(^uint64(firedBit))
	w.vm.ClearInterrupt()
	return w.fired
}

// end has a turn end, unless it has, and reports whether it does.
func (w *watchdog) end(turn uint64, reason error) bool {
	w.watchMu.Lock()
	defer w.watchMu.Unlock()
	if turn%2 == 0 || turn&firedBit != 0 || !w.turns.CompareAndSwap(turn, turn|firedBit) {
		return false
	}
	w.starved.Store(false)
	w.fired, w.last = reason, turn
	w.vm.Interrupt(reason)
	return true
}

// watch belongs to the engine, whose Close waits for it.
func (w *watchdog) watch() {
	ticker := time.NewTicker(watchEach)
	defer ticker.Stop()
	var last uint64
	var since time.Time
	quiet := 0
	for {
		select {
		case <-w.stop:
			return
		case <-ticker.C:
		}
		turn, now := w.turns.Load(), time.Now()
		again := turn == last
		if !again {
			last, since, quiet = turn, now, 0
		} else if turn%2 == 0 {
			ticker.Reset(watchEach)
			if quiet++; quiet > quietTicks && !w.park(ticker, turn) {
				return
			}
			if quiet == quietTicks/2 && w.starved.Load() {
				w.starve(turn, false)
			}
			continue
		}
		ticker.Reset(watchClosely)
		switch {
		case turn&firedBit != 0:
		case now.Sub(since)+watchEach >= w.limit:
			w.end(turn, errTurn{w.limit})
		case heapSize() > w.memory:
			w.starve(turn, again)
		}
	}
}

// starve ends the turn, or the next one, unless it was garbage that takes the memory.
// Again says that it has looked at this turn before, and so at what others had left.
func (w *watchdog) starve(turn uint64, again bool) {
	// What it has taken since then would grow while it is collected: see Config.Memory.
	ended := again && w.end(turn, errMemory)
	began := w.turns.Load() &^ firedBit
	runtime.GC()
	switch {
	case heapSize() <= w.memory:
		w.starved.Store(false)
	case ended || w.endedSince(began): // what that turn held is not collected yet
	case !w.end(turn, errMemory):
		w.starved.Store(true)
	}
}

// endedSince reports whether that turn, or a later one, was told to end.
func (w *watchdog) endedSince(turn uint64) bool {
	w.watchMu.Lock()
	defer w.watchMu.Unlock()
	return w.last >= turn
}

// park waits for the next turn, and reports false at the end.
func (w *watchdog) park(ticker *time.Ticker, turn uint64) bool {
	w.parked.Store(true)
	if w.turns.Load() != turn && w.parked.CompareAndSwap(true, false) {
		return true
	}
	ticker.Stop()
	defer ticker.Reset(watchEach)
	select {
	case <-w.start:
		return true
	case <-w.stop:
		return false
	}
}

// heapSize returns the size of the objects on the heap, garbage included.
func heapSize() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// errMemory says that a turn took too much memory.
var errMemory = errors.New("the script takes too much memory")

// errTurn says that a turn took too long.
type errTurn struct{ limit time.Duration }

func (e errTurn) Error() string {
	return fmt.Sprintf("the script ran for %v without a pause", e.limit)
}

// interrupted reports whether err tells of a turn that was ended by the watchdog.
func interrupted(err error) bool {
	var i *goja.InterruptedError
	return errors.As(err, &i)
}
