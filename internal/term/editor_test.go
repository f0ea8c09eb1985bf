package term

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
)

// A checkedVT is a terminal that holds what it shows against the line of its editor
// after each write.
type checkedVT struct {
	*vt
	e *Editor
}

// Write is called with e.mu held.
func (v checkedVT) Write(b []byte) (int, error) {
	n, err := v.vt.Write(b)
	e := v.e
	if e.pos < 0 || e.pos > len(e.line) {
		v.t.Errorf("cursor %d in %q", e.pos, string(e.line))
	}
	if !e.screen.on {
		return n, err
	}
	want := screen{size: e.screen.size}
	drawn := newVT(v.t, v.width, v.height)
	prompt := e.prompt
	if e.search != "" {
		prompt = "(" + Escape(e.search) + ") "
	}
	drawn.Write(want.appendDraw(nil, prompt, Style{}, e.line, e.pos))
	at := v.row - want.row
	if at < 0 || len(v.lines)-at != len(drawn.lines) || v.col != drawn.col {
		v.t.Errorf("the screen is\n%v\nand should end in\n%v", v.vt, drawn)
		return n, err
	}
	for i, row := range drawn.lines {
		if v.lines[at+i] != row || Cells(row) >= v.width && v.width > 3 {
			v.t.Errorf("row %d is not %q on the screen\n%v", i, row, v.vt)
		}
	}
	return n, err
}

// FuzzEditor types keys while lines are printed. Readline must not panic on any key,
// and end with the keys.
func FuzzEditor(f *testing.F) {
	f.Add([]byte("hello\x1b[D\x1b[D日本\x01\x0b\x19\r"), uint8(12), uint8(8))
	f.Add([]byte("a\x14b\x17\x12x\x12\x7f\x07\t/p\t\x10\x0e\x03"), uint8(30), uint8(24))
	f.Add([]byte("\x12\x07\x13\x07\x12t\x13t\x12\x7f\x7f\x12\x12o\x03\x04"), uint8(41), uint8(20))
	f.Add([]byte("\x1b[200~a\nb\u202ec\x1b[201~\x02\x02\x7f\x04\x1bd\x1bb"), uint8(5), uint8(3))
	f.Add([]byte(strings.Repeat("0123456789🙂", 20)+"\x01\x0c"), uint8(9), uint8(7))
	f.Add([]byte("0\x02\x000000\x02\x000000"), uint8(3), uint8(0)) // a screen of two rows
	f.Add([]byte("\u06d6a\x01b"), uint8(20), uint8(20))            // a mark on the prompt
	f.Fuzz(func(t *testing.T, keys []byte, width, height uint8) {
		v := newVT(t, 3+int(width)%80, 2+int(height)%30)
		in := io.Reader(bytes.NewReader(keys[:min(len(keys), 400)]))
		if width%2 == 0 {
			in = iotest.OneByteReader(in)
		}
		var history *History
		if height%2 == 0 {
			history = &History{entries: []string{"one", "two 日本"}}
		}
		out := &checkedVT{vt: v}
		e, err := newEditor(LineConfig{Out: out, Prompt: "> ", Commands: []string{"/ping", "/pong", "/quit"}, History: history}, in)
		if err != nil {
			t.Fatal(err)
		}
		out.e, e.active = e, true
		e.screen.size = func() (int, int) { return v.width, v.height }
		var printing sync.WaitGroup
		printing.Go(func() {
			for i := range 5 {
				fmt.Fprintf(e, "<%d\n", i)
			}
		})
		for e.keys.err == nil {
			if _, err := e.read(); err != nil && err != io.EOF && err != ErrInterrupt {
				t.Error(err)
			}
		}
		e.rl.Config.Stdin.Close()
		printing.Wait()
		for i := range 5 {
			if want := fmt.Sprintf("<%d", i); !strings.Contains(v.String(), want) {
				t.Errorf("%s is not on the screen\n%v", want, v)
			}
		}
	})
}

func TestEditorLineTooLong(t *testing.T) {
	e, err := newEditor(LineConfig{Out: io.Discard}, strings.NewReader("x\r"))
	if err != nil {
		t.Fatal(err)
	}
	e.rl.Operation.SetBuffer(strings.Repeat("x", MaxLine))
	if text, err := e.read(); text != "" || err != ErrLineTooLong {
		t.Errorf("%d bytes, %v, want %v", len(text), err, ErrLineTooLong)
	}
	if _, err := e.read(); err != io.EOF {
		t.Errorf("at the end: %v, want %v", err, io.EOF)
	}
	e.rl.Config.Stdin.Close()
}
