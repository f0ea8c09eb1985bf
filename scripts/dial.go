package scripts

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"time"

	"github.com/dop251/goja"

	"wskit/codec"
	"wskit/codec/wsconn"
	"wskit/wsclient"
)

// dialOptions are the names of the options of connect.
var dialOptions = []string{
	"protocols", "headers", "origin", "compress", "insecure", "maxMessageSize", "pingInterval", "timeout", "name",
}

// jsConnect dials, and returns a promise of the socket. It ends with the socket for which
// it was dialled, if there is one, or with the handlers of one that has ended before.
func (e *Engine) jsConnect(c goja.FunctionCall) goja.Value {
	s := e.newSocket(new(request))
	cfg, limit := e.dialConfig(s, c.Argument(0).String(), c.Argument(1))
	line, column := e.here()
	p, resolve, reject := e.vm.NewPromise()
	s.dialled, s.owner = true, e.current
	e.dialled++
	if s.owner != nil {
		s.owner.handlers++ // it is awaited, whatever the handler does
		s.late = s.owner.state >= stateClosing
	}
	e.dialling.Go(func() {
		conn, err := dial(e.ctx, cfg, limit)
		if err != nil {
			e.post(func() {
				e.dialled--
				s.settled(func() error { return reject(e.dialError(err, line, column)) })
			})
			return
		}
		s.request.dialled(conn)
		s.run(conn.Conn, func() {
			if s.owner != nil {
				s.owner.dials = append(s.owner.dials, s)
			}
			s.settled(func() error { return resolve(s.value()) })
		})
	})
	return e.vm.ToValue(p)
}

// dial dials, for at most limit unless that is zero.
func dial(ctx context.Context, cfg wsclient.Config, limit time.Duration) (*wsclient.Conn, error) {
	if limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	return wsclient.Dial(ctx, cfg)
}

// settled settles the promise of connect, in a turn of the owner.
func (s *socket) settled(settle func() error) {
	if s.owner != nil {
		s.owner.handlers--
	}
	s.e.turn(s.owner, settle)
	if s.owner != nil && s.owner.state >= stateClosing && !s.late {
		s.close(codec.CloseGoingAway, "")
	}
}

// dialConfig reads the arguments of connect. It panics with an exception of the script.
func (e *Engine) dialConfig(s *socket, url string, options goja.Value) (wsclient.Config, time.Duration) {
	cfg := e.cfg.Client
	fail := func(err error) {
		if err != nil {
			panic(e.newNamedError("TypeError", "connect: "+err.Error()))
		}
	}
	var err error
	cfg.URL, err = wsclient.ParseURL(url)
	fail(err)
	var limit time.Duration
	if o := e.options(options, "connect", dialOptions...); o != nil {
		limit, err = e.dialWith(&cfg, s, o)
		fail(err)
	}
	s.configure(&cfg.Conn)
	fail(cfg.Check())
	return cfg, limit
}

// dialWith sets what the options say.
func (e *Engine) dialWith(cfg *wsclient.Config, s *socket, o *goja.Object) (limit time.Duration, err error) {
	if v := property(o, "protocols"); v != nil {
		if cfg.Subprotocols, err = e.stringsOf(v); err != nil {
			return 0, fmt.Errorf("protocols: %w", err)
		}
	}
	if cfg.Header, err = e.fieldsOf(o); err != nil {
		return 0, err
	}
	if v := property(o, "origin"); v != nil {
		cfg.Origin = v.String()
	}
	if isTrue(o, "compress") {
		cfg.Deflate = new(codec.DeflateConfig)
	}
	if isTrue(o, "insecure") {
		if cfg.TLS == nil {
			cfg.TLS = new(tls.Config)
		}
		cfg.TLS = cfg.TLS.Clone()
		cfg.TLS.InsecureSkipVerify = true
	}
	if err := s.readLimits(o); err != nil {
		return 0, err
	}
	if v := property(o, "name"); v != nil {
		s.name = v.String()
	}
	limit, _, err = durationOf(o, "timeout")
	return limit, err
}

// dialError returns the error that connect rejects with. Its status is that of the
// answer, zero if there was none.
func (e *Engine) dialError(err error, line, column int) *goja.Object {
	info := failureInfo{message: err.Error(), line: line, column: column}
	if h, ok := err.(interface{ Hint() string }); ok {
		info.hint = h.Hint()
	}
	o := e.newError(info)
	status, body := 0, ""
	if refused := (*wsclient.HandshakeError)(nil); errors.As(err, &refused) {
		status, body = refused.Status, decodeText(refused.Body)
	}
	o.Set("status", status)
	o.Set("body", body)
	return o
}

// run serves a connection that this process has dialled, and closes it with the engine.
func (s *socket) run(c *wsconn.Conn, opened func()) error {
	stop := context.AfterFunc(s.e.ctx, func() { c.Close(codec.CloseGoingAway, "") })
	defer stop()
	err := s.serve(c, opened)
	if c.Err() == nil { // the engine has ended before
		c.Close(codec.CloseGoingAway, "")
	}
	return err
}
