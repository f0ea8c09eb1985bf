package conform

import (
	"fmt"
	"slices"
	"time"

	"wskit/codec"
)

// A step is one thing that a case does, or waits for. Its text says what, and of what
// it waits for, what is allowed. Run returns a finding when the case ends there.
type step struct {
	text string
	run  func(*session) error
}

// custom is any step that the others are not.
func custom(text string, run func(*session) error) step { return step{text, run} }

// send sends frames in one write.
func send(frames ...frame) step {
	return step{"send " + describe(frames), func(s *session) error {
		s.send(frames...)
		return nil
	}}
}

// sendBytes sends bytes that are no frames.
func sendBytes(text string, b []byte) step {
	return step{"send " + text, func(s *session) error {
		s.write(b)
		return nil
	}}
}

// chop sends frames in pieces of size bytes, each in a write of its own.
func chop(size int, frames ...frame) step {
	text := fmt.Sprintf("send in pieces of %d B: %s", size, describe(frames))
	return step{text, func(s *session) error {
		for piece := range slices.Chunk(s.encode(frames), size) {
			s.write(piece)
		}
		return nil
	}}
}

// cut sends frames in two writes, the first of them n bytes long, with a moment in
// between that lets the peer read the first alone.
func cut(n int, frames ...frame) step {
	text := fmt.Sprintf("send %d B, and after a moment the rest, of %s", n, describe(frames))
	return step{text, func(s *session) error {
		s.cut(n, frames)
		return nil
	}}
}

func (s *session) cut(n int, frames []frame) {
	b := s.encode(frames)
	n = min(n, len(b))
	s.write(b[:n])
	time.Sleep(moment)
	s.write(b[n:])
}

// cutEach sends a frame again and again, cut after each of its bytes from the first to
// the last-th, and waits for the answer to each.
func cutEach(last int, f frame, answer message) step {
	text := fmt.Sprintf("send %v in two pieces, cut after byte 1 to %d in turn; expect %v each time", f, last, answer)
	return step{text, func(s *session) error {
		for n := range last {
			s.cut(n+1, []frame{f})
			if err := s.expect(answer); err != nil {
				return failf("cut after byte %d: %v", n+1, err)
			}
		}
		return nil
	}}
}

// moment is long enough for the peer to read what was sent, if it can.
const moment = 2 * time.Millisecond

// sendPart sends the header of a frame and the first n bytes of its payload. The rest is
// left for the step behind it, which is failsFast.
func sendPart(n int, f frame) step {
	return step{fmt.Sprintf("send the header and the first %d B of %v", n, f), func(s *session) error {
		b := s.encode([]frame{f})
		n := len(b) - len(f.payload) + n
		s.unsent = b[n:]
		s.write(b[:n])
		return nil
	}}
}

// endWriting ends our direction of TCP. The other stays open.
func endWriting() step {
	return step{"end our direction of TCP", func(s *session) error {
		nc, ok := s.nc.(interface{ CloseWrite() error })
		if !ok {
			return &finding{Skipped, "this kind of connection cannot end one direction alone"}
		}
		if err := nc.CloseWrite(); err != nil && s.writeErr == nil {
			s.writeErr = err
		}
		s.rec.fin(s.role)
		return nil
	}}
}

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
		case err != errSilent:
			return s.finding(answer.String(), err)
		}
		s.softly("%v did not come before the message was complete; it should as soon as is practical (§5.5.2)", answer)
		s.send(rest...)
		return s.expect(answer)
	}}
}

// patience is how long a peer may take for what it should do at once.
const patience = 700 * time.Millisecond
