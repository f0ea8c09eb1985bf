package trace

import (
	"fmt"
	"strings"
	"time"

	"wskit/codec"
	"wskit/internal/term"
)

func seconds(s Seconds) float64 { return time.Duration(s).Seconds() }

func millis(m Millis) string { return FormatDuration(time.Duration(m)) }

// severityMark returns the sign before a problem and its style.
func (t *Text) severityMark(s Severity) (string, term.Style) {
	switch s {
	case Error:
		return "✗", t.Palette.Error
	case Warning:
		return "!", t.Palette.Warning
	}
	return "·", t.Palette.Dim
}

func (t *Text) writeProblem(p *Problem) {
	mark, style := t.severityMark(p.Severity)
	t.line = append(t.line, "  "...)
	t.add(style, mark+" "+p.Code)
	t.line = append(t.line, "  "...)
	text := term.Escape(p.sentence(t.ShowSecrets))
	if p.RFC != "" {
		text += " (" + p.RFC + ")"
	}
	text += answer(p)
	const indent = 4
	t.addWrapped(term.Style{}, text, indent+len(p.Code)+2, indent)
	if p.Hint == "" || t.hinted[p.Code] || p.Severity == Note {
		return
	}
	if t.hinted == nil {
		t.hinted = make(map[string]bool)
	}
	t.hinted[p.Code] = true
	t.line = append(t.line, strings.Repeat(" ", indent)...)
	t.addWrapped(t.Palette.Dim, "usually: "+term.Escape(p.Hint), indent, indent)
}

// answer says what the side that receives a problem does about it.
func answer(p *Problem) string {
	r := rules[p.Code]
	switch {
	case r.close != 0 && r.severity == Error:
		return fmt.Sprintf(": the %s must close with %d", p.From.Peer(), r.close)
	case r.close != 0:
		return fmt.Sprintf(": the %s closes with %d", p.From.Peer(), r.close)
	case r.status != 0 && p.From == codec.RoleClient:
		return fmt.Sprintf(": the server answers %d", r.status)
	}
	return ""
}

func (t *Text) writeClose(c *Close) {
	style := t.Palette.Bold
	if !c.Clean {
		style = t.Palette.Warning
	}
	t.addWrapped(style, term.Escape(c.Verdict), 0, 2)
}

func (t *Text) writeStats(s *Stats) {
	if !t.Stats {
		return
	}
	for _, d := range []struct {
		from codec.Role
		dir  *Direction
	}{{codec.RoleClient, &s.Client}, {codec.RoleServer, &s.Server}} {
		t.line = append(t.line, t.arrow(d.from)...)
		parts := []string{
			fmt.Sprintf(" %s sent %s, %d of them control, in %s", d.from, Plural(d.dir.Frames, "frame"), d.dir.Control, FormatBytes(d.dir.Wire)),
			fmt.Sprintf("%s of %s", Plural(d.dir.Messages, "message"), FormatBytes(d.dir.Inflated)),
			percentiles("size", d.dir.Size, "B"), percentiles("gap", d.dir.Gap, "ms"), percentiles("ping", d.dir.RTT, "ms"),
		}
		t.addParts(1, parts...)
	}
}

// percentiles says the figures of p in a line.
func percentiles(name string, p *Percentiles, unit string) string {
	if p == nil {
		return ""
	}
	return fmt.Sprintf("%s p50 %.4g p90 %.4g p99 %.4g max %.4g %s", name, p.P50, p.P90, p.P99, p.Max, unit)
}
