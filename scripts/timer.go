package scripts

import (
	"container/heap"
	"slices"
	"time"
)

// A timer calls f at a time, on the loop.
type timer struct {
	id    int64
	at    time.Time
	order int64
	every time.Duration // zero for once
	// socket is for whom it runs, nil for nobody. With owned it ends with it.
	socket *socket
	owned  bool
	f      func() error
	place  int // in the heap, negative when it is not there
}

// timers are those that run, the next one first.
type timers struct {
	heap timerHeap
	byID map[int64]*timer
	last int64
}

type timerHeap []*timer

func (h timerHeap) Len() int { return len(h) }
func (h timerHeap) Less(i, j int) bool {
	if h[i].at.Equal(h[j].at) {
		return h[i].order < h[j].order
	}
	return h[i].at.Before(h[j].at)
}

func (h timerHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i, j
}

func (h *timerHeap) Push(x any) {
	t := x.(*timer)
	t.place = len(*h)
	*h = append(*h, t)
}

func (h *timerHeap) Pop() any {
	old := *h
	t := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	t.place = -1
	return t
}

func (ts *timers) empty() bool { return len(ts.heap) == 0 }

// once reports whether there is a timer that does not repeat.
func (ts *timers) once() bool {
	return slices.ContainsFunc(ts.heap, func(t *timer) bool { return t.every == 0 })
}

// next returns when the next one is due.
func (ts *timers) next() (at time.Time, ok bool) {
	if len(ts.heap) == 0 {
		return time.Time{}, false
	}
	return ts.heap[0].at, true
}

// add starts t, d from now.
func (ts *timers) add(t *timer, d time.Duration) {
	ts.last++
	t.id, t.order, t.at = ts.last, ts.last, time.Now().Add(d)
	if ts.byID == nil {
		ts.byID = make(map[int64]*timer)
	}
	ts.byID[t.id] = t
	heap.Push(&ts.heap, t)
	if t.socket != nil {
		t.socket.timers++
	}
	if t.owned {
		if t.socket.owned == nil {
			t.socket.owned = make(map[*timer]struct{})
		}
		t.socket.owned[t] = struct{}{}
	}
}

// remove ends the timer of that id, if there is one.
func (ts *timers) remove(id int64) {
	t := ts.byID[id]
	if t == nil {
		return
	}
	delete(ts.byID, id)
	if t.place >= 0 {
		heap.Remove(&ts.heap, t.place)
	}
	if t.socket != nil {
		t.socket.timers--
		delete(t.socket.owned, t)
		t.socket.e.touch(t.socket)
	}
}

// removeOwned ends the timers that end with s.
func (ts *timers) removeOwned(s *socket) {
	for t := range s.owned {
		ts.remove(t.id)
	}
}

// runTimers runs what is due by now. What is added meanwhile waits for the next time.
func (e *Engine) runTimers() {
	now, last := time.Now(), e.timers.last
	for len(e.timers.heap) > 0 {
		t := e.timers.heap[0]
		if t.at.After(now) || t.order > last {
			return
		}
		if t.every > 0 {
			e.timers.last++
			t.order, t.at = e.timers.last, now.Add(t.every)
			heap.Fix(&e.timers.heap, 0)
		} else {
			e.timers.remove(t.id)
		}
		e.turn(t.socket, t.f)
	}
}
