package conform

import (
	"context"
	"testing"
	"time"

	"wskit/codec"
	"wskit/wsclient"
	"wskit/wsserver"
)

// serveEcho starts an echo server and returns its URL.
func serveEcho(t *testing.T, deflate *codec.DeflateConfig) *wsclient.URL {
	t.Helper()
	server, err := wsserver.New(wsserver.Config{Deflate: deflate})
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, server)
}

// serve runs a server until the test ends and returns its URL.
func serve(t *testing.T, server *wsserver.Server) *wsclient.URL {
	t.Helper()
	if err := server.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve() }()
	t.Cleanup(func() {
		server.Shutdown(context.Background())
		<-ended
	})
	u, err := wsclient.ParseURL(server.URLs()[0])
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// TestServer runs every case but the big ones against our own server.
func TestServer(t *testing.T) {
	cases, err := Select(codec.RoleServer, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	passed := map[string]bool{}
	for name, deflate := range map[string]*codec.DeflateConfig{"plain": nil, "deflate": {}} {
		t.Run(name, func(t *testing.T) {
			agent, err := Run(t.Context(), Config{Dial: wsclient.Config{URL: serveEcho(t, deflate)}, Cases: cases, Timeout: 10 * time.Second})
			if err != nil {
				t.Fatal(err)
			}
			checkResults(t, agent, passed)
		})
	}
	for _, c := range cases {
		if !passed[c.ID] {
			t.Errorf("%s was always skipped", c.ID)
		}
	}
}

// checkResults wants every case to pass, or to be skipped, and notes which ones passed.
func checkResults(t *testing.T, agent *Agent, passed map[string]bool) {
	t.Helper()
	t.Logf("%d cases in %v, of them %d skipped", len(agent.Results), agent.Elapsed, agent.Count(Skipped))
	for _, r := range agent.Results {
		switch r.Verdict {
		case Pass:
			passed[r.Case] = true
		case Skipped:
		default:
			t.Errorf("%s: %s: %s\n%s", r.Case, r.Verdict, r.Text, r.Exchange)
		}
	}
}
