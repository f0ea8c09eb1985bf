package load

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxReport is the size of the largest report that is read, in bytes.
const maxReport = 16 << 20

// ReadReport reads the JSON of a report. What is damaged is an error that names the
// field.
func ReadReport(r io.Reader) (*Report, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxReport+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read report: %w", err)
	case len(b) > maxReport:
		return nil, fmt.Errorf("read report: it is larger than %d bytes", maxReport)
	}
	report := new(Report)
	if err := json.Unmarshal(b, report); err != nil {
		return nil, fmt.Errorf("read report: %w", err)
	}
	if err := report.validate(); err != nil {
		return nil, fmt.Errorf("read report: %w", err)
	}
	return report, nil
}

// validate checks what the methods of a report rely on.
func (r *Report) validate() error {
	switch {
	case r.Format != Format:
		return fmt.Errorf("format: got %.40q, want %q", r.Format, Format)
	case r.Latency == nil:
		return errors.New("latency: missing")
	case r.Handshake == nil:
		return errors.New("handshake: missing")
	case r.Elapsed < 0:
		return errors.New("elapsed_ns: negative")
	case len(r.Timeline.Samples) > MaxSamples:
		return fmt.Errorf("timeline: more than %d samples", MaxSamples)
	case len(r.Timeline.Samples) > 0 && r.Timeline.Interval <= 0:
		return errors.New("timeline: interval_ns is not positive")
	}
	return nil
}
