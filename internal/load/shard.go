package load

import (
	"sync"
	"time"
)

// A shard takes what some of the connections measure, so that neither all of them
// wait for one lock nor each has a histogram.
type shard struct {
	mu sync.Mutex
	// guarded by mu
	counts  counts
	latency *Histogram
	max     time.Duration
}

// counts are of messages and bytes in the measuring phase, but for warm: those
// that were answered, or with CheckNone sent, before it.
type counts struct {
	sent, answered, received int64
	payloadIn                int64
	warm                     int64
}

func (c *counts) add(o counts) {
	c.sent += o.sent
	c.answered += o.answered
	c.received += o.received
	c.payloadIn += o.payloadIn
	c.warm += o.warm
}

// A batch is what a goroutine has measured and not yet handed to its shard. Many
// messages of one read have the same latency.
type batch struct {
	counts
	latency time.Duration
	times   int64
}

// record adds a latency to b, and what b held of another one to s.
func (b *batch) record(s *shard, d time.Duration) {
	if b.times > 0 && b.latency != d {
		s.mu.Lock()
		s.record(b.latency, b.times)
		s.mu.Unlock()
		b.times = 0
	}
	b.latency = d
	b.times++
}

// flush hands b to s and empties it.
func (b *batch) flush(s *shard) {
	if *b == (batch{}) {
		return
	}
	s.mu.Lock()
	s.counts.add(b.counts)
	if b.times > 0 {
		s.record(b.latency, b.times)
	}
	s.mu.Unlock()
	*b = batch{}
}

// record adds a latency n times, for the holder of mu.
func (s *shard) record(d time.Duration, n int64) {
	s.latency.recordN(d, n)
	s.max = max(s.max, d)
}

// totals are what all shards have measured.
type totals struct {
	shards []*shard

	mu sync.Mutex
	// guarded by mu
	counts  counts
	latency *Histogram
	// spare is empty, and changes places with a shard's.
	spare *Histogram
	// max is the largest latency since the last sample.
	max time.Duration
}

func newTotals(shards int) *totals {
	t := &totals{latency: NewHistogram(), spare: NewHistogram()}
	for range shards {
		t.shards = append(t.shards, &shard{latency: NewHistogram()})
	}
	return t
}

// collect takes the counts that the shards hold, for the holder of mu.
func (t *totals) collect() {
	for _, s := range t.shards {
		s.mu.Lock()
		t.counts.add(s.counts)
		t.max = max(t.max, s.max)
		s.counts, s.max = counts{}, 0
		s.mu.Unlock()
	}
}

// collectLatency takes the histograms that the shards hold, for the holder of mu. It
// keeps a shard locked only as long as it takes to change a pointer.
func (t *totals) collectLatency() {
	for _, s := range t.shards {
		s.mu.Lock()
		full := s.latency
		some := full.Count() > 0
		if some {
			s.latency = t.spare
		}
		s.mu.Unlock()
		if some {
			// It cannot fail: they have the same shape.
			_ = t.latency.add(full)
			full.h.Reset()
			t.spare = full
		}
	}
}
