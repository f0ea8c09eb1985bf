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
	for name, deflate := range map[string]*codec.DeflateConfig{"plain": nil, "deflate": {}} {
		t.Run(name, func(t *testing.T) {
			cases, err := Select(codec.RoleServer, nil, false)
			if err != nil {
				t.Fatal(err)
			}
			agent, err := Run(t.Context(), Config{Dial: wsclient.Config{URL: serveEcho(t, deflate)}, Cases: cases, Timeout: 2 * time.Second})
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d cases in %v", len(cases), agent.Elapsed)
			for _, r := range agent.Results {
				switch {
				case r.Verdict == Pass, r.Verdict == Skipped && deflate == nil:
				default:
					t.Errorf("%s: %s: %s\n%s", r.Case, r.Verdict, r.Text, r.Exchange)
				}
			}
		})
	}
}
