package conform

import "slices"

// A Threshold says which verdicts are a failure.
type Threshold string

// The thresholds.
const (
	// FailOnFail is a fail, and a case that was not run, which proves nothing.
	FailOnFail Threshold = "fail"
	// FailOnNonStrict is these, and what is not strict.
	FailOnNonStrict Threshold = "non-strict"
	// FailNever is nothing.
	FailNever Threshold = "never"
)

// Fails reports whether v is a failure.
func (t Threshold) Fails(v Verdict) bool {
	switch t {
	case FailNever:
		return false
	case FailOnNonStrict:
		return v == NonStrict || v == Fail || v == NotRun
	}
	return v == Fail || v == NotRun
}

// worse reports whether v is a worse verdict than w.
func (v Verdict) worse(w Verdict) bool {
	return slices.Index(Verdicts(), v) > slices.Index(Verdicts(), w)
}

// A Change is a result that differs from that of the same case before.
type Change struct {
	Agent  *Agent
	Result *Result
	// Was is the verdict of before, "" if there was none.
	Was Verdict
}

// A Comparison says what has changed from one report to another.
type Comparison struct {
	// News are failures that were none before, or less bad ones. Known are failures
	// that are no news. Fixed were failures, and are none.
	News, Known, Fixed []Change
	// Strangers are agents that the report before does not have.
	Strangers []*Agent
}

// Compare says what has changed since before. Agents are the same that have the same
// name and role; if both reports are about one agent, of one role, it is the same
// whatever its name is, for a server may be at another port each time.
func (r *Report) Compare(before *Report, t Threshold) Comparison {
	var c Comparison
	for _, a := range r.Agents {
		old := before.agent(a)
		if old == nil && len(r.Agents) == 1 && len(before.Agents) == 1 && before.Agents[0].Role == a.Role {
			old = before.Agents[0]
		}
		if old == nil {
			c.Strangers = append(c.Strangers, a)
			old = &Agent{}
		}
		c.add(a, old, t)
	}
	return c
}

// agent returns the agent that is the same as a, or nil.
func (r *Report) agent(a *Agent) *Agent {
	for _, b := range r.Agents {
		if a.Name == b.Name && a.Role == b.Role {
			return b
		}
	}
	return nil
}

func (c *Comparison) add(a, old *Agent, t Threshold) {
	was := map[string]Verdict{}
	for _, r := range old.Results {
		was[r.Case] = r.Verdict
	}
	for i := range a.Results {
		r := &a.Results[i]
		before, known := was[r.Case]
		switch fails := t.Fails(r.Verdict); {
		case fails && known && t.Fails(before) && !r.Verdict.worse(before):
			c.Known = append(c.Known, Change{a, r, before})
		case fails:
			c.News = append(c.News, Change{a, r, before})
		case known && t.Fails(before) && r.Verdict != Skipped:
			c.Fixed = append(c.Fixed, Change{a, r, before})
		}
	}
}
