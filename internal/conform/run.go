package conform

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"wskit/codec"
	"wskit/internal/trace"
	"wskit/wsclient"
)

// The defaults of a Config.
const (
	DefaultTimeout = 5 * time.Second
	DefaultJobs    = 16
)

// A Config says what is tested, and how.
type Config struct {
	// Dial says how a server is reached. Its Deflate is offered in every case that
	// has no offer of its own and does not forbid it. It is not used against
	// clients.
	Dial wsclient.Config
	// Cases are what to run.
	Cases []*Case
	// Name is what to call the server. If empty, it is the URL's host and path.
	Name string
	// Jobs is the number of cases that run at the same time. If zero, it is
	// DefaultJobs. Big cases run one at a time, after the others.
	Jobs int
	// Timeout is how long the peer may take for each answer. If zero,
	// DefaultTimeout.
	Timeout time.Duration
	// Skip is the number of messages to pass over on each connection: greetings.
	Skip int
	// Exchanges keeps what was exchanged in cases that pass, too.
	Exchanges bool
	// Progress is called with each result as it comes, one at a time. If nil,
	// nothing is.
	Progress func(Result)
}

func (c *Config) timeout() time.Duration {
	if c.Timeout == 0 {
		return DefaultTimeout
	}
	return c.Timeout
}

// An EchoError says that the peer does not echo, so that it cannot be tested.
type EchoError struct {
	// Detail says what came instead. What the peer sent is quoted in it.
	Detail string
}

// Error says what came instead of an echo.
func (e *EchoError) Error() string {
	return "the server does not echo: " + e.Detail
}

// Run tests a server. Before the first case it makes sure that there is one which
// echoes: the error is a *wsclient.ConfigError, *wsclient.DialError,
// *wsclient.HandshakeError or *EchoError when there is none. When the server goes away
// in the middle, or ctx ends, the cases that were not run say so, and so does Ended: with
// an error, all of them. When ctx ends with a cause, that is told.
func Run(ctx context.Context, cfg Config) (*Agent, error) {
	r := &runner{cfg: cfg, ctx: ctx, running: map[string]int{}}
	began := time.Now()
	r.agent.Started = began
	r.agent.Results = make([]Result, len(cfg.Cases))
	if err := r.probe(); err != nil {
		r.agent.Ended = err.Error()
		if ctx.Err() != nil {
			r.agent.Ended = interruption(ctx)
		}
		for i, c := range cfg.Cases {
			r.agent.Results[i] = newResult(c, &finding{NotRun, r.agent.Ended}, nil, false)
		}
		return &r.agent, err
	}
	var many, single []int
	for i, c := range cfg.Cases {
		if c.Big {
			single = append(single, i)
		} else {
			many = append(many, i)
		}
	}
	crowded := r.parallel(many)
	for _, i := range append(crowded, single...) {
		r.report(i, r.try(cfg.Cases[i]))
	}
	r.agent.Elapsed = time.Since(began)
	r.agent.Ended = r.ended()
	return &r.agent, nil
}

// probe makes sure that there is a server which echoes.
func (r *runner) probe() error {
	cfg := r.cfg.Dial
	r.agent.Name, r.agent.Role, r.agent.URL = r.cfg.Name, roleName(codec.RoleServer), trace.RedactURL(cfg.URL.String())
	if r.agent.Name == "" {
		r.agent.Name = cfg.URL.HostHeader()
	}
	cfg.Conn.CloseTimeout = min(time.Second, r.cfg.timeout()) // how it closes is for the cases to see
	c, err := wsclient.Dial(r.ctx, cfg)
	if err != nil {
		return err
	}
	r.agent.Product = c.Response.Get("Server")
	c.Close(codec.CloseNormal, "")

	const text = "wskit check: is this an echo?"
	probe := &Case{bare: true, steps: []step{send(textFrame(text)), expect(textMessage(text))}}
	s, err := r.dial(probe)
	if err != nil {
		return err
	}
	defer s.close()
	stop := context.AfterFunc(r.ctx, func() { s.nc.Close() })
	defer stop()
	if err := s.run(probe); err != nil {
		return &EchoError{Detail: err.Error()}
	}
	return nil
}

// A runner is one run against one server.
type runner struct {
	cfg   Config
	ctx   context.Context
	agent Agent

	mu      sync.Mutex
	running map[string]int // cases that hold a connection; guarded by mu
	gone    error          // the server is no longer there; guarded by mu
}

// parallel runs cases, several at a time, and returns those that the server had no room
// for.
func (r *runner) parallel(cases []int) (crowded []int) {
	jobs := r.cfg.Jobs
	if jobs == 0 {
		jobs = DefaultJobs
	}
	next := make(chan int)
	var wg sync.WaitGroup
	for range min(jobs, len(cases)) {
		wg.Go(func() {
			for i := range next {
				res := r.try(r.cfg.Cases[i])
				if res.crowded && jobs > 1 {
					r.mu.Lock()
					crowded = append(crowded, i)
					r.mu.Unlock()
					continue
				}
				r.report(i, res)
			}
		})
	}
	for _, i := range cases {
		next <- i
	}
	close(next)
	wg.Wait()
	slices.Sort(crowded)
	return crowded
}

// report notes a result.
func (r *runner) report(i int, res Result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.agent.Results[i] = res
	if r.cfg.Progress != nil {
		r.cfg.Progress(res)
	}
}

// ended says why not all cases were run.
func (r *runner) ended() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.agent.Count(NotRun) == 0:
		return ""
	case r.ctx.Err() != nil:
		return interruption(r.ctx)
	}
	return "the server is gone: " + r.gone.Error()
}

// interruption says why a run ended before its time, whose context has ended.
func interruption(ctx context.Context) string {
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return "the run ended early: " + cause.Error()
	}
	return "the run was interrupted"
}

// try runs one case, unless the run is over.
func (r *runner) try(c *Case) Result {
	if err := r.over(); err != nil {
		return newResult(c, &finding{NotRun, err.Error()}, nil, false)
	}
	began := time.Now()
	s, err := r.dial(c)
	if err != nil {
		r.isGone(err)
		return newResult(c, &finding{NotRun, r.over().Error()}, nil, false)
	}
	r.enter(c, 1)
	stop := context.AfterFunc(r.ctx, func() { s.nc.Close() })
	err = s.run(c)
	stop()
	s.close()
	r.enter(c, -1)
	if r.ctx.Err() != nil {
		return newResult(c, &finding{NotRun, interruption(r.ctx)}, nil, false)
	}
	res := newResult(c, s.judge(err), s.rec, r.cfg.Exchanges)
	res.Elapsed = time.Since(began)
	no, ok := errors.AsType[*refused](err)
	res.crowded = s.crowded || ok && crowded(no.status)
	return res
}

// enter counts the connections of a case.
func (r *runner) enter(c *Case, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.running[c.ID] += n; r.running[c.ID] == 0 {
		delete(r.running, c.ID)
	}
}

// isGone notes that the server is no longer there, and during which cases it went.
func (r *runner) isGone(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.gone != nil {
		return
	}
	r.gone = err
	if len(r.running) > 0 {
		cases := slices.Sorted(maps.Keys(r.running))
		r.gone = fmt.Errorf("%w, during %s", err, strings.Join(cases, ", "))
	}
}

// over says why no more cases are to be run.
func (r *runner) over() error {
	if r.ctx.Err() != nil {
		return errors.New(interruption(r.ctx))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.gone
}

// How long a server that refuses connections is waited for: one that has crashed may be
// started anew.
const (
	attempts = 5
	pause    = 200 * time.Millisecond
)

// dial makes a connection for a case, as far as TLS.
func (r *runner) dial(c *Case) (*session, error) {
	cfg := r.cfg.Dial
	if c.bare || c.offer != "" {
		cfg.Deflate = nil
	}
	h, err := cfg.Request()
	if err != nil {
		return nil, err
	}
	var nc net.Conn
	for i := range attempts {
		if i > 0 {
			select {
			case <-time.After(pause):
			case <-r.ctx.Done():
			}
		}
		if nc, err = wsclient.Connect(r.ctx, cfg); err == nil || r.ctx.Err() != nil {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	s := newSession(nc, codec.RoleClient, r.cfg.timeout())
	s.skip = r.cfg.Skip
	s.rec.url = cfg.URL.String()
	s.opening.request = newHead(h)
	if c.offer != "" {
		s.opening.request.set("Sec-WebSocket-Extensions", c.offer)
	}
	return s, nil
}

// run runs the case's steps. Its error is nil, a *finding, or a *refused.
func (s *session) run(c *Case) error {
	if !c.manual {
		if err := s.open(c); err != nil {
			return err
		}
	}
	return s.runAll(c.steps)
}

// open performs the opening handshake of a case that does not do so itself.
func (s *session) open(c *Case) error {
	if s.role == codec.RoleServer {
		return s.accept(c)
	}
	s.ask(s.opening.request)
	if c.offer != "" {
		return s.takesOffer(c.offer)
	}
	return s.accepted()
}

// judge makes the finding of a case of what its steps returned.
func (s *session) judge(err error) *finding {
	if f, ok := errors.AsType[*finding](err); ok {
		return f
	}
	switch {
	case err != nil:
		return &finding{Fail, err.Error()}
	case s.soft != "":
		return &finding{NonStrict, s.soft}
	case s.note != "":
		return &finding{Informational, s.note}
	}
	return &finding{Pass, s.remark}
}
