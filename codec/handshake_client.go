package codec

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
)

// A ClientHandshake is the opening handshake as a client performs it (RFC 6455
// §4.1): send Head, parse the answer, Check it. It may be used for one connection.
type ClientHandshake struct {
	// Target is the request target: path and query. If empty, "/".
	Target string
	// Host is the host and, unless it is the default, the port. It is required,
	// here or in Fields.
	Host string
	// Nonce makes the Sec-WebSocket-Key. Each connection needs one of its own
	// that nobody can predict.
	Nonce [16]byte
	// UserAgent and Origin are sent as headers of these names. If empty, the
	// header is left out.
	UserAgent, Origin string
	// Protocols are the subprotocols to offer, the preferred one first. If
	// empty, none is offered.
	Protocols []string
	// Deflate is what to offer for permessage-deflate. If nil, no extension is
	// offered.
	Deflate *DeflateConfig
	// Fields are sent after the handshake's own headers, in their order. Host,
	// User-Agent and Origin replace the handshake's, with an empty value they
	// take it away. What [HandshakeField] names is an error.
	Fields []Field
}

// Head returns the request, its headers in the order of the browsers. Any error is
// the caller's: it names the header, the subprotocol or the target that cannot be
// sent.
func (c *ClientHandshake) Head() (Head, error) {
	target := c.Target
	if target == "" {
		target = "/"
	}
	start := "GET " + target + " HTTP/1.1"
	if _, err := ParseRequestLine(start); err != nil || target[0] != '/' {
		return Head{}, fmt.Errorf("request target %q: want a path without white space", target)
	}
	protocols, err := joinTokens("subprotocol", c.Protocols)
	if err != nil {
		return Head{}, err
	}
	own := []Field{
		{"Host", c.Host},
		{"Connection", "Upgrade"},
		{"User-Agent", c.UserAgent},
		{"Upgrade", "websocket"},
		{"Origin", c.Origin},
		{"Sec-WebSocket-Version", "13"},
		{"Sec-WebSocket-Key", c.key()},
		{"Sec-WebSocket-Extensions", string(AppendExtensions(nil, c.extensions()))},
		{"Sec-WebSocket-Protocol", protocols},
	}
	extra, err := replaceFields(own, c.Fields)
	if err != nil {
		return Head{}, err
	}
	if own[0].Value == "" {
		return Head{}, errors.New("header \"Host\": the value is empty")
	}
	own = slices.DeleteFunc(own, func(f Field) bool { return f.Value == "" })
	return Head{Start: start, Fields: append(own, extra...)}, nil
}

// replaceFields puts those of fields that own has a place for into it and returns
// the rest.
func replaceFields(own, fields []Field) (rest []Field, err error) {
	replaced := make([]bool, len(own))
	for _, f := range fields {
		if err := checkExtra(f); err != nil {
			return nil, err
		}
		i := slices.IndexFunc(own, func(o Field) bool { return equalFold(o.Name, f.Name) })
		switch {
		case i < 0:
			rest = append(rest, f)
		case replaced[i]:
			return nil, fmt.Errorf("header %q: given twice", f.Name)
		default:
			own[i], replaced[i] = f, true
		}
	}
	for _, f := range own {
		if err := CheckField(f); err != nil {
			return nil, fmt.Errorf("header %q: %w", f.Name, err)
		}
	}
	return rest, nil
}

func (c *ClientHandshake) key() string { return base64.StdEncoding.EncodeToString(c.Nonce[:]) }

func (c *ClientHandshake) extensions() []Extension {
	if c.Deflate == nil {
		return nil
	}
	return []Extension{OfferDeflate(*c.Deflate)}
}

// Check checks the server's answer as [CheckResponse] does and returns what was
// agreed. Its error is a *HandshakeError.
func (c *ClientHandshake) Check(resp *Head) (Agreement, error) {
	req := Request{Key: c.key(), Protocols: c.Protocols, Extensions: c.extensions()}
	return CheckResponse(&req, resp, nil)
}
