package commands

import (
	"context"
	"errors"
	"net/http"
	"os"
	"sync"
	"time"

	"wskit/codec"
	"wskit/codec/wsconn"
	"wskit/scripts"
	"wskit/wsserver"
)

// watchEvery is how often the file of a script is read to see whether it has changed.
// Reading finds every change, on file systems and through mounts that tell of none, by
// editors that put another file in its place, and within one tick of its time.
const watchEvery = 200 * time.Millisecond

// restarted is what the connections of a script are closed with that has changed.
var restarted = &wsconn.CloseError{Code: codec.CloseServiceRestart, Reason: "the script has changed"}

// A watchedScript is a script whose engine is replaced when its file changes.
type watchedScript struct {
	path string
	// start starts an engine that runs text.
	start func(ctx context.Context, text string) (*scripts.Engine, error)
	note  func(string)

	// running is the text that runs. It is owned by the goroutine that reloads.
	running string

	mu sync.Mutex
	// guarded by mu
	now    *generation
	failed bool // one that was replaced has failed

	retiring sync.WaitGroup
}

// current returns what runs now.
func (w *watchedScript) current() *generation {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// Upgrade asks the engine that runs. One that is replaced meanwhile has no say.
func (w *watchedScript) Upgrade(r *http.Request) (*wsserver.Session, error) {
	for {
		g := w.current()
		ctx, cancel := context.WithCancel(r.Context())
		stop := context.AfterFunc(g.replaced, cancel)
		session, err := g.engine.Upgrade(r.WithContext(ctx))
		stop()
		cancel()
		if g.replaced.Err() != nil && r.Context().Err() == nil {
			continue
		}
		if err == nil {
			session.Serve = g.serve(session.Serve)
		}
		return session, err
	}
}

// watch reloads the script whenever its file has changed, until ctx ends. What is read
// twice is whole: nobody is writing it.
func (w *watchedScript) watch(ctx context.Context) {
	ticker := time.NewTicker(watchEvery)
	defer ticker.Stop()
	end := func() {}
	defer func() { end() }()
	seen, tried := w.running, w.running
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		text, err := readWatched(w.path)
		if err != nil {
			continue // it is on its way
		}
		whole := text == seen
		seen = text
		if !whole || text == tried {
			continue
		}
		tried = text
		end()
		end = w.beginReload(ctx, text)
	}
}

// beginReload reloads in the background, until it is told to end.
func (w *watchedScript) beginReload(ctx context.Context, text string) (end func()) {
	ctx, cancel := context.WithCancel(ctx)
	var loading sync.WaitGroup
	loading.Go(func() { w.reload(ctx, text) })
	return func() {
		cancel()
		loading.Wait()
	}
}

// readWatched reads a file that can be read again and again.
func readWatched(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", usagef("read the script %s: %w", path, cause(err))
	}
	if !info.Mode().IsRegular() {
		return "", usagef("--watch: %s is no file that could change", path)
	}
	cfg, err := readScript(path)
	return cfg.Source, err
}

// reload replaces the engine by one that runs text, unless that fails.
func (w *watchedScript) reload(ctx context.Context, text string) {
	if text == w.running {
		return // as it was before what failed
	}
	engine, err := w.start(ctx, text)
	if err != nil {
		if ctx.Err() == nil {
			w.note("kept " + w.path + " as it was")
		}
		return
	}
	old := w.current()
	w.mu.Lock()
	w.now = newGeneration(engine)
	w.mu.Unlock()
	w.running = text
	w.note("reloaded " + w.path)
	w.retiring.Go(func() {
		if old.retire() {
			w.mu.Lock()
			w.failed = true
			w.mu.Unlock()
		}
	})
}

// A generation is an engine and its connections.
type generation struct {
	engine   *scripts.Engine
	replaced context.Context
	replace  context.CancelFunc

	mu sync.Mutex
	// guarded by mu
	conns map[*wsconn.Conn]struct{}

	sessions sync.WaitGroup
}

func newGeneration(e *scripts.Engine) *generation {
	g := &generation{engine: e, conns: make(map[*wsconn.Conn]struct{})}
	g.replaced, g.replace = context.WithCancel(context.Background())
	return g
}

// serve returns the session next for as long as the engine is not replaced.
func (g *generation) serve(next func(context.Context, *wsconn.Conn) error) func(context.Context, *wsconn.Conn) error {
	return func(ctx context.Context, c *wsconn.Conn) error {
		if !g.enter(c) {
			return restarted
		}
		defer g.leave(c)
		return next(ctx, c)
	}
}

func (g *generation) enter(c *wsconn.Conn) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.replaced.Err() != nil {
		return false
	}
	g.conns[c] = struct{}{}
	g.sessions.Add(1)
	return true
}

func (g *generation) leave(c *wsconn.Conn) {
	g.mu.Lock()
	delete(g.conns, c)
	g.mu.Unlock()
	g.sessions.Done()
}

// retire ends the engine and its connections, and reports whether it has failed.
func (g *generation) retire() bool {
	g.mu.Lock()
	g.replace()
	g.mu.Unlock()
	g.engine.Shutdown()
	var closers sync.WaitGroup
	g.mu.Lock()
	for c := range g.conns {
		closers.Go(func() { c.Close(restarted.Code, restarted.Reason) })
	}
	g.mu.Unlock()
	closers.Wait()
	stuck := time.AfterFunc(wsconn.DefaultCloseTimeout, g.engine.Close) // sessions wait for a turn without end
	defer stuck.Stop()
	g.sessions.Wait()
	g.engine.Close()
	return g.engine.Failed()
}

// beginWatch has the scripts in files watched, until ctx ends or end is called. Note
// tells of what becomes of a change.
func (o *scriptOptions) beginWatch(ctx context.Context, note func(string)) (end func()) {
	ctx, cancel := context.WithCancel(ctx)
	var watching sync.WaitGroup
	for _, w := range o.watched {
		w.note = note
		watching.Go(func() { w.watch(ctx) })
	}
	return func() {
		cancel()
		watching.Wait()
	}
}

// watchFile starts the script of the file that cfg names, to be watched.
func (o *scriptOptions) watchFile(ctx context.Context, env *Env, cfg scripts.Config) (*watchedScript, error) {
	text, err := readWatched(cfg.Name)
	if err != nil {
		return nil, err
	}
	w := &watchedScript{path: cfg.Name, running: text}
	cfg.Source = text
	engine, err := o.load(ctx, env, cfg)
	if err != nil {
		return nil, err
	}
	w.now = newGeneration(engine)
	w.start = func(ctx context.Context, text string) (*scripts.Engine, error) {
		cfg := cfg
		cfg.Source = text
		suite := o.configure(env, &cfg)
		engine, err := scripts.Start(ctx, cfg)
		var exit *scripts.ExitError
		if f := (*scripts.Failure)(nil); errors.As(err, &f) {
			o.showFailure(env, f) // it is none of the run, in which this never ran
		} else if errors.As(err, &exit) {
			cfg.OnExit(exit.Code)
		} else if err == nil {
			o.report.add(suite)
		}
		return engine, err
	}
	o.watched = append(o.watched, w)
	return w, nil
}
