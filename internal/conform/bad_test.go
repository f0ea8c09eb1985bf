package conform

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"wskit/codec/wsconn"
	"wskit/wsclient"
	"wskit/wsserver"
)

// serveMoods starts a server that echoes until a message asks for something else, and
// returns its URL. The message "hang" is never answered, "lie" gets another answer, and
// with "crash" nobody listens any more.
func serveMoods(t *testing.T) *wsclient.URL {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	session := &wsserver.Session{Serve: func(_ context.Context, c *wsconn.Conn) error {
		for {
			op, data, err := c.NextMessage()
			if err != nil {
				return err
			}
			switch string(data) {
			case "hang":
				continue
			case "lie":
				data = []byte("truth")
			case "crash":
				l.Close()
				return errors.New("crashed")
			}
			if err := c.QueueMessage(op, data); err != nil {
				return err
			}
		}
	}}
	route := wsserver.RouteFunc(func(*http.Request) (*wsserver.Session, error) { return session, nil })
	server, err := wsserver.New(wsserver.Config{Mounts: []wsserver.Mount{{Pattern: "/", Route: route}}})
	if err != nil {
		t.Fatal(err)
	}
	server.Add(l)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve() }()
	t.Cleanup(func() {
		server.Shutdown(context.Background())
		<-ended
	})
	u, err := wsclient.ParseURL("ws://" + l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// saying returns a case that wants the echo of each word, for each word.
func saying(words ...string) []*Case {
	var cases []*Case
	for _, w := range words {
		cases = append(cases, both(&Case{
			ID: "6455-5.6-" + w, Group: "Moods", Title: w, Why: "it is an echo",
			steps: []step{send(textFrame(w)), expect(textMessage(w))},
		}))
	}
	return cases
}

func verdicts(a *Agent) string {
	var words []string
	for _, r := range a.Results {
		words = append(words, string(r.Verdict))
	}
	return strings.Join(words, " ")
}

// TestHang checks that a case that hangs costs its timeout, and nothing else.
func TestHang(t *testing.T) {
	agent, err := Run(t.Context(), Config{
		Dial: wsclient.Config{URL: serveMoods(t)}, Cases: saying("one", "hang", "lie", "two"), Jobs: 1, Timeout: 100 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := verdicts(agent), "pass fail fail pass"; got != want || agent.Ended != "" {
		t.Errorf("got %s, ended %q, want %s", got, agent.Ended, want)
	}
	for i, want := range []string{1: "did not come within 100ms", 2: `"truth" came in place of`} {
		if !strings.Contains(agent.Results[i].Text, want) {
			t.Errorf("got %q, want %q in it", agent.Results[i].Text, want)
		}
	}
}

// TestCrash checks that a run against a server that goes away ends with what it has.
func TestCrash(t *testing.T) {
	agent, err := Run(t.Context(), Config{
		Dial: wsclient.Config{URL: serveMoods(t)}, Cases: saying("one", "crash", "two", "three"), Jobs: 1, Timeout: 2 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := verdicts(agent), "pass fail not-run not-run"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if !strings.Contains(agent.Ended, "the server is gone") || !strings.Contains(agent.Ended, "refused") {
		t.Errorf("ended: got %q", agent.Ended)
	}
}

// TestNobody checks what is known of a server that is not there.
func TestNobody(t *testing.T) {
	u, err := wsclient.ParseURL("ws://127.0.0.1:1/")
	if err != nil {
		t.Fatal(err)
	}
	agent, err := Run(t.Context(), Config{Dial: wsclient.Config{URL: u}, Cases: saying("one", "two")})
	if _, ok := errors.AsType[*wsclient.DialError](err); !ok {
		t.Errorf("got %v, want a DialError", err)
	}
	if got, want := verdicts(agent), "not-run not-run"; got != want || !strings.Contains(agent.Ended, "refused") {
		t.Errorf("got %s, ended %q, want %s", got, agent.Ended, want)
	}
}

// TestNoEcho checks that a server that does not echo is told from one that fails.
func TestNoEcho(t *testing.T) {
	server, err := wsserver.New(wsserver.Config{Mounts: []wsserver.Mount{{Pattern: "/", Route: wsserver.Text("hello")}}})
	if err != nil {
		t.Fatal(err)
	}
	agent, err := Run(t.Context(), Config{Dial: wsclient.Config{URL: serve(t, server)}, Cases: saying("one")})
	e, ok := errors.AsType[*EchoError](err)
	if !ok || !strings.Contains(e.Detail, `"hello"`) {
		t.Errorf("got %v, want an EchoError with what came", err)
	}
	if agent.Count(NotRun) != 1 {
		t.Errorf("got %s, want not-run", verdicts(agent))
	}
}

// TestInterrupted checks that a run that is ended says why, and keeps what it has.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	agent, err := Run(ctx, Config{
		Dial: wsclient.Config{URL: serveMoods(t)}, Cases: saying("one", "hang", "two"), Jobs: 1, Timeout: time.Minute,
		Progress: func(r Result) { cancel(errors.New("enough")) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := verdicts(agent), "pass not-run not-run"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if want := "the run ended early: enough"; agent.Ended != want || agent.Results[1].Text != want {
		t.Errorf("got %q and %q, want %q", agent.Ended, agent.Results[1].Text, want)
	}
}

// TestExchanges checks what is kept of a pass.
func TestExchanges(t *testing.T) {
	for _, keep := range []bool{false, true} {
		agent, err := Run(t.Context(), Config{
			Dial: wsclient.Config{URL: serveMoods(t)}, Cases: saying("one"), Exchanges: keep,
		})
		if err != nil {
			t.Fatal(err)
		}
		var trace strings.Builder
		r := &agent.Results[0]
		ok, err := r.WriteTrace(&trace)
		if err != nil || ok != keep || strings.Contains(trace.String(), `"text"`) != keep {
			t.Errorf("keep %v: got a trace %v, %v:\n%s", keep, ok, err, &trace)
		}
		if (r.Steps != nil) != keep || strings.Contains(r.Exchange, "one") != keep {
			t.Errorf("keep %v: got steps %q, exchange %q", keep, r.Steps, r.Exchange)
		}
	}
}
