package load

import (
	"bytes"
	"context"
	"sync"
	"time"

	"wskit/codec"
	"wskit/wsclient"
)

// Run does what cfg says and returns what it measured. When ctx ends, it stops and
// returns the report of what was measured until then, marked as interrupted.
// Progress is called about four times a second from one goroutine, and last before
// Run returns; it may be nil.
//
// The error is a *ConfigError, with which there is no report; or, when not a single
// connection could be opened, the error of the first, of package wsclient.
func Run(ctx context.Context, cfg Config, progress func(Progress)) (*Report, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	r := &Report{
		Format: Format, Version: cfg.Version, Started: time.Now(), Sources: 1,
		Latency: NewHistogram(), Handshake: NewHistogram(),
		Connections: Connections{Planned: int64(cfg.Connections)},
	}
	r.Plan.Size, r.Plan.Mode, r.Plan.Check = cfg.Size, Closed, cfg.Check
	var conns []*wsclient.Conn
	for i := range cfg.Connections {
		began := time.Now()
		c, err := wsclient.Dial(ctx, cfg.Dial[i%len(cfg.Dial)])
		if err != nil {
			r.Connections.Failed++
			continue
		}
		r.Handshake.Record(time.Since(began))
		r.Connections.Opened++
		conns = append(conns, c)
	}
	end := time.Now().Add(cfg.Duration)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for _, c := range conns {
		wg.Go(func() {
			defer c.Close(codec.CloseNormal, "")
			msg := bytes.Repeat([]byte{'x'}, cfg.Size)
			for now := time.Now(); now.Before(end) && ctx.Err() == nil; {
				if c.QueueMessage(codec.OpText, msg) != nil {
					return
				}
				if _, _, err := c.NextMessage(); err != nil {
					return
				}
				sent := now
				now = time.Now()
				mu.Lock()
				r.Messages.Sent++
				r.Messages.Answered++
				r.Messages.Received++
				r.Latency.Record(now.Sub(sent))
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	r.Elapsed = cfg.Duration
	if progress != nil {
		progress(Progress{Phase: Ending, Elapsed: r.Elapsed, Done: 1, Messages: r.Messages.Answered})
	}
	return r, nil
}
