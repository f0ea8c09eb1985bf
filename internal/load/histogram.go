package load

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// The shape of all histograms: values in nanoseconds.
const (
	lowestValue  = int64(time.Microsecond)
	highestValue = int64(time.Hour)
	precision    = 3
)

// A Histogram holds durations from a microsecond to an hour with three significant
// digits; what is outside is taken for the nearest of these. Its values are the
// upper ends of its buckets. The methods may be called at the same time, except
// Record and add. NewHistogram makes one.
type Histogram struct{ h *hdrhistogram.Histogram }

// NewHistogram returns an empty histogram. It takes about 190 KB.
func NewHistogram() *Histogram {
	return &Histogram{hdrhistogram.New(lowestValue, highestValue, precision)}
}

// Record adds a duration.
func (h *Histogram) Record(d time.Duration) { h.recordN(d, 1) }

func (h *Histogram) recordN(d time.Duration, n int64) {
	// It cannot fail: the value is within the range.
	_ = h.h.RecordValues(min(max(int64(d), 0), highestValue), n)
}

// add adds the values of other.
func (h *Histogram) add(other *Histogram) error {
	if dropped := h.h.Merge(other.h); dropped > 0 {
		return fmt.Errorf("%d values are out of range", dropped)
	}
	return nil
}

// Count returns the number of values.
func (h *Histogram) Count() int64 { return h.h.TotalCount() }

// Min returns the smallest value, zero when there is none.
func (h *Histogram) Min() time.Duration {
	if h.Count() == 0 {
		return 0
	}
	return time.Duration(h.h.Min())
}

// Max returns the largest value, zero when there is none.
func (h *Histogram) Max() time.Duration { return h.Percentile(100) }

// Mean returns the mean of the values, zero when there is none.
func (h *Histogram) Mean() time.Duration { return time.Duration(h.h.Mean()) }

// StdDev returns the standard deviation of the values, zero when there is none.
func (h *Histogram) StdDev() time.Duration { return time.Duration(h.h.StdDev()) }

// Percentile returns the value that p percent of the values do not exceed, zero
// when there is none. P is 0 to 100.
func (h *Histogram) Percentile(p float64) time.Duration {
	return time.Duration(h.h.ValueAtPercentile(p))
}

// A Point is one of the distribution of values: Count of them, Percentile of all,
// are at most Value.
type Point struct {
	Percentile float64
	Value      time.Duration
	Count      int64
}

// Points returns the distribution in steps that halve with the distance to 100 %,
// five steps each, for a plot. The last point is that of 100 %.
func (h *Histogram) Points() []Point {
	if h.Count() == 0 {
		return nil
	}
	var points []Point
	for _, b := range h.h.CumulativeDistributionWithTicks(5) {
		points = append(points, Point{Percentile: b.Quantile, Value: time.Duration(b.ValueAt), Count: b.Count})
	}
	return points
}

// histogramJSON is a summary for people and programs, and in HDR the whole: the
// compressed V2 format of HdrHistogram in base64.
type histogramJSON struct {
	Count  int64         `json:"count"`
	Min    time.Duration `json:"min_ns"`
	Mean   time.Duration `json:"mean_ns"`
	StdDev time.Duration `json:"stddev_ns"`
	P50    time.Duration `json:"p50_ns"`
	P75    time.Duration `json:"p75_ns"`
	P90    time.Duration `json:"p90_ns"`
	P99    time.Duration `json:"p99_ns"`
	P999   time.Duration `json:"p99_9_ns"`
	P9999  time.Duration `json:"p99_99_ns"`
	Max    time.Duration `json:"max_ns"`
	HDR    string        `json:"hdr"`
}

// MarshalJSON returns a summary together with all values, in HdrHistogram's own
// format.
func (h *Histogram) MarshalJSON() ([]byte, error) {
	b, err := h.h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		return nil, fmt.Errorf("encode histogram: %w", err)
	}
	return json.Marshal(histogramJSON{
		Count: h.Count(), Min: h.Min(), Mean: h.Mean(), StdDev: h.StdDev(),
		P50: h.Percentile(50), P75: h.Percentile(75), P90: h.Percentile(90), P99: h.Percentile(99),
		P999: h.Percentile(99.9), P9999: h.Percentile(99.99), Max: h.Max(),
		HDR: string(b),
	})
}

// UnmarshalJSON reads what MarshalJSON wrote. Only the values count, not their
// summary.
func (h *Histogram) UnmarshalJSON(b []byte) error {
	var v histogramJSON
	if err := json.Unmarshal(b, &v); err != nil {
		return err
	}
	if v.HDR == "" {
		return errors.New("hdr is missing")
	}
	got, err := hdrhistogram.Decode([]byte(v.HDR))
	if err != nil {
		return fmt.Errorf("hdr: %w", err)
	}
	if got.LowestTrackableValue() != lowestValue || got.HighestTrackableValue() != highestValue ||
		got.SignificantFigures() != precision {
		return errors.New("hdr: its range or precision is not that of a report")
	}
	if got.TotalCount() != v.Count {
		return fmt.Errorf("hdr: it has %d values, count says %d", got.TotalCount(), v.Count)
	}
	h.h = got
	return nil
}
