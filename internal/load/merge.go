package load

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// A MergeError says which report cannot be joined with those before it.
type MergeError struct {
	// Index is its place, from zero.
	Index int
	// Err says why.
	Err error
}

// Error says which and why.
func (e *MergeError) Error() string { return fmt.Sprintf("merge report %d: %v", e.Index+1, e.Err) }

// Unwrap returns the cause.
func (e *MergeError) Unwrap() error { return e.Err }

// Merge joins the reports of runs that were made at the same time, on several
// machines. Histograms and counts are added up, exactly, and timelines from the
// beginning of each measuring phase. Runs that measured different things are
// refused: another mode, check, size or kind of message, or another number of
// messages in flight. That is a *MergeError. The reports are not changed.
func Merge(reports []*Report) (*Report, error) {
	if len(reports) == 0 {
		return nil, errors.New("merge reports: there are none")
	}
	first := reports[0]
	m := &Report{
		Format: Format, Version: first.Version, Plan: first.Plan, Started: first.Started,
		Latency: NewHistogram(), Handshake: NewHistogram(),
	}
	m.Plan.URLs, m.Plan.Sources = nil, nil
	m.Plan.Connections, m.Plan.Rate, m.Plan.Count = 0, 0, 0
	errs, closes := make(map[string]*ErrorCount), make(map[CloseCount]int64)
	for i, r := range reports {
		if what := difference(&first.Plan, &r.Plan); what != "" {
			return nil, &MergeError{Index: i, Err: fmt.Errorf("it has another %s than the first", what)}
		}
		if err := errors.Join(m.Latency.add(r.Latency), m.Handshake.add(r.Handshake)); err != nil {
			return nil, &MergeError{Index: i, Err: err}
		}
		m.add(r)
		for _, e := range r.Errors {
			if errs[e.Kind] == nil {
				errs[e.Kind] = &ErrorCount{Kind: e.Kind, Example: e.Example}
			}
			errs[e.Kind].Count += e.Count
		}
		for _, c := range r.Closes {
			closes[CloseCount{Code: c.Code, By: c.By}] += c.Count
		}
	}
	m.Errors, m.Closes = sorted(errs, closes)
	m.Timeline = mergeTimelines(reports)
	return m, nil
}

// difference names what two plans must have in common and have not, "" for nothing.
func difference(a, b *Plan) string {
	switch {
	case a.Mode != b.Mode:
		return "mode"
	case a.Check != b.Check:
		return "check"
	case a.Size != b.Size:
		return "size of messages"
	case a.Binary != b.Binary || a.Given != b.Given:
		return "kind of messages"
	case a.Pipeline != b.Pipeline:
		return "number of messages in flight"
	}
	return ""
}

// add adds to m what r has apart from histograms, lists and the timeline.
func (m *Report) add(r *Report) {
	if r.Started.Before(m.Started) {
		m.Started = r.Started
	}
	if r.Version != m.Version {
		m.Version = ""
	}
	m.Elapsed = max(m.Elapsed, r.Elapsed)
	m.Interrupted = m.Interrupted || r.Interrupted
	m.Sources += r.Sources

	p, q := &m.Plan, &r.Plan
	for _, u := range q.URLs {
		if !slices.Contains(p.URLs, u) {
			p.URLs = append(p.URLs, u)
		}
	}
	p.Sources = append(p.Sources, q.Sources...)
	p.Connections += q.Connections
	p.Rate += q.Rate
	p.Count += q.Count
	p.Duration = max(p.Duration, q.Duration)
	p.RampUp = max(p.RampUp, q.RampUp)
	p.Timeout = max(p.Timeout, q.Timeout)
	if q.Compress != p.Compress {
		p.Compress = "mixed"
	}

	c, d := &m.Connections, &r.Connections
	c.Planned += d.Planned
	c.Opened += d.Opened
	c.Failed += d.Failed
	c.Lost += d.Lost

	n, o := &m.Messages, &r.Messages
	n.Sent += o.Sent
	n.Answered += o.Answered
	n.Received += o.Received
	n.PayloadOut += o.PayloadOut
	n.PayloadIn += o.PayloadIn
	n.WireOut += o.WireOut
	n.WireIn += o.WireIn
}

// mergeTimelines adds timelines up, in the largest of their intervals.
func mergeTimelines(reports []*Report) Timeline {
	var interval time.Duration
	for _, r := range reports {
		interval = max(interval, r.Timeline.Interval)
	}
	out := Timeline{Interval: interval, Samples: []Sample{}}
	for _, r := range reports {
		if len(r.Timeline.Samples) == 0 {
			continue
		}
		for i, s := range r.Timeline.stretch(interval).Samples {
			out.at(time.Duration(i) * interval).add(s)
		}
	}
	return out
}
