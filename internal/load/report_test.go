package load

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"wskit/codec"
)

// sample returns a report with something in every field, and the latencies in it.
func sampleReport(seed uint64) (*Report, []time.Duration) {
	random := rand.New(rand.NewPCG(seed, 1))
	r := &Report{
		Format: Format, Version: "1.2.3", Sources: 1,
		Plan: Plan{
			URLs: []string{"ws://one/", "wss://two/path"}, Mode: Open, Connections: 10, Rate: 1000.5, Size: 64,
			Check: CheckEcho, Duration: 10 * time.Second, Count: 5, RampUp: time.Second, Timeout: 3 * time.Second,
			Compress: "permessage-deflate", Sources: []netip.Addr{netip.MustParseAddr("127.0.0.2")},
		},
		Started: time.Date(2026, 3, 1, 12, 0, int(seed), 0, time.UTC), Elapsed: 10*time.Second + time.Duration(seed),
		Connections: Connections{Planned: 10, Opened: 9, Failed: 1, Lost: 2},
		Messages:    Messages{Sent: 100, Answered: 90, Received: 95, PayloadOut: 6400, PayloadIn: 6000, WireOut: 7000, WireIn: 6500},
		Latency:     NewHistogram(), Handshake: NewHistogram(),
		Errors:   []ErrorCount{{Kind: KindTimeout, Count: 7, Example: "connection 1"}, {Kind: "handshake 503", Count: 1}},
		Closes:   []CloseCount{{Code: codec.CloseNormal, By: "local", Count: 8}, {Code: codec.CloseAbnormal, By: "lost", Count: 1}},
		Timeline: Timeline{Interval: sampleInterval, Samples: []Sample{{Messages: 50, Bytes: 3200, LatencyMax: time.Second}, {Messages: 40, Bytes: 2560, Errors: 7}}},
	}
	var all []time.Duration
	for range 10_000 {
		// From nanoseconds to hours: also what is out of range.
		all = append(all, time.Duration(1)<<random.IntN(43)+time.Duration(random.IntN(1000)))
		r.Latency.Record(all[len(all)-1])
		r.Handshake.Record(all[len(all)-1] / 2)
	}
	return r, all
}

func encode(t testing.TB, r *Report) []byte {
	t.Helper()
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// What is written is what is read, to the last count of the histograms.
func TestReportRoundTrip(t *testing.T) {
	want, _ := sampleReport(1)
	got, err := ReadReport(bytes.NewReader(encode(t, want)))
	if err != nil {
		t.Fatal(err)
	}
	if !got.Latency.h.Equals(want.Latency.h) || !got.Handshake.h.Equals(want.Handshake.h) {
		t.Error("the histograms differ")
	}
	got.Latency, got.Handshake = want.Latency, want.Handshake
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// A merged histogram is the histogram of all values, and so has its percentiles.
func TestMergeExact(t *testing.T) {
	all := NewHistogram()
	var reports []*Report
	for seed := range uint64(3) {
		r, values := sampleReport(seed)
		for _, v := range values {
			all.Record(v)
		}
		r, err := ReadReport(bytes.NewReader(encode(t, r))) // as from a file
		if err != nil {
			t.Fatal(err)
		}
		reports = append(reports, r)
	}
	m, err := Merge(reports)
	if err != nil {
		t.Fatal(err)
	}
	if !m.Latency.h.Equals(all.h) {
		t.Error("the merged histogram is not that of all values")
	}
	for _, p := range []float64{0, 1, 50, 75, 90, 99, 99.9, 99.99, 100} {
		if got, want := m.Latency.Percentile(p), all.Percentile(p); got != want {
			t.Errorf("p%v is %v, want %v", p, got, want)
		}
	}
	// The reports are as they were.
	if r, _ := sampleReport(0); reports[0].Latency.Count() != r.Latency.Count() || len(reports[0].Errors) != 2 || reports[0].Errors[0].Count != 7 {
		t.Error("a report was changed")
	}
}

func TestMergeCounts(t *testing.T) {
	a, _ := sampleReport(1)
	b, _ := sampleReport(2)
	b.Plan.URLs = []string{"wss://two/path", "ws://three/"}
	b.Plan.Compress, b.Version, b.Interrupted = "", "1.2.4", true
	b.Errors = append(b.Errors, ErrorCount{Kind: KindMismatch, Count: 20, Example: "x"})
	b.Timeline = Timeline{Interval: 2 * sampleInterval, Samples: []Sample{{Messages: 1}, {Messages: 2, LatencyMax: 5}, {Messages: 3}}}
	got, err := Merge([]*Report{b, a})
	if err != nil {
		t.Fatal(err)
	}
	want := &Report{
		Format: Format, Sources: 2, Started: a.Started, Elapsed: b.Elapsed, Interrupted: true,
		Plan: Plan{
			URLs: []string{"wss://two/path", "ws://three/", "ws://one/"}, Mode: Open, Connections: 20, Rate: 2001, Size: 64,
			Check: CheckEcho, Duration: 10 * time.Second, Count: 10, RampUp: time.Second, Timeout: 3 * time.Second,
			Compress: "mixed", Sources: []netip.Addr{netip.MustParseAddr("127.0.0.2"), netip.MustParseAddr("127.0.0.2")},
		},
		Connections: Connections{Planned: 20, Opened: 18, Failed: 2, Lost: 4},
		Messages:    Messages{Sent: 200, Answered: 180, Received: 190, PayloadOut: 12800, PayloadIn: 12000, WireOut: 14000, WireIn: 13000},
		Latency:     got.Latency, Handshake: got.Handshake,
		Errors:   []ErrorCount{{Kind: KindMismatch, Count: 20, Example: "x"}, {Kind: KindTimeout, Count: 14, Example: "connection 1"}, {Kind: "handshake 503", Count: 2}},
		Closes:   []CloseCount{{Code: codec.CloseNormal, By: "local", Count: 16}, {Code: codec.CloseAbnormal, By: "lost", Count: 2}},
		Timeline: Timeline{Interval: 2 * sampleInterval, Samples: []Sample{{Messages: 91, Bytes: 5760, Errors: 7, LatencyMax: time.Second}, {Messages: 2, LatencyMax: 5}, {Messages: 3}}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

func TestMergeRefuses(t *testing.T) {
	tests := []struct {
		name   string
		change func(p *Plan)
		want   string
	}{
		{"mode", func(p *Plan) { p.Mode = Closed }, "mode"},
		{"check", func(p *Plan) { p.Check = CheckCount }, "check"},
		{"size", func(p *Plan) { p.Size++ }, "size"},
		{"binary", func(p *Plan) { p.Binary = true }, "kind"},
		{"given", func(p *Plan) { p.Given = true }, "kind"},
		{"pipeline", func(p *Plan) { p.Pipeline = 2 }, "in flight"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, _ := sampleReport(1)
			b, _ := sampleReport(2)
			tt.change(&b.Plan)
			if _, err := Merge([]*Report{a, b}); err == nil ||
				!strings.Contains(err.Error(), "report 2: it has another") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q in it", err, tt.want)
			}
		})
	}
	if _, err := Merge(nil); err == nil {
		t.Error("merging nothing: got no error")
	}
}

// A report that is damaged is refused, and the error names the place.
func TestReadReportDamaged(t *testing.T) {
	tests := []struct {
		name   string
		damage func(m map[string]any)
		want   string
	}{
		{"format", func(m map[string]any) { m["format"] = "wskit-bench/2" }, `format is "wskit-bench/2"`},
		{"no histogram", func(m map[string]any) { delete(m, "latency") }, "latency is missing"},
		{"null histogram", func(m map[string]any) { m["handshake"] = nil }, "handshake is missing"},
		{"histogram without values", func(m map[string]any) { in(m, "latency")["hdr"] = "" }, "latency: hdr is missing"},
		{"histogram that is not base64", func(m map[string]any) { in(m, "handshake")["hdr"] = "!" }, "handshake: hdr"},
		{"histogram cut short", func(m map[string]any) {
			h := in(m, "latency")
			h["hdr"] = h["hdr"].(string)[:len(h["hdr"].(string))/2/4*4]
		}, "hdr"},
		{"histogram with another count", func(m map[string]any) { in(m, "latency")["count"] = 5 }, "count says 5"},
		{"mode", func(m map[string]any) { in(m, "plan")["mode"] = "fast" }, `mode "fast" is unknown`},
		{"check", func(m map[string]any) { in(m, "plan")["check"] = "" }, `check "" is unknown`},
		{"rate", func(m map[string]any) { in(m, "plan")["rate"] = -1 }, "rate -1"},
		{"negative count", func(m map[string]any) { in(m, "messages")["sent"] = -1 }, "messages: sent: -1"},
		{"huge count", func(m map[string]any) { in(m, "messages")["answered"] = int64(1) << 62 }, "messages: answered"},
		{"elapsed", func(m map[string]any) { m["elapsed_ns"] = -5 }, "elapsed_ns: -5"},
		{"interval", func(m map[string]any) { in(m, "timeline")["interval_ns"] = 0 }, "interval_ns"},
		{"samples", func(m map[string]any) { in(m, "timeline")["samples"] = make([]struct{}, MaxSamples+1) }, "timeline: more than 600"},
		{"URLs", func(m map[string]any) { in(m, "plan")["urls"] = make([]string, maxURLs+1) }, "plan: more than 1000 URLs"},
		{"fraction", func(m map[string]any) { in(m, "messages")["sent"] = 1.5 }, "report: messages: sent: a JSON number 1.5 is not"},
		{"histogram of another type", func(m map[string]any) { m["latency"] = 5 }, "report: latency: a JSON number is not"},
		{"type", func(m map[string]any) { m["started"] = "yesterday" }, "started: "},
		{"long example", func(m map[string]any) {
			m["errors"] = []ErrorCount{{Kind: "x", Count: 1, Example: strings.Repeat("x", maxWord+1)}}
		}, "errors: a text"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, _ := sampleReport(1)
			var m map[string]any
			if err := json.Unmarshal(encode(t, r), &m); err != nil {
				t.Fatal(err)
			}
			tt.damage(m)
			b, err := json.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := ReadReport(bytes.NewReader(b)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q in it", err, tt.want)
			}
		})
	}
	if _, err := ReadReport(strings.NewReader("[]")); err == nil || err.Error() != "read report: a JSON array is not what belongs here" {
		t.Errorf("an array: got %v", err)
	}
	if _, err := ReadReport(strings.NewReader("{")); err == nil {
		t.Error("half an object: got no error")
	}
	if _, err := ReadReport(strings.NewReader(strings.Repeat(" ", maxReport+1))); err == nil || !strings.Contains(err.Error(), "larger") {
		t.Errorf("too large: got %v", err)
	}
}

func in(m map[string]any, key string) map[string]any { return m[key].(map[string]any) }

// Whatever is read can be merged with itself, written and read again.
func FuzzReadReport(f *testing.F) {
	r, _ := sampleReport(1)
	r.Latency, r.Handshake = NewHistogram(), NewHistogram()
	r.Latency.Record(time.Millisecond)
	good := encode(f, r)
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Add([]byte(`{"format":"wskit-bench/1"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := ReadReport(bytes.NewReader(b))
		if err != nil {
			return
		}
		m, err := Merge([]*Report{r, r})
		if err != nil {
			t.Fatalf("merge with itself: %v", err)
		}
		if m.Latency.Count() != 2*r.Latency.Count() {
			t.Errorf("merged with itself it has %d values, want twice %d", m.Latency.Count(), r.Latency.Count())
		}
		r.Throughput()
		r.ErrorRate()
		r.Latency.Points()
		again, err := ReadReport(bytes.NewReader(encode(t, r)))
		if err != nil {
			t.Fatalf("read what was written: %v", err)
		}
		if !again.Latency.h.Equals(r.Latency.h) {
			t.Error("the histogram has changed")
		}
	})
}

func TestErrorRate(t *testing.T) {
	tests := []struct {
		name   string
		report Report
		want   float64
	}{
		{"nothing", Report{}, 0},
		{"none", Report{Messages: Messages{Sent: 10}}, 0},
		{
			"messages",
			Report{Messages: Messages{Sent: 98}, Connections: Connections{Opened: 2}, Errors: []ErrorCount{{Kind: "x", Count: 5}}},
			0.05,
		},
		{
			"what was not sent was tried",
			Report{Messages: Messages{Sent: 50}, Errors: []ErrorCount{{Kind: KindUnsent, Count: 50}}},
			0.5,
		},
		{"connections", Report{Connections: Connections{Failed: 3, Opened: 1}, Errors: []ErrorCount{{Kind: KindRefused, Count: 3}}}, 0.75},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.report.ErrorRate(); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
