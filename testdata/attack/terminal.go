//go:build linux

package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/creack/pty"

	"wskit/codec"
)

func terminalAttacks() []attack {
	base := attack{memory: 8 << 20, time: 30 * time.Second, ours: true}
	row := func(id, what string, run func(t *trial) error, targets ...string) []attack {
		a := base
		a.id, a.what, a.run = id, what, run
		return each(a, targets...)
	}
	deep := row("A17e", "JSON nested 500,000 deep, and other texts that are hard to lay out", hardToShow, connect, inspect)
	for i := range deep {
		deep[i].memory, deep[i].time = 128<<20, 40*time.Second
	}
	return slices.Concat(
		row("A17", "terminal escapes, C1, bidi and format characters in messages and reasons", hostileMessages, connect, inspect),
		row("A17b", "the same in status lines, headers and bodies of answers", hostileAnswers, connect, inspect),
		row("A17c", "the same at a prompt, while a person types", hostilePrompt, connect, inspect),
		row("A17d", "the same in paths, headers, messages and reasons that are logged", hostileLog, serve),
		deep,
		row("A17f", "markup in answers, in the page of a report", hostilePage, bench),
	)
}

// mark puts a hostile character where it can be found again.
func mark(c string) string { return "<" + c + ">" }

// hostileRunes are the characters that a terminal may obey or that change how a text looks:
// C0, DEL, C1, format characters, those for bidirectional text among them, and separators.
func hostileRunes() []rune {
	var all []rune
	for _, table := range []*unicode.RangeTable{unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp} {
		for _, r16 := range table.R16 {
			for r := rune(r16.Lo); r <= rune(r16.Hi); r += rune(r16.Stride) {
				all = append(all, r)
			}
		}
		for _, r32 := range table.R32 {
			for r := rune(r32.Lo); r <= rune(r32.Hi); r += rune(r32.Stride) {
				all = append(all, r)
			}
		}
	}
	return all
}

// sequences are what real attacks are made of.
var sequences = []string{
	"\x1b[2J", "\x1b]0;owned\x07", "\x1b]52;c;ZXZpbA==\x07", "\x1b[6n", "\x1b[5i", "\x1bP+q544e\x1b\\", "\u009b31m", "\u009d0;owned\u009c", "\x1bc", "\x1b[?1049h",
	"\x1b]8;;http://evil.example\x1b\\here\x1b]8;;\x1b\\", "safe\rowned", "safe\x08\x08owned", "\x0e", "\u202eexe.txt", "\u2066\u2067",
}

// hostileText is one text with all hostile characters and sequences.
func hostileText() string {
	var b strings.Builder
	for _, r := range hostileRunes() {
		b.WriteString(mark(string(r)))
	}
	for _, s := range sequences {
		b.WriteString(mark(s))
	}
	return b.String()
}

// allBytes is each byte, marked.
func allBytes() string {
	var b strings.Builder
	for c := range 256 {
		b.WriteString(mark(string([]byte{byte(c)})))
	}
	return b.String()
}

// harmless reports whether an output holds nothing but what shows as itself, and line ends.
func harmless(out string) (bad string, ok bool) {
	out = strings.ReplaceAll(strings.TrimSuffix(out, "\r"), "\r\n", "\n") // it may be cut
	for i, r := range out {
		if r == '\n' {
			continue
		}
		if r == utf8.RuneError || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			return fmt.Sprintf("%q", out[max(0, i-20):min(len(out), i+20)]), false
		}
	}
	return "", true
}

// unmarked reports whether none of the hostile characters stands in an output as it was sent:
// that of a prompt has escapes of its own.
func unmarked(out string) (bad string, ok bool) {
	for _, r := range hostileRunes() {
		if strings.Contains(out, mark(string(r))) {
			return fmt.Sprintf("%q", mark(string(r))), false
		}
	}
	for _, s := range sequences {
		if strings.Contains(out, s) {
			return fmt.Sprintf("%q", s), false
		}
	}
	return "", true
}

// A screen is a terminal that keeps what is shown on it.
type screen struct {
	output
	pty, tty *os.File
	reading  sync.WaitGroup
}

func newScreen() (*screen, error) {
	s := &screen{}
	s.line = make(chan struct{})
	var err error
	if s.pty, s.tty, err = pty.Open(); err != nil {
		return nil, fmt.Errorf("open a terminal: %w", err)
	}
	pty.Setsize(s.pty, &pty.Winsize{Rows: 50, Cols: 200})
	s.reading.Go(func() { io.Copy(&s.output, s.pty) })
	return s, nil
}

// shown returns all that was shown, when nobody else has the terminal any more.
func (s *screen) shown() string {
	s.tty.Close()
	s.reading.Wait()
	s.pty.Close()
	return s.String()
}

// onScreen runs a client on a terminal, of which stdin is one only at a prompt, and returns
// what it showed and its exit code.
func (t *trial) onScreen(prompt bool, args ...string) (shown string, exit int, err error) {
	s, err := newScreen()
	if err != nil {
		return "", 0, err
	}
	c, err := t.launch(append([]string{t.lab.wskit, t.target}, args...), func(cmd *exec.Cmd) {
		cmd.Stdout, cmd.Stderr = s.tty, s.tty
		if prompt {
			cmd.Stdin = s.tty
			cmd.SysProcAttr.Setsid, cmd.SysProcAttr.Setctty = true, true
		}
	})
	if err != nil {
		s.shown()
		return "", 0, err
	}
	if prompt {
		s.pty.Write([]byte("half a li"))
	}
	exit, err = c.wait(exitLimit)
	return s.shown(), exit, err
}

// hostileFrames are messages and control frames with all that is hostile, and a close frame
// with some of it in its reason.
func hostileFrames(reason string) []byte {
	frames := []frame{
		textFrame(hostileText()),
		{op: codec.OpBinary, payload: []byte(allBytes())},
		textFrame(`{"` + strings.ReplaceAll(hostileJSON(), `"`, ``) + `":"` + strings.ReplaceAll(hostileJSON(), `"`, ``) + `"}`),
		{op: codec.OpPing, payload: []byte(allBytes()[:125])},
		{op: codec.OpPong, payload: []byte(sequences[1])},
	}
	for _, s := range sequences {
		frames = append(frames, textFrame(s))
	}
	return script(append(frames, closeFrame(4000, reason))...)(codec.RoleServer)
}

// hostileJSON is what is hostile and may stand in a string of JSON.
func hostileJSON() string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == '"' || r == '\\' {
			return -1
		}
		return r
	}, hostileText())
}

// reasons returns reasons of close frames that together hold all that is hostile.
func reasons() []string {
	all := []string{strings.Join(sequences[:5], "")}
	part := ""
	for _, r := range hostileRunes() {
		if len(part)+len(mark(string(r))) > codec.MaxCloseReason {
			all, part = append(all, part), ""
		}
		part += mark(string(r))
	}
	return append(all, part)
}

func hostileMessages(t *trial) error {
	views := [][]string{{"--no-color"}, {"--no-color", "-v"}}
	if t.target == inspect {
		views = append(views, [][]string{
			{"--json"}, {"--no-color", "--payload", "text"}, {"--no-color", "--payload", "hex"}, {"--no-color", "--payload", "pretty"}, {"--no-color", "--messages"},
		}...)
	}
	for _, args := range views {
		for i, reason := range reasons() {
			l, err := t.lure(func(c *caught) {
				c.accept("Sec-WebSocket-Evil: "+strings.Repeat("\xff\x9b", 3)+"\r\n", hostileFrames(reason))
				hearFrames(c.r)
			})
			if err != nil {
				return err
			}
			shown, exit, err := t.onScreen(false, append(args, l.url)...)
			if err != nil {
				return err
			}
			t.sawShown(harmless, shown, fmt.Sprintf("%q, reason %d", args, i))
			if exit != 9 {
				t.fault("%q: exit %d, want 9: %.200q", args, exit, shown)
			}
			t.end()
		}
	}
	return nil
}

// sawShown counts an output that is to pass a check, and not to be empty.
func (t *trial) sawShown(check func(string) (string, bool), shown, what string) {
	bad, ok := check(shown)
	switch {
	case len(shown) < 20:
		t.saw("nothing shown", what, "escaped")
	case ok:
		t.saw("escaped", what, "escaped")
	default:
		t.saw("raw "+bad, what, "escaped")
	}
}

func hostileAnswers(t *trial) error {
	hostile := strings.NewReplacer("\r", "", "\n", "").Replace(allBytes() + strings.Join(sequences, ""))
	opaque := strings.Map(func(r rune) rune { // what a header may hold
		if r < ' ' || r == 0x7F {
			return -1
		}
		return r
	}, hostileText())
	answers := []string{
		"HTTP/1.1 403 " + opaque + "\r\nServer: " + opaque + "\r\nLocation: " + opaque + "\r\nContent-Type: " + opaque + "\r\n\r\n" + hostileText() + allBytes(),
		"HTTP/1.1 403 Forbidden\r\n\r\n" + hostile,
		"HTTP/1.1 403 \xff\xfe\x9b31m\r\nServer: \xff\x9b\r\n\r\n",
		hostile,
		"HTTP/1.1 " + hostile + "\r\n\r\n",
		"HTTP/1.1 101 Switching Protocols\r\n" + hostile + ": a\r\n\r\n",
		"HTTP/1.1 101 Switching Protocols\r\nA: " + hostile + "\r\n\r\n",
		"HTTP/1.1 101 Switching Protocols\r\nUpgrade: " + opaque + "\r\nConnection: " + opaque + "\r\n\r\n",
	}
	for _, name := range []string{"Sec-WebSocket-Accept", "Sec-WebSocket-Extensions", "Sec-WebSocket-Protocol"} {
		answers = append(answers, strings.TrimSuffix(string(welcome(key, name+": "+opaque+"\r\n")), "\r\n")+"\r\n")
	}
	for _, s := range sequences {
		answers = append(answers, "HTTP/1.1 101 "+s+"\r\n\r\n", s)
	}
	for i, answer := range answers {
		l, err := t.lure(func(c *caught) {
			c.request()
			io.WriteString(c, answer)
		})
		if err != nil {
			return err
		}
		shown, exit, err := t.onScreen(false, "--no-color", "-v", "-s", "chat", l.url)
		if err != nil {
			return err
		}
		t.sawShown(harmless, shown, fmt.Sprint("answer ", i))
		if exit != 4 {
			t.fault("answer %d: exit %d, want 4: %.200q", i, exit, shown)
		}
		t.end()
	}
	return nil
}

func hostilePrompt(t *trial) error {
	for i, reason := range reasons() {
		l, err := t.lure(func(c *caught) {
			c.accept("", hostileFrames(reason))
			hearFrames(c.r)
		})
		if err != nil {
			return err
		}
		shown, _, err := t.onScreen(true, l.url)
		if err != nil {
			return err
		}
		t.sawShown(unmarked, shown, fmt.Sprint("reason ", i))
		t.end()
	}
	return nil
}
