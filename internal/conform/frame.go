package conform

import (
	"crypto/rand"
	"fmt"
	"strings"

	"wskit/codec"
	"wskit/internal/trace"
)

// A frame is one frame to be sent, as wrong as it is asked to be. Its methods return
// a changed copy.
type frame struct {
	fin     bool
	rsv     uint8
	op      codec.Opcode
	payload []byte
	// note is said of the payload when the frame is described.
	note string

	wrongMask bool             // masked by a server, unmasked by a client
	key       *codec.MaskKey   // if nil, a random one
	form      codec.LengthForm // 0 is the narrowest
	announce  uint64           // the length in the header, unless it is that of the payload
	announced bool
}

func textFrame(s string) frame   { return frame{fin: true, op: codec.OpText, payload: []byte(s)} }
func binaryFrame(b []byte) frame { return frame{fin: true, op: codec.OpBinary, payload: b} }
func contFrame(s string) frame   { return frame{fin: true, op: codec.OpContinuation, payload: []byte(s)} }

func pingFrame(s string) frame { return frame{fin: true, op: codec.OpPing, payload: []byte(s)} }

func pongFrame(s string) frame { return frame{fin: true, op: codec.OpPong, payload: []byte(s)} }

func closeFrame(payload []byte) frame { return frame{fin: true, op: codec.OpClose, payload: payload} }

// closeWith is a close frame with a code, be it allowed or not, and a reason.
func closeWith(code codec.CloseCode, reason string) frame {
	return closeFrame(append([]byte{byte(code >> 8), byte(code)}, reason...))
}

// more clears FIN: more fragments follow.
func (f frame) more() frame { f.fin = false; return f }

// reserved sets the RSV bits: 4 is RSV1, 2 is RSV2, 1 is RSV3.
func (f frame) reserved(rsv uint8) frame { f.rsv = rsv; return f }

// withOpcode replaces the opcode.
func (f frame) withOpcode(op codec.Opcode) frame { f.op = op; return f }

// wronglyMasked masks what a server sends, and does not mask what a client sends.
func (f frame) wronglyMasked() frame { f.wrongMask = true; return f }

// withKey masks with that key, if the frame is masked.
func (f frame) withKey(key codec.MaskKey) frame { f.key = &key; return f }

// withForm writes the length in a field of 7, 16 or 64 bits, be it the narrowest or
// not.
func (f frame) withForm(form codec.LengthForm) frame { f.form = form; return f }

// announcing writes n in place of the payload's length.
func (f frame) announcing(n uint64) frame { f.announce, f.announced = n, true; return f }

// noted adds words to the description.
func (f frame) noted(s string) frame { f.note = s; return f }

// append appends the frame as role sends it.
func (f frame) append(dst []byte, role codec.Role) []byte {
	h := codec.Header{
		Fin: f.fin, RSV: f.rsv, Opcode: f.op, Form: f.form, Length: uint64(len(f.payload)),
		Masked: (role == codec.RoleClient) != f.wrongMask,
	}
	if f.announced {
		h.Length = f.announce
	}
	switch {
	case !h.Masked:
	case f.key != nil:
		h.Key = *f.key
	default:
		rand.Read(h.Key[:])
	}
	dst = codec.AppendHeader(dst, h)
	start := len(dst)
	dst = append(dst, f.payload...)
	if h.Masked {
		codec.Mask(h.Key, 0, dst[start:])
	}
	return dst
}

// String describes the frame: "text without FIN, 5 B".
func (f frame) String() string {
	var b strings.Builder
	b.WriteString(f.op.String())
	if !f.fin {
		b.WriteString(" without FIN")
	}
	for i, name := range []string{"RSV3", "RSV2", "RSV1"} {
		if f.rsv&(1<<i) != 0 {
			b.WriteString(" with " + name)
		}
	}
	if f.wrongMask {
		b.WriteString(" with the wrong masking")
	}
	if f.key != nil {
		fmt.Fprintf(&b, " with the mask %x", *f.key)
	}
	fmt.Fprintf(&b, ", %s", trace.FormatBytes(uint64(len(f.payload))))
	if f.form != 0 {
		fmt.Fprintf(&b, " in a %d-bit length", f.form)
	}
	if f.announced {
		fmt.Fprintf(&b, " where the header says %d", f.announce)
	}
	switch {
	case f.note != "":
		b.WriteString(": " + f.note)
	case f.op == codec.OpClose && len(f.payload) >= 2:
		fmt.Fprintf(&b, ": %d", int(f.payload[0])<<8|int(f.payload[1]))
		if len(f.payload) > 2 {
			b.WriteString(" " + quote(f.payload[2:]))
		}
	case len(f.payload) > 0 && len(f.payload) <= shortPayload:
		b.WriteString(": " + quote(f.payload))
	}
	return b.String()
}

// shortPayload is how long a payload may be to be shown.
const shortPayload = 32

// quote quotes what was or is to be sent, cut to a few words.
func quote(b []byte) string {
	if len(b) > shortPayload {
		return fmt.Sprintf("%q…", b[:shortPayload])
	}
	return fmt.Sprintf("%q", b)
}

// describe names frames, the first and the last when there are many.
func describe(frames []frame) string { return enumerate(frames, "; ") }

// enumerate names things, the first and the last when there are many.
func enumerate[T fmt.Stringer](things []T, separator string) string {
	const many, first = 6, 3
	words := make([]string, 0, many)
	for i, t := range things {
		switch {
		case len(things) <= many || i < first || i == len(things)-1:
			words = append(words, t.String())
		case i == first:
			words = append(words, fmt.Sprintf("%d more", len(things)-first-1))
		}
	}
	return strings.Join(words, separator)
}
