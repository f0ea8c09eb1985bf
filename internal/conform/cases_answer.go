package conform

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"wskit/codec"
)

// answerCases are about what a client makes of the response to its opening handshake (RFC
// 6455 §4.1).
func answerCases() []*Case {
	return slices.Concat(
		ownRequestCases(), goodAnswerCases(goodAnswers), answerPiecesCases(),
		wrongAnswerCases(wrongAnswers), acceptValueCases(), wrongAnswerCases(wrongLists), notOfferedCases(),
		statusCases(), brokenResponseCases(), interimCases(),
	)
}

// ownRequestCases are about the request that a client sends. It is held against the
// rules in all cases: these are the ones that say so.
func ownRequestCases() []*Case {
	g := group{name: groupRequests}
	manual := func(c *Case) { c.manual = true }
	manual(g.client("6455-4.1-request", "the request itself",
		"the request is a GET of HTTP/1.1 with Host, Upgrade: websocket, Connection: Upgrade, a key of 16 bytes and version 13, and its lists are well formed and without duplicates (§4.1); every case holds it against these rules",
		append([]step{answer("", nil)}, echoes()...)...))
	manual(g.client("6455-4.1-request-key-fresh", "the key is another one than before",
		"the nonce of the key must be selected randomly for each connection (§4.1, 7); every case compares it with all before",
		append([]step{answer("", nil)}, echoes()...)...))
	manual(g.client("6455-4.1-request-wait", "nothing is sent before the response",
		"once the request has been sent, the client must wait for the response before it sends any further data (§4.1)",
		append([]step{custom("wait for a moment, in which the client must send nothing", staysSilent), answer("", nil)}, echoes()...)...))
	return g.cases
}

// waiting is how long a client has to wait for a response.
const waiting = 30 * time.Millisecond

// staysSilent makes sure that a client sends nothing before the response.
func staysSilent(s *session) error {
	early := 0
	err := s.in.await(waiting, func(b []byte) (int, bool) {
		early = len(b)
		return 0, early > 0
	})
	switch err {
	case errSilent:
		return nil
	case nil:
		return failf("it sent %d B behind its request, before the response", early)
	}
	return s.finding("a client that waits", err)
}

// A goodAnswer is a response that a client is to accept.
type goodAnswer struct {
	id     string
	text   string // "with Upgrade: WebSocket"
	why    string
	change func(*head)
	// gaveUp is the verdict on a client that gives up. If empty, Fail.
	gaveUp Verdict
}

func goodAnswerCases(answers []goodAnswer) []*Case {
	g := group{name: groupAnswers}
	for _, a := range answers {
		steps := append([]step{answer(a.text, a.change)}, echoes()...)
		if a.gaveUp != "" {
			steps = []step{answer(a.text, a.change), mayGiveUp(a.gaveUp)}
		}
		g.client(a.id, "a response "+a.text, a.why, steps...).manual = true
	}
	return g.cases
}

// The rules that many cases are about.
const (
	whyAnswerUpgrade    = "the value of Upgrade is compared in any case (§4.1, 2)"
	whyAnswerConnection = "Connection contains a token that is Upgrade in any case (§4.1, 3)"
	whyAnswerSpace      = "white space around the value of Sec-WebSocket-Accept is ignored (§4.1, 4)"
	whyReason           = "a client should ignore the reason phrase (RFC 9112 §4)"
	whyNoBody           = "a 1xx response has no body, whatever its headers say (RFC 9112 §6.3), and a server must not send them (RFC 9110 §8.6, RFC 9112 §6.1): both giving up and accepting are right"
	whyAnswerFold       = "a user agent must take a fold in a response for a space (RFC 9112 §5.2)"
)

// goodAnswers are responses with status 101 that keep all rules, or break one that a
// client need not mind.
var goodAnswers = []goodAnswer{
	{id: "6455-4.2.2-response-names-lower", text: "with header names in lower case", why: whyCase, change: func(h *head) { h.recase(strings.ToLower) }},
	{id: "6455-4.2.2-response-names-upper", text: "with header names in upper case", why: whyCase, change: func(h *head) { h.recase(strings.ToUpper) }},
	{id: "6455-4.2.2-response-names-mixed", text: "with header names in mixed case", why: whyCase, change: func(h *head) { h.recase(mixedCase) }},
	{id: "9110-5.3-response-order", text: "with its headers in the reverse order", why: "the order of headers of different names means nothing (RFC 9110 §5.3)", change: func(h *head) { slices.Reverse(h.fields) }},
	{id: "6455-4.1-response-upgrade-capital", text: "with Upgrade: WebSocket", why: whyAnswerUpgrade, change: with("Upgrade", "WebSocket")},
	{id: "6455-4.1-response-upgrade-upper", text: "with Upgrade: WEBSOCKET", why: whyAnswerUpgrade, change: with("Upgrade", "WEBSOCKET")},
	{id: "6455-4.1-response-connection-lower", text: "with Connection: upgrade", why: whyAnswerConnection, change: with("Connection", "upgrade")},
	{id: "6455-4.1-response-connection-upper", text: "with Connection: UPGRADE", why: whyAnswerConnection, change: with("Connection", "UPGRADE")},
	{id: "6455-4.1-response-connection-list-last", text: "with Connection: keep-alive, Upgrade", why: whyAnswerConnection, change: with("Connection", "keep-alive, Upgrade")},
	{id: "6455-4.1-response-connection-list-first", text: "with Connection: upgrade,keep-alive", why: whyAnswerConnection, change: with("Connection", "upgrade,keep-alive")},
	{id: "6455-4.1-response-connection-lines", text: "with Connection: keep-alive and, on a line of its own, Connection: Upgrade", why: whyAnswerConnection, change: func(h *head) {
		h.set("Connection", "keep-alive")
		h.add("Connection", "Upgrade")
	}},
	{id: "6455-4.1-response-accept-space", text: "with spaces and tabs around the value of Sec-WebSocket-Accept", why: whyAnswerSpace, change: func(h *head) {
		h.relay("Sec-WebSocket-Accept", func(value string) string { return "Sec-WebSocket-Accept: \t " + value + " \t " })
	}},
	{id: "9112-5.1-response-space-none", text: "without white space behind the colons", why: "white space behind the colon is optional (RFC 9112 §5.1)", change: func(h *head) { h.edit = withoutSpaces }},
	{id: "9112-5.1-response-space-much", text: "with spaces and tabs around all values", why: whyOWS, change: surroundSpace},
	{id: "6455-4.1-response-unknown", text: "with headers that nobody knows", why: "unknown headers are ignored (RFC 9110 §5.1)", change: func(h *head) {
		h.add("X-Unknown", "one")
		h.add("Sec-WebSocket-Unknown", "two")
		h.add("x_under.score!#$%&'*+-^`|~", "every character of a token")
		h.add("X-Empty", "")
		h.add("X-Text", "\"a: b\", \\ caf\xc3\xa9 \xff")
	}},
	{id: "6455-4.1-response-usual", text: "with Date, Server, cookies and what else servers add", why: "a response may have other headers", change: func(h *head) {
		h.add("Date", "Sun, 06 Nov 1994 08:49:37 GMT")
		h.add("Server", "example/1.0 (test)")
		h.add("Set-Cookie", "a=b; Path=/; HttpOnly")
		h.add("Set-Cookie", "c=d")
		h.add("Cache-Control", "no-store")
		h.add("Strict-Transport-Security", "max-age=0")
		h.add("Sec-WebSocket-Version", "13")
	}},
	{id: "9110-5.4-response-fields-50", text: "with 50 more headers", why: "nothing limits the number of headers, but a client may give up on more than it wishes to process (RFC 9110 §5.4)", gaveUp: Informational, change: func(h *head) {
		for i := range 50 {
			h.add(fmt.Sprintf("X-Header-%d", i), "value")
		}
	}},
	{id: "9110-5.4-response-field-4k", text: "with a header of 4 KiB", why: "nothing limits the length of a header, but a client may give up on more than it wishes to process (RFC 9110 §5.4)", gaveUp: Informational, change: adding("Set-Cookie", "c="+strings.Repeat("x", 4<<10))},
	{id: "9112-4-response-reason-other", text: "with another reason phrase", why: whyReason, change: func(h *head) { h.start = "HTTP/1.1 101 Web Socket Protocol Handshake" }},
	{id: "9112-4-response-reason-text", text: "with a reason phrase that has bytes above 127", why: whyReason, change: func(h *head) { h.start = "HTTP/1.1 101 Prot\xf3colos" }},
	{id: "9112-4-response-reason-empty", text: "with an empty reason phrase", why: "the reason phrase may be empty (RFC 9112 §4)", change: func(h *head) { h.start = "HTTP/1.1 101 " }},
	{id: "9112-4-response-reason-none", text: "without the space before an empty reason phrase", why: "a server must send the space (RFC 9112 §4); what a client does without it is not said", gaveUp: Pass, change: func(h *head) { h.start = "HTTP/1.1 101" }},
	{id: "9112-5.2-response-fold", text: "with a folded unknown header", why: whyAnswerFold, change: func(h *head) { h.line("X-Folded: one\r\n two") }},
	{id: "9112-5.2-response-fold-connection", text: "with a folded Connection", why: whyAnswerFold, change: func(h *head) {
		h.drop("Connection")
		h.line("Connection: keep-alive,\r\n\tUpgrade")
	}},
	{id: "9112-6.3-response-length", text: "with Content-Length: 5", why: whyNoBody, gaveUp: Pass, change: adding("Content-Length", "5")},
	{id: "9112-6.3-response-chunked", text: "with Transfer-Encoding: chunked", why: whyNoBody, gaveUp: Pass, change: adding("Transfer-Encoding", "chunked")},
	{id: "9112-2.2-response-bare-lf", text: "whose lines end in LF alone", why: whyBareLF, gaveUp: Pass, change: func(h *head) { h.edit = bareLF }},
	{id: "9110-5.5-response-value-nul", text: "with a NUL in the value of an unknown header", why: whyControl, gaveUp: Pass, change: line("X-Value: a\x00b")},
	{id: "9110-5.5-response-value-cr", text: "with a CR in the value of an unknown header", why: whyControl, gaveUp: Pass, change: line("X-Value: a\rb")},
	{id: "9112-5.1-response-space-before-colon", text: "with a space before the colon of an unknown header", why: "a server must not send white space before a colon; a proxy removes it, and of a client nothing is said (RFC 9112 §5.1)", gaveUp: Pass, change: line("X-Space : 1")},
	{id: "9112-5-response-no-colon", text: "with a header line without a colon", why: "a header line has a colon (RFC 9112 §5); what a client does without it is not said", gaveUp: Pass, change: line("X-No-Colon")},
	{id: "9110-5.1-response-name-characters", text: "with a name that is no token", why: "a name is a token (RFC 9110 §5.1); what a client does with another is not said", gaveUp: Pass, change: line("X-(Comment): 1")},
}

// answerPiecesCases are about responses that arrive in pieces, or together with more.
func answerPiecesCases() []*Case {
	const (
		why      = "TCP is a stream of bytes: where it is cut means nothing"
		whyRight = "the connection is established for the server once it has sent the response (§4.2.2), so that frames may follow at once"
	)
	g := group{name: groupAnswers}
	client := func(id, title, why string, steps ...step) { g.client(id, title, why, steps...).manual = true }
	client("6455-4.1-response-pieces-1", "a response in pieces of a byte", why, append([]step{answerInPieces(1)}, echoes()...)...)
	client("6455-4.1-response-pieces-7", "a response in pieces of 7 bytes", why, append([]step{answerInPieces(7)}, echoes()...)...)
	client("6455-4.1-response-cut-blank-line", "a response cut before its blank line", why, append([]step{answerCut("before the blank line", 2)}, echoes()...)...)
	client("6455-4.1-response-cut-crlf", "a response cut before the last CR LF CR LF", why, append([]step{answerCut("before the CR of the last header", 4)}, echoes()...)...)
	client("6455-4.1-response-cut-last-byte", "a response cut before its last byte", why, append([]step{answerCut("before the last LF", 1)}, echoes()...)...)
	client("6455-4.2.2-response-frame", "a message right behind the response", whyRight,
		answerAnd(textFrame("at once")), expect(textMessage("at once")), finish())
	client("6455-4.2.2-response-frames", "two messages and a ping right behind the response", whyRight,
		answerAnd(textFrame("at once"), pingFrame("and"), binaryFrame([]byte{0, 1, 2})),
		expect(textMessage("at once"), pongMessage("and"), binaryMessage([]byte{0, 1, 2})), finish())
	client("6455-4.2.2-response-frame-large", "a message of 20,000 bytes right behind the response", whyRight,
		answerAnd(binaryFrame(make([]byte, 20_000)).noted("zeros")), expect(binaryMessage(make([]byte, 20_000))), finish())
	client("6455-4.2.2-response-frame-part", "the first two bytes of a frame right behind the response", whyRight,
		custom("answer with a 101 and, right behind it, 2 B of text, 5 B: \"parts\"; and the rest after a moment", func(s *session) error {
			b := s.encode([]frame{textFrame("parts")})
			s.write(append(s.answering(nil), b[:2]...))
			time.Sleep(moment)
			s.write(b[2:])
			return nil
		}), expect(textMessage("parts")), finish())
	client("6455-4.2.2-response-close", "a close frame right behind the response", whyRight+"; the client answers the close frame (§5.5.1)",
		answerAnd(closeWith(codec.CloseNormal, "")), closed(codec.CloseNormal))
	return g.cases
}

// interimCases are about responses before the response.
func interimCases() []*Case {
	const why = "a client must be able to parse one or more 1xx responses before the final one (RFC 9110 §15.2), which §4.1 leaves to HTTP"
	g := group{name: groupAnswers}
	interim := func(id, title string, heads ...string) {
		text := strings.Join(heads, "\r\n\r\n") + "\r\n\r\n"
		steps := append([]step{sendBytes("an interim response: "+title, []byte(text)), answer("", nil)}, echoes()...)
		g.client("9110-15.2-"+id, title+" before the response", why, steps...).manual = true
	}
	interim("continue", "a 100", "HTTP/1.1 100 Continue")
	interim("early-hints", "a 103", "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload; as=style")
	interim("several", "a 100 and two 103", "HTTP/1.1 100 Continue", "HTTP/1.1 103 Early Hints\r\nX-First: 1", "HTTP/1.1 103 Early Hints\r\nX-Second: 2")
	return g.cases
}
