package load

import (
	"context"
	"maps"
	"net"
	"net/netip"
	"runtime"
	"sync"
	"testing"
	"time"

	"wskit/codec/wsconn"
	"wskit/wsclient"
)

func sources(addrs ...string) (list []netip.Addr) {
	for _, a := range addrs {
		list = append(list, netip.MustParseAddr(a))
	}
	return list
}

// Connections come from the sources and go to the URLs in turn, so that each pair of
// them is used.
func TestRunSources(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has all of 127.0.0.0/8")
	}
	var mu sync.Mutex
	got := make(map[string]int)
	target := func(name string) *wsclient.URL {
		return serve(t, "127.0.0.1:0", func(_ context.Context, c *wsconn.Conn) error {
			host, _, _ := net.SplitHostPort(c.RemoteAddr().String())
			mu.Lock()
			got[host+" to "+name]++
			mu.Unlock()
			return c.Discard()
		})
	}
	cfg := Config{
		Dial:        []wsclient.Config{{URL: target("a")}, {URL: target("b")}},
		Connections: 12, Idle: true, Duration: 50 * time.Millisecond,
		Sources: sources("127.0.0.1", "127.0.0.2", "127.0.0.3"),
	}
	r, err := Run(t.Context(), cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r.Connections.Opened != 12 || r.Connections.Lost != 0 || r.Handshake.Count() != 12 {
		t.Errorf("got %+v and %d handshakes, want 12", r.Connections, r.Handshake.Count())
	}
	mu.Lock()
	defer mu.Unlock()
	want := map[string]int{
		"127.0.0.1 to a": 2, "127.0.0.2 to a": 2, "127.0.0.3 to a": 2,
		"127.0.0.1 to b": 2, "127.0.0.2 to b": 2, "127.0.0.3 to b": 2,
	}
	if !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
