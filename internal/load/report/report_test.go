package report

import (
	"bytes"
	"encoding/base64"
	"math"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"wskit/internal/load"
	"wskit/internal/term"
)

// sample returns a report as a run might have made it, with errors and a slow
// moment. What a peer had a say in is hostile.
func sample() *load.Report {
	r := &load.Report{
		Format: load.Format, Version: "v1.2.3", Sources: 1,
		Started: time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC), Elapsed: 10 * time.Second,
		Plan: load.Plan{
			URLs: []string{"ws://127.0.0.1:8080/"}, Mode: load.Closed, Connections: 64, Pipeline: 32,
			Size: 125, Check: load.CheckEcho, Duration: 10 * time.Second, Timeout: 10 * time.Second,
		},
		Connections: load.Connections{Planned: 64, Opened: 62, Failed: 2, Lost: 1},
		Latency:     load.NewHistogram(), Handshake: load.NewHistogram(),
		Errors: []load.ErrorCount{
			{Kind: load.KindMismatch, Count: 10, Example: `got "</td><script>alert(1)</script>\x1b[2J"`},
			{Kind: "handshake 503", Count: 2, Example: "evil \x1b[31m \u202e text"},
		},
		Closes:   []load.CloseCount{{Code: 1000, By: "local", Count: 61}, {Code: 1006, By: "lost", Count: 1}},
		Timeline: load.Timeline{Interval: 100 * time.Millisecond},
	}
	for i := range 100 {
		s := load.Sample{Messages: 12000 + int64(1500*math.Sin(float64(i)/7)), LatencyMax: time.Duration(900+i%13*90) * time.Microsecond}
		if i > 60 && i < 66 {
			s.Messages, s.LatencyMax, s.Errors = 300, 480*time.Millisecond, 2
		}
		s.Bytes = 125 * s.Messages
		r.Timeline.Samples = append(r.Timeline.Samples, s)
		r.Messages.Answered += s.Messages
	}
	r.Messages.Sent = r.Messages.Answered + 10
	r.Messages.Received = r.Messages.Sent
	r.Messages.PayloadOut, r.Messages.PayloadIn = 125*r.Messages.Sent, 125*r.Messages.Received
	r.Messages.WireOut, r.Messages.WireIn = 131*r.Messages.Sent, 127*r.Messages.Received
	for i := range 20000 {
		share := float64(i) / 20000
		r.Latency.Record(time.Duration(80e3 + 60e3*share/(1.0001-share)))
	}
	for i := range 62 {
		r.Handshake.Record(time.Duration(300+i*7) * time.Microsecond)
	}
	return r
}

// idle returns the report of connections that were only held.
func idle() *load.Report {
	r := sample()
	r.Plan = load.Plan{URLs: []string{"ws://a/", "ws://b/"}, Mode: load.Idle, Connections: 62, Duration: 10 * time.Second}
	r.Connections = load.Connections{Planned: 62, Opened: 62}
	r.Messages, r.Errors, r.Latency = load.Messages{}, nil, load.NewHistogram()
	r.Closes = r.Closes[:1]
	r.Interrupted, r.Sources = true, 2
	return r
}

const wantText = `ws://127.0.0.1:8080/
closed loop: 64 connections × 32 in flight, 125 B text, echoes checked, for 10 s

elapsed       10 s
connections   64 planned, 62 opened, 2 failed, 1 lost

              per second       total
sent           114,977/s   1,149,767
answered       114,976/s   1,149,757
received       114,977/s   1,149,767
payload out    14.4 MB/s      144 MB
payload in     14.4 MB/s      144 MB
wire out                      151 MB
wire in                       146 MB

              latency   handshake
min           79.9 µs      300 µs
mean           559 µs      514 µs
p50            140 µs      510 µs
p90            620 µs      685 µs
p99           5.94 ms      720 µs
p99.9         52.2 ms      727 µs
p99.99         240 ms      727 µs
max            400 ms      727 µs

errors        12 of 1,149,831 (0.00104 %)
              10  mismatch       got "</td><script>alert(1)</script>\x1b[2J"
               2  handshake 503  evil \x1b[31m \u{202e} text
closes        61  1000 normal closure, by this side
               1  1006 abnormal closure, without a close frame
`

const wantIdle = `ws://a/
ws://b/
idle: 62 connections, for 10 s
interrupted: this is what was measured until then
merged from 2 reports

elapsed       10 s
connections   62 planned, 62 opened, 0 failed, 0 lost

              handshake
min              300 µs
mean             514 µs
p50              510 µs
p90              685 µs
p99              720 µs
p99.9            727 µs
p99.99           727 µs
max              727 µs

errors        none
closes        61  1000 normal closure, by this side
`

// refused returns the report of a server that was not there.
func refused() *load.Report {
	r := sample()
	r.Elapsed, r.Messages, r.Timeline = 0, load.Messages{}, load.Timeline{}
	r.Latency, r.Handshake = load.NewHistogram(), load.NewHistogram()
	r.Connections = load.Connections{Planned: 64, Failed: 64}
	r.Errors, r.Closes = []load.ErrorCount{{Kind: load.KindRefused, Count: 64, Example: "connection refused"}}, nil
	return r
}

const wantRefused = `ws://127.0.0.1:8080/
closed loop: 64 connections × 32 in flight, 125 B text, echoes checked, for 10 s

elapsed       0 s
connections   64 planned, 0 opened, 64 failed, 0 lost

errors        64 of 64 (100 %)
              64  refused  connection refused
`

func TestText(t *testing.T) {
	for _, tt := range []struct {
		name   string
		report *load.Report
		want   string
	}{
		{"messages", sample(), wantText},
		{"idle", idle(), wantIdle},
		{"refused", refused(), wantRefused},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := (Text{}).Format(tt.report); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

func TestTextWidth(t *testing.T) {
	text := Text{Width: 60, Palette: term.NewPalette(true)}.Format(sample())
	if !strings.Contains(text, `mismatch       got "</td><script>alert(1)…`) {
		t.Errorf("a long example is not cut:\n%s", text)
	}
	if !strings.Contains(text, "\x1b[1m") || strings.Contains(text, "\x1b[2J") {
		t.Errorf("colours are missing, or what a peer sent is not escaped: %q", text)
	}
}

func TestPlan(t *testing.T) {
	for _, tt := range []struct {
		name string
		plan load.Plan
		want string
	}{
		{
			"open",
			load.Plan{Mode: load.Open, Connections: 1, Rate: 2500, Size: 70000, Binary: true, Check: load.CheckNone, Count: 10},
			"open loop: 2,500 msg/s over 1 connection, 70.0 kB binary, no replies, until 10 messages",
		},
		{
			"all",
			load.Plan{
				Mode: load.Closed, Connections: 2, Pipeline: 1, Check: load.CheckCount, Compress: "permessage-deflate",
				RampUp: time.Second, Sources: make([]netip.Addr, 2), Duration: time.Minute, Count: 1,
			},
			"closed loop: 2 connections, 0 B text, any reply, compressed, opened over 1 s, from 2 sources, for 60 s or until 1 message",
		},
	} {
		if got := plan(tt.plan); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func pageOf(t *testing.T, r *load.Report) string {
	t.Helper()
	var b strings.Builder
	if err := WriteHTML(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// withoutData returns the page without the data that it offers to download.
func withoutData(html string) string {
	return regexp.MustCompile(`base64,[^"]*`).ReplaceAllString(html, "")
}

func TestPage(t *testing.T) {
	html := pageOf(t, sample())
	for _, want := range []string{
		`default-src &#39;none&#39;`, `<title>wskit bench ws://127.0.0.1:8080/</title>`,
		`<section id="percentiles">`, `<section id="throughput">`, `<title>p99: 5.94 ms</title>`,
		"6.1 to 6.2 s: 3,000 msg/s, up to 480 ms, 2 errors", "10 errors", "99.99 %",
		"&lt;script&gt;alert(1)", `evil \x1b[31m \u{202e} text`,
	} {
		if !strings.Contains(html, want) && !strings.Contains(html, strings.ReplaceAll(want, "&#39;", "'")) {
			t.Errorf("the page has no %s", want)
		}
	}
	if bad := regexp.MustCompile(`(?i)<script|https?:|@import|url\(|\bnan\b|\binf\b|\x1b|\x{202e}`).FindString(withoutData(html)); bad != "" {
		t.Errorf("the page has %q", bad)
	}
}

// TestPageJSON reads the report that the page offers to download.
func TestPageJSON(t *testing.T) {
	html := pageOf(t, sample())
	_, rest, _ := strings.Cut(html, "base64,")
	data, _, _ := strings.Cut(rest, `"`)
	doc, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(data, "&#43;", "+"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := load.ReadReport(bytes.NewReader(doc))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := r.Latency.Percentile(99), sample().Latency.Percentile(99); got != want {
		t.Errorf("got p99 %v, want %v", got, want)
	}
}

// TestPageSparse draws reports in which something is missing.
func TestPageSparse(t *testing.T) {
	empty := idle()
	empty.Handshake, empty.Elapsed, empty.Timeline, empty.Closes = load.NewHistogram(), 0, load.Timeline{}, nil
	nothing := sample()
	nothing.Timeline.Samples = []load.Sample{{}, {}}
	nothing.Latency = load.NewHistogram()
	for _, tt := range []struct {
		name   string
		report *load.Report
		plots  []string
	}{
		{"idle", idle(), []string{"percentiles"}},
		{"nothing measured", empty, nil},
		{"nothing opened", refused(), nil},
		{"nothing answered", nothing, []string{"throughput"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			html := pageOf(t, tt.report)
			for _, id := range []string{"percentiles", "throughput"} {
				if got, want := strings.Contains(html, `id="`+id+`"`), slices.Contains(tt.plots, id); got != want {
					t.Errorf("%s: drawn %v, want %v", id, got, want)
				}
			}
			if bad := regexp.MustCompile(`NaN|Inf\b`).FindString(withoutData(html)); bad != "" {
				t.Errorf("the page has %q", bad)
			}
		})
	}
}

// TestMarks checks that the dots keep a distance from the last one.
func TestMarks(t *testing.T) {
	for _, tt := range []struct {
		name  string
		count int
		want  []string
	}{
		{"one value", 1, []string{"p50", "max"}},
		{"a hundred", 100, []string{"p50", "p90", "max"}},
		{"ten thousand", 10000, []string{"p50", "p90", "p99", "p99.9", "max"}},
		{"some more", 30000, []string{"p50", "p90", "p99", "p99.9", "p99.99", "max"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := load.NewHistogram()
			for range tt.count {
				h.Record(time.Millisecond)
			}
			var got []string
			for _, m := range percentiles(h, "messages", sizes[0]).Marks {
				name, _, _ := strings.Cut(m.Title, ":")
				got = append(got, name)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// TestTimelineCells checks that a short rest of a run does not look like a stall or
// a burst.
func TestTimelineCells(t *testing.T) {
	r := sample()
	r.Elapsed = 310 * time.Millisecond
	r.Timeline.Samples = []load.Sample{{Messages: 10}, {Messages: 10}, {Messages: 10, Errors: 1}, {Messages: 1, LatencyMax: 5}}
	got := cells(r)
	if len(got) != 3 {
		t.Fatalf("got %d cells, want 3", len(got))
	}
	last := got[2]
	if last.Messages != 11 || last.Errors != 1 || last.LatencyMax != 5 || math.Abs(last.rate-100) > 1e-9 || last.to != 0.31 {
		t.Errorf("got %+v for the last", last)
	}
}

// TestSteps checks that a value that is missing leaves a gap.
func TestSteps(t *testing.T) {
	x := linear(3, 3, roundUp, short).between(0, 30)
	y := linear(10, 2, roundUp, short).between(10, 0)
	three := []cell{{from: 0, to: 1, rate: 5}, {from: 1, to: 2, rate: -1}, {from: 2, to: 3, rate: 10}}
	got := steps(three, x, y, 10, "rate", func(c cell) (float64, bool) { return c.rate, c.rate >= 0 })
	want := []shape{
		{"M0 10V5H10V10ZM20 10V0H30V10Z", "area rate"},
		{"M0 5H10M20 0H30", "line rate"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
