package report

import (
	"fmt"
	"strings"

	"wskit/internal/conform"
	"wskit/internal/term"
)

// ComparisonLine says in one sentence what has changed since the report in a file.
func ComparisonLine(c conform.Comparison, file string) string {
	return fmt.Sprintf("Compared with %s: %d new, %d fixed, %d known", file, len(c.News), len(c.Fixed), len(c.Known))
}

// FormatComparison returns what has changed since the report in a file, as lines.
func (t Text) FormatComparison(c conform.Comparison, file string) string {
	var b strings.Builder
	style := t.Palette.OK
	if len(c.News) > 0 {
		style = t.Palette.Error
	}
	fmt.Fprintln(&b, style.Text(line(ComparisonLine(c, file))))
	for _, a := range c.Strangers {
		fmt.Fprintf(&b, "%s is not in it: all that fails is new\n", name(a))
	}
	t.changes(&b, "new", t.Palette.Error, c.News)
	t.changes(&b, "fixed", t.Palette.OK, c.Fixed)
	return b.String()
}

// changes writes a line for each change.
func (t Text) changes(b *strings.Builder, word string, st term.Style, changes []conform.Change) {
	for _, c := range changes {
		was := "was not in it"
		if c.Was != "" {
			was = "was " + verdictWord(c.Was)
		}
		fmt.Fprintf(b, "%s  %s  %s, %s  %s\n", st.Text(fmt.Sprintf("%-5s", word)), t.Palette.Bold.Text(term.Escape(c.Result.Case)),
			t.style(c.Result.Verdict).Text(verdictWord(c.Result.Verdict)), was, t.Palette.Dim.Text(name(c.Agent)))
	}
}
