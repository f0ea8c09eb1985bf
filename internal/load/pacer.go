package load

import (
	"sync/atomic"
	"time"
)

// The last stretch of a wait is slept by an alarm: timers of the runtime may be a
// millisecond late.
const lastStretch = 2 * time.Millisecond

// maxNap is the shortest sleep of the pacer at a high rate: a sleep costs some
// microseconds of processor time, however short it is.
const maxNap = 20 * time.Microsecond

// An epoch is a schedule and the connections that it is for, of which those that
// are not open are nil.
type epoch struct {
	schedule
	conns []atomic.Pointer[conn]
}

// begin makes ep the epoch from now on.
func (e *engine) begin(ep *epoch) {
	e.epoch.Store(ep)
	select {
	case e.newEpoch <- struct{}{}:
	default:
	}
}

// pace wakes connections when their messages are due, until quit is closed.
func (e *engine) pace(quit <-chan struct{}) {
	alarm := e.newAlarm()
	defer alarm.Close()
	timer := time.NewTimer(0)
	defer timer.Stop()
	var ep *epoch
	var k int64
	for {
		if now := e.epoch.Load(); now != ep {
			ep, k = now, 0
		}
		d := time.Duration(never)
		if ep != nil && k < ep.limit {
			d = time.Duration(ep.due(k) - e.now())
		}
		if d <= 0 {
			if c := ep.conns[k%ep.stride].Load(); c != nil {
				e.kick(c)
			}
			k++
			continue
		}
		if d > lastStretch {
			timer.Reset(d - lastStretch)
			select {
			case <-timer.C:
			case <-e.newEpoch:
			case <-quit:
				return
			}
			continue
		}
		alarm.Sleep(max(d, e.nap))
		select {
		case <-quit:
			return
		default:
		}
	}
}

// An alarm sleeps precisely.
type alarm interface {
	Sleep(time.Duration)
	Close()
}

// plainAlarm sleeps as precisely as the runtime does.
type plainAlarm struct{}

func (plainAlarm) Sleep(d time.Duration) { time.Sleep(d) }
func (plainAlarm) Close()                {}
