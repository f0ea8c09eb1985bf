package term

import (
	"io"
	"strings"
	"testing"
)

// FuzzEditor types keys and prints lines in turn, and holds the screen against the
// line at each step.
func FuzzEditor(f *testing.F) {
	f.Add([]byte("hello\x1b[D\x1b[D日本\x01\x0b\x19\r"), uint8(12), uint8(8))
	f.Add([]byte("a\x14b\x17\x12x\x12\x7f\x07\t/p\t\x10\x0e\x03"), uint8(30), uint8(24))
	f.Add([]byte("\x1b[200~a\nb\u202ec\x1b[201~\x02\x02\x7f\x04\x1bd\x1bb"), uint8(5), uint8(3))
	f.Add([]byte(strings.Repeat("0123456789🙂", 20)+"\x01\x0c"), uint8(9), uint8(7))
	f.Add([]byte("0\x02\x000000\x02\x000000"), uint8(3), uint8(0)) // a screen of two rows
	f.Add([]byte("\u06d6a\x01b"), uint8(20), uint8(20))            // a mark on the prompt
	f.Fuzz(func(t *testing.T, keys []byte, width, height uint8) {
		v := newVT(t, 3+int(width)%80, 2+int(height)%30)
		e := newEditor(LineConfig{Out: v, Prompt: "> ", Commands: []string{"/ping", "/pong", "/quit"}})
		e.screen.size = func() (int, int) { return v.width, v.height }
		e.history.add("one")
		e.history.add("two 日本")
		e.active = true
		for i := range min(len(keys), 300) {
			e.feed(keys[i : i+1])
			if _, _, err := e.step(); err != nil && err != io.EOF && err != ErrInterrupt {
				t.Fatal(err)
			}
			e.redraw()
			checkScreen(t, v, e, "")
			if i%3 == 0 {
				printed := "<" + strings.Repeat("-", i%90)
				io.WriteString(e, printed+"\n")
				checkScreen(t, v, e, printed)
			}
		}
	})
}

// checkScreen holds what v shows against e's line, and what is above it against what
// was just printed.
func checkScreen(t *testing.T, v *vt, e *Editor, printed string) {
	t.Helper()
	if e.line.pos < 0 || e.line.pos > len(e.line.text) || e.line.size != len(e.line.String()) {
		t.Fatalf("cursor %d, size %d in %q", e.line.pos, e.line.size, e.line.String())
	}
	prompt := e.prompt
	if e.search != nil {
		prompt = e.search.prompt()
	}
	want := layout(prompt, Style{}, e.line.text, e.line.pos, v.width, v.height)
	for i, row := range want.rows {
		if n := Cells(row); n >= v.width && v.width > 3 {
			t.Fatalf("row %q has %d of %d cells", row, n, v.width)
		}
		at := v.row - want.row + i
		if at < 0 || at >= len(v.lines) || strings.TrimRight(v.lines[at], " ") != strings.TrimRight(row, " ") {
			t.Fatalf("row %d is not %q on the screen\n%v", i, row, v)
		}
	}
	if got := Cells(want.head); v.col != got {
		t.Fatalf("the cursor is in column %d, want %d, on the screen\n%v", v.col, got, v)
	}
	if above := strings.Join(v.lines[:v.row-want.row], ""); !strings.HasSuffix(above, printed) {
		t.Fatalf("%q is not above the line on the screen\n%v", printed, v)
	}
	if below := v.row - want.row + len(want.rows); below != len(v.lines) {
		t.Fatalf("something is left below the line on the screen\n%v", v)
	}
}
