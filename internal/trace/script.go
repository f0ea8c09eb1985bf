package trace

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"wskit/codec"
	"wskit/internal/term"
)

// A Script makes a script for this program of one connection: JavaScript that plays
// one side of it and expects of the other what that one said, in the order of the
// events. [Script.Add] takes the events, [Script.Bytes] returns the script. It is for
// people to go on with, and says in comments what they have to know.
//
// Messages and the close are played. Left out are pings and pongs, how messages were
// cut into fragments and compressed, the times between them, and all that breaks a
// rule: a problem is a comment at its place, and so is a frame that is part of no
// message. Of a content that the events do not have in full, the script sends what
// there is, and expects anything.
//
// Whatever the peers sent, it stays inside a literal or a comment, in characters that
// are safe to show. Secrets of the handshake are redacted.
type Script struct {
	// Role is the side that is played.
	Role codec.Role
	// File is what the script will be called, for the comment that tells how to run
	// it. If empty, FILE stands there.
	File string
	// ShowSecrets keeps the secrets of the handshake, which are else redacted.
	ShowSecrets bool

	first Event // nil before the first
	open  *Open
	end   *Close

	body []byte
	tail []byte // what stands behind the close
	// waiting is a message whose frame, number waitingFrame, is there: a problem of
	// the frame may stand before its own event. Those of told had no event right
	// behind their frames.
	waiting      *Message
	waitingFrame int
	told         map[int]bool
	// closed has the close frames by who sent them, and closer who sent the first.
	closed [2]*CloseFrame
	closer codec.Role
	// late counts the messages behind the first close frame, by who sent them.
	late [2]int

	sent                                 bool // the last message, by the script
	expects, partial                     int
	pings, pongs, fragmented, compressed int
	broken                               bool // a rule, by one side
}

// ErrNoWebSocket says that the server did not switch protocols, so that there is
// nothing for a client's script to do.
var ErrNoWebSocket = errors.New("the handshake did not succeed")

// A ConnectionsError says that events are of more than one connection.
type ConnectionsError struct {
	// First and Second are the numbers of two of them: the same number when there
	// are two of it.
	First, Second int
}

// Error names both.
func (e *ConnectionsError) Error() string {
	if e.First == e.Second {
		return fmt.Sprintf("two connections have the number %d", e.First)
	}
	return fmt.Sprintf("there is more than one connection: %d and %d", e.First, e.Second)
}

// Add adds an event. The error is a *ConnectionsError.
func (s *Script) Add(e Event) error {
	if s.first == nil {
		s.first = e
	}
	_, opens := e.(*Open)
	first, second := s.first.Common().Conn, e.Common().Conn
	if first != second || opens && s.first != e {
		return &ConnectionsError{first, second}
	}
	if s.end != nil {
		return nil
	}
	switch e := e.(type) {
	case *Open:
		s.open = e
	case *Frame:
		s.settle()
		s.addFrame(e)
	case *Message:
		s.addMessage(e)
	case *Problem:
		s.addProblem(e)
	case *Close:
		s.settle()
		s.end = e
	}
	return nil
}

// Partial returns how many of the messages that the script sends are not whole,
// because the events do not have all of them.
func (s *Script) Partial() int { return s.partial }

// settle plays the message that waits for its own event, which does not come.
func (s *Script) settle() {
	if m := s.waiting; m != nil {
		if s.told == nil {
			s.told = make(map[int]bool)
		}
		s.told[m.Msg] = true
		s.waiting = nil
		s.play(m)
	}
}

func (s *Script) addFrame(f *Frame) {
	switch op := f.Header.Opcode; {
	case f.Message != nil:
		s.waiting, s.waitingFrame = f.Message, f.N
	case f.Incomplete:
		s.commentf("Frame %d, by the %s, is not whole.", f.N, f.From)
	case op == codec.OpPing:
		s.pings++
	case op == codec.OpPong:
		s.pongs++
	case op == codec.OpClose:
		if !s.closing() {
			s.closer = f.From
		}
		if s.closed[f.From] == nil {
			s.closed[f.From] = f.Close
		}
		if s.closed[f.From] == nil { // its record does not say
			s.closed[f.From] = NewCloseFrame(f.Payload)
		}
	case f.Msg == 0:
		s.commentf("Frame %d, by the %s, is part of no message: opcode %d, %s.", f.N, f.From, uint8(op), FormatBytes(f.Header.Length))
	}
}

func (s *Script) addMessage(m *Message) {
	if s.waiting != nil && s.waiting.Msg == m.Msg {
		s.waiting = nil
		s.play(m)
		return
	}
	s.settle()
	if s.told[m.Msg] {
		delete(s.told, m.Msg)
		return
	}
	s.play(m)
}

func (s *Script) addProblem(p *Problem) {
	if p.Frame == 0 || p.Frame != s.waitingFrame {
		s.settle()
	}
	if p.Severity == Note {
		return
	}
	s.broken = s.broken || p.Severity == Error
	text := p.Code + ", by the " + p.From.String() + ": " + p.Text
	if p.RFC != "" {
		text += " (" + p.RFC + ")"
	}
	s.commentf("%s", text)
}

// closing reports whether there was a close frame.
func (s *Script) closing() bool { return s.closed != [2]*CloseFrame{} }

// play adds what sends a message or expects it.
func (s *Script) play(m *Message) {
	if s.closing() {
		s.late[m.From]++
		return
	}
	if len(m.Frames) > 1 {
		s.fragmented++
	}
	if m.Compressed {
		s.compressed++
	}
	text := m.Opcode == codec.OpText
	switch {
	case text && !utf8.Valid(m.Data):
		s.broken = true
		s.commentf("A text of the %s that is no UTF-8 is left out: %s.", m.From, FormatBytes(m.Size))
		return
	case m.Truncated > 0:
		s.commentf("Not in the trace: %s of this message.", Plural(m.Truncated, "byte"))
	case !m.Reliable && len(m.Data) == 0:
		s.commentf("This message could not be inflated.")
	case !m.Reliable:
		s.commentf("This message cannot be trusted: one before it could not be inflated.")
	}
	whole := m.Truncated == 0 && m.Reliable
	s.sent = m.From == s.Role
	s.body = append(s.body, scriptIndent...)
	switch {
	case s.sent:
		if !whole {
			s.partial++
		}
		s.body = appendSend(s.body, text, m.Data)
	case whole:
		s.expects++
		s.body = appendExpect(s.body, text, m.Data)
	default:
		// Not receive: without a pattern it takes the end of the connection for no failure.
		s.body = append(s.body, "await ws.expect(() => true)"...)
	}
	s.body = append(s.body, '\n')
}

// The layout of a script.
const (
	scriptWidth  = 100
	scriptIndent = "  "
)

// appendSend appends what sends a message.
func appendSend(dst []byte, text bool, data []byte) []byte {
	const send, stringify = "ws.send(", "JSON.stringify("
	room := scriptWidth - len(scriptIndent+send+")")
	dst = append(dst, send...)
	v, ok := jsonValue{}, false
	if text {
		v, ok = parseJSON(data)
	}
	switch {
	case ok && v.stringified(data):
		dst = append(dst, stringify...)
		dst = append(v.appendLiteral(dst, room-len(stringify+")"), scriptIndent), ')')
	case text:
		dst = appendString(dst, string(data))
	default:
		dst = appendBytes(dst, data, room, scriptIndent)
	}
	return append(dst, ')')
}

// appendExpect appends what waits for a message. An object or array is a pattern, which
// is contained in what it matches; one that is empty would match too much.
func appendExpect(dst []byte, text bool, data []byte) []byte {
	const expect = "await ws.expect("
	room := scriptWidth - len(scriptIndent+expect+")")
	dst = append(dst, expect...)
	v, ok := jsonValue{}, false
	if text {
		v, ok = parseJSON(data)
	}
	switch {
	case ok && len(v.items) > 0:
		dst = v.appendLiteral(dst, room, scriptIndent)
	case text:
		dst = appendString(dst, string(data))
	default:
		dst = appendBytes(dst, data, room, scriptIndent)
	}
	return append(dst, ')')
}

// commentf adds a comment at the place of the events.
func (s *Script) commentf(format string, args ...any) {
	at := &s.body
	if s.closing() {
		at = &s.tail
	}
	*at = appendComment(*at, scriptIndent, fmt.Sprintf(format, args...))
}

// appendComment appends a comment, over as many lines as it takes. Escaped, nothing in
// it ends a line.
func appendComment(dst []byte, indent, text string) []byte {
	const mark = "// "
	for _, row := range wrap(term.Escape(text), scriptWidth, len(indent)+len(mark), len(indent)+len(mark)) {
		dst = append(append(append(append(dst, indent...), mark...), row...), '\n')
	}
	return dst
}
