package codec

import (
	"reflect"
	"strings"
	"testing"
)

func TestServerAccept(t *testing.T) {
	req := Request{Key: rfcKey, Protocols: []string{"v2", "v1"}, Extensions: []Extension{{Name: "x"}, {Name: DeflateName}}}
	tests := []struct {
		name   string
		server ServerHandshake
		want   string // on the wire, behind the accept
		err    string
	}{
		{name: "nothing"},
		{name: "subprotocol", server: ServerHandshake{Protocol: "v1"}, want: "Sec-WebSocket-Protocol: v1\r\n"},
		{name: "permessage-deflate", server: ServerHandshake{Deflate: &DeflateConfig{ServerMaxWindowBits: 9}}, want: "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=9\r\n"},
		{name: "fields", server: ServerHandshake{Fields: []Field{{"B", "1"}, {"a", ""}}}, want: "B: 1\r\na: \r\n"},
		{name: "subprotocol that was not offered", server: ServerHandshake{Protocol: "v3"}, err: `subprotocol "v3": not offered`},
		{name: "CR in a value", server: ServerHandshake{Fields: []Field{{"A", "\r"}}}, err: `header "A": the value has a control character`},
		{name: "length", server: ServerHandshake{Fields: []Field{{"Content-Length", "1"}}}, err: `header "Content-Length": the handshake sets it`},
		{name: "accept", server: ServerHandshake{Fields: []Field{{"Sec-WebSocket-Accept", "x"}}}, err: `header "Sec-WebSocket-Accept": the handshake sets it`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h, agreed, err := tt.server.Accept(&req)
			if tt.err != "" {
				if err == nil || err.Error() != tt.err {
					t.Errorf("error %v, want %s", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			_, got, _ := strings.Cut(string(AppendHead(nil, h)), rfcAccept+"\r\n")
			if got != tt.want+"\r\n" {
				t.Errorf("behind the accept %q, want %q", got, tt.want)
			}
			checked, err := CheckResponse(&req, &h, nil)
			if err != nil || !reflect.DeepEqual(agreed, checked) {
				t.Errorf("the client agrees on %+v, %v; the server on %+v", checked, err, agreed)
			}
		})
	}
}

func TestServerAcceptDeclinesDeflate(t *testing.T) {
	server := ServerHandshake{Deflate: &DeflateConfig{}}
	req := Request{Key: rfcKey, Extensions: []Extension{{Name: DeflateName, Params: []Param{{Name: "server_max_window_bits", Value: "99", HasValue: true}}}}}
	h, agreed, err := server.Accept(&req)
	if err != nil || h.Has("Sec-WebSocket-Extensions") || agreed.Deflate != nil || agreed.Extensions != nil {
		t.Errorf("Accept = %q, %+v, %v; want no extension", h, agreed, err)
	}
}

func TestSelectProtocol(t *testing.T) {
	tests := []struct {
		name               string
		preferred, offered []string
		want               string
	}{
		{name: "the server's order", preferred: []string{"v2", "v1"}, offered: []string{"v1", "v2"}, want: "v2"},
		{name: "the only common one", preferred: []string{"v3", "v1"}, offered: []string{"v2", "v1"}, want: "v1"},
		{name: "none in common", preferred: []string{"v1"}, offered: []string{"V1"}},
		{name: "none offered", preferred: []string{"v1"}},
		{name: "none preferred", offered: []string{"v1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := SelectProtocol(tt.preferred, tt.offered); got != tt.want {
				t.Errorf("SelectProtocol = %q, want %q", got, tt.want)
			}
		})
	}
}
