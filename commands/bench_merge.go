package commands

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"

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
	if len(files) == 0 {
		return usagef("a file is missing").withHint("wskit bench --json URL > a.json makes one")
	}
	if i := slices.Index(files, "-"); i >= 0 && slices.Contains(files[i+1:], "-") {
		return usagef("- is given twice, but there is one stdin")
	}
	var reports []*load.Report
	for _, path := range files {
		r, err := readReport(env, path)
		if err != nil {
			return err
		}
		reports = append(reports, r)
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

// readReport reads a report from a file, or from stdin for "-".
func readReport(env *Env, path string) (*load.Report, error) {
	in, name := env.Stdin, "stdin"
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, usagef("%w", err)
		}
		defer f.Close()
		in, name = f, path
	}
	r, err := load.ReadReport(in)
	switch {
	case errors.As(err, new(*fs.PathError)):
		return nil, usagef("read %s: %w", name, cause(err))
	case err != nil:
		return nil, failf(exitProtocol, "%s: %w", name, err).withHint("wskit bench --json URL prints a report")
	}
	return r, nil
}
