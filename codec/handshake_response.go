package codec

import (
	"fmt"
	"slices"
)

// An Agreement is what both ends agreed on in the opening handshake.
type Agreement struct {
	// Protocol is the subprotocol, "" for none.
	Protocol string
	// Deflate is permessage-deflate as it was agreed, nil without it.
	Deflate *Deflate
	// Extensions are all extensions as the server answered them.
	Extensions []Extension
}

// CheckResponse checks the head of a server's answer to req as a client must (RFC
// 6455 §4.1) and returns what was agreed. Report is as in [CheckRequest].
//
// A status other than 101 breaks ErrHandshakeStatus and nothing else: the error
// has the status.
func CheckResponse(req *Request, h *Head, report func(*HandshakeError)) (Agreement, error) {
	c := responseCheck{request: req, head: h, report: report}
	switched, err := c.status()
	if err != nil || !switched {
		return Agreement{}, err
	}
	for _, rule := range responseRules {
		if err := rule(&c); err != nil {
			return c.agreed, err
		}
	}
	return c.agreed, nil
}

// A responseCheck is a run of the rules for a response over one head.
type responseCheck struct {
	request *Request
	head    *Head
	report  func(*HandshakeError)
	agreed  Agreement
}

// responseRules are the rules for a response with status 101 in the order of RFC
// 6455 §4.1. Each returns the error that ends the check.
var responseRules = [...]func(*responseCheck) error{
	(*responseCheck).upgrade,
	(*responseCheck).accept,
	(*responseCheck).extensions,
	(*responseCheck).protocol,
}

func (c *responseCheck) fail(v *Violation, status int, detail string) error {
	e := &HandshakeError{Violation: v, Status: status, Detail: detail}
	if c.report == nil {
		return e
	}
	c.report(e)
	return nil
}

// status reports whether the server switched protocols.
func (c *responseCheck) status() (switched bool, err error) {
	line, err := ParseStatusLine(c.head.Start)
	switch {
	case err != nil:
		return false, c.fail(ErrInvalidStartLine, 0, quote(c.head.Start))
	case line.Status != 101:
		return false, c.fail(ErrHandshakeStatus, line.Status, quote(fmt.Sprint(line.Status, " ", line.Reason)))
	case before11(line.Major, line.Minor):
		return true, c.fail(ErrHandshakeHTTPVersion, 0, fmt.Sprintf("HTTP/%d.%d", line.Major, line.Minor))
	}
	return true, nil
}

// upgrade wants the one value websocket: a server says what it switched to.
func (c *responseCheck) upgrade() error {
	if values := c.head.Values("Upgrade"); len(values) != 1 || !equalFold(values[0], "websocket") {
		if err := c.fail(ErrUpgradeMissing, 0, found(values)); err != nil {
			return err
		}
	}
	if !c.head.ContainsToken("Connection", "upgrade") {
		return c.fail(ErrConnectionMissing, 0, found(c.head.Values("Connection")))
	}
	return nil
}

func (c *responseCheck) accept() error {
	values := c.head.Values("Sec-WebSocket-Accept")
	want := AcceptKey(c.request.Key)
	switch {
	case len(values) == 0:
		return c.fail(ErrAcceptMissing, 0, "")
	case len(values) > 1:
		return c.fail(ErrAcceptRepeated, 0, found(values))
	case values[0] != want:
		return c.fail(ErrAcceptWrong, 0, fmt.Sprintf("%s, want %q", found(values), want))
	}
	return nil
}

func (c *responseCheck) extensions() error {
	values := c.head.Values("Sec-WebSocket-Extensions")
	if len(values) > 1 {
		if err := c.fail(ErrExtensionsRepeated, 0, found(values)); err != nil {
			return err
		}
	}
	answer, err := ParseExtensions(values)
	c.agreed.Extensions = answer
	if err == nil {
		c.agreed.Deflate, err = CheckDeflate(c.request.Extensions, answer)
	}
	if err != nil {
		c.agreed.Deflate = claimedDeflate(answer)
		return c.fail(err.(*Violation), 0, found(values))
	}
	return nil
}

// claimedDeflate returns what a server that had no right to it claims for
// permessage-deflate: who goes on all the same will see frames of that kind.
func claimedDeflate(answer []Extension) *Deflate {
	offer := []Extension{OfferDeflate(DeflateConfig{})} // to which any answer is right
	for _, e := range answer {
		if e.Name != DeflateName {
			continue
		}
		if d, err := CheckDeflate(offer, []Extension{e}); err == nil {
			return d
		}
	}
	return nil
}

func (c *responseCheck) protocol() error {
	values := c.head.Values("Sec-WebSocket-Protocol")
	if len(values) == 0 {
		return nil
	}
	c.agreed.Protocol = values[0]
	switch {
	case len(values) > 1:
		return c.fail(ErrSubprotocolRepeated, 0, found(values))
	case !isToken(values[0]):
		return c.fail(ErrSubprotocolInvalid, 0, found(values))
	case !slices.Contains(c.request.Protocols, values[0]):
		return c.fail(ErrSubprotocolNotOffered, 0, found(values))
	}
	return nil
}
