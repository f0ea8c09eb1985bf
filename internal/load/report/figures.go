package report

import (
	"fmt"
	"strings"
	"time"

	"wskit/internal/load"
)

// A row is a line of a table: what it is about, and its figures.
type row struct {
	Name  string
	Cells []string
}

// plan says in one line what was asked for.
func plan(p load.Plan) string {
	var parts []string
	connections := Plural(int64(p.Connections), "connection")
	size := Bytes(float64(p.Size)) + " " + opcode(p)
	switch p.Mode {
	case load.Idle:
		parts = append(parts, "idle: "+connections)
	case load.Open:
		parts = append(parts, fmt.Sprintf("open loop: %s msg/s over %s", Rate(p.Rate), connections), size)
	default:
		if p.Pipeline > 1 {
			connections += fmt.Sprintf(" × %s in flight", Count(int64(p.Pipeline)))
		}
		parts = append(parts, "closed loop: "+connections, size)
	}
	switch {
	case p.Mode == load.Idle:
	case p.Check == load.CheckCount:
		parts = append(parts, "any reply")
	case p.Check == load.CheckNone:
		parts = append(parts, "no replies")
	default:
		parts = append(parts, "echoes checked")
	}
	if p.Compress != "" {
		parts = append(parts, "compressed")
	}
	if p.RampUp > 0 {
		parts = append(parts, "opened over "+Span(p.RampUp))
	}
	if n := int64(len(p.Sources)); n > 0 {
		parts = append(parts, "from "+Plural(n, "source"))
	}
	if s := limit(p); s != "" {
		parts = append(parts, s)
	}
	return strings.Join(parts, ", ")
}

func opcode(p load.Plan) string {
	if p.Binary {
		return "binary"
	}
	return "text"
}

// limit says what ends a run, which of a merged one may not be known.
func limit(p load.Plan) string {
	var s []string
	if p.Duration > 0 {
		s = append(s, "for "+Span(p.Duration))
	}
	if p.Count > 0 {
		s = append(s, "until "+Plural(p.Count, "message"))
	}
	return strings.Join(s, " or ")
}

// planRows lists everything that was asked for.
func planRows(p load.Plan) []row {
	rows := []row{{"Mode", []string{string(p.Mode)}}}
	add := func(name, value string, when bool) {
		if when {
			rows = append(rows, row{name, []string{value}})
		}
	}
	sends := p.Mode != load.Idle
	origin := "generated"
	if p.Given {
		origin = "given"
	}
	var sources []string
	for _, a := range p.Sources {
		sources = append(sources, a.String())
	}
	add("Connections", Count(int64(p.Connections)), true)
	add("In flight on each", Count(int64(p.Pipeline)), p.Pipeline > 0)
	add("Rate", Rate(p.Rate)+" msg/s", p.Rate > 0)
	add("Message", Count(int64(p.Size))+" B "+opcode(p)+", "+origin, sends)
	add("Reply", string(p.Check), sends)
	add("Ramp-up", Span(p.RampUp), p.RampUp > 0)
	add("Duration", Span(p.Duration), p.Duration > 0)
	add("Count", Count(p.Count), p.Count > 0)
	add("Timeout", Span(p.Timeout), sends)
	add("Compression", p.Compress, p.Compress != "")
	add("From", strings.Join(sources, ", "), len(sources) > 0)
	return rows
}

// traffic lists messages and bytes, in a second and in all, if any could be sent.
func traffic(r *load.Report) []row {
	if r.Plan.Mode == load.Idle || r.Connections.Opened == 0 {
		return nil
	}
	count := func(n int64) []string {
		return []string{perSecond(r, n, Rate), Count(n)}
	}
	size := func(n int64) []string {
		return []string{perSecond(r, n, Bytes), Bytes(float64(n))}
	}
	m := r.Messages
	rows := []row{{"sent", count(m.Sent)}}
	if r.Plan.Check != load.CheckNone {
		rows = append(rows, row{"answered", count(m.Answered)})
	}
	if m.Received != m.Answered {
		rows = append(rows, row{"received", count(m.Received)})
	}
	return append(rows,
		row{"payload out", size(m.PayloadOut)},
		row{"payload in", size(m.PayloadIn)},
		// The connections' bytes are not those of the measuring phase alone.
		row{"wire out", []string{"", Bytes(float64(m.WireOut))}},
		row{"wire in", []string{"", Bytes(float64(m.WireIn))}},
	)
}

func perSecond(r *load.Report, n int64, format func(float64) string) string {
	if r.Elapsed <= 0 {
		return "–"
	}
	return format(float64(n)/r.Elapsed.Seconds()) + "/s"
}

// latencies lists the percentiles of the replies and of the handshakes, if any could
// be measured.
func latencies(r *load.Report) []row {
	if r.Connections.Opened == 0 {
		return nil
	}
	var rows []row
	for _, f := range []struct {
		name  string
		value func(*load.Histogram) time.Duration
	}{
		{"min", (*load.Histogram).Min},
		{"mean", (*load.Histogram).Mean},
		{"p50", percentile(50)},
		{"p90", percentile(90)},
		{"p99", percentile(99)},
		{"p99.9", percentile(99.9)},
		{"p99.99", percentile(99.99)},
		{"max", (*load.Histogram).Max},
	} {
		var cells []string
		for _, h := range measured(r) {
			if h.Histogram.Count() == 0 {
				cells = append(cells, "–")
				continue
			}
			cells = append(cells, Duration(f.value(h.Histogram)))
		}
		rows = append(rows, row{f.name, cells})
	}
	return rows
}

// A distribution is one of the histograms of a report.
type distribution struct {
	*load.Histogram
	name string
	of   string // what its values are those of
}

// measured returns the histograms that a report is about.
func measured(r *load.Report) []distribution {
	handshake := distribution{r.Handshake, "handshake", "handshakes"}
	if r.Plan.Mode == load.Idle || r.Plan.Check == load.CheckNone {
		return []distribution{handshake}
	}
	return []distribution{{r.Latency, "latency", "messages"}, handshake}
}

func percentile(p float64) func(*load.Histogram) time.Duration {
	return func(h *load.Histogram) time.Duration { return h.Percentile(p) }
}

// connections says in one line what became of them.
func connections(c load.Connections) string {
	return fmt.Sprintf("%s planned, %s opened, %s failed, %s lost", Count(c.Planned), Count(c.Opened), Count(c.Failed), Count(c.Lost))
}

// errorLine says in a few words how many errors there were.
func errorLine(r *load.Report) string {
	n := r.ErrorCount()
	if n == 0 {
		return "none"
	}
	return fmt.Sprintf("%s of %s (%s)", Count(n), Count(r.Attempts()), Percent(r.ErrorRate()))
}

// closing says how connections ended.
func closing(c load.CloseCount) string {
	switch c.By {
	case "local":
		return c.Code.String() + ", by this side"
	case "peer":
		return c.Code.String() + ", by the server"
	}
	return c.Code.String() + ", without a close frame"
}

// notes are remarks on a whole report.
func notes(r *load.Report) []string {
	var s []string
	if r.Interrupted {
		s = append(s, "interrupted: this is what was measured until then")
	}
	if r.Sources > 1 {
		s = append(s, "merged from "+Plural(int64(r.Sources), "report"))
	}
	return s
}
