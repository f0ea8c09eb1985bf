package trace

import (
	"fmt"
	"strings"

	"wskit/codec"
	"wskit/internal/term"
)

// maskMinWidth is the least width of a line that has room for mask keys.
const maskMinWidth = 76

// opcodeName returns the name of op in at most six characters.
func opcodeName(op codec.Opcode) string {
	switch {
	case op == codec.OpContinuation:
		return "cont"
	case op.Reserved():
		return fmt.Sprintf("0x%X", uint8(op))
	}
	return op.String()
}

func (t *Text) writeFrame(f *Frame) {
	op := f.Header.Opcode
	if f.Message != nil {
		t.told = f.Msg
	}
	begins := f.Msg != 0 && op.Data()
	if begins {
		t.open[f.From] = f.Msg
	}
	shown := !t.Messages && !(t.NoControl && op.Control() && !op.Reserved())
	switch {
	case shown && t.Bits:
		t.writeBits(f)
	case shown:
		col := t.addColumns(f.Base, f.From, f.N, op, f.Header.Length, &f.Header)
		t.addFrameInfo(f, begins, col)
	}
	if f.Msg != 0 && f.Header.Fin || f.Incomplete {
		t.open[f.From] = 0
	}
}

// addColumns appends what stands in columns on the line of a frame or of a message,
// which has no header, and returns how many cells that takes.
func (t *Text) addColumns(b Base, from codec.Role, n int, op codec.Opcode, size uint64, h *codec.Header) (cells int) {
	p := &t.Palette
	at := fmt.Sprintf("%9s  ", fmt.Sprintf("%+.3f", seconds(b.T)))
	number := fmt.Sprintf(" %2d ", n)
	opcode := fmt.Sprintf("%-6s", opcodeName(op))
	length := fmt.Sprintf(" %7s", FormatBytes(size))
	cells = len(at) + 1 + len(number) + len(opcode) + len(length)
	t.add(p.Dim, at)
	t.line = append(t.line, t.arrow(from)...)
	t.line = append(t.line, number...)
	t.add(p.Opcode, opcode)
	if h != nil {
		t.line = append(t.line, ' ')
		t.line = append(t.line, flags(*h)...)
		cells += 5
		if t.Width <= 0 || t.Width >= maskMinWidth {
			t.line = append(t.line, ' ')
			if h.Masked {
				t.add(p.Dim, fmt.Sprintf("%x", h.Key[:]))
			} else {
				t.line = append(t.line, "        "...)
			}
			cells += 9
		}
	}
	t.line = append(t.line, length...)
	return cells
}

// flags returns FIN, and the RSV bits when one of them is set.
func flags(h codec.Header) string {
	b := []byte("F")
	if !h.Fin {
		b = []byte("·")
	}
	if h.RSV == 0 {
		return string(b) + "   "
	}
	for i, bit := range [...]uint8{codec.RSV1, codec.RSV2, codec.RSV3} {
		if h.RSV&bit != 0 {
			b = append(b, byte('1'+i))
		} else {
			b = append(b, "·"...)
		}
	}
	return string(b)
}

// addFrameInfo appends what follows the columns of a frame, which take col cells, and
// its content.
func (t *Text) addFrameInfo(f *Frame, begins bool, col int) {
	var info []string
	switch {
	case f.Header.Length>>63 != 0:
		info = append(info, "nothing after this header can be read")
	case f.Incomplete:
		info = append(info, fmt.Sprintf("%d of %d bytes, then the stream ended", f.WireBytes()-uint64(f.Header.Size()), f.Header.Length))
	case f.Header.Opcode == codec.OpClose && f.Close != nil:
		info = append(info, closeText(f.Close))
	case f.Answers != 0:
		info = append(info, fmt.Sprintf("answers %d in %s", f.Answers, millis(f.RTT)))
	}
	c := content{data: f.Payload, truncated: f.Truncated, op: f.Header.Opcode, short: true}
	switch m := f.Message; {
	case m != nil:
		info = append(info, messageText(m)...)
		c = newContent(m)
	case f.Msg != 0 && f.Header.Fin && !f.Incomplete:
		info = append(info, fmt.Sprintf("message %d was given up", f.Msg))
		c = content{}
	case f.Msg != 0 && !f.Incomplete:
		if begins {
			info = append(info, fmt.Sprintf("message %d", f.Msg))
		} else if t.open[0] != 0 && t.open[1] != 0 {
			info = append(info, fmt.Sprintf("of message %d", f.Msg))
		}
		c = content{}
	case f.Close != nil || f.Answers != 0:
		c = content{}
	}
	t.addInfo(t.gutter(f, begins), info, c, col)
}

// gutter returns the mark that groups the frames of a message, if one is open in
// either direction.
func (t *Text) gutter(f *Frame, begins bool) string {
	last := f.Msg != 0 && f.Header.Fin || f.Incomplete
	switch {
	case begins && last:
		if t.open[f.From.Peer()] == 0 {
			return ""
		}
	case begins:
		return "┌"
	case last:
		return "└"
	}
	if t.open[0] != 0 || t.open[1] != 0 {
		return "│"
	}
	return ""
}

// addInfo appends the gutter, what is to be said and the content, and ends the line.
// Before it stand col cells.
func (t *Text) addInfo(gutter string, info []string, c content, col int) {
	if gutter != "" {
		t.line = append(t.line, "  "...)
		t.add(t.Palette.Dim, gutter)
		col += 3
	}
	text := strings.Join(info, ", ")
	text = t.fit(text, t.Width-col-2)
	if text != "" {
		t.line = append(t.line, "  "...)
		t.line = append(t.line, text...)
		col += 2 + term.Cells(text)
	}
	if t.addInline(c, col) {
		t.endLine()
		return
	}
	t.endLine()
	t.addBlock(c)
}

// messageText says what is not in the columns about the frame that ends m.
func messageText(m *Message) []string {
	var info []string
	if len(m.Frames) > 1 {
		info = append(info, fmt.Sprintf("message %d: %d frames", m.Msg, len(m.Frames)))
	}
	switch {
	case m.Compressed && !m.Reliable && m.Data == nil:
		info = append(info, FormatBytes(m.Wire)+" that cannot be inflated")
	case m.Compressed:
		info = append(info, fmt.Sprintf("%d → %s%s", m.Wire, FormatBytes(m.Size), ratio(m)))
	case len(m.Frames) > 1:
		info = append(info, FormatBytes(m.Size))
	}
	if !m.Reliable && m.Data != nil {
		info = append(info, "not reliable")
	}
	if len(m.Frames) > 1 {
		info = append(info, millis(m.Duration))
	}
	return info
}

// ratio returns by how much compression made m smaller, if it did.
func ratio(m *Message) string {
	if m.Wire == 0 || m.Size <= m.Wire {
		return ""
	}
	r := float64(m.Size) / float64(m.Wire)
	if r < 10 {
		return fmt.Sprintf(" (%.1f×)", r)
	}
	return fmt.Sprintf(" (%.0f×)", r)
}

func closeText(c *CloseFrame) string {
	s := c.CodeText()
	if c.Reason != "" {
		s += ` "` + term.Escape(c.Reason) + `"`
	}
	return s
}

func (t *Text) writeMessage(m *Message) {
	if !t.Messages && t.told == m.Msg {
		return
	}
	col := t.addColumns(m.Base, m.From, m.Msg, m.Opcode, m.Size, nil)
	var info []string
	if len(m.Frames) > 1 || m.Compressed {
		info = messageText(m)
	}
	t.addInfo("", info, newContent(m), col)
}
