package term

import (
	"bytes"
	"cmp"
	"errors"
	"sync"

	"github.com/chzyer/readline"
)

// An Editor is the LineReader for a terminal: the keys of a shell edit the line, the
// arrows and Ctrl-R go through the history, Tab completes a command. A paste of
// several lines stays one line with newlines in it, if the terminal tells a paste
// from typing (bracketed paste). While no ReadLine waits, Ctrl-C is the signal that it
// always is, and what is typed waits unseen.
//
// What a key does to the line is readline's to say. The screen is the Editor's:
// readline takes wide characters for narrow ones, and loses what is printed while a
// key arrives.
type Editor struct {
	tty      *tty
	shut     func() error // closes, once
	commands []string     // sorted

	reading sync.Mutex         // held by ReadLine
	rl      *readline.Instance // guarded by reading, as is history
	keys    *keyReader         // what rl reads; not in use while rl has no Readline
	history *History

	mu      sync.Mutex
	screen  screen // guarded by mu, as is all that follows
	prompt  string
	style   Style
	search  string // what readline says of the search that goes on
	line    []rune // as readline has it
	pos     int    // of the cursor: 0 to len(line)
	partial []byte // what was printed after the last newline
	active  bool   // whether a line is being read, and so is on the screen
	closed  bool
}

// NewEditor returns an Editor for a terminal, which shows no typing by itself from
// then to Close. The error is errors.ErrUnsupported on systems that have no way to
// do this.
func NewEditor(cfg LineConfig) (*Editor, error) {
	t, err := openTTY(cfg.In)
	if err != nil {
		return nil, err
	}
	e, err := newEditor(cfg, t)
	if err != nil {
		return nil, errors.Join(err, t.restore())
	}
	e.tty = t
	if err := e.emit([]byte(enablePaste)); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

// ReadLine shows the prompt and returns the line once Enter is pressed. The line
// stays on the screen.
func (e *Editor) ReadLine() (string, error) {
	e.reading.Lock()
	defer e.reading.Unlock()
	if e.keys.err != nil {
		return "", e.keys.err
	}
	if err := e.tty.raw(); err != nil {
		return "", err
	}
	e.setActive(true)
	text, err := e.read()
	if held := errors.Join(e.setActive(false), e.tty.hold()); err == nil {
		err = held
	}
	return text, err
}

// read returns the next line that readline has. At the end of the keys readline makes
// a line of what is half typed, and then its goroutines end.
func (e *Editor) read() (string, error) {
	for {
		text, err := e.rl.Readline()
		switch {
		case e.keys.err != nil:
			if text != "" {
				e.accept(text, "")
			}
			return "", e.keys.err
		case err == readline.ErrInterrupt:
			if err := e.accept(text, "^C"); text == "" || err != nil {
				return "", cmp.Or(err, ErrInterrupt)
			}
		case err != nil:
			return "", err
		case len(text) > MaxLine:
			return "", ErrLineTooLong
		default:
			e.history.add(text)
			e.rl.SaveHistory(text)
			return text, e.accept(text, "")
		}
	}
}

// setActive begins or ends the time in which the line is on the screen. It is drawn
// when readline begins to read it.
func (e *Editor) setActive(active bool) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.active = active
	return e.emit(e.screen.appendErase(nil))
}

// accept shows a finished line for the last time, with mark after it.
func (e *Editor) accept(text, mark string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	width, _ := e.screen.size()
	b := e.screen.appendErase(nil)
	b = e.style.Append(b, e.prompt)
	b = append(b, Fit(Escape(text), width*maxRows)...)
	b = append(b, mark...)
	e.line, e.pos = nil, 0
	return e.emit(append(b, '\n'))
}

// printAbove prints whole lines, and below them the line being typed as it is now.
func (e *Editor) printAbove(lines []byte) error {
	b := append(e.screen.appendErase(nil), lines...)
	if e.active {
		prompt, style := e.prompt, e.style
		if e.search != "" {
			prompt, style = "("+Escape(e.search)+") ", Style{}
		}
		b = e.screen.appendDraw(b, prompt, style, e.line, e.pos)
	}
	return e.emit(b)
}

// emit writes to the terminal in one piece.
func (e *Editor) emit(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	_, err := e.screen.out.Write(b)
	return err
}

// Write prints the lines of b above the line being typed.
func (e *Editor) Write(b []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return e.screen.out.Write(b)
	}
	n := bytes.LastIndexByte(b, '\n') + 1
	if n > 0 {
		if err := e.printAbove(append(e.partial, b[:n]...)); err != nil {
			return 0, err
		}
		e.partial = nil
	}
	e.partial = append(e.partial, b[n:]...)
	return len(b), nil
}

// SetPrompt replaces the prompt, at once if a line is being typed.
func (e *Editor) SetPrompt(prompt string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.prompt = prompt
	e.printAbove(nil)
}

// Close ends a ReadLine that waits with os.ErrClosed and gives the terminal back as
// it was. It closes neither In nor Out: what is written later goes straight to Out.
func (e *Editor) Close() error { return e.shut() }

// end does what Close says.
func (e *Editor) end() error {
	e.tty.interrupt()
	e.reading.Lock()
	defer e.reading.Unlock()
	for e.keys.err == nil {
		e.rl.Readline() // what was typed ahead, then the end
	}
	e.rl.Config.Stdin.Close() // ends readline's last goroutine
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	var b []byte
	if len(e.partial) > 0 {
		b = append(e.partial, '\n')
	}
	return errors.Join(e.emit(append(b, disablePaste...)), e.tty.restore())
}
