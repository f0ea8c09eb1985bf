package term

import (
	"bytes"
	"errors"
	"io"
	"os"
	"slices"
	"sync"
)

// An Editor is the LineReader for a terminal: the keys of a shell edit the line, the
// arrows and Ctrl-R go through the history, Tab completes a command. A paste of
// several lines stays one line with newlines in it, if the terminal tells a paste
// from typing (bracketed paste). While no ReadLine waits, Ctrl-C is the signal that it
// always is, and what is typed waits unseen. An Editor runs no goroutine.
type Editor struct {
	tty      *tty
	commands []string
	reading  sync.Mutex // held by ReadLine

	mu      sync.Mutex
	screen  screen // guarded by mu, as is all that follows
	prompt  string
	style   Style
	history *History
	keys    keyDecoder
	line    line
	search  *search // nil when none goes on
	partial []byte  // what was printed after the last newline
	bell    bool    // whether the next redraw says that a key could do nothing
	active  bool    // whether a line is being read, and so is on the screen
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
	e := newEditor(cfg)
	e.tty = t
	if err := e.emit([]byte(enablePaste)); err != nil {
		return nil, errors.Join(err, t.restore())
	}
	return e, nil
}

// newEditor returns an Editor that has no terminal to read from.
func newEditor(cfg LineConfig) *Editor {
	e := &Editor{
		commands: slices.Sorted(slices.Values(cfg.Commands)),
		screen:   screen{out: cfg.Out, size: func() (int, int) { return size(cfg.Out) }},
		prompt:   cfg.Prompt,
		style:    cfg.PromptStyle,
		history:  cfg.History,
	}
	if e.history == nil {
		e.history = new(History)
	}
	return e
}

// ReadLine shows the prompt and returns the line once Enter is pressed. The line
// stays on the screen.
func (e *Editor) ReadLine() (string, error) {
	e.reading.Lock()
	defer e.reading.Unlock()
	if err := e.enter(); err != nil {
		return "", err
	}
	var buf [4096]byte
	for {
		text, done, err := e.step()
		if done || err != nil {
			return text, e.leave(err)
		}
		n, err := e.tty.Read(buf[:])
		if err != nil {
			return "", e.leave(err)
		}
		e.feed(buf[:n])
	}
}

// enter begins a line.
func (e *Editor) enter() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return os.ErrClosed
	}
	if err := e.tty.raw(); err != nil {
		return err
	}
	e.active = true
	return nil
}

// leave ends a line and passes on why. What was half typed stays on the screen.
func (e *Editor) leave(err error) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	var shown error
	if len(e.line.text) > 0 {
		_, shown = e.accept("")
	}
	shown = errors.Join(shown, e.emit(e.screen.appendErase(nil)), e.tty.hold())
	e.active = false
	if err == nil {
		err = shown
	}
	return err
}

func (e *Editor) feed(b []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.keys.feed(b)
}

// step handles all keys that have arrived and shows what they made of the line. done
// reports whether the line is complete.
func (e *Editor) step() (text string, done bool, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for k, ok := e.keys.next(); ok; k, ok = e.keys.next() {
		switch {
		case e.search != nil && e.handleSearch(k):
		case k.code == keyEnter:
			text, err := e.accept("")
			e.history.add(text)
			return text, true, err
		case k.code == keyInterrupt:
			text, err := e.accept("^C")
			if err == nil && text == "" {
				err = ErrInterrupt
			}
			if err != nil {
				return "", false, err
			}
		case k.code == keyDeleteOrEOF && len(e.line.text) == 0:
			return "", false, io.EOF
		default:
			e.bell = !e.handle(k) || e.bell
		}
	}
	return "", false, e.redraw()
}

// accept shows the line for the last time, with mark after it, and begins an empty
// one.
func (e *Editor) accept(mark string) (string, error) {
	text := e.line.String()
	width, _ := e.screen.size()
	b := e.screen.appendErase(nil)
	b = e.style.Append(b, e.prompt)
	b = append(b, Fit(glyphs(e.line.text), width*maxRows)...)
	b = append(b, mark...)
	e.line, e.search = line{kill: e.line.kill}, nil
	e.history.rewind()
	return text, e.emit(append(b, '\n'))
}

// redraw shows the line as it is now.
func (e *Editor) redraw() error {
	prompt, style := e.prompt, e.style
	if e.search != nil {
		prompt, style = e.search.prompt(), Style{}
	}
	b := e.screen.appendErase(nil)
	if e.bell {
		b, e.bell = append(b, '\a'), false
	}
	return e.emit(e.screen.appendDraw(b, prompt, style, &e.line))
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
	if e.closed && !e.active {
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

// printAbove prints whole lines and shows the line being typed below them.
func (e *Editor) printAbove(lines []byte) error {
	if err := e.emit(append(e.screen.appendErase(nil), lines...)); err != nil || !e.active {
		return err
	}
	return e.redraw()
}

// SetPrompt replaces the prompt, at once if a line is being typed.
func (e *Editor) SetPrompt(prompt string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.prompt = prompt
	if e.active {
		e.redraw()
	}
}

// Close ends a ReadLine that waits with os.ErrClosed and gives the terminal back as
// it was. It closes neither In nor Out: what is written later goes straight to Out.
func (e *Editor) Close() error {
	e.mu.Lock()
	closed := e.closed
	e.closed = true
	e.mu.Unlock()
	if closed {
		return nil
	}
	e.tty.interrupt()
	e.reading.Lock()
	defer e.reading.Unlock()
	e.mu.Lock()
	defer e.mu.Unlock()
	var b []byte
	if len(e.partial) > 0 {
		b = append(e.partial, '\n')
	}
	return errors.Join(e.emit(append(b, disablePaste...)), e.tty.restore())
}
