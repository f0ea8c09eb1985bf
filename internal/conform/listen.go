package conform

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"wskit/codec"
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
// /getCaseStatus?case=N&agent=NAME.
//
// It returns when as many clients as were waited for are through, when nothing is heard
// for too long, or when ctx ends. The cases that were not run then say so, with the
// cause of ctx.
func Listen(ctx context.Context, cfg ListenConfig) []*Agent {
	l := &listener{cfg: cfg, agents: map[string]*client{}, event: make(chan struct{}, 1)}
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
	busy   int                // connections; guarded by mu
	done   int                // clients that are through; guarded by mu
}

// A client is one of those that are tested.
type client struct {
	Agent
	done bool
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
		watch := len(l.order) > 0 && l.busy == 0
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

// serve serves one connection.
func (l *listener) serve(ctx context.Context, nc net.Conn) {
	timeout := l.cfg.Timeout
	if timeout == 0 {
		timeout = DefaultTimeout
	}
	s := newSession(nc, codec.RoleServer, timeout)
	defer s.close()
	h, err := s.readAnyHead(nil)
	if err != nil {
		return
	}
	s.opening.asked, err = codec.CheckRequest(&h, func(*codec.HandshakeError) {})
	if err != nil {
		return
	}
	s.opening.request = newHead(h)
	s.rec.url = "ws://" + h.Get("Host") + target(&h)
	u, err := url.ParseRequestURI(target(&h))
	if err != nil {
		l.refuse(s, "the target of the request is no path")
		return
	}
	q := u.Query()
	switch strings.TrimSuffix(u.Path, "/") {
	case "/getCaseCount":
		l.say(s, strconv.Itoa(len(l.cfg.Cases)))
	case "/getCaseInfo":
		l.info(s, q)
	case "/getCaseStatus":
		l.status(s, q)
	case "/runCase":
		l.runCase(s, q, &h)
	case "/updateReports":
		l.say(s, "")
		l.through(q.Get("agent"))
	default:
		l.refuse(s, "there is /getCaseCount, /runCase?case=N&agent=NAME and /updateReports?agent=NAME")
	}
}

func target(h *codec.Head) string {
	line, err := codec.ParseRequestLine(h.Start)
	if err != nil {
		return ""
	}
	return line.Target
}

// refuse answers a request that the convention does not have.
func (l *listener) refuse(s *session, why string) {
	s.write([]byte(fmt.Sprintf("HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s\n", len(why)+1, why)))
}

// say accepts, sends a text message unless it is "", and closes.
func (l *listener) say(s *session, text string) {
	s.write(responseTo(&s.opening, "").bytes())
	if text != "" {
		s.send(textFrame(text))
	}
	finish().run(s)
}

// number returns the case that a request is about, counted from 0.
func (l *listener) number(q url.Values) (int, bool) {
	n, err := strconv.Atoi(q.Get("case"))
	return n - 1, err == nil && n >= 1 && n <= len(l.cfg.Cases)
}

// runCase runs one case against the client that asks for it.
func (l *listener) runCase(s *session, q url.Values, h *codec.Head) {
	i, ok := l.number(q)
	if !ok {
		l.refuse(s, fmt.Sprintf("the cases are 1 to %d", len(l.cfg.Cases)))
		return
	}
	c := l.cfg.Cases[i]
	began := time.Now()
	s.skip = l.cfg.Skip
	err := s.run(c)
	s.close()
	res := newResult(c, s.judge(err), s.rec, l.cfg.Exchanges)
	res.Elapsed = time.Since(began)
	l.report(q.Get("agent"), i, res, h)
}

// report notes a result of a client.
func (l *listener) report(name string, i int, res Result, h *codec.Head) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.agents[name]
	if c == nil {
		c = &client{Agent: Agent{
			Name: name, Role: roleName(codec.RoleClient), Product: h.Get("User-Agent"),
			Started: time.Now().Add(-res.Elapsed), Results: make([]Result, len(l.cfg.Cases)),
		}}
		l.agents[name] = c
		l.order = append(l.order, c)
	}
	c.Results[i] = res
	c.Elapsed = time.Since(c.Started)
	if l.cfg.Progress != nil {
		l.cfg.Progress(name, res)
	}
}

// through notes that a client has run all that it wants to.
func (l *listener) through(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c := l.agents[name]; c != nil && !c.done {
		c.done = true
		l.done++
	}
}

// info tells of a case, as Autobahn does.
func (l *listener) info(s *session, q url.Values) {
	if i, ok := l.number(q); ok {
		c := l.cfg.Cases[i]
		l.say(s, fmt.Sprintf(`{"id":%q,"description":%q}`, c.ID, c.Title))
		return
	}
	l.refuse(s, "there is no such case")
}

// status tells how a case went, in Autobahn's words.
func (l *listener) status(s *session, q url.Values) {
	words := map[Verdict]string{
		Pass: "OK", NonStrict: "NON-STRICT", Informational: "INFORMATIONAL", Skipped: "UNIMPLEMENTED", Fail: "FAILED",
	}
	i, ok := l.number(q)
	l.mu.Lock()
	c := l.agents[q.Get("agent")]
	ok = ok && c != nil && c.Results[max(i, 0)].Case != ""
	var word string
	if ok {
		word = words[c.Results[i].Verdict]
	}
	l.mu.Unlock()
	if !ok {
		l.refuse(s, "there is no such result")
		return
	}
	l.say(s, fmt.Sprintf(`{"behavior":%q}`, word))
}
