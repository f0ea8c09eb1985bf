package commands

import (
	"context"
	"math"
	"strings"
	"time"

	"wskit/codec"
	"wskit/internal/conform"
)

// checkOptions are the flags of check.
type checkOptions struct {
	dial   *dialOptions
	report checkReport
	all    []*option

	cases   []string
	big     bool
	list    bool
	jobs    int
	timeout time.Duration
	skip    int
	names   []string
	quiet   bool

	clients clientOptions
}

func newCheck(env *Env) *command {
	o := &checkOptions{
		dial:    newDialOptions(),
		report:  checkReport{failOn: string(conform.FailOnFail)},
		timeout: conform.DefaultTimeout,
		clients: clientOptions{idle: conform.DefaultIdle},
	}
	cmd := &command{
		name:    "check",
		args:    "[URL …]",
		summary: "a conformance suite for servers and clients; check merge joins reports",
		about: "Tests a server that echoes every message: whether it keeps the rules of RFC 6455 and\n" +
			"RFC 7692, case by case, each on a connection of its own. Several URLs are several agents\n" +
			"side by side. With --listen it tests clients, by the convention of the Autobahn suite: a\n" +
			"client gets the number of cases at /getCaseCount, connects to /runCase?case=N&agent=NAME\n" +
			"for each, echoes every message, and ends at /updateReports?agent=NAME.\n\n" +
			"A verdict is pass, non-strict (against a SHOULD, or later or with another code than\n" +
			"meant), fail, informational, or skipped (what the case is about was not agreed on).",
		examples: []example{
			{"wskit check ws://localhost:8080/", "a server"},
			{"wskit check --compress echo:", "with compression in every case; a server in the process"},
			{"wskit check --case 6455-5.5 -v URL", "some cases, with what was exchanged"},
			{"wskit check --run 'node client.js'", "a client, which gets WSKIT_URL"},
			{"wskit check --listen 9001", "clients that were started elsewhere"},
			{"wskit check --list", "all cases"},
			{"wskit check --junit out.xml --html out.html URL", "for CI, and for people"},
			{"wskit check --baseline before.json URL", "fail only for what has become worse"},
		},
	}
	cmd.options = append(cmd.options, o.caseOptions()...)
	cmd.options = append(cmd.options, o.clients.options()...)
	cmd.options = append(cmd.options, o.report.verdictOptions()...)
	cmd.options = append(cmd.options, o.report.options()...)
	cmd.options = append(cmd.options, in("Output",
		stringOption(&o.report.traces, "traces", "DIR", "write a trace of each case that failed, was not strict or is informational into DIR, for wskit inspect"),
		boolOption(&o.report.verbose, "verbose", "list every case, and show what was exchanged in those that did not pass").also("v"),
		boolOption(&o.quiet, "quiet", "no progress on stderr; it is shown on a terminal only").also("q"))...)
	cmd.options = append(cmd.options, without(o.dial.options(),
		"close-timeout", "ping-interval", "ping-timeout", "max-message-size", "fragment-size")...)
	o.all = cmd.options
	cmd.run = func(ctx context.Context, args []string) error { return o.run(ctx, env, args) }
	return cmd
}

func (o *checkOptions) caseOptions() []*option {
	return in("Cases",
		stringsOption(&o.cases, "case", "PATTERN", "run the cases whose id matches, or has PATTERN in it: 6455-5.5-*, utf8 (repeatable); default all but the big ones"),
		boolOption(&o.big, "big", "run the big ones, too: many megabytes, or seconds"),
		boolOption(&o.list, "list", "print the cases and do nothing; -v tells what they do"),
		withDefault("16", intOption(&o.jobs, "jobs", "N", 1, 1000, "run N cases at a time")).also("j"),
		limitOption(&o.timeout, "timeout", "for each answer"),
		intOption(&o.skip, "skip", "N", 0, math.MaxInt, "pass over the first N messages of each connection: greetings"),
		stringsOption(&o.names, "agent", "NAME", "what to call the server in reports (repeatable, one for each URL; default: its host)"),
	)
}

// role is the end that is tested.
func (o *checkOptions) role() codec.Role {
	if o.clients.wanted() {
		return codec.RoleClient
	}
	return codec.RoleServer
}

// checkFlags checks the flags against each other.
func (o *checkOptions) checkFlags(urls []string) error {
	rules := []rule{
		{flags: []string{"quiet"}, not: []string{"verbose"}},
		{flags: []string{"agents", "idle-timeout", "ready", "ready-file", "tls-cert", "tls-key", "tls-self-signed"}, needs: []string{"listen", "run"}},
		{flags: []string{"ready"}, not: []string{"json"}, hint: "stdout has one document; --ready-file writes the line into a file"},
		{flags: []string{"case"}, not: []string{"big"}, hint: "--case selects big cases as well"},
	}
	if o.clients.wanted() {
		rules = append(rules, rule{flags: []string{"jobs", "agent"}, not: []string{"listen", "run"}, hint: "a client chooses its name, and the order of the cases"})
	}
	if o.report.failOn == string(conform.FailNever) {
		rules = append(rules, rule{flags: []string{"baseline"}, not: []string{"fail-on"}, hint: "never is never"})
	}
	if o.list {
		rules = append(rules, rule{flags: []string{"junit", "html", "traces", "baseline"}, not: []string{"list"}, hint: "no case is run"})
	}
	if err := checkRules(o.all, append(rules, tlsRules()...)); err != nil {
		return err
	}
	if bad := firstGiven(o.all, []string{"Handshake", "TLS", "Limits"}, nil); bad != nil && o.clients.wanted() {
		return usagef("--%s has no effect on clients: they connect", bad.name)
	}
	switch {
	case o.list && len(urls) > 0:
		return usagef("--list takes no URL").withHint("it prints the cases, and does nothing")
	case o.list:
	case o.clients.wanted() && len(urls) > 0:
		return usagef("clients are tested, but %s is a URL", urls[0]).withHint("servers and clients are tested in runs of their own")
	case !o.clients.wanted() && len(urls) == 0:
		return usagef("a URL is missing").withHint("wskit check ws://localhost:8080/, or echo: for a server inside the process; --listen tests clients")
	case len(o.names) > 0 && len(o.names) != len(urls):
		return usagef("there are %d --agent for %d URLs", len(o.names), len(urls))
	}
	return o.dial.check(o.all)
}

// selected returns the cases to run.
func (o *checkOptions) selected() ([]*conform.Case, error) {
	for _, p := range o.cases {
		cases, err := conform.Select(o.role(), []string{p}, true)
		if err != nil {
			return nil, usagef("--case: %q is not a pattern: %w", p, err).withHint("* stands for anything, ? for a character, [a-z] for one of these")
		}
		if len(cases) == 0 {
			return nil, o.noCase(p)
		}
	}
	return conform.Select(o.role(), o.cases, o.big)
}

// noCase is the error of a pattern that no case matches.
func (o *checkOptions) noCase(pattern string) error {
	role := o.role()
	e := usagef("--case: no case for %ss matches %q", role, pattern)
	if other, _ := conform.Select(role.Peer(), []string{pattern}, true); len(other) > 0 {
		return e.withHint("there is one for %ss: %s", role.Peer(), other[0].ID)
	}
	return e.withHint("wskit check --list lists the cases")
}

// run is the action of check.
func (o *checkOptions) run(ctx context.Context, env *Env, args []string) error {
	if len(args) > 0 && args[0] == "merge" {
		return usagef("merge must come first").withHint("wskit check merge FILE …")
	}
	if err := o.checkFlags(args); err != nil {
		return err
	}
	cases, err := o.selected()
	if err != nil {
		return err
	}
	if o.list {
		return o.printList(env, cases)
	}
	o.report.details = len(cases) <= fewCases
	o.report.again = o.again(args)
	prepare := o.servers
	if o.clients.wanted() {
		prepare = o.listeners
	}
	test, stop, err := prepare(env, cases, args)
	defer stop()
	if err != nil {
		return err
	}
	if err := o.report.open(env); err != nil {
		return err
	}
	r := &conform.Report{Format: conform.Format, Version: strings.Fields(version())[0], Agents: []*conform.Agent{}}
	err = test(ctx, r)
	return o.report.finish(ctx, env, r, err)
}

// fewCases are so few that what was exchanged is shown at once.
const fewCases = 3
