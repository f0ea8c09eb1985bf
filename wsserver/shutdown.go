package wsserver

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"wskit/codec"
	"wskit/codec/wsconn"
)

// goingAway is what each connection is closed with.
var goingAway = &wsconn.CloseError{Code: codec.CloseGoingAway, Reason: "the server is shutting down"}

// cutOffTime is how long Shutdown waits for sessions whose connections it has cut
// off.
const cutOffTime = time.Second

// Shutdown ends Serve: it stops accepting, ends the contexts of the sessions,
// closes each connection with 1001 and returns when all have ended. What is open
// after Config.Conn.CloseTimeout, when ctx ends, or at a second call of Shutdown, is
// cut off. The error is that of ctx, or says that sessions do not end.
func (s *Server) Shutdown(ctx context.Context) error {
	end, ok := s.beginShutdown()
	if !ok {
		s.cutOff()
		return nil
	}
	for _, l := range end.listeners {
		l.Close()
	}
	for _, c := range end.quiet {
		c.Close()
	}
	var closers sync.WaitGroup
	for _, c := range end.conns {
		closers.Go(func() { c.Close(goingAway.Code, goingAway.Reason) })
	}
	limit, cancel := context.WithTimeout(ctx, s.cfg.Conn.CloseTimeout)
	defer cancel()
	select {
	case <-s.idle:
	case <-limit.Done():
		s.cutOff()
	}
	closers.Wait()
	s.http.Close()

	timer := time.NewTimer(cutOffTime)
	defer timer.Stop()
	select {
	case <-s.idle:
	case <-timer.C:
		s.mu.Lock()
		defer s.mu.Unlock()
		return fmt.Errorf("shut down: %d sessions and %d requests do not end", s.places, len(s.requests))
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("shut down: %w", err)
	}
	return nil
}

// ending is what shutdown has to close.
type ending struct {
	listeners []net.Listener
	quiet     []net.Conn // connections on which no request is
	conns     []*wsconn.Conn
}

// beginShutdown returns what is open, or false when it was called before.
func (s *Server) beginShutdown() (e ending, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping {
		return ending{}, false
	}
	s.stopping = true
	close(s.stop)
	s.endRequests(errStopping)
	for _, b := range s.bound {
		e.listeners = append(e.listeners, b.Listeners...)
	}
	for c, state := range s.requests {
		if state != http.StateActive {
			e.quiet = append(e.quiet, c)
		}
	}
	for c := range s.open {
		e.conns = append(e.conns, c.conn)
	}
	s.checkIdle()
	return e, true
}

// cutOff drops all connections.
func (s *Server) cutOff() {
	s.mu.Lock()
	var conns []*wsconn.Conn
	for c := range s.open {
		conns = append(conns, c.conn)
	}
	s.mu.Unlock()
	for _, c := range conns {
		c.Abort()
	}
	s.http.Close()
}

// checkIdle closes idle when nothing is left. Callers hold mu.
func (s *Server) checkIdle() {
	if !s.stopping || s.places > 0 || len(s.requests) > 0 {
		return
	}
	select {
	case <-s.idle:
	default:
		close(s.idle)
	}
}
