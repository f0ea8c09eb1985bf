package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"

	"wskit/internal/junit"
)

// junitReport reads a report strictly, checks that it is well formed and counts what it
// holds, and prints a line for each case to stdout: junit FILE
func junitReport(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: junit FILE")
	}
	dec := xml.NewDecoder(bytes.NewReader([]byte(ts.ReadFile(args[0]))))
	var all junit.Suites
	ts.Check(dec.Decode(&all))
	if t, err := dec.Token(); err != nil && err != io.EOF {
		ts.Fatalf("behind the report: %v, %v", t, err)
	}
	var sum junit.Counts
	for _, s := range all.Suites {
		n := printSuite(ts, &s)
		if n != s.Counts {
			ts.Fatalf("%s counts %+v, but has %+v", s.Name, s.Counts, n)
		}
		sum.Tests += n.Tests
		sum.Failures += n.Failures
		sum.Errors += n.Errors
		sum.Skipped += n.Skipped
	}
	if sum != all.Counts {
		ts.Fatalf("the report counts %+v, but has %+v", all.Counts, sum)
	}
}

// printSuite prints the cases of a suite and counts them.
func printSuite(ts *testscript.TestScript, s *junit.Suite) (n junit.Counts) {
	fmt.Fprintf(ts.Stdout(), "suite %s\n", s.Name)
	for _, c := range s.Cases {
		if seconds, err := strconv.ParseFloat(c.Time, 64); err != nil || seconds < 0 {
			ts.Fatalf("%s took %q", c.Name, c.Time)
		}
		verdict, detail := "pass", ""
		for _, d := range []struct {
			word  string
			is    *junit.Detail
			count *int
		}{{"failure", c.Failure, &n.Failures}, {"error", c.Error, &n.Errors}, {"skipped", c.Skipped, &n.Skipped}} {
			if d.is != nil {
				verdict, detail = d.word, " ! "+d.is.Message
				*d.count++
			}
		}
		n.Tests++
		fmt.Fprintf(ts.Stdout(), "%s %s %s:%d %s%s\n", verdict, c.Class, c.File, c.Line, c.Name, detail)
		if c.Out != "" {
			fmt.Fprintf(ts.Stdout(), "  %s\n", c.Out)
		}
	}
	return n
}
