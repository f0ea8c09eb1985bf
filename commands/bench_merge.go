package commands

import (
	"context"
	"errors"

	"wskit/internal/load"
)

func newBenchMerge(env *Env) *command {
	o := &reportOptions{maxErrorRate: -1}
	cmd := &command{
		name:    "bench merge",
		args:    "FILE [FILE …]",
		summary: "join reports of wskit bench --json",
		about: "Joins the reports that wskit bench --json printed on several machines at the same time:\n" +
			"histograms and counts are added up exactly, percentiles are not averaged. FILE can be -\n" +
			"for stdin. Without a limit given, errors in the reports do not make it fail.",
		examples: []example{
			{"wskit bench merge a.json b.json", "the table of both"},
			{"wskit bench merge --html all.html *.json", "a page with plots, too"},
			{"ssh host wskit bench --json URL | wskit bench merge a.json -", "with one from elsewhere"},
		},
	}
	cmd.options = append(o.options(), o.verdictOptions("no limit")...)
	cmd.run = func(_ context.Context, args []string) error { return o.merge(env, args) }
	return cmd
}

// merge is the action of bench merge.
func (o *reportOptions) merge(env *Env, files []string) error {
	reports, err := readReports(env, "wskit bench", files, load.ReadReport)
	if err != nil {
		return err
	}
	merged, err := load.Merge(reports)
	if e, ok := errors.AsType[*load.MergeError](err); ok {
		return usagef("merge %s: %w", files[e.Index], e.Err)
	}
	if err != nil {
		return failure(exitUsage, err)
	}
	if err := o.write(env, merged); err != nil {
		return err
	}
	return o.verdict(merged)
}
