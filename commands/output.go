package commands

import (
	"io"

	"wskit/codec"
	"wskit/internal/term"
)

// outputOptions say how things look on stdout.
type outputOptions struct {
	color  term.When
	escape term.When
}

func (o *outputOptions) options() []*option {
	never := &option{name: "no-color", usage: "the same as --color never", set: func(s string) error {
		var on bool
		err := boolOption(&on, "", "").set(s)
		if on {
			o.color = term.Never
		}
		return err
	}}
	return in("Output",
		whenOption(&o.color, "color", "colour on a terminal, always or never; NO_COLOR is honoured"),
		never,
	)
}

// escapeOption is for who prints what a peer sent as it is.
func (o *outputOptions) escapeOption() *option {
	return in("Output", whenOption(&o.escape, "escape", "make what a peer sent safe to show: on a terminal, always or never"))[0]
}

func whenOption(w *term.When, name, usage string) *option {
	return &option{name: name, value: "auto|always|never", usage: usage, def: "auto", set: func(s string) error {
		if err := w.Set(s); err != nil {
			return usagef("%q is none of auto, always, never", s)
		}
		return nil
	}}
}

// palette returns the colours for stream.
func (o *outputOptions) palette(env *Env, stream any) term.Palette {
	return term.NewPalette(o.color.Color(stream, env.Getenv))
}

// stdoutFailure returns the error of a command whose output could not be written.
func stdoutFailure(err error) error { return failf(exitLocalIO, "write stdout: %w", cause(err)) }

// A messageWriter writes each message to a stream: on a terminal for people, in a
// pipe as its own bytes and a delimiter.
type messageWriter struct {
	w         io.Writer
	delimiter string
	escape    bool
	hexDump   bool // of binary messages
	palette   term.Palette
	buf       []byte
}

// write writes one message. The data is borrowed.
func (m *messageWriter) write(op codec.Opcode, data []byte) error {
	m.buf = m.buf[:0]
	switch {
	case op == codec.OpBinary && m.hexDump:
		m.buf = term.AppendHexDump(m.buf, data, term.HexDump{Palette: m.palette})
	case m.escape:
		m.buf = append(term.AppendEscapedLines(m.buf, data), m.delimiter...)
	default:
		m.buf = append(append(m.buf, data...), m.delimiter...)
	}
	_, err := m.w.Write(m.buf)
	if cap(m.buf) > 1<<20 {
		m.buf = nil
	}
	if err != nil {
		return stdoutFailure(err)
	}
	return nil
}
