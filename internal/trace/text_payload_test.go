package trace

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"wskit/codec"
)

func TestWindow(t *testing.T) {
	for _, test := range []struct {
		name string
		text string
		want int
	}{
		{name: "empty", text: "", want: 0},
		{name: "short", text: "héllo", want: 6},
		{name: "long", text: strings.Repeat("a", 2*maxRow), want: maxRow},
		{name: "within a character", text: "a" + strings.Repeat("é", maxRow), want: maxRow - 1},
		{name: "not UTF-8", text: strings.Repeat("\x80", 2*maxRow), want: maxRow - 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := len(window([]byte(test.text))); got != test.want {
				t.Errorf("window has %d bytes, want %d", got, test.want)
			}
		})
	}
}

// TestTextLong shows a text of nothing but line ends, whose lines are thirteen times as long
// as what was sent, and checks what is held of it.
func TestTextLong(t *testing.T) {
	const size = 1 << 20
	out := &parts{}
	text := NewText(out)
	text.Payload, text.Messages = PayloadText, true
	if err := text.Write(&Message{Opcode: codec.OpText, Size: size, Data: bytes.Repeat([]byte("\n"), size)}); err != nil {
		t.Fatal(err)
	}
	if want := size * (len(blockIndent) + 1); out.total < want || out.largest > 2*spillSize || out.broken {
		t.Errorf("got %d bytes in writes of up to %d, within lines %t; want at least %d, in whole lines of up to %d",
			out.total, out.largest, out.broken, want, 2*spillSize)
	}
	if cap(text.line) > 4*spillSize {
		t.Errorf("%d bytes are kept behind it", cap(text.line))
	}
	out.fails = true
	if err := text.Write(&Message{Opcode: codec.OpText, Size: size, Data: bytes.Repeat([]byte("\n"), size)}); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("got error %v, want %v", err, io.ErrShortWrite)
	}
	if out.failed != 1 {
		t.Errorf("it was written to %d times, want once", out.failed)
	}
}

// parts notes what is written to it.
type parts struct {
	total, largest, failed int
	broken, fails          bool
}

func (p *parts) Write(b []byte) (int, error) {
	if p.fails {
		p.failed++
		return 0, io.ErrShortWrite
	}
	p.total += len(b)
	p.largest = max(p.largest, len(b))
	p.broken = p.broken || b[len(b)-1] != '\n'
	return len(b), nil
}
