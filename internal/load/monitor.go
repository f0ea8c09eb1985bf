package load

import "time"

// monitor gives up on replies that take too long and keeps the timeline, until quit
// is closed.
func (e *engine) monitor(quit <-chan struct{}) {
	tick := time.NewTicker(min(sampleInterval, max(e.cfg.Timeout/4, time.Millisecond)))
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-quit:
			return
		}
		e.sweep()
		e.sample(false)
	}
}

// sweep gives up on replies that take too long.
func (e *engine) sweep() {
	if !e.replies {
		return
	}
	e.mu.Lock()
	conns := e.conns
	e.mu.Unlock()
	for _, c := range conns {
		if !c.mu.TryLock() {
			continue // it is busy with replies
		}
		some := false
		if c.head < c.next && !c.over {
			c.enter()
			some = c.expire()
			c.leave()
		}
		c.mu.Unlock()
		if some {
			e.kick(c)
		}
	}
}

// sample adds to the timeline. What comes just after the end of the measuring phase
// belongs to its last sample.
func (e *engine) sample(last bool) {
	e.totals.mu.Lock()
	defer e.totals.mu.Unlock()
	e.totals.collect()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.started == never {
		return
	}
	at, end := e.now(), min(e.stopped, e.end.Load())
	if last {
		at = e.settled
	}
	if at > end && time.Duration(at-end) < sampleInterval {
		at = end
	}
	e.course.add(time.Duration(at-e.started), e.totals.counts, e.tally.count(), e.totals.max, e.cfg.Check, int64(e.cfg.Size))
	e.totals.max = 0
}

// tell calls progress until done is closed.
func (e *engine) tell(progress func(Progress), done <-chan struct{}) {
	tick := time.NewTicker(progressInterval)
	defer tick.Stop()
	var before struct {
		at       int64
		messages int64
	}
	for {
		ended := false
		select {
		case <-tick.C:
		case <-done:
			ended = true
		}
		p, all := e.progress()
		now := e.now()
		if d := now - before.at; d > 0 {
			p.Rate = float64(all-before.messages) / time.Duration(d).Seconds()
		}
		before.at, before.messages = now, all
		progress(p)
		if ended {
			return
		}
	}
}

// progress returns how far the run is, and the number of messages since its
// beginning.
func (e *engine) progress() (p Progress, all int64) {
	e.totals.mu.Lock()
	defer e.totals.mu.Unlock()
	e.totals.collect()
	e.totals.collectLatency()
	e.mu.Lock()
	defer e.mu.Unlock()
	now := e.now()
	p = Progress{
		Phase: e.phase, Elapsed: time.Duration(now),
		Planned: int64(e.cfg.Connections), Open: e.open, Failed: e.failures,
		Messages: e.totals.counts.answered, Errors: e.tally.count(),
	}
	h := e.totals.latency
	if e.mode == Idle {
		h = e.handshake
	}
	p.P50, p.P99 = h.Percentile(50), h.Percentile(99)
	if e.cfg.Check == CheckNone {
		p.Messages = e.totals.counts.sent
	}
	if e.started != never {
		p.Elapsed = time.Duration(now - e.started)
		if d := e.cfg.Duration; d > 0 {
			p.Done = min(float64(p.Elapsed)/float64(d), 1)
		}
		if n := e.cfg.Count; n > 0 {
			p.Done = max(p.Done, min(float64(e.completed.Load())/float64(n), 1))
		}
	}
	return p, p.Messages + e.totals.counts.warm
}
