package report

import (
	"math"
	"time"
)

// An axis maps values to places along one side of a plot.
type axis struct {
	low, high float64 // the values at its ends
	from, to  float64 // the places of its ends, in pixels
	log       bool
	ticks     []tick
}

// A tick is a value on an axis that has a label, and a line across the plot.
type tick struct {
	value float64
	label string
}

// at returns the place of v. What lies beyond an end is put there.
func (a axis) at(v float64) float64 {
	low, high := a.low, a.high
	if a.log {
		v, low, high = math.Log10(max(v, a.low)), math.Log10(low), math.Log10(high)
	}
	share := (v - low) / (high - low)
	return a.from + (a.to-a.from)*min(max(share, 0), 1)
}

// between returns the axis with its ends at the given places.
func (a axis) between(from, to float64) axis {
	a.from, a.to = from, to
	return a
}

// slack is what computing with powers of ten may be off by.
const slack = 1 + 1e-9

// linear returns an axis from zero to a round number that is not below high, with
// about n ticks. round returns the distance between two that is not below its
// argument.
func linear(high float64, n int, round func(float64) float64, label func(float64) string) axis {
	if high <= 0 {
		high = 1
	}
	d := round(high / float64(n))
	count := math.Ceil(high / d / slack)
	a := axis{high: count * d}
	for i := range int(count) + 1 {
		v := float64(i) * d
		a.ticks = append(a.ticks, tick{v, label(v)})
	}
	return a
}

// logarithmic returns an axis that has low and high on it, which are above zero,
// with ticks at the powers of ten and, when these are few, at 2 and 5 times them.
func logarithmic(low, high float64, label func(float64) string) axis {
	a := axis{low: roundDown(low), high: roundUp(high), log: true}
	factors := []float64{1, 2, 5}
	if a.high/a.low > 200 {
		factors = factors[:1]
		a.low, a.high = power(a.low), a.high*slack
		if p := power(a.high); p < a.high/slack {
			a.high = 10 * p
		}
	}
	if a.high <= a.low*slack {
		a.high = 10 * a.low
	}
	for v := power(a.low); v <= a.high*slack; v *= 10 {
		for _, f := range factors {
			if at := v * f; at >= a.low/slack && at <= a.high*slack {
				a.ticks = append(a.ticks, tick{at, label(at)})
			}
		}
	}
	return a
}

// power returns the greatest power of ten that is not above v.
func power(v float64) float64 { return math.Pow(10, math.Floor(math.Log10(v*slack))) }

// roundUp returns the smallest of …, 0.5, 1, 2, 5, 10, … that is not below v.
func roundUp(v float64) float64 {
	p := power(v)
	for _, f := range []float64{1, 2, 5} {
		if v <= f*p*slack {
			return f * p
		}
	}
	return 10 * p
}

// roundDown returns the greatest of …, 0.5, 1, 2, 5, 10, … that is not above v.
func roundDown(v float64) float64 {
	p := power(v)
	for _, f := range []float64{5, 2} {
		if f*p <= v*slack {
			return f * p
		}
	}
	return p
}

// roundSeconds is roundUp for a number of seconds: half a minute and whole minutes
// stand for what is longer.
func roundSeconds(s float64) float64 {
	switch {
	case s <= 20:
		return roundUp(s)
	case s <= 30:
		return 30
	}
	return 60 * roundUp(max(s/60, 1))
}

// timeLabel labels a tick of a number of seconds: "0", "200 µs", "2.5 s", "10 min".
func timeLabel(s float64) string {
	if s == 0 {
		return "0"
	}
	return Span(time.Duration(math.Round(s * 1e9)))
}
