package report

import (
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"time"

	"wskit/internal/conform"
	"wskit/internal/term"
	"wskit/internal/trace"
)

//go:embed page.html
var pageSource string

var pageTemplate = template.Must(template.New("page").Parse(pageSource))

// A page is what page.html shows. All text in it is safe to show.
type page struct {
	Title   string
	Notes   []string
	Agents  []pageAgent
	Groups  []pageGroup
	Filter  bool // there is something to look at
	Span    int  // columns of the table
	Version string
	JSON    string // in base64
}

// A pageAgent is a card.
type pageAgent struct {
	Name, Product, URL, Ended, Started, Elapsed string
	Counts                                      []pageCount
}

type pageCount struct {
	N           int
	Word, Class string
}

// A pageGroup is a part of the table.
type pageGroup struct {
	Name  string
	Cells []pageCell // a summary for each agent
	Rows  []pageRow
	Clean bool
}

// A pageRow is a case.
type pageRow struct {
	Case, Title string
	Cells       []pageCell
	Clean       bool // nobody has to look at it
	Details     []pageDetail
}

type pageCell struct {
	Agent       string // if there are several
	Word, Class string
}

// A pageDetail tells of a result that is not a pass.
type pageDetail struct {
	Agent                         string // if there are several
	Word, Class, Text             string
	Section, Why, Exchange, Trace string
	Steps                         []string
}

// WriteHTML writes the report as one page that needs nothing else: no script, and no
// request to anywhere. Notes are said at the top: what is new, say. It works on a
// screen and on a phone, by day and by night.
func WriteHTML(w io.Writer, r *conform.Report, notes []string) error {
	doc, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	p := page{
		Title: "wskit check", Span: len(r.Agents) + 1, Version: term.Escape(r.Version),
		JSON: base64.StdEncoding.EncodeToString(doc),
	}
	for _, n := range notes {
		p.Notes = append(p.Notes, line(n))
	}
	if len(r.Agents) == 1 {
		p.Title += " of " + name(r.Agents[0])
	} else {
		p.Title += " of " + trace.Plural(len(r.Agents), "agent")
	}
	names := make([]string, len(r.Agents))
	var counts []map[string]tally
	for i, a := range r.Agents {
		if len(r.Agents) > 1 {
			names[i] = name(a)
		}
		all, groups := count(a)
		counts = append(counts, groups)
		p.Agents = append(p.Agents, newPageAgent(a, all))
	}
	for _, g := range newGroups(r, names) {
		for i := range r.Agents {
			g.Cells = append(g.Cells, summaryCell(names[i], counts[i][g.Name]))
		}
		p.Filter = p.Filter || !g.Clean
		g.Name = term.Escape(g.Name)
		p.Groups = append(p.Groups, g)
	}
	if err := pageTemplate.Execute(w, p); err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	return nil
}

func newPageAgent(a *conform.Agent, all tally) pageAgent {
	c := pageAgent{
		Name: name(a), Product: product(a), URL: line(a.URL), Ended: line(a.Ended),
		Started: a.Started.Format(time.RFC1123), Elapsed: trace.FormatDuration(a.Elapsed),
	}
	if c.Product == c.Name {
		c.Product = ""
	}
	for _, v := range conform.Verdicts() {
		if all[v] > 0 || v == conform.Pass || v == conform.Fail {
			count := pageCount{all[v], verdictWord(v), string(v)}
			if all[v] == 0 {
				count.Class = "none"
			}
			c.Counts = append(c.Counts, count)
		}
	}
	return c
}

func summaryCell(agent string, t tally) pageCell {
	if t.total() == 0 {
		return pageCell{agent, "–", "none"}
	}
	return pageCell{agent, t.words(false), string(t.verdict())}
}

// newGroups returns the groups with their cases, in the order in which they come. Their
// names are not escaped yet, and they have no cells.
func newGroups(r *conform.Report, names []string) []pageGroup {
	results := make([]map[string]*conform.Result, len(names))
	rows := map[string][]*conform.Result{} // the first of each case
	seen := map[string]bool{}
	for i, a := range r.Agents {
		results[i] = make(map[string]*conform.Result, len(a.Results))
		for k := range a.Results {
			res := &a.Results[k]
			results[i][res.Case] = res
			if !seen[res.Case] {
				seen[res.Case] = true
				rows[res.Group] = append(rows[res.Group], res)
			}
		}
	}
	var groups []pageGroup
	for _, g := range groupNames(r) {
		group := pageGroup{Name: g, Clean: true}
		for _, first := range rows[g] {
			row := newRow(names, first, results)
			group.Clean = group.Clean && row.Clean
			group.Rows = append(group.Rows, row)
		}
		groups = append(groups, group)
	}
	return groups
}

func newRow(names []string, first *conform.Result, results []map[string]*conform.Result) pageRow {
	row := pageRow{Case: term.Escape(first.Case), Title: line(first.Title), Clean: true}
	for i, agent := range names {
		res := results[i][first.Case]
		if res == nil {
			row.Cells = append(row.Cells, pageCell{agent, "–", "none"})
			continue
		}
		row.Cells = append(row.Cells, pageCell{agent, verdictWord(res.Verdict), string(res.Verdict)})
		if told(res.Verdict) {
			row.Clean = false
			row.Details = append(row.Details, newDetail(agent, res))
		}
	}
	return row
}

// told reports whether a result of that verdict is something to look at, by itself.
func told(v conform.Verdict) bool {
	return v == conform.Fail || v == conform.NonStrict || v == conform.Informational
}

func newDetail(agent string, r *conform.Result) pageDetail {
	d := pageDetail{
		Agent: agent,
		Word:  verdictWord(r.Verdict), Class: string(r.Verdict), Text: line(r.Text),
		Section: line(r.Section), Why: line(r.Why), Exchange: block(r.Exchange), Trace: line(r.Trace),
	}
	for _, s := range r.Steps {
		d.Steps = append(d.Steps, line(s))
	}
	return d
}
