package trace

import (
	"fmt"
	"unicode/utf8"

	"wskit/codec"
)

// appendEnd appends how the connection ended.
func (s *Script) appendEnd(dst []byte) []byte {
	closed, closer := s.closed, s.closer
	if e := s.end; e != nil {
		closed[codec.RoleClient], closed[codec.RoleServer] = e.Client, e.Server
		switch e.By {
		case codec.RoleClient.String():
			closer = codec.RoleClient
		case codec.RoleServer.String():
			closer = codec.RoleServer
		}
		// With "both", the one whose frame was first: then the scripts of the two sides
		// go together.
	}
	if closed[closer] == nil && closed[closer.Peer()] != nil {
		closer = closer.Peer()
	}
	peer := s.Role.Peer()
	switch {
	case closed[s.Role] != nil && closer == s.Role:
		dst = appendClose(dst, closed[s.Role])
	case closed[peer] != nil:
		dst = appendClosed(dst, closed[peer])
	default:
		dst = s.appendLost(dst)
	}
	for _, r := range []codec.Role{codec.RoleClient, codec.RoleServer} {
		if n := s.late[r]; n > 0 {
			dst = appendComment(dst, scriptIndent, fmt.Sprintf("After the close the %s sent %s.", r, Plural(n, "more message")))
		}
	}
	return append(dst, s.tail...)
}

// appendClose appends what closes with f.
func appendClose(dst []byte, f *CloseFrame) []byte {
	switch {
	case f.Empty:
		dst = appendComment(dst, scriptIndent, "The close frame had no code; this one has 1000.")
		return append(dst, scriptIndent+"ws.close()\n"...)
	case !f.Code.Sendable():
		dst = appendComment(dst, scriptIndent, fmt.Sprintf("The close frame had the code %d, which must not be sent; this one has 1000.", f.Code))
		return append(dst, scriptIndent+"ws.close()\n"...)
	}
	dst = fmt.Appendf(dst, "%sws.close(%d", scriptIndent, f.Code)
	if f.Reason != "" && utf8.ValidString(f.Reason) {
		dst = appendString(append(dst, ", "...), f.Reason)
	}
	return append(dst, ")\n"...)
}

// appendClosed appends what waits for a close like f.
func appendClosed(dst []byte, f *CloseFrame) []byte {
	if f.Reason != "" {
		dst = appendComment(dst, scriptIndent, `The reason was "`+f.Reason+`".`)
	}
	switch {
	case f.Empty:
		return fmt.Appendf(dst, "%sawait ws.closed(%d) // without a code\n", scriptIndent, codec.CloseNoStatus)
	case !f.Code.Sendable():
		dst = appendComment(dst, scriptIndent, fmt.Sprintf("The close frame had the code %d, which must not be sent.", f.Code))
		return append(dst, scriptIndent+"await ws.closed()\n"...)
	}
	return fmt.Appendf(dst, "%sawait ws.closed(%d)\n", scriptIndent, f.Code)
}

// appendLost appends how a connection ended that nobody closed.
func (s *Script) appendLost(dst []byte) []byte {
	switch {
	case s.end == nil, s.end.By == "unknown":
		return appendComment(dst, scriptIndent, "The recording ends here, with the connection open.")
	case s.end.By == s.Role.String():
		if s.sent {
			dst = append(dst, scriptIndent+"await sleep(100) // a reset takes with it what has not arrived\n"...)
		}
		return append(dst, scriptIndent+"ws.terminate()\n"...)
	}
	return fmt.Appendf(dst, "%sawait ws.closed(%d) // lost, without a close frame\n", scriptIndent, codec.CloseAbnormal)
}
