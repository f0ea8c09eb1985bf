package wsserver

import (
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"

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
	if err := s.reserve(); err != nil {
		f := refusal{status: http.StatusServiceUnavailable, reason: err.Error(), header: http.Header{"Retry-After": {"5"}}}
		if err == errFull {
			f.hint = "--max-connections, and the limit on descriptors, say how many there may be"
		}
		s.refuse(x, r, f)
		return
	}
	started := false
	defer func() {
		if !started {
			s.release()
		}
	}()
	session, err := e.ask(r)
	if err != nil {
		s.refuse(x, r, s.routeRefusal(err))
		return
	}
	answer, cfg, err := s.accept(&x.request, session)
	if err != nil {
		s.refuse(x, r, s.routeRefusal(err))
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
	cfg.Buffered, _ = rw.Reader.Peek(rw.Reader.Buffered())
	s.start(nc, cfg, session, &x.head, answer, Opened{
		Remote:      r.RemoteAddr,
		Path:        strings.Clone(r.URL.EscapedPath()),
		Subprotocol: cfg.Subprotocol,
		Deflate:     cfg.Deflate,
	})
}

// ask asks the route. A panic in it is an error of the route.
func (e *endpoint) ask(r *http.Request) (session *Session, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return e.route.Upgrade(r)
}

// routeRefusal is the answer for an error of a route.
func (s *Server) routeRefusal(err error) refusal {
	if ref, ok := errors.AsType[*Refusal](err); ok && ref.Status >= 200 && ref.Status <= 599 {
		return refusal{status: ref.Status, reason: "the route refuses it", header: ref.Header, body: &ref.Body}
	}
	s.cfg.Log.Error("route upgrade", "error", err)
	return refusal{status: http.StatusInternalServerError, reason: "the route failed"}
}

// answerSize is room for a usual answer, in bytes.
const answerSize = 256

// accept returns the response to req and what is agreed with it.
func (s *Server) accept(req *codec.Request, session *Session) ([]byte, wsconn.Config, error) {
	handshake := codec.ServerHandshake{Protocol: session.Protocol}
	if handshake.Protocol == "" {
		handshake.Protocol = codec.SelectProtocol(s.cfg.Subprotocols, req.Protocols)
	}
	handshake.Fields = append(appendFields(nil, session.Header), s.cfg.Header...)
	if !session.NoCompression {
		handshake.Deflate = s.cfg.Deflate
	}
	head, agreed, err := handshake.Accept(req)
	if err != nil {
		return nil, wsconn.Config{}, fmt.Errorf("accept handshake: %w", err)
	}
	cfg := s.cfg.Conn
	cfg.Subprotocol, cfg.Deflate = agreed.Protocol, agreed.Deflate
	return codec.AppendHead(make([]byte, 0, answerSize), head), cfg, nil
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
