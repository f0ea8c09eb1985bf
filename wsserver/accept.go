package wsserver

import (
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"
)

// The waits of an acceptor, and how often it logs.
const (
	minAcceptWait = 5 * time.Millisecond
	maxAcceptWait = time.Second
	acceptLogEach = 5 * time.Second
)

// An acceptor is a listener whose Accept waits out every error but that of its own
// Close: with no descriptor left, trying again at once would only burn a processor,
// and giving up would end the server.
type acceptor struct {
	net.Listener
	log *slog.Logger

	closed chan struct{}
	once   sync.Once

	// owned by the goroutine that accepts
	wait   time.Duration
	logged time.Time
}

func newAcceptor(l net.Listener, log *slog.Logger) *acceptor {
	return &acceptor{Listener: l, log: log, closed: make(chan struct{})}
}

// Accept returns the next connection, or net.ErrClosed after Close.
func (a *acceptor) Accept() (net.Conn, error) {
	for {
		c, err := a.Listener.Accept()
		if err == nil {
			a.wait = 0
			return c, nil
		}
		select {
		case <-a.closed:
			return nil, net.ErrClosed
		default:
		}
		if errors.Is(err, net.ErrClosed) {
			return nil, err
		}
		if now := time.Now(); a.logged.IsZero() || now.Sub(a.logged) >= acceptLogEach {
			a.logged = now
			a.log.Warn("accept connection", "address", a.Addr().String(), "error", cause(err))
		}
		a.wait = min(max(2*a.wait, minAcceptWait), maxAcceptWait)
		timer := time.NewTimer(a.wait)
		select {
		case <-timer.C:
		case <-a.closed:
			timer.Stop()
			return nil, net.ErrClosed
		}
	}
}

// Close closes the listener and ends a waiting Accept.
func (a *acceptor) Close() error {
	a.once.Do(func() { close(a.closed) })
	return a.Listener.Close()
}
