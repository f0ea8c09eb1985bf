package trace

import (
	"fmt"
	"strings"

	"wskit/codec"
	"wskit/internal/term"
)

// Columns of a frame bit by bit.
const (
	bitsHex   = 23 // eight bytes
	bitsName  = 10
	bitsValue = 6
)

// writeBits shows each field of a frame with its bytes and bits.
func (t *Text) writeBits(f *Frame) {
	h := f.Header
	t.add(t.Palette.Bold, fmt.Sprintf("frame %d", f.N))
	t.line = fmt.Appendf(t.line, "  %s, %s\n", h.Opcode, FormatBytes(f.WireBytes()))
	head := codec.AppendHeader(nil, h)
	fin := "more frames of the message follow"
	switch {
	case h.Fin && h.Opcode.Control():
		fin = "as all control frames have it"
	case h.Fin:
		fin = "the message ends here"
	}
	t.bitRow(head[:1], fmt.Sprintf("%d·······", head[0]>>7), "FIN", bit(h.Fin), fin)
	t.bitRow(nil, fmt.Sprintf("·%03b····", h.RSV), "RSV", fmt.Sprintf("%03b", h.RSV), rsvText(f))
	t.bitRow(nil, fmt.Sprintf("····%04b", uint8(h.Opcode)), "opcode", fmt.Sprintf("0x%X", uint8(h.Opcode)), h.Opcode.String())
	mask := "not masked: from a server"
	if h.Masked {
		mask = "masked: from a client"
	}
	t.bitRow(head[1:2], fmt.Sprintf("%d·······", head[1]>>7), "MASK", bit(h.Masked), mask)
	t.lengthRows(head, h)
	if h.Masked {
		t.bitRow(h.Key[:], "", "key", "", "the payload is XORed with it")
	}
	t.payloadRows(f)
}

func bit(set bool) string {
	if set {
		return "1"
	}
	return "0"
}

func rsvText(f *Frame) string {
	switch {
	case f.Header.RSV == 0:
		return "no extension is in use on this frame"
	case f.Compressed && f.Header.RSV == codec.RSV1:
		return "RSV1: compressed, if permessage-deflate was agreed"
	}
	return ""
}

// lengthRows shows the length in the form that it has.
func (t *Text) lengthRows(head []byte, h codec.Header) {
	const bytesOf = "bytes of payload"
	bits, value := fmt.Sprintf("·%07b", head[1]&0x7F), fmt.Sprintf("%d", head[1]&0x7F)
	switch h.Form {
	case 16:
		t.bitRow(nil, bits, "length", value, "the length is in the next 2 bytes")
		t.bitRow(head[2:4], "", "length", fmt.Sprint(h.Length), bytesOf)
	case 64:
		t.bitRow(nil, bits, "length", value, "the length is in the next 8 bytes")
		t.bitRow(head[2:10], "", "length", fmt.Sprint(h.Length), bytesOf)
	default:
		t.bitRow(nil, bits, "length", value, bytesOf)
	}
}

// bitRow appends a line: some bytes, the bits of a field, its name, value and meaning.
func (t *Text) bitRow(b []byte, bits, name, value, meaning string) {
	t.line = fmt.Appendf(t.line, "  %-*s  ", bitsHex, fmt.Sprintf("% x", b))
	t.add(t.Palette.Dim, bits+strings.Repeat(" ", 8-term.Cells(bits)))
	t.line = append(t.line, "  "...)
	t.add(t.Palette.Opcode, fmt.Sprintf("%-*s", bitsName, name))
	if value != "" || meaning != "" {
		t.line = fmt.Appendf(t.line, "%-*s  %s", bitsValue, value, meaning)
	}
	t.trimLine()
	t.endLine()
}

// trimLine takes the spaces from the end of the line.
func (t *Text) trimLine() {
	for len(t.line) > 0 && t.line[len(t.line)-1] == ' ' {
		t.line = t.line[:len(t.line)-1]
	}
}

// payloadRows shows the payload as it is on the wire, then what it says.
func (t *Text) payloadRows(f *Frame) {
	c := content{data: f.Payload, op: f.Header.Opcode}
	switch {
	case f.Header.Length>>63 != 0:
		t.bitRow(nil, "", "payload", "", "nothing after this header can be read")
	case f.Incomplete:
		t.wireRows(f, fmt.Sprintf("%d of %s", len(f.Payload), FormatBytes(f.Header.Length)))
	case f.Close != nil:
		t.closeRows(f)
	case len(f.Payload) == 0:
	case f.Compressed || f.Header.Masked:
		t.wireRows(f, "")
		if !f.Compressed {
			t.contentRow(nil, "unmasked", c)
		}
	case c.binary(t.Payload) && len(f.Payload) <= wirePerRow:
		t.wireRows(f, "")
	case c.binary(t.Payload):
		t.contentRow(nil, "payload", c)
	case len(f.Payload) <= wirePerRow:
		t.contentRow(f.Payload, "payload", c)
	default:
		t.wireRows(f, "")
		t.contentRow(nil, "text", c)
	}
	switch m := f.Message; {
	case m == nil:
	case m.Compressed && m.Data != nil:
		t.contentRow(nil, "inflated", newContent(m))
	case len(m.Frames) > 1:
		t.contentRow(nil, "message", newContent(m))
	}
}

// What is shown of a payload's bytes on the wire.
const (
	wirePerRow = 8
	wireRows   = 2
)

// wireRows shows the first bytes of a payload as they are on the wire.
func (t *Text) wireRows(f *Frame, text string) {
	wire := append([]byte(nil), f.Payload[:min(len(f.Payload), wirePerRow*wireRows)]...)
	if more := len(f.Payload) - len(wire); more > 0 {
		text = strings.TrimSpace(text + fmt.Sprintf(" … +%d bytes", more))
	}
	if f.Header.Masked {
		codec.Mask(f.Header.Key, 0, wire)
	}
	name := "payload"
	for {
		n := min(len(wire), wirePerRow)
		if n == len(wire) {
			t.bitRow(wire, "", name, "", text)
			return
		}
		t.bitRow(wire[:n], "", name, "", "")
		wire, name = wire[n:], ""
	}
}

// closeRows shows what a close frame says.
func (t *Text) closeRows(f *Frame) {
	if f.Header.Masked && len(f.Payload) > 0 {
		t.wireRows(f, "")
	}
	if f.Close.Empty {
		t.bitRow(f.Payload, "", "code", "", "none: the application sees 1005")
		return
	}
	t.bitRow(f.Payload[:2], "", "code", fmt.Sprint(uint16(f.Close.Code)), f.Close.Name)
	if reason := f.Payload[2:]; len(reason) > 0 {
		t.contentRow(reason[:min(len(reason), wirePerRow)], "reason", content{data: reason, op: codec.OpText})
	}
}

// contentRow shows a content behind some bytes and a name or, when it is long,
// below them.
func (t *Text) contentRow(b []byte, name string, c content) {
	const indent = 2 + bitsHex + 2 + 8 + 2 + bitsName - 2
	t.line = fmt.Appendf(t.line, "  %-*s%*s", bitsHex, fmt.Sprintf("% x", b), 2+8+2, "")
	t.add(t.Palette.Opcode, fmt.Sprintf("%-*s", bitsName-2, name))
	done := t.addInline(c, indent)
	t.trimLine()
	t.endLine()
	if !done {
		t.addBlock(c)
	}
}
