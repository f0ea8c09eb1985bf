package conform

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"wskit/codec"
	"wskit/wsclient"
)

// A pipes is a listener without a network, whose time may be fake.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case nc := <-p.conns:
		return nc, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }

func (p *pipes) dial(context.Context, string, string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.conns <- theirs:
		return ours, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// A visitor is a client that is tested.
type visitor struct {
	t    *testing.T
	dial func(context.Context, string, string) (net.Conn, error)
	name string // its User-Agent
}

func (v visitor) open(target string) (*wsclient.Conn, error) {
	v.t.Helper()
	u, err := wsclient.ParseURL("ws://h" + target)
	if err != nil {
		v.t.Fatal(err)
	}
	return wsclient.Dial(v.t.Context(), wsclient.Config{URL: u, Dial: v.dial, UserAgent: v.name})
}

// ask returns the message that comes for target.
func (v visitor) ask(target string) (string, error) {
	v.t.Helper()
	c, err := v.open(target)
	if err != nil {
		return "", err
	}
	defer c.Discard()
	_, data, err := c.NextMessage()
	return string(data), err
}

// echo echoes until the other end closes.
func (v visitor) echo(target string) {
	v.t.Helper()
	c, err := v.open(target)
	if err != nil {
		v.t.Errorf("%s: %v", target, err)
		return
	}
	defer c.Discard()
	for {
		op, data, err := c.NextMessage()
		if err != nil {
			return
		}
		if err := c.QueueMessage(op, data); err != nil {
			return
		}
	}
}

// someCases are cases with known results for a client that echoes.
func someCases(verdicts ...Verdict) []*Case {
	var cases []*Case
	for i, v := range verdicts {
		steps := echoes()
		if v != Pass {
			steps = append(steps, custom("give a verdict", func(*session) error { return &finding{v, "as was told"} }))
		}
		cases = append(cases, &Case{ID: fmt.Sprintf("6455-1-case-%d", i+1), Title: fmt.Sprintf("case %q", fmt.Sprint(i+1)), Client: true, steps: steps})
	}
	return cases
}

// listen runs Listen beside a client, and returns what it found when both have ended.
func listen(ctx context.Context, cfg ListenConfig, run func(visitor), t *testing.T) []*Agent {
	p := newPipes()
	cfg.Listeners = []net.Listener{p}
	var wg sync.WaitGroup
	wg.Go(func() { run(visitor{t: t, dial: p.dial, name: "browser/1"}) })
	agents := Listen(ctx, cfg)
	wg.Wait()
	return agents
}

func verdictsOf(a *Agent) []Verdict {
	var vs []Verdict
	for _, r := range a.Results {
		vs = append(vs, r.Verdict)
	}
	return vs
}

func TestConvention(t *testing.T) {
	tests := []struct {
		name   string
		target string
		want   string // the message
		status int    // of a refusal
		body   string // a part of its body
	}{
		{name: "count", target: "/getCaseCount", want: "2"},
		{name: "count with a slash", target: "/getCaseCount/", want: "2"},
		{name: "info", target: "/getCaseInfo?case=2", want: `{"description":"case \"2\"","id":"6455-1-case-2"}`},
		{name: "info of nothing", target: "/getCaseInfo?case=3", status: 404, body: "no such case"},
		{name: "info without a number", target: "/getCaseInfo", status: 404, body: "no such case"},
		{name: "status", target: "/getCaseStatus?case=1&agent=a", want: `{"behavior":"FAILED"}`},
		{name: "status of a case that was not run", target: "/getCaseStatus?case=2&agent=a", status: 404, body: "was not run"},
		{name: "status of nobody", target: "/getCaseStatus?case=1&agent=b", status: 404, body: "no such result"},
		{name: "case 0", target: "/runCase?case=0&agent=a", status: 404, body: "the cases are 1 to 2"},
		{name: "case behind the last", target: "/runCase?case=3&agent=a", status: 404, body: "the cases are 1 to 2"},
		{name: "case without a number", target: "/runCase?agent=a", status: 404, body: "the cases are 1 to 2"},
		{name: "another path", target: "/", status: 404, body: "/getCaseCount"},
	}
	agents := listen(t.Context(), ListenConfig{Cases: someCases(Fail, Pass)}, func(v visitor) {
		v.echo("/runCase?case=1&agent=a")
		for _, tt := range tests {
			got, err := v.ask(tt.target)
			refused, _ := errors.AsType[*wsclient.HandshakeError](err)
			switch {
			case tt.status == 0 && (err != nil || got != tt.want):
				t.Errorf("%s: got %q, %v; want %q", tt.name, got, err, tt.want)
			case tt.status != 0 && (refused == nil || refused.Status != tt.status || !strings.Contains(string(refused.Body), tt.body)):
				t.Errorf("%s: got %q, %v; want status %d and %q", tt.name, got, err, tt.status, tt.body)
			}
		}
		v.ask("/updateReports?agent=a")
	}, t)
	if len(agents) != 1 || !slices.Equal(verdictsOf(agents[0]), []Verdict{Fail, NotRun}) || agents[0].Ended != "" {
		t.Errorf("got %+v, want a fail and a case that was not run", agents)
	}
}

func TestClientsAreNamed(t *testing.T) {
	tests := []struct {
		name      string
		query     string
		userAgent string
		update    string // what stands behind /updateReports
		want      string
	}{
		{name: "by the query", query: "&agent=one%20two", userAgent: "browser/1", update: "?agent=one+two", want: "one two"},
		{name: "by the User-Agent", userAgent: "browser/1", want: "browser/1"},
		{name: "by nothing", want: "unnamed"},
		{name: "too long", query: "&agent=" + strings.Repeat("x", 199) + "%C3%A9", update: "?agent=other", want: strings.Repeat("x", 199)},
		{name: "another name at the end", query: "&agent=one", update: "?agent=two", want: "one"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			agents := listen(t.Context(), ListenConfig{Cases: someCases(Pass)}, func(v visitor) {
				v.name = tt.userAgent
				v.echo("/runCase?case=1" + tt.query)
				v.ask("/updateReports" + tt.update)
			}, t)
			if len(agents) != 1 || agents[0].Name != tt.want || agents[0].Product != tt.userAgent || agents[0].Ended != "" {
				t.Errorf("got %+v, want %q of %q", agents, tt.want, tt.userAgent)
			}
		})
	}
}

// TestClientsInAnyOrder has two clients that run their cases in parallel, backwards, and
// again, with another result.
func TestClientsInAnyOrder(t *testing.T) {
	cases := someCases(Pass, NonStrict, Informational)
	var again sync.Map
	cases[0].steps = append(cases[0].steps, custom("fail the first time", func(s *session) error {
		if _, loaded := again.LoadOrStore(s.opening.request.start, true); !loaded {
			return failf("the first time")
		}
		return nil
	}))
	heard := 0
	agents := listen(t.Context(), ListenConfig{Cases: cases, Agents: 2, Progress: func(string, Result) { heard++ }}, func(v visitor) {
		var wg sync.WaitGroup
		for _, name := range []string{"a", "b"} {
			for i := range cases {
				wg.Go(func() { v.echo(fmt.Sprintf("/runCase?case=%d&agent=%s", len(cases)-i, name)) })
			}
		}
		wg.Wait()
		for _, name := range []string{"a", "b"} {
			v.ask("/getCaseStatus?case=1&agent=" + name) // when that is over
			v.echo("/runCase?case=1&agent=" + name)
			v.ask("/updateReports?agent=" + name)
		}
	}, t)
	if len(agents) != 2 || heard != 8 {
		t.Fatalf("got %d agents and %d results, want 2 and 8", len(agents), heard)
	}
	for _, a := range agents {
		if got := verdictsOf(a); !slices.Equal(got, []Verdict{Pass, NonStrict, Informational}) {
			t.Errorf("%s: got %v", a.Name, got)
		}
	}
}

// TestOvertakenRun has a client that runs a case again before the first run has ended.
func TestOvertakenRun(t *testing.T) {
	cases := someCases(Pass)
	started := make(chan struct{})
	second := make(chan struct{}) // closed when the second run is over
	var runs atomic.Int32
	cases[0].steps = append(cases[0].steps, custom("wait", func(s *session) error {
		if runs.Add(1) > 1 {
			return nil
		}
		close(started)
		<-second
		return failf("the first run")
	}))
	agents := listen(t.Context(), ListenConfig{Cases: cases}, func(v visitor) {
		var wg sync.WaitGroup
		wg.Go(func() { v.echo("/runCase?case=1&agent=a") })
		<-started
		v.echo("/runCase?case=1&agent=a")
		if got, err := v.ask("/getCaseStatus?case=1&agent=a"); got != `{"behavior":"OK"}` {
			t.Errorf("got %q, %v; want the second run", got, err)
		}
		close(second)
		wg.Wait()
		v.ask("/updateReports?agent=a")
	}, t)
	if len(agents) != 1 || !slices.Equal(verdictsOf(agents[0]), []Verdict{Pass}) {
		t.Errorf("got %+v, want the second run", agents)
	}
}

// TestFaultyRequests has clients whose request breaks a rule, which fails every case.
func TestFaultyRequests(t *testing.T) {
	const key = "dGhlIHNhbXBsZSBub25jZQ=="
	const right = "GET /runCase?case=1&agent=a HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: " + key + "\r\nSec-WebSocket-Version: 13\r\n"
	tests := []struct {
		name     string
		old, new string // what to replace
		want     string // a part of the finding; if empty, there is no result
		answer   string // a part of the answer
	}{
		{name: "right", want: "none"},
		{name: "method", old: "GET", new: "PUT", want: "method"},
		{name: "HTTP/1.0", old: "HTTP/1.1", new: "HTTP/1.0", want: "HTTP/1.1"},
		{name: "no Host", old: "Host: h\r\n", want: "Host"},
		{name: "no Connection", old: "Connection: Upgrade\r\n", want: "Connection"},
		{name: "version", old: "13", new: "8", want: "version"},
		{name: "short key", old: key, new: "short", want: "key"},
		{name: "folded", old: "Host: h\r\n", new: "Host: h\r\nX: a\r\n b\r\n", want: "folded"},
		{name: "LF alone", old: "Host: h\r\n", new: "Host: h\n", want: "CR LF"},
		{name: "subprotocol twice", old: "Host: h\r\n", new: "Host: h\r\nSec-WebSocket-Protocol: a, a\r\n", want: "subprotocol"},
		{name: "extension", old: "Host: h\r\n", new: "Host: h\r\nSec-WebSocket-Extensions: ;\r\n", want: "Sec-WebSocket-Extensions"},
		{name: "no upgrade", old: right[strings.Index(right, "Upgrade"):], new: "", answer: "400 Bad Request"},
		{name: "no HTTP", old: "GET", new: "\x16\x03", answer: "400 Bad Request"},
		{name: "no path", old: "/runCase", new: "runCase", answer: "400 Bad Request"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			request := strings.Replace(right, tt.old, tt.new, 1) + "\r\n"
			agents := listen(t.Context(), ListenConfig{Cases: someCases(Pass)}, func(v visitor) {
				answer := v.raw(request)
				if !strings.Contains(answer, tt.answer) {
					t.Errorf("got %q, want %q in it", answer, tt.answer)
				}
				if tt.want == "" { // nobody is known to be through
					v.echo("/runCase?case=1&agent=other")
				}
				v.ask("/updateReports")
			}, t)
			if len(agents) != 1 || len(agents[0].Results) != 1 {
				t.Fatalf("got %+v, want a result", agents)
			}
			switch r := agents[0].Results[0]; tt.want {
			case "":
				if agents[0].Name != "other" {
					t.Errorf("got a result for %s, want none", agents[0].Name)
				}
			case "none":
				if r.Verdict != Pass {
					t.Errorf("got %s, %s", r.Verdict, r.Text)
				}
			default:
				if r.Verdict != Fail || !strings.Contains(r.Text, "its request breaks a rule") || !strings.Contains(r.Text, tt.want) {
					t.Errorf("got %s, %s; want a fail with %q", r.Verdict, r.Text, tt.want)
				}
			}
		})
	}
}

// raw sends a request, does what a case of someCases asks for, and returns the start line
// of the answer.
func (v visitor) raw(request string) string {
	nc, err := v.dial(v.t.Context(), "", "")
	if err != nil {
		v.t.Fatal(err)
	}
	defer nc.Close()
	go io.WriteString(nc, request) // ends with the connection
	var b []byte
	buf := make([]byte, 1024)
	echoed := false
	for {
		n, err := nc.Read(buf)
		b = append(b, buf[:n]...)
		if i := bytes.Index(b, []byte("\r\n\r\n\x81\x08accepted")); i >= 0 && !echoed {
			echoed = true
			frames := appendFrames(nil, textFrame("accepted"), closeWith(codec.CloseNormal, ""))
			go nc.Write(frames) // ends with the connection
		}
		if err != nil {
			start, _, _ := strings.Cut(string(b), "\r\n")
			return start
		}
	}
}

func appendFrames(dst []byte, frames ...frame) []byte {
	for _, f := range frames {
		dst = f.append(dst, codec.RoleClient)
	}
	return dst
}

// TestRepeatedKey has a client that uses a key again.
func TestRepeatedKey(t *testing.T) {
	const request = "GET /runCase?case=%d&agent=a HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
	agents := listen(t.Context(), ListenConfig{Cases: someCases(Pass, Pass)}, func(v visitor) {
		v.raw(fmt.Sprintf(request, 1))
		v.raw(fmt.Sprintf(request, 2))
		v.ask("/updateReports?agent=a")
	}, t)
	if len(agents) != 1 || !slices.Equal(verdictsOf(agents[0]), []Verdict{Pass, Fail}) || !strings.Contains(agents[0].Results[1].Text, "key") {
		t.Errorf("got %+v, want the second to fail for its key", agents)
	}
}

// TestClientsThatStop have clients that do not come to their end.
func TestClientsThatStop(t *testing.T) {
	tests := []struct {
		name  string
		run   func(visitor)
		want  []Verdict // nil for no agent
		ended string
		text  string // of the last result
		took  time.Duration
	}{
		{
			name: "half-way", want: []Verdict{Pass, NotRun}, took: DefaultIdle,
			ended: "nothing was heard of the client for 30s", text: "nothing was heard of the client for 30s",
			run: func(v visitor) { v.echo("/runCase?case=1&agent=a") },
		},
		{name: "before the first case", run: func(v visitor) { v.ask("/getCaseCount") }, took: DefaultIdle},
		{
			name: "within a case", want: []Verdict{Pass, Fail}, took: DefaultTimeout, text: "did not come within 5s",
			run: func(v visitor) {
				v.echo("/runCase?case=1&agent=a")
				c, err := v.open("/runCase?case=2&agent=a")
				if err != nil {
					v.t.Error(err)
					return
				}
				defer c.Abort()
				for { // and says nothing
					if _, _, err := c.NextMessage(); err != nil {
						break
					}
				}
				v.ask("/updateReports?agent=a")
			},
		},
		{
			name: "without a case", want: []Verdict{Pass, NotRun}, text: "the client did not ask for it",
			run: func(v visitor) { v.echo("/runCase?case=1&agent=a"); v.ask("/updateReports?agent=a") },
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				agents := listen(t.Context(), ListenConfig{Cases: someCases(Pass, Pass)}, tt.run, t)
				if took := time.Since(began); took != tt.took {
					t.Errorf("took %v, want %v", took, tt.took)
				}
				if tt.want == nil {
					if len(agents) != 0 {
						t.Errorf("got %+v, want no agent", agents)
					}
					return
				}
				if len(agents) != 1 || !slices.Equal(verdictsOf(agents[0]), tt.want) || agents[0].Ended != tt.ended {
					t.Fatalf("got %+v, want %v, ended %q", agents, tt.want, tt.ended)
				}
				if last := agents[0].Results[len(tt.want)-1]; !strings.Contains(last.Text, tt.text) {
					t.Errorf("got %q, want %q in it", last.Text, tt.text)
				}
			})
		})
	}
}

// TestListenInterrupted ends the run within a case, which then was not run.
func TestListenInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	cases := someCases(Pass, Pass)
	cases[1].steps = []step{custom("interrupt", func(s *session) error { cancel(); return s.expect(textMessage("never")) })}
	agents := listen(ctx, ListenConfig{Cases: cases}, func(v visitor) {
		v.echo("/runCase?case=1&agent=a")
		v.echo("/runCase?case=2&agent=a")
	}, t)
	if len(agents) != 1 || !slices.Equal(verdictsOf(agents[0]), []Verdict{Pass, NotRun}) || agents[0].Ended != "the run was interrupted" {
		t.Errorf("got %+v, want a pass and a case that was not run", agents)
	}
}

// TestListenTLS runs the cases of the opening handshake over TLS.
func TestListenTLS(t *testing.T) {
	server := httptest.NewTLSServer(nil) // for its certificate
	server.Close()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}}).DialContext(ctx, "tcp", ln.Addr().String())
	}
	cases := answerCases()
	var wg sync.WaitGroup
	wg.Go(func() {
		v := visitor{t: t, dial: dial}
		for i := range cases {
			if c, err := v.open(fmt.Sprintf("/runCase?case=%d&agent=a", i+1)); err == nil {
				for {
					op, data, err := c.NextMessage()
					if err != nil {
						break
					}
					c.QueueMessage(op, data)
				}
				c.Discard()
			}
		}
		v.ask("/updateReports?agent=a")
	})
	agents := Listen(t.Context(), ListenConfig{Listeners: []net.Listener{tls.NewListener(ln, server.TLS)}, Cases: cases})
	wg.Wait()
	if len(agents) != 1 {
		t.Fatalf("got %d agents, want one", len(agents))
	}
	for _, r := range agents[0].Results {
		if r.Verdict != Pass {
			t.Errorf("%s: %s: %s\n%s", r.Case, r.Verdict, r.Text, r.Exchange)
		}
	}
}
