package report

import (
	"fmt"
	"slices"
	"strings"

	"wskit/internal/conform"
	"wskit/internal/term"
	"wskit/internal/trace"
)

// A Text writes reports for people. The zero Text is for a pipe.
type Text struct {
	// Palette is what colours there are. If zero, none.
	Palette term.Palette
	// Width is that of the terminal in cells, at which sentences are wrapped. If
	// zero, they are not.
	Width int
	// All lists every case, and not only those that did not pass.
	All bool
	// Details shows the steps and the exchange of each case that is listed, where
	// the report has them.
	Details bool
	// Again is what a command line has after "wskit check --case ID -v", to try a
	// case again. If empty, none is suggested.
	Again string
}

// Format returns the report as lines. What a peer or a file may have had a say in is
// escaped.
func (t Text) Format(r *conform.Report) string {
	var b strings.Builder
	if len(r.Agents) > 1 {
		t.matrix(&b, r)
	}
	for _, a := range r.Agents {
		if len(r.Agents) > 1 && a.Ended == "" && a.Count(conform.Pass) == len(a.Results) && !t.All {
			continue // the table says it all
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		t.agent(&b, a, len(r.Agents) == 1)
	}
	t.next(&b, r)
	b.WriteByte('\n')
	t.sums(&b, r)
	return b.String()
}

// agent writes what was found about one agent.
func (t Text) agent(b *strings.Builder, a *conform.Agent, table bool) {
	title := t.Palette.Bold.Text(name(a))
	if p := product(a); p != "" && p != name(a) {
		title += "  " + t.Palette.Dim.Text(p)
	}
	fmt.Fprintf(b, "%s\n", title)
	if a.URL != "" && a.URL != a.Name {
		fmt.Fprintf(b, "%s\n", t.Palette.Dim.Text(line(a.URL)))
	}
	if a.Ended != "" {
		fmt.Fprintf(b, "%s\n", t.Palette.Error.Text(line(a.Ended)))
	}
	if table {
		b.WriteByte('\n')
		t.groups(b, a)
	}
	listed := t.listed(a)
	if len(listed) > 0 {
		b.WriteByte('\n')
	}
	for i, r := range listed {
		if i > 0 && t.Details && (r.Steps != nil || listed[i-1].Steps != nil) {
			b.WriteByte('\n')
		}
		t.result(b, r)
	}
	t.silent(b, a)
}

// columns are the verdicts that the table of groups has in any case.
var columns = []conform.Verdict{conform.Pass, conform.NonStrict, conform.Fail, conform.Informational, conform.Skipped}

// groups writes a line with counts for each group.
func (t Text) groups(b *strings.Builder, a *conform.Agent) {
	all, groups := count(a)
	verdicts := columns
	if all[conform.NotRun] > 0 {
		verdicts = append(slices.Clip(verdicts), conform.NotRun)
	}
	report := &conform.Report{Agents: []*conform.Agent{a}}
	names := groupNames(report)
	width := 5
	for _, g := range names {
		width = max(width, term.Cells(term.Escape(g)))
	}
	var head strings.Builder
	head.WriteString(strings.Repeat(" ", width))
	for _, v := range verdicts {
		head.WriteString("  " + verdictWord(v))
	}
	fmt.Fprintln(b, t.Palette.Dim.Text(head.String()))
	row := func(title string, counts tally) {
		b.WriteString(title + strings.Repeat(" ", width-term.Cells(title)))
		for _, v := range verdicts {
			n, style := fmt.Sprint(counts[v]), t.style(v)
			if counts[v] == 0 {
				n, style = "·", t.Palette.Dim
			}
			fmt.Fprintf(b, "  %s%s", strings.Repeat(" ", len(verdictWord(v))-term.Cells(n)), style.Text(n))
		}
		b.WriteByte('\n')
	}
	for _, g := range names {
		row(term.Escape(g), groups[g])
	}
	if len(names) > 1 {
		row("total", all)
	}
}

// style is how a verdict looks.
func (t Text) style(v conform.Verdict) term.Style {
	switch v {
	case conform.Pass:
		return t.Palette.OK
	case conform.Informational:
		return t.Palette.Incoming
	case conform.Skipped:
		return t.Palette.Dim
	case conform.NonStrict:
		return t.Palette.Warning
	}
	return t.Palette.Error
}

// collapsed reports whether results of that verdict are told together, for the same is
// to be said of many.
func (t Text) collapsed(v conform.Verdict) bool {
	return !t.All && (v == conform.Skipped || v == conform.NotRun)
}

// listed returns the results that have a line of their own, the worst first.
func (t Text) listed(a *conform.Agent) []*conform.Result {
	var listed []*conform.Result
	for _, v := range worst() {
		if v == conform.Pass && !t.All || t.collapsed(v) {
			continue
		}
		for i := range a.Results {
			if a.Results[i].Verdict == v {
				listed = append(listed, &a.Results[i])
			}
		}
	}
	return listed
}

// indent is where what belongs to a result begins.
const indent = 4

// result writes one result.
func (t Text) result(b *strings.Builder, r *conform.Result) {
	fmt.Fprintf(b, "%s  %s  %s\n", t.style(r.Verdict).Text(verdictWord(r.Verdict)),
		t.Palette.Bold.Text(term.Escape(r.Case)), t.Palette.Dim.Text(term.Escape(r.Section)))
	if r.Verdict != conform.Pass {
		t.paragraph(b, term.Style{}, r.Title+": "+r.Text)
	}
	if r.Trace != "" {
		t.paragraph(b, t.Palette.Dim, "wskit inspect "+r.Trace)
	}
	if !t.Details || r.Steps == nil {
		return
	}
	t.paragraph(b, t.Palette.Dim, "The rule: "+r.Why+".")
	for i, step := range r.Steps {
		t.paragraph(b, t.Palette.Dim, fmt.Sprintf("%d. %s", i+1, step))
	}
	for row := range strings.Lines(block(r.Exchange)) {
		fmt.Fprintf(b, "%*s%s", indent, "", row)
	}
}

// silent writes what is told together: how many cases were skipped or not run, and why.
// Those are one whose reasons begin alike: "the server declined permessage-deflate", and
// one of many parameters.
func (t Text) silent(b *strings.Builder, a *conform.Agent) {
	type reason struct {
		verdict conform.Verdict
		begins  string
	}
	var order []reason
	counts := map[reason]int{}
	cut := map[reason]bool{}
	for i := range a.Results {
		r := &a.Results[i]
		if !t.collapsed(r.Verdict) {
			continue
		}
		why := reason{r.Verdict, clause(r.Text)}
		if counts[why]++; counts[why] == 1 {
			order = append(order, why)
		}
		cut[why] = cut[why] || why.begins != r.Text
	}
	if len(order) > 0 {
		b.WriteByte('\n')
	}
	for _, why := range order {
		text := why.begins
		if cut[why] {
			text += " …"
		}
		t.paragraphAt(b, 0, t.Palette.Dim, fmt.Sprintf("%s %s: %s", trace.Plural(counts[why], "case"), verdictWord(why.verdict), text))
	}
}

// clause returns the beginning of a sentence, up to where details may begin.
func clause(s string) string {
	if end := strings.IndexAny(s, ";,"); end >= 0 {
		s = s[:end]
	}
	return strings.TrimSpace(s)
}

// matrix writes a table of the groups and the agents.
func (t Text) matrix(b *strings.Builder, r *conform.Report) {
	names := groupNames(r)
	first := 5
	for _, g := range names {
		first = max(first, term.Cells(term.Escape(g)))
	}
	var columns []map[string]tally
	var totals []tally
	var widths []int
	head := strings.Repeat(" ", first)
	for _, a := range r.Agents {
		all, groups := count(a)
		title := short(a)
		width := max(term.Cells(title), len(all.words(false)))
		for _, counts := range groups {
			width = max(width, len(counts.words(false)))
		}
		columns, totals, widths = append(columns, groups), append(totals, all), append(widths, width)
		head += "  " + title + strings.Repeat(" ", width-term.Cells(title))
	}
	fmt.Fprintln(b, t.Palette.Dim.Text(strings.TrimRight(head, " ")))
	row := func(title string, counts func(i int) tally) {
		b.WriteString(title + strings.Repeat(" ", first-term.Cells(title)))
		for i := range r.Agents {
			cell, style := "–", t.Palette.Dim
			if c := counts(i); c.total() > 0 {
				cell, style = c.words(false), t.style(c.verdict())
			}
			b.WriteString("  " + style.Text(cell))
			if i < len(r.Agents)-1 {
				b.WriteString(strings.Repeat(" ", widths[i]-term.Cells(cell)))
			}
		}
		b.WriteByte('\n')
	}
	for _, g := range names {
		row(term.Escape(g), func(i int) tally { return columns[i][g] })
	}
	row("total", func(i int) tally { return totals[i] })
}

// next writes what to type next.
func (t Text) next(b *strings.Builder, r *conform.Report) {
	var bad *conform.Result
	for _, a := range r.Agents {
		for _, res := range t.listed(a) {
			if res.Verdict != conform.Fail && res.Verdict != conform.NonStrict {
				continue
			}
			if bad == nil || res.Verdict == conform.Fail && bad.Verdict != conform.Fail {
				bad = res
			}
		}
	}
	if bad == nil || t.Details {
		return
	}
	id := term.Escape(bad.Case)
	fmt.Fprintf(b, "\n%s\n", t.Palette.Dim.Text("Next:"))
	if t.Again != "" {
		fmt.Fprintf(b, "  wskit check --case %s -v %s\n", id, line(t.Again))
	}
	fmt.Fprintf(b, "  wskit explain %s\n", id)
}

// sums writes a line that sums up each agent.
func (t Text) sums(b *strings.Builder, r *conform.Report) {
	width := 0
	for _, a := range r.Agents {
		width = max(width, term.Cells(short(a)))
	}
	for _, a := range r.Agents {
		if len(r.Agents) > 1 {
			fmt.Fprintf(b, "%s%*s  ", t.Palette.Bold.Text(short(a)), width-term.Cells(short(a)), "")
		}
		all, _ := count(a)
		fmt.Fprintln(b, t.style(all.verdict()).Text(summary(a)))
	}
}

// short is the name of an agent for a column.
func short(a *conform.Agent) string {
	const widest = 28
	return term.Fit(name(a), widest)
}

// paragraph writes a text that is not safe to show, wrapped and indented.
func (t Text) paragraph(b *strings.Builder, st term.Style, s string) {
	t.paragraphAt(b, indent, st, s)
}

func (t Text) paragraphAt(b *strings.Builder, column int, st term.Style, s string) {
	for _, row := range wrap(line(s), t.Width-column) {
		fmt.Fprintf(b, "%*s%s\n", column, "", st.Text(row))
	}
}

// minWrap is the least width at which lines are wrapped.
const minWrap = 20

// wrap breaks s between words into rows of at most width cells, or of a word that is
// longer.
func wrap(s string, width int) []string {
	if width < minWrap {
		return []string{s}
	}
	var rows []string
	row, used := "", 0
	for word := range strings.SplitSeq(s, " ") {
		n := term.Cells(word)
		if row != "" && used+1+n > width {
			rows = append(rows, row)
			row, used = "", 0
		}
		if row != "" {
			row += " "
			used++
		}
		row += word
		used += n
	}
	return append(rows, row)
}
