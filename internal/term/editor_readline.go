package term

import (
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/chzyer/readline"
)

// newEditor returns an Editor for the keys that in has. What it starts of readline
// ends with in, and when Stdin is closed.
func newEditor(cfg LineConfig, in io.Reader) (*Editor, error) {
	e := &Editor{
		keys:     newKeyReader(in),
		history:  cfg.History,
		commands: slices.Sorted(slices.Values(cfg.Commands)),
		screen:   screen{out: cfg.Out, size: func() (int, int) { return size(cfg.Out) }},
		prompt:   cfg.Prompt,
		style:    cfg.PromptStyle,
	}
	e.shut = sync.OnceValue(e.end)
	if e.history == nil {
		e.history = new(History)
	}
	none := func() error { return nil }
	var err error
	e.rl, err = readline.NewEx(&readline.Config{
		Stdin:                  io.NopCloser(e.keys),
		Stdout:                 face{e},
		Stderr:                 io.Discard,
		Listener:               face{e},
		AutoComplete:           face{e},
		HistoryLimit:           maxHistory,
		DisableAutoSaveHistory: true,
		FuncIsTerminal:         func() bool { return false }, // so that it draws nothing
		FuncGetWidth:           func() int { return 80 },     // it divides by it all the same
		FuncOnWidthChanged:     func(func()) {},              // else a goroutine waits for a signal for ever
		FuncMakeRaw:            none,
		FuncExitRaw:            none,
	})
	if err != nil {
		return nil, err
	}
	for _, line := range e.history.entries {
		e.rl.SaveHistory(line) // it has no file to fail for
	}
	return e, nil
}

// A face is what readline sees of an Editor.
type face struct{ e *Editor }

// OnChange is called when a line begins, with key 0, and after each key with what it
// made of the line. What it returns takes the place of that.
func (f face) OnChange(line []rune, pos int, key rune) ([]rune, int, bool) {
	var change edit
	if key == readline.CharBell {
		change = <-f.e.keys.edits
	}
	f.e.mu.Lock()
	defer f.e.mu.Unlock()
	switch {
	case key == readline.CharEnter, key == readline.CharInterrupt && f.e.search == "":
		return nil, 0, false // the line is over: ReadLine shows it
	case key < ' ' && key != readline.CharCtrlH && key != readline.CharBckSearch && key != readline.CharFwdSearch:
		f.e.search = "" // only those and text go on with a search
	}
	switch {
	case change != nil:
		n := len(line)
		if line, pos = change(line, pos); len(line) == n && f.e.active {
			f.e.emit([]byte("\a"))
		}
	case len(line) == 0 && (key == readline.CharCtrlW || key == readline.MetaBackspace):
		line = f.e.line[f.e.pos:] // in the first word readline deletes what is behind the cursor too
	}
	// After Ctrl-T on a single character readline has the cursor behind the end.
	f.e.line, f.e.pos = line, min(pos, len(line))
	f.e.printAbove(nil)
	// Readline gets a copy: others print f.e.line, and what a search found is a part of
	// readline's history.
	return slices.Clone(f.e.line), f.e.pos, true
}

// Write does what readline asks of the terminal, where that is more than drawing.
func (f face) Write(b []byte) (int, error) {
	f.e.mu.Lock()
	defer f.e.mu.Unlock()
	_, below, cleared := strings.Cut(string(b), "\x1b[J")
	switch {
	case !f.e.active:
	case string(b) == "\a":
		f.e.emit(b)
	case string(b) == "\x1b[H": // Ctrl-L
		f.e.screen.on = false
		f.e.emit([]byte("\x1b[H\x1b[2J"))
	case cleared: // how a search goes on, and an underline as its cursor
		f.e.search, _, _ = strings.Cut(below, "\x1b[4m")
	}
	return len(b), nil
}

// Do completes the command that the line begins with as far as it is clear, and lists
// the choices where it is not. Anywhere else Tab inserts a tab.
func (f face) Do(line []rune, pos int) (rest [][]rune, n int) {
	head := string(line[:pos])
	var found []string
	if !strings.ContainsAny(head, " \t\n") {
		for _, c := range f.e.commands {
			if strings.HasPrefix(c, head) {
				found = append(found, c)
			}
		}
	}
	switch len(found) {
	case 0:
		return [][]rune{{'\t'}}, 0
	case 1:
		return [][]rune{[]rune(found[0][len(head):] + " ")}, 0
	}
	f.e.mu.Lock()
	defer f.e.mu.Unlock()
	if f.e.active {
		f.e.printAbove([]byte(strings.Join(found, "  ") + "\n"))
	}
	// The commands are sorted: what the first and the last share, all share.
	first, last := found[0], found[len(found)-1]
	for n = len(head); n < min(len(first), len(last)) && first[n] == last[n]; n++ {
	}
	return [][]rune{[]rune(first[len(head):n])}, 0
}
