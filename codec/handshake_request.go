package codec

import (
	"fmt"
	"strings"
)

// A Request is what a client asks for in the head of its opening handshake (RFC
// 6455 §4.1).
type Request struct {
	// Target is the request target: path and query, as they were sent.
	Target string
	// Host is the value of the Host header.
	Host string
	// Key is the value of Sec-WebSocket-Key.
	Key string
	// Protocols are the subprotocols that were offered, in the client's order
	// of preference.
	Protocols []string
	// Extensions are the extensions that were offered, in the client's order of
	// preference.
	Extensions []Extension
}

// CheckRequest checks the head of a client's opening handshake as a server must
// (RFC 6455 §4.2.1) and returns what it asks for.
//
// If report is nil the check is strict: the first violation is returned, a
// *HandshakeError. Otherwise report is called with each violation, there is no
// error, and the request holds what could be read.
//
// A request without a sign of an upgrade to websocket breaks ErrNotUpgrade and
// nothing else.
func CheckRequest(h *Head, report func(*HandshakeError)) (Request, error) {
	c := requestCheck{head: h, report: report}
	if !asksForUpgrade(h) {
		return Request{}, c.fail(ErrNotUpgrade, "")
	}
	for _, rule := range requestRules {
		if err := rule(&c); err != nil {
			return c.request, err
		}
	}
	return c.request, nil
}

// asksForUpgrade reports whether h wants to be an opening handshake. A proxy that
// drops Upgrade and Connection lets the other headers through.
func asksForUpgrade(h *Head) bool {
	return h.ContainsToken("Upgrade", "websocket") || h.Has("Sec-WebSocket-Key") || h.Has("Sec-WebSocket-Version")
}

// A requestCheck is a run of the rules for a request over one head.
type requestCheck struct {
	head    *Head
	report  func(*HandshakeError)
	request Request
}

// requestRules are the rules for a request in the order of RFC 6455 §4.2.1, the
// version before what depends on it. Each returns the error that ends the check.
var requestRules = [...]func(*requestCheck) error{
	(*requestCheck).startLine,
	(*requestCheck).host,
	(*requestCheck).upgrade,
	(*requestCheck).body,
	(*requestCheck).version,
	(*requestCheck).key,
	(*requestCheck).protocols,
	(*requestCheck).extensions,
}

func (c *requestCheck) fail(v *Violation, detail string) error {
	e := &HandshakeError{Violation: v, Status: v.Status, Detail: detail, Fields: refusalFields(v)}
	if c.report == nil {
		return e
	}
	c.report(e)
	return nil
}

// refusalFields returns the header fields that HTTP wants in the refusal of what
// broke v.
func refusalFields(v *Violation) []Field {
	switch v.Status {
	case 405: // RFC 9110 §15.5.6
		return []Field{{"Allow", "GET"}}
	case 426: // RFC 9110 §15.5.22; RFC 6455 §4.4
		return []Field{{"Upgrade", "websocket"}, {"Connection", "Upgrade"}, {"Sec-WebSocket-Version", "13"}}
	}
	return nil
}

func (c *requestCheck) startLine() error {
	line, err := ParseRequestLine(c.head.Start)
	if err != nil {
		return c.fail(ErrInvalidStartLine, quote(c.head.Start))
	}
	c.request.Target = line.Target
	if strings.Contains(line.Target, "#") { // RFC 6455 §3; RFC 9112 §3.2
		if err := c.fail(ErrInvalidStartLine, "a fragment in "+quote(line.Target)); err != nil {
			return err
		}
	}
	if line.Method != "GET" {
		if err := c.fail(ErrHandshakeMethod, quote(line.Method)); err != nil {
			return err
		}
	}
	if before11(line.Major, line.Minor) {
		return c.fail(ErrHandshakeHTTPVersion, fmt.Sprintf("HTTP/%d.%d", line.Major, line.Minor))
	}
	return nil
}

func before11(major, minor int) bool { return major < 1 || major == 1 && minor < 1 }

func (c *requestCheck) host() error {
	hosts := c.head.Values("Host")
	switch {
	case len(hosts) > 1:
		c.request.Host = hosts[0]
		return c.fail(ErrHostRepeated, fmt.Sprintf("%d of them", len(hosts)))
	case len(hosts) == 0 || hosts[0] == "":
		return c.fail(ErrHostMissing, found(hosts))
	}
	c.request.Host = hosts[0]
	return nil
}

func (c *requestCheck) upgrade() error {
	if !c.head.ContainsToken("Upgrade", "websocket") {
		if err := c.fail(ErrUpgradeMissing, found(c.head.Values("Upgrade"))); err != nil {
			return err
		}
	}
	if !c.head.ContainsToken("Connection", "upgrade") {
		return c.fail(ErrConnectionMissing, found(c.head.Values("Connection")))
	}
	return nil
}

// body refuses what could hide a second request behind this one.
func (c *requestCheck) body() error {
	for _, length := range c.head.Values("Content-Length") {
		if length != "0" {
			return c.fail(ErrHandshakeBody, "Content-Length "+quote(length))
		}
	}
	if c.head.Has("Transfer-Encoding") {
		return c.fail(ErrHandshakeBody, "Transfer-Encoding "+quote(c.head.Get("Transfer-Encoding")))
	}
	return nil
}

func (c *requestCheck) version() error {
	versions := c.head.Values("Sec-WebSocket-Version")
	switch {
	case len(versions) == 0:
		return c.fail(ErrVersionMissing, "")
	case len(versions) > 1:
		return c.fail(ErrVersionRepeated, found(versions))
	case versions[0] != "13":
		return c.fail(ErrVersionUnsupported, found(versions))
	}
	return nil
}

func (c *requestCheck) key() error {
	keys := c.head.Values("Sec-WebSocket-Key")
	if len(keys) == 0 {
		return c.fail(ErrKeyMissing, "")
	}
	c.request.Key = keys[0]
	switch {
	case len(keys) > 1:
		return c.fail(ErrKeyRepeated, found(keys))
	case !validKey(keys[0]):
		return c.fail(ErrKeyInvalid, found(keys))
	}
	return nil
}

// protocols reads the subprotocols. Its errors do not show them: people put
// secrets there.
func (c *requestCheck) protocols() error {
	if !c.head.Has("Sec-WebSocket-Protocol") {
		return nil
	}
	n := 0
	seen := make(map[string]bool)
	for name := range c.head.Elements("Sec-WebSocket-Protocol") {
		n++
		if !isToken(name) {
			if err := c.fail(ErrSubprotocolInvalid, fmt.Sprintf("element %d", n)); err != nil {
				return err
			}
		}
		if seen[name] {
			if err := c.fail(ErrSubprotocolRepeated, fmt.Sprintf("element %d", n)); err != nil {
				return err
			}
			continue
		}
		seen[name] = true
		c.request.Protocols = append(c.request.Protocols, name)
	}
	if n == 0 {
		return c.fail(ErrSubprotocolInvalid, "the list is empty")
	}
	return nil
}

func (c *requestCheck) extensions() error {
	values := c.head.Values("Sec-WebSocket-Extensions")
	var err error
	if c.request.Extensions, err = ParseExtensions(values); err != nil {
		return c.fail(err.(*Violation), found(values))
	}
	return nil
}

// found says what stood in the fields of one name.
func found(values []string) string {
	if len(values) == 0 {
		return "there is none"
	}
	return "got " + quote(strings.Join(values, ", "))
}
