package commands

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"

	"wskit/internal/conform"
	"wskit/internal/conform/report"
	"wskit/internal/term"
	"wskit/internal/trace"
)

// checkReport says what becomes of a report of check: where it goes, and what is a
// failure.
type checkReport struct {
	out      outputOptions
	json     bool
	verbose  bool
	junit    string
	html     string
	traces   string
	failOn   string
	baseline string

	// again and details are set from the arguments.
	again   string
	details bool

	before *conform.Report // what baseline holds
}

func (o *checkReport) options() []*option {
	return append(in("Output",
		boolOption(&o.json, "json", "print the report as one JSON document"),
		reportFileOption(&o.junit, "junit", "also write the report as JUnit XML, for CI"),
		reportFileOption(&o.html, "html", "also write a page with the agents side by side, which needs nothing else"),
	), o.out.options()...)
}

// verdictOptions are those that decide about the exit code.
func (o *checkReport) verdictOptions() []*option {
	return in("Verdict",
		choiceOption(&o.failOn, "fail-on", "end with 1 on a fail, on what is not strict too, or never; a case that was not run is a fail",
			string(conform.FailOnFail), string(conform.FailOnNonStrict), string(conform.FailNever)),
		stringOption(&o.baseline, "baseline", "FILE", "fail only for what is worse than in this report of before, which --json printed"),
	)
}

// exchanges reports whether what was exchanged in passes is wanted, too.
func (o *checkReport) exchanges() bool { return o.details && o.verbose }

// open checks that what is to be written can be, and reads the baseline, before anything
// takes time.
func (o *checkReport) open(env *Env) (err error) {
	if o.baseline != "" {
		if o.before, err = readReport(env, "wskit check", o.baseline, conform.ReadReport); err != nil {
			return err
		}
	}
	for _, path := range []string{o.junit, o.html} {
		if err := checkWritable(path); err != nil {
			return err
		}
	}
	if o.traces == "" {
		return nil
	}
	if err := os.MkdirAll(o.traces, 0o700); err != nil {
		return failf(exitLocalIO, "make %s: %w", o.traces, cause(err))
	}
	return nil
}

// finish prints what was found and says how the run ended.
func (o *checkReport) finish(ctx context.Context, env *Env, r *conform.Report, err error) error {
	if err := o.write(env, r); err != nil {
		return err
	}
	if e := interruption(ctx); e != nil {
		return e
	}
	if err != nil {
		return err
	}
	return o.verdict(r)
}

// write prints the report, and writes the files. That nobody reads stdout any more is no
// error: the verdict counts all the same.
func (o *checkReport) write(env *Env, r *conform.Report) error {
	var notes []string
	var known []conform.Change
	if o.before != nil {
		c := o.compare(r)
		notes = []string{report.ComparisonLine(c, o.baseline)}
		known = c.Known
	}
	files := errors.Join(o.writeTraces(r),
		writeReport(o.junit, func(w io.Writer) error {
			return report.JUnit{Threshold: conform.Threshold(o.failOn), Known: known}.Write(w, r)
		}),
		writeReport(o.html, func(w io.Writer) error { return report.WriteHTML(w, r, notes) }))
	if err := o.print(env, r); err != nil && !errors.Is(err, syscall.EPIPE) {
		return err
	}
	return files
}

func (o *checkReport) compare(r *conform.Report) conform.Comparison {
	return r.Compare(o.before, conform.Threshold(o.failOn))
}

func (o *checkReport) print(env *Env, r *conform.Report) error {
	if o.json {
		b, err := json.Marshal(r)
		if err != nil {
			return failf(exitLocalIO, "write the report: %w", err)
		}
		return env.print(string(term.AppendJSONSafe(nil, b)) + "\n")
	}
	if wasRun(r) == 0 {
		return nil // the error says it all
	}
	text := report.Text{
		Palette: o.out.palette(env, env.Stdout), Width: term.Width(env.Stdout),
		All: o.verbose, Details: o.details || o.verbose, Again: o.again,
	}
	out := text.Format(r)
	if o.before != nil {
		out += "\n" + text.FormatComparison(o.compare(r), o.baseline)
	}
	return env.print(out)
}

// countOf returns the number of results with verdict v.
func countOf(r *conform.Report, v conform.Verdict) int {
	n := 0
	for _, a := range r.Agents {
		n += a.Count(v)
	}
	return n
}

// wasRun returns the number of cases that were run, and not skipped.
func wasRun(r *conform.Report) int {
	n := 0
	for _, a := range r.Agents {
		n += len(a.Results)
	}
	return n - countOf(r, conform.NotRun) - countOf(r, conform.Skipped)
}

// verdict returns an error when the report has a failure, or nothing that was run.
func (o *checkReport) verdict(r *conform.Report) error {
	if wasRun(r) == 0 {
		e := failf(exitExpectation, "not a single case was run")
		if n := countOf(r, conform.Skipped); n > 0 {
			e = failf(exitExpectation, "not a single case was run: %d skipped", n)
		}
		return e
	}
	if o.before != nil {
		if n := len(o.compare(r).News); n > 0 {
			return failf(exitExpectation, "%s worse than in %s", trace.Plural(n, "case"), o.baseline)
		}
		return nil
	}
	threshold := conform.Threshold(o.failOn)
	var bad []string
	for _, v := range []conform.Verdict{conform.Fail, conform.NonStrict, conform.NotRun} {
		n := countOf(r, v)
		if n > 0 && threshold.Fails(v) {
			bad = append(bad, fmt.Sprintf("%s %s", trace.Plural(n, "case"), map[conform.Verdict]string{
				conform.Fail: "failed", conform.NonStrict: "not strict", conform.NotRun: "not run",
			}[v]))
		}
	}
	if bad == nil {
		return nil
	}
	return failf(exitExpectation, "%s", strings.Join(bad, ", "))
}
