package wsserver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime/debug"
	"time"

	"wskit/codec"
	"wskit/codec/wsconn"
)

// The reasons for which an upgrade finds no place.
var (
	errFull     = errors.New("there are as many connections as there may be")
	errStopping = errors.New("the server is shutting down")
)

// reserve takes a place for a connection; release gives it back.
func (s *Server) reserve() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.stopping:
		return errStopping
	case s.cfg.MaxConnections >= 0 && s.places >= s.cfg.MaxConnections:
		return errFull
	}
	s.places++
	return nil
}

func (s *Server) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.places--
	s.checkIdle()
}

// A connection is a session that runs. It holds as little as it can: there may be
// many that are idle.
type connection struct {
	server *Server
	conn   *wsconn.Conn
	n      uint64
	opened time.Duration // since the server began
	serve  func(ctx context.Context, c *wsconn.Conn) error

	// done is guarded by the server's mu. It is nil until somebody waits for the
	// context.
	done chan struct{}
}

// start sends the answer to the request and runs the session in the place that was
// reserved, on a new goroutine: that of the request has grown a stack that would be
// kept for nothing.
func (s *Server) start(nc net.Conn, cfg wsconn.Config, session *Session, request *codec.Head, answer []byte, o Opened) {
	c := &connection{server: s, n: s.last.Add(1), opened: time.Since(s.began), serve: session.Serve}
	if s.cfg.OnOpen != nil {
		o.N = c.n
		s.cfg.OnOpen(o)
	}
	if s.cfg.Tap != nil {
		cfg.Tap = s.cfg.Tap(c.n)
	}
	if cfg.Tap != nil {
		cfg.Tap(codec.RoleClient, time.Now(), codec.AppendHead(nil, *request))
		cfg.Tap(codec.RoleServer, time.Now(), answer)
	}
	nc.SetDeadline(time.Now().Add(s.cfg.HandshakeTimeout))
	if _, err := nc.Write(answer); err != nil {
		nc.Close()
		c.report(&wsconn.CloseError{Code: codec.CloseAbnormal, By: wsconn.Lost, Err: err}, wsconn.Stats{})
		s.release()
		return
	}
	nc.SetDeadline(time.Time{})
	c.conn = wsconn.New(nc, cfg)
	s.mu.Lock()
	s.open[c] = struct{}{}
	if s.stopping { // shutdown looked at the open connections before
		c.serve = func(context.Context, *wsconn.Conn) error { return goingAway }
	}
	s.mu.Unlock()
	go c.run()
}

// run owns the connection from now to its end, also when Serve panics, which ends
// this connection only. Its frame lies below everything that a session does: what is
// large stays out of it, for with more than a kilobyte of frames a stack of 2 KiB
// becomes one of 4.
func (c *connection) run() {
	err := errPanic
	defer func() {
		if p := recover(); p != nil {
			c.panicked(p)
		}
		c.end(err)
	}()
	err = c.serve(sessionContext{c}, c.conn)
}

// errPanic is the result of a session that panics.
var errPanic = errors.New("panic")

func (c *connection) panicked(p any) {
	c.server.cfg.Log.Error("session panic", "connection", c.n, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
}

// end ends the connection on the result of Serve. Release tells Shutdown, which
// waits for it.
func (c *connection) end(err error) {
	s := c.server
	defer s.release()
	c.finish(err)
	s.mu.Lock()
	delete(s.open, c)
	if c.done == nil {
		c.done = closed
	}
	s.mu.Unlock()
	<-c.done
	end, _ := errors.AsType[*wsconn.CloseError](c.conn.Err())
	c.report(end, c.conn.Stats())
}

func (c *connection) report(end *wsconn.CloseError, stats wsconn.Stats) {
	if c.server.cfg.OnClose != nil {
		c.server.cfg.OnClose(Closed{N: c.n, End: end, Stats: stats, Duration: time.Since(c.server.began) - c.opened})
	}
}

// closed is the channel of a context that nobody waited for.
var closed = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// finish performs the closing handshake that the result of Serve asks for. A
// connection that has ended is left as it is.
func (c *connection) finish(err error) {
	select {
	case <-c.server.stop:
		// Its context may have ended the session before the close frame did.
		if err == nil || errors.Is(err, context.Canceled) {
			err = goingAway
		}
	default:
	}
	end, ok := errors.AsType[*wsconn.CloseError](err)
	switch {
	case err == nil:
		c.conn.Close(codec.CloseNormal, "")
	case ok && end.Code == codec.CloseAbnormal:
		c.conn.Abort()
	case ok && (end.Code.Sendable() || end.Code == codec.CloseNoStatus):
		c.conn.Close(end.Code, end.Reason)
	default:
		if c.conn.Err() == nil && err != errPanic {
			c.server.cfg.Log.Error("session failed", "connection", c.n, "error", err)
		}
		c.conn.Close(codec.CloseInternalError, "")
	}
}

// A sessionContext ends with its connection or when shutdown begins. Most sessions
// never wait for that: the channel and the goroutine that closes it are made when
// somebody asks for them.
type sessionContext struct{ c *connection }

// Deadline reports that there is none.
func (sessionContext) Deadline() (deadline time.Time, ok bool) { return time.Time{}, false }

// Value returns nil.
func (sessionContext) Value(any) any { return nil }

// Done returns a channel that is closed at the end. The goroutine that closes it
// ends with the connection, and run waits for it.
func (x sessionContext) Done() <-chan struct{} {
	c := x.c
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	if c.done == nil {
		c.done = make(chan struct{})
		go func(done chan struct{}) {
			select {
			case <-c.conn.Done():
			case <-c.server.stop:
			}
			close(done)
		}(c.done)
	}
	return c.done
}

// Err returns context.Canceled after the end.
func (x sessionContext) Err() error {
	select {
	case <-x.c.conn.Done():
	case <-x.c.server.stop:
	default:
		return nil
	}
	return context.Canceled
}
