package inspect

import (
	"fmt"
	"strings"
	"time"

	"wskit/codec"
	"wskit/internal/trace"
)

// verdict says in one sentence how the connection ended.
func (a *Analyser) verdict(c *trace.Close) string {
	var s sentence
	if o := a.handshake.open; !o.Ready() {
		s.handshake(a, c, o)
	} else {
		s.ended(c, &a.ending)
		s.flight(a, c)
		s.silence(c, &a.ending)
	}
	return strings.Join(s, ", ")
}

// A sentence is made of parts.
type sentence []string

func (s *sentence) add(format string, args ...any) {
	*s = append(*s, fmt.Sprintf(format, args...))
}

// handshake says why the connection is no WebSocket.
func (s *sentence) handshake(a *Analyser, c *trace.Close, o *trace.Open) {
	switch {
	case o.Response != nil:
		_, status, _ := strings.Cut(o.Response.Start, " ")
		s.add("refused by the server with %s: no WebSocket", status)
	case a.dirs[codec.RoleServer].phase == phaseLost || a.dirs[codec.RoleServer].lost > 0:
		s.add("no WebSocket: what the server sent is no response of HTTP")
	case a.handshake.request == nil && a.start.IsZero():
		s.add("nothing was sent")
	default:
		s.add("no WebSocket: the server sent no response%s", endedBy(a, c))
		if c.Idle >= trace.Millis(time.Second) {
			s.add("after %s of silence", format(c.Idle))
		}
	}
}

// endedBy says who ended TCP and how, if that is known.
func endedBy(a *Analyser, c *trace.Close) string {
	switch {
	case !a.ending.anyEnded:
		return ""
	case c.How == trace.HowFIN:
		return ", and the " + c.By + " closed the connection"
	case c.How == trace.HowRST:
		return ", and the connection was reset by the " + c.By
	case c.How == trace.HowTimeout:
		return ", and the " + c.By + " gave up waiting"
	}
	return ", and the connection broke"
}

// ended says who ended the WebSocket and how.
func (s *sentence) ended(c *trace.Close, e *ending) {
	after := "right after the handshake"
	n := e.frames
	if e.closed {
		n = e.before
	}
	if n > 0 {
		after = fmt.Sprintf("after frame %d", n)
	}
	switch {
	case c.How == trace.HowClose && c.By == "both":
		s.add("ended by both sides %s: closed cleanly, by the client with %s and by the server with %s",
			after, c.Client.CodeText(), c.Server.CodeText())
	case c.How == trace.HowClose:
		s.closed(c, e, after)
	case n == 0 && e.broke != nil && e.broke.From == codec.RoleServer && (!e.anyEnded || e.first == codec.RoleClient):
		s.add("no WebSocket: the response of the server is invalid (%s), so that the client gives up", e.broke.Code)
	case c.How == trace.HowFIN:
		s.add("ended by the %s %s: TCP was closed without a close frame (1006)", c.By, after)
	case c.How == trace.HowRST:
		s.add("ended by the %s %s: TCP was reset without a close frame (1006)", c.By, after)
	case c.How == trace.HowTimeout:
		s.add("ended by the %s %s: it gave up waiting (1006)", c.By, after)
	case e.anyEnded:
		s.add("lost %s: the connection broke without a close frame (1006)", after)
	default:
		s.add("still open %s", after)
	}
}

// closed says how the closing handshake went.
func (s *sentence) closed(c *trace.Close, e *ending, after string) {
	own, answer := c.Client, c.Server
	if e.closer == codec.RoleServer {
		own, answer = answer, own
	}
	switch code := own.CodeText(); {
	case answer == nil && refuses(own):
		s.add("ended by the %s %s: closed with %s", c.By, after, code)
	case answer == nil:
		s.add("ended by the %s %s: closed with %s, which the %s did not answer", c.By, after, code, e.closer.Peer())
	case refuses(answer) && answer.Code != own.Code:
		s.add("ended by the %s %s: closed with %s, which the %s answered with %s",
			c.By, after, code, e.closer.Peer(), answer.CodeText())
	default:
		s.add("ended by the %s %s: closed cleanly with %s", c.By, after, code)
	}
}

// frameOf returns the close frame of who closed.
func frameOf(c *trace.Close) *trace.CloseFrame {
	if c.By == codec.RoleClient.String() {
		return c.Client
	}
	return c.Server
}

// flight says what was lost.
func (s *sentence) flight(a *Analyser, c *trace.Close) {
	switch {
	case c.Lost == 0 && c.How == trace.HowClose:
		s.add("nothing lost")
	case c.Lost > 0:
		s.add("%s lost in flight", trace.FormatBytes(c.Lost))
	}
	for _, r := range []codec.Role{codec.RoleClient, codec.RoleServer} {
		if pings := a.dirs[r].pings; len(pings) > 0 && c.How != trace.HowClose {
			s.add("ping %d of the %s without an answer", pings[len(pings)-1].n, r)
		}
	}
}

// The silences that say something.
const (
	briefSilence = time.Second      // not worth a word
	idleSilence  = 10 * time.Second // the shortest idle time-out that is in use
)

// silence says after how long it ended, and the likely cause.
func (s *sentence) silence(c *trace.Close, e *ending) {
	idle := time.Duration(c.Idle)
	closer := c.By
	if v := e.broke; v != nil && c.How == trace.HowClose && v.From.String() != closer && refuses(frameOf(c)) {
		s.add("%s after the violation (%s)", trace.FormatDuration(e.sinceBroke), v.Code)
		return
	}
	if idle < briefSilence || c.How == trace.HowError && !e.anyEnded {
		return
	}
	switch {
	case c.How == trace.HowClose:
		s.add("after %s of silence", format(c.Idle))
	case idle >= idleSilence && c.How != trace.HowTimeout:
		s.add("after %s of silence: an idle time-out of a proxy%s?", format(c.Idle), known(idle))
	default:
		s.add("after %s of silence", format(c.Idle))
	}
}

// refuses reports whether a close frame says that the peer broke a rule.
func refuses(f *trace.CloseFrame) bool {
	return f != nil && (f.Code == codec.CloseProtocolError || f.Code == codec.CloseInvalidPayload ||
		f.Code == codec.CloseMessageTooBig || f.Code == codec.ClosePolicyViolation)
}

// known names who is known to cut after that much silence.
func known(idle time.Duration) string {
	for _, k := range []struct {
		after time.Duration
		who   string
	}{
		{55 * time.Second, "Heroku"},
		{60 * time.Second, "nginx, AWS load balancers"},
		{100 * time.Second, "Cloudflare"},
		{4 * time.Minute, "Azure"},
		{350 * time.Second, "AWS network load balancers"},
	} {
		if d := idle - k.after; d > -time.Second && d < 2*time.Second {
			return " (" + k.who + ")"
		}
	}
	return ""
}

func format(m trace.Millis) string { return trace.FormatDuration(time.Duration(m)) }
