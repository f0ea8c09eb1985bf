package codec

import (
	"cmp"
	"fmt"
	"strconv"
)

// DeflateName is the extension's name in Sec-WebSocket-Extensions.
const DeflateName = "permessage-deflate"

// The parameters of permessage-deflate (RFC 7692 §7.1).
const (
	serverNoTakeover = "server_no_context_takeover"
	clientNoTakeover = "client_no_context_takeover"
	serverMaxBits    = "server_max_window_bits"
	clientMaxBits    = "client_max_window_bits"
)

// The sizes of an LZ77 window, as powers of two (RFC 7692 §7.1.2).
const (
	MinWindowBits = 8
	MaxWindowBits = 15
)

// The violations by which a client fails the handshake. A server has none: it
// declines an offer that it cannot take.
var (
	ErrExtensionNotOffered    = refusal("extension-not-offered", "RFC 6455 §4.1", 0, "the server answers an extension that was not offered")
	ErrDeflateRepeated        = refusal("deflate-repeated", "RFC 7692 §5", 0, "the server accepts permessage-deflate more than once")
	ErrDeflateParamUnknown    = refusal("deflate-parameter-unknown", "RFC 7692 §7.1", 0, "permessage-deflate has no such parameter")
	ErrDeflateParamRepeated   = refusal("deflate-parameter-repeated", "RFC 7692 §7.1", 0, "a parameter of permessage-deflate occurs twice")
	ErrDeflateParamInvalid    = refusal("deflate-parameter-invalid", "RFC 7692 §7.1", 0, "a parameter of permessage-deflate has an invalid value")
	ErrServerTakeoverIgnored  = refusal("server-takeover-ignored", "RFC 7692 §7.1.1.1", 0, "the server ignores server_no_context_takeover")
	ErrServerWindowTooLarge   = refusal("server-window-too-large", "RFC 7692 §7.1.2.1", 0, "the server's window is larger than server_max_window_bits asks for")
	ErrClientWindowNotOffered = refusal("client-window-not-offered", "RFC 7692 §7.1.2.2", 0, "the server sets client_max_window_bits, which was not offered")
)

// Deflate is what two endpoints agreed on for permessage-deflate (RFC 7692 §7.1).
type Deflate struct {
	// ServerNoContextTakeover and ClientNoContextTakeover say that the server
	// or the client compresses each message on its own.
	ServerNoContextTakeover, ClientNoContextTakeover bool
	// ServerMaxWindowBits and ClientMaxWindowBits bound the window that the
	// server or the client compresses with: 8 to 15. If zero, 15.
	ServerMaxWindowBits, ClientMaxWindowBits int
}

// WindowBits returns the size of the window that sender compresses with, as a
// power of two: 8 to 15.
func (d *Deflate) WindowBits(sender Role) int {
	if sender == RoleClient {
		return windowBits(d.ClientMaxWindowBits)
	}
	return windowBits(d.ServerMaxWindowBits)
}

// Takeover reports whether a message of sender may refer to those that it sent
// before (RFC 7692 §7.1.1).
func (d *Deflate) Takeover(sender Role) bool {
	if sender == RoleClient {
		return !d.ClientNoContextTakeover
	}
	return !d.ServerNoContextTakeover
}

// NewWindow returns the window that the receiver of sender's messages keeps: nil, the
// window of a Decompressor without history, when there is no context takeover.
func (d *Deflate) NewWindow(sender Role) *Window {
	if !d.Takeover(sender) {
		return nil
	}
	return NewWindow(d.WindowBits(sender))
}

// NewHistory returns the history that sender keeps of its messages: nil, the history of
// messages that stand alone, when there is no context takeover.
func (d *Deflate) NewHistory(sender Role) *History {
	if !d.Takeover(sender) {
		return nil
	}
	return NewHistory(d.WindowBits(sender))
}

// A DeflateConfig is what an endpoint wants of permessage-deflate. The zero value
// compresses with the largest window and with context takeover. Check one that
// comes from outside with Validate; nothing else does.
type DeflateConfig struct {
	// ServerNoContextTakeover and ClientNoContextTakeover ask that the server
	// or the client compresses each message on its own. That costs
	// compression and saves the memory of a window. A client's own parameter
	// binds the client whatever the server answers.
	ServerNoContextTakeover, ClientNoContextTakeover bool
	// ServerMaxWindowBits and ClientMaxWindowBits bound the window that the
	// server or the client compresses with, 8 to 15. If zero, 15. A server
	// cannot bound a client that did not offer it: that client has 15.
	ServerMaxWindowBits, ClientMaxWindowBits int
	// Level is the compression level, 1 (fast) to 9 (small). If zero, it is
	// DefaultLevel. See NewCompressor for where it tells.
	Level int
	// MinSize is the size in bytes of the smallest message to compress. If
	// zero, it is DefaultMinSize. Smaller ones are sent as they are, with RSV1
	// clear, and are no part of the history (RFC 7692 §6).
	MinSize int
}

// DefaultMinSize is the size in bytes from which messages are compressed: below it
// a message fits one packet anyway.
const DefaultMinSize = 128

// Validate reports the first field of c that is out of its range.
func (c *DeflateConfig) Validate() error {
	for _, f := range []struct {
		name          string
		got, min, max int
	}{
		{"window bits", c.ServerMaxWindowBits, MinWindowBits, MaxWindowBits},
		{"window bits", c.ClientMaxWindowBits, MinWindowBits, MaxWindowBits},
		{"compression level", c.Level, MinLevel, MaxLevel},
	} {
		if f.got != 0 && (f.got < f.min || f.got > f.max) {
			return fmt.Errorf("invalid %s %d: want %d to %d", f.name, f.got, f.min, f.max)
		}
	}
	if c.MinSize < 0 {
		return fmt.Errorf("invalid minimum size %d: want 0 or more", c.MinSize)
	}
	return nil
}

// AcceptDeflate negotiates as a server: it takes the first of the offers for
// permessage-deflate that is valid, and returns what was agreed and the response
// to send. It passes over an offer that breaks a rule of RFC 7692 §7.1 and over
// other extensions; when none is left, ok is false and compression declined.
func AcceptDeflate(cfg DeflateConfig, offers []Extension) (agreed *Deflate, response Extension, ok bool) {
	for _, offer := range offers {
		if offer.Name != DeflateName {
			continue
		}
		o, err := parseDeflate(offer, false)
		if err != nil {
			continue
		}
		agreed = &Deflate{
			ServerNoContextTakeover: cfg.ServerNoContextTakeover || o.ServerNoContextTakeover,
			ClientNoContextTakeover: cfg.ClientNoContextTakeover || o.ClientNoContextTakeover,
			ServerMaxWindowBits:     min(windowBits(cfg.ServerMaxWindowBits), windowBits(o.ServerMaxWindowBits)),
			ClientMaxWindowBits:     MaxWindowBits,
		}
		if o.clientBits {
			agreed.ClientMaxWindowBits = min(windowBits(cfg.ClientMaxWindowBits), windowBits(o.ClientMaxWindowBits))
		}
		response = agreed.extension()
		if o.ServerMaxWindowBits == MaxWindowBits && agreed.ServerMaxWindowBits == MaxWindowBits {
			// The parameter is accepted by repeating it, even at its default.
			response.Params = append(response.Params, bitsParam(serverMaxBits, MaxWindowBits))
		}
		return agreed, response, true
	}
	return nil, Extension{}, false
}

// OfferDeflate returns the offer of a client. It always carries
// client_max_window_bits, so that the server may bound the client's window.
func OfferDeflate(cfg DeflateConfig) Extension {
	d := Deflate{
		ServerNoContextTakeover: cfg.ServerNoContextTakeover,
		ClientNoContextTakeover: cfg.ClientNoContextTakeover,
		ServerMaxWindowBits:     cfg.ServerMaxWindowBits,
		ClientMaxWindowBits:     cfg.ClientMaxWindowBits,
	}
	e := d.extension()
	if d.WindowBits(RoleClient) == MaxWindowBits {
		e.Params = append(e.Params, Param{Name: clientMaxBits})
	}
	return e
}

// CheckDeflate checks as a client what the server answered to the extensions that
// were offered, and returns what was agreed: nil without an error when the server
// declined permessage-deflate. What the client promised in its offer holds even
// where the answer is silent about it (RFC 7692 §7.1.1.2, §7.1.2.2).
//
// Any error is a *Violation by which the client fails the connection.
func CheckDeflate(offer, answer []Extension) (*Deflate, error) {
	var accepted *Extension
	for i, a := range answer {
		if !contains(offer, a.Name) {
			return nil, ErrExtensionNotOffered
		}
		if a.Name != DeflateName {
			continue
		}
		if accepted != nil {
			return nil, ErrDeflateRepeated
		}
		accepted = &answer[i]
	}
	if accepted == nil {
		return nil, nil
	}
	a, err := parseDeflate(*accepted, true)
	if err != nil {
		return nil, err
	}
	err = ErrExtensionNotOffered // should no offer have been valid
	for _, o := range offer {
		if o.Name != DeflateName {
			continue
		}
		o, oerr := parseDeflate(o, false)
		if oerr != nil {
			continue
		}
		if err = o.check(a); err == nil {
			return &Deflate{
				ServerNoContextTakeover: a.ServerNoContextTakeover,
				ClientNoContextTakeover: a.ClientNoContextTakeover || o.ClientNoContextTakeover,
				ServerMaxWindowBits:     a.WindowBits(RoleServer),
				ClientMaxWindowBits:     min(a.WindowBits(RoleClient), o.WindowBits(RoleClient)),
			}, nil
		}
	}
	return nil, err
}

// deflateParams is an offer or an answer as it was written: bits are zero where
// the parameter is absent or has no value.
type deflateParams struct {
	Deflate
	clientBits bool // client_max_window_bits is present
}

// parseDeflate reads the parameters of an offer or of an answer.
func parseDeflate(e Extension, answer bool) (p deflateParams, err error) {
	for i, q := range e.Params {
		for _, before := range e.Params[:i] {
			if before.Name == q.Name {
				return p, ErrDeflateParamRepeated
			}
		}
		valid := true
		switch q.Name {
		case serverNoTakeover:
			p.ServerNoContextTakeover, valid = true, !q.HasValue
		case clientNoTakeover:
			p.ClientNoContextTakeover, valid = true, !q.HasValue
		case serverMaxBits:
			p.ServerMaxWindowBits, valid = parseBits(q.Value)
		case clientMaxBits:
			p.clientBits = true
			if q.HasValue || answer {
				p.ClientMaxWindowBits, valid = parseBits(q.Value)
			}
		default:
			return p, ErrDeflateParamUnknown
		}
		if !valid {
			return p, ErrDeflateParamInvalid
		}
	}
	return p, nil
}

// check reports what is wrong with a as an answer to the offer o.
func (o *deflateParams) check(a deflateParams) error {
	switch {
	case o.ServerNoContextTakeover && !a.ServerNoContextTakeover:
		return ErrServerTakeoverIgnored
	case o.ServerMaxWindowBits != 0 && cmp.Or(a.ServerMaxWindowBits, MaxWindowBits) > o.ServerMaxWindowBits:
		return ErrServerWindowTooLarge
	case a.clientBits && !o.clientBits:
		return ErrClientWindowNotOffered
	}
	return nil
}

// extension writes d with those parameters that are not at their default.
func (d *Deflate) extension() Extension {
	e := Extension{Name: DeflateName}
	if d.ServerNoContextTakeover {
		e.Params = append(e.Params, Param{Name: serverNoTakeover})
	}
	if d.ClientNoContextTakeover {
		e.Params = append(e.Params, Param{Name: clientNoTakeover})
	}
	if bits := d.WindowBits(RoleServer); bits < MaxWindowBits {
		e.Params = append(e.Params, bitsParam(serverMaxBits, bits))
	}
	if bits := d.WindowBits(RoleClient); bits < MaxWindowBits {
		e.Params = append(e.Params, bitsParam(clientMaxBits, bits))
	}
	return e
}

func bitsParam(name string, bits int) Param {
	return Param{Name: name, Value: strconv.Itoa(bits), HasValue: true}
}

// parseBits reads a window's size: a decimal number from 8 to 15 without leading
// zeros (RFC 7692 §7.1.2).
func parseBits(s string) (bits int, ok bool) {
	for bits := MinWindowBits; bits <= MaxWindowBits; bits++ {
		if s == strconv.Itoa(bits) {
			return bits, true
		}
	}
	return 0, false
}

// windowBits applies the default.
func windowBits(bits int) int {
	if bits == 0 {
		return MaxWindowBits
	}
	return bits
}

func contains(list []Extension, name string) bool {
	for _, e := range list {
		if e.Name == name {
			return true
		}
	}
	return false
}
