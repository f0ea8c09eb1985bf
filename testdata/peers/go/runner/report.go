package main

import (
	"fmt"
	"math"
	"slices"
)

// tie is the difference between two servers that means nothing, as a share.
const tie = 0.15

// A report is the tables of a bench.
type report struct {
	scenarios []scenario
	servers   []server
	all       results
	notes     []string
	failures  []string // what failed and why, in the order of the table
}

func newReport(b *bench, all results, notes []string) *report {
	r := &report{scenarios: b.scenarios, servers: b.servers, all: all, notes: notes}
	for _, sc := range b.scenarios {
		for _, s := range b.servers {
			for _, got := range all[sc.name][s.name] {
				if got.err != nil {
					r.failures = append(r.failures, fmt.Sprintf("%s, %s: %v", sc.name, s.name, got.err))
				}
			}
		}
	}
	return r
}

// A figure is what the rounds say of one server in one scenario. It is not valid when
// no round succeeded.
type figure struct {
	valid    bool
	ratio    float64 // to the base in the same round: the median of the rounds
	spread   float64 // of the ratios
	absolute float64 // the median
	least    float64 // the least ratio of a round
}

// figure compares a server with the scenario's base, round by round.
func (r *report) figure(sc scenario, name string, value func(sample) float64) figure {
	samples, bases := r.all[sc.name][name], r.all[sc.name][sc.base]
	var values, ratios []float64
	for i, got := range samples {
		if got.err != nil {
			continue
		}
		values = append(values, value(got))
		if i < len(bases) && bases[i].err == nil {
			ratios = append(ratios, value(got)/value(bases[i]))
		}
	}
	if len(values) == 0 {
		return figure{}
	}
	f := figure{valid: true, ratio: median(ratios), spread: spread(ratios), absolute: median(values), least: math.NaN()}
	if len(ratios) > 0 {
		f.least = slices.Min(ratios)
	}
	return f
}

// cell shows a figure with its absolute value, formatted by show.
func (r *report) cell(sc scenario, name string, value func(sample) float64, show func(float64) string) string {
	samples := r.all[sc.name][name]
	f := r.figure(sc, name, value)
	switch {
	case len(samples) == 0:
		return "–"
	case !f.valid:
		return "failed"
	case len(samples) == 1 || name == sc.base:
		return fmt.Sprintf("%s (%s)", ratio(f.ratio), show(f.absolute))
	}
	return fmt.Sprintf("%s (%s, ±%.0f %%)", ratio(f.ratio), show(f.absolute), 50*f.spread)
}

func cpu(s sample) float64  { return s.cpu }
func rate(s sample) float64 { return s.rate }
func peak(s sample) float64 { return s.peak }

func connected(s sample) float64 { return s.connected }
func answered(s sample) float64  { return s.answered }

// ratio shows a ratio, with two decimals where they mean something.
func ratio(v float64) string {
	switch {
	case math.IsNaN(v):
		return "?"
	case v >= 10:
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// micros shows nanoseconds as microseconds, with three digits.
func micros(ns float64) string {
	switch us := ns / 1e3; {
	case us >= 100:
		return fmt.Sprintf("%.0f µs", us)
	case us >= 10:
		return fmt.Sprintf("%.1f µs", us)
	default:
		return fmt.Sprintf("%.2f µs", us)
	}
}

// thousands shows a count with separators.
func thousands(v float64) string {
	s := fmt.Sprintf("%.0f", v)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
