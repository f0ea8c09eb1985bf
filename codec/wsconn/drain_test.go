package wsconn

import (
	"net"
	"strings"
	"sync/atomic"
	"testing"
)

// A readCounter counts the reads of a connection, whose type it hides.
type readCounter struct {
	net.Conn
	reads atomic.Int64
}

func (c *readCounter) Read(p []byte) (int, error) {
	c.reads.Add(1)
	return c.Conn.Read(p)
}

// TestDrainInFewReads drains what a peer sends. Each read is a call of the system, or of
// TLS: there is not one for each byte of a frame, however the frame arrives.
func TestDrainInFewReads(t *testing.T) {
	const messages, size = 50, 10_000
	a, b := tcpPair(t)
	defer b.Close()
	nc := &readCounter{Conn: a}
	c := New(nc, Config{})
	p := &peer{t: t, nc: b, role: c.role.Peer()}
	drained := async(c.Discard)
	message := p.text(strings.Repeat("x", size))
	for range messages {
		p.send(message[:100])
		p.send(message[100:])
	}
	p.send(p.close(1000, ""))
	p.wantClose(1000, "")
	<-c.Done()
	if err := drained(); err == nil {
		t.Error("Discard returned no error")
	}
	if n, most := nc.reads.Load(), int64(messages*size/100); n > most {
		t.Errorf("%d reads for %d bytes, want at most %d", n, messages*size, most)
	}
}
