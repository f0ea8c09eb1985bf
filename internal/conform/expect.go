package conform

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"wskit/codec"
)

// expect waits for messages and pongs. The messages come in that order, and no others
// do. Pongs may come before, between and after them; of several of them only the last
// must come: an endpoint may answer just the latest ping (§5.5.3).
func expect(want ...message) step {
	return step{"expect " + list(want), func(s *session) error { return s.expect(want...) }}
}

// expectPong waits for the pong with that payload.
func expectPong(payload string) step { return expect(pongMessage(payload)) }

func (s *session) expect(want ...message) error {
	w := awaited{want}
	deadline := time.Now().Add(s.timeout)
	for !w.done() {
		m, err := s.next(time.Until(deadline))
		switch {
		case err != nil:
			return s.finding(w.first().String(), err)
		case w.take(m):
			deadline = time.Now().Add(s.timeout)
		case m.op == codec.OpPong:
			s.noted("%v came a second time, or after that for a later ping, which no rule forbids", m)
		default:
			return failf("%s in place of %v", differing(m, w.first()), w.first())
		}
	}
	return nil
}

// An awaited is what is to come of messages and pongs.
type awaited struct{ rest []message }

func (w *awaited) done() bool { return len(w.rest) == 0 }

// first is what is named when it does not come: a message before a pong.
func (w *awaited) first() message {
	for _, m := range w.rest {
		if m.op != codec.OpPong {
			return m
		}
	}
	return w.rest[len(w.rest)-1]
}

// take reports whether m was awaited now. It then no longer is, and neither are, for a
// pong, the pongs before it.
func (w *awaited) take(m message) bool {
	pong := m.op == codec.OpPong
	at := slices.IndexFunc(w.rest, func(r message) bool {
		return m.equal(r) || !pong && r.op != codec.OpPong
	})
	if at < 0 || !m.equal(w.rest[at]) {
		return false
	}
	var rest []message
	for i, r := range w.rest {
		if i > at || i < at && (r.op == codec.OpPong) != pong {
			rest = append(rest, r)
		}
	}
	w.rest = rest
	return true
}

// differing says what came, and where it leaves what was awaited if both are of a kind.
func differing(got, want message) string {
	words := said(got) + " came"
	if got.op != want.op || len(got.data) <= shortPayload && len(want.data) <= shortPayload {
		return words
	}
	n := 0
	for n < min(len(got.data), len(want.data)) && got.data[n] == want.data[n] {
		n++
	}
	return fmt.Sprintf("%s, which differs from byte %d on,", words, n)
}

// list names messages, the first and the last when there are many.
func list(messages []message) string { return enumerate(messages, ", ") }

// alive sends a ping and waits for its pong: no message may come before it, so that all
// that was sent has been read and was answered with silence.
func alive() step {
	return step{"the connection still answers a ping, and sends nothing else", func(s *session) error {
		s.send(pingFrame("alive?"))
		return s.expect(pongMessage("alive?"))
	}}
}

// soon waits for the answer to what was sent while a message is not complete, and then
// sends the rest of that message. A peer that waits for the rest first is not strict.
func soon(answer message, rest ...frame) step {
	text := fmt.Sprintf("expect %v at once, before sending %s", answer, describe(rest))
	return step{text, func(s *session) error {
		m, err := s.next(min(patience, s.timeout))
		switch {
		case err == nil && m.equal(answer):
			s.send(rest...)
			return nil
		case err == nil:
			return failf("%s in place of %v", differing(m, answer), answer)
		case !errors.Is(err, errSilent):
			return s.finding(answer.String(), err)
		}
		s.softly("%v did not come before the message was complete; it should as soon as is practical (§5.5.2)", answer)
		s.send(rest...)
		return s.expect(answer)
	}}
}

// patience is how long a peer may take for what it should do at once.
const patience = time.Second
