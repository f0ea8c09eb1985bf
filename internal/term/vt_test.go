package term

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// A vt is as much of a terminal as the editor's output needs, and no more: what it
// does not know is an error, so that nothing unexpected passes for text.
type vt struct {
	t             *testing.T
	width, height int
	cells         func(rune) int // how wide this terminal thinks a character is

	lines    []string // all rows from the first, also those that scrolled away
	top      int      // the line in the first row of the screen
	row, col int      // of the cursor, in lines and cells
	paste    bool     // bracketed paste is on
	bells    int
	rest     string // the unfinished end of what was written
}

func newVT(t *testing.T, width, height int) *vt {
	return &vt{t: t, width: width, height: height, cells: cells, lines: []string{""}}
}

var csi = regexp.MustCompile(`^\x1b\[([?0-9;]*)([A-Za-z])`)

// Write shows b. A newline goes to the start of the next line, as it does when
// output is processed.
func (v *vt) Write(b []byte) (int, error) {
	s := v.rest + string(b)
	for s != "" {
		if s[0] == '\x1b' {
			m := csi.FindStringSubmatch(s)
			if m == nil {
				break
			}
			v.control(m[1], m[2])
			s = s[len(m[0]):]
			continue
		}
		if !utf8.FullRuneInString(s) {
			break
		}
		r, n := utf8.DecodeRuneInString(s)
		if n == 1 && r == utf8.RuneError {
			v.t.Errorf("the terminal got %q", s[:1])
		}
		v.put(r)
		s = s[n:]
	}
	v.rest = s
	return len(b), nil
}

func (v *vt) put(r rune) {
	switch {
	case r == '\r':
		v.col = 0
	case r == '\n':
		v.col = 0
		v.down()
	case r == '\a':
		v.bells++
	case r < ' ':
		v.t.Errorf("the terminal got %q", r)
	default:
		w := v.cells(r)
		if v.col+w > v.width {
			v.col = 0
			v.down()
		}
		before, after := v.split(v.row, v.col)
		if w > 0 {
			_, after = v.cut(after, w)
		}
		v.lines[v.row] = before + string(r) + after
		v.col += w
	}
}

func (v *vt) down() {
	v.row++
	if v.row == len(v.lines) {
		v.lines = append(v.lines, "")
	}
	v.top = max(v.top, v.row-v.height+1)
}

func (v *vt) control(args, final string) {
	switch args + final {
	case "J":
		before, _ := v.split(v.row, v.col)
		v.lines = append(v.lines[:v.row], before)
	case "H":
		v.row, v.col = v.top, 0
	case "2J":
		v.lines = append(v.lines, make([]string, v.height)...)
		v.row += len(v.lines) - v.height - v.top
		v.top = len(v.lines) - v.height
		v.lines = v.lines[:v.row+1]
	case "?2004h", "?2004l":
		v.paste = final == "h"
	default:
		n, err := strconv.Atoi(args)
		switch {
		case final == "m":
		case final == "A" && err == nil && n <= v.row-v.top:
			v.row -= n
		default:
			v.t.Errorf("the terminal got the sequence %s%s in row %d", args, final, v.row-v.top)
		}
	}
}

// split cuts a line at a column, with spaces if it is shorter.
func (v *vt) split(row, col int) (before, after string) {
	before, after = v.cut(v.lines[row], col)
	w := 0
	for _, r := range before {
		w += v.cells(r)
	}
	return before + strings.Repeat(" ", max(0, col-w)), after
}

// cut cuts s after n cells and the marks on the last.
func (v *vt) cut(s string, n int) (before, after string) {
	for i, r := range s {
		if n -= v.cells(r); n < 0 {
			return s[:i], s[i:]
		}
	}
	return s, ""
}

// screen returns all lines without the spaces at their ends.
func (v *vt) screen() []string {
	lines := make([]string, len(v.lines))
	for i, l := range v.lines {
		lines[i] = strings.TrimRight(l, " ")
	}
	return lines
}

// String shows the lines and where the cursor is.
func (v *vt) String() string {
	return fmt.Sprintf("%s\ncursor in line %d, column %d", strings.Join(v.screen(), "\n"), v.row, v.col)
}
