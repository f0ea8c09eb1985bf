package wsserver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"wskit/codec"
	"wskit/codec/wsconn"
)

// An endpoint is a route as an entry of the mux.
type endpoint struct {
	server *Server
	route  Route
}

// ServeHTTP gets what serveRequest let through: upgrades, and requests that are
// none.
func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := w.(*exchange)
	if errors.Is(x.err, codec.ErrNotUpgrade) {
		e.serveOther(x, r)
		return
	}
	if err, ok := errors.AsType[*codec.HandshakeError](x.err); ok {
		e.server.refuse(x, r, handshakeRefusal(err))
		return
	}
	e.upgrade(x, r)
}

// serveOther answers a request that is no upgrade.
func (e *endpoint) serveOther(x *exchange, r *http.Request) {
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		x.Header().Set("Allow", "GET, HEAD")
		x.Header().Set("Connection", "close")
		respond(x, http.StatusMethodNotAllowed, "405 Method Not Allowed: this is a WebSocket\n")
	case acceptsHTML(r):
		servePage(x)
	default:
		x.Header().Set("Vary", "Accept")
		for _, f := range notUpgrade {
			x.Header()[f.Name] = []string{f.Value} // in this spelling
		}
		respond(x, http.StatusUpgradeRequired, "426 Upgrade Required: this is a WebSocket\n")
	}
}

// notUpgrade are the fields of the answer to a request that is no upgrade (RFC 9110
// §15.5.22; RFC 6455 §4.4).
var notUpgrade = []codec.Field{
	{Name: "Connection", Value: "Upgrade"},
	{Name: "Upgrade", Value: "websocket"},
	{Name: "Sec-WebSocket-Version", Value: "13"},
}

// handshakeRefusal is the answer to a request that breaks a rule.
func handshakeRefusal(err *codec.HandshakeError) refusal {
	f := refusal{status: err.Status, reason: err.Error(), header: make(http.Header)}
	for _, field := range err.Fields {
		f.header[field.Name] = append(f.header[field.Name], field.Value) // in this spelling
	}
	switch err.Violation {
	case codec.ErrUpgradeMissing, codec.ErrConnectionMissing, codec.ErrHandshakeHTTPVersion:
		f.hint = "a proxy in between must use HTTP/1.1 and pass Upgrade and Connection on"
	}
	return f
}

// upgrade asks the route, answers, and starts the session.
func (e *endpoint) upgrade(x *exchange, r *http.Request) {
	s := e.server
	r, ok := s.named(x, r)
	if !ok {
		return
	}
	if err := s.reserve(); err != nil {
		s.refuse(x, r, placeRefusal(err))
		return
	}
	started := false
	defer func() {
		if !started {
			s.release()
		}
	}()
	a, err := e.decide(x, r)
	if err != nil {
		// Who answers late has the time for it all the same.
		http.NewResponseController(x).SetWriteDeadline(time.Now().Add(s.cfg.HandshakeTimeout))
		s.refuse(x, r, s.routeRefusal(r, err))
		return
	}
	nc, rw, err := http.NewResponseController(x).Hijack()
	if err != nil {
		s.cfg.Log.Error("hijack connection", "remote", r.RemoteAddr, "error", err)
		return
	}
	started = true
	x.status = http.StatusSwitchingProtocols
	// What the client sent behind its request.
	a.cfg.Buffered, _ = rw.Reader.Peek(rw.Reader.Buffered())
	s.start(nc, a.cfg, a.session, &x.head, a.answer, Opened{
		Name:        cmp.Or(a.session.Name, RequestName(r)),
		Remote:      r.RemoteAddr,
		Path:        strings.Clone(r.URL.EscapedPath()),
		Subprotocol: a.cfg.Subprotocol,
		Deflate:     a.cfg.Deflate,
	})
}

// placeRefusal is the answer when there is no place.
func placeRefusal(err error) refusal {
	f := refusal{status: http.StatusServiceUnavailable, reason: err.Error(), header: http.Header{"Retry-After": {"5"}}}
	if err == errFull {
		f.hint = "--max-connections, and the limit on descriptors, say how many there may be"
	}
	return f
}

// decide asks the route, and keeps the client waiting as long as that wants. It returns
// what the upgrade is accepted with, or why it is refused: the cause of the request's
// context if that ends before.
func (e *endpoint) decide(x *exchange, r *http.Request) (acceptance, error) {
	a, err := e.ask(x, r)
	delay := time.Duration(0)
	if ref, ok := errors.AsType[*Refusal](err); ok {
		delay = ref.Delay
	} else if err == nil {
		delay = a.session.Delay
	}
	if delay <= 0 {
		return a, err
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return a, err
	case <-r.Context().Done():
		return a, context.Cause(r.Context())
	}
}

// ask asks the route. A panic in it is an error of the route.
func (e *endpoint) ask(x *exchange, r *http.Request) (a acceptance, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	session, err := e.route.Upgrade(r)
	if err != nil {
		return acceptance{}, err
	}
	return e.server.accept(&x.request, session)
}

// routeRefusal is the answer for an error of a route.
func (s *Server) routeRefusal(r *http.Request, err error) refusal {
	if ref, ok := errors.AsType[*Refusal](err); ok {
		switch {
		case ref.Drop:
			return refusal{drop: true, reason: "the route drops it"}
		case ref.Status >= 200 && ref.Status <= 599:
			return refusal{status: ref.Status, reason: cmp.Or(ref.Reason, "the route refuses it"), header: ref.Header, body: &ref.Body}
		}
	}
	cause := context.Cause(r.Context())
	if cause != nil && (errors.Is(err, cause) || errors.Is(err, context.Canceled)) {
		if cause == errStopping {
			return placeRefusal(errStopping)
		}
		return refusal{drop: true, reason: "the client went away"}
	}
	s.cfg.Log.Error("route upgrade", "error", err)
	return refusal{status: http.StatusInternalServerError, reason: "the route failed"}
}

// answerSize is room for a usual answer, in bytes.
const answerSize = 256

// An acceptance is what an upgrade is accepted with.
type acceptance struct {
	session *Session
	answer  []byte
	cfg     wsconn.Config
}

// accept returns the response to req and what is agreed with it.
func (s *Server) accept(req *codec.Request, session *Session) (acceptance, error) {
	handshake := codec.ServerHandshake{Protocol: session.Protocol}
	if handshake.Protocol == "" {
		handshake.Protocol = codec.SelectProtocol(s.cfg.Subprotocols, req.Protocols)
	}
	handshake.Fields = append(appendFields(nil, session.Header), s.cfg.Header...)
	if !session.NoCompression {
		handshake.Deflate = s.cfg.Deflate
	}
	head, agreed, err := handshake.Accept(req)
	if err == nil && session.Accept != "" {
		err = setAccept(&head, session.Accept)
	}
	if err != nil {
		return acceptance{}, fmt.Errorf("accept handshake: %w", err)
	}
	if n := len(session.Name); n > MaxName {
		return acceptance{}, fmt.Errorf("name connection: %d bytes are more than %d", n, MaxName)
	}
	cfg := s.cfg.Conn
	if session.Configure != nil {
		cfg = cfg.Unshare()
		session.Configure(&cfg)
		cfg.Role, cfg.Tap = codec.RoleServer, nil
	}
	cfg.Subprotocol, cfg.Deflate = agreed.Protocol, agreed.Deflate
	return acceptance{session, codec.AppendHead(make([]byte, 0, answerSize), head), cfg}, nil
}

// setAccept puts value in the place of the right one.
func setAccept(head *codec.Head, value string) error {
	for i := range head.Fields {
		if f := &head.Fields[i]; f.Name == "Sec-WebSocket-Accept" {
			f.Value = value
			return codec.CheckField(*f)
		}
	}
	return nil
}

// appendFields appends h to fs, in alphabetical order.
func appendFields(fs []codec.Field, h http.Header) []codec.Field {
	start := len(fs)
	for name, values := range h {
		for _, v := range values {
			fs = append(fs, codec.Field{Name: name, Value: v})
		}
	}
	slices.SortStableFunc(fs[start:], func(a, b codec.Field) int { return strings.Compare(a.Name, b.Name) })
	return fs
}
