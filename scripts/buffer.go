package scripts

import (
	"slices"

	"wskit/codec"
)

// complete reports whether the buffer begins with a whole message.
func (s *socket) complete() bool {
	return len(s.buffer) > 0 && (!s.buffer[0].in.frame || slices.ContainsFunc(s.buffer, func(m *message) bool { return m.in.fin }))
}

// pop takes the oldest message or frame out of the buffer.
func (s *socket) pop() *message {
	m := s.buffer[0]
	s.buffer[0] = nil
	s.buffer = s.buffer[1:]
	s.had(m.in.size(), 1)
	s.heard = true
	return m
}

// takeFrame takes the oldest frame. What was read as a message, before frames were wanted,
// is one frame.
func (s *socket) takeFrame() *message {
	m := s.pop()
	if in := &m.in; !in.frame {
		in.frame, in.fin = true, true
		in.data, in.text = append(in.data, in.text...), ""
	}
	return m
}

// takeMessage takes the oldest message, joined from frames if it was read as such.
func (s *socket) takeMessage() *message {
	m := s.pop()
	if !m.in.frame {
		return m
	}
	data := m.in.data
	for fin := m.in.fin; !fin; {
		next := s.pop()
		data, fin = append(data, next.in.data...), next.in.fin
	}
	m.in = incoming{op: m.in.op, data: data}
	if m.in.op == codec.OpText {
		m.in.text, m.in.data = string(data), nil
	}
	return m
}
