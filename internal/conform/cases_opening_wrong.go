package conform

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"wskit/codec"
)

// A wrongRequest is a request that a server is to refuse.
type wrongRequest struct {
	id     string
	text   string // "without Upgrade"
	why    string
	change func(*head)
	// refusal is how.
	refusal refusal
}

func refusedCases(requests []wrongRequest) []*Case {
	g := group{name: groupRefuses}
	for _, r := range requests {
		g.opening(r.id, "a request "+r.text, r.why, ask(r.text, r.change), r.refusal.refuses())
	}
	return g.cases
}

// How a request is to be refused.
var (
	// notAsked is for requests that HTTP takes for ones without an upgrade.
	notAsked = refusal{plain: true}
	// badSyntax is for what RFC 9112 §2.2 says: a server should answer 400 to what
	// does not match the grammar.
	badSyntax = refusal{only: []int{400}, accepted: NonStrict}
	// mustBe400 is for what HTTP asks to be answered with 400, and nothing else.
	mustBe400 = refusal{only: []int{400}}
	// robust is for what a recipient may accept, or refuse.
	robust = refusal{accepted: Pass}
)

// The rules that many cases are about.
const (
	whyUpgrade     = "an Upgrade header with the value websocket makes it a handshake (§4.2.1, 3)"
	whyNeedToken   = "Connection must include the token Upgrade (§4.2.1, 4)"
	whyMethod      = "a handshake is a GET request (§4.2.1, 1)"
	whyHTTPVersion = "a handshake is of HTTP/1.1 or higher (§4.2.1, 1), and Upgrade means nothing in HTTP/1.0 (RFC 9110 §7.8)"
)

// brokenRequests lack what makes a request a handshake.
var brokenRequests = []wrongRequest{
	{id: "6455-4.2.1-method-post", text: "by POST", why: whyMethod, refusal: refusal{plain: true, also: []int{501}}, change: func(h *head) { h.method("POST"); h.add("Content-Length", "0") }},
	{id: "6455-4.2.1-method-put", text: "by PUT", why: whyMethod, refusal: refusal{plain: true, also: []int{501}}, change: func(h *head) { h.method("PUT"); h.add("Content-Length", "0") }},
	{id: "6455-4.2.1-method-head", text: "by HEAD", why: whyMethod, refusal: refusal{plain: true, also: []int{501}}, change: func(h *head) { h.method("HEAD") }},
	{id: "6455-4.2.1-method-options", text: "by OPTIONS", why: whyMethod, refusal: refusal{plain: true, also: []int{501}}, change: func(h *head) { h.method("OPTIONS") }},
	{id: "6455-4.2.1-method-delete", text: "by DELETE", why: whyMethod, refusal: refusal{plain: true, also: []int{501}}, change: func(h *head) { h.method("DELETE") }},
	{id: "6455-4.2.1-method-unknown", text: "by an unknown method", why: whyMethod, refusal: refusal{also: []int{501}}, change: func(h *head) { h.method("WSKIT") }},
	{id: "9110-9.1-method-lower", text: "by get in lower case", why: whyMethod + ", and methods have a case (RFC 9110 §9.1)", refusal: refusal{also: []int{501}}, change: func(h *head) { h.method("get") }},
	{
		id: "9110-15.5.6-methods-listed", text: "by PATCH, to be told which methods there are", why: "an answer with 405 must say in Allow which methods there are (RFC 9110 §15.5.6)",
		change:  func(h *head) { h.method("PATCH"); h.add("Content-Length", "0") },
		refusal: refusal{plain: true, also: []int{501}, needs: map[int]codec.Field{http.StatusMethodNotAllowed: {Name: "Allow", Value: "GET"}}},
	},
	{id: "6455-4.2.1-http-1-0", text: "of HTTP/1.0", why: whyHTTPVersion, refusal: refusal{plain: true, also: []int{505}}, change: func(h *head) { h.version("HTTP/1.0") }},
	{id: "6455-4.2.1-http-1-0-keep-alive", text: "of HTTP/1.0 that asks for keep-alive", why: whyHTTPVersion, refusal: refusal{plain: true, also: []int{505}}, change: func(h *head) {
		h.version("HTTP/1.0")
		h.set("Connection", "keep-alive, Upgrade")
	}},

	{id: "6455-4.2.1-upgrade-missing", text: "without Upgrade", why: whyUpgrade, refusal: notAsked, change: without("Upgrade")},
	{id: "6455-4.2.1-upgrade-empty", text: "with an empty Upgrade", why: whyUpgrade, refusal: notAsked, change: with("Upgrade", "")},
	{id: "6455-4.2.1-upgrade-other", text: "with Upgrade: h2c", why: whyUpgrade, refusal: notAsked, change: with("Upgrade", "h2c")},
	{id: "6455-4.2.1-upgrade-longer", text: "with Upgrade: websockets", why: whyUpgrade, refusal: notAsked, change: with("Upgrade", "websockets")},
	{id: "6455-4.2.1-upgrade-shorter", text: "with Upgrade: web", why: whyUpgrade, refusal: notAsked, change: with("Upgrade", "web")},
	{id: "6455-4.2.1-upgrade-prefixed", text: "with Upgrade: x-websocket", why: whyUpgrade, refusal: notAsked, change: with("Upgrade", "x-websocket")},
	{id: "6455-4.2.1-upgrade-words", text: "with Upgrade: web socket", why: whyUpgrade, refusal: notAsked, change: with("Upgrade", "web socket")},
	{id: "6455-4.2.1-upgrade-not-ascii", text: "with an Upgrade that is websocket only if letters outside ASCII are folded", why: "the value is compared in any case of ASCII (§2.1, §4.2.1)", refusal: notAsked, change: with("Upgrade", "web\u017focket")},
	{id: "6455-4.2.1-connection-missing", text: "without Connection", why: whyNeedToken, refusal: notAsked, change: without("Connection")},
	{id: "6455-4.2.1-connection-empty", text: "with an empty Connection", why: whyNeedToken, refusal: notAsked, change: with("Connection", "")},
	{id: "6455-4.2.1-connection-keep-alive", text: "with Connection: keep-alive", why: whyNeedToken, refusal: notAsked, change: with("Connection", "keep-alive")},
	{id: "6455-4.2.1-connection-close", text: "with Connection: close", why: whyNeedToken, refusal: notAsked, change: with("Connection", "close")},
	{id: "6455-4.2.1-connection-longer", text: "with Connection: Upgraded", why: whyNeedToken, refusal: notAsked, change: with("Connection", "Upgraded")},
	{id: "6455-4.2.1-connection-part", text: "with Connection: no-upgrade", why: whyNeedToken, refusal: notAsked, change: with("Connection", "no-upgrade")},
	{id: "6455-4.2.1-connection-websocket", text: "with Connection: websocket", why: whyNeedToken, refusal: notAsked, change: with("Connection", "websocket")},
	{id: "6455-4.2.1-plain-get", text: "that is no handshake at all", why: "a request without an upgrade is an ordinary one of HTTP", refusal: notAsked, change: func(h *head) {
		for _, name := range []string{"Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version"} {
			h.drop(name)
		}
	}},
}

// versionRequests are about Sec-WebSocket-Version.
func versionRequests() []wrongRequest {
	const (
		whyMissing   = "a handshake has a Sec-WebSocket-Version with the value 13 (§4.2.1, 6)"
		whyOther     = "to a version that it does not know a server answers with an error (§4.2.2, 4)"
		whyListed    = "to a version that it does not know a server answers with a Sec-WebSocket-Version that lists those that it knows (§4.2.2, 4; §4.4)"
		whyUpgrade   = "an answer with 426 must say in Upgrade what to upgrade to (RFC 9110 §15.5.22)"
		whyMalformed = "a version is a number from 0 to 255 without leading zeros (§4.3), and the only one is 13 (§4.2.1, 6)"
	)
	requests := []wrongRequest{
		{id: "6455-4.2.1-version-missing", text: "without a version", why: whyMissing, change: without("Sec-WebSocket-Version")},
		{id: "6455-4.2.1-version-empty", text: "with an empty version", why: whyMissing, change: with("Sec-WebSocket-Version", "")},
	}
	for _, v := range []string{"0", "1", "8", "12", "14", "25", "113", "130", "255"} {
		r := wrongRequest{
			id: "6455-4.4-version-" + v, text: "of version " + v, why: whyOther,
			change: with("Sec-WebSocket-Version", v),
		}
		if v == "8" {
			r.why += "; version 8 is that of the last drafts, and a server may know it, too (§4.4)"
			r.refusal.accepted = Informational
		}
		requests = append(requests, r)
	}
	for _, v := range []struct{ id, value string }{
		{"256", "256"},
		{"leading-zero", "013"},
		{"plus", "+13"},
		{"minus", "-13"},
		{"fraction", "13.0"},
		{"hexadecimal", "0xd"},
		{"overflow", "4294967309"}, // 13 in 32 bits
		{"word", "abc"},
		{"list", "13, 8"},
		{"list-of-same", "13, 13"},
		{"list-second", "8, 13"},
	} {
		requests = append(requests, wrongRequest{
			id: "6455-4.3-version-" + v.id, text: "with Sec-WebSocket-Version: " + v.value, why: whyMalformed,
			change: with("Sec-WebSocket-Version", v.value),
		})
	}
	return append(requests, wrongRequest{
		id: "6455-4.4-versions-listed", text: "of version 99, to be told which there are", why: whyListed,
		change:  with("Sec-WebSocket-Version", "99"),
		refusal: refusal{needs: map[int]codec.Field{0: {Name: "Sec-WebSocket-Version", Value: "13"}}},
	}, wrongRequest{
		id: "9110-15.5.22-upgrade-named", text: "of version 98, to be told what to upgrade to", why: whyUpgrade,
		change:  with("Sec-WebSocket-Version", "98"),
		refusal: refusal{needs: map[int]codec.Field{http.StatusUpgradeRequired: {Name: "Upgrade", Value: "websocket"}}},
	}, wrongRequest{
		id: "6455-11.3.5-version-twice", text: "with version 13 on two lines", why: "Sec-WebSocket-Version must not appear more than once in a request (§11.3.5)",
		change: adding("Sec-WebSocket-Version", "13"), refusal: refusal{accepted: NonStrict},
	}, wrongRequest{
		id: "6455-11.3.5-version-two", text: "with the versions 13 and 8 on two lines", why: "Sec-WebSocket-Version must not appear more than once in a request (§11.3.5)",
		change: adding("Sec-WebSocket-Version", "8"), refusal: refusal{accepted: NonStrict},
	})
}

// The rules of the key. That a server "need not decode" the key leaves it to servers
// how closely they look.
const (
	whyKey       = "a handshake has a Sec-WebSocket-Key that is not empty (§4.2.1, 5; §4.3)"
	whyKeyDecode = "a key is 16 bytes in base64 (§4.2.1, 5); a server that does not look need not decode it (§4.2.2, 4)"
)

// keyRefusals are about Sec-WebSocket-Key.
var keyRefusals = []wrongRequest{
	{id: "6455-4.2.1-key-missing", text: "without a key", why: whyKey, change: without("Sec-WebSocket-Key")},
	{id: "6455-4.2.1-key-empty", text: "with an empty key", why: whyKey, change: with("Sec-WebSocket-Key", "")},
	{id: "6455-4.2.1-key-15", text: "with a key of 15 bytes", why: whyKeyDecode, change: with("Sec-WebSocket-Key", keyOf(15)), refusal: refusal{accepted: NonStrict}},
	{id: "6455-4.2.1-key-17", text: "with a key of 17 bytes", why: whyKeyDecode, change: with("Sec-WebSocket-Key", keyOf(17)), refusal: refusal{accepted: NonStrict}},
	{id: "6455-4.2.1-key-18", text: "with a key of 18 bytes, as long in base64 as one of 16", why: whyKeyDecode, change: with("Sec-WebSocket-Key", keyOf(18)), refusal: refusal{accepted: NonStrict}},
	{id: "6455-4.2.1-key-1", text: "with a key of a byte", why: whyKeyDecode, change: with("Sec-WebSocket-Key", keyOf(1)), refusal: refusal{accepted: NonStrict}},
	{id: "6455-4.2.1-key-1k", text: "with a key of 1,024 bytes", why: whyKeyDecode, change: with("Sec-WebSocket-Key", keyOf(1024)), refusal: refusal{accepted: NonStrict}},
	{id: "6455-4.2.1-key-not-base64", text: "with a key of characters that are not base64", why: whyKeyDecode, change: with("Sec-WebSocket-Key", "!!!!this-is-no-base64!!=="), refusal: refusal{accepted: NonStrict}},
	{id: "6455-4.2.1-key-url-alphabet", text: "with a key in the alphabet of URLs", why: whyKeyDecode, change: with("Sec-WebSocket-Key", "_-hlIHNhbXBsZSBub25jZQ=="), refusal: refusal{accepted: NonStrict}},
	{id: "6455-4.2.1-key-unpadded", text: "with a key without its padding", why: whyKeyDecode, change: with("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ"), refusal: refusal{accepted: NonStrict}},
	{id: "6455-4.2.1-key-space", text: "with a key that has a space in it", why: whyKeyDecode, change: with("Sec-WebSocket-Key", "dGhlIHNhbXBs ZSBub25jZQ=="), refusal: refusal{accepted: NonStrict}},
	{id: "6455-11.3.1-key-twice", text: "with its key on two lines", why: "Sec-WebSocket-Key must not appear more than once in a request (§11.3.1)", refusal: refusal{accepted: NonStrict}, change: func(h *head) {
		key, _ := h.get("Sec-WebSocket-Key")
		h.add("Sec-WebSocket-Key", key)
	}},
	{id: "6455-11.3.1-key-two", text: "with two different keys", why: "Sec-WebSocket-Key must not appear more than once in a request (§11.3.1)", refusal: refusal{accepted: NonStrict}, change: adding("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")},
}

// keyOf returns a key of n bytes.
func keyOf(n int) string { return base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("k"), n)) }

// The rules of the lists of a request. That a server "finds" what is wrong (§4.2.1) needs
// one that looks: to accept is not strict, and to agree on something is a fail.
const (
	whyProtocolList  = "Sec-WebSocket-Protocol is a list of one or more tokens (§4.3), and a violation of the grammar is refused (§4.2.1); a server without subprotocols may not look"
	whyExtensionList = "who gets a Sec-WebSocket-Extensions that does not follow the grammar must fail the connection at once (§9.1); a server without extensions may not look"
)

// How such a list is to be refused.
var (
	badProtocols  = refusal{accepted: NonStrict, agreeing: "Sec-WebSocket-Protocol"}
	badExtensions = refusal{accepted: NonStrict, agreeing: "Sec-WebSocket-Extensions"}
)

// protocolRefusals are about subprotocols.
func protocolRefusals() []wrongRequest {
	var requests []wrongRequest
	for _, p := range []struct{ id, text, value string }{
		{"empty", "with an empty Sec-WebSocket-Protocol", ""},
		{"commas", "with a Sec-WebSocket-Protocol of commas", ", ,"},
		{"slash", "that offers a subprotocol with a slash", "wskit, wskit/1"},
		{"space", "that offers a subprotocol with a space", "wskit, wskit one"},
		{"quoted", "that offers a subprotocol in quotes", `wskit, "quoted"`},
		{"not-ascii", "that offers a subprotocol with letters outside ASCII", "wskit, wskit-\u00e9"},
	} {
		requests = append(requests, wrongRequest{
			id: "6455-4.3-protocol-" + p.id, text: p.text, why: whyProtocolList,
			change: with("Sec-WebSocket-Protocol", p.value), refusal: badProtocols,
		})
	}
	return append(requests, wrongRequest{
		id: "6455-4.1-protocol-twice", text: "that offers a subprotocol twice", why: "the subprotocols must all be unique (§4.1, 10)",
		change: with("Sec-WebSocket-Protocol", "wskit-a, wskit-b, wskit-a"), refusal: refusal{accepted: NonStrict},
	})
}

// extensionRefusals are about extensions. They offer permessage-deflate, too, for a server
// that has extensions to show that it does not mind.
func extensionRefusals() []wrongRequest {
	var requests []wrongRequest
	for _, e := range []struct{ id, text, value string }{
		{"no-name", "that offers an extension without a name", "permessage-deflate, ; a=1"},
		{"no-parameter", "that offers an extension with an empty parameter", "permessage-deflate, x-wskit; ; a"},
		{"parameter-no-name", "that offers permessage-deflate with a parameter that has no name", "permessage-deflate; =1"},
		{"parameter-no-value", "that offers an extension with a parameter that has = and no value", "permessage-deflate, x-wskit; a="},
		{"quote-open", "that offers an extension with quotes that are never closed", `permessage-deflate, x-wskit; a="1`},
		{"quote-no-token", "that offers an extension with quotes around what is no token", `permessage-deflate, x-wskit; a="1, 2"`},
		{"quote-empty", "that offers an extension with empty quotes", `permessage-deflate, x-wskit; a=""`},
		{"no-token", "that offers an extension whose name is no token", "permessage-deflate, x/wskit"},
		{"words", "that offers two extensions without a comma between", "permessage-deflate x-wskit"},
	} {
		requests = append(requests, wrongRequest{
			id: "6455-9.1-extension-" + e.id, text: e.text, why: whyExtensionList,
			change: with("Sec-WebSocket-Extensions", e.value), refusal: badExtensions,
		})
	}
	return append(requests, wrongRequest{
		id: "6455-9.1-extension-empty", text: "with an empty Sec-WebSocket-Extensions", why: whyExtensionList,
		change: with("Sec-WebSocket-Extensions", ""), refusal: badExtensions,
	}, wrongRequest{
		id: "6455-9.1-extension-second-line", text: "that offers a malformed extension on a second line", why: whyExtensionList + "; the lines are one list",
		change: func(h *head) {
			h.set("Sec-WebSocket-Extensions", "permessage-deflate")
			h.add("Sec-WebSocket-Extensions", "x-wskit; =")
		},
		refusal: badExtensions,
	})
}

// hostRequests are about Host.
var hostRequests = []wrongRequest{
	{id: "9112-3.2-host-missing", text: "without Host", why: "a server must answer 400 to a request without Host (RFC 9112 §3.2)", refusal: mustBe400, change: without("Host")},
	{id: "9112-3.2-host-twice", text: "with two Host lines", why: "a server must answer 400 to a request with more than one Host (RFC 9112 §3.2)", refusal: mustBe400, change: func(h *head) {
		host, _ := h.get("Host")
		h.add("Host", host)
	}},
	{id: "9112-3.2-host-other", text: "with a second Host that differs", why: "a server must answer 400 to a request with more than one Host (RFC 9112 §3.2)", refusal: mustBe400, change: adding("Host", "other.example")},
	{id: "9112-3.2-host-invalid", text: "with a Host that has a space in it", why: "a server must answer 400 to a request whose Host is invalid (RFC 9112 §3.2)", refusal: mustBe400, change: with("Host", "a b")},
	{id: "9112-3.2-host-path", text: "with a Host that has a path", why: "a server must answer 400 to a request whose Host is invalid (RFC 9112 §3.2)", refusal: mustBe400, change: with("Host", "host.example/path")},
}

// The rules of the syntax of HTTP.
const (
	whyGrammar = "a server should answer 400 to what does not follow the grammar of HTTP (RFC 9112 §2.2)"
	whyControl = "a recipient must refuse a CR, LF or NUL within a value, or take it for a space (RFC 9110 §5.5)"
	whyBareLF  = "a recipient may take a single LF for the end of a line (RFC 9112 §2.2), so both refusing and accepting are right"
	whyFold    = "a server must answer 400 to a folded line, or take the fold for a space (RFC 9112 §5.2)"
)

// syntaxRequests are about the syntax of header lines.
var syntaxRequests = []wrongRequest{
	{id: "9112-5.1-space-before-colon", text: "with a space before the colon of an unknown header", why: "a server must answer 400 to white space between a name and its colon (RFC 9112 §5.1)", refusal: mustBe400, change: line("X-Space : 1")},
	{id: "9112-5.1-tab-before-colon", text: "with a tab before the colon of an unknown header", why: "a server must answer 400 to white space between a name and its colon (RFC 9112 §5.1)", refusal: mustBe400, change: line("X-Tab\t: 1")},
	{id: "9112-5.1-space-before-colon-key", text: "with a space before the colon of Sec-WebSocket-Key", why: "a server must answer 400 to white space between a name and its colon (RFC 9112 §5.1)", refusal: mustBe400, change: func(h *head) {
		h.relay("Sec-WebSocket-Key", func(value string) string { return "Sec-WebSocket-Key : " + value })
	}},
	{id: "9112-5-no-colon", text: "with a header line without a colon", why: whyGrammar, refusal: badSyntax, change: line("X-No-Colon")},
	{id: "9110-5.1-name-empty", text: "with a header without a name", why: whyGrammar, refusal: badSyntax, change: line(": nameless")},
	{id: "9110-5.1-name-space", text: "with a space in the name of a header", why: whyGrammar, refusal: badSyntax, change: line("X Space: 1")},
	{id: "9110-5.1-name-characters", text: "with a name that is no token", why: whyGrammar, refusal: badSyntax, change: line("X-(Comment): 1")},
	{id: "9110-5.1-name-nul", text: "with a NUL in the name of a header", why: whyGrammar, refusal: badSyntax, change: line("X-N\x00L: 1")},
	{id: "9110-5.1-name-not-ascii", text: "with a name with letters outside ASCII", why: whyGrammar, refusal: badSyntax, change: line("X-Caf\u00e9: 1")},
	{id: "9110-5.5-value-nul", text: "with a NUL in the value of an unknown header", why: whyControl, refusal: robust, change: line("X-Value: a\x00b")},
	{id: "9110-5.5-value-cr", text: "with a CR in the value of an unknown header", why: whyControl + "; a CR alone ends no line (RFC 9112 §2.2)", refusal: robust, change: line("X-Value: a\rb")},
	{id: "9110-5.5-value-control", text: "with a control character in the value of an unknown header", why: "control characters are invalid in values, but a recipient may keep them where that is safe (RFC 9110 §5.5)", refusal: robust, change: line("X-Value: a\x07b")},
	{id: "9112-2.2-bare-cr-upgrade", text: "whose Upgrade hides behind a CR in another value", why: "a CR alone ends no line: it is refused, or taken for a space (RFC 9112 §2.2)", refusal: notAsked, change: func(h *head) {
		h.drop("Upgrade")
		h.line("X-Value: a\rUpgrade: websocket")
	}},
	{id: "9112-2.2-bare-lf", text: "whose lines end in LF alone", why: whyBareLF + "; and so is to wait for a CR LF", refusal: refusal{accepted: Pass, silent: true}, change: func(h *head) { h.edit = bareLF }},
	{id: "9112-2.2-bare-lf-line", text: "with one line that ends in LF alone", why: whyBareLF, refusal: robust, change: line("X-First: 1\nX-Second: 2")},
	{id: "9112-5.2-fold", text: "with a folded unknown header", why: whyFold, refusal: robust, change: line("X-Folded: one\r\n two")},
	{id: "9112-5.2-fold-connection", text: "with a folded Connection", why: whyFold, refusal: robust, change: func(h *head) {
		h.drop("Connection")
		h.line("Connection: keep-alive,\r\n\tUpgrade")
	}},
	{id: "9112-2.2-fold-first", text: "with a line that begins with white space before its first header", why: "a server must refuse white space between the start line and the first header, or pass that line over (RFC 9112 §2.2)", refusal: robust, change: func(h *head) {
		h.start += "\r\n X-Folded: 1"
	}},
}

// startLineRequests are about the syntax of the request line.
var startLineRequests = []wrongRequest{
	{id: "9112-3-two-spaces", text: "with two spaces behind the method", why: "a recipient may part a request line at any white space (RFC 9112 §3), so both refusing and accepting are right", refusal: robust, change: func(h *head) { h.method("GET ") }},
	{id: "9112-3-no-version", text: "without a version of HTTP", why: whyHTTPVersion, refusal: refusal{headless: true}, change: func(h *head) { h.start = strings.TrimSuffix(h.start, " HTTP/1.1") }},
	{id: "9112-2.3-version-lower", text: "of http/1.1 in lower case", why: "the name of the protocol has a case (RFC 9112 §2.3); " + whyGrammar, refusal: refusal{also: []int{505}, accepted: NonStrict}, change: func(h *head) { h.version("http/1.1") }},
	{id: "9112-2.3-version-word", text: "of HTTP/one.one", why: whyHTTPVersion + "; " + whyGrammar, refusal: refusal{also: []int{505}, accepted: NonStrict}, change: func(h *head) { h.version("HTTP/one.one") }},
	{id: "9112-3.2-target-relative", text: "whose target does not begin with a slash", why: whyGrammar, refusal: refusal{accepted: NonStrict}, change: func(h *head) { h.target(func(string) string { return "chat" }) }},
	{id: "9112-3.2.4-target-asterisk", text: "whose target is an asterisk", why: "the asterisk is for OPTIONS alone (RFC 9112 §3.2.4); " + whyGrammar, refusal: refusal{accepted: NonStrict}, change: func(h *head) { h.target(func(string) string { return "*" }) }},
	{id: "9112-3.2-target-space", text: "with a space in its target", why: "white space in a target is not to be corrected: it is answered with an error (RFC 9112 §3.2)", refusal: refusal{also: []int{301}, accepted: NonStrict}, change: func(h *head) { h.target(func(target string) string { return target + "?a b" }) }},
	{id: "6455-3-target-fragment", text: "with a fragment", why: "fragments must not be used (§3), and no target has one (RFC 9112 §3.2); " + whyGrammar, refusal: refusal{accepted: NonStrict}, change: func(h *head) { h.target(func(target string) string { return target + "#fragment" }) }},
	{id: "9112-3.2-target-control", text: "with a control character in its target", why: whyGrammar, refusal: refusal{accepted: NonStrict}, change: func(h *head) { h.target(func(target string) string { return target + "?\x01" }) }},
	{
		id: "9112-3-target-100k", text: "with a query of 100 KiB", why: "a server answers 414 to a target that is longer than it wishes to parse (RFC 9112 §3)",
		change:  func(h *head) { h.target(addQuery("wskit=" + strings.Repeat("a", 100<<10))) },
		refusal: refusal{also: []int{414, 431}, accepted: Pass},
	},
	{
		id: "9110-5.4-field-200k", text: "with a header of 200 KiB", why: "a server answers with a 4xx status to more than it wishes to process (RFC 9110 §5.4)",
		change:  adding("X-Long", strings.Repeat("x", 200<<10)),
		refusal: refusal{accepted: Pass},
	},
	{
		id: "9110-5.4-fields-2000", text: "with 2,000 more headers", why: "a server answers with a 4xx status to more than it wishes to process (RFC 9110 §5.4)",
		change: func(h *head) {
			for i := range 2000 {
				h.add(fmt.Sprintf("X-Header-%d", i), "value")
			}
		},
		refusal: refusal{accepted: Pass},
	},
}

// bodyCases are about requests with a body.
func bodyCases() []*Case {
	const why = "nothing forbids a body, but it is part of the request, not of what follows it (RFC 9112 §6.3): a server refuses it, or passes over it"
	g := group{name: groupRefuses}
	body := func(id, text string, change func(*head)) {
		g.opening(id, "a request "+text, why,
			ask(text, change), custom("the server should refuse, or pass over the body and echo a message", bodyPassed))
	}
	body("9112-6.3-body-length", "with a body of 5 bytes", func(h *head) { h.add("Content-Length", "5"); h.end += "hello" })
	body("9112-6.3-body-chunked", "with a chunked body", func(h *head) { h.add("Transfer-Encoding", "chunked"); h.end += "5\r\nhello\r\n0\r\n\r\n" })
	body("9112-6.3-body-frame", "with a body that looks like a frame", func(h *head) {
		f := string(textFrame("from the body").append(nil, codec.RoleClient))
		h.add("Content-Length", fmt.Sprint(len(f)))
		h.end += f
	})
	return g.cases
}

// bodyPassed judges what became of a request with a body.
func bodyPassed(s *session) error {
	h, err := s.readHead()
	switch {
	case errors.Is(err, errSilent), errors.Is(err, errNotHTTP):
		return s.finding("the response", err)
	case err != nil:
		s.softly("%s without an answer, where a refusal is meant", endText(err))
		return nil
	}
	if line, err := codec.ParseStatusLine(h.Start); err == nil && line.Status != http.StatusSwitchingProtocols {
		return refusal{plain: true}.judge(s, line.Status, &h)
	}
	if err := s.accepts(h); err != nil {
		return err
	}
	if err := s.runAll(echoes()); err != nil {
		return &finding{NonStrict, "it took the body of the request for frames: " + err.Error()}
	}
	return &finding{Informational, "it accepted a handshake with a body, and passed over the body"}
}
