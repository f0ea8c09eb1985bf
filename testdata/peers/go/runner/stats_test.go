package main

import (
	"math"
	"testing"
)

func TestStats(t *testing.T) {
	for _, tt := range []struct {
		name           string
		values         []float64
		median, spread float64
	}{
		{"none", nil, math.NaN(), math.NaN()},
		{"one", []float64{3}, 3, 0},
		{"two", []float64{3, 1}, 2, 1},
		{"odd", []float64{9, 1, 4}, 4, 2},
		{"even", []float64{8, 2, 4, 6}, 5, 1.2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := median(tt.values); !same(got, tt.median) {
				t.Errorf("median is %v, want %v", got, tt.median)
			}
			if got := spread(tt.values); !same(got, tt.spread) {
				t.Errorf("spread is %v, want %v", got, tt.spread)
			}
		})
	}
}

func same(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }
