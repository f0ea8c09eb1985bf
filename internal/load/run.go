package load

import (
	"context"
	"sync"
	"time"

	"wskit/internal/trace"
)

// progressInterval is the time between two calls of progress.
const progressInterval = 250 * time.Millisecond

// Run does what cfg says and returns what it measured. When ctx ends, it stops and
// returns the report of what was measured until then, marked as interrupted.
// Progress is called about four times a second from one goroutine, and a last time
// before Run returns; it may be nil.
//
// The error is a *ConfigError, with which there is no report; or, when not a single
// connection could be opened, the error of the first, of package wsclient.
func Run(ctx context.Context, cfg Config, progress func(Progress)) (*Report, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	e := newEngine(cfg.withDefaults())
	return e.report(ctx, progress)
}

// report runs e and makes the report.
func (e *engine) report(ctx context.Context, progress func(Progress)) (*Report, error) {
	done := make(chan struct{})
	var reporter sync.WaitGroup
	if progress != nil {
		reporter.Go(func() { e.tell(progress, done) })
	}
	interrupted := e.run(ctx)
	close(done)
	reporter.Wait()

	e.mu.Lock()
	defer e.mu.Unlock()
	e.totals.mu.Lock()
	defer e.totals.mu.Unlock()
	e.totals.collectLatency()
	r := &Report{
		Format: Format, Version: e.cfg.Version, Plan: e.plan(), Sources: 1,
		Started: e.began, Interrupted: interrupted,
		Connections: Connections{
			Planned: int64(e.cfg.Connections), Opened: int64(len(e.conns)), Failed: e.failures, Lost: e.lost,
		},
		Latency: e.totals.latency, Handshake: e.handshake, Timeline: e.course.timeline,
	}
	r.Errors, r.Closes = e.tally.report()
	if r.Timeline.Samples == nil {
		r.Timeline = Timeline{Interval: sampleInterval, Samples: []Sample{}}
	}
	if e.started != never {
		r.Elapsed = time.Duration(e.stopped - e.started)
		n, wire := e.totals.counts, e.onWire()
		r.Messages = Messages{
			Sent: n.sent, Answered: n.answered, Received: n.received,
			PayloadOut: n.sent * int64(e.cfg.Size), PayloadIn: n.payloadIn,
			WireOut: wire[0] - e.wire[0], WireIn: wire[1] - e.wire[1],
		}
	}
	if len(e.conns) == 0 {
		return r, e.firstErr
	}
	return r, nil
}

// plan returns what was asked for.
func (e *engine) plan() Plan {
	c := &e.cfg
	p := Plan{
		Mode: e.mode, Connections: c.Connections, Rate: c.Rate, Size: c.Size,
		Given: c.Message != nil, Binary: c.Binary, Check: c.Check,
		Duration: c.Duration, Count: c.Count, RampUp: c.RampUp, Timeout: c.Timeout,
		Compress: e.compress, Sources: c.Sources,
	}
	for i := range c.Dial {
		p.URLs = append(p.URLs, trace.RedactURL(c.Dial[i].URL.String()))
	}
	if e.mode == Closed {
		p.Pipeline = c.Pipeline
	}
	return p
}

// onWire returns the bytes that the connections have sent and received, for the
// holder of mu.
func (e *engine) onWire() (b [2]int64) {
	for _, c := range e.conns {
		s := c.ws.Stats()
		b[0] += s.BytesOut
		b[1] += s.BytesIn
	}
	return b
}
