package conform

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"wskit/codec"
)

// begun is the step with which a session has what Run or Listen would give it.
func begun(t *testing.T) step {
	h, err := (&codec.ClientHandshake{Host: "h", Nonce: [16]byte{1, 2, 3}, Protocols: []string{"wskit"}}).Head()
	if err != nil {
		t.Fatal(err)
	}
	return custom("begin", func(s *session) error {
		s.opening.request = newHead(h)
		s.opening.asked.Key = h.Get("Sec-WebSocket-Key")
		return nil
	})
}

// head reads a head.
func (p *fake) head() codec.Head {
	chunk := make([]byte, 4096)
	for {
		h, n, err := codec.ParseHead(p.buf)
		if !errors.Is(err, codec.ErrShort) {
			p.buf = p.buf[n:]
			return h
		}
		n, err = p.nc.Read(chunk)
		p.buf = append(p.buf, chunk[:n]...)
		if err != nil {
			return h
		}
	}
}

// says reads a request and answers it with lines, and with more behind them if they switch
// protocols. ACCEPT in them stands for what goes with the key.
func says(lines ...string) func(*fake) {
	return func(p *fake) {
		h := p.head()
		text := strings.Join(lines, "\r\n") + "\r\n\r\n"
		text = strings.ReplaceAll(text, "ACCEPT", codec.AcceptKey(h.Get("Sec-WebSocket-Key")))
		p.nc.Write([]byte(text))
		if strings.Contains(text, " 101 ") {
			p.echo(1)
			p.answer(normal)
		}
		p.drain()
	}
}

var switching = []string{"HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Accept: ACCEPT"}

// TestRefusals judges what servers answer to a request that they are to refuse.
func TestRefusals(t *testing.T) {
	steps := func(r refusal) []step { return []step{begun(t), ask("", nil), r.refuses()} }
	accepts := says(switching...)
	agrees := says(append(switching, "Sec-WebSocket-Protocol: wskit")...)
	try(t, codec.RoleClient, []trial{
		{name: "400", steps: steps(refusal{}), want: Pass, text: "400 Bad Request", peer: says("HTTP/1.1 400 Bad Request")},
		{name: "any other 4xx", steps: steps(refusal{}), want: Pass, peer: says("HTTP/1.1 422 No")},
		{name: "behind interim responses", steps: steps(refusal{}), want: Pass, peer: says("HTTP/1.1 103 Early Hints", "", "HTTP/1.1 400 No")},
		{name: "500", steps: steps(refusal{}), want: NonStrict, text: "it answered with 500, where a 4xx status is meant", peer: says("HTTP/1.1 500 Oops")},
		{name: "200", steps: steps(refusal{}), want: NonStrict, text: "with 200", peer: says("HTTP/1.1 200 OK")},
		{name: "no room", steps: steps(refusal{}), want: NonStrict, text: "with 429", peer: says("HTTP/1.1 429 Busy")},
		{name: "accepted", steps: steps(refusal{}), want: Fail, text: "it accepted the handshake", peer: accepts},
		{name: "nothing", steps: steps(refusal{}), want: Fail, text: "said nothing for 1s", peer: func(p *fake) { p.head(); p.drain() }},
		{name: "the end of TCP", steps: steps(refusal{}), want: NonStrict, text: "it closed the connection without an answer", peer: func(p *fake) { p.head(); p.nc.Close() }},
		{name: "no HTTP", steps: steps(refusal{}), want: Fail, text: "not HTTP", peer: says("no")},

		{name: "that status", steps: steps(mustBe400), want: Pass, peer: says("HTTP/1.1 400 No")},
		{name: "another than that", steps: steps(mustBe400), want: NonStrict, text: "with 403, where 400 is meant", peer: says("HTTP/1.1 403 No")},
		{name: "one that is right, too", steps: steps(refusal{also: []int{501}}), want: Pass, peer: says("HTTP/1.1 501 No")},
		{name: "as a plain request", steps: steps(notAsked), want: Pass, text: "200 OK", peer: says("HTTP/1.1 200 OK")},
		{name: "a failure for a plain request", steps: steps(notAsked), want: NonStrict, text: "500", peer: says("HTTP/1.1 500 Oops")},
		{name: "accepted for a plain request", steps: steps(notAsked), want: Fail, peer: accepts},

		{name: "accepted what should be refused", steps: steps(badSyntax), want: NonStrict, text: "it accepted", peer: accepts},
		{name: "agreed on a part of it", steps: steps(badProtocols), want: Fail, text: `agreed on "wskit"`, peer: agrees},
		{name: "agreed on nothing", steps: steps(badProtocols), want: NonStrict, peer: accepts},
		{name: "accepted what may be", steps: steps(robust), want: Pass, text: "it accepted", peer: accepts},
		{name: "accepted what may be, and is deaf", steps: steps(robust), want: Fail, text: "did not come", peer: func(p *fake) {
			p.nc.Write([]byte(strings.ReplaceAll(strings.Join(switching, "\r\n"), "ACCEPT", codec.AcceptKey(keyIn(p))) + "\r\n\r\n"))
			p.drain()
		}},
		{name: "accepted what may be, for another key", steps: steps(robust), want: Fail, text: "Sec-WebSocket-Accept", peer: says(append(switching[:3:3], "Sec-WebSocket-Accept: "+sampleAccept)...)},
		{name: "refused what may be", steps: steps(robust), want: Pass, peer: says("HTTP/1.1 400 No")},
		{name: "waits", steps: steps(refusal{silent: true}), want: Pass, text: "it waits", peer: func(p *fake) { p.head(); p.drain() }},

		{name: "without the header that is needed", steps: steps(refusal{needs: map[int]codec.Field{0: {Name: "X-A", Value: "b"}}}), want: Fail, text: "does not say X-A: b", peer: says("HTTP/1.1 400 No", "X-A: c")},
		{name: "with it, in a list", steps: steps(refusal{needs: map[int]codec.Field{0: {Name: "X-A", Value: "b"}}}), want: Pass, peer: says("HTTP/1.1 400 No", "X-A: c, b")},
		{name: "that another status needs", steps: steps(refusal{needs: map[int]codec.Field{http.StatusMethodNotAllowed: {Name: "X-A", Value: "b"}}}), want: Pass, peer: says("HTTP/1.1 400 No")},
		{name: "that this status needs", steps: steps(refusal{needs: map[int]codec.Field{http.StatusMethodNotAllowed: {Name: "X-A", Value: "b"}}}), want: Fail, text: "with 405", peer: says("HTTP/1.1 405 No")},
	})
}

// keyIn reads a request and returns its key.
func keyIn(p *fake) string {
	h := p.head()
	return h.Get("Sec-WebSocket-Key")
}

// TestAcceptances judges what servers answer to a request that they are to accept.
func TestAcceptances(t *testing.T) {
	steps := append([]step{begun(t), ask("", nil), accepted()}, echoes()...)
	may := func(v Verdict) []step { return []step{begun(t), ask("", nil), mayRefuse(v)} }
	with := func(line string) func(*fake) { return says(append(switching, line)...) }
	body := []step{begun(t), ask("", nil), custom("body", bodyPassed)}
	early := []step{begun(t), askAnd(textFrame("early")), custom("early", earlyFrame)}
	try(t, codec.RoleClient, []trial{
		{name: "right", steps: steps, want: Pass, peer: says(switching...)},
		{name: "refused", steps: steps, want: Fail, text: "refused the handshake with 400", peer: says("HTTP/1.1 400 No")},
		{name: "a subprotocol that was offered", steps: steps, want: Pass, peer: with("Sec-WebSocket-Protocol: wskit")},
		{name: "a subprotocol that was not offered", steps: steps, want: Fail, text: "its response breaks a rule", peer: with("Sec-WebSocket-Protocol: other")},
		{name: "an extension that was not offered", steps: steps, want: Fail, text: "its response breaks a rule", peer: with("Sec-WebSocket-Extensions: permessage-deflate")},
		{name: "without Connection", steps: steps, want: Fail, text: "Connection", peer: says(switching[0], switching[1], switching[3])},
		{name: "folded", steps: steps, want: Fail, text: "folded", peer: with("X: a\r\n b")},

		{name: "what may be refused, refused", steps: may(Informational), want: Informational, text: "refused", peer: says("HTTP/1.1 400 No")},
		{name: "what may be refused, accepted", steps: may(Informational), want: Pass, text: "accepted", peer: says(switching...)},
		{name: "what may be refused, with no room", steps: may(Informational), want: Fail, text: "503", peer: says("HTTP/1.1 503 Busy")},

		{name: "a body, refused", steps: body, want: Pass, peer: says("HTTP/1.1 400 No")},
		{name: "a body, passed over", steps: body, want: Informational, text: "passed over", peer: says(switching...)},
		{name: "a body, taken for frames", steps: body, want: NonStrict, text: "took the body", peer: func(p *fake) {
			accept(p)
			p.fail(protocol)
		}},

		{name: "an early frame, echoed", steps: early, want: Pass, text: "echoed", peer: func(p *fake) { accept(p); p.echo(2); p.drain() }},
		{name: "an early frame, echoed behind the pong", steps: early, want: Pass, peer: func(p *fake) {
			accept(p)
			p.skip(2)
			p.send(pongFrame("and now?"), textFrame("early"))
			p.drain()
		}},
		{name: "an early frame, passed over", steps: early, want: Informational, text: "not the early frame", peer: func(p *fake) { accept(p); p.skip(1); p.echo(1); p.drain() }},
		{name: "an early frame, answered against the rules", steps: early, want: Fail, text: "§5.1", peer: func(p *fake) { accept(p); p.send(textFrame("early").wronglyMasked()); p.drain() }},
		{name: "an early frame, refused", steps: early, want: Informational, text: "400", peer: says("HTTP/1.1 400 No")},
		{name: "an early frame, and silence", steps: early, want: Fail, text: "did not come", peer: (*fake).drain},
	})
}

// accept reads a request and accepts it.
func accept(p *fake) {
	text := strings.ReplaceAll(strings.Join(switching, "\r\n")+"\r\n\r\n", "ACCEPT", codec.AcceptKey(keyIn(p)))
	p.nc.Write([]byte(text))
}

// TestGivingUp judges what clients do with a response.
func TestGivingUp(t *testing.T) {
	answered := func(s ...step) []step { return append([]step{begun(t), answer("", nil)}, s...) }
	echo := func(p *fake) { p.head(); p.echo(1); p.drain() }
	leave := func(p *fake) { p.head(); p.nc.Close() }
	stay := func(p *fake) { p.head(); p.drain(); p.nc.Close() } // until our side ends
	try(t, codec.RoleServer, []trial{
		{name: "gone", steps: answered(givesUp()), want: Pass, peer: leave},
		{name: "gone when our side ends", steps: answered(givesUp()), want: Pass, text: "until our side ended", peer: stay},
		{name: "not gone", steps: answered(givesUp()), want: Fail, text: "left the connection open", peer: func(p *fake) { p.head(); p.drain(); p.linger() }},
		{name: "echoed", steps: answered(givesUp()), want: Fail, text: "it accepted", peer: echo},
		{name: "echoed what it should not", steps: answered(givesUpOr(NonStrict)), want: NonStrict, text: "it accepted", peer: echo},
		{name: "closed as if it had accepted", steps: answered(givesUp()), want: Fail, text: "close frame", peer: func(p *fake) { p.head(); p.fail(protocol) }},
		{name: "broke a rule", steps: answered(givesUp()), want: Fail, text: "§5.1", peer: func(p *fake) { p.head(); p.send(textFrame("x").wronglyMasked()); p.drain() }},

		{name: "declined", steps: answered(declined()), want: Pass, peer: leave},
		{name: "declined and open", steps: answered(declined()), want: NonStrict, text: "left the connection open", peer: func(p *fake) { p.head(); p.drain(); p.linger() }},
		{name: "took it for a WebSocket", steps: answered(declined()), want: Fail, text: "it accepted", peer: echo},

		{name: "may give up, gone", steps: answered(mayGiveUp(Informational)), want: Informational, text: "gave the connection up", peer: leave},
		{name: "may give up, echoed", steps: answered(mayGiveUp(Informational)), want: Pass, peer: func(p *fake) { p.head(); p.echo(1); p.answer(normal) }},
		{name: "may give up, silent", steps: answered(mayGiveUp(Informational)), want: Fail, text: "did not come", peer: func(p *fake) { p.head(); p.drain() }},
		{name: "may give up, another text", steps: answered(mayGiveUp(Informational)), want: Fail, text: "in place of", peer: func(p *fake) { p.head(); p.skip(1); p.send(textFrame("other")); p.drain() }},

		{name: "stillborn, gone", steps: []step{begun(t), endWriting(), stillborn()}, want: Pass, peer: func(p *fake) { p.drain(); p.nc.Close() }},
		{name: "stillborn, and a frame", steps: []step{begun(t), endWriting(), stillborn()}, want: Fail, text: "it accepted", peer: func(p *fake) { p.send(textFrame("x")); p.drain() }},

		{name: "waits", steps: []step{begun(t), custom("wait", staysSilent)}, want: Pass, peer: (*fake).drain},
		{name: "does not wait", steps: []step{begun(t), custom("wait", staysSilent)}, want: Fail, text: "it sent 11 B behind its request", peer: func(p *fake) { p.send(textFrame("early")); p.drain() }},
		{name: "leaves before the response", steps: []step{begun(t), custom("wait", staysSilent)}, want: Fail, text: "closed the connection", peer: func(p *fake) { p.nc.Close() }},
	})
}

// linger leaves the connection open for longer than anybody waits.
func (p *fake) linger() { time.Sleep(3 * time.Second) }
