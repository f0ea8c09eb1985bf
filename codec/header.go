package codec

import (
	"encoding/binary"
	"errors"
)

// ErrShort reports that a parser needs more bytes than it was given. It is no
// violation: call again with the same bytes and those that follow them.
var ErrShort = errors.New("short input")

// MaxHeader is the largest size of a frame header, in bytes: two bytes, a 64-bit
// length and a masking key.
const MaxHeader = 14

// The RSV bits of a frame header, as in Header.RSV.
const (
	RSV1 = 4
	RSV2 = 2
	RSV3 = 1
)

// LengthForm is the width in bits of the field that holds a payload length: 7,
// 16 or 64. Zero asks AppendHeader for the narrowest that fits.
type LengthForm uint8

// A Header is the header of a frame (RFC 6455 §5.2).
type Header struct {
	// Fin marks the last frame of a message.
	Fin bool
	// RSV holds the three reserved bits, RSV1 the highest: 0 to 7.
	RSV uint8
	// Opcode is a four-bit value.
	Opcode Opcode
	// Masked reports whether a masking key is present.
	Masked bool
	// Key is the masking key, all zero when Masked is false.
	Key MaskKey
	// Form is how the length was written; AppendHeader takes zero for minimal.
	Form LengthForm
	// Length is the size of the payload in bytes.
	Length uint64
}

// Size returns the size in bytes of the header as AppendHeader writes it.
func (h Header) Size() int {
	n := 2
	switch h.form() {
	case 16:
		n += 2
	case 64:
		n += 8
	}
	if h.Masked {
		n += 4
	}
	return n
}

func (h *Header) form() LengthForm {
	if h.Form != 0 {
		return h.Form
	}
	return minimalForm(h.Length)
}

func minimalForm(length uint64) LengthForm {
	switch {
	case length < 126:
		return 7
	case length <= 0xFFFF:
		return 16
	}
	return 64
}

// ParseHeader decodes the frame header that b starts with and reports its size n.
// It returns ErrShort, and n zero, when b ends inside the header. With a
// *Violation, which can only be of the length's form (§5.2), h and n hold what
// was read, so that a tool can show the frame that broke the rule.
func ParseHeader(b []byte) (h Header, n int, err error) {
	n, err = h.parse(b)
	return h, n, err
}

// parse sets h, unless b is short, and does the work of ParseHeader. It is apart
// because a Header in memory is cheaper than one that is passed around.
func (h *Header) parse(b []byte) (n int, err error) {
	if len(b) < 2 {
		return 0, ErrShort
	}
	b0, b1 := b[0], b[1]
	form, length := LengthForm(7), uint64(b1&0x7F)
	n = 2
	switch length {
	case 126:
		if len(b) < 4 {
			return 0, ErrShort
		}
		form, length, n = 16, uint64(binary.BigEndian.Uint16(b[2:])), 4
	case 127:
		if len(b) < 10 {
			return 0, ErrShort
		}
		form, length, n = 64, binary.BigEndian.Uint64(b[2:]), 10
	}
	var key MaskKey
	if b1&0x80 != 0 {
		if len(b) < n+4 {
			return 0, ErrShort
		}
		key = MaskKey(b[n:])
		n += 4
	}
	h.Fin, h.RSV, h.Opcode = b0&0x80 != 0, b0>>4&7, Opcode(b0&0xF)
	h.Masked, h.Key, h.Form, h.Length = b1&0x80 != 0, key, form, length
	if form != 7 {
		switch {
		case length>>63 != 0:
			err = ErrLengthTopBit
		case form != minimalForm(length):
			err = ErrNonMinimalLength
		}
	}
	return n, err
}

// AppendHeader appends the encoding of h. It writes what it is told: an illegal
// header stays illegal, for tools that need one. Bits that do not fit their field
// are cut off.
func AppendHeader(dst []byte, h Header) []byte { return h.append(dst) }

func (h *Header) append(dst []byte) []byte {
	var mask byte
	if h.Masked {
		mask = maskBit
	}
	dst = appendLength(dst, h.firstByte(), mask, h.form(), h.Length)
	if h.Masked {
		dst = append(dst, h.Key[:]...)
	}
	return dst
}

// The bits beside the opcode and the length in the first two bytes.
const (
	finBit  = 0x80
	maskBit = 0x80
)

// firstByte is the byte before the length.
func (h *Header) firstByte() byte {
	b := h.RSV&7<<4 | byte(h.Opcode&0xF)
	if h.Fin {
		b |= finBit
	}
	return b
}

// appendLength appends a header up to its key. It takes single values because a
// Header made for the purpose costs more than a short frame.
func appendLength(dst []byte, first, mask byte, form LengthForm, length uint64) []byte {
	switch form {
	case 16:
		return append(dst, first, mask|126, byte(length>>8), byte(length))
	case 64:
		return binary.BigEndian.AppendUint64(append(dst, first, mask|127), length)
	}
	return append(dst, first, mask|byte(length&0x7F))
}
