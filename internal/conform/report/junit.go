package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

	"wskit/internal/conform"
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

// The elements of the format.
type (
	suites struct {
		XMLName  xml.Name `xml:"testsuites"`
		Name     string   `xml:"name,attr"`
		Tests    int      `xml:"tests,attr"`
		Failures int      `xml:"failures,attr"`
		Errors   int      `xml:"errors,attr"`
		Skipped  int      `xml:"skipped,attr"`
		Time     string   `xml:"time,attr"`
		Suites   []suite  `xml:"testsuite"`
	}
	suite struct {
		Name       string     `xml:"name,attr"`
		Tests      int        `xml:"tests,attr"`
		Failures   int        `xml:"failures,attr"`
		Errors     int        `xml:"errors,attr"`
		Skipped    int        `xml:"skipped,attr"`
		Time       string     `xml:"time,attr"`
		Timestamp  string     `xml:"timestamp,attr"`
		Properties []property `xml:"properties>property"`
		Cases      []testcase `xml:"testcase"`
		Err        string     `xml:"system-err,omitempty"`
	}
	property struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	testcase struct {
		Class   string  `xml:"classname,attr"`
		Name    string  `xml:"name,attr"`
		Time    string  `xml:"time,attr"`
		Failure *detail `xml:"failure"`
		Error   *detail `xml:"error"`
		Skipped *detail `xml:"skipped"`
		Out     string  `xml:"system-out,omitempty"`
	}
	detail struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

// Write writes the report. What could not stand in XML is escaped as on a terminal.
func (j JUnit) Write(w io.Writer, r *conform.Report) error {
	known := map[*conform.Result]bool{}
	for _, c := range j.Known {
		known[c.Result] = true
	}
	all := suites{Name: "wskit check"}
	var elapsed time.Duration
	for _, a := range r.Agents {
		s := j.suite(a, known)
		all.Tests += s.Tests
		all.Failures += s.Failures
		all.Errors += s.Errors
		all.Skipped += s.Skipped
		elapsed += a.Elapsed
		all.Suites = append(all.Suites, s)
	}
	all.Time = seconds(elapsed)
	b, err := xml.MarshalIndent(all, "", " ")
	if err == nil {
		_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, b)
	}
	if err != nil {
		return fmt.Errorf("write JUnit: %w", err)
	}
	return nil
}

func (j JUnit) suite(a *conform.Agent, known map[*conform.Result]bool) suite {
	s := suite{
		Name: name(a), Tests: len(a.Results), Time: seconds(a.Elapsed),
		Timestamp: a.Started.UTC().Format("2006-01-02T15:04:05"), Err: line(a.Ended),
	}
	for _, p := range []property{{"role", a.Role}, {"url", a.URL}, {"product", a.Product}} {
		if p.Value != "" {
			s.Properties = append(s.Properties, property{p.Name, line(p.Value)})
		}
	}
	for i := range a.Results {
		c := j.testcase(&a.Results[i], known[&a.Results[i]])
		switch {
		case c.Failure != nil:
			s.Failures++
		case c.Error != nil:
			s.Errors++
		case c.Skipped != nil:
			s.Skipped++
		}
		s.Cases = append(s.Cases, c)
	}
	return s
}

func (j JUnit) testcase(r *conform.Result, known bool) testcase {
	c := testcase{Class: term.Escape(r.Group), Name: term.Escape(r.Case), Time: seconds(r.Elapsed)}
	threshold := j.Threshold
	if threshold == conform.FailNever {
		threshold = conform.FailOnFail
	}
	found := &detail{Message: line(r.Text), Type: string(r.Verdict), Text: details(r)}
	switch {
	case known:
		c.Skipped = &detail{Message: "known: " + line(r.Text)}
	case r.Verdict == conform.Skipped:
		c.Skipped = &detail{Message: line(r.Text)}
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

func seconds(d time.Duration) string { return fmt.Sprintf("%.6f", d.Seconds()) }
