package term

import (
	"fmt"
	"io"
	"slices"
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

// appendDraw appends what draws the line, which is not drawn yet, with the cursor at
// pos. One column stays free at the right, and of a long line only the rows around
// the cursor are drawn, with … for the others.
func (s *screen) appendDraw(dst []byte, prompt string, style Style, line []rune, pos int) []byte {
	width, height := s.size()
	rows, row, head := layout(prompt, style, line, pos, max(width-1, 2))
	if n := max(1, min(maxRows, height-2)); len(rows) > n {
		top := max(0, min(row-n/2, len(rows)-n))
		below := top+n < len(rows)
		rows, row = rows[top:top+n], row-top
		if n > 2 && top > 0 {
			rows[0] = "…"
		}
		if n > 2 && below {
			rows[n-1] = "…"
		}
	}
	dst = append(dst, strings.Join(rows, "\n")...)
	if up := len(rows) - 1 - row; up > 0 {
		dst = fmt.Appendf(dst, "\x1b[%dA", up)
	}
	s.on, s.row = true, row
	return append(append(dst, '\r'), head...)
}

// layout breaks prompt and line into rows of at most width cells, and returns the row
// of the cursor and what is before it there. A space at the end is where the cursor
// stands behind the line.
func layout(prompt string, style Style, line []rune, pos, width int) (rows []string, row int, head string) {
	for pos < len(line) && cells(line[pos]) == 0 && safeRune(line[pos]) {
		pos++ // printing the cell below the mark again would remove the mark
	}
	prompt = Fit(prompt, max(width-2, 1))
	b, col := []byte(style.Text(prompt)), Cells(prompt)
	for i, r := range append(slices.Clip(line), ' ') {
		for j, g := range Escape(string(r)) {
			w := cells(g)
			if col+w > width {
				rows = append(rows, string(b))
				b, col = b[:0], 0
			}
			if i == pos && j == 0 {
				row, head = len(rows), string(b)
			}
			b = append(b, string(g)...)
			col += w
		}
	}
	return append(rows, string(b)), row, head
}
