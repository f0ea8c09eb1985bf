package trace

import (
	"encoding/base64"
	"fmt"
	"strings"
	"unicode"

	"wskit/internal/term"
)

// appendString appends s, which is UTF-8, as a string literal of JavaScript. Whatever
// s holds, the literal is one line that is safe to show, and nothing in it ends it: it
// has printable characters only, and others as escapes.
func appendString(dst []byte, s string) []byte {
	quote := '\''
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		quote = '"'
	}
	dst = append(dst, byte(quote))
	for i, r := range s {
		rest := s[i:]
		switch {
		case r == quote || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r == '\n':
			dst = append(dst, `\n`...)
		case r == '\r':
			dst = append(dst, `\r`...)
		case r == '\t':
			dst = append(dst, `\t`...)
		case r < ' ' || r == 0x7F:
			dst = fmt.Appendf(dst, `\x%02x`, r)
		case strings.HasPrefix(rest, "</"):
			dst = append(dst, `<\`...) // else a page could not hold the script
		case strings.HasPrefix(rest, "<!--"):
			dst = append(dst, `\x3c`...)
		case r < 0x7F || readable(r) && (i > 0 || !unicode.Is(unicode.M, r)):
			dst = append(dst, rest[:len(string(r))]...)
		default:
			dst = appendUnicode(dst, r)
		}
	}
	return append(dst, byte(quote))
}

// readable reports whether a character beyond ASCII stands in a literal as it is:
// people see it, and see it for what it is.
func readable(r rune) bool {
	return r != unicode.ReplacementChar && !unicode.Is(unicode.Zs, r) && term.Escape(string(r)) == string(r)
}

// appendUnicode appends r in \uHHHH, twice for one beyond 16 bits.
func appendUnicode(dst []byte, r rune) []byte {
	if r > 0xFFFF {
		r -= 0x10000
		return fmt.Appendf(dst, `\u%04x\u%04x`, 0xD800+r>>10, 0xDC00+r&0x3FF)
	}
	return fmt.Appendf(dst, `\u%04x`, r)
}

// The forms of binary literals: up to lineBytes stand on a line, and what is longer
// than listBytes is no list of numbers.
const (
	lineBytes = 16
	listBytes = 256
)

// appendBytes appends b as an Uint8Array. Its first line is to have no more than room
// cells; further ones begin with indent.
func appendBytes(dst, b []byte, room int, indent string) []byte {
	switch {
	case len(b) == 0:
		return append(dst, "new Uint8Array(0)"...)
	case len(b) > listBytes:
		dst = append(dst, "Uint8Array.from(atob('"...)
		dst = base64.StdEncoding.AppendEncode(dst, b)
		return append(dst, "'), c => c.charCodeAt(0))"...)
	}
	dst = append(dst, "new Uint8Array(["...)
	const digits = len("0x00, ")
	if len(b) <= lineBytes && len("new Uint8Array([])")+digits*len(b)-len(", ") <= room {
		return append(appendHexList(dst, b), "])"...)
	}
	for len(b) > 0 {
		row := b[:min(len(b), lineBytes)]
		b = b[len(row):]
		dst = append(append(append(dst, '\n'), indent...), "  "...)
		dst = append(appendHexList(dst, row), ',')
	}
	dst = append(append(dst, '\n'), indent...)
	return append(dst, "])"...)
}

func appendHexList(dst, b []byte) []byte {
	for i, c := range b {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = fmt.Appendf(dst, "0x%02x", c)
	}
	return dst
}
