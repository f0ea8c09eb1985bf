package codec

import (
	"encoding/binary"
	"fmt"
	"unicode/utf8"
)

// MaxControlPayload is the largest payload of a control frame, in bytes (RFC
// 6455 §5.5).
const MaxControlPayload = 125

// MaxCloseReason is the largest reason of a close frame, in bytes: what a control
// frame holds less the code.
const MaxCloseReason = MaxControlPayload - 2

// CloseCode says why a connection was closed (RFC 6455 §7.4).
type CloseCode uint16

// The close codes of RFC 6455 §7.4.1 and of the IANA registry.
const (
	CloseNormal             CloseCode = 1000
	CloseGoingAway          CloseCode = 1001
	CloseProtocolError      CloseCode = 1002
	CloseUnsupportedData    CloseCode = 1003
	CloseNoStatus           CloseCode = 1005 // never on the wire: the close frame was empty
	CloseAbnormal           CloseCode = 1006 // never on the wire: there was no close frame
	CloseInvalidPayload     CloseCode = 1007
	ClosePolicyViolation    CloseCode = 1008
	CloseMessageTooBig      CloseCode = 1009
	CloseMandatoryExtension CloseCode = 1010
	CloseInternalError      CloseCode = 1011
	CloseServiceRestart     CloseCode = 1012
	CloseTryAgainLater      CloseCode = 1013
	CloseBadGateway         CloseCode = 1014
	CloseTLSHandshake       CloseCode = 1015 // never on the wire: TLS failed
)

var closeCodeNames = map[CloseCode]string{
	CloseNormal:             "normal closure",
	CloseGoingAway:          "going away",
	CloseProtocolError:      "protocol error",
	CloseUnsupportedData:    "unsupported data",
	CloseNoStatus:           "no status received",
	CloseAbnormal:           "abnormal closure",
	CloseInvalidPayload:     "invalid payload data",
	ClosePolicyViolation:    "policy violation",
	CloseMessageTooBig:      "message too big",
	CloseMandatoryExtension: "mandatory extension",
	CloseInternalError:      "internal error",
	CloseServiceRestart:     "service restart",
	CloseTryAgainLater:      "try again later",
	CloseBadGateway:         "bad gateway",
	CloseTLSHandshake:       "TLS handshake",
}

// Name returns the registered name in lower case, "registered" for 3000 to 3999,
// "private" for 4000 to 4999, and "" for a code without meaning.
func (c CloseCode) Name() string {
	switch {
	case c >= 3000 && c < 4000:
		return "registered"
	case c >= 4000 && c < 5000:
		return "private"
	}
	return closeCodeNames[c]
}

// String returns the number and the name.
func (c CloseCode) String() string {
	if name := c.Name(); name != "" {
		return fmt.Sprintf("%d %s", uint16(c), name)
	}
	return fmt.Sprintf("%d", uint16(c))
}

// Sendable reports whether a close frame may carry c: a registered code that is
// not reserved for local use, or one of 3000 to 4999 (RFC 6455 §7.4).
func (c CloseCode) Sendable() bool {
	switch c {
	case CloseNoStatus, CloseAbnormal, CloseTLSHandshake:
		return false
	}
	return closeCodeNames[c] != "" || c >= 3000 && c < 5000
}

// ParseClose decodes the payload of a close frame (RFC 6455 §5.5.1). An empty
// payload is CloseNoStatus. With a *Violation, code and reason hold what could
// be read; the reason may then be invalid UTF-8.
func ParseClose(b []byte) (code CloseCode, reason string, err error) {
	err = checkClose(b, false, func(v *Violation) error { return v })
	if len(b) < 2 {
		return CloseNoStatus, "", err
	}
	return CloseCode(binary.BigEndian.Uint16(b)), string(b[2:]), err
}

// checkClose applies the rules for the payload of a close frame. Cut says that b
// is only its beginning. It reports each broken rule until report returns an
// error, and returns that.
func checkClose(b []byte, cut bool, report func(*Violation) error) error {
	switch len(b) {
	case 0:
		return nil
	case 1:
		return report(ErrShortClosePayload)
	}
	if !CloseCode(binary.BigEndian.Uint16(b)).Sendable() {
		if err := report(ErrInvalidCloseCode); err != nil {
			return err
		}
	}
	var reason UTF8
	if !reason.Write(b[2:]) || !cut && !reason.Complete() {
		return report(ErrInvalidUTF8Reason)
	}
	return nil
}

// AppendClose appends the payload of a close frame. CloseNoStatus and zero append
// nothing. A reason longer than MaxCloseReason is cut at the start of a rune;
// whether the code may be sent is the caller's to check.
func AppendClose(dst []byte, code CloseCode, reason string) []byte {
	if code == CloseNoStatus || code == 0 {
		return dst
	}
	if len(reason) > MaxCloseReason {
		cut := MaxCloseReason
		for cut > 0 && !utf8.RuneStart(reason[cut]) {
			cut--
		}
		reason = reason[:cut]
	}
	dst = binary.BigEndian.AppendUint16(dst, uint16(code))
	return append(dst, reason...)
}

// Closing is the state of one connection's closing handshake as seen by one of
// its endpoints (RFC 6455 §7.1). The zero value is an open connection.
type Closing struct {
	// Sent is the code of the close frame that this endpoint sent: zero while it
	// sent none, CloseNoStatus for one without a code.
	Sent CloseCode
	// Received is the code of the peer's first close frame, which is that of the
	// connection (§7.1.5). It is meaningless while there was none.
	Received CloseCode

	received bool // the wire may hold the code 0
}

// Send records that this endpoint sends a close frame with code, where zero is
// CloseNoStatus, and reports whether it may: an endpoint closes once. Whether the
// code is Sendable is the caller's to check.
func (c *Closing) Send(code CloseCode) bool {
	if c.Sent != 0 {
		return false
	}
	if code == 0 {
		code = CloseNoStatus
	}
	c.Sent = code
	return true
}

// Receive records a close frame of the peer and returns the code to answer with:
// the same code, or 1002 for one that must not be sent, so that an illegal code
// is never echoed. It reports whether an answer is due: it is not to a second
// close frame, nor after one of our own (§5.5.1). A close frame that broke a rule
// is answered with the violation's code instead.
func (c *Closing) Receive(code CloseCode) (reply CloseCode, due bool) {
	due = !c.received && c.Sent == 0
	if !c.received {
		c.Received, c.received = code, true
	}
	if code != CloseNoStatus && !code.Sendable() {
		code = CloseProtocolError
	}
	return code, due
}

// MaySend reports whether a data frame may still be sent: until our own close
// frame (§5.5.1). After the peer's, it is for the rest of a message that has begun;
// no other one may begin (§6.1).
func (c *Closing) MaySend() bool { return c.Sent == 0 }

// MayPong reports whether a ping is to be answered: until the peer's close frame,
// and so even after our own (§5.5.2).
func (c *Closing) MayPong() bool { return !c.received }

// Complete reports whether both ends have sent a close frame. The connection
// below is then closed, by the server first (§7.1.1).
func (c *Closing) Complete() bool { return c.Sent != 0 && c.received }
