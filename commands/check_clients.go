package commands

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"wskit/internal/conform"
	"wskit/wsserver"
)

// clientOptions are the flags of check that test clients.
type clientOptions struct {
	listen []string
	count  int
	idle   time.Duration
	run    string
	ready  readyOptions
	tls    serverTLS
}

func (o *clientOptions) options() []*option {
	options := []*option{
		stringsOption(&o.listen, "listen", "ADDRESS", "test clients, which connect to PORT (this machine only), HOST:PORT or unix:PATH (repeatable)").also("l"),
		stringOption(&o.run, "run", "COMMAND", "run a client with WSKIT_URL set; --listen is then any free port"),
		withDefault("1", intOption(&o.count, "agents", "N", 1, 1000, "end when N clients are through")),
		limitOption(&o.idle, "idle-timeout", "end when nothing is heard of a client, once one has come"),
	}
	options = append(options, o.ready.options()...)
	return in("Clients", append(options, o.tls.options()...)...)
}

// wanted reports whether clients are tested, and not servers.
func (o *clientOptions) wanted() bool { return len(o.listen) > 0 || o.run != "" }

// listeners prepares a test of clients. Stop closes what is listened on, and is never
// nil.
func (o *checkOptions) listeners(env *Env, cases []*conform.Case, _ []string) (test func(context.Context, *conform.Report) error, stop func(), err error) {
	ls, urls, err := o.clients.bind(env)
	stop = func() {
		for _, l := range ls {
			l.Close()
		}
	}
	return func(ctx context.Context, r *conform.Report) error {
		return o.checkClients(ctx, env, r, ls, urls, cases)
	}, stop, err
}

// bind binds the listeners and returns them and their URLs. With an error, ls are those
// that were bound before.
func (o *clientOptions) bind(env *Env) (ls []net.Listener, urls []string, err error) {
	cfg, err := o.tls.config()
	if err != nil {
		return nil, nil, err
	}
	addrs := o.listen
	if len(addrs) == 0 {
		addrs = []string{"127.0.0.1:0"} // nobody else needs to know it
	}
	for _, addr := range addrs {
		b, err := wsserver.Bind(addr)
		if err == nil && o.tls.selfSigned {
			cfg = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: make([]tls.Certificate, 1)}
			cfg.Certificates[0], err = b.SelfSigned()
		}
		if err != nil {
			return ls, nil, serverFailure(err)
		}
		for _, l := range b.Listeners {
			if cfg != nil {
				l = tls.NewListener(l, cfg)
			}
			ls = append(ls, l)
		}
		urls = append(urls, b.URLs(cfg != nil)...)
		for _, exposed := range b.Exposed() {
			env.note("warning: other machines can connect to %s", exposed)
		}
	}
	return ls, urls, nil
}

// checkClients tests the clients that come.
func (o *checkOptions) checkClients(ctx context.Context, env *Env, r *conform.Report, ls []net.Listener, urls []string, cases []*conform.Case) error {
	if !o.quiet && o.clients.run == "" {
		env.note("waiting for a client at %s", urls[0])
	}
	if err := o.clients.ready.tell(env, urls); err != nil {
		return err
	}
	live := o.newLive(env)
	cfg := conform.ListenConfig{
		Listeners: ls, Cases: cases, Agents: o.clients.count, Timeout: o.timeout, Idle: o.clients.idle,
		Skip: o.skip, Exchanges: o.report.exchanges(), Progress: live.clients(len(cases)),
	}
	var ran error
	if o.clients.run == "" {
		r.Add(conform.Listen(ctx, cfg)...)
	} else {
		ran = o.runClient(ctx, env, r, cfg, urls[0])
	}
	live.erase()
	switch {
	case len(r.Agents) == 0 && ctx.Err() == nil:
		e := failf(exitExpectation, "no client has run a case")
		if ran != nil {
			e = failf(exitExpectation, "no client has run a case: %s", ran)
		}
		return e.withHint("a client connects to /getCaseCount, to /runCase?case=N&agent=NAME for each, and to /updateReports?agent=NAME")
	case o.report.verdict(r) != nil:
		return nil // which outranks how the command ended
	}
	return ran
}

// hangingUp is how long the last connection of a command that has ended may still take.
const hangingUp = time.Second

// runClient runs the command of --run beside the listeners. The run ends with the
// command; a command that goes on when its client is through is ended. What it prints
// goes to stderr, for stdout is the report's.
func (o *checkOptions) runClient(ctx context.Context, env *Env, r *conform.Report, cfg conform.ListenConfig, url string) error {
	listening, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	running, end := context.WithCancelCause(ctx)
	defer end(nil)
	var ran error
	var grace *time.Timer
	var command sync.WaitGroup
	command.Go(func() {
		own := *env
		own.Stdout = env.Stderr
		ran = runCommand(running, &own, o.clients.run, url)
		grace = time.AfterFunc(hangingUp, func() { stop(errCommandEnded) })
	})
	r.Add(conform.Listen(listening, cfg)...)
	patience := time.AfterFunc(o.clients.idle, func() { end(errClientStays) })
	command.Wait()
	grace.Stop()
	patience.Stop()
	if errors.Is(context.Cause(running), errClientStays) {
		env.note("warning: %s", errClientStays)
		return nil
	}
	if e, ok := errors.AsType[*exitError](ran); ok && e.msg == "" {
		e.msg = fmt.Sprintf("the command of --run ended with exit code %d", e.code)
	}
	return ran
}

// errCommandEnded is the cause of the end of a run whose client has ended.
var errCommandEnded = errors.New("the command of --run has ended")

// errClientStays is the cause of the end of a command.
var errClientStays = fmt.Errorf("the command of --run went on when its client was through: %w", Interrupted{Code: exitTerminated})
