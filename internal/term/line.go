package term

import (
	"slices"
	"unicode"
	"unicode/utf8"
)

// A line is the text being typed, with a cursor. A character and the marks on it are
// one to move over and to delete.
type line struct {
	text []rune
	pos  int    // of the cursor, between two characters: 0 to len(text)
	kill []rune // what was deleted last by a key that deletes more than a character
	size int    // of the text in bytes
}

func (l *line) String() string { return string(l.text) }

// set replaces the text and goes to its end.
func (l *line) set(text string) {
	l.text = []rune(text)
	l.size = len(text)
	l.pos = len(l.text)
}

// insert puts text before the cursor, and reports whether there was room for it.
func (l *line) insert(text ...rune) bool {
	size := 0
	for _, r := range text {
		size += utf8.RuneLen(r)
	}
	if l.size+size > MaxLine {
		return false
	}
	l.text = slices.Insert(l.text, l.pos, text...)
	l.pos += len(text)
	l.size += size
	return true
}

// cut removes the text from i to j, where the cursor then is, and returns it.
func (l *line) cut(i, j int) []rune {
	gone := slices.Clone(l.text[i:j])
	for _, r := range gone {
		l.size -= utf8.RuneLen(r)
	}
	l.text = slices.Delete(l.text, i, j)
	l.pos = i
	return gone
}

// handle does what a key that edits says, and reports whether it could.
func (l *line) handle(code keyCode) bool {
	pos, size := l.pos, l.size
	switch code {
	case keyLeft:
		l.pos = l.before()
	case keyRight:
		l.pos = l.after()
	case keyHome:
		l.pos = 0
	case keyEnd:
		l.pos = len(l.text)
	case keyWordLeft:
		l.pos = l.wordStart(isWord)
	case keyWordRight:
		l.pos = l.wordEnd(isWord)
	case keyBackspace:
		l.cut(l.before(), l.pos)
	case keyDelete, keyDeleteOrEOF:
		l.cut(l.pos, l.after())
	case keyKillStart:
		l.cutKill(0, l.pos)
	case keyKillEnd:
		l.cutKill(l.pos, len(l.text))
	case keyKillSpaceLeft:
		l.cutKill(l.wordStart(isNotSpace), l.pos)
	case keyKillWordLeft:
		l.cutKill(l.wordStart(isWord), l.pos)
	case keyKillWordRight:
		l.cutKill(l.pos, l.wordEnd(isWord))
	case keyYank:
		return l.insert(l.kill...)
	case keyTranspose:
		return l.transpose()
	default:
		return true
	}
	return l.pos != pos || l.size != size || code == keyHome || code == keyEnd
}

// cutKill is cut for what Ctrl-Y may want back.
func (l *line) cutKill(i, j int) {
	if i < j {
		l.kill = l.cut(i, j)
	}
}

// before returns the position of the character before the cursor.
func (l *line) before() int {
	i := max(l.pos-1, 0)
	for i > 0 && isMark(l.text[i]) {
		i--
	}
	return i
}

// after returns the position after the character at the cursor.
func (l *line) after() int {
	i := min(l.pos+1, len(l.text))
	for i < len(l.text) && isMark(l.text[i]) {
		i++
	}
	return i
}

// isMark reports whether r is shown on top of the character before it.
func isMark(r rune) bool { return cells(r) == 0 && safeRune(r) }

// wordStart returns where the word before the cursor begins, wordEnd where the one
// after it ends. inWord tells the characters of words.
func (l *line) wordStart(inWord func(rune) bool) int {
	i := l.pos
	for i > 0 && !inWord(l.text[i-1]) {
		i--
	}
	for i > 0 && inWord(l.text[i-1]) {
		i--
	}
	return i
}

func (l *line) wordEnd(inWord func(rune) bool) int {
	i := l.pos
	for i < len(l.text) && !inWord(l.text[i]) {
		i++
	}
	for i < len(l.text) && inWord(l.text[i]) {
		i++
	}
	return i
}

func isWord(r rune) bool     { return unicode.In(r, unicode.L, unicode.N, unicode.M) || r == '_' }
func isNotSpace(r rune) bool { return !unicode.IsSpace(r) }

// transpose swaps the characters around the cursor, at the end the last two, and
// goes past them. It reports whether there are two.
func (l *line) transpose() bool {
	mid := l.pos
	if mid == len(l.text) {
		mid = l.before()
	}
	at := line{text: l.text, pos: mid}
	i, j := at.before(), at.after()
	if i == mid || mid == j {
		return false
	}
	copy(l.text[i:], slices.Concat(l.text[mid:j], l.text[i:mid]))
	l.pos = j
	return true
}
