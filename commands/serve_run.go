package commands

import (
	"cmp"
	"context"
	"errors"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"

	"wskit/codec/wsconn"
	"wskit/wsserver"
)

// serve is the action of serve: it listens, says so, and runs until a signal, the
// last connection of --exit-after or the end of --run's command.
func (o *serveOptions) serve(ctx context.Context, env *Env, args []string) (err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	log := o.log.logger(env)
	defer log.close() // after the scripts
	o.script.onExit, o.script.log = cancel, log.json
	defer func() { err = o.script.finish(env, err) }()
	cfg, err := o.config(ctx, env, args)
	if err != nil {
		return err
	}

	log.attach(&cfg)
	o.script.report.attend(&cfg)
	memory := newReclaimer()
	defer memory.close()
	memory.attach(&cfg)
	if o.exitAfter > 0 {
		countDown(&cfg, o.exitAfter, func() { cancel(nil) })
	}
	s, err := wsserver.New(cfg)
	if err != nil {
		return serverFailure(err)
	}
	if err := o.bind(env, s); err != nil {
		return err
	}
	urls := mountURLs(s.URLs(), cfg.Mounts)
	log.listening(urls, s.Exposed(), o.tls.selfSigned)
	if err := o.ready.tell(env, urls); err != nil {
		return err
	}

	endWatch := o.script.beginWatch(ctx, log.news)
	defer endWatch() // before the log ends
	served := make(chan error, 1)
	go func() { served <- s.Serve() }()
	var ran error
	if o.run != "" {
		ran = runCommand(ctx, env, o.run, urls[0])
	} else {
		select {
		case <-ctx.Done():
		case err := <-served:
			return serverFailure(err)
		}
	}
	endWatch()
	o.script.shutdown()
	// Connections of a script wait for a turn that does not end.
	stuck := time.AfterFunc(o.closeTimeout, o.script.close)
	defer stuck.Stop()
	// What does not end in time is cut off by Shutdown itself.
	if err := s.Shutdown(context.Background()); err != nil {
		log.note("shut down: " + err.Error())
	}
	if err := <-served; err != nil {
		return serverFailure(err)
	}
	if errors.As(context.Cause(ctx), new(scriptExit)) {
		ran = nil // the script has ended it
	}
	return cmp.Or(ran, o.script.outcome(ctx))
}

// bind binds the listeners.
func (o *serveOptions) bind(env *Env, s *wsserver.Server) error {
	addrs := o.listen
	if len(addrs) == 0 {
		addrs = []string{"8080"}
		if addr := env.Getenv("WSKIT_LISTEN"); addr != "" {
			addrs = []string{addr}
		}
		if o.run != "" {
			addrs = []string{"127.0.0.1:0"} // nobody else needs to know it
		}
	}
	for _, addr := range addrs {
		if err := s.Listen(addr); err != nil {
			return serverFailure(err)
		}
	}
	return nil
}

// countDown calls done when n connections have ended.
func countDown(cfg *wsserver.Config, n int, done func()) {
	left := atomic.Int64{}
	left.Store(int64(n))
	onClose := cfg.OnClose
	cfg.OnClose = func(c wsserver.Closed) {
		if onClose != nil {
			onClose(c)
		}
		if left.Add(-1) == 0 {
			done()
		}
	}
}

// runCommand runs the command of --run to its end and returns its exit code as an
// error. A signal that ends ctx goes to the command too, and to what it has started;
// what does not end by that is killed.
func runCommand(ctx context.Context, env *Env, command, url string) error {
	cmd := exec.Command("sh", "-c", command)
	cmd.Env = append(os.Environ(), "WSKIT_URL="+url)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = env.Stdin, env.Stdout, env.Stderr
	g := newGroup(cmd, env.Stdin)
	if err := cmd.Start(); err != nil {
		return failf(exitLocalIO, "run %q: %w", command, err)
	}
	ended := make(chan struct{})
	var watch sync.WaitGroup
	watch.Go(func() {
		select {
		case <-ended:
			return
		case <-ctx.Done():
			g.interrupt(context.Cause(ctx))
		}
		select {
		case <-ended:
		case <-time.After(wsconn.DefaultCloseTimeout):
			g.kill()
		}
	})
	err := cmd.Wait()
	close(ended)
	watch.Wait()

	var exit *exec.ExitError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &exit) && exit.ExitCode() >= 0:
		return &exitError{code: exit.ExitCode()}
	case errors.As(err, &exit):
		return signalled(exit)
	}
	return failf(exitLocalIO, "run %q: %w", command, err)
}
