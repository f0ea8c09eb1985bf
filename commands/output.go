package commands

import (
	"io"

	"wskit/codec"
	"wskit/internal/term"
)

// outputOptions say how things look on stdout.
type outputOptions struct {
	color   term.When
	noColor bool
	escape  term.When
}

func (o *outputOptions) options() []*option {
	when := func(w *term.When, name, usage string) *option {
		return &option{name: name, value: "auto|always|never", usage: usage, def: "auto", set: w.Set}
	}
	return in("Output",
		when(&o.color, "color", "colour on a terminal, always or never; NO_COLOR is honoured"),
		boolOption(&o.noColor, "no-color", "the same as --color never"),
		when(&o.escape, "escape", "make what a peer sent safe to show: on a terminal, always or never"),
	)
}

// palette returns the colours for stream.
func (o *outputOptions) palette(env *Env, stream any) term.Palette {
	return term.NewPalette(!o.noColor && o.color.Color(stream, env.Getenv))
}

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
		return failf(exitLocalIO, "write stdout: %w", err)
	}
	return nil
}
