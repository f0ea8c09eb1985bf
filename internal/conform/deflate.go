package conform

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"wskit/codec"
)

// compressed is a frame with a message that is compressed.
func compressed(op codec.Opcode, b []byte) frame {
	return frame{fin: true, rsv: 4, op: op, payload: b, note: fmt.Sprintf("compressed, % x", b[:min(len(b), shortPayload)])}
}

// fragmentsOf cuts a frame into fragments that begin at these places of its payload. What
// holds for the message is said in the first of them only.
func fragmentsOf(f frame, at ...int) []frame {
	var fragments []frame
	from := 0
	for i, to := range append(slices.Clone(at), len(f.payload)) {
		g := f
		g.payload, g.note, g.fin = f.payload[from:to], "", i == len(at)
		if i > 0 {
			g.op, g.rsv = codec.OpContinuation, 0
		}
		fragments = append(fragments, g)
		from = to
	}
	return fragments
}

// every returns the places at which fragments of size bytes begin.
func every(b []byte, size int) (at []int) {
	for i := size; i < len(b); i += size {
		at = append(at, i)
	}
	return at
}

// A deflater compresses with the standard library, which is not what a peer of ours
// would inflate with.
type deflater struct {
	out bytes.Buffer
	w   *flate.Writer
}

// compress compresses a message as was agreed. The first level of a session holds for all
// of it.
func (s *session) compress(level int, msg string) ([]byte, error) {
	agreed := s.opening.agreed.Deflate
	window := 1 << agreed.WindowBits(s.role)
	if s.deflater == nil {
		s.deflater = &deflater{}
		w, err := flate.NewWriter(&s.deflater.out, level)
		if err != nil {
			return nil, err
		}
		s.deflater.w = w
	}
	d := s.deflater
	if window < 1<<codec.MaxWindowBits || !agreed.Takeover(s.role) {
		// It has no other window, and a message that fits a smaller one keeps to it.
		if len(msg) > window {
			return nil, s.skipped("the peer wants a smaller window than our compressor has")
		}
		d.w.Reset(&d.out)
	}
	d.out.Reset()
	if _, err := io.WriteString(d.w, msg); err != nil {
		return nil, err
	}
	if err := d.w.Flush(); err != nil {
		return nil, err
	}
	b := d.out.Bytes()
	return b[:len(b)-len("\x00\x00\xff\xff")], nil
}

// sendCompressed compresses a message and sends it.
func sendCompressed(op codec.Opcode, level int, msg string) step {
	text := fmt.Sprintf("send %v of %d B, compressed at level %d", op, len(msg), level)
	return step{text, func(s *session) error {
		b, err := s.compress(level, msg)
		if err != nil {
			return err
		}
		s.send(compressed(op, b))
		return nil
	}}
}

// skipped ends a case that the peer cannot be tried with.
func (s *session) skipped(why string) error {
	finish().run(s)
	return &finding{Skipped, why}
}

// needsTakeover skips a case whose messages refer to those before them, for a peer that
// does not want that.
func needsTakeover() step {
	return step{"skip it if our messages are to stand alone", func(s *session) error {
		if s.opening.agreed.Deflate.Takeover(s.role) {
			return nil
		}
		return s.skipped("the peer wants each of our messages to stand alone")
	}}
}

// needsWindow skips a case whose messages refer far back, for a peer that wants a smaller
// window.
func needsWindow() step {
	return step{"skip it if our window is to be smaller than 32 KiB", func(s *session) error {
		if s.opening.agreed.Deflate.WindowBits(s.role) == codec.MaxWindowBits {
			return nil
		}
		return s.skipped("the peer wants a smaller window")
	}}
}

// supports skips a case for a client that gives up a connection whose parameters it does
// not support, as it must (RFC 7692 §7). A server has chosen them itself.
func supports() step {
	return step{"send text of 10 B to a client, which may give up if it does not support the parameters; expect its echo otherwise", func(s *session) error {
		if s.role == codec.RoleClient {
			return nil
		}
		s.send(textFrame("supported?"))
		m, err := s.next(s.timeout)
		switch {
		case err == nil && m.op == codec.OpText && string(m.data) == "supported?":
			return nil
		case err == nil && m.op == codec.OpClose, err != nil && !isRuling(err) && !errors.Is(err, errSilent):
			return &finding{Skipped, "the client gave the connection up: it does not support these parameters"}
		case err == nil:
			return failf("%v came in place of the echo", said(m))
		}
		return s.finding("the echo", err)
	}}
}

// corruptCodes are the close codes that say of a message that it could not be inflated.
// RFC 7692 names none.
var corruptCodes = []codec.CloseCode{
	codec.CloseProtocolError, codec.CloseUnsupportedData, codec.CloseInvalidPayload,
	codec.ClosePolicyViolation, codec.CloseInternalError,
}

// tolerates waits for the peer to fail the connection for a message that is not right,
// but which can be understood: that it does so is told.
func tolerates(why string, codes ...codec.CloseCode) step {
	text := "the peer should fail the connection, with " + codeList(codes) + "; it may take the message, as " + why
	return step{text, func(s *session) error {
		m, err := s.next(s.timeout)
		if err == nil && !m.op.Control() {
			s.noted("it took the message, and answered with %v: %s", said(m), why)
			return nil
		}
		return failing{codes: codes}.judge(s, m, err)
	}}
}

// repeating is a text whose end repeats its beginning, at that distance.
func repeating(distance int) string {
	text := letters(distance, uint64(distance))
	return text + text[:min(64, distance)]
}

// temptations are the distances that tempt a compressor to refer further back than its
// window lets it.
var temptations = []int{200, 257, 300, 600, 1200, 2500, 5000, 10000, 20000, 30000}

// tempt sends messages that repeat themselves, and each other, at many distances. What
// comes back is held against what was agreed by whatever receives it.
func tempt() step {
	text := fmt.Sprintf("send texts that repeat themselves after %s B, each twice; the echoes must keep to the window and the takeover that were agreed",
		strings.ReplaceAll(strings.Trim(fmt.Sprint(temptations), "[]"), " ", ", "))
	return step{text, func(s *session) error {
		for _, distance := range temptations {
			msg := textMessage(repeating(distance))
			for range 2 {
				s.send(textFrame(string(msg.data)))
				if err := s.expect(msg); err != nil {
					return err
				}
			}
		}
		return nil
	}}
}
