package inspect

import (
	"strings"
	"time"

	"wskit/codec"
	"wskit/internal/trace"
)

// A session makes the chunks of a connection, one after the other.
type session struct {
	chunks []chunk
	now    time.Time
	keys   byte
}

const (
	testKey    = "dGhlIHNhbXBsZSBub25jZQ=="
	testAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
	request    = "GET /chat HTTP/1.1\r\nHost: example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Key: " + testKey + "\r\nSec-WebSocket-Version: 13\r\n"
	response = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Accept: " + testAccept + "\r\n"
	offerDeflate = "Sec-WebSocket-Extensions: permessage-deflate\r\n"
)

// newSession returns a session with a handshake to which the header lines are added.
func newSession(requestLines, responseLines string) *session {
	s := &session{now: time.Unix(1000, 0)}
	s.send(codec.RoleClient, request+requestLines+"\r\n")
	s.wait(time.Millisecond)
	s.send(codec.RoleServer, response+responseLines+"\r\n")
	return s
}

// wait lets time pass.
func (s *session) wait(d time.Duration) *session {
	s.now = s.now.Add(d)
	return s
}

// send adds bytes.
func (s *session) send(from codec.Role, b string) *session {
	s.chunks = append(s.chunks, chunk{from: from, at: s.now, data: []byte(b)})
	return s
}

// frame adds a frame as from sends it, with a key of its own.
func (s *session) frame(from codec.Role, h codec.Header, payload string) *session {
	e := codec.Encoder{Role: from, Key: func() codec.MaskKey {
		s.keys++
		return codec.MaskKey{s.keys, 1, 2, 3}
	}}
	return s.send(from, string(e.AppendFrame(nil, h, []byte(payload))))
}

// text adds a text message in one frame.
func (s *session) text(from codec.Role, text string) *session {
	return s.frame(from, codec.Header{Fin: true, Opcode: codec.OpText}, text)
}

// control adds a control frame.
func (s *session) control(from codec.Role, op codec.Opcode, payload string) *session {
	return s.frame(from, codec.Header{Fin: true, Opcode: op}, payload)
}

// close adds a close frame.
func (s *session) close(from codec.Role, code codec.CloseCode, reason string) *session {
	return s.control(from, codec.OpClose, string(codec.AppendClose(nil, code, reason)))
}

// end ends a direction.
func (s *session) end(from codec.Role, how trace.How) *session {
	s.chunks = append(s.chunks, chunk{from: from, at: s.now, end: how})
	return s
}

// deflate returns texts as one connection compresses them.
func deflate(d *codec.Deflate, from codec.Role, texts ...string) []string {
	c, err := codec.NewCompressor(0, d.WindowBits(from))
	if err != nil {
		panic(err)
	}
	h := d.NewHistory(from)
	var out []string
	for _, text := range texts {
		b, err := c.Append(nil, h, []byte(text))
		if err != nil {
			panic(err)
		}
		out = append(out, string(b))
	}
	return out
}

// only returns the events of one kind.
func only[E trace.Event](events []trace.Event) []E {
	var out []E
	for _, e := range events {
		if e, ok := e.(E); ok {
			out = append(out, e)
		}
	}
	return out
}

// lines returns the text of a header with lines in place of those of the same name.
func replaceLine(head, line string) string {
	name, _, _ := strings.Cut(line, ":")
	var out []string
	for l := range strings.SplitSeq(strings.TrimSuffix(head, "\r\n"), "\r\n") {
		if n, _, _ := strings.Cut(l, ":"); n == name {
			l = line
		}
		if l != "" && !strings.HasSuffix(l, ":") {
			out = append(out, l)
		}
	}
	return strings.Join(out, "\r\n") + "\r\n"
}
