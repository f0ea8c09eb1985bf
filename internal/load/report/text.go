package report

import (
	"fmt"
	"strings"

	"wskit/internal/load"
	"wskit/internal/term"
)

// A Text writes reports for people. The zero Text is for a pipe.
type Text struct {
	// Palette is what colours there are. If zero, none.
	Palette term.Palette
	// Width is that of the terminal, in cells, at which the example of an error
	// is cut. If zero, it is not.
	Width int
}

// indent is where the values begin, behind their names.
const indent = 14

// Format returns the report as lines. What a peer or a file may have had a say in is
// escaped.
func (t Text) Format(r *load.Report) string {
	var b strings.Builder
	for _, u := range r.Plan.URLs {
		fmt.Fprintln(&b, t.Palette.Bold.Text(term.EscapeQuoted(u)))
	}
	fmt.Fprintln(&b, term.EscapeQuoted(plan(r.Plan)))
	for _, n := range notes(r) {
		fmt.Fprintln(&b, t.Palette.Warning.Text(n))
	}
	fmt.Fprintln(&b)
	t.line(&b, "elapsed", Span(r.Elapsed))
	t.line(&b, "connections", connections(r.Connections))
	if r.Plan.Compress != "" {
		t.line(&b, "compression", term.EscapeQuoted(r.Plan.Compress))
	}
	if rows := traffic(r); rows != nil {
		t.table(&b, []string{"per second", "total"}, rows, "answered")
	}
	if rows := latencies(r); rows != nil {
		var names []string
		for _, d := range measured(r) {
			names = append(names, d.name)
		}
		t.table(&b, names, rows, "p50", "p99")
	}
	fmt.Fprintln(&b)
	t.errors(&b, r)
	t.closes(&b, r)
	return b.String()
}

// line writes a name and a value, which is safe to show.
func (t Text) line(b *strings.Builder, name, value string) {
	fmt.Fprintf(b, "%s%s\n", t.Palette.Dim.Text(fmt.Sprintf("%-*s", indent, name)), value)
}

// table writes a table of figures, with those rows strong that are named.
func (t Text) table(b *strings.Builder, columns []string, rows []row, strong ...string) {
	widths := make([]int, len(columns))
	for i, c := range columns {
		widths[i] = term.Cells(c)
		for _, r := range rows {
			widths[i] = max(widths[i], term.Cells(r.Cells[i]))
		}
	}
	aligned := func(cells []string) string {
		var s strings.Builder
		for i, c := range cells {
			if i > 0 {
				s.WriteString("   ")
			}
			s.WriteString(strings.Repeat(" ", widths[i]-term.Cells(c)) + c)
		}
		return strings.TrimRight(s.String(), " ")
	}
	fmt.Fprintln(b)
	fmt.Fprintln(b, strings.Repeat(" ", indent)+t.Palette.Dim.Text(aligned(columns)))
	for _, r := range rows {
		value := aligned(r.Cells)
		for _, name := range strong {
			if name == r.Name {
				value = t.Palette.Bold.Text(value)
			}
		}
		t.line(b, r.Name, value)
	}
}

// errors writes how many errors of each kind there were, and an example of each.
func (t Text) errors(b *strings.Builder, r *load.Report) {
	style := t.Palette.Error
	if r.ErrorCount() == 0 {
		style = t.Palette.OK
	}
	t.line(b, "errors", style.Text(errorLine(r)))
	counts, kinds := 0, 0
	for _, e := range r.Errors {
		counts = max(counts, len(Count(e.Count)))
		kinds = max(kinds, term.Cells(term.EscapeQuoted(e.Kind)))
	}
	for _, e := range r.Errors {
		kind := term.EscapeQuoted(e.Kind)
		line := fmt.Sprintf("%*s  %s%*s  ", counts, Count(e.Count), kind, kinds-term.Cells(kind), "")
		example := term.EscapeQuoted(e.Example)
		if t.Width > 0 {
			example = term.Fit(example, max(t.Width-indent-term.Cells(line), 1))
		}
		fmt.Fprintf(b, "%*s%s%s\n", indent, "", line, example)
	}
}

// closes writes how the connections ended.
func (t Text) closes(b *strings.Builder, r *load.Report) {
	name := "closes"
	width := 0
	for _, c := range r.Closes {
		width = max(width, len(Count(c.Count)))
	}
	for _, c := range r.Closes {
		t.line(b, name, fmt.Sprintf("%*s  %s", width, Count(c.Count), term.EscapeQuoted(closing(c))))
		name = ""
	}
}
