package report

import (
	"math"
	"strings"
	"testing"
)

func labels(a axis) string {
	var s []string
	for _, t := range a.ticks {
		s = append(s, t.label)
	}
	return strings.Join(s, ", ")
}

func TestAxis(t *testing.T) {
	for _, tt := range []struct {
		name      string
		axis      axis
		low, high float64
		labels    string
	}{
		{"nothing", linear(0, 4, roundUp, short), 0, 1, "0, 0.5, 1"},
		{"round", linear(100, 5, roundUp, short), 0, 100, "0, 20, 40, 60, 80, 100"},
		{"above", linear(101, 5, roundUp, short), 0, 150, "0, 50, 100, 150"},
		{"great", linear(1_234_567, 4, roundUp, short), 0, 1.5e6, "0, 500 k, 1 M, 1.5 M"},
		{"a moment", linear(0.2, 5, roundSeconds, timeLabel), 0, 0.2, "0, 50 ms, 100 ms, 150 ms, 200 ms"},
		{"seconds", linear(10, 5, roundSeconds, timeLabel), 0, 10, "0, 2 s, 4 s, 6 s, 8 s, 10 s"},
		{"two minutes", linear(125, 5, roundSeconds, timeLabel), 0, 150, "0, 30 s, 60 s, 90 s, 2 min, 150 s"},
		{"an hour", linear(3600, 4, roundSeconds, timeLabel), 0, 3600, "0, 20 min, 40 min, 60 min"},
		{"one decade", logarithmic(0.00012, 0.0009, timeLabel), 0.0001, 0.001, "100 µs, 200 µs, 500 µs, 1 ms"},
		{"many decades", logarithmic(0.00003, 2.1, timeLabel), 0.00001, 10, "10 µs, 100 µs, 1 ms, 10 ms, 100 ms, 1 s, 10 s"},
		{"one value", logarithmic(0.001, 0.001, timeLabel), 0.001, 0.01, "1 ms, 2 ms, 5 ms, 10 ms"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := labels(tt.axis); got != tt.labels {
				t.Errorf("got the labels %s, want %s", got, tt.labels)
			}
			if math.Abs(tt.axis.low-tt.low) > 1e-9 || math.Abs(tt.axis.high-tt.high) > 1e-6*tt.high {
				t.Errorf("got %v to %v, want %v to %v", tt.axis.low, tt.axis.high, tt.low, tt.high)
			}
		})
	}
}

func TestAxisAt(t *testing.T) {
	up := linear(10, 5, roundUp, short).between(100, 0)
	decades := logarithmic(0.001, 1, timeLabel).between(0, 300)
	for _, tt := range []struct {
		name      string
		got, want float64
	}{
		{"an end", up.at(0), 100},
		{"the other", up.at(10), 0},
		{"the middle", up.at(5), 50},
		{"beyond", up.at(20), 0},
		{"a power", decades.at(0.01), 100},
		{"less than any", decades.at(0), 0},
	} {
		if math.Abs(tt.got-tt.want) > 1e-6 {
			t.Errorf("%s: got %v, want %v", tt.name, tt.got, tt.want)
		}
	}
}
