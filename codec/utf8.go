package codec

import "unicode/utf8"

// UTF8 checks a text that arrives in pieces, and fails in the piece that holds
// the first bad byte (RFC 6455 §8.1). The zero value is at the start of a text.
type UTF8 struct {
	need   uint8 // continuation bytes that the open rune still wants
	lo, hi byte  // the range of the next one
	bad    bool
}

// Write checks the next piece and reports whether the text so far is the
// beginning of some valid text. Once false, it stays false.
func (u *UTF8) Write(b []byte) bool {
	for !u.bad && u.need > 0 && len(b) > 0 {
		u.step(b[0])
		b = b[1:]
	}
	if u.bad || len(b) == 0 {
		return !u.bad
	}
	// All but a rune that the piece may have cut goes to the fast path.
	cut := len(b)
	for i := 1; i < utf8.UTFMax && i <= len(b); i++ {
		if utf8.RuneStart(b[len(b)-i]) {
			cut = len(b) - i
			break
		}
	}
	if !utf8.Valid(b[:cut]) {
		u.bad = true
		return false
	}
	for _, c := range b[cut:] {
		u.step(c)
	}
	return !u.bad
}

// step takes one byte, by the table of well-formed sequences (Unicode 3-7; RFC
// 3629 §4).
func (u *UTF8) step(c byte) {
	if u.need > 0 {
		if c < u.lo || c > u.hi {
			u.bad = true
			return
		}
		u.need--
		u.lo, u.hi = 0x80, 0xBF
		return
	}
	u.lo, u.hi = 0x80, 0xBF
	switch {
	case c < 0x80:
	case c < 0xC2:
		u.bad = true
	case c < 0xE0:
		u.need = 1
	case c < 0xF0:
		u.need = 2
		switch c {
		case 0xE0:
			u.lo = 0xA0
		case 0xED:
			u.hi = 0x9F
		}
	case c < 0xF5:
		u.need = 3
		switch c {
		case 0xF0:
			u.lo = 0x90
		case 0xF4:
			u.hi = 0x8F
		}
	default:
		u.bad = true
	}
}

// Complete reports whether the text so far is valid and does not end inside a
// rune.
func (u *UTF8) Complete() bool { return !u.bad && u.need == 0 }
