package load

import (
	"slices"
	"testing"
	"time"
)

// Ticks come a little late, and what they tell belongs to the interval before.
func TestCourse(t *testing.T) {
	const late = 3 * time.Millisecond
	var c course
	n := counts{}
	for i := range time.Duration(10) {
		n.answered += int64(i) + 1
		c.add(min((i+1)*sampleInterval+late, 10*sampleInterval), n, int64(i), i, CheckEcho, 10)
	}
	if got := len(c.timeline.Samples); got != 10 || c.timeline.Interval != sampleInterval {
		t.Fatalf("got %d samples of %v, want 10 of %v", got, c.timeline.Interval, sampleInterval)
	}
	for i, s := range c.timeline.Samples {
		want := Sample{Messages: int64(i) + 1, Bytes: 10 * (int64(i) + 1), Errors: min(int64(i), 1), LatencyMax: time.Duration(i)}
		if s != want {
			t.Errorf("sample %d is %+v, want %+v", i, s, want)
		}
	}
	// What is told after the very end belongs to the last sample.
	n.answered += 100
	c.add(10*sampleInterval, n, 9, 0, CheckEcho, 10)
	if got := len(c.timeline.Samples); got != 10 {
		t.Errorf("got %d samples, want 10", got)
	}
	if got := c.timeline.Samples[9].Messages; got != 110 {
		t.Errorf("the last sample has %d messages, want 110", got)
	}
}

// A long run has fewer and longer samples, and the same messages.
func TestCourseOfLongRun(t *testing.T) {
	var c course
	var n counts
	const day = 24 * time.Hour
	for at := sampleInterval; at <= day; at += 10 * sampleInterval {
		n.sent += 7
		c.add(at, n, 0, 0, CheckNone, 2)
	}
	samples := c.timeline.Samples
	if len(samples) > MaxSamples || len(samples) < MaxSamples/2 {
		t.Errorf("got %d samples", len(samples))
	}
	if got, want := c.timeline.Interval*time.Duration(len(samples)), day; got < want-c.timeline.Interval || got > want+c.timeline.Interval {
		t.Errorf("the samples cover %v, want %v", got, want)
	}
	var sum Sample
	for _, s := range samples {
		sum.add(s)
	}
	if sum.Messages != n.sent || sum.Bytes != 2*n.sent {
		t.Errorf("the samples have %d messages of %d bytes, want %d and %d", sum.Messages, sum.Bytes, n.sent, 2*n.sent)
	}
}

func TestStretch(t *testing.T) {
	line := Timeline{Interval: 10, Samples: []Sample{{Messages: 1}, {Messages: 2}, {Messages: 3}, {Messages: 4}, {Messages: 5}}}
	got := line.stretch(20)
	if want := []Sample{{Messages: 3}, {Messages: 7}, {Messages: 5}}; got.Interval != 20 || !slices.Equal(got.Samples, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if line.Samples[0].Messages != 1 {
		t.Error("the timeline was changed")
	}
}
