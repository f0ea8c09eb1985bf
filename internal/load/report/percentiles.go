package report

import (
	"math"
	"strconv"
	"time"

	"wskit/internal/load"
)

// percentileSteps is the number of places at which a histogram is read for a plot.
const percentileSteps = 240

// textWidth is about that of a duration on a plot, in pixels.
const textWidth = 56

// percentiles draws a latency by percentile. The horizontal axis is logarithmic in
// 1/(1-p), so that the few slow messages have as much room as the many fast ones.
func percentiles(h *load.Histogram, what string, s size) drawing {
	d := drawing{Class: s.class, Width: s.width, Height: s.height}
	f := frame{left: 64, top: 26, right: float64(s.width) - 26, bottom: float64(s.height) - 48}
	x := nines(h.Count(), s.wide()).between(f.left, f.right)
	y := latencyAxis(h).between(f.bottom, f.top)
	d.grid(f, y)
	d.scale(f, x, "percentile of the "+what)

	var line, area pen
	area.to('M', f.left, f.bottom)
	last := math.NaN()
	for i := range percentileSteps + 1 {
		n := x.high * float64(i) / percentileSteps
		px, py := x.at(n), y.at(h.Percentile(100*(1-math.Pow(10, -n))).Seconds())
		if i == 0 {
			line.to('M', px, py)
			area.to('L', px, py)
		} else if py != last || i == percentileSteps {
			line.to('H', px)
			line.to('V', py)
			area.to('H', px)
			area.to('V', py)
		}
		last = py
	}
	area.to('V', f.bottom)
	d.Shapes = []shape{{string(area.b), "area latency"}, {string(line.b), "line latency"}}
	d.markPercentiles(h, x, y, s.wide())
	return d
}

// markPercentiles puts a dot on those percentiles that people speak of.
func (d *drawing) markPercentiles(h *load.Histogram, x, y axis, wide bool) {
	for _, p := range []float64{50, 90, 99, 99.9, 99.99, 100} {
		n := math.Log10(100 / (100 - p))
		name := "p" + strconv.FormatFloat(p, 'f', -1, 64)
		switch {
		case p == 100:
			n, name = x.high, "max"
		case x.at(x.high)-x.at(n) < textWidth:
			continue // it is next to the longest, or fewer values than this are slower
		}
		v := h.Percentile(p)
		m := mark{X: round(x.at(n)), Y: round(y.at(v.Seconds())), Class: "latency", Title: name + ": " + Duration(v)}
		d.Marks = append(d.Marks, m)
		if !wide && p != 50 && p != 99 && p != 100 {
			continue
		}
		text := label{m.X - 7, m.Y - 8, "end", "value", Duration(v)}
		switch {
		case p == 50 && m.Y+20 < y.from: // the line may rise steeply behind it
			text.X, text.Y, text.Anchor = m.X+8, m.Y+15, "start"
		case p == 50:
			text.X, text.Anchor = m.X-4, "start"
		case p == 100:
			text.X = m.X + 6
		}
		d.Labels = append(d.Labels, text)
	}
}

// nines is an axis of percentiles, by the number of nines: 1 is 90 %, 2 is 99 %. It
// ends where one value of count is left.
func nines(count int64, wide bool) axis {
	a := axis{high: min(max(math.Log10(float64(max(count, 1))), 1), 7)}
	for n, p := range []string{"0", "90", "99", "99.9", "99.99", "99.999", "99.9999", "99.99999"} {
		if wide {
			p += " %"
		}
		if float64(n) <= a.high {
			a.ticks = append(a.ticks, tick{float64(n), p})
		}
	}
	return a
}

// latencyAxis is logarithmic where the slowest would hide all others.
func latencyAxis(h *load.Histogram) axis {
	low, high := h.Min().Seconds(), h.Max().Seconds()
	const shown = 12 // how many times the median is still seen next to it
	if median := h.Percentile(50).Seconds(); high <= shown*median {
		return linear(high, 5, roundUp, timeLabel)
	}
	return logarithmic(max(low, time.Microsecond.Seconds()), high, timeLabel)
}
