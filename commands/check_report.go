package commands

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
	out     outputOptions
	json    bool
	verbose bool
	failOn  string
	traces  string

	// again and details are set from the arguments.
	again   string
	details bool
}

func (o *checkReport) options() []*option {
	return append(in("Output",
		boolOption(&o.json, "json", "print the report as one JSON document"),
	), o.out.options()...)
}

// verdictOptions are those that decide about the exit code.
func (o *checkReport) verdictOptions() []*option {
	return in("Verdict",
		choiceOption(&o.failOn, "fail-on", "end with 1 on a fail, on what is not strict too, or never; a case that was not run is a fail",
			string(conform.FailOnFail), string(conform.FailOnNonStrict), string(conform.FailNever)),
	)
}

// exchanges reports whether what was exchanged in passes is wanted, too.
func (o *checkReport) exchanges() bool { return o.details && o.verbose }

// open checks that what is to be written can be, before anything takes time.
func (o *checkReport) open(*Env) error { return nil }

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

// write prints the report. That nobody reads stdout any more is no error: the verdict
// counts all the same.
func (o *checkReport) write(env *Env, r *conform.Report) error {
	if err := o.print(env, r); err != nil && !errors.Is(err, syscall.EPIPE) {
		return err
	}
	return nil
}

func (o *checkReport) print(env *Env, r *conform.Report) error {
	if o.json {
		b, err := json.Marshal(r)
		if err != nil {
			return failf(exitLocalIO, "write the report: %w", err)
		}
		return env.print(string(term.AppendJSONSafe(nil, b)) + "\n")
	}
	if ran(r) == 0 {
		return nil // the error says it all
	}
	text := report.Text{
		Palette: o.out.palette(env, env.Stdout), Width: term.Width(env.Stdout),
		All: o.verbose, Details: o.details || o.verbose, Again: o.again,
	}
	return env.print(text.Format(r))
}

// ran returns the number of cases that were run, and not skipped.
func ran(r *conform.Report) int {
	n := 0
	for _, a := range r.Agents {
		n += len(a.Results) - a.Count(conform.NotRun) - a.Count(conform.Skipped)
	}
	return n
}

// verdict returns an error when the report has a failure, or nothing that was run.
func (o *checkReport) verdict(r *conform.Report) error {
	if ran(r) == 0 {
		return failf(exitExpectation, "not a single case was run")
	}
	threshold := conform.Threshold(o.failOn)
	var bad []string
	for _, v := range []conform.Verdict{conform.Fail, conform.NonStrict, conform.NotRun} {
		n := 0
		for _, a := range r.Agents {
			n += a.Count(v)
		}
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
