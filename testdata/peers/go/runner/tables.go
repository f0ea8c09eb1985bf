package main

import (
	"fmt"
	"slices"
	"strings"

	"peers/internal/markdown"
)

// markdown returns all tables and notes.
func (r *report) markdown() string {
	var b strings.Builder
	r.targets(&b)
	r.matrix(&b, "Server CPU per message", cpu, micros)
	r.matrix(&b, "Messages per second", rate, thousands)
	r.memory(&b)
	if len(r.failures) > 0 {
		b.WriteString("\nFailed:\n\n")
		for _, failure := range r.failures {
			fmt.Fprintf(&b, "- %s\n", failure)
		}
	}
	b.WriteString("\n")
	for _, note := range r.notes {
		fmt.Fprintf(&b, "- %s\n", note)
	}
	return b.String()
}

// targets writes how ours stands, in the scenarios that have a base.
func (r *report) targets(b *strings.Builder) {
	b.WriteString("### Targets\n\n")
	markdown.Head(b, "case", "is 1.00", ours, "best Go library", "target", "met")
	for _, sc := range r.scenarios {
		if sc.idle {
			r.idleTarget(b, sc)
			continue
		}
		base := r.figure(sc, sc.base, cpu)
		f := r.figure(sc, ours, cpu)
		best, name := r.best(sc, cpu)
		target := fmt.Sprintf("≤ %.2f", sc.target.cpu)
		if sc.target.belowAll {
			target += ", below every Go library"
		}
		met := f.meets(sc.target.cpu)
		if sc.target.belowAll && met == "yes" {
			met = f.below(best, name)
		}
		markdown.Row(b, sc.name, sc.base+" "+absolute(base, micros), r.cell(sc, ours, cpu, micros), named(best, name), target, met)
		if sc.target.peak > 0 {
			r.peakTarget(b, sc)
		}
	}
}

// peakTarget writes how the most memory that ours held in a scenario stands.
func (r *report) peakTarget(b *strings.Builder, sc scenario) {
	f := r.figure(sc, ours, peak)
	best, name := r.best(sc, peak)
	markdown.Row(b, sc.name+", peak RSS", sc.base+" "+absolute(r.figure(sc, sc.base, peak), megabytes),
		absolute(f, megabytes), strings.TrimSpace(name+" "+absolute(best, megabytes)),
		fmt.Sprintf("≤ %.0f MB", sc.target.peak), yes(f.valid, f.absolute <= sc.target.peak*1e6))
}

// idleTarget writes how the memory of idle connections stands.
func (r *report) idleTarget(b *strings.Builder, sc scenario) {
	for _, line := range []struct {
		what  string
		value func(sample) float64
		most  float64
	}{
		{"after connecting", connected, sc.target.connected},
		{"after one message each", answered, sc.target.answered},
	} {
		f := r.figure(sc, ours, line.value)
		best, name := r.best(sc, line.value)
		markdown.Row(b, sc.name+", "+line.what, sc.base+" "+absolute(r.figure(sc, sc.base, line.value), kilobytes),
			absolute(f, kilobytes), strings.TrimSpace(name+" "+absolute(best, kilobytes)),
			fmt.Sprintf("≤ %.1f KB", line.most), yes(f.valid, f.absolute <= line.most*1e3))
	}
}

// best returns the Go library with the least value.
func (r *report) best(sc scenario, value func(sample) float64) (best figure, name string) {
	for _, s := range r.servers {
		f := r.figure(sc, s.name, value)
		if s.goLibrary && f.valid && (!best.valid || f.absolute < best.absolute) {
			best, name = f, s.name
		}
	}
	return best, name
}

// meets says whether a ratio is within a limit.
func (f figure) meets(limit float64) string {
	switch {
	case !f.valid:
		return "?"
	case f.ratio <= limit:
		return "yes"
	case f.least <= limit:
		return "no, but within the spread"
	}
	return "no"
}

// below says whether f is less than the best of the others.
func (f figure) below(best figure, name string) string {
	switch {
	case !best.valid || f.ratio < best.ratio:
		return "yes"
	case f.ratio < best.ratio*(1+tie):
		return "yes; a tie with " + name
	}
	return "no: above " + name
}

func yes(valid, ok bool) string {
	switch {
	case !valid:
		return "?"
	case ok:
		return "yes"
	}
	return "no"
}

// matrix writes a table with a column for each server that has a value in it.
func (r *report) matrix(b *strings.Builder, title string, value func(sample) float64, show func(float64) string) {
	names := []string{"case"}
	for _, s := range r.servers {
		if r.took(s, func(sc scenario) bool { return !sc.idle }) {
			names = append(names, s.name)
		}
	}
	if len(names) == 1 {
		return
	}
	fmt.Fprintf(b, "\n### %s\n\n", title)
	markdown.Head(b, names...)
	for _, sc := range r.scenarios {
		if sc.idle {
			continue
		}
		cells := []string{sc.name}
		for _, name := range names[1:] {
			cells = append(cells, r.cell(sc, name, value, show))
		}
		markdown.Row(b, cells...)
	}
}

// took says whether the server took part in one of the scenarios that are meant.
func (r *report) took(s server, meant func(scenario) bool) bool {
	return slices.ContainsFunc(r.scenarios, func(sc scenario) bool {
		return meant(sc) && len(r.all[sc.name][s.name]) > 0
	})
}

// memory writes a table with a line for each server that has a value in it.
func (r *report) memory(b *strings.Builder) {
	meant := func(sc scenario) bool { return sc.idle || sc.target.peak > 0 }
	if !slices.ContainsFunc(r.scenarios, meant) {
		return
	}
	b.WriteString("\n### Memory (RSS)\n\n")
	markdown.Head(b, "server", "idle connection", "after one message", "at most, 64 × 1 MiB")
	for _, s := range r.servers {
		if !r.took(s, meant) {
			continue
		}
		cells := []string{s.name, "–", "–", "–"}
		for _, sc := range r.scenarios {
			switch {
			case len(r.all[sc.name][s.name]) == 0:
			case sc.idle:
				cells[1] = absolute(r.figure(sc, s.name, connected), kilobytes)
				cells[2] = absolute(r.figure(sc, s.name, answered), kilobytes)
			case sc.target.peak > 0:
				cells[3] = absolute(r.figure(sc, s.name, peak), megabytes)
			}
		}
		markdown.Row(b, cells...)
	}
}

func absolute(f figure, show func(float64) string) string {
	if !f.valid {
		return "?"
	}
	return show(f.absolute)
}

func named(f figure, name string) string {
	if !f.valid {
		return "?"
	}
	return name + " " + ratio(f.ratio)
}

func kilobytes(v float64) string { return fmt.Sprintf("%.1f KB", v/1e3) }
func megabytes(v float64) string { return fmt.Sprintf("%.1f MB", v/1e6) }
