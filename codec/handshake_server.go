package codec

import (
	"fmt"
	"slices"
)

// A ServerHandshake is what a server answers to a request that [CheckRequest] let
// through (RFC 6455 §4.2.2).
type ServerHandshake struct {
	// Protocol is the subprotocol, one that the client offered:
	// [SelectProtocol] chooses it. If empty, there is none.
	Protocol string
	// Deflate is what to agree to for permessage-deflate. If nil, the offers of
	// the client are declined.
	Deflate *DeflateConfig
	// Fields are sent after the handshake's own headers, in their order. What
	// [HandshakeField] names is an error.
	Fields []Field
}

// Accept returns the response with status 101, and what was agreed with it. Any
// error is the caller's: it names the subprotocol that was not offered or the
// header that cannot be sent.
func (s *ServerHandshake) Accept(req *Request) (Head, Agreement, error) {
	h := Head{
		Start: "HTTP/1.1 101 Switching Protocols",
		Fields: []Field{
			{"Upgrade", "websocket"},
			{"Connection", "Upgrade"},
			{"Sec-WebSocket-Accept", AcceptKey(req.Key)},
		},
	}
	agreed := Agreement{Protocol: s.Protocol}
	if s.Protocol != "" {
		if !slices.Contains(req.Protocols, s.Protocol) {
			return Head{}, Agreement{}, fmt.Errorf("subprotocol %q: not offered", s.Protocol)
		}
		h.Fields = append(h.Fields, Field{"Sec-WebSocket-Protocol", s.Protocol})
	}
	if s.Deflate != nil {
		if deflate, answer, ok := AcceptDeflate(*s.Deflate, req.Extensions); ok {
			agreed.Deflate, agreed.Extensions = deflate, []Extension{answer}
			h.Fields = append(h.Fields, Field{"Sec-WebSocket-Extensions", string(AppendExtensions(nil, agreed.Extensions))})
		}
	}
	for _, f := range s.Fields {
		if err := checkExtra(f); err != nil {
			return Head{}, Agreement{}, err
		}
	}
	h.Fields = append(h.Fields, s.Fields...)
	return h, agreed, nil
}

// SelectProtocol returns the first of preferred, the server's order, that a client
// offered, "" when it offered none of them.
func SelectProtocol(preferred, offered []string) string {
	for _, name := range preferred {
		if slices.Contains(offered, name) {
			return name
		}
	}
	return ""
}
