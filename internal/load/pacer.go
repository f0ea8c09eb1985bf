package load

import (
	"runtime"
	"sync/atomic"
	"time"
)

// The last stretch of a wait is slept by an alarm: timers of the runtime may be a
// millisecond late.
const lastStretch = 2 * time.Millisecond

// shortestNap is the shortest sleep of the pacer when messages are due more often: a
// sleep costs some microseconds of processor time, however short it is.
const shortestNap = 20 * time.Microsecond

// maxSpin is the longest time that the pacer waits for the clock without sleeping,
// and spinStep by how much that is adapted at a time. At a high rate, it is at most a
// tenth of the time.
const (
	maxSpin  = 300 * time.Microsecond
	spinStep = 5 * time.Microsecond
)

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

// A pacer wakes connections when their messages are due.
type pacer struct {
	e     *engine
	alarm alarm
	// early is how much earlier than wanted the alarm is set, for it is late by
	// about that; the rest is spent waiting for the clock. It is at most spin.
	early, spin time.Duration
}

// pace wakes connections when their messages are due, until quit is closed.
func (e *engine) pace(quit <-chan struct{}) {
	interval := time.Duration(float64(time.Second) / e.cfg.Rate)
	p := pacer{e: e, alarm: e.newAlarm(), spin: min(interval/10, maxSpin)}
	defer p.alarm.Close()
	timer := time.NewTimer(0)
	defer timer.Stop()
	var ep *epoch
	var k int64
	for {
		if now := e.epoch.Load(); now != ep {
			ep, k = now, 0
		}
		d := time.Duration(never)
		if ep != nil {
			if k = e.kickDue(ep, k); k < ep.limit {
				d = max(time.Duration(ep.due(k)-e.now()), e.nap)
			}
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
		p.sleep(d)
		select {
		case <-quit:
			return
		default:
		}
	}
}

// kickDue wakes the connections of the messages from k on that are due, each once,
// and returns the number of the next message.
func (e *engine) kickDue(ep *epoch, k int64) int64 {
	end := min(ep.before(e.now()+1), ep.limit)
	for k = max(k, end-ep.stride); k < end; k++ {
		if c := ep.conns[k%ep.stride].Load(); c != nil {
			e.kick(c)
		}
	}
	return k
}

// sleep sleeps for d, more precisely than the alarm does.
func (p *pacer) sleep(d time.Duration) {
	if d <= 0 {
		return
	}
	end := p.e.now() + int64(d)
	if rest := d - p.early; rest > 0 {
		p.alarm.Sleep(rest)
		// It follows the median: that the process had to wait once does not
		// count.
		if late := p.e.now() - end + int64(p.early); late > int64(p.early) {
			p.early += spinStep
		} else {
			p.early -= spinStep
		}
		p.early = min(max(p.early, 0), p.spin)
	}
	for p.early > 0 && p.e.now() < end {
		runtime.Gosched()
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
