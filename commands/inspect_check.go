package commands

import (
	"os"

	"wskit/internal/trace"
)

// The formats of --format.
const (
	formatText   = "text"
	formatJSON   = "jsonl"
	formatScript = "script"
)

// check checks the flags against each other, and against reading what was recorded.
func (o *inspectOptions) check(env *Env, input recordedInput, recorded bool) error {
	if err := o.checkFormat(); err != nil {
		return err
	}
	view := o.payload != trace.PayloadAuto && o.payload != trace.PayloadNone
	switch {
	case o.json && view:
		return usagef("--payload %s contradicts --json", o.payload).withHint("with --json it can be none or auto")
	case o.payload == trace.PayloadNone && o.maxBytes > 0:
		return usagef("--max-bytes contradicts --payload none")
	case o.hexFrames == "" && !recorded:
		return o.checkLive(env)
	}
	bad := firstGiven(o.all, []string{sending, waiting, "Handshake", "TLS", "Limits"}, nil)
	switch {
	case o.hexFrames != "" && bad != nil:
		return usagef("--%s contradicts --hex: no connection is made", bad.name)
	case bad != nil:
		return usagef("--%s contradicts reading %s: no connection is made", bad.name, input).
			withHint("to connect, name a URL: wskit inspect ws://localhost:8080/")
	case o.hexFrames == "":
		return o.checkInput(input)
	}
	const hint = "--hex explains frames; they are no connection"
	if o.format == formatScript {
		return usagef("--format script contradicts --hex").withHint(hint)
	}
	return checkRules(o.all, []rule{{
		flags: []string{"stats", "show-secrets", "verbose", "conn"}, not: []string{"hex"}, hint: hint,
	}})
}

// checkFormat checks the flags that say what is written, and makes --json one of them.
func (o *inspectOptions) checkFormat() error {
	switch {
	case o.json && isGiven(o.all, "format") && o.format != formatJSON:
		return usagef("--json contradicts --format %s", o.format).withHint("--json is --format jsonl")
	case o.json:
		o.format = formatJSON
	}
	o.json = o.format == formatJSON
	if o.format != formatScript {
		if isGiven(o.all, "role") {
			return usagef("--role needs --format script")
		}
		return nil
	}
	return checkRules(o.all, []rule{{
		flags: []string{"payload", "max-bytes", "messages", "no-control", "stats", "verbose"}, not: []string{"format"},
		hint: "a script has all messages, whole, and the close",
	}})
}

// checkLive checks the flags of a connection that is made.
func (o *inspectOptions) checkLive(env *Env) error {
	if o.conn != 0 {
		return usagef("--conn needs a trace").withHint("it picks one of the connections of a file; a URL is one connection")
	}
	c := *o.connectOptions
	c.json = c.json || !o.interactive(env) // which says as much: there is no prompt
	return c.check(env)
}

// checkInput checks that a trace is not overwritten while it is read.
func (o *inspectOptions) checkInput(input recordedInput) error {
	if o.output == "" || input == stdinInput {
		return nil
	}
	from, err := os.Stat(string(input))
	if err != nil {
		return nil // which is said when it is opened
	}
	if to, err := os.Stat(o.output); err == nil && os.SameFile(from, to) && from.Mode().IsRegular() {
		return usagef("--output is the file that is read: %s", input)
	}
	return nil
}
