package conform

import (
	"errors"
	"time"

	"wskit/codec"
)

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
		return s.closed(code)
	}}
}

// closed waits for the answer to a close frame that was sent, with that code, and the
// end of TCP. Before, the peer may answer what was sent before the close frame: messages,
// which it may also drop, for the connection is no longer open (§6.1), and pongs.
func closed(code codec.CloseCode, before ...message) step {
	text := "the peer must answer with a close frame, and TCP ends"
	if len(before) > 0 {
		text = "the peer answers " + list(before) + "; then " + text
	}
	return step{text, func(s *session) error { return s.closed(code, before...) }}
}

func (s *session) closed(code codec.CloseCode, before ...message) error {
	s.closing = true
	w := awaited{before}
	deadline := time.Now().Add(s.timeout)
	for {
		m, err := s.next(time.Until(deadline))
		switch {
		case err != nil && s.ended && !isRuling(err) && !errors.Is(err, errSilent):
			s.softly("%s without an answer to the close frame, which could still have been read", endText(err))
			return nil
		case err != nil:
			return s.finding("the answer to the close frame", err)
		case w.take(m):
			deadline = time.Now().Add(s.timeout)
			continue
		case m.op == codec.OpPong:
			continue
		case m.op != codec.OpClose:
			return failf("%v came in place of the answer to the close frame", said(m))
		}
		if !w.done() {
			s.noted("it closed before it answered %v, which came before the close frame", w.first())
		}
		s.judgeAnswer(code, m)
		return s.ends()
	}
}

// judgeAnswer judges the answer to a close frame with code, which was right.
func (s *session) judgeAnswer(code codec.CloseCode, m message) {
	got, _, _ := codec.ParseClose(m.data)
	nothing := func(c codec.CloseCode) bool { return c == codec.CloseNoStatus || c == codec.CloseNormal }
	switch {
	case got == code, nothing(got) && nothing(code):
	case got == codec.CloseProtocolError && !arguable(code, s.role):
		s.softly("it answered %s, which is right, with 1002: that is for what breaks a rule (§7.4.1)", codeText(code))
	default:
		s.noted("it answered %s with %s; an endpoint typically echoes it (§5.5.1)", codeText(code), codeText(got))
	}
}

// arguable reports whether a peer may say that role must not send c: the codes that IANA
// has registered since RFC 6455, which had reserved them, and those that §7.4.1 has for
// the other role alone.
func arguable(c codec.CloseCode, role codec.Role) bool {
	switch c {
	case codec.CloseMandatoryExtension:
		return role == codec.RoleServer
	case codec.CloseInternalError:
		return role == codec.RoleClient
	}
	return c >= codec.CloseServiceRestart && c <= codec.CloseBadGateway
}

// ends waits for the end of TCP after the peer's close frame. It is the server that
// closes TCP first, and at once (§5.5.1, §7.1.1).
func (s *session) ends() error {
	if !s.closing {
		s.send(closeFrame(nil))
		s.closing = true
	}
	if s.role == codec.RoleServer {
		return nil
	}
	deadline := time.Now().Add(s.timeout)
	for {
		m, err := s.next(time.Until(deadline))
		if isRuling(err) {
			return s.finding("the end of TCP", err)
		}
		switch {
		case errors.Is(err, errSilent):
			return failf("it left TCP open for %v after the closing handshake; a server closes it at once (§5.5.1)", s.timeout)
		case err != nil:
			return nil
		case m.op == codec.OpClose:
			s.softly("it sent a second close frame")
		}
	}
}

// serverDelay is how long a server may take to end TCP before its client does.
const serverDelay = 100 * time.Millisecond

// waitsForServer waits for the answer to a close frame, and then for a client that ends TCP
// although its server is about to.
func (s *session) waitsForServer() error {
	if err := s.closed(codec.CloseNormal); err != nil {
		return err
	}
	_, err := s.next(serverDelay)
	if isRuling(err) {
		return s.finding("the end of TCP", err)
	}
	if err != nil && !errors.Is(err, errSilent) {
		s.softly("it ended TCP itself, at once after the closing handshake")
	}
	return nil
}

// endsAfterFIN waits for the peer to end its side of a connection whose other side has
// ended without a close frame, and before that for answers to what came before, which it
// may drop.
func endsAfterFIN(before ...message) step {
	text := "the peer ends the connection"
	if len(before) > 0 {
		text = "the peer may answer " + list(before) + "; then " + text
	}
	return step{text, func(s *session) error {
		s.closing = true
		w := awaited{before}
		deadline := time.Now().Add(s.timeout)
		for {
			m, err := s.next(time.Until(deadline))
			if isRuling(err) {
				return s.finding("the end of TCP", err)
			}
			switch {
			case errors.Is(err, errSilent):
				s.noted("it left its side of TCP open for %v after ours had ended without a close frame", s.timeout)
				return nil
			case err != nil:
				return nil
			case w.take(m), m.op == codec.OpPong, m.op == codec.OpClose:
			default:
				return failf("%v came in place of the end of TCP", said(m))
			}
		}
	}}
}
