// Package junit writes reports in the format that continuous integration reads. What its
// values hold stands in XML as it is: escape what could not be shown on a terminal.
package junit

import (
	"encoding/xml"
	"fmt"
	"io"
	"time"
)

// The elements of the format. What they count is filled in by Write.
type (
	// Suites is the report.
	Suites struct {
		XMLName xml.Name `xml:"testsuites"`
		Name    string   `xml:"name,attr"`
		Counts
		Time   string  `xml:"time,attr"`
		Suites []Suite `xml:"testsuite"`
	}
	// Counts are the cases of a suite, or of all.
	Counts struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Errors   int `xml:"errors,attr"`
		Skipped  int `xml:"skipped,attr"`
	}
	// Suite is a set of cases.
	Suite struct {
		Name string `xml:"name,attr"`
		Counts
		Time       string     `xml:"time,attr"`
		Timestamp  string     `xml:"timestamp,attr"`
		Properties []Property `xml:"properties>property"`
		Cases      []Case     `xml:"testcase"`
		Err        string     `xml:"system-err,omitempty"`
	}
	// Property says something of a suite.
	Property struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	// Case has passed unless it has a Failure, an Error or a Skipped.
	Case struct {
		Class   string  `xml:"classname,attr"`
		Name    string  `xml:"name,attr"`
		Time    string  `xml:"time,attr"`
		File    string  `xml:"file,attr,omitempty"`
		Line    int     `xml:"line,attr,omitempty"`
		Failure *Detail `xml:"failure"`
		Error   *Detail `xml:"error"`
		Skipped *Detail `xml:"skipped"`
		Out     string  `xml:"system-out,omitempty"`
	}
	// Detail says why a case has not passed.
	Detail struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

// Seconds returns d as the attribute time has it.
func Seconds(d time.Duration) string { return fmt.Sprintf("%.6f", d.Seconds()) }

// Timestamp returns t as the attribute of that name has it.
func Timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05") }

// Write counts the cases of all and writes it.
func Write(w io.Writer, all Suites) error {
	all.Counts = Counts{}
	for i := range all.Suites {
		s := &all.Suites[i]
		s.Counts = count(s.Cases)
		all.Tests += s.Tests
		all.Failures += s.Failures
		all.Errors += s.Errors
		all.Skipped += s.Skipped
	}
	b, err := xml.MarshalIndent(all, "", " ")
	if err == nil {
		_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, b)
	}
	if err != nil {
		return fmt.Errorf("write JUnit: %w", err)
	}
	return nil
}

func count(cases []Case) Counts {
	n := Counts{Tests: len(cases)}
	for i := range cases {
		switch c := &cases[i]; {
		case c.Failure != nil:
			n.Failures++
		case c.Error != nil:
			n.Errors++
		case c.Skipped != nil:
			n.Skipped++
		}
	}
	return n
}
