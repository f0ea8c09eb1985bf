package trace

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"wskit/codec"
	"wskit/internal/term"
)

// Text writes events as text for people: a block for the handshake, a line for
// each frame or message with its content, a line for each problem, and the verdict.
// Where the events of several connections alternate, a line says whose follow. All
// that a peer sent is escaped. Each event is written in one call of Write; one that shows
// a long text comes in several, of whole lines each.
//
// The exported fields are set before the first event and then left alone; their
// zero values give plain text of any width. Its methods must not be called at the
// same time.
type Text struct {
	// Width is how many cells a line has. If zero, there is no limit.
	Width int
	// Palette colours the text. The zero Palette leaves it plain.
	Palette term.Palette
	// Payload says how content is shown.
	Payload PayloadView
	// MaxBytes is the largest part of a message's content that is shown, in
	// bytes. If zero, PayloadAuto shows some lines of it and the other views
	// all that was kept.
	MaxBytes int
	// Messages shows a line for each message in place of one for each frame. A
	// message whose frames are not among the events has a line in any case.
	Messages bool
	// Bits shows the header of each frame bit by bit.
	Bits bool
	// NoControl leaves out pings, pongs and close frames.
	NoControl bool
	// Headers shows all headers of the handshake. Those of a refusal are shown
	// in any case.
	Headers bool
	// Stats shows the figures of a connection after its end.
	Stats bool
	// ShowSecrets keeps the secrets of the handshake, which are else redacted.
	ShowSecrets bool

	w    io.Writer
	line []byte
	// Of the event that is being written: the first Write that failed, and whether a
	// part of it was written.
	err     error
	spilled bool
	// last is the number of the connection that was shown last, zero for none.
	last int
	*textConn
	conns map[int]*textConn // by their numbers, those that have not ended
}

// A textConn is what a Text knows of a connection.
type textConn struct {
	// open has the message in progress of each role's direction, zero for none.
	open [2]int
	// told is the number of the last message that a frame told of.
	told int
	// hinted has the problems whose hint was shown.
	hinted map[string]bool
}

// maxTextConns is how many connections are remembered.
const maxTextConns = 1024

// NewText returns a Text that writes to w.
func NewText(w io.Writer) *Text { return &Text{w: w} }

// Write writes e, or nothing when it is of a kind that is not shown.
func (t *Text) Write(e Event) error {
	t.line, t.err, t.spilled = t.line[:0], nil, false
	number := e.Common().Conn
	_, opens := e.(*Open)
	t.enter(number, opens)
	if !opens && t.last != 0 && t.last != number {
		t.add(t.Palette.Bold, fmt.Sprintf("#%d", number))
		t.endLine()
	}
	begin := len(t.line)
	switch e := e.(type) {
	case *Open:
		t.writeOpen(e)
	case *Frame:
		t.writeFrame(e)
	case *Message:
		t.writeMessage(e)
	case *Problem:
		t.writeProblem(e)
	case *Close:
		t.writeClose(e)
		delete(t.conns, number)
	case *Stats:
		t.writeStats(e)
	}
	if len(t.line) == begin && !t.spilled {
		return nil
	}
	t.last = number
	t.flush()
	if cap(t.line) > 4*spillSize {
		t.line = nil
	}
	if t.err != nil {
		return fmt.Errorf("write trace: %w", t.err)
	}
	return nil
}

// enter makes a connection the one that the next event is of.
func (t *Text) enter(number int, opens bool) {
	c := t.conns[number]
	if c == nil || opens {
		c = new(textConn)
		if t.conns == nil || len(t.conns) >= maxTextConns {
			t.conns = make(map[int]*textConn)
		}
		t.conns[number] = c
	}
	t.textConn = c
}

// spillSize is how many bytes of an event are gathered before a part of it is written.
const spillSize = 256 << 10

// spill writes the lines that are there once they are many: what a peer sent can grow to
// several times its size when it is shown.
func (t *Text) spill() {
	if len(t.line) >= spillSize {
		t.flush()
		t.spilled = true
	}
}

// flush writes what was gathered. After an error nothing is written any more.
func (t *Text) flush() {
	if len(t.line) > 0 && t.err == nil {
		_, t.err = t.w.Write(t.line)
	}
	t.line = t.line[:0]
}

// PayloadView says how Text shows the content of messages. It has the methods of a
// flag.Value.
type PayloadView int

// The views.
const (
	PayloadAuto   PayloadView = iota // text as text, JSON laid out, binary as a dump; some lines of each
	PayloadNone                      // not at all
	PayloadText                      // as text, whatever it is
	PayloadHex                       // as a hex dump, whatever it is
	PayloadPretty                    // as PayloadAuto, but the whole of it
)

// errPayloadView is returned by Set for a word that is no view.
var errPayloadView = errors.New("want auto, none, text, hex or pretty")

// Set sets v from its word.
func (v *PayloadView) Set(s string) error {
	for c := PayloadAuto; c <= PayloadPretty; c++ {
		if s == c.String() {
			*v = c
			return nil
		}
	}
	return errPayloadView
}

// String returns the word that Set takes.
func (v PayloadView) String() string {
	switch v {
	case PayloadAuto:
		return "auto"
	case PayloadNone:
		return "none"
	case PayloadText:
		return "text"
	case PayloadHex:
		return "hex"
	case PayloadPretty:
		return "pretty"
	}
	return fmt.Sprintf("PayloadView(%d)", int(v))
}

// arrow returns the mark of a direction, as the client sees it.
func (t *Text) arrow(from codec.Role) string {
	if from == codec.RoleClient {
		return t.Palette.Outgoing.Text("→")
	}
	return t.Palette.Incoming.Text("←")
}

// add appends s, which is safe to show, in a style.
func (t *Text) add(st term.Style, s string) { t.line = st.Append(t.line, s) }

// endLine ends the line.
func (t *Text) endLine() { t.line = append(t.line, '\n') }

// addWrapped appends s, which is safe to show, in words over as many lines as it
// takes. The text before it on the first line has col cells; the other lines begin
// with indent spaces.
func (t *Text) addWrapped(st term.Style, s string, col, indent int) {
	for i, row := range wrap(s, t.Width, col, indent) {
		if i > 0 {
			t.endLine()
			t.line = append(t.line, strings.Repeat(" ", indent)...)
		}
		t.add(st, row)
	}
	t.endLine()
}

// minWrap is the least room that wrap breaks lines for: on a line with less, words
// run over its end.
const minWrap = 20

// wrap breaks s between words into rows: the first has width less col cells, the
// others width less indent. With no width, or too little of it, there is one row.
// A word that is too long for a row is cut.
func wrap(s string, width, col, indent int) []string {
	if width <= 0 || width-max(col, indent) < minWrap {
		return []string{s}
	}
	var rows []string
	room := width - col
	row := ""
	for word := range strings.SplitSeq(s, " ") {
		word = term.Fit(word, width-indent)
		used := term.Cells(word)
		if row != "" {
			used += term.Cells(row) + 1
		}
		if used > room && (row != "" || col > indent) {
			rows = append(rows, row)
			row, room, col = word, width-indent, indent
			continue
		}
		if row != "" {
			row += " "
		}
		row += word
	}
	return append(rows, row)
}
