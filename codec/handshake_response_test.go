package codec

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
)

var validResponse = Head{Start: "HTTP/1.1 101 Switching Protocols", Fields: []Field{
	{"Upgrade", "websocket"},
	{"Connection", "Upgrade"},
	{"Sec-WebSocket-Accept", rfcAccept},
}}

func TestCheckResponse(t *testing.T) {
	req := Request{
		Target: "/chat", Host: "example.com", Key: rfcKey, Protocols: []string{"v2", "v1"},
		Extensions: []Extension{
			{Name: "x-other"},
			{Name: DeflateName, Params: []Param{{Name: "server_max_window_bits", Value: "10", HasValue: true}}},
		},
	}
	extensions := func(values ...string) (fields []Field) {
		for _, v := range values {
			fields = append(fields, Field{"Sec-WebSocket-Extensions", v})
		}
		return fields
	}
	bits10 := Extension{Name: DeflateName, Params: []Param{{Name: "server_max_window_bits", Value: "10", HasValue: true}}}
	deflate := func(serverBits int) *Deflate {
		return &Deflate{ServerMaxWindowBits: serverBits, ClientMaxWindowBits: 15}
	}
	tests := []struct {
		name    string
		start   string
		without []string
		with    []Field
		want    []*Violation
		agreed  Agreement // by a lenient check
		status  int       // of the first
		detail  string    // part of the first error
	}{
		{name: "valid"},
		{name: "other case, token list", without: []string{"Upgrade", "Connection"}, with: []Field{{"UPGRADE", "WebSocket"}, {"connection", "keep-alive, upgrade"}}},
		{name: "no reason", start: "HTTP/1.1 101"},
		{name: "subprotocol", with: []Field{{"sec-websocket-protocol", "v1"}}, agreed: Agreement{Protocol: "v1"}},

		{name: "start line", start: "ICY 101 OK", want: []*Violation{ErrInvalidStartLine}, detail: `"ICY 101 OK"`},
		{name: "unauthorized", start: "HTTP/1.1 401 Unauthorized", without: []string{"Upgrade"}, want: []*Violation{ErrHandshakeStatus}, status: 401, detail: `"401 Unauthorized"`},
		{name: "redirect", start: "HTTP/1.1 302 Found", want: []*Violation{ErrHandshakeStatus}, status: 302},
		{name: "200, and old HTTP", start: "HTTP/1.0 200 OK", want: []*Violation{ErrHandshakeStatus}, status: 200},
		{name: "HTTP/1.0", start: "HTTP/1.0 101 x", want: []*Violation{ErrHandshakeHTTPVersion}, detail: "HTTP/1.0"},

		{name: "no Upgrade", without: []string{"Upgrade"}, want: []*Violation{ErrUpgradeMissing}, detail: "there is none"},
		{name: "Upgrade to something else", without: []string{"Upgrade"}, with: []Field{{"Upgrade", "h2c"}}, want: []*Violation{ErrUpgradeMissing}, detail: `got "h2c"`},
		{name: "Upgrade to several", without: []string{"Upgrade"}, with: []Field{{"Upgrade", "websocket, h2c"}}, want: []*Violation{ErrUpgradeMissing}},
		{name: "Upgrade twice", with: []Field{{"Upgrade", "websocket"}}, want: []*Violation{ErrUpgradeMissing}},
		{name: "no Connection", without: []string{"Connection"}, want: []*Violation{ErrConnectionMissing}},
		{name: "Connection without upgrade", without: []string{"Connection"}, with: []Field{{"Connection", "close"}}, want: []*Violation{ErrConnectionMissing}, detail: `got "close"`},

		{name: "no accept", without: []string{"Sec-WebSocket-Accept"}, want: []*Violation{ErrAcceptMissing}},
		{name: "accept twice", with: []Field{{"Sec-WebSocket-Accept", rfcAccept}}, want: []*Violation{ErrAcceptRepeated}},
		{name: "accept of another key", without: []string{"Sec-WebSocket-Accept"}, with: []Field{{"Sec-WebSocket-Accept", AcceptKey("other")}}, want: []*Violation{ErrAcceptWrong}, detail: `want "` + rfcAccept + `"`},
		{name: "accept in another case", without: []string{"Sec-WebSocket-Accept"}, with: []Field{{"Sec-WebSocket-Accept", strings.ToLower(rfcAccept)}}, want: []*Violation{ErrAcceptWrong}},
		{name: "empty accept", without: []string{"Sec-WebSocket-Accept"}, with: []Field{{"Sec-WebSocket-Accept", ""}}, want: []*Violation{ErrAcceptWrong}, detail: `got ""`},

		{name: "subprotocol not offered", with: []Field{{"Sec-WebSocket-Protocol", "v3"}}, want: []*Violation{ErrSubprotocolNotOffered}, agreed: Agreement{Protocol: "v3"}, detail: `got "v3"`},
		{name: "subprotocol in another case", with: []Field{{"Sec-WebSocket-Protocol", "V1"}}, want: []*Violation{ErrSubprotocolNotOffered}, agreed: Agreement{Protocol: "V1"}},
		{name: "two subprotocols", with: []Field{{"Sec-WebSocket-Protocol", "v2, v1"}}, want: []*Violation{ErrSubprotocolInvalid}, agreed: Agreement{Protocol: "v2, v1"}},
		{name: "subprotocol twice", with: []Field{{"Sec-WebSocket-Protocol", "v2"}, {"Sec-WebSocket-Protocol", "v1"}}, want: []*Violation{ErrSubprotocolRepeated}, agreed: Agreement{Protocol: "v2"}, detail: `got "v2, v1"`},
		{name: "empty subprotocol", with: []Field{{"Sec-WebSocket-Protocol", ""}}, want: []*Violation{ErrSubprotocolInvalid}, detail: `got ""`},

		{
			name:   "deflate and another extension",
			with:   extensions("permessage-deflate; server_max_window_bits=10, x-other"),
			agreed: Agreement{Deflate: deflate(10), Extensions: []Extension{bits10, {Name: "x-other"}}},
		},
		{
			name: "extension not offered",
			with: extensions("x-third, permessage-deflate; server_max_window_bits=10"), want: []*Violation{ErrExtensionNotOffered},
			agreed: Agreement{Deflate: deflate(10), Extensions: []Extension{{Name: "x-third"}, bits10}}, detail: `got "x-third, permessage-`,
		},
		{
			name: "deflate answered wrongly",
			with: extensions("permessage-deflate"), want: []*Violation{ErrServerWindowTooLarge},
			agreed: Agreement{Deflate: deflate(15), Extensions: []Extension{{Name: DeflateName}}},
		},
		{
			name: "deflate that means nothing",
			with: extensions("permessage-deflate; x"), want: []*Violation{ErrDeflateParamUnknown},
			agreed: Agreement{Extensions: []Extension{{Name: DeflateName, Params: []Param{{Name: "x"}}}}},
		},
		{
			name: "extensions in two fields",
			with: extensions("x-other", "permessage-deflate; server_max_window_bits=10"), want: []*Violation{ErrExtensionsRepeated},
			agreed: Agreement{Deflate: deflate(10), Extensions: []Extension{{Name: "x-other"}, bits10}},
		},
		{
			name: "malformed extensions",
			with: extensions("permessage-deflate; server_max_window_bits=10, ;"), want: []*Violation{ErrExtensionsMalformed},
			agreed: Agreement{Deflate: deflate(10), Extensions: []Extension{bits10}},
		},

		{
			name: "everything", start: "HTTP/1.0 101 x", without: []string{"Upgrade", "Connection", "Sec-WebSocket-Accept"}, with: []Field{{"Sec-WebSocket-Protocol", "v3"}},
			want:   []*Violation{ErrHandshakeHTTPVersion, ErrUpgradeMissing, ErrConnectionMissing, ErrAcceptMissing, ErrSubprotocolNotOffered},
			agreed: Agreement{Protocol: "v3"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := edit(validResponse, tt.start, tt.without, tt.with)
			agreed, err := CheckResponse(&req, &h, nil)
			var e *HandshakeError
			switch {
			case len(tt.want) == 0 && (err != nil || !reflect.DeepEqual(agreed, tt.agreed)):
				t.Errorf("strict: %+v, %v; want %+v", agreed, err, tt.agreed)
			case len(tt.want) > 0 && !errors.As(err, &e):
				t.Errorf("strict: %v, want %v", err, tt.want[0])
			case e != nil && (e.Violation != tt.want[0] || e.Status != tt.status || e.Fields != nil || !strings.Contains(e.Detail, tt.detail)):
				t.Errorf("strict: %+v, want %v, status %d, detail %q", e, tt.want[0], tt.status, tt.detail)
			}
			var got []*Violation
			agreed, err = CheckResponse(&req, &h, func(e *HandshakeError) { got = append(got, e.Violation) })
			if err != nil || !reflect.DeepEqual(agreed, tt.agreed) {
				t.Errorf("lenient: %+v, %v; want %+v", agreed, err, tt.agreed)
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

// TestCheckResponseOfBrokenRequest: the accept is that of the key that was sent,
// valid or not.
func TestCheckResponseOfBrokenRequest(t *testing.T) {
	h := edit(validResponse, "", []string{"Sec-WebSocket-Accept"}, []Field{{"Sec-WebSocket-Accept", AcceptKey("short")}})
	if _, err := CheckResponse(&Request{Key: "short"}, &h, nil); err != nil {
		t.Errorf("CheckResponse: %v", err)
	}
	if _, err := CheckResponse(&Request{}, &h, nil); !errors.Is(err, ErrAcceptWrong) {
		t.Errorf("CheckResponse for another key: %v, want %v", err, ErrAcceptWrong)
	}
}
