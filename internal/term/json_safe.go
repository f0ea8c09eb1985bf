package term

import (
	"fmt"
	"io"
	"unicode"
	"unicode/utf8"
)

// AppendJSONSafe appends the JSON text b to dst with all that encoding/json leaves
// and a terminal might obey escaped: DEL, C1 controls and characters that format,
// such as those that change the direction of text. They occur in strings only, so
// the text keeps its meaning. U+FFFD is escaped too, as encoding/json does with what
// is no UTF-8, so that such a text is the same when it was read and written again.
func AppendJSONSafe(dst, b []byte) []byte {
	for len(b) > 0 {
		n := 0
		for n < len(b) && b[n] < 0x7F {
			n++
		}
		dst, b = append(dst, b[:n]...), b[n:]
		if len(b) == 0 {
			break
		}
		r, size := utf8.DecodeRune(b)
		if r == utf8.RuneError || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			dst = appendUnicodeEscape(dst, r)
		} else {
			dst = append(dst, b[:size]...)
		}
		b = b[size:]
	}
	return dst
}

func appendUnicodeEscape(dst []byte, r rune) []byte {
	if r > 0xFFFF {
		r -= 0x10000
		return fmt.Appendf(dst, `\u%04x\u%04x`, 0xD800+r>>10, 0xDC00+r&0x3FF)
	}
	return fmt.Appendf(dst, `\u%04x`, r)
}

// JSONSafeWriter returns a writer that passes JSON texts on to w as AppendJSONSafe
// has them, each whole in one call of Write. It is not safe for use by several
// goroutines at once.
func JSONSafeWriter(w io.Writer) io.Writer { return &jsonSafeWriter{w: w} }

type jsonSafeWriter struct {
	w   io.Writer
	buf []byte
}

func (j *jsonSafeWriter) Write(b []byte) (int, error) {
	j.buf = AppendJSONSafe(j.buf[:0], b)
	if _, err := j.w.Write(j.buf); err != nil {
		return 0, err
	}
	return len(b), nil
}
