package conform

import (
	"fmt"
	"slices"
	"time"
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

// cut sends a frame in two writes, the first of them n bytes long, with a moment in between
// that lets the peer read the first alone.
func cut(n int, f frame) step {
	return step{fmt.Sprintf("send %d B, and after a moment the rest, of %v", n, f), func(s *session) error {
		s.cut(n, f)
		return nil
	}}
}

func (s *session) cut(n int, f frame) {
	b := s.encode([]frame{f})
	s.write(b[:n])
	time.Sleep(moment)
	s.write(b[n:])
}

// moment is long enough for the peer to read what was sent, if it can.
const moment = 2 * time.Millisecond

// cutEach sends a frame again and again, in two writes that are cut after each byte of its
// header and of the first n bytes of its payload in turn, and waits for the answer to each.
func cutEach(n int, f frame, answer message) step {
	where := "its header"
	if n > 0 {
		where += fmt.Sprintf(" and the first %d B of its payload", n)
	}
	text := fmt.Sprintf("send %v again and again, cut after each byte of %s in turn; expect %v each time", f, where, answer)
	return step{text, func(s *session) error {
		last := len(s.encode([]frame{f})) - len(f.payload) + n
		for n := range last {
			s.cut(n+1, f)
			if err := s.expect(answer); err != nil {
				return failf("cut after byte %d: %v", n+1, err)
			}
		}
		return nil
	}}
}

// sendPart sends frames in one write, of the last of them no more than its header and the
// first n bytes of its payload. What is left is for sendRest or failsFast.
func sendPart(n int, frames ...frame) step {
	last := frames[len(frames)-1]
	text := fmt.Sprintf("the header and the first %d B of: %v", n, last)
	if len(frames) > 1 {
		text = describe(frames[:len(frames)-1]) + "; " + text
	}
	return step{"send " + text, func(s *session) error {
		b := s.encode(frames)
		end := len(b) - len(last.payload) + n
		s.unsent = b[end:]
		s.write(b[:end])
		return nil
	}}
}

// sendRest sends after a moment what sendPart has left, if anything, and then frames, in
// one write.
func sendRest(frames ...frame) step {
	text := "after a moment send the rest"
	if len(frames) > 0 {
		text += "; " + describe(frames)
	}
	return step{text, func(s *session) error {
		time.Sleep(moment)
		s.sendRest(frames)
		return nil
	}}
}

func (s *session) sendRest(frames []frame) {
	s.write(append(s.unsent, s.encode(frames)...))
	s.unsent = nil
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
		s.ended = true
		return nil
	}}
}
