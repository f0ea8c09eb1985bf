package trace

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"wskit/codec"
	"wskit/internal/term"
)

// What PayloadAuto shows of a content that has no place on its line.
const (
	autoLines = 3
	autoBytes = 48 // of a hex dump
)

// defaultWidth is the width that JSON is laid out for where there is none.
const defaultWidth = 100

// blockIndent is how far content on lines of its own stands in.
const blockIndent = "            "

// content is what a frame or a message carries.
type content struct {
	data      []byte
	truncated uint64
	op        codec.Opcode
	short     bool // shown on its line or not at all
}

func newContent(m *Message) content {
	return content{data: m.Data, truncated: m.Truncated, op: m.Opcode}
}

// cut returns c with no more than max bytes, and no part of a character of text. If
// zero, there is no limit.
func (c content) cut(max int) content {
	if max > 0 && len(c.data) > max {
		keep := max
		for c.op != codec.OpBinary && keep > max-utf8.UTFMax && keep > 0 && !utf8.RuneStart(c.data[keep]) {
			keep--
		}
		c.truncated += uint64(len(c.data) - keep)
		c.data = c.data[:keep]
	}
	return c
}

// binary reports whether c is shown as a hex dump under v.
func (c content) binary(v PayloadView) bool {
	switch v {
	case PayloadHex:
		return true
	case PayloadText:
		return false
	}
	return c.op == codec.OpBinary || c.op.Reserved() || !utf8.Valid(c.data)
}

// addInline appends c to a line that has col cells already, and reports whether
// nothing is left to show.
func (t *Text) addInline(c content, col int) bool {
	if t.Payload == PayloadNone || len(c.data) == 0 && c.truncated == 0 {
		return true
	}
	cc := c.cut(t.MaxBytes)
	room := t.Width - col - 2
	if cc.binary(t.Payload) {
		if !c.short {
			return false
		}
		cc = cc.cut(16)
		t.line = append(t.line, "  "...)
		t.add(t.Palette.Dim, t.fit(fmt.Sprintf("% x", cc.data)+moreMark(cc.truncated), room))
		return true
	}
	if !c.short && (bytes.IndexByte(cc.data, '\n') >= 0 || t.Payload == PayloadText || cc.truncated > 0) {
		return false
	}
	if !c.short && t.Width > 0 && len(cc.data) > maxRow {
		return false // it would be laid out only to see that it does not fit
	}
	if json, ok := term.AppendJSON(nil, cc.data, term.JSONView{Palette: t.Palette}); ok && isContainer(cc.data) {
		plain, _ := term.AppendJSON(nil, cc.data, term.JSONView{})
		if t.Width <= 0 && len(plain) > 2000 || t.Width > 0 && term.Cells(string(plain)) > room {
			return false
		}
		t.line = append(append(t.line, "  "...), json...)
		return true
	}
	text := `"` + string(term.AppendEscaped(nil, cc.data)) + `"` + moreMark(cc.truncated)
	if !c.short && t.Width > 0 && term.Cells(text) > room {
		return false
	}
	t.line = append(append(t.line, "  "...), t.fit(text, room)...)
	return true
}

// fit cuts s, which is safe to show, to the room that is left on a line, if there is
// a limit.
func (t *Text) fit(s string, room int) string {
	if t.Width <= 0 {
		return s
	}
	return term.Fit(s, max(room, 1))
}

// moreMark says that some bytes are left out.
func moreMark(n uint64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" … +%d bytes", n)
}

// isContainer reports whether a JSON text is an object or an array: a bare number
// or word is text.
func isContainer(b []byte) bool {
	b = bytes.TrimLeft(b, " \t\r\n")
	return len(b) > 0 && (b[0] == '{' || b[0] == '[')
}

// addBlock appends c on lines of its own.
func (t *Text) addBlock(c content) {
	lines, dump := 0, 0
	if t.Payload == PayloadAuto && t.MaxBytes == 0 {
		lines, dump = autoLines, autoBytes
	}
	if c.binary(t.Payload) {
		if dump == 0 {
			dump = t.MaxBytes
		}
		t.line = term.AppendHexDump(t.line, c.data, term.HexDump{
			Indent: t.dumpIndent(len(c.data)), Max: dump, More: int64(c.truncated), Palette: t.Palette,
		})
		return
	}
	c = c.cut(t.MaxBytes)
	if t.Payload == PayloadText || c.truncated > 0 || !t.addJSONBlock(c.data) {
		t.addTextBlock(c, lines)
	}
}

// dumpIndent returns as much of blockIndent as the lines of a dump of n bytes leave
// room for.
func (t *Text) dumpIndent(n int) string {
	const offset, hex, gaps, text = 8, 3, 5, 1
	row := min(n, 16)
	if t.Width <= 0 {
		return blockIndent
	}
	return blockIndent[:min(max(t.Width-offset-gaps-row*(hex+text), 0), len(blockIndent))]
}

// addJSONBlock appends b on lines of its own if it is an object or array of JSON,
// and reports whether it is. PayloadAuto shows one that has a line's length on a
// line, and leaves others to be shown as text.
func (t *Text) addJSONBlock(b []byte) bool {
	if !isContainer(b) {
		return false
	}
	view := term.JSONView{Width: t.Width, Indent: blockIndent, Palette: t.Palette}
	if view.Width <= 0 {
		view.Width = defaultWidth
	}
	if t.Payload != PayloadPretty {
		plain, ok := term.AppendJSON(nil, b, term.JSONView{})
		if !ok || len(blockIndent)+term.Cells(string(plain)) > view.Width {
			return false
		}
	}
	before := len(t.line)
	var ok bool
	if t.line, ok = term.AppendJSON(append(t.line, blockIndent...), b, view); !ok {
		t.line = t.line[:before]
		return false
	}
	t.endLine()
	return true
}

// addTextBlock appends a text, of no more than max lines. If zero, there is no limit.
// A line that is too long is continued on the next.
func (t *Text) addTextBlock(c content, max int) {
	shown := 0
	rest := c.data
	for len(rest) > 0 && (max == 0 || shown < max) && t.err == nil {
		line, _, ended := bytes.Cut(window(rest), []byte("\n"))
		row := t.fitRow(line)
		after := rest[len(row):]
		if ended && len(row) == len(line) {
			after = after[1:]
		}
		t.line = append(t.line, blockIndent...)
		t.line = term.AppendEscaped(t.line, row)
		t.endLine()
		t.spill()
		shown++
		rest = after
	}
	if more := uint64(len(rest)) + c.truncated; more > 0 {
		t.line = append(t.line, blockIndent...)
		t.add(t.Palette.Dim, strings.TrimSpace(moreMark(more)))
		t.endLine()
	}
}

// maxRow bounds a row of text, in bytes.
const maxRow = 4096

// window returns the start of text that a row is looked for in: to search all that
// is left for each row would cost the square of its length.
func window(text []byte) []byte {
	n := min(len(text), maxRow)
	for back := 1; n < len(text) && !utf8.RuneStart(text[n]) && back < utf8.UTFMax; back++ {
		n--
	}
	return text[:n]
}

// fitRow returns the start of a line that fits on a row of a text block, at least
// one character of it.
func (t *Text) fitRow(line []byte) []byte {
	room := maxRow
	if t.Width > 0 {
		room = max(t.Width-len(blockIndent), minWrap)
	}
	used, n := 0, 0
	for n < len(line) {
		_, size := utf8.DecodeRune(line[n:])
		cells := term.Cells(string(term.AppendEscaped(nil, line[n:n+size])))
		if used += cells; used > room && n > 0 {
			break
		}
		n += size
	}
	return line[:n]
}
