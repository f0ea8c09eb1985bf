package codec

import (
	"errors"
	"slices"
	"testing"
)

func TestClientHead(t *testing.T) {
	const own = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + rfcKey + "\r\n"
	tests := []struct {
		name   string
		client ClientHandshake
		want   string // on the wire
	}{
		{
			name:   "minimal",
			client: ClientHandshake{Host: "h:81"},
			want:   "GET / HTTP/1.1\r\nHost: h:81\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" + own + "\r\n",
		},
		{
			name: "fields replace in place or follow in order",
			client: ClientHandshake{Target: "/a?b", Host: "h", UserAgent: "wskit", Origin: "http://h", Fields: []Field{
				{"Cookie", "a=b"},
				{"origin", "null"},
				{"Cookie", "c=d"},
				{"HOST", "other"},
				{"X-Empty", ""},
			}},
			want: "GET /a?b HTTP/1.1\r\nHOST: other\r\nConnection: Upgrade\r\nUser-Agent: wskit\r\nUpgrade: websocket\r\norigin: null\r\n" +
				own + "Cookie: a=b\r\nCookie: c=d\r\nX-Empty: \r\n\r\n",
		},
		{
			name:   "an empty field takes the header away",
			client: ClientHandshake{Host: "h", UserAgent: "wskit", Fields: []Field{{"User-Agent", ""}}},
			want:   "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" + own + "\r\n",
		},
		{
			name:   "host in the fields only",
			client: ClientHandshake{Fields: []Field{{"Host", "h"}}},
			want:   "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" + own + "\r\n",
		},
		{
			name:   "permessage-deflate",
			client: ClientHandshake{Host: "h", Deflate: &DeflateConfig{}},
			want:   "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" + own + "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n",
		},
		{
			name:   "subprotocols",
			client: ClientHandshake{Host: "h", Protocols: []string{"v2", "v1"}},
			want:   "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" + own + "Sec-WebSocket-Protocol: v2, v1\r\n\r\n",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.client.Nonce = rfcNonce
			fields := slices.Clone(tt.client.Fields)
			h, err := tt.client.Head()
			if err != nil {
				t.Fatal(err)
			}
			if got := string(AppendHead(nil, h)); got != tt.want {
				t.Errorf("got\n%q, want\n%q", got, tt.want)
			}
			if !slices.Equal(tt.client.Fields, fields) {
				t.Errorf("the caller's fields became %q", tt.client.Fields)
			}
			if _, err := CheckRequest(&h, nil); err != nil {
				t.Errorf("a server refuses it: %v", err)
			}
		})
	}
}

func TestClientHeadErrors(t *testing.T) {
	with := func(fields ...Field) ClientHandshake { return ClientHandshake{Host: "h", Fields: fields} }
	tests := []struct {
		name   string
		client ClientHandshake
		want   string
	}{
		{name: "no host", client: ClientHandshake{}, want: `header "Host": the value is empty`},
		{name: "host replaced by nothing", client: with(Field{"host", ""}), want: `header "Host": the value is empty`},
		{name: "host given twice", client: with(Field{"Host", "a"}, Field{"host", "b"}), want: `header "host": given twice`},
		{name: "LF in the host", client: ClientHandshake{Host: "h\nX: y"}, want: `header "Host": the value has a control character`},
		{name: "CR in the origin", client: ClientHandshake{Host: "h", Origin: "\r"}, want: `header "Origin": the value has a control character`},
		{name: "NUL in the user agent", client: ClientHandshake{Host: "h", UserAgent: "\x00"}, want: `header "User-Agent": the value has a control character`},
		{name: "target without slash", client: ClientHandshake{Host: "h", Target: "a"}, want: `request target "a": want a path without white space`},
		{name: "space in the target", client: ClientHandshake{Host: "h", Target: "/a b"}, want: `request target "/a b": want a path without white space`},
		{name: "a second request in the target", client: ClientHandshake{Host: "h", Target: "/ HTTP/1.1\r\nX: y"}, want: `request target "/ HTTP/1.1\r\nX: y": want a path without white space`},
		{name: "CR in a value", client: with(Field{"A", "b\r"}), want: `header "A": the value has a control character`},
		{name: "LF in a name", client: with(Field{"A\n", "b"}), want: `header "A\n": the name has a character that a header name must not have`},
		{name: "Upgrade", client: with(Field{"upgrade", "x"}), want: `header "upgrade": the handshake sets it`},
		{name: "Connection", client: with(Field{"Connection", "close"}), want: `header "Connection": the handshake sets it`},
		{name: "Content-Length", client: with(Field{"content-length", "1"}), want: `header "content-length": the handshake sets it`},
		{name: "Transfer-Encoding", client: with(Field{"Transfer-Encoding", "chunked"}), want: `header "Transfer-Encoding": the handshake sets it`},
		{name: "key", client: with(Field{"sec-websocket-key", rfcKey}), want: `header "sec-websocket-key": the handshake sets it`},
		{name: "version", client: with(Field{"Sec-WebSocket-Version", "8"}), want: `header "Sec-WebSocket-Version": the handshake sets it`},
		{name: "subprotocol that is no token", client: ClientHandshake{Host: "h", Protocols: []string{"a,b"}}, want: `subprotocol "a,b": not a token`},
		{name: "empty subprotocol", client: ClientHandshake{Host: "h", Protocols: []string{""}}, want: `subprotocol "": not a token`},
		{name: "subprotocol twice", client: ClientHandshake{Host: "h", Protocols: []string{"a", "b", "a"}}, want: `subprotocol "a": given twice`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h, err := tt.client.Head()
			if err == nil || err.Error() != tt.want {
				t.Errorf("error %v, want %s", err, tt.want)
			}
			if h.Start != "" || h.Fields != nil {
				t.Errorf("head %q beside an error", h)
			}
			var e *HandshakeError
			if errors.As(err, &e) {
				t.Errorf("the caller's mistake is reported as the peer's: %v", err)
			}
		})
	}
}

func TestHandshakeField(t *testing.T) {
	for _, name := range []string{"Upgrade", "CONNECTION", "Content-Length", "transfer-encoding", "Sec-WebSocket-Key", "sec-websocket-extensions", "Sec-WebSocket-"} {
		if !HandshakeField(name) {
			t.Errorf("HandshakeField(%q) = false", name)
		}
	}
	for _, name := range []string{"", "Host", "Origin", "User-Agent", "Cookie", "Sec-Fetch-Mode", "Sec-WebSocket", "Upgrade-Insecure-Requests"} {
		if HandshakeField(name) {
			t.Errorf("HandshakeField(%q) = true", name)
		}
	}
}

func TestClientCheckUsesItsOwnRequest(t *testing.T) {
	client := ClientHandshake{Host: "h", Nonce: rfcNonce, Protocols: []string{"v1"}}
	h := edit(validResponse, "", nil, []Field{{"Sec-WebSocket-Protocol", "v1"}})
	if agreed, err := client.Check(&h); err != nil || agreed.Protocol != "v1" {
		t.Errorf("Check = %+v, %v; want v1", agreed, err)
	}
	h.Fields = append(h.Fields, Field{"Sec-WebSocket-Extensions", "permessage-deflate; server_no_context_takeover"})
	if _, err := client.Check(&h); !errors.Is(err, ErrExtensionNotOffered) {
		t.Errorf("with an extension: %v, want %v", err, ErrExtensionNotOffered)
	}
	client.Deflate = &DeflateConfig{}
	if agreed, err := client.Check(&h); err != nil || agreed.Deflate == nil || !agreed.Deflate.ServerNoContextTakeover {
		t.Errorf("with an extension that was offered: %+v, %v", agreed, err)
	}
	client.Nonce[0] ^= 1
	if _, err := client.Check(&h); !errors.Is(err, ErrAcceptWrong) {
		t.Errorf("with another nonce: %v, want %v", err, ErrAcceptWrong)
	}
}
