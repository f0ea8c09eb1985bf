package commands

import (
	"errors"
	"io"

	"wskit/codec"
	"wskit/internal/trace"
)

// newScript returns what --format script makes of the events.
func (o *inspectOptions) newScript() *trace.Script {
	s := &trace.Script{Role: codec.RoleServer, File: o.output, ShowSecrets: o.showSecrets}
	if o.role == codec.RoleClient.String() {
		s.Role = codec.RoleClient
	}
	return s
}

// writeScript writes the script, if there were events.
func (o *inspectOptions) writeScript(env *Env, out io.Writer) error {
	text, err := o.script.Bytes()
	switch {
	case errors.Is(err, trace.ErrNoWebSocket):
		return usagef("make a script for a client: %w", err).
			withHint("--role server makes a server that refuses; --expect-status of wskit connect expects that")
	case err != nil || text == nil:
		return err
	}
	if _, err := out.Write(text); err != nil {
		return stdoutFailure(err)
	}
	if n := o.script.Partial(); n > 0 {
		env.note("%s that the script sends are cut: look for \"Not in the trace\"", trace.Plural(n, "message"))
	}
	return nil
}

// severalFailure returns the error of a script of more than one connection.
func severalFailure(input recordedInput, err *trace.ConnectionsError) error {
	if err.First == err.Second {
		return usagef("make a script of %s: %w", input, err).withHint("a script is made of one connection: are these several traces in one?")
	}
	return usagef("make a script of %s: %w", input, err).withHint("a script is made of one: --conn %d or --conn %d", err.First, err.Second)
}
