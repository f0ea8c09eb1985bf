package conform

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// openingCases are about how a server answers the request of an opening handshake (RFC
// 6455 §4.2).
func openingCases() []*Case {
	return slices.Concat(
		acceptedCases(fieldRequests), acceptedCases(keyRequests()), acceptedCases(listRequests), acceptedCases(httpRequests),
		piecesCases(),
		refusedCases(brokenRequests), refusedCases(versionRequests()), refusedCases(keyRefusals), refusedCases(protocolRefusals()), refusedCases(extensionRefusals()),
		refusedCases(hostRequests), refusedCases(syntaxRequests), refusedCases(startLineRequests),
		bodyCases(),
	)
}

// The groups of the cases of the opening handshake.
const (
	groupAccepts  = "Opening handshake: requests that are right"
	groupRefuses  = "Opening handshake: requests that are wrong"
	groupAnswers  = "Opening handshake: answers that are right"
	groupGivesUp  = "Opening handshake: answers that are wrong"
	groupRequests = "Opening handshake: the client's request"
)

// A goodRequest is a request that a server is to accept.
type goodRequest struct {
	id     string
	text   string // "with Upgrade: WEBSOCKET"
	why    string
	change func(*head)
	// refused is the verdict on a server that refuses. If empty, Fail.
	refused Verdict
}

func acceptedCases(requests []goodRequest) []*Case {
	g := group{name: groupAccepts}
	for _, r := range requests {
		steps := append([]step{ask(r.text, r.change), accepted()}, echoes()...)
		if r.refused != "" {
			steps = []step{ask(r.text, r.change), mayRefuse(r.refused)}
		}
		g.opening(r.id, "a request "+r.text, r.why, steps...)
	}
	return g.cases
}

// opening adds a case that performs the opening handshake with a server itself. Nothing
// but what it offers is offered.
func (g *group) opening(id, title, why string, steps ...step) {
	c := g.server(id, title, why, steps...)
	c.manual, c.bare = true, true
}

// The rules that many cases are about.
const (
	whyCase        = "the names of headers have no case (RFC 9110 §5.1)"
	whyUpgradeCase = "the value websocket is compared in any case (§4.2.1, 3)"
	whyConnection  = "Connection is a list that includes the token Upgrade, in any case (§4.2.1, 4)"
	whyUpgradeList = "Upgrade is a list (RFC 9110 §7.8), which must include websocket (§4.1, 5)"
	whyOWS         = "white space around a value is no part of it (RFC 9110 §5.5)"
	whyUnknown     = "unknown headers are ignored (§4.2.1, 10)"
)

// fieldRequests are about the headers that every handshake has.
var fieldRequests = []goodRequest{
	{id: "6455-4.2.1-plain", text: "as clients send it", why: "a request that keeps all rules of §4.2.1 is accepted as §4.2.2 says"},
	{
		id: "6455-4.2.1-names-lower", text: "with header names in lower case", why: whyCase,
		change: func(h *head) { h.recase(strings.ToLower) },
	},
	{
		id: "6455-4.2.1-names-upper", text: "with header names in upper case", why: whyCase,
		change: func(h *head) { h.recase(strings.ToUpper) },
	},
	{
		id: "6455-4.2.1-names-mixed", text: "with header names in mixed case", why: whyCase,
		change: func(h *head) { h.recase(mixedCase) },
	},
	{
		id: "6455-4.2.1-order", text: "with its headers in the reverse order", why: "the order of the headers is not important (§4.2.1)",
		change: func(h *head) { slices.Reverse(h.fields) },
	},
	{id: "6455-4.2.1-upgrade-capital", text: "with Upgrade: WebSocket", why: whyUpgradeCase, change: with("Upgrade", "WebSocket")},
	{id: "6455-4.2.1-upgrade-upper", text: "with Upgrade: WEBSOCKET", why: whyUpgradeCase, change: with("Upgrade", "WEBSOCKET")},
	{id: "6455-4.1-upgrade-list-first", text: "with Upgrade: websocket, foo", why: whyUpgradeList, change: with("Upgrade", "websocket, foo"), refused: NonStrict},
	{id: "6455-4.1-upgrade-list-last", text: "with Upgrade: foo/1.0, websocket", why: whyUpgradeList, change: with("Upgrade", "foo/1.0, websocket"), refused: NonStrict},
	{id: "6455-4.1-upgrade-lines", text: "with two Upgrade lines", why: whyUpgradeList, change: adding("Upgrade", "foo"), refused: NonStrict},
	{id: "6455-4.2.1-connection-lower", text: "with Connection: upgrade", why: whyConnection, change: with("Connection", "upgrade")},
	{id: "6455-4.2.1-connection-upper", text: "with Connection: UPGRADE", why: whyConnection, change: with("Connection", "UPGRADE")},
	{id: "6455-4.2.1-connection-list-last", text: "with Connection: keep-alive, Upgrade", why: whyConnection, change: with("Connection", "keep-alive, Upgrade")},
	{id: "6455-4.2.1-connection-list-first", text: "with Connection: Upgrade, keep-alive", why: whyConnection, change: with("Connection", "Upgrade, keep-alive")},
	{id: "6455-4.2.1-connection-list-tight", text: "with Connection: keep-alive,Upgrade", why: whyConnection, change: with("Connection", "keep-alive,Upgrade")},
	{id: "6455-4.2.1-connection-list-wide", text: "with tabs and spaces around the comma of Connection", why: whyConnection, change: with("Connection", "keep-alive\t ,\t Upgrade")},
	{id: "6455-4.2.1-connection-list-three", text: "with Connection: keep-alive, uPgRaDe, x-other", why: whyConnection, change: with("Connection", "keep-alive, uPgRaDe, x-other")},
	{
		id: "6455-4.2.1-connection-lines", text: "with Connection: keep-alive and, on a line of its own, Connection: Upgrade", why: whyConnection,
		change: func(h *head) { h.set("Connection", "keep-alive"); h.add("Connection", "Upgrade") },
	},
	{
		id: "6455-4.2.1-connection-empty-element", text: "with Connection: , Upgrade", change: with("Connection", ", Upgrade"),
		why: "empty elements of a list are passed over (RFC 9110 §5.6.1.2)",
	},
	{id: "9112-5.1-space-none", text: "without white space behind the colons", why: "white space behind the colon is optional (RFC 9112 §5.1)", change: func(h *head) { h.edit = withoutSpaces }},
	{id: "9112-5.1-space-much", text: "with spaces and tabs around all values", why: whyOWS, change: surroundSpace},
	{id: "6455-4.2.1-unknown", text: "with headers that nobody knows", why: whyUnknown, change: func(h *head) {
		h.add("X-Unknown", "one")
		h.add("Sec-WebSocket-Unknown", "two")
		h.add("x_under.score!#$%&'*+-^`|~", "every character of a token")
	}},
	{id: "9110-5.5-value-empty", text: "with a header without a value", why: "a value may be empty (RFC 9110 §5.5)", change: adding("X-Empty", "")},
	{
		id: "9110-5.5-value-text", text: "with quotes, colons and bytes above 127 in the value of an unknown header", change: adding("X-Text", "\"a: b\", \\ caf\xc3\xa9 \xff"),
		why: "a value is any visible text, and obsolete text is opaque data (RFC 9110 §5.5)",
	},
	{id: "6455-4.2.1-cookies", text: "with cookies, Authorization, and what browsers add", why: "other headers are optional (§4.2.1, 10)", change: func(h *head) {
		h.add("Cookie", "a=b; c=d")
		h.add("Pragma", "no-cache")
		h.add("Cache-Control", "no-cache")
		h.add("Accept-Encoding", "gzip, deflate, br")
		h.add("Accept-Language", "en-GB,en;q=0.9")
		h.add("Sec-Fetch-Mode", "websocket")
	}},
	{
		id: "9110-5.4-fields-50", text: "with 50 more headers", refused: Informational,
		why: "nothing limits the number of headers, but a server may refuse more than it wishes to process with a 4xx status (RFC 9110 §5.4)",
		change: func(h *head) {
			for i := range 50 {
				h.add(fmt.Sprintf("X-Header-%d", i), "value")
			}
		},
	},
	{
		id: "9110-5.4-field-4k", text: "with a header of 4 KiB", refused: Informational, change: adding("Cookie", "c="+strings.Repeat("x", 4<<10)),
		why: "nothing limits the length of a header, but a server may refuse more than it wishes to process with a 4xx status (RFC 9110 §5.4)",
	},
}

func mixedCase(s string) string {
	b := []byte(strings.ToLower(s))
	for i := 0; i < len(b); i += 2 {
		b[i] = strings.ToUpper(string(b[i]))[0]
	}
	return string(b)
}

// keyRequests are about the key and the Sec-WebSocket-Accept that is made of it.
func keyRequests() []goodRequest {
	const why = "Sec-WebSocket-Accept is the SHA-1 of the key, as it was sent, and the GUID, in base64 (§4.2.2, 5.4)"
	keys := []struct{ id, text, key string }{
		{"sample", "with the key of the RFC's example", "dGhlIHNhbXBsZSBub25jZQ=="},
		{"zeros", "with a key of 16 zeros", base64.StdEncoding.EncodeToString(make([]byte, 16))},
		{"ones", "with a key of slashes", base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{0xFF}, 16))},
		{"plus", "with a key of plus signs", base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{0xFB, 0xEF, 0xBE}, 6)[:16])},
		{"nul", "with a key whose bytes are text with a NUL", base64.StdEncoding.EncodeToString([]byte("half\x00and the rest")[:16])},
	}
	var requests []goodRequest
	for _, k := range keys {
		requests = append(requests, goodRequest{
			id: "6455-4.2.2-accept-" + k.id, text: k.text, why: why, change: with("Sec-WebSocket-Key", k.key),
		})
	}
	return append(requests, goodRequest{
		id: "6455-4.2.2-accept-space", text: "with white space around the key", why: why + "; " + whyOWS,
		change: with("Sec-WebSocket-Key", "\t dGhlIHNhbXBsZSBub25jZQ== \t"),
	}, goodRequest{
		id: "6455-4.2.1-version-space", text: "with white space around the version", why: whyOWS, change: with("Sec-WebSocket-Version", "  13\t"),
	})
}

// The rules of the lists of a request.
const (
	whyProtocol   = "a server agrees on one of the subprotocols that were offered, or sends no Sec-WebSocket-Protocol (§4.2.2)"
	whyExtensions = "a server agrees on extensions that were offered and that it knows, and declines the others by silence (§9.1)"
	whySplit      = "the header may be split over several lines, which are one list (§11.3.2, §11.3.4)"
)

// listRequests are about subprotocols and extensions.
var listRequests = []goodRequest{
	{id: "6455-4.2.2-protocol-unknown", text: "that offers an unknown subprotocol", why: whyProtocol, change: with("Sec-WebSocket-Protocol", "wskit-unknown"), refused: Informational},
	{id: "6455-4.2.2-protocol-list", text: "that offers three unknown subprotocols", why: whyProtocol, change: with("Sec-WebSocket-Protocol", "wskit-a, wskit-b,wskit-c"), refused: Informational},
	{id: "6455-11.3.4-protocol-lines", text: "that offers subprotocols on two lines", why: whyProtocol + "; " + whySplit, refused: Informational, change: func(h *head) {
		h.set("Sec-WebSocket-Protocol", "wskit-a")
		h.add("Sec-WebSocket-Protocol", "wskit-b, wskit-c")
	}},
	{id: "6455-4.1-protocol-case", text: "that offers subprotocols that differ in case", why: "subprotocols are compared byte by byte, so these are unique (§4.1, 10)", refused: Informational, change: with("Sec-WebSocket-Protocol", "wskit-a, WSKIT-A")},
	{
		id: "6455-4.1-protocol-characters", text: "that offers a subprotocol of all characters of a token", why: "a subprotocol is a token (§4.1, 10; §4.3)",
		refused: Informational, change: with("Sec-WebSocket-Protocol", "az09!#$%&'*+-.^_`|~"),
	},
	{
		id: "9110-5.6.1-protocol-empty-element", text: "that offers subprotocols with an empty element between", refused: Pass, change: with("Sec-WebSocket-Protocol", "wskit-a, , wskit-b"),
		why: "an element of Sec-WebSocket-Protocol must not be empty (§4.1, 10), and a recipient of a list passes over empty ones (RFC 9110 §5.6.1.2): both refusing and accepting are right",
	},
	{id: "6455-9.1-extension-unknown", text: "that offers an unknown extension", why: whyExtensions, change: with("Sec-WebSocket-Extensions", "x-wskit-unknown")},
	{id: "6455-9.1-extension-params", text: "that offers an unknown extension with parameters", why: whyExtensions, change: with("Sec-WebSocket-Extensions", `x-wskit; a; b=1; c="quoted"`)},
	{id: "6455-9.1-extension-list", text: "that offers three unknown extensions", why: whyExtensions, change: with("Sec-WebSocket-Extensions", "x-wskit-a, x-wskit-b; b=2 ,x-wskit-c")},
	{id: "6455-11.3.2-extension-lines", text: "that offers unknown extensions on two lines", why: whyExtensions + "; " + whySplit, change: func(h *head) {
		h.set("Sec-WebSocket-Extensions", "x-wskit-a; a=1")
		h.add("Sec-WebSocket-Extensions", "x-wskit-b")
	}},
	{id: "6455-9.1-extension-space", text: "that offers an extension with white space around ; and =", why: "white space may stand between tokens (RFC 2616 §2.1, which §9.1 uses)", refused: Informational, change: with("Sec-WebSocket-Extensions", "x-wskit ; a = 1 ; b")},
	{id: "6455-9.1-extension-escape", text: "that offers an extension with an escaped character in a quoted value", why: "a quoted value is a token once it is unescaped (§9.1)", change: with("Sec-WebSocket-Extensions", `x-wskit; a="\t\okens"`)},
	{id: "6455-9.1-extension-reserved-names", text: "that offers an extension of all characters of a token", why: whyExtensions, change: with("Sec-WebSocket-Extensions", "az09!#$%&'*+-.^_`|~")},
	{id: "6455-4.2.1-origin-none", text: "without Origin", why: "clients that are no browsers need not send Origin (§4.2.1, 7)", change: without("Origin")},
	{id: "6455-4.2.1-origin-null", text: "with Origin: null", why: "a server may refuse an origin that it does not accept (§4.2.2, 4; §10.2)", change: with("Origin", "null"), refused: Pass},
	{id: "6455-4.2.1-origin-foreign", text: "with the Origin of another site", why: "a server may refuse an origin that it does not accept (§4.2.2, 4; §10.2)", change: with("Origin", "https://origin.example"), refused: Pass},
}

// httpRequests are about the request line.
var httpRequests = []goodRequest{
	{
		id: "6455-4.2.1-query", text: "with a query", why: "the resource name may have a query (§3)", refused: Informational,
		change: func(h *head) { h.target(addQuery("wskit=1&a=b%20c&d")) },
	},
	{
		id: "9112-3-target-4k", text: "with a query of 4 KiB", refused: NonStrict,
		why:    "recipients should take request lines of at least 8,000 bytes (RFC 9112 §3)",
		change: func(h *head) { h.target(addQuery("wskit=" + strings.Repeat("a", 4<<10))) },
	},
	{
		id: "9112-2.3-http-1-2", text: "of HTTP/1.2", refused: NonStrict, change: func(h *head) { h.version("HTTP/1.2") },
		why: "a handshake is of HTTP/1.1 or higher (§4.2.1, 1), and a minor version that is higher should be taken for one's own (RFC 9110 §2.5)",
	},
	{
		id: "6455-4.2.1-content-length-0", text: "with Content-Length: 0", refused: Informational, change: adding("Content-Length", "0"),
		why: "a request without a body needs no Content-Length, but may say so",
	},
}

func addQuery(query string) func(string) string {
	return func(target string) string {
		if strings.Contains(target, "?") {
			return target + "&" + query
		}
		return target + "?" + query
	}
}

// piecesCases are about requests that arrive in pieces, together with more, or in
// another form.
func piecesCases() []*Case {
	const why = "TCP is a stream of bytes: where it is cut means nothing"
	g := group{name: groupAccepts}
	accept := func(id, title, why string, sent step) {
		g.opening(id, title, why, append([]step{sent, accepted()}, echoes()...)...)
	}
	fromEnd := func(back int) func([]byte) int { return func(b []byte) int { return len(b) - back } }
	accept("6455-4.2.1-pieces-1", "a request in pieces of a byte", why, askInPieces(1))
	accept("6455-4.2.1-pieces-7", "a request in pieces of 7 bytes", why, askInPieces(7))
	accept("6455-4.2.1-cut-method", "a request cut within its method", why,
		askCut("behind GE", func([]byte) int { return 2 }))
	accept("6455-4.2.1-cut-crlf", "a request cut between the CR and the LF of its first line", why,
		askCut("behind the first CR", func(b []byte) int { return bytes.IndexByte(b, '\r') + 1 }))
	accept("6455-4.2.1-cut-blank-line", "a request cut before its blank line", why, askCut("before the blank line", fromEnd(2)))
	accept("6455-4.2.1-cut-last-byte", "a request cut before its last byte", why, askCut("before the last LF", fromEnd(1)))
	accept("9112-3.2.2-absolute-form", "a request whose target is an absolute URI",
		"a server must accept the absolute form of a target (RFC 9112 §3.2.2; RFC 6455 §4.2.1, 1)",
		custom("send the request with an absolute URI for its target", func(s *session) error {
			s.write(s.asking(func(h *head) { h.target(func(target string) string { return s.origin(h) + target }) }))
			return nil
		}))
	g.opening("6455-4.2.1-origin-same", "a request with the Origin of the server itself",
		"a server may refuse an origin that it does not accept (§10.2), but this is its own",
		custom("send the request with the server's own Origin", func(s *session) error {
			s.write(s.asking(func(h *head) { h.set("Origin", s.origin(h)) }))
			return nil
		}), mayRefuse(Informational))
	g.opening("6455-4.1-early-frame", "a frame right behind the request",
		"a client must wait for the response before it sends more (§4.1); what a server does with one that did not is not said",
		askAnd(textFrame("early")), custom("the server may echo it, pass it over, or refuse", earlyFrame))
	return g.cases
}

// origin is that of the server that h goes to.
func (s *session) origin(h *head) string {
	host, _ := h.get("Host")
	if strings.HasPrefix(s.rec.url, "wss:") {
		return "https://" + host
	}
	return "http://" + host
}

// earlyFrame judges what became of a frame that was sent too early.
func earlyFrame(s *session) error {
	h, err := s.readHead()
	switch {
	case errors.Is(err, errSilent), errors.Is(err, errNotHTTP):
		return s.finding("the response", err)
	case err != nil:
		return &finding{Informational, endText(err) + " without an answer"}
	}
	err = s.accepts(h)
	if no, ok := errors.AsType[*refused](err); ok && !crowded(no.status) {
		return &finding{Informational, no.Error()}
	}
	if err != nil {
		return err
	}
	s.send(pingFrame("and now?"))
	limit := s.timeout
	for range 2 { // the pong may overtake the echo
		m, err := s.next(limit)
		if isRuling(err) {
			return s.finding("the echo", err)
		}
		if err == nil && m.equal(textMessage("early")) {
			s.remark = "it echoed the early frame"
			return nil
		}
		limit = min(patience, s.timeout)
	}
	return &finding{Informational, "it accepted the handshake, and not the early frame"}
}
