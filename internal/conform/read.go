package conform

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"wskit/internal/jsonreport"
)

// The limits of a report that is read.
const (
	maxReport  = 64 << 20 // bytes
	maxAgents  = 200
	maxResults = 10_000  // of an agent
	maxSteps   = 1000    // of a result
	maxWord    = 4 << 10 // bytes of a string that is shown in a line
	maxText    = 64 << 10
)

// ReadReport reads the JSON of a report. What is damaged, or cannot be, is an error
// that names the field.
func ReadReport(r io.Reader) (*Report, error) {
	b, err := jsonreport.Read(r, maxReport, Format)
	if err != nil {
		return nil, err
	}
	report := new(Report)
	if err := json.Unmarshal(b, report); err != nil {
		return nil, fmt.Errorf("read report: %w", jsonreport.Plainly(err))
	}
	if err := report.validate(); err != nil {
		return nil, fmt.Errorf("read report: %w", err)
	}
	return report, nil
}

// validate checks what those rely on who compare, join and show reports.
func (r *Report) validate() error {
	switch {
	case len(r.Agents) > maxAgents:
		return fmt.Errorf("agents: more than %d", maxAgents)
	case len(r.Version) > maxWord:
		return fmt.Errorf("version: longer than %d bytes", maxWord)
	}
	for i, a := range r.Agents {
		if a == nil {
			return fmt.Errorf("agents: number %d is null", i+1)
		}
		if r.agent(a) != a {
			return fmt.Errorf("agents: %.40q is there twice", a.Name)
		}
		if err := a.validate(); err != nil {
			return fmt.Errorf("agents: %.40q: %w", a.Name, err)
		}
	}
	return nil
}

func (a *Agent) validate() error {
	switch {
	case a.Role != "server" && a.Role != "client":
		return fmt.Errorf("role %.40q is unknown", a.Role)
	case len(a.Results) > maxResults:
		return fmt.Errorf("results: more than %d", maxResults)
	case a.Elapsed < 0:
		return errors.New("elapsed_ns is negative")
	}
	for _, word := range []string{a.Name, a.URL, a.Product, a.Ended} {
		if len(word) > maxWord {
			return fmt.Errorf("a text is longer than %d bytes", maxWord)
		}
	}
	seen := make(map[string]bool, len(a.Results))
	for i := range a.Results {
		r := &a.Results[i]
		if err := r.validate(); err != nil {
			return fmt.Errorf("results: %.80q: %w", r.Case, err)
		}
		if seen[r.Case] {
			return fmt.Errorf("results: %.80q is there twice", r.Case)
		}
		seen[r.Case] = true
	}
	return nil
}

func (r *Result) validate() error {
	switch {
	case r.Case == "":
		return errors.New("case is missing")
	case r.Group == "":
		return errors.New("group is missing")
	case !slices.Contains(Verdicts(), r.Verdict):
		return fmt.Errorf("verdict %.40q is unknown", r.Verdict)
	case len(r.Steps) > maxSteps:
		return fmt.Errorf("steps: more than %d", maxSteps)
	case len(r.Exchange) > maxText:
		return fmt.Errorf("exchange: longer than %d bytes", maxText)
	case r.Elapsed < 0:
		return errors.New("elapsed_ns is negative")
	}
	for _, word := range []string{r.Case, r.Group, r.Title, r.Section, r.Text, r.Why, r.Trace} {
		if len(word) > maxWord {
			return fmt.Errorf("a text is longer than %d bytes", maxWord)
		}
	}
	for _, step := range r.Steps {
		if len(step) > maxText {
			return fmt.Errorf("steps: one is longer than %d bytes", maxText)
		}
	}
	return nil
}
