package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"wskit/codec/wsconn"
	"wskit/wsclient"
	"wskit/wsserver"
)

// closedPort returns the URL of a port on which nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return "ws://" + ln.Addr().String() + "/"
}

// Targets that nobody can connect to: Run returns the error of the first connection
// as wsclient made it, and a report with all of them.
func TestRunNotOpened(t *testing.T) {
	refuse := func(status int) string {
		s, err := wsserver.New(wsserver.Config{Mounts: []wsserver.Mount{{Pattern: "/", Route: wsserver.Reject(status, "go away")}}})
		if err != nil {
			t.Fatal(err)
		}
		return listen(t, s, "127.0.0.1:0").String()
	}
	tests := []struct {
		name string
		url  string
		kind string
		as   any
	}{
		{"nobody listens", closedPort(t), KindRefused, new(*wsclient.DialError)},
		{"401", refuse(http.StatusUnauthorized), "handshake 401", new(*wsclient.HandshakeError)},
		{"503", refuse(http.StatusServiceUnavailable), "handshake 503", new(*wsclient.HandshakeError)},
		{"no such name", "ws://nowhere.invalid/", KindDNS, new(*wsclient.DialError)}, // see below
		{"no such socket", "unix:/nowhere/s", KindConnect, new(*wsclient.DialError)},
		{"no TLS", strings.Replace(refuse(http.StatusNotFound), "ws:", "wss:", 1), KindTLS, new(*wsclient.DialError)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := Config{Dial: []wsclient.Config{{URL: parse(t, tt.url)}}, Connections: 5, Duration: time.Minute}
			if tt.kind == KindDNS { // no question leaves the machine
				cfg.Dial[0].Dial = func(context.Context, string, string) (net.Conn, error) {
					return nil, &net.DNSError{Err: "no such host", IsNotFound: true}
				}
			}
			r, err := Run(t.Context(), cfg, nil)
			if !errors.As(err, tt.as) {
				t.Errorf("got error %v, want a %T", err, tt.as)
			}
			if got := errorsOf(r); !maps.Equal(got, map[string]int64{tt.kind: 5}) {
				t.Errorf("got errors %v, want 5 of %q", r.Errors, tt.kind)
			}
			if want := (Connections{Planned: 5, Failed: 5}); r.Connections != want || r.Messages != (Messages{}) {
				t.Errorf("got %+v and %+v, want %+v and nothing", r.Connections, r.Messages, want)
			}
			if r.ErrorRate() != 1 {
				t.Errorf("the error rate is %v, want 1", r.ErrorRate())
			}
		})
	}
}

// A server that accepts and says nothing.
func TestRunNoAnswer(t *testing.T) {
	faked(t, func(t *testing.T) {
		var open sync.WaitGroup
		cfg := Config{Connections: 3, Dial: []wsclient.Config{{URL: parse(t, "ws://pipe/"), Dial: func(context.Context, string, string) (net.Conn, error) {
			client, server := net.Pipe()
			open.Go(func() { io.Copy(io.Discard, server) })
			return client, nil
		}}}}
		began := time.Now()
		r, err := Run(t.Context(), cfg, nil)
		open.Wait()
		var refused *wsclient.HandshakeError
		if !errors.As(err, &refused) || !refused.Timeout() {
			t.Errorf("got %v, want a timeout of the handshake", err)
		}
		if got := errorsOf(r)[KindTimeout]; got != 3 {
			t.Errorf("got errors %v, want 3 timeouts", r.Errors)
		}
		if d := time.Since(began); d != wsclient.DefaultHandshakeTimeout {
			t.Errorf("it took %v, want %v: they are opened at the same time", d, wsclient.DefaultHandshakeTimeout)
		}
	})
}

// When nothing can be opened, not all of many connections are tried.
func TestRunGivesUp(t *testing.T) {
	cfg := Config{Dial: []wsclient.Config{{URL: parse(t, closedPort(t))}}, Connections: 100_000}
	r, err := Run(t.Context(), cfg, nil)
	if err == nil {
		t.Error("got no error")
	}
	if n := r.Connections.Failed; n < enoughFailures || n > enoughFailures+maxHandshakes {
		t.Errorf("%d connections have failed, want %d and those that were on their way", n, enoughFailures)
	}
}

// Some connections are refused, and the others carry the run.
func TestRunSomeRefused(t *testing.T) {
	good, bad := serve(t, "127.0.0.1:0", nil), parse(t, closedPort(t))
	for _, cfg := range []Config{{Pipeline: 3}, {Rate: 10_000}} {
		cfg.Dial = []wsclient.Config{{URL: good}, {URL: bad}}
		cfg.Connections, cfg.Count = 7, 200
		r, err := Run(t.Context(), cfg, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := errorsOf(r); !maps.Equal(got, map[string]int64{KindRefused: 3}) {
			t.Errorf("got errors %v, want 3 refused", r.Errors)
		}
		if r.Connections.Opened != 4 || r.Messages.Sent != 200 || r.Messages.Answered != 200 {
			t.Errorf("got %+v, %+v; want 4 opened, 200 sent and answered", r.Connections, r.Messages)
		}
	}
}

// A server that drops TCP with a reset, in both loops. The messages of an open loop
// that nobody can send any more do not keep the run going.
func TestRunDropsTCP(t *testing.T) {
	u := serve(t, "127.0.0.1:0", func(_ context.Context, c *wsconn.Conn) error {
		for range 3 {
			op, data, err := c.NextMessage()
			if err != nil {
				return err
			}
			c.WriteMessage(op, data)
		}
		c.NextMessage()
		c.Abort()
		return nil
	})
	for _, cfg := range []Config{{Count: 1000}, {Rate: 1000, Count: 1000}, {Rate: 1000, Duration: time.Minute}} {
		t.Run(fmt.Sprintf("rate %v", cfg.Rate), func(t *testing.T) {
			cfg.Dial = []wsclient.Config{{URL: u}}
			cfg.Connections = 4
			r, err := Run(t.Context(), cfg, nil)
			if err != nil {
				t.Fatal(err)
			}
			got := errorsOf(r)
			if got[KindReset] != 4 || got[KindUnanswered] < 4 || r.Connections.Lost != 4 || r.Messages.Answered != 12 {
				t.Errorf("got %d answered, %d lost, errors %v; want 12, 4, 4 resets and at least 4 unanswered",
					r.Messages.Answered, r.Connections.Lost, r.Errors)
			}
			if n := r.Latency.Count(); n != 12 {
				t.Errorf("the histogram has %d values, want 12", n)
			}
		})
	}
}
