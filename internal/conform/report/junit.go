package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"wskit/internal/conform"
	"wskit/internal/junit"
	"wskit/internal/term"
)

// A JUnit writes reports in the format that continuous integration reads: a testsuite
// for each agent, a testcase for each case.
type JUnit struct {
	// Threshold says which verdicts are failures. If it is FailNever, fails are all
	// the same.
	Threshold conform.Threshold
	// Known are failures that are to be told as skipped, for they are no news.
	Known []conform.Change
}

// Write writes the report. What could not stand in XML is escaped as on a terminal.
func (j JUnit) Write(w io.Writer, r *conform.Report) error {
	known := map[*conform.Result]bool{}
	for _, c := range j.Known {
		known[c.Result] = true
	}
	all := junit.Suites{Name: "wskit check"}
	var elapsed time.Duration
	for _, a := range r.Agents {
		all.Suites = append(all.Suites, j.suite(a, known))
		elapsed += a.Elapsed
	}
	all.Time = junit.Seconds(elapsed)
	return junit.Write(w, all)
}

func (j JUnit) suite(a *conform.Agent, known map[*conform.Result]bool) junit.Suite {
	s := junit.Suite{Name: name(a), Time: junit.Seconds(a.Elapsed), Timestamp: junit.Timestamp(a.Started), Err: line(a.Ended)}
	for _, p := range []junit.Property{{Name: "role", Value: a.Role}, {Name: "url", Value: a.URL}, {Name: "product", Value: a.Product}} {
		if p.Value != "" {
			s.Properties = append(s.Properties, junit.Property{Name: p.Name, Value: line(p.Value)})
		}
	}
	for i := range a.Results {
		s.Cases = append(s.Cases, j.testcase(&a.Results[i], known[&a.Results[i]]))
	}
	return s
}

func (j JUnit) testcase(r *conform.Result, known bool) junit.Case {
	c := junit.Case{Class: term.Escape(r.Group), Name: term.Escape(r.Case), Time: junit.Seconds(r.Elapsed)}
	threshold := j.Threshold
	if threshold == conform.FailNever {
		threshold = conform.FailOnFail
	}
	found := &junit.Detail{Message: line(r.Text), Type: string(r.Verdict), Text: details(r)}
	switch {
	case known:
		c.Skipped = &junit.Detail{Message: "known: " + line(r.Text)}
	case r.Verdict == conform.Skipped:
		c.Skipped = &junit.Detail{Message: line(r.Text)}
	case r.Verdict == conform.NotRun:
		c.Error = found
	case threshold.Fails(r.Verdict):
		c.Failure = found
	case r.Verdict != conform.Pass:
		c.Out = fmt.Sprintf("%s: %s", r.Verdict, line(r.Text))
	}
	return c
}

// details are what is known of a result, as lines.
func details(r *conform.Result) string {
	var b strings.Builder
	if r.Title != "" {
		fmt.Fprintf(&b, "\n%s (%s)\n", line(r.Title), line(r.Section))
	}
	if r.Why != "" {
		fmt.Fprintf(&b, "the rule: %s\n", line(r.Why))
	}
	for i, step := range r.Steps {
		fmt.Fprintf(&b, "%d. %s\n", i+1, line(step))
	}
	b.WriteString(block(r.Exchange))
	if r.Trace != "" {
		fmt.Fprintf(&b, "wskit inspect %s\n", line(r.Trace))
	}
	return b.String()
}

// line returns a sentence, in which what a peer sent is quoted, safe to show in a line.
func line(s string) string { return term.EscapeQuoted(s) }

// block is line for text that has lines.
func block(s string) string {
	var b strings.Builder
	for l := range strings.Lines(s) {
		b.WriteString(line(strings.TrimSuffix(l, "\n")) + "\n")
	}
	return b.String()
}
