package scripts

import (
	"net/http"
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

// Run runs the script until the connection has ended. Expected says that the script
// waited for this end.
func (c *Client) Run(conn *wsclient.Conn) (end *wsconn.CloseError, expected bool) {
	s, e := c.s, c.s.e
	s.request.dialled(conn)
	err := s.run(conn.Conn, s.handled)
	end, _ = err.(*wsconn.CloseError)
	done := make(chan struct{})
	if e.post(func() { expected = s.expected; close(done) }) {
		select {
		case <-done:
		case <-e.ctx.Done():
		}
	}
	return end, expected
}

// dialled makes it the request of a connection that this process has opened.
func (q *request) dialled(conn *wsclient.Conn) {
	q.client = true
	q.url, q.host, q.remote = conn.URL.String(), conn.URL.HostHeader(), conn.RemoteAddr().String()
	q.header = make(http.Header)
	q.method, q.path, _ = strings.Cut(conn.Request.Start, " ")
	q.path, _, _ = strings.Cut(q.path, " ")
	for _, f := range conn.Request.Fields {
		q.header.Add(f.Name, f.Value)
	}
}
