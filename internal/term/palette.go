package term

import (
	"strings"

	"github.com/fatih/color"
)

// A Style is how one role of text looks. The zero Style leaves text plain.
type Style struct {
	on, off string
}

// Text returns s in the style. s must be safe to show: a Style escapes nothing.
func (st Style) Text(s string) string {
	if st.on == "" || s == "" {
		return s
	}
	return st.on + s + st.off
}

// Append appends s in the style to dst.
func (st Style) Append(dst []byte, s string) []byte {
	if st.on == "" || s == "" {
		return append(dst, s...)
	}
	return append(append(append(dst, st.on...), s...), st.off...)
}

// A Palette has a Style for each role that text plays in this tool. The zero
// Palette leaves everything plain.
type Palette struct {
	Dim      Style // what is there but seldom read: offsets, times
	Bold     Style // what a block is about
	Incoming Style // the mark of what the other side sent
	Outgoing Style // the mark of what this side sent
	OK       Style
	Warning  Style
	Error    Style
	Opcode   Style

	// The parts of a JSON text.
	Key     Style
	String  Style
	Number  Style
	Literal Style // true, false, null
}

// NewPalette returns the palette of a stream: see When.Color for whether it is
// coloured. Without colour it is the zero Palette.
func NewPalette(colored bool) Palette {
	if !colored {
		return Palette{}
	}
	return Palette{
		Dim:      newStyle(color.Faint),
		Bold:     newStyle(color.Bold),
		Incoming: newStyle(color.FgCyan),
		Outgoing: newStyle(color.FgGreen),
		OK:       newStyle(color.FgGreen),
		Warning:  newStyle(color.FgYellow),
		Error:    newStyle(color.FgRed, color.Bold),
		Opcode:   newStyle(color.FgMagenta),
		Key:      newStyle(color.FgBlue),
		String:   newStyle(color.FgGreen),
		Number:   newStyle(color.FgYellow),
		Literal:  newStyle(color.FgMagenta),
	}
}

// newStyle asks color for the sequences around a text. Color is enabled by hand,
// because color itself would decide by what stdout is.
func newStyle(attrs ...color.Attribute) Style {
	c := color.New(attrs...)
	c.EnableColor()
	on, off, _ := strings.Cut(c.Sprint("|"), "|")
	return Style{on: on, off: off}
}
