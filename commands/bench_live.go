package commands

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"wskit/internal/load"
	"wskit/internal/load/report"
	"wskit/internal/term"
)

// A progressLine shows on one line of a terminal how a run goes on.
type progressLine struct {
	w       io.Writer
	cfg     load.Config
	palette term.Palette
}

// progress returns what shows the progress, and what erases it again. The first is
// nil when nobody would see it.
func (o *benchOptions) progress(env *Env, cfg load.Config) (show func(load.Progress), erase func()) {
	if o.quiet || !term.IsTerminal(env.Stderr) || env.Getenv("TERM") == "dumb" {
		return nil, func() {}
	}
	l := &progressLine{w: env.Stderr, cfg: cfg, palette: o.report.out.palette(env, env.Stderr)}
	return l.show, l.erase
}

// show draws the line over the one before. What cannot be written is not missed.
func (l *progressLine) show(p load.Progress) {
	const free = len("^C") + 1 // what a terminal echoes must not make it wrap
	io.WriteString(l.w, "\r"+l.line(p, term.Width(l.w)-free)+"\x1b[K")
}

// erase removes the line.
func (l *progressLine) erase() { io.WriteString(l.w, "\r\x1b[K") }

// A piece of the line is text that is safe to show, and how it looks.
type piece struct {
	text  string
	style term.Style
}

// line returns the line, cut to width cells.
func (l *progressLine) line(p load.Progress, width int) string {
	pieces := l.pieces(p)
	if p.Phase == load.Measuring {
		room := width
		for _, s := range pieces {
			room -= term.Cells(s.text)
		}
		pieces = slices.Insert(pieces, 1, l.bar(p.Done, room)...)
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
func (l *progressLine) bar(done float64, room int) []piece {
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

// pieces returns what there is to say. Figures keep their width, so that the line
// stays calm. Errors come early, so that they are not cut off.
func (l *progressLine) pieces(p load.Progress) []piece {
	var pieces []piece
	add := func(style term.Style, format string, args ...any) {
		text := fmt.Sprintf(format, args...)
		if len(pieces) > 0 {
			text = "  " + text
		}
		pieces = append(pieces, piece{text, style})
	}
	plain := term.Style{}
	switch p.Phase {
	case load.Opening:
		add(plain, "opening connections: %s of %s", report.Count(p.Open), report.Count(p.Planned))
	case load.Ending:
		add(plain, "waiting for the last replies, closing: %s open", report.Count(p.Open))
	default:
		add(plain, "%s", l.position(p))
		add(plain, "%s open", report.Count(p.Open))
	}
	if p.Errors > 0 {
		add(l.palette.Error, "%s", report.Plural(p.Errors, "error"))
	}
	if !l.cfg.Idle && (p.Phase == load.Measuring || p.Rate > 0) {
		add(l.palette.Bold, "%9s msg/s", report.Rate(p.Rate))
	}
	if p.P99 > 0 {
		name := "p50"
		if l.cfg.Idle {
			name = "handshake p50"
		}
		add(plain, "%s %7s", name, report.Duration(p.P50))
		add(plain, "p99 %7s", report.Duration(p.P99))
	}
	if p.Errors == 0 {
		add(l.palette.OK, "0 errors")
	}
	return pieces
}

// position says how far the measuring is.
func (l *progressLine) position(p load.Progress) string {
	if n := l.cfg.Count; n > 0 {
		return fmt.Sprintf("%*s of %s", len(report.Count(n)), report.Count(p.Messages), report.Count(n))
	}
	length := l.cfg.Duration
	if length == 0 {
		length = load.DefaultDuration
	}
	decimals := 1
	if p.Elapsed >= 10*time.Second {
		decimals = 0
	}
	return fmt.Sprintf("%.*f s of %s", decimals, p.Elapsed.Seconds(), report.Span(length))
}
