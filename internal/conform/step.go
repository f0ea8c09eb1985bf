package conform

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"wskit/codec"
)

// A step is one thing that a case does, or waits for. Its text says what, and of what
// it waits for, what is allowed. Run returns a finding when the case ends there.
type step struct {
	text string
	run  func(*session) error
}

// send sends frames in one write.
func send(frames ...frame) step {
	return step{"send " + describe(frames), func(s *session) error {
		s.send(frames...)
		return nil
	}}
}

// chop sends frames in pieces of size bytes, each in a write of its own.
func chop(size int, frames ...frame) step {
	text := fmt.Sprintf("send in pieces of %d B: %s", size, describe(frames))
	return step{text, func(s *session) error {
		for piece := range slices.Chunk(appendFrames(nil, s.role, frames), size) {
			s.write(piece)
		}
		return nil
	}}
}

// cut sends frames in two writes, the first of them n bytes long. In between it waits
// until the peer has had time to read it: until it has answered a ping, if n is where a
// frame ends, and a moment otherwise.
func cut(n int, frames ...frame) step {
	text := fmt.Sprintf("send %d B, and after a moment the rest, of %s", n, describe(frames))
	return step{text, func(s *session) error {
		b := appendFrames(nil, s.role, frames)
		n := min(n, len(b))
		s.write(b[:n])
		time.Sleep(moment)
		s.write(b[n:])
		return nil
	}}
}

// moment is long enough for the peer to read what was sent, if it can.
const moment = 2 * time.Millisecond

// sendBytes sends bytes that are no frames.
func sendBytes(text string, b []byte) step {
	return step{"send " + text, func(s *session) error {
		s.write(b)
		return nil
	}}
}

// custom is any other step.
func custom(text string, run func(*session) error) step { return step{text, run} }

// expect waits for messages, in that order and no others.
func expect(want ...message) step {
	words := make([]string, len(want))
	for i, m := range want {
		words[i] = m.String()
	}
	return step{"expect " + strings.Join(words, ", "), func(s *session) error {
		for _, m := range want {
			if err := s.expect(m); err != nil {
				return err
			}
		}
		return nil
	}}
}

// expectPong waits for the pong with that payload.
func expectPong(payload string) step {
	m := message{op: codec.OpPong, data: []byte(payload)}
	return step{"expect " + m.String(), func(s *session) error { return s.expect(m) }}
}

func (s *session) expect(want message) error {
	got, err := s.next(s.timeout)
	if err != nil {
		return s.finding(want.String(), err)
	}
	if got.op != want.op || string(got.data) != string(want.data) {
		return failf("%v came in place of %v", said(got), want)
	}
	return nil
}

// said describes what the peer sent, a close frame with its code.
func said(m message) string {
	if m.op != codec.OpClose {
		return m.String()
	}
	code, reason, _ := codec.ParseClose(m.data)
	if reason == "" {
		return fmt.Sprintf("close %v", code)
	}
	return fmt.Sprintf("close %v %s", code, quote([]byte(reason)))
}

// alive sends a ping and waits for its pong: nothing else may come before it, and all
// that was sent has been read.
func alive() step {
	return step{"the connection still answers a ping, and sends nothing else", func(s *session) error {
		s.send(pingFrame("alive?"))
		return s.expect(message{op: codec.OpPong, data: []byte("alive?")})
	}}
}

// fails waits for the peer to fail the connection (§7.1.7): with a close frame that has
// one of codes, and then the end of TCP.
func fails(codes ...codec.CloseCode) step { return failsAfter(nil, codes...) }

// failsAfter is fails for a peer that may first deliver messages that were complete and
// right.
func failsAfter(right []message, codes ...codec.CloseCode) step {
	text := "the peer must fail the connection, with " + codeList(codes)
	if len(right) > 0 {
		text = fmt.Sprintf("the peer may echo %d right messages, then "+text, len(right))
	}
	return step{text, func(s *session) error {
		rest := right
		for {
			m, err := s.next(s.timeout)
			if err == nil && len(rest) > 0 && m.op == rest[0].op && string(m.data) == string(rest[0].data) {
				rest = rest[1:]
				continue
			}
			if len(rest) > 0 {
				s.softly("it did not deliver %v, which was complete and right", rest[0])
			}
			return s.failed(m, err, codes)
		}
	}}
}

// failed judges how the peer fails the connection, given what came next.
func (s *session) failed(m message, err error, codes []codec.CloseCode) error {
	switch {
	case errors.Is(err, errSilent):
		return failf("it left the connection open and said nothing for %v", s.timeout)
	case err != nil:
		if _, ok := errors.AsType[*codec.Violation](err); ok {
			return s.finding("a close frame", err)
		}
		s.softly("%s without a close frame, which §7.1.7 asks for", endText(err))
		return nil
	case m.op != codec.OpClose:
		return failf("it took it, and answered with %v", said(m))
	}
	code, _, _ := codec.ParseClose(m.data)
	if !slices.Contains(codes, code) {
		s.softly("it closed with %v, where %s is meant", code, codeList(codes))
	}
	return s.ends()
}

func codeList(codes []codec.CloseCode) string {
	words := make([]string, len(codes))
	for i, c := range codes {
		words[i] = fmt.Sprint(uint16(c))
	}
	return strings.Join(words, " or ")
}

// failsFast waits for the peer to fail the connection before the rest is sent. A peer
// that waits for the rest is not strict, but must fail the connection then.
func failsFast(rest []frame, codes ...codec.CloseCode) step {
	text := fmt.Sprintf("the peer should fail the connection at once with %s, and must after %s", codeList(codes), describe(rest))
	return step{text, func(s *session) error {
		m, err := s.next(min(patience, s.timeout))
		if errors.Is(err, errSilent) {
			s.softly("it waited for the rest of the message before it failed the connection")
			s.send(rest...)
			m, err = s.next(s.timeout)
		}
		return s.failed(m, err, codes)
	}}
}

// patience is how long a peer may take for what it should do at once.
const patience = 700 * time.Millisecond

// finish closes with 1000 and waits for the answer and the end of TCP.
func finish() step { return closing(codec.CloseNormal, "") }

// closing sends a close frame that is right, CloseNoStatus for an empty one, and waits
// for the answer and the end of TCP.
func closing(code codec.CloseCode, reason string) step {
	f := closeWith(code, reason)
	if code == codec.CloseNoStatus {
		f = closeFrame(nil)
	}
	return step{"send " + f.String() + "; the peer must answer with a close frame, and TCP ends", func(s *session) error {
		s.send(f)
		s.closing = true
		return s.answersClose(code)
	}}
}

// answersClose waits for the answer to our close frame.
func (s *session) answersClose(code codec.CloseCode) error {
	m, err := s.next(s.timeout)
	if err != nil {
		return s.finding("the answer to the close frame", err)
	}
	if m.op != codec.OpClose {
		return failf("%v came in place of the answer to the close frame", m)
	}
	got, _, _ := codec.ParseClose(m.data)
	switch {
	case got == code, code == codec.CloseNoStatus && got == codec.CloseNormal, code == codec.CloseNormal && got == codec.CloseNoStatus:
	default:
		s.note = fmt.Sprintf("it answered %v with %v; an endpoint typically echoes the code (§5.5.1)", code, got)
	}
	return s.ends()
}

// ends waits for the end of TCP after the peer's close frame. It is the server that
// closes TCP first (§7.1.1).
func (s *session) ends() error {
	if !s.closing {
		s.send(closeFrame(nil))
		s.closing = true
	}
	if s.role == codec.RoleServer {
		return nil
	}
	_, err := s.next(s.timeout)
	switch {
	case err == nil:
		return failf("it went on after its close frame")
	case errors.Is(err, errSilent):
		s.softly("it left TCP open for %v after the closing handshake; a server closes it at once (§7.1.1)", s.timeout)
		return nil
	}
	if _, ok := errors.AsType[*codec.Violation](err); ok {
		return s.finding("the end of TCP", err)
	}
	return nil
}
