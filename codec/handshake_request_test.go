package codec

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// edit returns base with another start line unless it is empty, without the fields
// of some names, and with others at the end.
func edit(base Head, start string, without []string, with []Field) Head {
	h := Head{Start: base.Start}
	if start != "" {
		h.Start = start
	}
	for _, f := range base.Fields {
		if !slices.Contains(without, f.Name) {
			h.Fields = append(h.Fields, f)
		}
	}
	h.Fields = append(h.Fields, with...)
	return h
}

var validRequest = Head{Start: "GET /chat HTTP/1.1", Fields: []Field{
	{"Host", "example.com"},
	{"Upgrade", "websocket"},
	{"Connection", "Upgrade"},
	{"Sec-WebSocket-Key", rfcKey},
	{"Sec-WebSocket-Version", "13"},
}}

func TestCheckRequestViolations(t *testing.T) {
	upgradeFields := []Field{{"Upgrade", "websocket"}, {"Connection", "Upgrade"}, {"Sec-WebSocket-Version", "13"}}
	tests := []struct {
		name    string
		start   string
		without []string
		with    []Field
		want    []*Violation
		status  int     // of the first
		fields  []Field // that the refusal carries
		detail  string  // part of the first error
	}{
		{name: "valid"},
		{name: "later version of HTTP", start: "GET / HTTP/1.2"},
		{name: "token lists, repeated fields, any case", without: []string{"Upgrade", "Connection"}, with: []Field{
			{"upgrade", "h2c"}, {"UPGRADE", "foo, WebSocket"}, {"connection", "keep-alive"}, {"CONNECTION", "close , UPGRADE"},
		}},
		{name: "empty body", with: []Field{{"Content-Length", "0"}}},

		{name: "plain request", without: []string{"Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version"}, want: []*Violation{ErrNotUpgrade}, status: 426, fields: upgradeFields},
		{name: "upgrade to something else", without: []string{"Upgrade", "Sec-WebSocket-Key", "Sec-WebSocket-Version"}, with: []Field{{"Upgrade", "h2c"}}, want: []*Violation{ErrNotUpgrade}, status: 426, fields: upgradeFields},
		{name: "plain request that breaks other rules", start: "POST / HTTP/1.0", without: []string{"Host", "Upgrade", "Sec-WebSocket-Key", "Sec-WebSocket-Version"}, want: []*Violation{ErrNotUpgrade}, status: 426, fields: upgradeFields},
		{name: "only Upgrade", without: []string{"Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version"}, want: []*Violation{ErrConnectionMissing, ErrVersionMissing, ErrKeyMissing}, status: 400},
		{name: "a proxy took Upgrade and Connection", without: []string{"Upgrade", "Connection"}, want: []*Violation{ErrUpgradeMissing, ErrConnectionMissing}, status: 426, fields: upgradeFields, detail: "there is none"},
		{name: "only the version", without: []string{"Upgrade", "Connection", "Sec-WebSocket-Key"}, want: []*Violation{ErrUpgradeMissing, ErrConnectionMissing, ErrKeyMissing}, status: 426, fields: upgradeFields},
		{name: "only the key", without: []string{"Upgrade", "Connection", "Sec-WebSocket-Version"}, want: []*Violation{ErrUpgradeMissing, ErrConnectionMissing, ErrVersionMissing}, status: 426, fields: upgradeFields},

		{name: "start line", start: "GET /", want: []*Violation{ErrInvalidStartLine}, status: 400, detail: `"GET /"`},
		{name: "fragment", start: "GET /a?b#c HTTP/1.1", want: []*Violation{ErrInvalidStartLine}, status: 400, detail: `a fragment in "/a?b#c"`},
		{name: "method", start: "POST / HTTP/1.1", want: []*Violation{ErrHandshakeMethod}, status: 405, fields: []Field{{"Allow", "GET"}}, detail: `"POST"`},
		{name: "method in lower case", start: "get / HTTP/1.1", want: []*Violation{ErrHandshakeMethod}, status: 405, fields: []Field{{"Allow", "GET"}}},
		{name: "HTTP/1.0", start: "GET / HTTP/1.0", want: []*Violation{ErrHandshakeHTTPVersion}, status: 400, detail: "HTTP/1.0"},
		{name: "HTTP/0.9", start: "GET / HTTP/0.9", want: []*Violation{ErrHandshakeHTTPVersion}, status: 400, detail: "HTTP/0.9"},
		{name: "method and version", start: "PUT / HTTP/1.0", want: []*Violation{ErrHandshakeMethod, ErrHandshakeHTTPVersion}, status: 405, fields: []Field{{"Allow", "GET"}}},

		{name: "no Host", without: []string{"Host"}, want: []*Violation{ErrHostMissing}, status: 400},
		{name: "empty Host", without: []string{"Host"}, with: []Field{{"Host", ""}}, want: []*Violation{ErrHostMissing}, status: 400, detail: `got ""`},
		{name: "two Hosts", with: []Field{{"host", "evil.example"}}, want: []*Violation{ErrHostRepeated}, status: 400, detail: "2 of them"},

		{name: "Upgrade names something else", without: []string{"Upgrade"}, with: []Field{{"Upgrade", "websockets"}}, want: []*Violation{ErrUpgradeMissing}, status: 426, fields: upgradeFields, detail: `got "websockets"`},
		{name: "Upgrade folds to websocket outside ASCII only", without: []string{"Upgrade"}, with: []Field{{"Upgrade", "web\u017Focket"}}, want: []*Violation{ErrUpgradeMissing}, status: 426, fields: upgradeFields},
		{name: "Connection without upgrade", without: []string{"Connection"}, with: []Field{{"Connection", "keep-alive"}}, want: []*Violation{ErrConnectionMissing}, status: 400, detail: `got "keep-alive"`},

		{name: "body", with: []Field{{"Content-Length", "5"}}, want: []*Violation{ErrHandshakeBody}, status: 400, detail: `Content-Length "5"`},
		{name: "body behind an empty one", with: []Field{{"Content-Length", "0"}, {"Content-Length", "5"}}, want: []*Violation{ErrHandshakeBody}, status: 400, detail: `Content-Length "5"`},
		{name: "length that is no number", with: []Field{{"Content-Length", "+0"}}, want: []*Violation{ErrHandshakeBody}, status: 400},
		{name: "chunked body", with: []Field{{"transfer-encoding", "chunked"}}, want: []*Violation{ErrHandshakeBody}, status: 400, detail: `Transfer-Encoding "chunked"`},
		{name: "empty Transfer-Encoding", with: []Field{{"Transfer-Encoding", ""}}, want: []*Violation{ErrHandshakeBody}, status: 400},

		{name: "no version", without: []string{"Sec-WebSocket-Version"}, want: []*Violation{ErrVersionMissing}, status: 426, fields: upgradeFields},
		{name: "version 8", without: []string{"Sec-WebSocket-Version"}, with: []Field{{"Sec-WebSocket-Version", "8"}}, want: []*Violation{ErrVersionUnsupported}, status: 426, fields: upgradeFields, detail: `got "8"`},
		{name: "version 013", without: []string{"Sec-WebSocket-Version"}, with: []Field{{"Sec-WebSocket-Version", "013"}}, want: []*Violation{ErrVersionUnsupported}, status: 426, fields: upgradeFields},
		{name: "list of versions", without: []string{"Sec-WebSocket-Version"}, with: []Field{{"Sec-WebSocket-Version", "13, 8"}}, want: []*Violation{ErrVersionUnsupported}, status: 426, fields: upgradeFields},
		{name: "version twice", with: []Field{{"sec-websocket-version", "13"}}, want: []*Violation{ErrVersionRepeated}, status: 400, detail: `got "13, 13"`},
		{name: "old version without a key", without: []string{"Sec-WebSocket-Version", "Sec-WebSocket-Key"}, with: []Field{{"Sec-WebSocket-Version", "7"}}, want: []*Violation{ErrVersionUnsupported, ErrKeyMissing}, status: 426, fields: upgradeFields},

		{name: "no key", without: []string{"Sec-WebSocket-Key"}, want: []*Violation{ErrKeyMissing}, status: 400},
		{name: "key twice", with: []Field{{"Sec-WebSocket-Key", rfcKey}}, want: []*Violation{ErrKeyRepeated}, status: 400},
		{name: "empty key", without: []string{"Sec-WebSocket-Key"}, with: []Field{{"Sec-WebSocket-Key", ""}}, want: []*Violation{ErrKeyInvalid}, status: 400},
		{name: "key of 15 bytes", without: []string{"Sec-WebSocket-Key"}, with: []Field{{"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25j"}}, want: []*Violation{ErrKeyInvalid}, status: 400},
		{name: "key of 17 bytes", without: []string{"Sec-WebSocket-Key"}, with: []Field{{"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZSE="}}, want: []*Violation{ErrKeyInvalid}, status: 400},
		{name: "key without padding", without: []string{"Sec-WebSocket-Key"}, with: []Field{{"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ"}}, want: []*Violation{ErrKeyInvalid}, status: 400},
		{name: "key in the alphabet of URLs", without: []string{"Sec-WebSocket-Key"}, with: []Field{{"Sec-WebSocket-Key", "_-hlIHNhbXBsZSBub25jZQ=="}}, want: []*Violation{ErrKeyInvalid}, status: 400},
		{name: "key with bits left over", without: []string{"Sec-WebSocket-Key"}, with: []Field{{"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZR=="}}, want: []*Violation{ErrKeyInvalid}, status: 400},

		{name: "subprotocol that is no token", with: []Field{{"Sec-WebSocket-Protocol", "ok, a/b"}}, want: []*Violation{ErrSubprotocolInvalid}, status: 400, detail: "element 2"},
		{name: "subprotocol twice", with: []Field{{"Sec-WebSocket-Protocol", "a, b"}, {"Sec-WebSocket-Protocol", "c, a"}}, want: []*Violation{ErrSubprotocolRepeated}, status: 400, detail: "element 4"},
		{name: "no subprotocol in the list", with: []Field{{"Sec-WebSocket-Protocol", " , "}}, want: []*Violation{ErrSubprotocolInvalid}, status: 400, detail: "the list is empty"},
		{name: "malformed extensions", with: []Field{{"Sec-WebSocket-Extensions", "a; =b"}}, want: []*Violation{ErrExtensionsMalformed}, status: 400, detail: `got "a; =b"`},
		{name: "extensions of more than 4 KiB", with: []Field{{"Sec-WebSocket-Extensions", strings.Repeat("a, ", 1400)}}, want: []*Violation{ErrExtensionsTooLarge}, status: 400},
		{name: "17 extensions over two fields", with: []Field{{"Sec-WebSocket-Extensions", strings.Repeat("a, ", 16)}, {"Sec-WebSocket-Extensions", "b"}}, want: []*Violation{ErrExtensionsTooLarge}, status: 400},
		{name: "16 extensions", with: []Field{{"Sec-WebSocket-Extensions", strings.Repeat("a, ", 16)}}},
		{name: "offer of permessage-deflate that is invalid", with: []Field{{"Sec-WebSocket-Extensions", "permessage-deflate; server_max_window_bits=99"}}},
		{name: "same subprotocol in another case", with: []Field{{"Sec-WebSocket-Protocol", "a, A"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := edit(validRequest, tt.start, tt.without, tt.with)
			_, err := CheckRequest(&h, nil)
			var e *HandshakeError
			switch {
			case len(tt.want) == 0 && err != nil:
				t.Errorf("strict: %v, want none", err)
			case len(tt.want) > 0 && !errors.As(err, &e):
				t.Errorf("strict: %v, want %v", err, tt.want[0])
			case e != nil && (e.Violation != tt.want[0] || e.Status != tt.status || !slices.Equal(e.Fields, tt.fields) || !strings.Contains(e.Detail, tt.detail)):
				t.Errorf("strict: %+v, want %v, status %d, fields %q, detail %q", e, tt.want[0], tt.status, tt.fields, tt.detail)
			}
			var got []*Violation
			if _, err := CheckRequest(&h, func(e *HandshakeError) { got = append(got, e.Violation) }); err != nil {
				t.Errorf("lenient: error %v", err)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("lenient: %v, want %v", got, tt.want)
			}
			for _, v := range got {
				if !slices.Contains(Violations(), v) {
					t.Errorf("%s is not in Violations", v.Code)
				}
			}
		})
	}
}

func TestCheckRequestReads(t *testing.T) {
	tests := []struct {
		name    string
		start   string
		without []string
		with    []Field
		want    Request
	}{
		{name: "minimal", want: Request{Target: "/chat", Host: "example.com", Key: rfcKey}},
		{
			name: "subprotocols over two fields",
			with: []Field{{"Sec-WebSocket-Protocol", "v2 ,, v1"}, {"sec-websocket-protocol", "v0"}},
			want: Request{Target: "/chat", Host: "example.com", Key: rfcKey, Protocols: []string{"v2", "v1", "v0"}},
		},
		{
			name: "extensions over two fields",
			with: []Field{{"Sec-WebSocket-Extensions", "x; y"}, {"sec-websocket-extensions", "z"}},
			want: Request{Target: "/chat", Host: "example.com", Key: rfcKey, Extensions: []Extension{{Name: "x", Params: []Param{{Name: "y"}}}, {Name: "z"}}},
		},
		{
			name: "extensions before a malformed one",
			with: []Field{{"Sec-WebSocket-Extensions", "x, y=1, z"}},
			want: Request{Target: "/chat", Host: "example.com", Key: rfcKey, Extensions: []Extension{{Name: "x"}}},
		},
		{
			name:    "what is left of a broken one",
			start:   "PUT /x HTTP/1.0",
			without: []string{"Sec-WebSocket-Key"},
			with: []Field{
				{"Host", "second"},
				{"Sec-WebSocket-Key", "short"},
				{"Sec-WebSocket-Key", "other"},
				{"Sec-WebSocket-Protocol", "a, b=, a"},
			},
			want: Request{Target: "/x", Host: "example.com", Key: "short", Protocols: []string{"a", "b="}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := edit(validRequest, tt.start, tt.without, tt.with)
			got, err := CheckRequest(&h, func(*HandshakeError) {})
			if err != nil || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("CheckRequest = %+v, %v; want %+v", got, err, tt.want)
			}
		})
	}
}

// TestCheckRequestHidesSubprotocols: what people put there may be a secret, and
// errors go to logs.
func TestCheckRequestHidesSubprotocols(t *testing.T) {
	for _, list := range []string{"bearer, c2VjcmV0=", "c2VjcmV0, c2VjcmV0"} {
		h := edit(validRequest, "", nil, []Field{{"Sec-WebSocket-Protocol", list}})
		_, err := CheckRequest(&h, nil)
		if err == nil || strings.Contains(err.Error(), "c2VjcmV0") {
			t.Errorf("error %v, want one without the subprotocol", err)
		}
	}
}
