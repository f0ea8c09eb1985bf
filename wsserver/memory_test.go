//go:build !race

// The race detector has memory of its own, and makes frames and stacks larger.

package wsserver

import (
	"bytes"
	"context"
	"io"
	"net"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"testing"
	"time"

	"wskit/codec"
	"wskit/codec/wsconn"
)

// TestIdleMemory fails when a connection that waits holds more than it does today, by
// a margin: next to its socket it is a goroutine, with the stack of 2 KiB that it began
// with, and little more than a kilobyte. What its handshake, a ping or a message took
// must be gone.
func TestIdleMemory(t *testing.T) {
	const n, limit, tries = 400, 4200, 10
	const pingInterval = 3 * time.Second // the messages are through before
	// What a connection allocates amid a collection goes deep into its stack. Here
	// there are only those of inUse, when the connections wait.
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	l, clients, accepted := newPipeListener(), make([]net.Conn, n), make([]net.Conn, n)
	for i := range clients {
		clients[i], accepted[i] = tcpPair(t)
	}
	s, err := New(Config{Conn: wsconn.Config{PingInterval: pingInterval, PingTimeout: -1}})
	if err != nil {
		t.Fatal(err)
	}
	s.Add(l)
	defer keepStacksSmall(n)()
	before := inUse()
	served := make(chan error, 1)
	go func() { served <- s.Serve() }()

	check := func(when string) {
		each := int64(inUse()-before) / n
		for try := 1; each > limit && try < tries; try++ { // one or two may not wait yet
			each = int64(inUse()-before) / n
		}
		t.Logf("%d bytes for each of %d connections %s", each, n, when)
		if each > limit {
			t.Errorf("an idle connection holds %d bytes next to its socket %s, want at most %d", each, when, limit)
		}
	}
	for i, c := range clients {
		l.conns <- accepted[i] // not before: net/http would hold more for it
		handshake(t, c)
	}
	check("after the handshake")
	enc := codec.Encoder{Role: codec.RoleClient, Key: func() codec.MaskKey { return codec.MaskKey{1, 2, 3, 4} }}
	hello := enc.AppendMessage(nil, codec.OpText, false, []byte("hello"), 0)
	for i, c := range clients {
		if _, err := c.Write(hello); err != nil {
			t.Fatal(err)
		}
		awaitFrame(t, c, codec.OpText)
		if i%50 == 0 {
			inUse() // lets the pools go: nobody may hold on to what came from them
		}
	}
	check("after a message")
	for _, c := range clients {
		awaitFrame(t, c, codec.OpPing)
	}
	check("after a ping")

	for _, c := range clients {
		c.Close()
	}
	if err := s.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}

// inUse returns the bytes of objects and stacks that are in use, once nothing but the
// test runs: a connection that has answered may still be on its way to wait.
func inUse() uint64 {
	settle()
	runtime.GC()
	runtime.GC() // the pools let go at the second
	samples := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64() + samples[1].Value.Uint64()
}

// settle waits, for no longer than a few seconds, until all other goroutines wait.
func settle() {
	samples := []metrics.Sample{
		{Name: "/sched/goroutines/running:goroutines"},
		{Name: "/sched/goroutines/runnable:goroutines"},
		{Name: "/sched/goroutines/not-in-go:goroutines"},
	}
	for range 2000 {
		metrics.Read(samples)
		var busy uint64
		for _, s := range samples {
			busy += s.Value.Uint64()
		}
		if busy <= 1 {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// keepStacksSmall starts goroutines that wait until the function that it returns is
// called. The runtime gives a new goroutine a stack of the average size that the last
// collection saw, which is not to be that of the few that run a test.
func keepStacksSmall(n int) (end func()) {
	stop := make(chan struct{})
	var waiting sync.WaitGroup
	for range n {
		waiting.Go(func() { <-stop })
	}
	return func() {
		close(stop)
		waiting.Wait()
	}
}

// tcpPair returns the two ends of a connection.
func tcpPair(t *testing.T) (client, accepted net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if client, err = net.Dial("tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if accepted, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	return client, accepted
}

// handshake upgrades c. It reads nothing past the answer.
func handshake(t *testing.T, c net.Conn) {
	t.Helper()
	if _, err := io.WriteString(c, upgradeRequest("/")); err != nil {
		t.Fatal(err)
	}
	var answer []byte
	for one := make([]byte, 1); !bytes.HasSuffix(answer, []byte("\r\n\r\n")); {
		if _, err := io.ReadFull(c, one); err != nil {
			t.Fatal(err)
		}
		answer = append(answer, one[0])
	}
	if !bytes.HasPrefix(answer, []byte("HTTP/1.1 101 ")) {
		t.Fatalf("the answer is %q", answer)
	}
}

// awaitFrame reads frames, which are short ones, until one with the opcode has come.
func awaitFrame(t *testing.T, c net.Conn, op codec.Opcode) {
	t.Helper()
	var frame [2 + codec.MaxControlPayload]byte
	for {
		if _, err := io.ReadFull(c, frame[:2]); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(c, frame[2:2+int(frame[1])]); err != nil {
			t.Fatal(err)
		}
		if codec.Opcode(frame[0]&0xf) == op {
			return
		}
	}
}
