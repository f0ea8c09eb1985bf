package commands

import (
	"fmt"
	"time"

	"wskit/internal/load"
	"wskit/internal/load/report"
	"wskit/internal/term"
)

// A progressLine shows on one line of a terminal how a run goes on.
type progressLine struct {
	statusLine
	cfg load.Config
}

// progress returns what shows the progress, and what erases it again. The first is
// nil when nobody would see it.
func (o *benchOptions) progress(env *Env, cfg load.Config) (show func(load.Progress), erase func()) {
	l := &progressLine{cfg: cfg}
	var ok bool
	if l.statusLine, ok = newStatusLine(env, &o.report.out, o.quiet); !ok {
		return nil, func() {}
	}
	return l.show, l.erase
}

// show draws the line over the one before.
func (l *progressLine) show(p load.Progress) { l.draw(l.line(p, l.width())) }

// line returns the line, cut to width cells.
func (l *progressLine) line(p load.Progress, width int) string {
	done := -1.0
	if p.Phase == load.Measuring {
		done = p.Done
	}
	return l.fit(l.pieces(p), done, width)
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
