package scripts

import (
	"net/http"
	"net/url"
	"strings"

	"wskit/codec/wsconn"
	"wskit/wsclient"
)

// A Client runs the script for a connection that is dialled outside.
type Client struct{ s *socket }

// NewClient returns the client of a connection that is yet to be dialled.
func (e *Engine) NewClient() *Client { return &Client{e.newSocket(new(request))} }

// Configure makes a connection that is configured so one of the script.
func (c *Client) Configure(cfg *wsconn.Config) { c.s.configure(cfg) }

// Run runs the script until the connection has ended, and its handlers too. Expected says
// that the script waited for this end.
func (c *Client) Run(conn *wsclient.Conn) (end *wsconn.CloseError, expected bool) {
	s, e := c.s, c.s.e
	s.request.dialled(conn)
	err := s.run(conn.Conn, s.handled)
	end, _ = err.(*wsconn.CloseError)
	over := make(chan bool, 1)
	if e.post(func() { e.after, e.afterwards = s, func() { over <- s.expected } }) {
		select {
		case expected = <-over:
		case <-e.ctx.Done():
		}
	}
	return end, expected
}

// checkAfter ends a Run whose connection has ended when the script has nothing left to do
// for it, and when what it waits for can never come.
func (e *Engine) checkAfter() {
	s := e.after
	if s == nil {
		return
	}
	if !e.exiting && s.handlers > 0 {
		if !e.timers.empty() || e.dialled > 0 {
			return
		}
		if !s.failed { // else it may have been cut short
			e.fail(nil, &Failure{Name: e.cfg.Name, Message: "the connection has ended, and its handler waits for something that never comes"})
		}
	}
	if !e.exiting && e.timers.once() {
		return
	}
	e.after = nil
	e.afterwards()
}

// dialled makes it the request of a connection that this process has opened.
func (q *request) dialled(conn *wsclient.Conn) {
	q.client = true
	q.url, q.host, q.remote = conn.URL.String(), conn.URL.HostHeader(), conn.RemoteAddr().String()
	q.header = make(http.Header)
	q.method, _, _ = strings.Cut(conn.Request.Start, " ")
	path, query, _ := strings.Cut(conn.URL.Target, "?")
	q.path, _ = url.PathUnescape(path)
	q.query, _ = url.ParseQuery(query)
	for _, f := range conn.Request.Fields {
		q.header.Add(f.Name, f.Value)
	}
	q.user, _, _ = (&http.Request{Header: q.header}).BasicAuth()
}
