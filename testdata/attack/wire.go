//go:build linux

package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"wskit/codec"
)

// answerLimit is how long an answer is waited for that is to come at once.
const answerLimit = 10 * time.Second

const key = "dGhlIHNhbXBsZSBub25jZQ=="

// deflate agrees on compression, in a request and in an answer.
const deflate = "Sec-WebSocket-Extensions: permessage-deflate\r\n"

// upgrade returns a request for an upgrade with further header lines.
func upgrade(target, fields string) []byte {
	return fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n%s\r\n", target, key, fields)
}

// welcome returns the answer to an upgrade with that key.
func welcome(key, fields string) []byte {
	return fmt.Appendf(nil, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Accept: %s\r\n%s\r\n", codec.AcceptKey(key), fields)
}

// A frame is one that an attacker sends; what it says of itself need not be true.
type frame struct {
	op       codec.Opcode
	more     bool // FIN is clear
	rsv      uint8
	mismask  bool // it is masked where it must not be, and not where it must
	form     codec.LengthForm
	announce uint64 // the length in the header, unless zero
	payload  []byte
}

func textFrame(s string) frame { return frame{op: codec.OpText, payload: []byte(s)} }

func closeFrame(code uint16, reason string) frame {
	return frame{op: codec.OpClose, payload: append(binary.BigEndian.AppendUint16(nil, code), reason...)}
}

// maskKey is that of all frames that are sent.
var maskKey = codec.MaskKey{0x37, 0xFA, 0x21, 0x3D}

// append appends the frame as the one side sends it.
func (f frame) append(dst []byte, from codec.Role) []byte {
	h := codec.Header{
		Fin: !f.more, RSV: f.rsv, Opcode: f.op, Masked: (from == codec.RoleClient) != f.mismask,
		Form: f.form, Length: uint64(len(f.payload)),
	}
	if f.announce != 0 {
		h.Length = f.announce
	}
	if h.Masked {
		h.Key = maskKey
	}
	dst = append(codec.AppendHeader(dst, h), f.payload...)
	if h.Masked {
		codec.Mask(h.Key, 0, dst[len(dst)-len(f.payload):])
	}
	return dst
}

// script returns what yields the frames as either side sends them.
func script(frames ...frame) func(from codec.Role) []byte {
	return func(from codec.Role) []byte {
		var b []byte
		for _, f := range frames {
			b = f.append(b, from)
		}
		return b
	}
}

// closing is a close frame in peace.
func closing(from codec.Role) []byte { return closeFrame(1000, "").append(nil, from) }

// An ending is how a peer ended a session.
type ending struct {
	// how is the code of its close frame, which is 1005 for an empty one, the status
	// that refused the upgrade, "cut" when the stream ended without either, or
	// "silent".
	how      string
	messages int // frames of messages before that
	pongs    int // and pongs
	// answer are the lines of a server's answer to the upgrade.
	answer []string
}

// hear reads a server's answer to an upgrade, and on until it has ended the session.
func hear(r *bufio.Reader) ending {
	status, lines, err := readHead(r)
	switch {
	case err != nil:
		return ending{how: broken(err)}
	case status != "101":
		return ending{how: status}
	}
	e := hearFrames(r)
	e.answer = lines
	return e
}

// hearFrames reads the frames of a peer until it has ended the session.
func hearFrames(r *bufio.Reader) (e ending) {
	for {
		op, payload, err := readFrame(r)
		switch {
		case err != nil:
			e.how = broken(err)
			return e
		case op == codec.OpClose && len(payload) < 2:
			e.how = "1005"
			return e
		case op == codec.OpClose:
			e.how = fmt.Sprint(binary.BigEndian.Uint16(payload))
			return e
		case op == codec.OpPong:
			e.pongs++
		case !op.Control():
			e.messages++
		}
	}
}

// broken says how a stream ended.
func broken(err error) string {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return "silent"
	}
	return "cut"
}

// readFrame reads a frame: of a control frame its payload, of another nothing of it.
func readFrame(r *bufio.Reader) (op codec.Opcode, payload []byte, err error) {
	h, err := readHeader(r)
	if err != nil {
		return 0, nil, err
	}
	if !h.Opcode.Control() {
		_, err := io.CopyN(io.Discard, r, int64(h.Length))
		return h.Opcode, nil, err
	}
	payload = make([]byte, h.Length)
	if _, err := io.ReadFull(r, payload); err != nil {
		return 0, nil, err
	}
	codec.Mask(h.Key, 0, payload)
	return h.Opcode, payload, nil
}

// readHeader reads the header of a frame.
func readHeader(r *bufio.Reader) (codec.Header, error) {
	for n := 2; ; n++ {
		b, err := r.Peek(n)
		if err != nil {
			return codec.Header{}, err
		}
		h, size, err := codec.ParseHeader(b)
		if err == codec.ErrShort {
			continue
		}
		r.Discard(size)
		return h, err
	}
}

// readHead reads the head of a message of HTTP: of an answer the status, of a request the
// key, and its lines.
func readHead(r *bufio.Reader) (status string, lines []string, err error) {
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return "", lines, err
		}
		if line = strings.TrimRight(line, "\r\n"); line == "" {
			break
		}
		lines = append(lines, line)
	}
	if len(lines) > 0 {
		if _, rest, ok := strings.Cut(lines[0], " "); ok && len(rest) >= 3 {
			status = rest[:3]
		}
	}
	return status, lines, nil
}

// headValue returns the value of a header line, "" when it is not there.
func headValue(lines []string, name string) string {
	for _, line := range lines {
		if n, value, ok := strings.Cut(line, ":"); ok && strings.EqualFold(n, name) {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
