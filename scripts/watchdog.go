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

// watchEach is how often a watchdog looks at a turn that goes on.
const watchEach = 10 * time.Millisecond

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

	watchMu sync.Mutex
	// guarded by watchMu
	fired error // why the turn was ended
}

const firedBit = 1 << 63

func (w *watchdog) begin(e *Engine) {
	w.vm, w.limit, w.memory = e.vm, e.cfg.TurnLimit, uint64(e.cfg.Memory)
	w.start, w.stop = make(chan struct{}, 1), make(chan struct{})
	w.done.Go(w.watch)
}

func (w *watchdog) end() {
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
		turn := w.turns.Load()
		switch now := time.Now(); {
		case turn != last:
			last, since, quiet = turn, now, 0
		case turn%2 == 0:
			if quiet++; quiet > 100 && !w.park(ticker, turn) {
				return
			}
		default:
			w.judge(turn, now.Sub(since)+watchEach)
		}
	}
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

// judge ends the turn if it has taken too much.
func (w *watchdog) judge(turn uint64, took time.Duration) {
	var reason error
	switch {
	case took >= w.limit:
		reason = errTurn{w.limit}
	case heapSize() > w.memory:
		runtime.GC()
		if heapSize() <= w.memory {
			return
		}
		reason = errMemory
	default:
		return
	}
	w.watchMu.Lock()
	defer w.watchMu.Unlock()
	if turn&firedBit == 0 && w.turns.CompareAndSwap(turn, turn|firedBit) {
		w.fired = reason
		w.vm.Interrupt(reason)
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
