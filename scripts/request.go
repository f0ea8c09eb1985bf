package scripts

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/dop251/goja"

	"wskit/wsserver"
)

// A request is the opening handshake as a script sees it. It keeps nothing of that.
type request struct {
	number                                uint64
	client                                bool // we are the client
	method, path, url, host, remote, user string
	name                                  string
	header                                http.Header
	query                                 map[string][]string
	params                                map[string]string
	object                                *goja.Object // owned by the loop
}

// wildcard finds the names of a pattern of net/http.
var wildcard = regexp.MustCompile(`\{(\w+)(?:\.\.\.)?\}`)

func newRequest(r *http.Request) *request {
	q := &request{
		method: r.Method, path: r.URL.Path, host: r.Host, remote: r.RemoteAddr,
		header: r.Header.Clone(), query: r.URL.Query(), name: wsserver.RequestName(r),
		params: make(map[string]string),
	}
	scheme := "ws"
	if r.TLS != nil {
		scheme = "wss"
	}
	q.url = scheme + "://" + r.Host + r.URL.RequestURI()
	q.user, _, _ = r.BasicAuth()
	for _, m := range wildcard.FindAllStringSubmatch(r.Pattern, -1) {
		q.params[m[1]] = r.PathValue(m[1])
	}
	return q
}

// protocols returns the subprotocols that the client offers.
func (q *request) protocols() (list []string) {
	for _, line := range q.header["Sec-Websocket-Protocol"] {
		for p := range strings.SplitSeq(line, ",") {
			list = append(list, strings.TrimSpace(p))
		}
	}
	return list
}

// value returns the request as the script sees it.
func (q *request) value(e *Engine) *goja.Object {
	o := e.vm.NewObject()
	for name, v := range map[string]string{
		"method": q.method, "path": q.path, "url": q.url, "host": q.host, "remoteAddress": q.remote, "user": q.user,
	} {
		o.Set(name, v)
	}
	protocols := []any{}
	for _, p := range q.protocols() {
		protocols = append(protocols, p)
	}
	o.Set("protocols", e.vm.NewArray(protocols...))
	cookies := e.vm.NewObject()
	for _, line := range q.header["Cookie"] {
		if list, err := http.ParseCookie(line); err == nil {
			for _, c := range list {
				cookies.Set(c.Name, c.Value)
			}
		}
	}
	o.Set("cookies", cookies)
	o.Set("header", func(name string) goja.Value {
		if values := q.header.Values(name); len(values) > 0 {
			return e.vm.ToValue(strings.Join(values, ", "))
		}
		return goja.Undefined()
	})
	o.Set("query", func(name string) goja.Value {
		if values := q.query[name]; len(values) > 0 {
			return e.vm.ToValue(values[0])
		}
		return goja.Undefined()
	})
	o.Set("param", func(name string) goja.Value {
		if v, ok := q.params[name]; ok {
			return e.vm.ToValue(v)
		}
		return goja.Undefined()
	})
	return o
}
