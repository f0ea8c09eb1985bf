package conform

import (
	"bytes"
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
func pongMessage(s string) message   { return message{op: codec.OpPong, data: []byte(s)} }

// closeMessage is a close frame with no more than a code.
func closeMessage(code codec.CloseCode) message {
	return message{op: codec.OpClose, data: codec.AppendClose(nil, code, "")}
}

// equal reports whether both say the same, compressed or not.
func (m message) equal(other message) bool {
	return m.op == other.op && bytes.Equal(m.data, other.data)
}

func (m message) String() string {
	s := fmt.Sprintf("%v of %d B", m.op, len(m.data))
	if len(m.data) > 0 && len(m.data) <= 2*shortPayload {
		s += " " + quote(m.data)
	}
	return s
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

// maxInflated is the most that a message may inflate to: more than any case sends.
const maxInflated = 128 << 20

// next returns the next message, close frame, or pong for a ping of ours, and answers the
// peer's pings. The error is errSilent, a *codec.Violation of the peer's or a *finding
// about it, or what ended the connection.
func (s *session) next(limit time.Duration) (message, error) {
	deadline := time.Now().Add(limit)
	for {
		c, err := s.chunk(time.Until(deadline))
		if err != nil {
			return message{}, err
		}
		if m := (message{op: c.Opcode, data: c.Data}); c.Opcode.Control() {
			if s.wanted(m) {
				return m, nil
			}
		} else if m, ok, err := s.gather(&c); ok || err != nil {
			return m, err
		}
		if time.Now().After(deadline) {
			return message{}, errSilent // for all that has come, it was not what counts
		}
	}
}

// gather adds a chunk to the message that it belongs to. It reports whether that is now
// complete, and none of those to be passed over.
func (s *session) gather(c *codec.Chunk) (m message, ok bool, err error) {
	if c.First {
		s.partial = message{op: c.Opcode, compressed: c.Compressed}
	}
	s.partial.data = append(s.partial.data, c.Data...)
	if !c.Last {
		return m, false, nil
	}
	m, s.partial = s.partial, message{}
	m.wire = len(m.data)
	if m.compressed {
		if m.data, err = s.inflate(m.data); err != nil {
			return m, false, err
		}
		if m.op == codec.OpText && !validUTF8(m.data) {
			return m, false, codec.ErrInvalidUTF8
		}
	}
	if s.skip > 0 {
		s.skip--
		return m, false, nil
	}
	return m, true, nil
}

// wanted reports whether a control frame of the peer's is for the case to judge. It
// answers pings, unless we are in the middle of a frame or have closed, and passes over
// pongs that no ping of ours has asked for: they may come at any time (§5.5.3), though not
// as the answer to one of ours.
func (s *session) wanted(m message) bool {
	switch {
	case m.op == codec.OpPing:
		if !s.closing && len(s.unsent) == 0 {
			s.send(pongFrame(string(m.data)))
		}
		return false
	case m.op == codec.OpPong && s.pongs[string(m.data)] && !s.pings[string(m.data)]:
		s.softly("it answered a pong with a pong of the same payload, where no response is expected (§5.5.3)")
		return false
	case m.op == codec.OpPong && !s.pings[string(m.data)]:
		s.noted("it sent a pong of %d B that no ping had asked for, which it may (§5.5.3)", len(m.data))
		return false
	}
	return true
}

// inflate inflates a message of the peer, which must keep within the window that was
// agreed.
func (s *session) inflate(compressed []byte) ([]byte, error) {
	plain, err := s.inflater.Append(nil, s.window, compressed, maxInflated)
	if err != nil {
		return nil, err
	}
	bits := s.opening.agreed.Deflate.WindowBits(s.role.Peer())
	if bits == codec.MaxWindowBits {
		return plain, nil // it cannot refer further back
	}
	if n := farthest(compressed); n > 1<<bits {
		return nil, failf("it compressed a message that refers %d B back, where a window of %d B was agreed (RFC 7692 §7.1.2)", n, 1<<bits)
	}
	return plain, nil
}

func validUTF8(b []byte) bool {
	var u codec.UTF8
	return u.Write(b) && u.Complete()
}

// chunk returns the next piece of a message. Its data is a copy.
func (s *session) chunk(limit time.Duration) (c codec.Chunk, err error) {
	var broken error
	wait := s.in.await(max(limit, 0), func(b []byte) (taken int, enough bool) {
		for {
			s.noteKey(b[taken:])
			n, ok, err := s.receiver.Next(b[taken:], &c)
			taken += n
			switch {
			case err != nil:
				broken = err
				return taken, true
			case ok:
				c.Data = bytes.Clone(c.Data)
				return taken, true
			case n == 0:
				return taken, false
			}
		}
	})
	if broken != nil {
		return c, broken
	}
	return c, wait
}

// maxKeys is how many masking keys are kept.
const maxKeys = 64

// noteKey keeps the masking key of the frame that b begins with, if one begins there.
func (s *session) noteKey(b []byte) {
	if s.receiver.Decoder.Inside() || len(s.keys) == maxKeys {
		return
	}
	if h, n, _ := codec.ParseHeader(b); n > 0 && h.Masked {
		s.keys = append(s.keys, h.Key)
	}
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

// isRuling reports whether err says that the peer broke a rule, and not that the
// connection ended.
func isRuling(err error) bool {
	_, violation := errors.AsType[*codec.Violation](err)
	_, found := errors.AsType[*finding](err)
	return violation || found
}

// finding makes a finding of whatever err is, when want did not come.
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
