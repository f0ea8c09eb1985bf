package conform

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"

	"wskit/codec"
)

// A wrongAnswer is a response on which a client is to give up.
type wrongAnswer struct {
	id     string
	text   string // "without Upgrade"
	why    string
	change func(*head)
	// accepted is the verdict on a client that accepts. If empty, Fail.
	accepted Verdict
}

func wrongAnswerCases(answers []wrongAnswer) []*Case {
	g := group{name: groupGivesUp}
	for _, a := range answers {
		verdict := a.accepted
		if verdict == "" {
			verdict = Fail
		}
		g.client(a.id, "a response "+a.text, a.why, answer(a.text, a.change), givesUpOr(verdict)).manual = true
	}
	return g.cases
}

// The rules that many cases are about.
const (
	whyWrongUpgrade    = "a client must fail the connection if Upgrade is missing, or has a value that is not websocket (§4.1, 2)"
	whyWrongConnection = "a client must fail the connection if Connection is missing, or has no token that is Upgrade (§4.1, 3)"
	whyWrongAccept     = "a client must fail the connection if Sec-WebSocket-Accept is missing, or is not what is computed from its key (§4.1, 4)"
	whyTwoAccepts      = "Sec-WebSocket-Accept must not appear more than once in a response (§11.3.3), and any other value than the right one fails the connection (§4.1, 4)"
	whyHTTP10          = "HTTP/1.0 has no status 101 (RFC 9110 §15.2), and the handshake is of HTTP/1.1 (§4.1); what a client does with it is not said"
)

// wrongAnswers have something wrong in what every response has.
var wrongAnswers = []wrongAnswer{
	{id: "6455-4.1-response-upgrade-missing", text: "without Upgrade", why: whyWrongUpgrade, change: without("Upgrade")},
	{id: "6455-4.1-response-upgrade-empty", text: "with an empty Upgrade", why: whyWrongUpgrade, change: with("Upgrade", "")},
	{id: "6455-4.1-response-upgrade-other", text: "with Upgrade: h2c", why: whyWrongUpgrade, change: with("Upgrade", "h2c")},
	{id: "6455-4.1-response-upgrade-longer", text: "with Upgrade: websockets", why: whyWrongUpgrade, change: with("Upgrade", "websockets")},
	{id: "6455-4.1-response-upgrade-shorter", text: "with Upgrade: websocke", why: whyWrongUpgrade, change: with("Upgrade", "websocke")},
	{id: "6455-4.1-response-upgrade-list", text: "with Upgrade: websocket, h2c", why: whyWrongUpgrade, change: with("Upgrade", "websocket, h2c")},
	{id: "6455-4.1-response-upgrade-version", text: "with Upgrade: websocket/13", why: whyWrongUpgrade, change: with("Upgrade", "websocket/13")},
	{id: "6455-4.1-response-upgrade-lines", text: "with a second Upgrade line that says h2c", why: whyWrongUpgrade, change: adding("Upgrade", "h2c")},
	{id: "6455-4.1-response-connection-missing", text: "without Connection", why: whyWrongConnection, change: without("Connection")},
	{id: "6455-4.1-response-connection-empty", text: "with an empty Connection", why: whyWrongConnection, change: with("Connection", "")},
	{id: "6455-4.1-response-connection-keep-alive", text: "with Connection: keep-alive", why: whyWrongConnection, change: with("Connection", "keep-alive")},
	{id: "6455-4.1-response-connection-close", text: "with Connection: close", why: whyWrongConnection, change: with("Connection", "close")},
	{id: "6455-4.1-response-connection-longer", text: "with Connection: Upgraded", why: whyWrongConnection, change: with("Connection", "Upgraded")},
	{id: "6455-4.1-response-connection-part", text: "with Connection: no-upgrade", why: whyWrongConnection, change: with("Connection", "no-upgrade")},
	{id: "6455-4.1-response-connection-websocket", text: "with Connection: websocket", why: whyWrongConnection, change: with("Connection", "websocket")},
	{id: "6455-4.1-response-accept-missing", text: "without Sec-WebSocket-Accept", why: whyWrongAccept, change: without("Sec-WebSocket-Accept")},
	{id: "6455-4.1-response-accept-empty", text: "with an empty Sec-WebSocket-Accept", why: whyWrongAccept, change: with("Sec-WebSocket-Accept", "")},
	{id: "6455-4.1-response-empty", text: "without any header", why: whyWrongUpgrade, change: func(h *head) { h.fields = nil }},
	{id: "6455-11.3.3-response-accept-then-wrong", text: "with the right Sec-WebSocket-Accept and, behind it, a wrong one", why: whyTwoAccepts, accepted: NonStrict, change: adding("Sec-WebSocket-Accept", sampleAccept)},
	{id: "6455-11.3.3-response-accept-after-wrong", text: "with a wrong Sec-WebSocket-Accept and, behind it, the right one", why: whyTwoAccepts, accepted: NonStrict, change: func(h *head) {
		right, _ := h.get("Sec-WebSocket-Accept")
		h.set("Sec-WebSocket-Accept", sampleAccept)
		h.add("Sec-WebSocket-Accept", right)
	}},
	{id: "9110-15.2-response-http-1-0", text: "of HTTP/1.0", why: whyHTTP10, accepted: Informational, change: func(h *head) { h.start = "HTTP/1.0 101 Switching Protocols" }},
}

// sampleAccept is the value of the RFC's example (§1.3).
const sampleAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

// acceptValueCases are about wrong values of Sec-WebSocket-Accept.
func acceptValueCases() []*Case {
	sum := func(s string) string {
		h := sha1.Sum([]byte(s))
		return base64.StdEncoding.EncodeToString(h[:])
	}
	const guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
	values := []struct {
		id, text string
		of       func(key, right string) string
	}{
		{"sample", "of the RFC's example", func(_, _ string) string { return sampleAccept }},
		{"other-key", "of another key", func(key, _ string) string { return codec.AcceptKey(key[1:] + key[:1]) }},
		{"no-key", "of no key", func(_, _ string) string { return codec.AcceptKey("") }},
		{"no-guid", "of the key without the GUID", func(key, _ string) string { return sum(key) }},
		{"guid-lower", "of the key and the GUID in lower case", func(key, _ string) string { return sum(key + strings.ToLower(guid)) }},
		{"guid-first", "of the GUID and the key", func(key, _ string) string { return sum(guid + key) }},
		{"decoded", "of the decoded key and the GUID", func(key, _ string) string {
			b, _ := base64.StdEncoding.DecodeString(key)
			return sum(string(b) + guid)
		}},
		{"key", "that is the key", func(key, _ string) string { return key }},
		{"hex", "in hexadecimal", func(_, right string) string {
			b, _ := base64.StdEncoding.DecodeString(right)
			return hex.EncodeToString(b)
		}},
		{"lower", "in lower case", func(_, right string) string { return swapped(right, strings.ToLower) }},
		{"upper", "in upper case", func(_, right string) string { return swapped(right, strings.ToUpper) }},
		{"unpadded", "without its padding", func(_, right string) string { return strings.TrimRight(right, "=") }},
		{"truncated", "cut short", func(_, right string) string { return right[:20] }},
		{"longer", "with a byte behind it", func(_, right string) string { return right + "x" }},
		{"list", "twice in a list", func(_, right string) string { return right + ", " + right }},
		{"quoted", "in quotes", func(_, right string) string { return `"` + right + `"` }},
		{"last-letter", "with another last letter", func(_, right string) string {
			last := byte('A')
			if right[26] == last {
				last = 'B'
			}
			return right[:26] + string(last) + right[27:]
		}},
	}
	g := group{name: groupGivesUp}
	for _, v := range values {
		text := "answer with a 101 with a Sec-WebSocket-Accept " + v.text
		g.client("6455-4.1-response-accept-"+v.id, "a response with a Sec-WebSocket-Accept "+v.text, whyWrongAccept, custom(text, func(s *session) error {
			s.write(s.answering(func(h *head) {
				right, _ := h.get("Sec-WebSocket-Accept")
				h.set("Sec-WebSocket-Accept", v.of(s.opening.asked.Key, right))
			}))
			return nil
		}), givesUp()).manual = true
	}
	return g.cases
}

// swapped returns what f makes of s, which must differ from s: a letter is changed
// where it does not.
func swapped(s string, f func(string) string) string {
	if t := f(s); t != s {
		return t
	}
	return "!" + s[1:]
}

// The rules of the lists of a response.
const (
	whyNotOffered        = "a client must fail the connection if the server agrees on an extension that was not offered (§4.1, 5)"
	whyProtocolUnasked   = "a client must fail the connection if the server agrees on a subprotocol that was not offered (§4.1, 6)"
	whyProtocolEmpty     = "an empty Sec-WebSocket-Protocol is not a legal value (§4.2.2), and a client must fail the connection on a response that does not conform to §4.2.2 (§4.1)"
	whyExtensionGrammar  = "who gets a Sec-WebSocket-Extensions that does not follow the grammar must fail the connection at once (§9.1)"
	unaskedProtocol      = "wskit-was-not-offered"
	unaskedProtocolOther = "wskit-was-not-offered-either"
)

// wrongLists agree on what nobody has offered.
var wrongLists = []wrongAnswer{
	{id: "6455-4.1-response-protocol-not-offered", text: "with a subprotocol that was not offered", why: whyProtocolUnasked, change: adding("Sec-WebSocket-Protocol", unaskedProtocol)},
	{id: "6455-4.1-response-protocols-not-offered", text: "with two subprotocols that were not offered", why: whyProtocolUnasked, change: adding("Sec-WebSocket-Protocol", unaskedProtocol+", "+unaskedProtocolOther)},
	{id: "6455-11.3.4-response-protocol-lines", text: "with subprotocols that were not offered on two lines", why: whyProtocolUnasked, change: func(h *head) {
		h.add("Sec-WebSocket-Protocol", unaskedProtocol)
		h.add("Sec-WebSocket-Protocol", unaskedProtocolOther)
	}},
	{id: "6455-4.2.2-response-protocol-empty", text: "with an empty Sec-WebSocket-Protocol", why: whyProtocolEmpty, change: adding("Sec-WebSocket-Protocol", "")},
	{id: "6455-4.1-response-extension-not-offered", text: "with an extension that was not offered", why: whyNotOffered, change: adding("Sec-WebSocket-Extensions", "x-wskit-unknown")},
	{id: "6455-4.1-response-extension-parameters", text: "with an extension that was not offered, and parameters", why: whyNotOffered, change: adding("Sec-WebSocket-Extensions", `x-wskit-unknown; a=1; b="2"`)},
	{id: "6455-4.1-response-extension-longer", text: "with an extension whose name begins like permessage-deflate", why: whyNotOffered, change: adding("Sec-WebSocket-Extensions", "permessage-deflate-wskit")},
	{id: "6455-9.1-response-extension-empty", text: "with an empty Sec-WebSocket-Extensions", why: whyExtensionGrammar + "; that none is named is all that is wrong here", accepted: NonStrict, change: adding("Sec-WebSocket-Extensions", "")},
	{id: "6455-9.1-response-extension-no-name", text: "with an extension without a name", why: whyExtensionGrammar, change: adding("Sec-WebSocket-Extensions", "; a=1")},
	{id: "6455-9.1-response-extension-quote-open", text: "with an extension whose quotes are never closed", why: whyExtensionGrammar, change: adding("Sec-WebSocket-Extensions", `x-wskit-unknown; a="1`)},
}

// notOfferedCases are about permessage-deflate when it was not offered.
func notOfferedCases() []*Case {
	g := group{name: groupGivesUp}
	for _, v := range []struct{ id, text, value string }{
		{"deflate", "permessage-deflate", "permessage-deflate"},
		{"deflate-parameters", "permessage-deflate with parameters", "permessage-deflate; server_no_context_takeover; client_no_context_takeover"},
	} {
		text := "answer with a 101 with " + v.text + ", unless the client has offered it"
		g.client("6455-4.1-response-extension-"+v.id, "a response with "+v.text+" that was not offered", whyNotOffered, custom(text, func(s *session) error {
			if s.offered() {
				s.write(s.answering(nil))
				finish().run(s)
				return &finding{Skipped, "the client offers " + codec.DeflateName}
			}
			s.write(s.answering(adding("Sec-WebSocket-Extensions", v.value)))
			return nil
		}), givesUp()).manual = true
	}
	return g.cases
}

// statusCases are about responses that do not switch protocols.
func statusCases() []*Case {
	const (
		why     = "a status that is not 101 is handled by the rules of HTTP (§4.1, 1), and establishes no connection"
		whyOK   = "only the status 101 switches protocols (§4.1, 1), whatever the headers say"
		whyMore = "; a client may follow a redirect, or authenticate, but need not"
	)
	g := group{name: groupGivesUp}
	plain := func(status int, why string, fields ...codec.Field) {
		h := head{start: fmt.Sprintf("HTTP/1.1 %d %s", status, http.StatusText(status)), fields: fields, end: "\r\n"}
		h.add("Connection", "close")
		if status != http.StatusNoContent {
			h.add("Content-Type", "text/plain")
			h.add("Content-Length", "6")
			h.end += "no ws\n"
		}
		g.client(fmt.Sprintf("6455-4.1-status-%d", status), fmt.Sprintf("a response with status %d", status), why,
			sendBytes("a response with status "+fmt.Sprint(status), h.bytes()), declined()).manual = true
	}
	for _, status := range []int{200, 204, 400, 403, 404, 405, 410, 426, 429, 500, 503, 505} {
		plain(status, why)
	}
	for _, status := range []int{301, 302, 303, 307, 308} {
		plain(status, why+whyMore, codec.Field{Name: "Location", Value: "/redirected"})
	}
	plain(401, why+whyMore, codec.Field{Name: "WWW-Authenticate", Value: `Basic realm="wskit"`})
	plain(407, why+whyMore, codec.Field{Name: "Proxy-Authenticate", Value: `Basic realm="wskit"`})
	for _, status := range []string{"200 OK", "100 Continue", "102 Processing", "111 Unknown", "201 Created", "301 Moved Permanently", "400 Bad Request", "404 Not Found"} {
		code := status[:3]
		g.client("6455-4.1-status-"+code+"-upgrade", "a response with status "+code+" and the headers of a 101", whyOK,
			custom("answer with status "+code+" and the headers of a 101", func(s *session) error {
				s.write(s.answering(func(h *head) {
					h.start = "HTTP/1.1 " + status
					if code[0] != '1' { // it must not take the connection for one that goes on
						h.set("Connection", "Upgrade, close")
						h.add("Content-Length", "0")
					}
				}))
				return nil
			}), declined()).manual = true
	}
	return g.cases
}

// brokenResponseCases are about responses that are none, or never end.
func brokenResponseCases() []*Case {
	const (
		whyNotHTTP = "what is no response of HTTP with status 101 establishes no connection (§4.1)"
		whyCut     = "a response without its blank line is not complete (RFC 9112 §8): it establishes no connection"
	)
	g := group{name: groupGivesUp}
	broken := func(id, title, why string, b string) {
		g.client(id, title, why, sendBytes(title+", and end", []byte(b)), declined()).manual = true
	}
	g.client("6455-4.1-broken-nothing", "no response at all", whyCut, endWriting(), stillborn()).manual = true
	broken("6455-4.1-broken-words", "words that are no HTTP", whyNotHTTP, "hello, this is no HTTP\r\n\r\n")
	broken("6455-4.1-broken-tls", "an alert of TLS", whyNotHTTP, "\x15\x03\x01\x00\x02\x02\x46")
	broken("6455-4.1-broken-ssh", "a greeting of SSH", whyNotHTTP, "SSH-2.0-OpenSSH_9.6\r\n")
	broken("6455-4.1-broken-start-line", "a start line and nothing more", whyCut, "HTTP/1.1 101 Switching Protocols\r\n")
	for _, start := range []struct{ id, text, line string }{
		{"protocol", "of another protocol", "ICY 101 Switching Protocols"},
		{"protocol-lower", "of http/1.1 in lower case", "http/1.1 101 Switching Protocols"},
		{"version", "of a version that is no number", "HTTP/one 101 Switching Protocols"},
		{"status-letters", "with the status 1O1", "HTTP/1.1 1O1 Switching Protocols"},
		{"status-long", "with the status 1010", "HTTP/1.1 1010 Switching Protocols"},
		{"status-short", "with the status 10", "HTTP/1.1 10 Switching Protocols"},
		{"status-none", "without a status", "HTTP/1.1 Switching Protocols"},
	} {
		g.client("9112-4-start-line-"+start.id, "a response "+start.text, "a status line has the version HTTP/1.1 and a status of three digits (RFC 9112 §2.3, §4); "+whyNotHTTP,
			answer(start.text, func(h *head) { h.start = start.line }), givesUpOr(NonStrict)).manual = true
	}
	for _, cut := range []struct {
		id, text string
		back     int
	}{
		{"last-byte", "without its last LF", 1},
		{"blank-line", "without its blank line", 2},
		{"last-header", "cut within its last header", 9},
	} {
		title := "a response " + cut.text + ", and the end of TCP"
		g.client("9112-8-cut-"+cut.id, title, whyCut, custom("answer with a 101 "+cut.text, func(s *session) error {
			b := s.answering(nil)
			s.write(b[:len(b)-cut.back])
			return nil
		}), endWriting(), stillborn()).manual = true
	}
	return g.cases
}
