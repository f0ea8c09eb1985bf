package load

import (
	"errors"
	"fmt"
)

// Merge joins the reports of runs that were made at the same time, on several
// machines. Histograms and counts are added up, exactly. Runs that measured
// different things are refused: a message of another size, another mode or another
// check. The reports are not changed.
func Merge(reports []*Report) (*Report, error) {
	if len(reports) == 0 {
		return nil, errors.New("merge reports: there are none")
	}
	merged := *reports[0]
	merged.Latency, merged.Handshake, merged.Sources = NewHistogram(), NewHistogram(), 0
	for i, r := range reports {
		if r.Plan.Size != merged.Plan.Size || r.Plan.Mode != merged.Plan.Mode || r.Plan.Check != merged.Plan.Check {
			return nil, fmt.Errorf("merge reports: number %d measured something else than the first", i+1)
		}
		merged.Sources += r.Sources
		if err := errors.Join(merged.Latency.add(r.Latency), merged.Handshake.add(r.Handshake)); err != nil {
			return nil, fmt.Errorf("merge reports: number %d: %w", i+1, err)
		}
	}
	return &merged, nil
}
