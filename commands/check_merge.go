package commands

import (
	"context"

	"wskit/internal/conform"
)

func newCheckMerge(env *Env) *command {
	o := &checkReport{failOn: string(conform.FailNever)}
	cmd := &command{
		name:    "check merge",
		args:    "FILE [FILE …]",
		summary: "join reports of wskit check --json",
		about: "Puts the agents of reports that wskit check --json printed side by side. FILE can be -\n" +
			"for stdin. Unless --fail-on says so, failures in the reports do not make it fail.",
		examples: []example{
			{"wskit check merge a.json b.json", "a table of the agents"},
			{"wskit check merge --html all.html *.json", "a page, too"},
			{"wskit check merge --json *.json > all.json", "a baseline for all of them"},
		},
	}
	cmd.options = append(o.verdictOptions(), o.options()...)
	cmd.options = append(cmd.options, in("Output",
		boolOption(&o.verbose, "verbose", "list every case, and show what was exchanged in those that did not pass").also("v"))...)
	cmd.run = func(ctx context.Context, args []string) error { return o.merge(ctx, env, args) }
	return cmd
}

// merge is the action of check merge.
func (o *checkReport) merge(ctx context.Context, env *Env, files []string) error {
	reports, err := readReports(env, "wskit check", files, conform.ReadReport)
	if err != nil {
		return err
	}
	if o.baseline != "" && o.failOn == string(conform.FailNever) {
		o.failOn = string(conform.FailOnFail)
	}
	if err := o.open(env); err != nil {
		return err
	}
	return o.finish(ctx, env, conform.Merge(reports), nil)
}
