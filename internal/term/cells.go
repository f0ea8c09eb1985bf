package term

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// cells returns how many cells r takes on a terminal: 2, 1, or 0 for a mark that
// goes on top of the character before it.
func cells(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me) || 0x1160 <= r && r <= 0x11ff:
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// Cells returns how many cells s takes on a terminal. s is text as Escape returns
// it, without colour. An emoji that terminals may join with the next counts in
// full, so that a line is never longer than Cells says.
func Cells(s string) int {
	n := 0
	for _, r := range s {
		n += cells(r)
	}
	return n
}

// maxCellBytes bounds what Fit keeps of one cell on average: marks without end can
// be piled on one character.
const maxCellBytes = 32

// Fit returns s cut to width cells, with … in the last one when something is cut.
// s is text as Escape returns it, without colour; neither a character, nor the
// marks on it, nor an escape is cut in two. Width 0 or less stands for no limit.
func Fit(s string, width int) string {
	if width <= 0 {
		return s
	}
	used, keep := 0, 0
	for i := 0; i < len(s); {
		n, w := token(s[i:])
		if w > 0 && used <= width-1 {
			keep = i // the last place that leaves a cell for the mark
		}
		used += w
		i += n
		if used > width || i > width*maxCellBytes {
			return s[:keep] + "…"
		}
	}
	return s
}

// token returns the bytes and cells of what s begins with and must stay together.
func token(s string) (n, width int) {
	if n := escapeLen(s); n > 0 {
		return n, n
	}
	r, n := utf8.DecodeRuneInString(s)
	return n, cells(r)
}
