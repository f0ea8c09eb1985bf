package term

import (
	"bytes"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What is escaped, and how. Text that people can read passes as it is, everything
// that could move the cursor, reorder or hide text does not:
//
//	newline, carriage return, tab   ␊ ␍ ␉
//	other C0 controls, DEL          \x1b
//	a byte that is not UTF-8        \xff
//	any other character             \u{202e}
//	    C1 controls, format characters (Cf: bidi, zero-width, tags), line and
//	    paragraph separators, variation selectors and others that are ignorable by
//	    default, private use, unassigned; and a literal ␊ ␍ ␉
//	a backslash                     as it is, but \x5c where it would begin one of the above
//
// None of these forms means anything in JSON, so that a JSON text with its own
// \n, \" and \u00e9 is shown as it was sent.
const (
	pictureTab = '␉'
	pictureLF  = '␊'
	pictureCR  = '␍'

	lowerHex = "0123456789abcdef"
)

// AppendEscaped appends b to dst in a form that is safe to show on a terminal and
// that AppendUnescaped can reverse. The result is one line of valid UTF-8.
func AppendEscaped(dst, b []byte) []byte {
	return appendEscaped(dst, b, false)
}

// AppendEscapedLines is AppendEscaped but for newlines, which stay newlines.
func AppendEscapedLines(dst, b []byte) []byte {
	return appendEscaped(dst, b, true)
}

// Escape returns s as AppendEscaped has it. It returns s itself, and allocates
// nothing, when there is nothing to escape.
func Escape(s string) string {
	n := safePrefix(s)
	if n == len(s) {
		return s
	}
	dst := make([]byte, 0, len(s)+len(s)/4+8)
	dst = append(dst, s[:n]...)
	return string(AppendEscaped(dst, []byte(s[n:])))
}

// EscapeQuoted is Escape for a text in which what a peer sent is quoted, such as an
// error: it leaves each backslash alone, since the quote has been escaped before.
func EscapeQuoted(s string) string { return strings.ReplaceAll(Escape(s), `\x5c`, `\`) }

func appendEscaped(dst, b []byte, lines bool) []byte {
	for {
		n := safePrefix(b)
		dst = append(dst, b[:n]...)
		b = b[n:]
		if len(b) == 0 {
			return dst
		}
		r, size := utf8.DecodeRune(b)
		switch {
		case r == '\n' && lines:
			dst = append(dst, '\n')
		case r == '\n':
			dst = utf8.AppendRune(dst, pictureLF)
		case r == '\r':
			dst = utf8.AppendRune(dst, pictureCR)
		case r == '\t':
			dst = utf8.AppendRune(dst, pictureTab)
		case size == 1: // a control, a backslash, or not UTF-8
			dst = append(dst, '\\', 'x', lowerHex[b[0]>>4], lowerHex[b[0]&15])
		default:
			dst = append(dst, `\u{`...)
			dst = strconv.AppendUint(dst, uint64(r), 16)
			dst = append(dst, '}')
		}
		b = b[size:]
	}
}

// safePrefix returns the length of the longest start of s that is shown as it is.
func safePrefix[T string | []byte](s T) int {
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c >= utf8.RuneSelf:
			r, size := utf8.DecodeRuneInString(string(s[i:min(i+utf8.UTFMax, len(s))]))
			if size == 1 || !safeRune(r) {
				return i
			}
			i += size
			continue
		case c < ' ', c == 0x7f:
			return i
		case c == '\\' && escapeLen(s[i:]) > 0:
			return i
		}
		i++
	}
	return len(s)
}

// safeRune reports whether a character beyond ASCII is shown as it is: it is
// assigned (as of this Go's Unicode tables), has a glyph or is a space, and cannot
// hide or reorder its neighbours.
func safeRune(r rune) bool {
	switch {
	case r == pictureTab || r == pictureLF || r == pictureCR:
		return false
	case !strconv.IsPrint(r) && !unicode.Is(unicode.Zs, r):
		return false
	}
	return !unicode.In(r, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// AppendUnescaped appends to dst what AppendEscaped or AppendEscapedLines made b
// from. A backslash that begins none of their forms is a backslash, so there is no
// malformed input.
func AppendUnescaped(dst, b []byte) []byte {
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		switch r {
		case pictureLF:
			dst = append(dst, '\n')
		case pictureCR:
			dst = append(dst, '\r')
		case pictureTab:
			dst = append(dst, '\t')
		case '\\':
			if n := escapeLen(b); n > 0 {
				dst = appendEscapeValue(dst, b[:n])
				size = n
				break
			}
			fallthrough
		default:
			dst = append(dst, b[:size]...)
		}
		b = b[size:]
	}
	return dst
}

// appendEscapeValue appends what the one escape esc stands for.
func appendEscapeValue(dst, esc []byte) []byte {
	if esc[1] == 'x' {
		return append(dst, byte(hexValue(esc[2])<<4|hexValue(esc[3])))
	}
	r := 0
	for _, c := range esc[3 : len(esc)-1] {
		r = r<<4 | hexValue(c)
	}
	return utf8.AppendRune(dst, rune(r))
}

// maxEscape is the length of the longest escape, \u{10ffff}.
const maxEscape = 10

// escapeLen returns the length of the escape \xHH or \u{H…} that s begins with, 0
// when it begins with none.
func escapeLen[T string | []byte](s T) int {
	n, _ := scanEscape(s)
	return n
}

// scanEscape is escapeLen, and reports whether s ended inside what may become one.
func scanEscape[T string | []byte](s T) (n int, short bool) {
	for i := range len(s) {
		c, ok := s[i], false
		switch {
		case i == 0:
			ok = c == '\\'
		case i == 1:
			ok = c == 'x' || c == 'u'
		case s[1] == 'x':
			ok = lowerHexDigit(c)
			if ok && i == 3 {
				return 4, false
			}
		case i == 2:
			ok = c == '{'
		case i > 3 && c == '}':
			return i + 1, false
		default:
			ok = i < maxEscape-1 && lowerHexDigit(c)
		}
		if !ok {
			return 0, false
		}
	}
	return 0, true
}

func lowerHexDigit(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f'
}

// hexValue returns the value of the hexadecimal digit c, −1 when it is none.
func hexValue(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// undecided returns how many bytes at the end of b cannot be escaped before it is
// known what follows them: part of a character, or of what may be read as an escape.
func undecided(b []byte) int {
	tail := b[max(0, len(b)-maxEscape):]
	if i := bytes.LastIndexByte(tail, '\\'); i >= 0 {
		if _, short := scanEscape(tail[i:]); short {
			return len(tail) - i
		}
	}
	return partialRune(b)
}

// partialRune returns how many bytes at the end of b begin a character that goes on.
func partialRune(b []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(b); n++ {
		if c := b[len(b)-n]; utf8.RuneStart(c) {
			if c >= utf8.RuneSelf && !utf8.FullRune(b[len(b)-n:]) {
				return n
			}
			break
		}
	}
	return 0
}
