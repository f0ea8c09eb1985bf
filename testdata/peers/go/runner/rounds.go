package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"peers/internal/child"
)

// A bench is what is to be run, and how.
type bench struct {
	options
	scenarios []scenario
	servers   []server
	serverCPU int       // the core of the server
	loadCPU   int       // the core of the load
	log       io.Writer // progress
}

// A sample is what one round found out about one server in one scenario.
type sample struct {
	err       error
	rate      float64 // messages per second
	cpu       float64 // nanoseconds of the server for each message
	peak      float64 // RSS at most, in bytes
	connected float64 // RSS of each idle connection, in bytes
	answered  float64 // the same after one message
}

// results has the samples by scenario and server, one for each round.
type results map[string]map[string][]sample

// run takes all samples. In each round every server has its turn in each scenario, so that
// what disturbs the machine for a while disturbs them alike.
func (b *bench) run(ctx context.Context) (results, error) {
	all := results{}
	for round := range b.rounds {
		for _, sc := range b.scenarios {
			if all[sc.name] == nil {
				all[sc.name] = map[string][]sample{}
			}
			for i := range b.servers {
				s := &b.servers[(i+round)%len(b.servers)]
				if !b.wanted(sc, s) {
					continue
				}
				got := b.sample(ctx, sc, s)
				if ctx.Err() != nil {
					return nil, ctx.Err()
				}
				all[sc.name][s.name] = append(all[sc.name][s.name], got)
				fmt.Fprintf(b.log, "%d/%d  %-45s %-15s %s\n", round+1, b.rounds, sc.name, s.name, got)
			}
		}
	}
	return all, nil
}

// wanted says whether the server takes part in the scenario: it was asked for or is the
// base, and it can. Where another server is the base the floor has nothing to say.
func (b *bench) wanted(sc scenario, s *server) bool {
	asked := s.name == sc.base || b.server.MatchString(s.name)
	return asked && s.can(sc) && (!s.raw || sc.base == floor)
}

// String says in short what the sample is.
func (s sample) String() string {
	switch {
	case s.err != nil:
		return "failed: " + s.err.Error()
	case s.connected != 0:
		return fmt.Sprintf("%.1f KB, then %.1f KB a connection", s.connected/1e3, s.answered/1e3)
	}
	return fmt.Sprintf("%9.0f messages/s, %8.2f µs CPU each", s.rate, s.cpu/1e3)
}

// sample starts the server anew and measures it once.
func (b *bench) sample(ctx context.Context, sc scenario, s *server) sample {
	p, err := child.Start(ctx, s.command(sc.deflate), b.serverCPU)
	if err != nil {
		return sample{err: err}
	}
	load := append([]string{filepath.Join(b.bin, "load"), "-time", b.time.String()}, strings.Fields(sc.load)...)
	if s.raw {
		load = append(load, "-raw")
	}
	const grace = 45 * time.Second // to open the connections, warm up and settle
	res, err := drive(ctx, p, load, b.loadCPU, b.time+grace)
	p.Stop()
	if err != nil {
		return sample{err: p.Reason(err)}
	}
	if res.Idle != nil {
		connected, answered := res.Idle.PerConnection()
		return sample{connected: connected, answered: answered}
	}
	n := float64(res.Messages)
	return sample{
		rate: n / res.Elapsed.Seconds(),
		cpu:  float64(res.ServerCPU) / n,
		peak: float64(res.Memory.Peak),
	}
}
