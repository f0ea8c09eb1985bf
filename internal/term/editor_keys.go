package term

import (
	"strings"
)

// handle does what k says with the line, and reports whether it could.
func (e *Editor) handle(k key) bool {
	l := &e.line
	switch k.code {
	case keyText:
		return l.insert(k.text...)
	case keyTab:
		return e.complete()
	case keyUp:
		return e.recall(-1)
	case keyDown:
		return e.recall(+1)
	case keySearch:
		e.startSearch()
	case keyClear:
		e.emit([]byte("\x1b[H\x1b[2J"))
		e.screen.on = false
	default:
		return l.handle(k.code)
	}
	return true
}

// recall replaces the line by the entry of the history that is n further down.
func (e *Editor) recall(n int) bool {
	text, ok := e.history.move(n, e.line.String())
	if ok {
		e.line.set(text)
	}
	return ok
}

// complete completes the command that the line begins with, as far as it is clear,
// and lists the choices where it is not. Anywhere else it inserts a tab.
func (e *Editor) complete() bool {
	head := string(e.line.text[:e.line.pos])
	var found []string
	if !strings.ContainsAny(head, " \t\n") {
		for _, c := range e.commands {
			if strings.HasPrefix(c, head) {
				found = append(found, c)
			}
		}
	}
	if len(found) == 0 {
		return e.line.insert('\t')
	}
	// The commands are sorted: what the first and the last share, all share.
	first, last := found[0], found[len(found)-1]
	n := len(head)
	for n < min(len(first), len(last)) && first[n] == last[n] {
		n++
	}
	rest := first[len(head):n]
	switch {
	case len(found) == 1:
		rest += " "
	case rest == "":
		e.emit(append(e.screen.appendErase(nil), strings.Join(found, "  ")+"\n"...))
	}
	return e.line.insert([]rune(rest)...)
}
