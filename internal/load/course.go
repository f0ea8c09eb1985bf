package load

import "time"

// sampleInterval is the length of a sample until there are too many.
const sampleInterval = 100 * time.Millisecond

// A course makes a timeline of what is counted up.
type course struct {
	timeline Timeline
	// until is the time up to which it goes, since the beginning of the measuring
	// phase; seen and errors are what was counted then.
	until  time.Duration
	seen   counts
	errors int64
}

// add adds what has happened since the last call: the counts and errors are those
// since the beginning. What lies in between belongs to one sample.
func (c *course) add(at time.Duration, now counts, errors int64, latency time.Duration, check Check, size int64) {
	if c.timeline.Interval == 0 {
		c.timeline.Interval = sampleInterval
	}
	middle := max((c.until+at)/2, 1) - 1 // the end of a sample belongs to it
	for middle/c.timeline.Interval >= MaxSamples {
		c.timeline = c.timeline.stretch(2 * c.timeline.Interval)
	}
	s := c.timeline.at(middle)
	n := now.answered - c.seen.answered
	if check == CheckNone {
		n = now.sent - c.seen.sent
	}
	s.add(Sample{Messages: n, Bytes: n * size, Errors: errors - c.errors, LatencyMax: latency})
	c.until, c.seen, c.errors = at, now, errors
}

// at returns the sample of a time.
func (t *Timeline) at(d time.Duration) *Sample {
	i := int(d / t.Interval)
	for len(t.Samples) <= i {
		t.Samples = append(t.Samples, Sample{})
	}
	return &t.Samples[i]
}

func (s *Sample) add(o Sample) {
	s.Messages += o.Messages
	s.Bytes += o.Bytes
	s.Errors += o.Errors
	s.LatencyMax = max(s.LatencyMax, o.LatencyMax)
}

// stretch returns t with samples of a larger interval.
func (t Timeline) stretch(interval time.Duration) Timeline {
	out := Timeline{Interval: interval, Samples: []Sample{}}
	for i, s := range t.Samples {
		out.at(time.Duration(i) * t.Interval).add(s)
	}
	return out
}
