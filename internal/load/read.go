package load

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"wskit/internal/jsonreport"
)

// The limits of a report that is read.
const (
	maxReport = 16 << 20 // bytes
	maxKinds  = 1000     // of errors, and of closes
	maxWord   = 4 << 10  // bytes of a string
	maxURLs   = 1000
	// maxCount is far beyond what can be counted up, so that sums of many reports
	// do not overflow.
	maxCount = 1e15
)

// ReadReport reads the JSON of a report. What is damaged, or cannot be, is an error
// that names the field.
func ReadReport(r io.Reader) (*Report, error) {
	b, err := jsonreport.Read(r, maxReport, Format)
	if err != nil {
		return nil, err
	}
	report, err := decodeReport(b)
	if err == nil {
		err = report.validate()
	}
	if err != nil {
		return nil, fmt.Errorf("read report: %w", err)
	}
	return report, nil
}

// decodeReport decodes the fields that decode themselves one by one, for their
// errors do not name them.
func decodeReport(b []byte) (*Report, error) {
	type plain Report
	report := new(Report)
	parts := struct {
		*plain
		Started   json.RawMessage `json:"started"`
		Latency   json.RawMessage `json:"latency"`
		Handshake json.RawMessage `json:"handshake"`
	}{plain: (*plain)(report)}
	if err := json.Unmarshal(b, &parts); err != nil {
		return nil, jsonreport.Plainly(err)
	}
	for _, part := range []struct {
		name string
		raw  json.RawMessage
		to   any
	}{
		{"started", parts.Started, &report.Started},
		{"latency", parts.Latency, &report.Latency},
		{"handshake", parts.Handshake, &report.Handshake},
	} {
		if part.raw == nil {
			return nil, fmt.Errorf("%s is missing", part.name)
		}
		if err := json.Unmarshal(part.raw, part.to); err != nil {
			return nil, fmt.Errorf("%s: %w", part.name, jsonreport.Plainly(err))
		}
	}
	return report, nil
}

// validate checks what the methods of a report, Merge and whoever shows it rely on.
func (r *Report) validate() error {
	p := &r.Plan
	switch {
	case r.Latency == nil:
		return errors.New("latency is missing")
	case r.Handshake == nil:
		return errors.New("handshake is missing")
	case !slices.Contains([]Mode{Closed, Open, Idle}, p.Mode):
		return fmt.Errorf("plan: mode %.40q is unknown", p.Mode)
	case !slices.Contains([]Check{CheckEcho, CheckCount, CheckNone}, p.Check):
		return fmt.Errorf("plan: check %.40q is unknown", p.Check)
	case p.Rate < 0 || p.Rate > maxCount:
		return fmt.Errorf("plan: rate %g is out of range", p.Rate)
	case len(p.URLs) > maxURLs:
		return fmt.Errorf("plan: more than %d URLs", maxURLs)
	case len(r.Errors) > maxKinds:
		return fmt.Errorf("errors: more than %d", maxKinds)
	case len(r.Closes) > maxKinds:
		return fmt.Errorf("closes: more than %d", maxKinds)
	case len(r.Timeline.Samples) > MaxSamples:
		return fmt.Errorf("timeline: more than %d samples", MaxSamples)
	case len(r.Timeline.Samples) > 0 && r.Timeline.Interval <= 0:
		return errors.New("timeline: interval_ns is not positive")
	}
	for _, u := range p.URLs {
		if len(u) > maxWord {
			return fmt.Errorf("plan: a URL is longer than %d bytes", maxWord)
		}
	}
	return r.validateCounts()
}

// validateCounts checks that no number is negative or too large to be added up.
func (r *Report) validateCounts() error {
	p, c, m := &r.Plan, &r.Connections, &r.Messages
	type number struct {
		name string
		n    int64
	}
	numbers := []number{
		{"elapsed_ns", int64(r.Elapsed)},
		{"sources", int64(r.Sources)},
		{"plan: connections", int64(p.Connections)},
		{"plan: pipeline", int64(p.Pipeline)},
		{"plan: size", int64(p.Size)},
		{"plan: duration_ns", int64(p.Duration)},
		{"plan: count", p.Count},
		{"plan: ramp_up_ns", int64(p.RampUp)},
		{"plan: timeout_ns", int64(p.Timeout)},
		{"connections: planned", c.Planned},
		{"connections: opened", c.Opened},
		{"connections: failed", c.Failed},
		{"connections: lost", c.Lost},
		{"messages: sent", m.Sent},
		{"messages: answered", m.Answered},
		{"messages: received", m.Received},
		{"messages: payload_out_bytes", m.PayloadOut},
		{"messages: payload_in_bytes", m.PayloadIn},
		{"messages: wire_out_bytes", m.WireOut},
		{"messages: wire_in_bytes", m.WireIn},
		{"timeline: interval_ns", int64(r.Timeline.Interval)},
		{"latency: count", r.Latency.Count()},
		{"handshake: count", r.Handshake.Count()},
	}
	for _, e := range r.Errors {
		if len(e.Kind) > maxWord || len(e.Example) > maxWord {
			return fmt.Errorf("errors: a text is longer than %d bytes", maxWord)
		}
		numbers = append(numbers, number{"errors: count", e.Count})
	}
	for _, e := range r.Closes {
		if len(e.By) > maxWord {
			return fmt.Errorf("closes: a text is longer than %d bytes", maxWord)
		}
		numbers = append(numbers, number{"closes: count", e.Count})
	}
	for _, s := range r.Timeline.Samples {
		numbers = append(numbers, number{"timeline: messages", s.Messages}, number{"timeline: bytes", s.Bytes},
			number{"timeline: errors", s.Errors}, number{"timeline: latency_max_ns", int64(s.LatencyMax)})
	}
	for _, n := range numbers {
		if n.n < 0 || n.n > maxCount {
			return fmt.Errorf("%s: %d is out of range", n.name, n.n)
		}
	}
	return nil
}
