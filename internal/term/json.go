package term

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// A JSONView says how AppendJSON lays out a JSON text. The zero JSONView gives one
// plain line.
type JSONView struct {
	// Width is how many cells a line may have. What does not fit on one line is
	// broken at its commas, one element a line; a string is never broken. If zero,
	// there is no limit, and so one line.
	Width int
	// Indent is put before each line but the first, which follows what the caller
	// has written already. Width includes it, on the first line too.
	Indent string
	// Max is how many lines are shown at most; "… +N lines" counts the others. If
	// zero, all are.
	Max int
	// Palette colours keys, strings, numbers and literals.
	Palette Palette
}

// maxJSONDepth bounds the indentation, which for a text of nothing but brackets
// would grow with its square. What is nested deeper stays on one line.
const maxJSONDepth = 16

// AppendJSON appends b laid out for people to dst and reports true if b is one
// JSON text (RFC 8259); if it is not, it appends nothing. Keys keep their order,
// numbers and strings their spelling; what is not safe to show is escaped as
// AppendEscaped does. There is no newline after the last line.
func AppendJSON(dst, b []byte, v JSONView) ([]byte, bool) {
	if !json.Valid(b) {
		return dst, false
	}
	p := jsonPrinter{JSONView: v, dst: dst, src: b, col: Cells(v.Indent)}
	p.value(0)
	if hidden := p.lines + 1 - v.Max; v.Max > 0 && hidden > 0 {
		p.dst = append(p.dst, '\n')
		p.dst = append(p.dst, v.Indent...)
		p.dst = v.Palette.Dim.Append(p.dst, fmt.Sprintf("… +%d lines", hidden))
	}
	return p.dst, true
}

// A jsonPrinter walks through a valid JSON text.
type jsonPrinter struct {
	JSONView
	dst   []byte
	src   []byte // what is left
	col   int    // cells used on this line
	lines int    // newlines so far
	buf   []byte // one escaped token
}

// value prints the next value, over several lines if it must be.
func (p *jsonPrinter) value(depth int) {
	if p.at("[{") && depth < maxJSONDepth && !p.fits() {
		p.container(depth)
		return
	}
	p.line()
}

// container prints an object or array with each element on a line of its own.
func (p *jsonPrinter) container(depth int) {
	p.emit(Style{}, p.next())
	for !p.at("]}") {
		p.newline(depth + 1)
		p.value(depth + 1)
		if p.at(":") {
			p.next()
			p.emit(Style{}, []byte(": "))
			p.value(depth + 1)
		}
		if !p.at(",") {
			p.newline(depth)
			break
		}
		p.emit(Style{}, p.next())
	}
	p.emit(Style{}, p.next())
}

// line prints the next value on this line.
func (p *jsonPrinter) line() {
	for open := 0; ; {
		tok := p.next()
		p.emit(p.style(tok), tok)
		switch tok[0] {
		case '{', '[':
			open++
		case '}', ']':
			open--
		case ',', ':':
			p.emit(Style{}, []byte(" "))
		}
		if open == 0 {
			return
		}
	}
}

// fits reports whether the next value, with a comma after it, fits on this line. It gives up
// where they do not, so that measuring at each level of a text stays cheap.
func (p *jsonPrinter) fits() bool {
	if p.Width <= 0 {
		return true
	}
	rest := p.src
	defer func() { p.src = rest }()
	room := p.Width - p.col
	for open := 0; ; {
		tok := p.next()
		if len(tok) > utf8.UTFMax*room {
			return false
		}
		p.buf = AppendEscaped(p.buf[:0], tok)
		room -= Cells(string(p.buf))
		switch tok[0] {
		case '{', '[':
			open++
		case '}', ']':
			open--
		case ',', ':':
			room--
		}
		if open == 0 && p.at(",") {
			room--
		}
		if open == 0 || room < 0 {
			return room >= 0
		}
	}
}

// style returns the style of tok, which has just been read.
func (p *jsonPrinter) style(tok []byte) Style {
	switch c := tok[0]; {
	case c == '"':
		if p.at(":") {
			return p.Palette.Key
		}
		return p.Palette.String
	case c == '-' || '0' <= c && c <= '9':
		return p.Palette.Number
	case 'a' <= c && c <= 'z':
		return p.Palette.Literal
	}
	return Style{}
}

// emit appends tok, escaped, unless the lines to be shown are full.
func (p *jsonPrinter) emit(st Style, tok []byte) {
	p.buf = AppendEscaped(p.buf[:0], tok)
	text := string(p.buf)
	p.col += Cells(text)
	if p.Max <= 0 || p.lines < p.Max {
		p.dst = st.Append(p.dst, text)
	}
}

// newline begins a line with its indentation.
func (p *jsonPrinter) newline(depth int) {
	p.lines++
	p.col = Cells(p.Indent) + 2*depth
	if p.Max <= 0 || p.lines < p.Max {
		p.dst = append(p.dst, '\n')
		p.dst = append(p.dst, p.Indent...)
		for range depth {
			p.dst = append(p.dst, "  "...)
		}
	}
}

// next returns the next token and moves past it.
func (p *jsonPrinter) next() []byte {
	tok := p.peek()
	p.src = p.src[len(tok):]
	return tok
}

// at reports whether the next token begins with one of the characters of set.
func (p *jsonPrinter) at(set string) bool {
	tok := p.peek()
	return len(tok) > 0 && strings.IndexByte(set, tok[0]) >= 0
}

// peek returns the next token after any white space: a bracket, comma or colon, a
// string, a number or a literal. It is empty at the end.
func (p *jsonPrinter) peek() []byte {
	for len(p.src) > 0 && jsonSpace(p.src[0]) {
		p.src = p.src[1:]
	}
	for i, c := range p.src {
		switch c {
		case '{', '}', '[', ']', ',', ':':
			return p.src[:max(i, 1)]
		case ' ', '\t', '\r', '\n':
			return p.src[:i]
		case '"':
			return p.src[:stringLen(p.src)]
		}
	}
	return p.src
}

func jsonSpace(c byte) bool {
	return c == ' ' || c == '\t' || c == '\r' || c == '\n'
}

// stringLen returns the length of the JSON string that b begins with.
func stringLen(b []byte) int {
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(b)
}
