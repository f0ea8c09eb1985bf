package conform

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// A ListenConfig says how clients are tested.
type ListenConfig struct {
	// Listeners take the clients' connections. Listen closes them.
	Listeners []net.Listener
	// Cases are what to run, for each client.
	Cases []*Case
	// Agents is the number of clients to wait for. If zero, one.
	Agents int
	// Timeout is how long a client may take for each answer. If zero,
	// DefaultTimeout.
	Timeout time.Duration
	// Idle is how long nothing may be heard of any client before the run ends, once
	// one has come. If zero, DefaultIdle.
	Idle time.Duration
	// Skip is the number of messages to pass over on each connection.
	Skip int
	// Exchanges keeps what was exchanged in cases that pass, too.
	Exchanges bool
	// Progress is called with each result as it comes, one at a time. If nil,
	// nothing is.
	Progress func(agent string, r Result)
}

// DefaultIdle is how long a client may be silent between two cases.
const DefaultIdle = 30 * time.Second

// Listen tests clients, by the convention of the Autobahn test suite: a client asks for
// /getCaseCount and gets the number of cases in a text message; connects to
// /runCase?case=N&agent=NAME for each of them, from 1, and echoes every message there; and
// to /updateReports?agent=NAME at the end. It may also ask for /getCaseInfo?case=N and
// /getCaseStatus?case=N&agent=NAME. A client without a name gets that of its User-Agent.
// Cases may be run in any order, several at a time, and again: the last result counts.
//
// It returns when as many clients as were waited for are through, when nothing is heard
// for too long, or when ctx ends. The cases that were not run then say so, with the
// cause of ctx.
func Listen(ctx context.Context, cfg ListenConfig) []*Agent {
	l := &listener{cfg: cfg, agents: map[string]*client{}, keys: map[string]bool{}, event: make(chan struct{}, 1)}
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	for _, ln := range cfg.Listeners {
		wg.Go(func() { l.accept(ctx, ln) })
	}
	ended := l.wait(ctx)
	cancel()
	for _, ln := range cfg.Listeners {
		ln.Close()
	}
	wg.Wait()
	return l.finish(ended)
}

// A listener is one run against clients.
type listener struct {
	cfg   ListenConfig
	event chan struct{} // something happened

	mu     sync.Mutex
	order  []*client          // guarded by mu
	agents map[string]*client // by name; guarded by mu
	keys   map[string]bool    // that clients have sent; guarded by mu
	busy   int                // connections; guarded by mu
	heard  bool               // a client has asked for something; guarded by mu
	done   int                // clients that are through; guarded by mu
}

// A client is one of those that are tested.
type client struct {
	Agent
	done    bool
	running map[int]chan struct{} // cases in progress; closed at their end
}

// accept serves the connections of one listener until it is closed.
func (l *listener) accept(ctx context.Context, ln net.Listener) {
	var wg sync.WaitGroup
	defer wg.Wait()
	for {
		nc, err := ln.Accept()
		if err != nil {
			if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
				return
			}
			time.Sleep(pause) // out of descriptors, most likely
			continue
		}
		wg.Go(func() {
			stop := context.AfterFunc(ctx, func() { nc.Close() })
			defer stop()
			l.busyBy(1)
			l.serve(ctx, nc)
			l.busyBy(-1)
		})
	}
}

func (l *listener) busyBy(n int) {
	l.mu.Lock()
	l.busy += n
	l.mu.Unlock()
	l.happened()
}

func (l *listener) happened() {
	select {
	case l.event <- struct{}{}:
	default:
	}
}

// wait waits for the end of the run and says why it ended early, "" if it did not.
func (l *listener) wait(ctx context.Context) string {
	idle := l.cfg.Idle
	if idle == 0 {
		idle = DefaultIdle
	}
	for {
		l.mu.Lock()
		through := l.done >= max(l.cfg.Agents, 1) && l.busy == 0
		watch := l.heard && l.busy == 0
		l.mu.Unlock()
		if through {
			return ""
		}
		var timer <-chan time.Time
		if watch {
			timer = time.After(idle)
		}
		select {
		case <-l.event:
		case <-timer:
			return fmt.Sprintf("nothing was heard of the client for %v", idle)
		case <-ctx.Done():
			return interruption(ctx)
		}
	}
}

// finish completes the results.
func (l *listener) finish(ended string) []*Agent {
	l.mu.Lock()
	defer l.mu.Unlock()
	var agents []*Agent
	for _, c := range l.order {
		for i := range c.Results {
			if c.Results[i].Case == "" {
				why := "the client did not ask for it"
				if !c.done && ended != "" {
					why = ended
				}
				c.Results[i] = newResult(l.cfg.Cases[i], &finding{NotRun, why}, nil, false)
			}
		}
		if !c.done {
			c.Ended = ended
		}
		agents = append(agents, &c.Agent)
	}
	return agents
}
