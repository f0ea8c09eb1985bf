package term

import (
	"slices"
	"unicode"
	"unicode/utf8"
)

// wide has the first and last characters of each run that takes two cells: East
// Asian Width W and F of Unicode 15. Runs are merged over unassigned characters,
// which never get here unescaped.
var wide = [][2]rune{
	{0x1100, 0x115f},
	{0x231a, 0x231b},
	{0x2329, 0x232a},
	{0x23e9, 0x23ec},
	{0x23f0, 0x23f0},
	{0x23f3, 0x23f3},
	{0x25fd, 0x25fe},
	{0x2614, 0x2615},
	{0x2648, 0x2653},
	{0x267f, 0x267f},
	{0x2693, 0x2693},
	{0x26a1, 0x26a1},
	{0x26aa, 0x26ab},
	{0x26bd, 0x26be},
	{0x26c4, 0x26c5},
	{0x26ce, 0x26ce},
	{0x26d4, 0x26d4},
	{0x26ea, 0x26ea},
	{0x26f2, 0x26f3},
	{0x26f5, 0x26f5},
	{0x26fa, 0x26fa},
	{0x26fd, 0x26fd},
	{0x2705, 0x2705},
	{0x270a, 0x270b},
	{0x2728, 0x2728},
	{0x274c, 0x274c},
	{0x274e, 0x274e},
	{0x2753, 0x2755},
	{0x2757, 0x2757},
	{0x2795, 0x2797},
	{0x27b0, 0x27b0},
	{0x27bf, 0x27bf},
	{0x2b1b, 0x2b1c},
	{0x2b50, 0x2b50},
	{0x2b55, 0x2b55},
	{0x2e80, 0x303e},
	{0x3041, 0x3247},
	{0x3250, 0x4dbf},
	{0x4e00, 0xa4c6},
	{0xa960, 0xa97c},
	{0xac00, 0xd7a3},
	{0xf900, 0xfad9},
	{0xfe10, 0xfe19},
	{0xfe30, 0xfe6b},
	{0xff01, 0xff60},
	{0xffe0, 0xffe6},
	{0x16fe0, 0x1b2fb},
	{0x1f004, 0x1f004},
	{0x1f0cf, 0x1f0cf},
	{0x1f18e, 0x1f18e},
	{0x1f191, 0x1f19a},
	{0x1f200, 0x1f320},
	{0x1f32d, 0x1f335},
	{0x1f337, 0x1f37c},
	{0x1f37e, 0x1f393},
	{0x1f3a0, 0x1f3ca},
	{0x1f3cf, 0x1f3d3},
	{0x1f3e0, 0x1f3f0},
	{0x1f3f4, 0x1f3f4},
	{0x1f3f8, 0x1f43e},
	{0x1f440, 0x1f440},
	{0x1f442, 0x1f4fc},
	{0x1f4ff, 0x1f53d},
	{0x1f54b, 0x1f54e},
	{0x1f550, 0x1f567},
	{0x1f57a, 0x1f57a},
	{0x1f595, 0x1f596},
	{0x1f5a4, 0x1f5a4},
	{0x1f5fb, 0x1f64f},
	{0x1f680, 0x1f6c5},
	{0x1f6cc, 0x1f6cc},
	{0x1f6d0, 0x1f6d2},
	{0x1f6d5, 0x1f6df},
	{0x1f6eb, 0x1f6ec},
	{0x1f6f4, 0x1f6fc},
	{0x1f7e0, 0x1f7f0},
	{0x1f90c, 0x1f93a},
	{0x1f93c, 0x1f945},
	{0x1f947, 0x1f9ff},
	{0x1fa70, 0x1faf8},
	{0x20000, 0x323af},
}

// cells returns how many cells r takes on a terminal: 2, 1, or 0 for a mark that
// goes on top of the character before it.
func cells(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me) || 0x1160 <= r && r <= 0x11ff:
		return 0
	}
	_, found := slices.BinarySearchFunc(wide, r, func(run [2]rune, r rune) int {
		switch {
		case run[1] < r:
			return -1
		case run[0] > r:
			return 1
		}
		return 0
	})
	if found {
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
