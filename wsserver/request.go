package wsserver

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"wskit/codec"
	"wskit/codec/wsconn"
)

// An exchange is a request and the response to it. It travels through the mux as
// the ResponseWriter.
type exchange struct {
	http.ResponseWriter
	status int

	// head is the request as codec reads it, request and err what codec says.
	head    codec.Head
	request codec.Request
	err     error
}

// WriteHeader notes the status.
func (x *exchange) WriteHeader(status int) {
	if x.status == 0 {
		x.status = status
	}
	x.ResponseWriter.WriteHeader(status)
}

// Unwrap is for http.ResponseController.
func (x *exchange) Unwrap() http.ResponseWriter { return x.ResponseWriter }

// ServeHTTP is the handler of all requests.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := &exchange{ResponseWriter: w}
	if s.cfg.OnRequest == nil {
		s.serveRequest(x, r)
		return
	}
	began := time.Now()
	defer func() {
		s.cfg.OnRequest(Requested{
			Remote: r.RemoteAddr, Method: r.Method, Target: r.RequestURI, Host: r.Host,
			Status: x.status, Duration: time.Since(began),
		})
	}()
	s.serveRequest(x, r)
}

// serveRequest applies the limits, then the rules for Host and Origin, and routes.
func (s *Server) serveRequest(x *exchange, r *http.Request) {
	if len(r.RequestURI) > maxTarget {
		s.refuse(x, r, refusal{status: http.StatusRequestURITooLong, reason: fmt.Sprintf("the request target has more than %d bytes", maxTarget)})
		return
	}
	x.head = requestHead(r)
	if len(x.head.Fields) > maxFields {
		s.refuse(x, r, refusal{status: http.StatusRequestHeaderFieldsTooLarge, reason: fmt.Sprintf("the request has more than %d header lines", maxFields)})
		return
	}
	name, port, ok := splitHost(r.Host)
	if !ok {
		s.refuse(x, r, refusal{status: http.StatusBadRequest, reason: fmt.Sprintf("the Host %.100q is not a host", r.Host)})
		return
	}
	if !s.access.host(name, port) {
		s.refuse(x, r, refusal{
			status: http.StatusForbidden, reason: fmt.Sprintf("the Host %q is not allowed", name),
			hint: flagHint("allow-host", name),
		})
		return
	}
	x.request, x.err = codec.CheckRequest(&x.head, nil)
	if errors.Is(x.err, codec.ErrNotUpgrade) {
		s.mux.ServeHTTP(x, r)
		return
	}
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	origins := r.Header.Values("Origin")
	if ok, allow := s.access.origin(origins, name, port, loopbackAddr(local)); !ok {
		s.refuse(x, r, refusal{
			status: http.StatusForbidden,
			reason: fmt.Sprintf("the Origin %.100q is not allowed", strings.Join(origins, ", ")),
			hint:   flagHint("allow-origin", allow),
		})
		return
	}
	if h, pattern := s.mux.Handler(r); !isEndpoint(h) {
		s.refuse(x, r, s.notFound(r, pattern))
		return
	}
	s.mux.ServeHTTP(x, r)
}

func isEndpoint(h http.Handler) bool {
	_, ok := h.(*endpoint)
	return ok
}

// notFound is for an upgrade that no route takes, or that the mux would redirect,
// as no client follows.
func (s *Server) notFound(r *http.Request, pattern string) refusal {
	f := refusal{status: http.StatusNotFound, reason: "no WebSocket at this path"}
	if pattern != "" && pattern == r.URL.Path+"/" {
		f.hint = "the path ends in a slash: " + pattern
		body := fmt.Sprintf("404 Not Found: %s\n", f.hint)
		f.body = &body
		return f
	}
	patterns := make([]string, len(s.cfg.Mounts))
	for i, m := range s.cfg.Mounts {
		patterns[i] = m.Pattern
	}
	f.hint = "there are WebSockets at " + strings.Join(patterns, ", ")
	return f
}

// A refusal is what a request is refused with.
type refusal struct {
	status int
	reason string
	hint   string
	header http.Header // added to the response
	drop   bool        // there is no response: the connection is reset
	body   *string     // of the response; if nil, the status in words and the reason
}

// refuse answers with f, if there is an answer, and closes the connection: what a
// client sent behind a refused upgrade is not a request to answer.
func (s *Server) refuse(x *exchange, r *http.Request, f refusal) {
	if f.drop {
		s.drop(x, r)
	} else {
		s.answer(x, r, f)
	}
	if s.cfg.OnRefuse != nil {
		s.cfg.OnRefuse(Refused{Remote: r.RemoteAddr, Path: r.URL.EscapedPath(), Status: f.status, Reason: f.reason, Hint: f.hint})
	}
}

// answer writes the response of a refusal.
func (s *Server) answer(x *exchange, r *http.Request, f refusal) {
	h := x.Header()
	// The first value is the one that net/http looks at.
	h["Connection"] = append([]string{"close"}, f.header["Connection"]...)
	for name, values := range f.header {
		if name != "Connection" {
			h[name] = values
		}
	}
	body := fmt.Sprintf("%d %s: %s\n", f.status, http.StatusText(f.status), f.reason)
	if f.body != nil {
		body = *f.body
	}
	respond(x, f.status, body)
	if r.ContentLength != 0 { // do not wait for a body
		http.NewResponseController(x).SetReadDeadline(time.Now())
	}
}

// drop resets the connection of a request.
func (s *Server) drop(x *exchange, r *http.Request) {
	nc, _, err := http.NewResponseController(x).Hijack()
	if err != nil {
		s.cfg.Log.Error("hijack connection", "remote", r.RemoteAddr, "error", err)
		return
	}
	wsconn.New(nc, s.cfg.Conn).Abort()
}

// respond writes a whole response, plain text unless the header says otherwise.
func respond(x *exchange, status int, body string) {
	h := x.Header()
	if h.Get("Content-Type") == "" {
		h.Set("Content-Type", "text/plain; charset=utf-8")
	}
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Length", fmt.Sprint(len(body)))
	x.WriteHeader(status)
	x.Write([]byte(body))
}

// requestHead returns r for the rules of codec: the names that net/http takes out
// of the header are put back, and all are in alphabetical order.
func requestHead(r *http.Request) codec.Head {
	h := codec.Head{
		Start:  r.Method + " " + r.RequestURI + " " + r.Proto,
		Fields: make([]codec.Field, 1, len(r.Header)+2),
	}
	h.Fields[0] = codec.Field{Name: "Host", Value: r.Host}
	h.Fields = appendFields(h.Fields, r.Header)
	if len(r.TransferEncoding) > 0 {
		h.Fields = append(h.Fields, codec.Field{Name: "Transfer-Encoding", Value: strings.Join(r.TransferEncoding, ", ")})
	}
	return h
}
