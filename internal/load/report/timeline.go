package report

import (
	"fmt"
	"time"

	"wskit/internal/load"
)

// timeline draws the messages a second, with errors marked, and below it the
// largest latency, over the time of the run.
func timeline(r *load.Report, s size) drawing {
	d := drawing{Class: s.class, Width: s.width, Height: s.height + 60}
	const gap = 34 // between the two, for the title of the lower one
	f := frame{left: 64, top: 30, right: float64(s.width) - 18, bottom: float64(s.height) - 90}
	low := frame{left: f.left, top: f.bottom + gap, right: f.right, bottom: float64(d.Height) - 48}

	samples := cells(r)
	most, slowest := 0.0, 0.0
	for _, c := range samples {
		most, slowest = max(most, c.rate), max(slowest, c.LatencyMax.Seconds())
	}
	ticks := 6
	if !s.wide() {
		ticks = 4
	}
	x := clock(r.Elapsed, ticks).between(f.left, f.right)
	rate := linear(most, 4, roundUp, short).between(f.bottom, f.top)
	latency := linear(slowest, 2, roundUp, timeLabel).between(low.bottom, low.top)

	d.grid(f, rate)
	d.grid(low, latency)
	d.Lines = append(d.Lines, segment{f.left, f.bottom, f.right, f.bottom, "axis"})
	d.scale(low, x, "time since the measuring began")
	d.Labels = append(d.Labels,
		label{f.left, f.top - 14, "start", "title", "messages a second"},
		label{low.left, low.top - 10, "start", "title", "largest latency"})
	d.Shapes = append(d.errors(f, x, samples),
		steps(samples, x, rate, f.bottom, "rate", func(c cell) (float64, bool) { return c.rate, true })...)
	d.Shapes = append(d.Shapes,
		steps(samples, x, latency, low.bottom, "latency", func(c cell) (float64, bool) { return c.LatencyMax.Seconds(), c.Messages > 0 })...)
	if s.wide() {
		d.point(samples, x, f.top, low.bottom)
	}
	return d
}

// A cell is a sample with its place in time, in seconds.
type cell struct {
	load.Sample
	from, to float64
	rate     float64
}

// cells returns the samples of a report. The last one ends with the run; when little
// of it is left, it is a part of the one before, whose rate it would distort.
func cells(r *load.Report) []cell {
	var all []cell
	step, end := r.Timeline.Interval.Seconds(), r.Elapsed.Seconds()
	for i, s := range r.Timeline.Samples {
		c := cell{Sample: s, from: float64(i) * step, to: min(float64(i+1)*step, end)}
		if n := len(all); n > 0 && c.to-c.from < step/4 {
			c.from = all[n-1].from
			c.to = max(c.to, all[n-1].to)
			c.Messages += all[n-1].Messages
			c.Bytes += all[n-1].Bytes
			c.Errors += all[n-1].Errors
			c.LatencyMax = max(c.LatencyMax, all[n-1].LatencyMax)
			all = all[:n-1]
		}
		if c.to > c.from {
			c.rate = float64(c.Messages) / (c.to - c.from)
			all = append(all, c)
		}
	}
	return all
}

// steps draws a value of each cell as a line, and the area below it down to bottom.
// Where the value has a gap, so have they.
func steps(cells []cell, x, y axis, bottom float64, class string, value func(cell) (float64, bool)) []shape {
	var line, area pen
	within := false
	for i, c := range cells {
		v, ok := value(c)
		from, to, at := x.at(c.from), x.at(c.to), y.at(v)
		switch {
		case ok && !within:
			line.to('M', from, at)
			area.to('M', from, bottom)
			area.to('V', at)
		case ok:
			line.to('V', at)
			area.to('V', at)
		}
		if ok {
			line.to('H', to)
			area.to('H', to)
		}
		if last := i == len(cells)-1; within && !ok || ok && last {
			area.to('V', bottom)
			area.to('Z')
		}
		within = ok
	}
	return []shape{{string(area.b), "area " + class}, {string(line.b), "line " + class}}
}

// errors marks the cells with errors over the height of the frame.
func (d *drawing) errors(f frame, x axis, cells []cell) []shape {
	var p pen
	n := int64(0)
	for _, c := range cells {
		if c.Errors == 0 {
			continue
		}
		n += c.Errors
		from := x.at(c.from)
		to := max(x.at(c.to), from+2)
		p.to('M', from, f.bottom)
		p.to('V', f.top)
		p.to('H', to)
		p.to('V', f.bottom)
		p.to('Z')
	}
	if n == 0 {
		return nil
	}
	d.Labels = append(d.Labels, label{f.right, f.top - 14, "end", "error", Plural(n, "error")})
	return []shape{{string(p.b), "error"}}
}

// point lets every cell tell its figures.
func (d *drawing) point(cells []cell, x axis, top, bottom float64) {
	for _, c := range cells {
		from := round(x.at(c.from))
		title := fmt.Sprintf("%.1f to %.1f s: %s msg/s", c.from, c.to, Rate(c.rate))
		if c.LatencyMax > 0 {
			title += ", up to " + Duration(c.LatencyMax)
		}
		if c.Errors > 0 {
			title += ", " + Plural(c.Errors, "error")
		}
		d.Hits = append(d.Hits, hit{from, top, round(x.at(c.to) - from), bottom - top, title})
	}
}

// clock is an axis from the beginning of a run to its end, with about n ticks.
func clock(length time.Duration, n int) axis {
	a := linear(length.Seconds(), n, roundSeconds, timeLabel)
	if end := length.Seconds(); end > 0 {
		a.high = end
		for a.ticks[len(a.ticks)-1].value > end*slack {
			a.ticks = a.ticks[:len(a.ticks)-1]
		}
	}
	return a
}
