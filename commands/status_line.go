package commands

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"wskit/internal/term"
)

// A statusLine is a line of a terminal that is drawn again and again.
type statusLine struct {
	w       io.Writer
	palette term.Palette
}

// newStatusLine returns a line of stderr, and false when nobody would see it.
func newStatusLine(env *Env, out *outputOptions, quiet bool) (statusLine, bool) {
	if quiet || !term.IsTerminal(env.Stderr) || env.Getenv("TERM") == "dumb" {
		return statusLine{}, false
	}
	return statusLine{w: env.Stderr, palette: out.palette(env, env.Stderr)}, true
}

// width returns the cells that a line may have.
func (l *statusLine) width() int {
	const free = len("^C") + 1 // what a terminal echoes must not make it wrap
	return term.Width(l.w) - free
}

// draw draws a line over the one before. What cannot be written is not missed.
func (l *statusLine) draw(line string) { io.WriteString(l.w, "\r"+line+"\x1b[K") }

// erase removes the line.
func (l *statusLine) erase() { l.draw("") }

// A piece of the line is text that is safe to show, and how it looks.
type piece struct {
	text  string
	style term.Style
}

// fit returns the line, cut to width cells, with a bar behind the first piece of which
// the part done is full. If done is negative, there is no bar.
func (l *statusLine) fit(pieces []piece, done float64, width int) string {
	if done >= 0 {
		room := width
		for _, s := range pieces {
			room -= term.Cells(s.text)
		}
		pieces = slices.Insert(pieces, 1, l.bar(done, room)...)
	}
	var b strings.Builder
	for _, s := range pieces {
		if width <= 0 {
			break // to Fit it would mean that there is no limit
		}
		text := term.Fit(s.text, width)
		width -= term.Cells(text)
		b.WriteString(s.style.Text(text))
	}
	return b.String()
}

// bar draws a bar of which the part done is full, or nothing in too little room.
func (l *statusLine) bar(done float64, room int) []piece {
	const gap, percent, least, most = 2, len(" 100 %"), 8, 30
	if room < gap+least+percent {
		return nil
	}
	cells := min(room-gap-percent, most)
	full := min(max(int(done*float64(cells)), 0), cells)
	return []piece{
		{strings.Repeat(" ", gap) + strings.Repeat("━", full), l.palette.Incoming},
		{strings.Repeat("─", cells-full), l.palette.Dim},
		{fmt.Sprintf(" %3.0f %%", 100*done), term.Style{}},
	}
}
