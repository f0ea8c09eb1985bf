package conform

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"wskit/codec"
)

// A failing is how a peer may fail the connection (§7.1.7): with a close frame that has
// one of the codes, and then the end of TCP.
type failing struct {
	codes []codec.CloseCode
	// right are messages and pongs that may come before: they answer what was right.
	right []message
	// anyhow says that no rule asks for the close frame and its code, as §5.1 does
	// not for a frame that is wrongly masked.
	anyhow bool
	// undefined says that the peer was sent a close code that is not defined, and that
	// no rule forbids in so many words. To send it back is not strict.
	undefined bool
}

// fails waits for the peer to fail the connection. Another code, or none, is not strict.
func fails(codes ...codec.CloseCode) step { return failing{codes: codes}.step() }

// failsAfter is fails for a peer that first answers what was complete and right. It may
// also drop those answers, which no rule forbids when the connection is to be failed.
func failsAfter(right []message, codes ...codec.CloseCode) step {
	return failing{codes: codes, right: right}.step()
}

// dropsAfter is failsAfter for what need not be answered with a close frame.
func dropsAfter(right []message, codes ...codec.CloseCode) step {
	return failing{codes: codes, right: right, anyhow: true}.step()
}

// failsUndefined waits for the peer to refuse a close frame with that code, which is not to
// be sent. What §7.4.1 says of 1005, 1006 and 1015 is that they must not be.
func failsUndefined(code codec.CloseCode) step {
	never := code == codec.CloseNoStatus || code == codec.CloseAbnormal || code == codec.CloseTLSHandshake
	return failing{codes: []codec.CloseCode{codec.CloseProtocolError}, undefined: !never}.step()
}

func (f failing) step() step {
	text := "the peer must fail the connection, with " + codeList(f.codes)
	if f.anyhow {
		text = "the peer must close the connection, best with " + codeList(f.codes)
	}
	if len(f.right) > 0 {
		text = "the peer answers " + list(f.right) + "; then " + text
	}
	return step{text, func(s *session) error {
		w := awaited{f.right}
		for {
			m, err := s.next(s.timeout)
			if err == nil && w.take(m) {
				continue
			}
			if !w.done() {
				s.noted("it failed the connection before it answered %v, which was complete and right", w.first())
			}
			return f.judge(s, m, err)
		}
	}}
}

// judge judges how the peer fails the connection, given what came next.
func (f failing) judge(s *session, m message, err error) error {
	if f.undefined && errors.Is(err, codec.ErrInvalidCloseCode) {
		s.softly("it answered with a close code that is not defined either, where %s is meant", codeList(f.codes))
		return nil
	}
	if isRuling(err) {
		return s.finding("a close frame", err)
	}
	switch {
	case errors.Is(err, errSilent):
		return failf("it left the connection open and said nothing for %v", s.timeout)
	case err != nil:
		if !f.anyhow {
			s.softly("%s without a close frame, which §7.1.7 asks for", endText(err))
		}
		return nil
	case m.op != codec.OpClose:
		return failf("it took it, and answered with %v", said(m))
	}
	code, _, _ := codec.ParseClose(m.data)
	switch {
	case slices.Contains(f.codes, code):
	case f.anyhow:
		s.noted("its close frame has %s, where %s is what may be sent", codeText(code), codeList(f.codes))
	default:
		s.softly("its close frame has %s, where %s is meant", codeText(code), codeList(f.codes))
	}
	return s.ends()
}

// codeText names a code as it stands in a close frame.
func codeText(code codec.CloseCode) string {
	if code == codec.CloseNoStatus {
		return "no code"
	}
	return fmt.Sprintf("the code %v", code)
}

func codeList(codes []codec.CloseCode) string {
	words := make([]string, len(codes))
	for i, c := range codes {
		words[i] = fmt.Sprint(uint16(c))
	}
	return strings.Join(words, " or ")
}

// failsFast waits for the peer to fail the connection before the rest is sent: what
// sendPart has left, and then these frames. A peer that waits for the rest is not
// strict, but must fail the connection then. If there is no rest, the case ends there.
func failsFast(rest []frame, codes ...codec.CloseCode) step {
	text := fmt.Sprintf("the peer should fail the connection at once, with %s", codeList(codes))
	if len(rest) > 0 {
		text += ", and must after " + describe(rest)
	}
	return step{text, func(s *session) error {
		m, err := s.next(min(patience, s.timeout))
		if errors.Is(err, errSilent) {
			s.softly("it waited for the rest before it failed the connection")
			if len(s.unsent)+len(rest) == 0 {
				return nil
			}
			s.sendRest(rest)
			m, err = s.next(s.timeout)
		}
		return failing{codes: codes}.judge(s, m, err)
	}}
}

// shouldFail waits for the peer to fail the connection. The rule binds the sender, and a
// peer that takes what was sent and gives the answer is not strict; the case then ends
// with the closing handshake, unless that was the answer.
func shouldFail(answer message, codes ...codec.CloseCode) step {
	text := fmt.Sprintf("the peer should fail the connection, with %s; to take it and answer %v is not strict", codeList(codes), answer)
	return step{text, func(s *session) error {
		m, err := s.next(s.timeout)
		if err != nil || !m.equal(answer) {
			return failing{codes: codes}.judge(s, m, err)
		}
		s.softly("it took what a sender must not send; incoming data is to be validated (§10.7)")
		if m.op == codec.OpClose {
			return s.ends()
		}
		return finish().run(s)
	}}
}
