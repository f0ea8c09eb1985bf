package conform

import (
	"errors"
	"slices"
	"strings"

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
		h := responseTo(&s.opening, "")
		if change != nil {
			change(&h)
		}
		s.write(h.bytes())
		return nil
	}}
}

// givesUp waits for the client to fail the connection, for what was answered.
func givesUp() step {
	return step{"the client must give the connection up: no message of ours is echoed", func(s *session) error {
		s.send(textFrame("did you accept this?"))
		m, err := s.next(s.timeout)
		switch {
		case err == nil && m.op == codec.OpClose:
			s.softly("it sent a close frame, as if the connection had been established")
			return nil
		case err == nil:
			return failf("it accepted, and answered with %v", m)
		case errors.Is(err, errSilent):
			return failf("it left the connection open for %v", s.timeout)
		}
		if _, ok := errors.AsType[*codec.Violation](err); ok {
			return failf("it accepted, and sent what breaks a rule: %v", err)
		}
		return nil
	}}
}

// goesOn waits for the echo of a message: the client accepted.
func goesOn() step {
	return step{"the client must accept: a message of ours is echoed", func(s *session) error {
		s.send(textFrame("accepted"))
		return s.expect(textMessage("accepted"))
	}}
}
