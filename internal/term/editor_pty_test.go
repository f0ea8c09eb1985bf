//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package term

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A person sits at a pseudo-terminal that an editor has.
type person struct {
	t      *testing.T
	hand   *os.File    // the end where they type
	eyes   *fdReader   // the same end
	vt     *vt         // what they see
	output chan []byte // from the terminal, closed when they look away
}

// sit opens a pseudo-terminal of the given size and an editor on it. The caller closes the editor.
func sit(t *testing.T, width, height int, cfg LineConfig) (*person, *Editor) {
	t.Helper()
	hand, tty := openPTY(t, width, height)
	eyes, err := newFDReader(hand)
	if err != nil {
		t.Fatal(err)
	}
	p := &person{t: t, hand: hand, eyes: eyes, vt: newVT(t, width, height), output: make(chan []byte)}
	go func() {
		defer close(p.output)
		for {
			b := make([]byte, 4096)
			n, err := eyes.Read(b)
			if err != nil {
				return
			}
			p.output <- b[:n]
		}
	}()
	cfg.In, cfg.Out = tty, tty
	if cfg.Prompt == "" {
		cfg.Prompt = "> "
	}
	e, err := NewEditor(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return p, e
}

// leaves looks away and closes the person's end.
func (p *person) leaves() {
	p.eyes.interrupt()
	for range p.output {
	}
	p.eyes.close()
	p.hand.Close()
}

func (p *person) types(s string) {
	p.t.Helper()
	if _, err := io.WriteString(p.hand, s); err != nil {
		p.t.Fatal(err)
	}
}

// sees waits until the screen has just these lines, and the cursor where want has a
// vertical bar or else at its end.
func (p *person) sees(want ...string) {
	p.t.Helper()
	row := len(want) - 1
	col := Cells(want[row])
	for i, w := range want {
		before, after, ok := strings.Cut(w, "|")
		if ok {
			row, col = i, Cells(before)
		}
		want[i] = strings.TrimRight(before+after, " ")
	}
	p.waits(fmt.Sprintf("the screen\n%s\nwith the cursor in line %d, column %d", strings.Join(want, "\n"), row, col), func() bool {
		return slices.Equal(p.vt.screen(), want) && p.vt.row == row && p.vt.col == col
	})
}

// waits reads the screen until done.
func (p *person) waits(what string, done func() bool) {
	p.t.Helper()
	limit := time.After(10 * time.Second)
	for !done() {
		select {
		case b := <-p.output:
			p.vt.Write(b)
		case <-limit:
			p.t.Fatalf("no %s; it is\n%v", what, p.vt)
		}
	}
}

// A typed is what a ReadLine returned.
type typed struct {
	text string
	err  error
}

// reads calls ReadLine n times, or until it fails, on a goroutine that ends with it.
func reads(e LineReader, n int) <-chan typed {
	c := make(chan typed, n)
	go func() {
		defer close(c)
		for range n {
			text, err := e.ReadLine()
			c <- typed{text: text, err: err}
			if err != nil {
				return
			}
		}
	}()
	return c
}

// gets waits for a line.
func (p *person) gets(c <-chan typed, text string, err error) {
	p.t.Helper()
	for {
		select {
		case got, ok := <-c:
			if !ok || got.text != text || got.err != err {
				p.t.Fatalf("ReadLine: %q, %v, want %q, %v", got.text, got.err, text, err)
			}
			return
		case b := <-p.output:
			p.vt.Write(b)
		case <-time.After(10 * time.Second):
			p.t.Fatalf("ReadLine does not return %q; the screen is\n%v", text, p.vt)
		}
	}
}

func TestEditorPrintsAboveTheLine(t *testing.T) {
	p, e := sit(t, 40, 10, LineConfig{})
	defer p.leaves()
	defer e.Close()
	lines := reads(e, 2)
	p.types("hello")
	p.sees("> hello")
	p.types("\x1b[D\x1b[D")
	p.sees("> hel|lo")
	printed := make(chan error)
	go func() {
		_, err := io.WriteString(e, "< incoming\n< and mo")
		printed <- err
	}()
	if err := <-printed; err != nil {
		t.Fatal(err)
	}
	p.sees("< incoming", "> hel|lo")
	if _, err := io.WriteString(e, "re\n"); err != nil {
		t.Fatal(err)
	}
	p.sees("< incoming", "< and more", "> hel|lo")
	p.types("p us a")
	p.sees("< incoming", "< and more", "> help us a|lo")
	p.types("\r")
	p.gets(lines, "help us alo", nil)
	p.sees("< incoming", "< and more", "> help us alo", "> ")
	if _, err := io.WriteString(e, "< answer\n"); err != nil {
		t.Fatal(err)
	}
	p.sees("< incoming", "< and more", "> help us alo", "< answer", "> ")
}

func TestEditorPrintsBetweenLines(t *testing.T) {
	p, e := sit(t, 40, 10, LineConfig{})
	defer p.leaves()
	defer e.Close()
	io.WriteString(e, "< before\n< be")
	p.sees("< before", "")
	lines := reads(e, 1)
	p.types("a\r")
	p.gets(lines, "a", nil)
	io.WriteString(e, "tween\n")
	p.sees("< before", "> a", "< between", "")
}

func TestEditorPrintsWhileKeysArrive(t *testing.T) {
	p, e := sit(t, 30, 60, LineConfig{})
	defer p.leaves()
	defer e.Close()
	lines := reads(e, 1)
	const text = "the quick 日本語 brown fox jumps over the lazy dog 🙂 twice"
	printed := make(chan error)
	typing := make(chan bool, 2*len(text))
	var want []string
	for i := range 20 {
		want = append(want, fmt.Sprintf("< message %d", i))
	}
	go func() {
		for _, l := range want {
			<-typing
			if _, err := io.WriteString(e, l+"\n"); err != nil {
				printed <- err
				return
			}
		}
		printed <- nil
	}()
	for _, r := range text {
		typing <- true
		p.types("\x01--\x01\x04\x04\x05" + string(r)) // the line moves back and forth
	}
	p.waits("end of printing", func() bool {
		select {
		case err := <-printed:
			if err != nil {
				t.Fatal(err)
			}
			return true
		default:
			return strings.Count(p.vt.String(), "<") == len(want) && strings.HasSuffix(p.vt.screen()[p.vt.row], "twice")
		}
	})
	p.types("\r")
	p.gets(lines, text, nil)
	// The terminal wraps the finished line by itself.
	p.sees(append(want, "> the quick 日本語 brown fox j", "umps over the lazy dog 🙂 twic", "e", "")...)
}

func TestEditorKeys(t *testing.T) {
	tests := []struct {
		name, keys string
		want       string
		err        error
	}{
		{name: "home, end", keys: "bc\x1b[Ha\x1b[Fd\r", want: "abcd"},
		{name: "home, end of other terminals", keys: "bc\x1b[1~a\x1b[4~d\x1bOHx\x1bOFy\x1b[7~1\x1b[8~2\r", want: "1xabcdy2"},
		{name: "arrows", keys: "ac\x1b[Db\x1b[Cd\x1bOD-\r", want: "abc-d"},
		{name: "emacs", keys: "bc\x01a\x05d\x02\x02x\x06y\r", want: "abxcyd"},
		{name: "backspace, delete", keys: "abxc\x7f\x7fcd\x01\x1b[3~\x04\r", want: "cd"},
		{name: "backspace at the start", keys: "a\x01\x7fb\r", want: "ba"},
		{name: "delete on an empty line", keys: "\x1b[3~a\r", want: "a"},
		{name: "kill and yank", keys: "one two\x01\x0b\x19 \x19\r", want: "one two one two"},
		{name: "kill before", keys: "one two\x1b[D\x15x\r", want: "xo"},
		{name: "kill word", keys: "one two three\x1bb\x17+\x1b\x7f-\r", want: "-three"},
		{name: "kill word keeps the rest of the first", keys: "one two\x01\x06\x17\r", want: "ne two"},
		{name: "kill word after", keys: "one two three\x01\x1bd\x1b[1;5C\x1b[3;5~\r", want: "  three"},
		{name: "words", keys: "one two\x1bb-\x1b[1;5D\x1b[1;3D-\x1bf+\x1b[1;3C+\r", want: "-one -+two+"},
		{name: "transpose", keys: "abdc\x14\x01\x14\r", want: "bacd"},
		{name: "transpose one", keys: "a\x14b\r", want: "ab"},
		{name: "marks", keys: "ae\u0301b\x1b[D\x7f\x7fx\r", want: "axb"},
		{name: "wide", keys: "日本語\x1b[D\x1b[D\x7f🙂\x1b[3~\r", want: "🙂語"},
		{name: "tab", keys: "a\tb\r", want: "a\tb"},
		{name: "not UTF-8", keys: "a\xffb\xc3\r", want: "a\ufffdb\ufffd"},
		{name: "unknown keys", keys: "a\x1b[15~b\x1b[1;9Pc\x00\x1ad\x1c\x1b[[Ae\x1b[Z\r", want: "abcde"},
		{name: "escape alone", keys: "a\x1bxb\x1b\x1b[Dc\r", want: "axcb"},
		{name: "no sequence", keys: "a\x1b[\r\x1b[D", want: "a"},
		{name: "keypad enter", keys: "a\x1bOM", want: "a"},
		{name: "newline", keys: "a\n", want: "a"},
		{name: "interrupt", keys: "\x03", err: ErrInterrupt},
		{name: "interrupt clears", keys: "half\x03\r", want: ""},
		{name: "interrupt twice", keys: "half\x03\x03", err: ErrInterrupt},
		{name: "interrupt, then a line", keys: "half\x03whole\r", want: "whole"},
		{name: "end", keys: "\x04", err: io.EOF},
		{name: "end on a half-typed line", keys: "ab\x04\x1b[D\x04\x7f\x04", err: io.EOF},
		{name: "paste", keys: "a\x1b[200~{\r\n\t\"x\": 1\r}\n\x1b[201~b\r", want: "a{\n\t\"x\": 1\n}b"},
		{name: "paste of keys", keys: "\x1b[200~\x03\x1b[D\x04\x1b[201~\r", want: "\x03\x1b[D\x04"},
		{name: "long", keys: strings.Repeat("0123456789", 10_000) + "\r", want: strings.Repeat("0123456789", 10_000)},
		{name: "long paste", keys: "\x1b[200~" + strings.Repeat("0123456789\r", 10_000) + "\x1b[201~\r", want: strings.Repeat("0123456789\n", 9_999) + "0123456789"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, e := sit(t, 40, 24, LineConfig{})
			defer p.leaves()
			defer e.Close()
			lines := reads(e, 1)
			p.sees("> ")                       // before that, Ctrl-C is a signal
			go io.WriteString(p.hand, tt.keys) // ends when all are read
			p.gets(lines, tt.want, tt.err)
		})
	}
}

func TestEditorTypeAhead(t *testing.T) {
	p, e := sit(t, 40, 10, LineConfig{})
	defer p.leaves()
	defer e.Close()
	p.types("one\rtwo\rth")
	lines := reads(e, 3)
	p.gets(lines, "one", nil)
	p.gets(lines, "two", nil)
	p.types("ree\r")
	p.gets(lines, "three", nil)
	p.sees("> one", "> two", "> three", "")
}

func TestEditorInterruptOnScreen(t *testing.T) {
	p, e := sit(t, 40, 10, LineConfig{})
	defer p.leaves()
	defer e.Close()
	lines := reads(e, 1)
	p.types("half")
	p.sees("> half")
	p.types("\x03")
	p.sees("> half^C", "> ")
	p.types("\x03")
	p.gets(lines, "", ErrInterrupt)
	p.sees("> half^C", "> ^C", "")
}

func TestEditorLongLine(t *testing.T) {
	p, e := sit(t, 11, 6, LineConfig{})
	defer p.leaves()
	defer e.Close()
	lines := reads(e, 1)
	p.types("12345678日本語")
	p.sees("> 12345678", "日本語")
	p.types("\x1b[D\x1b[D")
	p.sees("> 12345678", "日|本語")
	p.types("\x01")
	p.sees("> |12345678", "日本語")
	p.types("\x02\x05abcdefghijklmnopqrst\u202e")
	p.sees("…", "efghijklmn", `opqrst\u{2`, "02e}")
	p.types("\x01")
	p.sees("> |12345678", "日本語abcd", "efghijklmn", "…")
	if _, err := io.WriteString(e, "< x\n"); err != nil {
		t.Fatal(err)
	}
	p.sees("< x", "> |12345678", "日本語abcd", "efghijklmn", "…")
	p.types("\r")
	p.gets(lines, "12345678日本語abcdefghijklmnopqrst\u202e", nil)
	p.sees("< x", "> 12345678", "日本語abcde", "fghijklmnop", `qrst\u{202e`, "}", "")
}

// TestEditorOtherWidths is about a terminal that gives characters other widths than
// we do: the line may be laid out oddly, but nothing of it stays behind and the cursor
// is where the next character goes.
func TestEditorOtherWidths(t *testing.T) {
	p, e := sit(t, 21, 10, LineConfig{})
	defer p.leaves()
	defer e.Close()
	p.vt.cells = func(r rune) int {
		switch {
		case r == '🏽':
			return 0
		case r > 0x1f000:
			return 1
		}
		return cells(r)
	}
	lines := reads(e, 1)
	p.types("👍🏽🙂 ab\x1b[Dx")
	p.waits("line", func() bool { return p.vt.screen()[0] == "> 👍🏽🙂 axb" && p.vt.col == 2+1+1+1+2 })
	if _, err := io.WriteString(e, "< x\n"); err != nil {
		t.Fatal(err)
	}
	p.waits("line", func() bool {
		s := p.vt.screen()
		return len(s) == 2 && s[0] == "< x" && s[1] == "> 👍🏽🙂 axb"
	})
	p.types("\r")
	p.gets(lines, "👍🏽🙂 axb", nil)
}

func TestEditorMarks(t *testing.T) {
	p, e := sit(t, 40, 10, LineConfig{})
	defer p.leaves()
	defer e.Close()
	reads(e, 1)
	p.types("ae\u0301b\ufe0fc\x1b[D\x1b[D")
	p.sees(`> ae` + "\u0301" + `b|\u{fe0f}c`)
	p.types("\x1b[D\x1b[D") // before the accent
	p.sees("> ae\u0301|b" + `\u{fe0f}c`)
}

func TestEditorBell(t *testing.T) {
	p, e := sit(t, 40, 10, LineConfig{})
	defer p.leaves()
	defer e.Close()
	reads(e, 1)
	for i, key := range []string{"\x1b[3~", "\x7f", "\x1b[A"} {
		p.types(key)
		p.waits(fmt.Sprintf("bell for %q", key), func() bool { return p.vt.bells == i+1 })
	}
}

func TestEditorResize(t *testing.T) {
	p, e := sit(t, 40, 10, LineConfig{})
	defer p.leaves()
	defer e.Close()
	lines := reads(e, 1)
	p.types("0123456789")
	p.sees("> 0123456789")
	setSize(t, p.hand, 9, 10)
	p.vt.width = 9
	p.types("a")
	p.sees("> 012345", "6789a")
	p.types("\r")
	p.gets(lines, "0123456789a", nil)
}

func TestEditorClear(t *testing.T) {
	p, e := sit(t, 40, 10, LineConfig{})
	defer p.leaves()
	defer e.Close()
	reads(e, 1)
	io.WriteString(e, "< x\n")
	p.types("ab")
	p.sees("< x", "> ab")
	p.types("\x0c")
	p.waits("clear screen", func() bool { return p.vt.top > 0 && p.vt.row == p.vt.top && p.vt.screen()[p.vt.row] == "> ab" })
}

func TestEditorComplete(t *testing.T) {
	commands := []string{"/ping", "/text", "/quit", "/pong", "/file"}
	tests := []struct {
		name, keys string
		want       string
		above      string
	}{
		{name: "one", keys: "/f\tx", want: "/file x"},
		{name: "shared start", keys: "/p\ti\t", want: "/ping ", above: "/ping  /pong"},
		{name: "choices", keys: "/p\t\x7f\x7f\t\t", want: "/", above: "/file  /ping  /pong  /quit  /text"},
		{name: "in the middle", keys: "/q foo\x1b[D\x1b[D\x1b[D\x1b[D\t\x1b[Fx", want: "/quit  foox"},
		{name: "not at the start", keys: "a /p\tb", want: "a /p\tb"},
		{name: "not a command", keys: "/pa\tb", want: "/pa\tb"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, e := sit(t, 60, 24, LineConfig{Commands: commands})
			lines := reads(e, 1)
			p.sees("> ")
			p.types(tt.keys + "\r")
			p.gets(lines, tt.want, nil)
			e.Close()
			p.waits("end", func() bool { return !p.vt.paste })
			p.leaves()
			if got := strings.Join(p.vt.screen(), "\n"); strings.Contains(got, "/ping  /pong") != (tt.above != "") || !strings.Contains(got, tt.above) {
				t.Errorf("the screen is\n%s\nwant %q above the line", got, tt.above)
			}
		})
	}
	if commands[0] != "/ping" {
		t.Error("the caller's list was sorted")
	}
}

func TestEditorSetPrompt(t *testing.T) {
	p, e := sit(t, 40, 10, LineConfig{PromptStyle: NewPalette(true).Outgoing})
	defer p.leaves()
	defer e.Close()
	lines := reads(e, 1)
	p.types("ab\x02")
	p.sees("> a|b")
	e.SetPrompt("multi> ")
	p.sees("multi> a|b")
	p.types("\r")
	p.gets(lines, "ab", nil)
	p.sees("multi> ab", "")
}

func TestEditorHistory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "wskit", "history")
	open := func() *History {
		h, err := OpenHistory(path)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	session := func(keys string, want ...string) {
		t.Helper()
		p, e := sit(t, 40, 24, LineConfig{History: open()})
		defer p.leaves()
		defer e.Close()
		lines := reads(e, len(want))
		p.sees("> ") // before that, Ctrl-C is a signal
		p.types(keys)
		for _, w := range want {
			p.gets(lines, w, nil)
		}
	}
	session("first\rsecond\r\rsecond\r\x1b[200~two\nlines\x1b[201~\r", "first", "second", "", "second", "two\nlines")
	const up, down = "\x1b[A", "\x1b[B"
	session("dra"+up+up+"!\r", "second!")
	session(up+"\r"+up+up+"\r", "second!", "two\nlines")
	session("dra"+up+up+up+down+down+down+"ft\r", "draft")
	session(strings.Repeat(up, 20)+"\r", "first")
	session("\x12sec\r\x12sec\x12\x1b[F?\r\x12sec\x07kept\r", "second!", "second!?", "kept")
	session("x\x12line\x7f\x7f\x7f\x7fird\x7f\x7frst\x1b[D+\r", "+first")
	session("x\x12zzz\r", "x")
	session("y\x12zzz\x03ok\r", "yok")
	session(up+up+up+"\x03"+up+"\r", "yok")
	session("dra\x12kep"+up+"\r", "second!?")
	session("dra\x12ok"+down+down+"ft\r", "draft")
	session("\x12+fir\x01\x04\x03\x12fir\r", "+first") // a line that was found is edited in a copy

	want := []string{"first", "second", "two\nlines", "second!", "two\nlines", "draft", "first", "second!", "second!?", "kept", "+first", "x", "yok", "second!?", "draft", "+first"}
	if got := open().entries; !slices.Equal(got, want) {
		t.Errorf("history has %q, want %q", got, want)
	}
}

func TestEditorSearchOnScreen(t *testing.T) {
	p, e := sit(t, 40, 10, LineConfig{History: &History{entries: []string{"the first", "the second"}}})
	defer p.leaves()
	defer e.Close()
	reads(e, 1)
	p.types("x\x12")
	p.sees("(bck-i-search: ) x")
	p.types("fi")
	p.sees("(bck-i-search: fi) the |first")
	if _, err := io.WriteString(e, "< x\n"); err != nil {
		t.Fatal(err)
	}
	p.sees("< x", "(bck-i-search: fi) the |first")
	p.types("\u202e")
	p.sees("< x", `(failing bck-i-search: fi\u{202e}) the`, "|first")
	p.types("\x7f\x1b[D")
	p.sees("< x", "> the| first")
	p.types("\x12seco")
	p.waits("search", func() bool { return strings.Contains(p.vt.String(), "failing") })
	p.types("\x03")
	p.sees("< x", "> the first")
}

func TestEditorClose(t *testing.T) {
	p, e := sit(t, 40, 10, LineConfig{})
	defer p.leaves()
	lines := reads(e, 1)
	p.types("half")
	p.sees("> half")
	io.WriteString(e, "no newline")
	if !p.vt.paste {
		t.Error("bracketed paste is off")
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	p.gets(lines, "", os.ErrClosed)
	p.waits("end of bracketed paste", func() bool { return !p.vt.paste })
	p.sees("> half", "no newline", "")
	if _, err := io.WriteString(e, "after"); err != nil {
		t.Fatal(err)
	}
	p.sees("> half", "no newline", "after")
	for range 2 {
		if _, err := e.ReadLine(); err != os.ErrClosed {
			t.Errorf("ReadLine: %v, want %v", err, os.ErrClosed)
		}
	}
	if err := e.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
}

func TestEditorLeavesNothingBehind(t *testing.T) {
	hand, tty := openPTY(t, 40, 10)
	modes := func() unix.Termios {
		var state *unix.Termios
		if err := control(tty, func(fd int) (err error) {
			state, err = unix.IoctlGetTermios(fd, ioctlGetTermios)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return *state
	}
	before, goroutines, files := modes(), runtime.NumGoroutine(), openFiles(t)

	e, err := NewEditor(LineConfig{In: tty, Out: tty, Prompt: "x"})
	if err != nil {
		t.Fatal(err)
	}
	if m := modes(); m.Lflag&(unix.ECHO|unix.ICANON) != 0 || m.Lflag&unix.ISIG == 0 {
		t.Errorf("between lines the modes are %#x, want no echo, no lines, but signals", m.Lflag)
	}
	if _, err := io.WriteString(hand, "\r"); err != nil {
		t.Fatal(err)
	}
	if text, err := e.ReadLine(); text != "" || err != nil {
		t.Fatalf("ReadLine: %q, %v", text, err)
	}
	if m := modes(); m.Lflag&unix.ISIG == 0 {
		t.Errorf("after a line the modes are %#x, want signals", m.Lflag)
	}
	e.SetPrompt("y")
	lines := reads(e, 1)
	for b := make([]byte, 1); b[0] != 'y'; { // the prompt: a line is being read
		if _, err := hand.Read(b); err != nil {
			t.Fatal(err)
		}
	}
	if m := modes(); m.Lflag&unix.ISIG != 0 || m.Oflag&unix.OPOST == 0 {
		t.Errorf("in a line the modes are %#x and %#x, want no signals, but output processed", m.Lflag, m.Oflag)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if l := <-lines; l.err != os.ErrClosed {
		t.Errorf("ReadLine: %v, want %v", l.err, os.ErrClosed)
	}

	if after := modes(); after != before {
		t.Errorf("modes are %+v, were %+v", after, before)
	}
	if n := openFiles(t); n != files {
		t.Errorf("%d files are open, were %d", n, files)
	}
	for range lines { // until reads is over
	}
	checkGoroutines(t, goroutines)
}

// checkGoroutines waits for goroutines that have done their work to end.
func checkGoroutines(t *testing.T, want int) {
	t.Helper()
	limit := time.Now().Add(10 * time.Second)
	for runtime.NumGoroutine() > want && time.Now().Before(limit) {
		runtime.Gosched()
	}
	if n := runtime.NumGoroutine(); n > want {
		t.Errorf("%d goroutines, were %d", n, want)
	}
}

// TestEditorCloseTypedAhead is about keys that readline has and nobody waits for: lines,
// the end of the input, a search, half a line.
func TestEditorCloseTypedAhead(t *testing.T) {
	for _, keys := range []string{"two\r\x04\x04/\tthree\r", "\x12on", "\x1b[3~\x1b[200~x\ny\x1b[201~", "\x0ctwo\x1b["} {
		t.Run(fmt.Sprintf("%q", keys), func(t *testing.T) {
			hand, tty := openPTY(t, 40, 10)
			goroutines := runtime.NumGoroutine()
			var out bytes.Buffer
			e, err := NewEditor(LineConfig{In: tty, Out: &out, Commands: []string{"/ping", "/pong"}})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(hand, "one\r"+keys); err != nil {
				t.Fatal(err)
			}
			if text, err := e.ReadLine(); text != "one" || err != nil {
				t.Fatalf("ReadLine: %q, %v", text, err)
			}
			shown := out.Len()
			var closing sync.WaitGroup
			for range 2 {
				closing.Go(func() {
					if err := e.Close(); err != nil {
						t.Errorf("Close: %v", err)
					}
				})
			}
			closing.Wait()
			if got := out.String()[shown:]; got != disablePaste {
				t.Errorf("Close shows %q, want %q", got, disablePaste)
			}
			checkGoroutines(t, goroutines)
		})
	}
}

// openFiles returns how many descriptors are open, 0 where that cannot be seen.
func openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return len(entries)
}

func TestEditorHangup(t *testing.T) {
	p, e := sit(t, 40, 10, LineConfig{})
	defer e.Close()
	lines := reads(e, 1)
	p.types("half")
	p.sees("> half")
	p.leaves()
	if l := <-lines; l.text != "" || l.err != io.EOF {
		t.Errorf("ReadLine: %q, %v, want %v", l.text, l.err, io.EOF)
	}
	for range 2 {
		if _, err := e.ReadLine(); err != io.EOF {
			t.Errorf("ReadLine: %v, want %v", err, io.EOF)
		}
	}
}

func TestNewLineReader(t *testing.T) {
	_, tty := openPTY(t, 80, 24)
	pipe, _, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer pipe.Close()
	tests := []struct {
		name   string
		in     io.Reader
		out    io.Writer
		term   string
		editor bool
	}{
		{name: "terminal", in: tty, out: tty, term: "xterm", editor: true},
		{name: "TERM not set", in: tty, out: tty, editor: true},
		{name: "dumb", in: tty, out: tty, term: "dumb"},
		{name: "input from a pipe", in: pipe, out: tty},
		{name: "output elsewhere", in: tty, out: io.Discard},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := NewLineReader(LineConfig{In: tt.in, Out: tt.out, Getenv: func(string) string { return tt.term }})
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			if _, ok := r.(*Editor); ok != tt.editor {
				t.Errorf("got a %T, want an editor: %t", r, tt.editor)
			}
		})
	}
}
