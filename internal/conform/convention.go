package conform

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"wskit/codec"
)

// A visit is one connection of a client, and what it asks for.
type visit struct {
	*session
	path  string
	query url.Values
	// agent is what the client calls itself, and product its User-Agent.
	agent, product string
}

// serve serves one connection.
func (l *listener) serve(ctx context.Context, nc net.Conn) {
	s := newSession(nc, codec.RoleServer, cmp.Or(l.cfg.Timeout, DefaultTimeout))
	defer s.close()
	v, err := l.visited(s)
	if err != nil {
		s.refuse(http.StatusBadRequest, err.Error())
		return
	}
	l.mu.Lock()
	l.heard = true
	l.mu.Unlock()
	switch v.path {
	case "/getCaseCount":
		s.say(strconv.Itoa(len(l.cfg.Cases)))
	case "/getCaseInfo":
		l.info(v)
	case "/getCaseStatus":
		l.status(ctx, v)
	case "/runCase":
		l.runCase(ctx, v)
	case "/updateReports":
		s.say("")
		l.through(v.agent)
	default:
		s.refuse(http.StatusNotFound, "there is /getCaseCount, /runCase?case=N&agent=NAME and /updateReports?agent=NAME")
	}
}

// visited reads the request of a client. The error is for what cannot be answered by the
// convention; any other fault is left to the case that is asked for.
func (l *listener) visited(s *session) (*visit, error) {
	plain := false
	report := func(e *codec.HandshakeError) {
		switch e.Violation {
		case codec.ErrNotUpgrade:
			plain = true
		case codec.ErrExtensionsTooLarge: // which is our limit, and no rule
		default:
			s.opening.fault = cmp.Or(s.opening.fault, e.Error())
		}
	}
	h, err := s.readAnyHead(report)
	if err != nil {
		return nil, errors.New("the request is not one of HTTP")
	}
	s.opening.asked, _ = codec.CheckRequest(&h, report)
	s.opening.request = newHead(h)
	if plain {
		return nil, errors.New("the request asks for no upgrade to websocket")
	}
	if key := s.opening.asked.Key; !l.fresh(key) {
		s.opening.fault = cmp.Or(s.opening.fault, fmt.Sprintf("its key %q is that of a connection before; each needs one of its own, selected randomly (RFC 6455 §4.1)", key))
	}
	u, err := url.ParseRequestURI(s.opening.asked.Target)
	if err != nil {
		return nil, errors.New("the target of the request is no path")
	}
	s.rec.url = "ws://" + h.Get("Host") + u.RequestURI()
	if _, ok := s.nc.(*tls.Conn); ok {
		s.rec.url = "wss://" + h.Get("Host") + u.RequestURI()
	}
	v := &visit{session: s, path: strings.TrimSuffix(u.Path, "/"), query: u.Query(), product: h.Get("User-Agent")}
	v.agent = agentName(cmp.Or(v.query.Get("agent"), v.product, "unnamed"))
	return v, nil
}

// maxAgentName is how long the name of a client may be, in bytes.
const maxAgentName = 200

func agentName(s string) string { return strings.ToValidUTF8(s[:min(len(s), maxAgentName)], "") }

// fresh reports whether no client has sent that key before.
func (l *listener) fresh(key string) bool {
	if key == "" {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.keys[key] {
		return false
	}
	l.keys[key] = true
	return true
}

// refuse answers a request that the convention does not have.
func (s *session) refuse(status int, why string) {
	s.write([]byte(fmt.Sprintf("HTTP/1.1 %d %s\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n\r\n%s\n",
		status, http.StatusText(status), len(why)+1, why)))
}

// say accepts, sends a text message unless it is "", and closes.
func (s *session) say(text string) {
	s.write(responseTo(&s.opening, "").bytes())
	if text != "" {
		s.send(textFrame(text))
	}
	finish().run(s)
}

// number returns the case that a visit is about, counted from 0.
func (l *listener) number(v *visit) (int, bool) {
	n, err := strconv.Atoi(v.query.Get("case"))
	return n - 1, err == nil && n >= 1 && n <= len(l.cfg.Cases)
}

// runCase runs one case against the client that asks for it.
func (l *listener) runCase(ctx context.Context, v *visit) {
	i, ok := l.number(v)
	if !ok {
		v.refuse(http.StatusNotFound, fmt.Sprintf("the cases are 1 to %d", len(l.cfg.Cases)))
		return
	}
	client, end := l.begin(v, i)
	defer end()
	c := l.cfg.Cases[i]
	began := time.Now()
	v.skip = l.cfg.Skip
	err := v.run(c)
	v.close()
	if ctx.Err() != nil {
		return // the connection was closed by us
	}
	f := v.judge(err)
	if fault := v.opening.fault; fault != "" && f.verdict != Fail {
		f = &finding{Fail, "its request breaks a rule: " + fault}
	}
	res := newResult(c, f, v.rec, l.cfg.Exchanges)
	res.Elapsed = time.Since(began)
	l.report(client, i, res)
}

// begin notes that a client runs a case, until end is called. Of several runs of one case
// it is the last that counts.
func (l *listener) begin(v *visit, i int) (c *client, end func()) {
	over := make(chan struct{})
	l.mu.Lock()
	defer l.mu.Unlock()
	c = l.agents[v.agent]
	if c == nil {
		c = &client{Agent: Agent{
			Name: v.agent, Role: roleName(codec.RoleClient), Product: v.product,
			Started: time.Now(), Results: make([]Result, len(l.cfg.Cases)),
		}, running: map[int]chan struct{}{}}
		l.agents[v.agent] = c
		l.order = append(l.order, c)
	}
	c.running[i] = over
	return c, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		close(over)
		if c.running[i] == over {
			delete(c.running, i)
		}
	}
}

// report notes the result of a case that is in progress, unless the client has run the
// case again meanwhile.
func (l *listener) report(c *client, i int, res Result) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c.running[i] == nil {
		return
	}
	c.Results[i] = res
	c.Elapsed = time.Since(c.Started)
	if l.cfg.Progress != nil {
		l.cfg.Progress(c.Name, res)
	}
}

// through notes that a client has run all that it wants to. A name that has run nothing
// stands for the client that is not through, if there is one only.
func (l *listener) through(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.agents[name]
	if c == nil {
		for _, other := range l.order {
			if other.done {
				continue
			}
			if c != nil {
				return
			}
			c = other
		}
	}
	if c != nil && !c.done {
		c.done = true
		l.done++
	}
}

// info tells of a case, as Autobahn does.
func (l *listener) info(v *visit) {
	i, ok := l.number(v)
	if !ok {
		v.refuse(http.StatusNotFound, "there is no such case")
		return
	}
	b, _ := json.Marshal(map[string]string{"id": l.cfg.Cases[i].ID, "description": l.cfg.Cases[i].Title}) // which cannot fail
	v.say(string(b))
}

// behaviours are the verdicts in Autobahn's words.
var behaviours = map[Verdict]string{
	Pass: "OK", NonStrict: "NON-STRICT", Informational: "INFORMATIONAL", Skipped: "UNIMPLEMENTED", Fail: "FAILED",
}

// status tells how a case went, as Autobahn does. The client may ask when it has closed
// the connection and we have not yet.
func (l *listener) status(ctx context.Context, v *visit) {
	i, ok := l.number(v)
	l.mu.Lock()
	c := l.agents[v.agent]
	if !ok || c == nil {
		l.mu.Unlock()
		v.refuse(http.StatusNotFound, "there is no such result")
		return
	}
	running := c.running[i]
	l.mu.Unlock()
	if running != nil {
		select {
		case <-running:
		case <-ctx.Done():
		}
	}
	l.mu.Lock()
	word, ok := behaviours[c.Results[i].Verdict]
	l.mu.Unlock()
	if !ok {
		v.refuse(http.StatusNotFound, "the case was not run")
		return
	}
	v.say(fmt.Sprintf(`{"behavior":%q}`, word))
}
