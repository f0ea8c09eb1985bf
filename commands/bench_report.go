package commands

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"syscall"
	"time"

	"wskit/internal/load"
	"wskit/internal/load/report"
	"wskit/internal/term"
	"wskit/wsclient"
)

// reportOptions say what becomes of a report of bench: where it goes, and what is a
// failure.
type reportOptions struct {
	out  outputOptions
	json bool
	html string

	maxErrorRate float64 // below zero: any
	maxP99       time.Duration
}

func (o *reportOptions) options() []*option {
	return append(in("Output",
		boolOption(&o.json, "json", "print the report as one JSON document, the histograms included"),
		reportFileOption(&o.html, "html", "also write a page with plots, which needs nothing else"),
	), o.out.options()...)
}

// verdictOptions are those that decide about the exit code.
func (o *reportOptions) verdictOptions(def string) []*option {
	return in("Verdict",
		&option{name: "max-error-rate", value: "RATE", usage: "end with 1 when more than this share of messages and connections failed: 1% or 0.01", def: def, set: func(s string) (err error) {
			o.maxErrorRate, err = parseShare(s)
			return err
		}},
		limitOption(&o.maxP99, "max-p99", "end with 1 when the 99th percentile of the latency is above this"),
	)
}

// parseShare reads a part of a whole: 1% or 0.01.
func parseShare(s string) (float64, error) {
	number, percent := strings.CutSuffix(s, "%")
	f, err := parseNumber(strings.TrimSpace(number))
	if percent {
		f /= 100
	}
	if err != nil || !(f >= 0 && f <= 1) {
		return 0, usagef("%q is not a share", s).withHint("a percentage, 1%%, or a number from 0 to 1: 0.01")
	}
	return f, nil
}

// parseNumber reads a decimal number.
func parseNumber(s string) (float64, error) {
	if strings.ContainsAny(s, "xXpP_") {
		return 0, strconv.ErrSyntax
	}
	return strconv.ParseFloat(s, 64)
}

// open checks that the page can be written, before anything takes time.
func (o *reportOptions) open() error { return checkWritable(o.html) }

// write prints the report, and writes the page. That nobody reads stdout any more is
// no error: the limits count all the same.
func (o *reportOptions) write(env *Env, r *load.Report) error {
	var page error
	if o.html != "" {
		page = o.writePage(r)
	}
	if err := o.print(env, r); err != nil && !errors.Is(err, syscall.EPIPE) {
		return err
	}
	return page
}

func (o *reportOptions) print(env *Env, r *load.Report) error {
	if o.json {
		b, err := json.Marshal(r)
		if err != nil {
			return failf(exitLocalIO, "write the report: %w", err)
		}
		return env.print(string(b) + "\n")
	}
	text := report.Text{Palette: o.out.palette(env, env.Stdout), Width: term.Width(env.Stdout)}
	return env.print(text.Format(r))
}

func (o *reportOptions) writePage(r *load.Report) error {
	return writeReport(o.html, func(w io.Writer) error { return report.WriteHTML(w, r) })
}

// verdict returns an error when the report is not within the limits.
func (o *reportOptions) verdict(r *load.Report) error {
	var bad []string
	if n := r.ErrorCount(); n > 0 && o.maxErrorRate >= 0 && r.ErrorRate() > o.maxErrorRate {
		bad = append(bad, fmt.Sprintf("%d of %d messages and connections failed (%s), --max-error-rate is %s",
			n, r.Attempts(), report.Percent(r.ErrorRate()), report.Percent(o.maxErrorRate)))
	}
	p99 := r.Latency.Percentile(99)
	switch {
	case o.maxP99 == 0:
	case r.Latency.Count() == 0:
		bad = append(bad, "no message was answered, so that there is no p99")
	case p99 > o.maxP99:
		bad = append(bad, fmt.Sprintf("p99 is %s, --max-p99 is %s", report.Duration(p99), report.Span(o.maxP99)))
	}
	if bad == nil {
		return nil
	}
	return failf(exitExpectation, "%s", strings.Join(bad, "; "))
}

// finish prints what a run measured and says how it ended.
func (o *benchOptions) finish(ctx context.Context, env *Env, r *load.Report, err error) error {
	if r != nil {
		if err := o.report.write(env, r); err != nil {
			return err
		}
	}
	switch e := interruption(ctx); {
	case e != nil:
		return e
	case err != nil:
		if refused, ok := errors.AsType[*wsclient.HandshakeError](err); ok {
			env.showRefusal(refused)
		}
		return dialFailure(ctx, err)
	}
	return o.report.verdict(r)
}
