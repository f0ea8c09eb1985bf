package conform

import (
	"errors"
	"fmt"
	"time"

	"wskit/codec"
)

// A message is a message or a control frame.
type message struct {
	op   codec.Opcode
	data []byte
	// compressed says that it came compressed, and wire how long it was then.
	compressed bool
	wire       int
}

func textMessage(s string) message   { return message{op: codec.OpText, data: []byte(s)} }
func binaryMessage(b []byte) message { return message{op: codec.OpBinary, data: b} }

func (m message) String() string {
	s := fmt.Sprintf("%v of %d B", m.op, len(m.data))
	if len(m.data) > 0 && len(m.data) <= 2*shortPayload {
		s += " " + quote(m.data)
	}
	return s
}

// maxInflated is the most that a message may inflate to.
const maxInflated = 64 << 20

// next returns the next message, pong or close frame of the peer, and answers its
// pings. The error is errSilent, a *codec.Violation of the peer's, or what ended the
// connection.
func (s *session) next(limit time.Duration) (message, error) {
	deadline := time.Now().Add(limit)
	var m message
	for {
		c, err := s.chunk(time.Until(deadline))
		if err != nil {
			return m, err
		}
		if c.Opcode.Control() {
			if c.Opcode == codec.OpPing {
				if !s.closing {
					s.send(pongFrame(string(c.Data)))
				}
				continue
			}
			return message{op: c.Opcode, data: c.Data}, nil
		}
		if c.First {
			m = message{op: c.Opcode, compressed: c.Compressed}
		}
		m.data = append(m.data, c.Data...)
		m.wire = len(m.data)
		if !c.Last {
			continue
		}
		if m.compressed {
			if m.data, err = s.inflater.Append(nil, s.window, m.data, maxInflated); err != nil {
				return m, err
			}
			if m.op == codec.OpText && !validUTF8(m.data) {
				return m, codec.ErrInvalidUTF8
			}
		}
		if s.skip > 0 {
			s.skip--
			continue
		}
		return m, nil
	}
}

func validUTF8(b []byte) bool {
	var u codec.UTF8
	return u.Write(b) && u.Complete()
}

// chunk returns the next piece of a message. Its data is a copy.
func (s *session) chunk(limit time.Duration) (c codec.Chunk, err error) {
	var broken error
	wait := s.in.await(max(limit, 0), func(b []byte) bool {
		for {
			// What is decoded is unmasked in place, if it was masked against the rules.
			n, ok, err := s.receiver.Next(b, &c)
			if ok {
				c.Data = append([]byte(nil), c.Data...)
			}
			s.in.take(n)
			b = b[n:]
			if err != nil {
				broken = err
				return true
			}
			if ok {
				return true
			}
			if n == 0 {
				return false
			}
		}
	})
	if broken != nil {
		return c, broken
	}
	return c, wait
}

// A finding ends a case.
type finding struct {
	verdict Verdict
	text    string
}

func (f *finding) Error() string { return f.text }

func failf(format string, args ...any) error {
	return &finding{Fail, fmt.Sprintf(format, args...)}
}

// verdictOf makes a finding of whatever err is, when want did not come.
func (s *session) finding(want string, err error) error {
	if f, ok := errors.AsType[*finding](err); ok {
		return f
	}
	if v, ok := errors.AsType[*codec.Violation](err); ok {
		return failf("the peer itself broke a rule: %s (%s)", v.Reason, v.Section)
	}
	if errors.Is(err, errSilent) {
		return failf("%s did not come within %v", want, s.timeout)
	}
	return failf("%s did not come: %s", want, endText(err))
}
