package term

import (
	"fmt"
	"io"
	"strings"
)

// maxRows is how many rows of a long line are shown at once.
const maxRows = 10

// A screen shows the line being typed on a terminal. It breaks long lines into rows
// itself and never counts on the terminal to do it, and it puts the cursor in place
// by printing what is before it again: so a terminal that gives a character another
// width than cells does is not garbled.
type screen struct {
	out  io.Writer
	size func() (width, height int)
	row  int  // the cursor's row among those drawn
	on   bool // whether a line is drawn
}

// glyphs returns text as it is shown.
func glyphs(text []rune) string {
	var b strings.Builder
	for _, r := range text {
		b.WriteString(Escape(string(r)))
	}
	return b.String()
}

// A frame is a line laid out in rows.
type frame struct {
	rows []string
	row  int    // of the cursor
	head string // what is before the cursor in its row
}

// layout breaks prompt and text into rows for a screen of width by height cells, and
// leaves one column free at the right.
func layout(prompt string, style Style, text []rune, pos, width, height int) frame {
	width = max(width-1, 2)
	prompt = Fit(prompt, max(width-2, 1))
	for pos < len(text) && isMark(text[pos]) {
		pos++ // printing the cell below the mark again would remove the mark
	}
	var f frame
	row, col := []byte(style.Text(prompt)), Cells(prompt)
	for i, r := range text {
		for j, g := range Escape(string(r)) {
			w := cells(g)
			if col+w > width {
				f.rows = append(f.rows, string(row))
				row, col = row[:0], 0
			}
			if i == pos && j == 0 {
				f.row, f.head = len(f.rows), string(row)
			}
			row = append(row, string(g)...)
			col += w
		}
	}
	f.rows = append(f.rows, string(row))
	if pos == len(text) {
		f.row, f.head = len(f.rows)-1, string(row)
	}
	return f.window(height)
}

// window keeps the rows around the cursor that fit on a screen, with a row … where
// others are left out; on a tiny one only the cursor's row.
func (f frame) window(height int) frame {
	n := min(maxRows, height-3)
	switch {
	case len(f.rows) <= max(n, 1):
		return f
	case n < 1:
		return frame{rows: f.rows[f.row : f.row+1], head: f.head}
	}
	top := max(0, min(f.row-n/2, len(f.rows)-n))
	rows := f.rows[top : top+n : top+n]
	f.row -= top
	if top+n < len(f.rows) {
		rows = append(rows, "…")
	}
	if top > 0 {
		rows = append([]string{"…"}, rows...)
		f.row++
	}
	f.rows = rows
	return f
}

// appendErase appends what removes the line from the screen and leaves the cursor
// where it began.
func (s *screen) appendErase(dst []byte) []byte {
	if !s.on {
		return dst
	}
	s.on = false
	if s.row > 0 {
		dst = fmt.Appendf(dst, "\x1b[%dA", s.row)
	}
	return append(dst, "\r\x1b[J"...)
}

// appendDraw appends what draws the line. It is not drawn yet.
func (s *screen) appendDraw(dst []byte, prompt string, style Style, l *line) []byte {
	width, height := s.size()
	f := layout(prompt, style, l.text, l.pos, width, height)
	dst = append(dst, strings.Join(f.rows, "\n")...)
	if up := len(f.rows) - 1 - f.row; up > 0 {
		dst = fmt.Appendf(dst, "\x1b[%dA", up)
	}
	if l.pos < len(l.text) {
		dst = append(dst, '\r')
		dst = append(dst, f.head...)
	}
	s.on, s.row = true, f.row
	return dst
}
