package conform

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"wskit/codec"
)

// responseTo is the response that accepts what a client asked for, with an extension
// unless that is "".
func responseTo(o *opening, extension string) head {
	h := head{
		start: "HTTP/1.1 101 Switching Protocols",
		fields: []codec.Field{
			{Name: "Upgrade", Value: "websocket"},
			{Name: "Connection", Value: "Upgrade"},
			{Name: "Sec-WebSocket-Accept", Value: codec.AcceptKey(o.asked.Key)},
		},
		end: "\r\n",
	}
	if extension != "" {
		h.add("Sec-WebSocket-Extensions", extension)
	}
	return h
}

// accept sends the response that a case begins with. A client that the case is not for
// gets a connection that ends well.
func (s *session) accept(c *Case) error {
	answer, agreed, err := s.agree(c.answer)
	if err != nil {
		s.write(responseTo(&s.opening, "").bytes())
		finish().run(s)
		return err
	}
	s.write(responseTo(&s.opening, answer).bytes())
	s.established(codec.Agreement{Deflate: agreed})
	return nil
}

// agree checks that the client offered what the case answers, which may be "", and returns
// what to answer: to permessage-deflate without parameters come those that the client
// insists on.
func (s *session) agree(answer string) (string, *codec.Deflate, error) {
	if answer == "" {
		return "", nil, nil
	}
	if !s.offered() {
		return "", nil, &finding{Skipped, "the client did not offer " + codec.DeflateName}
	}
	if answer == codec.DeflateName {
		if d, e, ok := codec.AcceptDeflate(codec.DeflateConfig{}, s.opening.asked.Extensions); ok {
			return string(codec.AppendExtensions(nil, []codec.Extension{e})), d, nil
		}
	}
	agreed, err := codec.ParseExtensions([]string{answer})
	if err == nil {
		var d *codec.Deflate
		if d, err = codec.CheckDeflate(s.opening.asked.Extensions, agreed); err == nil {
			return answer, d, nil
		}
	}
	return "", nil, &finding{Skipped, "the client's offer does not allow " + answer}
}

// offered reports whether the client offered permessage-deflate.
func (s *session) offered() bool {
	return slices.ContainsFunc(s.opening.asked.Extensions, func(e codec.Extension) bool { return e.Name == codec.DeflateName })
}

// answer sends the response of the opening handshake, changed by change, which may be
// nil. The text says how: "without Upgrade".
func answer(text string, change func(*head)) step {
	return step{strings.TrimSpace("answer with a 101 " + text), func(s *session) error {
		s.write(s.answering(change))
		return nil
	}}
}

// answering returns the response that change makes.
func (s *session) answering(change func(*head)) []byte {
	h := responseTo(&s.opening, "")
	if change != nil {
		change(&h)
	}
	return h.bytes()
}

// answerInPieces sends the response in pieces of size bytes, each in a write of its own.
func answerInPieces(size int) step {
	return step{fmt.Sprintf("answer with a 101 in pieces of %d B", size), func(s *session) error {
		for piece := range slices.Chunk(s.answering(nil), size) {
			s.write(piece)
		}
		return nil
	}}
}

// answerCut sends the response in two writes with a moment in between. The first ends
// back bytes before the end of the response.
func answerCut(text string, back int) step {
	return step{"answer with a 101 cut " + text + ", and the rest after a moment", func(s *session) error {
		b := s.answering(nil)
		n := len(b) - back
		s.write(b[:n])
		time.Sleep(moment)
		s.write(b[n:])
		return nil
	}}
}

// answerAnd sends the response and frames in one write.
func answerAnd(frames ...frame) step {
	return step{"answer with a 101 and, right behind it, " + describe(frames), func(s *session) error {
		s.write(append(s.answering(nil), s.encode(frames)...))
		return nil
	}}
}

// givesUp waits for the client to fail the connection, for what was answered.
func givesUp() step { return givesUpOr(Fail) }

// hesitation is how long a client that has given up may take to close the connection before
// our side ends it.
const hesitation = 150 * time.Millisecond

// givesUpOr is givesUp, with that verdict on a client that accepts. A client that waits
// for the end of TCP, or for a body, gets that end after a while.
func givesUpOr(accepted Verdict) step {
	text := "the client must give the connection up"
	if accepted != Fail {
		text = "the client should give the connection up"
	}
	return step{text + ": no message of ours is echoed", func(s *session) error {
		s.send(textFrame(whetherAccepted))
		err := s.stays(min(hesitation, s.timeout))
		if errors.Is(err, errSilent) {
			s.remark = "it left the connection open until our side ended"
			endWriting().run(s)
			err = s.stays(s.timeout)
		}
		switch {
		case err == nil:
			return nil
		case errors.Is(err, errSilent):
			return failf("it left the connection open for %v", s.timeout)
		}
		return &finding{accepted, err.Error()}
	}}
}

// declined waits for the client to take a response that is not a 101 for what it is: one
// of HTTP, on a connection that ends with it. To leave that open is not strict.
func declined() step {
	return step{"the client must not take the connection for one of WebSocket: no message of ours is echoed", func(s *session) error {
		s.send(textFrame(whetherAccepted))
		endWriting().run(s)
		err := s.stays(s.timeout)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, errSilent):
			s.softly("it left the connection open for %v after our side had ended", s.timeout)
			return nil
		}
		return &finding{Fail, err.Error()}
	}}
}

// stillborn waits for the client to end a connection that has ended without a response.
func stillborn() step {
	return step{"the client must give the connection up, and has sent nothing", func(s *session) error {
		if err := s.stays(s.timeout); err != nil {
			return s.finding("the end of TCP", err)
		}
		return nil
	}}
}

// whetherAccepted is sent to a client that is to have given up.
const whetherAccepted = "did you accept this?"

// stays waits for the end of the connection. The error says what a client did that has
// not given up.
func (s *session) stays(limit time.Duration) error {
	m, err := s.next(limit)
	if v, ok := errors.AsType[*codec.Violation](err); ok {
		return failf("it accepted, and then broke a rule: %s (%s)", v.Reason, v.Section)
	}
	switch {
	case isRuling(err):
		return s.finding("the end of TCP", err)
	case errors.Is(err, errSilent):
		return err
	case err == nil && m.op == codec.OpClose:
		return failf("it accepted: it sent a close frame")
	case err == nil:
		return failf("it accepted, and answered with %v", said(m))
	}
	return nil
}

// mayGiveUp waits for the echo of a message. A client that has given up gets that
// verdict.
func mayGiveUp(verdict Verdict) step {
	text := "the client should accept, and echo a message"
	if verdict != NonStrict {
		text = "the client may accept, and echo a message, or give the connection up"
	}
	return step{text, func(s *session) error {
		s.send(textFrame("accepted"))
		m, err := s.next(s.timeout)
		switch {
		case err == nil && m.equal(textMessage("accepted")):
			s.remark = "it accepted"
			return finish().run(s)
		case err == nil:
			return failf("%v came in place of %v", said(m), textMessage("accepted"))
		case errors.Is(err, errSilent) && verdict == Pass:
			return &finding{Informational, fmt.Sprintf("it neither accepted nor gave the connection up for %v", s.timeout)}
		case isRuling(err), errors.Is(err, errSilent):
			return s.finding("the echo", err)
		}
		return &finding{verdict, "it gave the connection up"}
	}}
}
