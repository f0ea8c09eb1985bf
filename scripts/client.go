package scripts

import (
	"net/http"
	"strings"

	"wskit/codec"
	"wskit/codec/wsconn"
)

// A Dialled is a connection that this process has opened, and how.
type Dialled struct {
	// Conn is the connection.
	Conn *wsconn.Conn
	// URL is where it goes.
	URL string
	// Host is that of the URL.
	Host string
	// Request is the head of the handshake that was sent.
	Request codec.Head
}

// Run runs the script for a connection that was dialled, until that has ended. Expected
// says that the script waited for this end.
func (e *Engine) Run(d Dialled) (end *wsconn.CloseError, expected bool) {
	q := &request{
		client: true, number: e.numbers.Add(1), url: d.URL, host: d.Host,
		remote: d.Conn.RemoteAddr().String(), header: make(http.Header),
	}
	q.method, q.path, _ = strings.Cut(d.Request.Start, " ")
	q.path, _, _ = strings.Cut(q.path, " ")
	for _, f := range d.Request.Fields {
		q.header.Add(f.Name, f.Value)
	}
	s := e.newSocket(q)
	err := s.serve(d.Conn)
	end, _ = err.(*wsconn.CloseError)
	if d.Conn.Err() == nil { // the script has ended before
		d.Conn.Close(codec.CloseGoingAway, "")
	}
	done := make(chan struct{})
	if e.post(func() { expected = s.expected; close(done) }) {
		select {
		case <-done:
		case <-e.stopped:
		}
	}
	return end, expected
}
