package report

import (
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"

	"wskit/internal/load"
	"wskit/internal/term"
)

//go:embed page.html
var pageSource string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"count":   Count,
	"closing": closing,
	"shown":   term.EscapeQuoted, // a browser, too, can be made to show text in another order
}).Parse(pageSource))

// A page is what page.html shows.
type page struct {
	Report    *load.Report
	Title     string
	Plan      string
	PlanRows  []row
	Notes     []string
	Started   string
	Tiles     []tile
	Plots     []plot
	Latencies table
	Traffic   table
	Errors    string
	JSON      string // in base64
}

// A tile is a figure that is seen first.
type tile struct{ Name, Value, Class string }

// A plot is drawn once for each size.
type plot struct {
	ID, Title, Lede string
	Drawings        []drawing
}

func (p *plot) draw(d drawing) {
	d.Name = p.Title
	p.Drawings = append(p.Drawings, d)
}

type table struct {
	Columns []string
	Rows    []row
}

// WriteHTML writes the report as one page that needs nothing else: no script, and no
// request to anywhere. It works on a screen and on a phone, by day and by night.
func WriteHTML(w io.Writer, r *load.Report) error {
	doc, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	p := page{
		Report:   r,
		Title:    "wskit bench " + strings.Join(r.Plan.URLs, " "),
		Plan:     plan(r.Plan),
		PlanRows: planRows(r.Plan),
		Notes:    notes(r),
		Started:  r.Started.Format(time.RFC1123),
		Tiles:    tiles(r),
		Plots:    plots(r),
		Traffic:  table{[]string{"per second", "total"}, traffic(r)},
		Errors:   errorLine(r),
		JSON:     base64.StdEncoding.EncodeToString(doc),
	}
	p.Latencies.Rows = latencies(r)
	for _, d := range measured(r) {
		p.Latencies.Columns = append(p.Latencies.Columns, d.name)
	}
	if err := pageTemplate.Execute(w, p); err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	return nil
}

// tiles are the figures that matter most.
func tiles(r *load.Report) []tile {
	main := measured(r)[0]
	var all []tile
	if r.Plan.Mode != load.Idle {
		all = append(all, tile{"messages a second", Rate(r.Throughput()), ""})
	} else {
		all = append(all, tile{"connections opened", Count(r.Connections.Opened), ""})
	}
	for _, p := range []struct {
		name string
		at   float64
	}{{"median", 50}, {"p99", 99}, {"longest", 100}} {
		value := "–"
		if main.Count() > 0 {
			value = Duration(main.Percentile(p.at))
		}
		all = append(all, tile{p.name + " " + main.name, value, ""})
	}
	class := "good"
	if r.ErrorCount() > 0 {
		class = "bad"
	}
	return append(all, tile{"errors", Count(r.ErrorCount()), class})
}

// plots are those for which there is something to draw.
func plots(r *load.Report) []plot {
	var all []plot
	if d := measured(r)[0]; d.Count() > 0 {
		p := plot{
			ID: "percentiles", Title: strings.ToUpper(d.name[:1]) + d.name[1:] + " by percentile",
			Lede: fmt.Sprintf("Of %s, 99 %% took at most %s.", Plural(d.Count(), strings.TrimSuffix(d.of, "s")), Duration(d.Percentile(99))),
		}
		if r.Plan.Mode == load.Open {
			p.Lede += " The time counts from when a message was due, not from when it could be sent."
		}
		for _, s := range sizes {
			p.draw(percentiles(d.Histogram, d.of, s))
		}
		all = append(all, p)
	}
	if len(cells(r)) > 0 && r.Plan.Mode != load.Idle {
		p := plot{
			ID: "throughput", Title: "Throughput over time",
			Lede: fmt.Sprintf("In steps of %s, with the largest latency of each.", Span(r.Timeline.Interval)),
		}
		for _, s := range sizes {
			p.draw(timeline(r, s))
		}
		all = append(all, p)
	}
	return all
}
