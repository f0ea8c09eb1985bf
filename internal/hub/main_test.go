package hub

import (
	"net"
	"os"
	"testing"
	"time"

	"wskit/codec"
	"wskit/codec/wsconn"
	"wskit/internal/leaktest"
)

// TestMain fails when a goroutine or a descriptor outlives the tests.
func TestMain(m *testing.M) { os.Exit(leaktest.Run(m, os.Stderr)) }

// A guest is a member and the peer behind its connection.
type guest struct {
	*Member
	conn, peer *wsconn.Conn
}

// newGuest returns a guest on a pipe, or on the two ends that are given. It is dropped
// when the test ends.
func newGuest(t testing.TB, limit int, policy wsconn.OutboxPolicy, cfg wsconn.Config, ends ...net.Conn) *guest {
	t.Helper()
	if len(ends) == 0 {
		a, b := net.Pipe()
		ends = []net.Conn{a, b}
	}
	g := &guest{conn: wsconn.New(ends[0], cfg), peer: wsconn.New(ends[1], wsconn.Config{Role: codec.RoleClient, Deflate: cfg.Deflate})}
	g.Member = NewMember(g.conn.NewOutbox(limit, policy))
	t.Cleanup(func() {
		g.conn.Abort()
		g.peer.Abort()
		g.out.Wait()
	})
	return g
}

// want reads the messages from g's connection, in their order.
func (g *guest) want(t testing.TB, texts ...string) {
	t.Helper()
	for _, text := range texts {
		op, data, err := g.peer.NextMessage()
		if err != nil || op != codec.OpText || string(data) != text {
			t.Errorf("got %v %q and %v, want %q", op, data, err, text)
		}
	}
}

// tcpPairs returns n connections, both ends of each.
func tcpPairs(t testing.TB, n int) [][2]net.Conn {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	pairs := make([][2]net.Conn, n)
	for i := range pairs {
		if pairs[i][1], err = net.Dial("tcp", l.Addr().String()); err != nil {
			t.Fatal(err)
		}
		if pairs[i][0], err = l.Accept(); err != nil {
			t.Fatal(err)
		}
	}
	return pairs
}

// A sink is an end that takes all that is written to it.
type sink struct{ net.Conn }

func (sink) Write(p []byte) (int, error)      { return len(p), nil }
func (sink) SetWriteDeadline(time.Time) error { return nil }
