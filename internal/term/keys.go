package term

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// A keyCode names a key by what it does.
type keyCode int

const (
	keyNone keyCode = iota // does nothing
	keyText                // inserts the text of the key
	keyEnter
	keyInterrupt
	keyDeleteOrEOF // Ctrl-D
	keyTab
	keyLeft
	keyRight
	keyHome
	keyEnd
	keyWordLeft
	keyWordRight
	keyUp
	keyDown
	keyBackspace
	keyDelete
	keyKillStart
	keyKillEnd
	keyKillSpaceLeft // back to white space
	keyKillWordLeft
	keyKillWordRight
	keyYank
	keyTranspose
	keyClear
	keySearch
	keyCancel
)

// A key is one key that was pressed, or one paste.
type key struct {
	code keyCode
	text []rune
}

// controlKeys has the keys of control characters, as in Emacs and every shell.
var controlKeys = [0x20]keyCode{
	'A' & 0x1f: keyHome, 'B' & 0x1f: keyLeft, 'C' & 0x1f: keyInterrupt, 'D' & 0x1f: keyDeleteOrEOF,
	'E' & 0x1f: keyEnd, 'F' & 0x1f: keyRight, 'G' & 0x1f: keyCancel, 'H' & 0x1f: keyBackspace,
	'I' & 0x1f: keyTab, 'J' & 0x1f: keyEnter, 'K' & 0x1f: keyKillEnd, 'L' & 0x1f: keyClear,
	'M' & 0x1f: keyEnter, 'N' & 0x1f: keyDown, 'P' & 0x1f: keyUp, 'R' & 0x1f: keySearch,
	'T' & 0x1f: keyTranspose, 'U' & 0x1f: keyKillStart, 'W' & 0x1f: keyKillSpaceLeft, 'Y' & 0x1f: keyYank,
}

// sequenceKeys has the keys of escape sequences, without the ESC. Terminals do not
// agree on Home and End.
var sequenceKeys = map[string]keyCode{
	"[A": keyUp, "[B": keyDown, "[C": keyRight, "[D": keyLeft, "[H": keyHome, "[F": keyEnd,
	"OA": keyUp, "OB": keyDown, "OC": keyRight, "OD": keyLeft, "OH": keyHome, "OF": keyEnd, "OM": keyEnter,
	"[1~": keyHome, "[7~": keyHome, "[4~": keyEnd, "[8~": keyEnd, "[3~": keyDelete,
	"[1;3C": keyWordRight, "[1;5C": keyWordRight, "[1;3D": keyWordLeft, "[1;5D": keyWordLeft,
	"[3;3~": keyKillWordRight, "[3;5~": keyKillWordRight,
	"f": keyWordRight, "b": keyWordLeft, "d": keyKillWordRight, "\x7f": keyKillWordLeft, "\b": keyKillWordLeft,
}

// The marks around a paste in a terminal with bracketed paste switched on.
const (
	pasteStart    = "[200~"
	pasteEnd      = "\x1b[201~"
	enablePaste   = "\x1b[?2004h"
	disablePaste  = "\x1b[?2004l"
	maxSequence   = 32 // what is longer is no escape sequence
	escape        = 0x1b
	deleteControl = 0x7f
)

// A keyDecoder turns what a terminal sends into keys. The zero keyDecoder is ready.
type keyDecoder struct {
	buf     []byte // what is not yet a key
	pasting bool
	seen    int // bytes of buf that are known not to end the paste
}

// feed adds what was read.
func (d *keyDecoder) feed(b []byte) { d.buf = append(d.buf, b...) }

// next returns the next key, and false when it needs more input.
func (d *keyDecoder) next() (key, bool) {
	if d.pasting {
		return d.paste()
	}
	if len(d.buf) == 0 {
		return key{}, false
	}
	switch c := d.buf[0]; {
	case c == escape:
		return d.sequence()
	case c == deleteControl:
		return d.take(1, key{code: keyBackspace})
	case c < ' ':
		return d.take(1, key{code: controlKeys[c]})
	case !utf8.FullRune(d.buf):
		return key{}, false
	}
	r, size := utf8.DecodeRune(d.buf)
	return d.take(size, key{code: keyText, text: []rune{r}})
}

// take removes n bytes, which are k.
func (d *keyDecoder) take(n int, k key) (key, bool) {
	d.buf = d.buf[n:]
	if len(d.buf) == 0 {
		d.buf = nil
	}
	return k, true
}

// sequence returns the key of the escape sequence in front. An ESC before a
// character that makes no sequence is passed over.
func (d *keyDecoder) sequence() (key, bool) {
	n := sequenceLen(d.buf[1:])
	switch {
	case n < 0:
		return key{}, false
	case n == 0:
		return d.take(1, key{})
	}
	seq := string(d.buf[1 : 1+n])
	if seq == pasteStart {
		d.take(1+n, key{})
		d.pasting, d.seen = true, 0
		return d.paste()
	}
	return d.take(1+n, key{code: sequenceKeys[seq]})
}

// sequenceLen returns the length of the escape sequence that b begins with, after
// its ESC: 0 when it is none, −1 when b ends inside it.
func sequenceLen(b []byte) int {
	switch {
	case len(b) == 0:
		return -1
	case b[0] == 'O': // SS3, ECMA-48
		if len(b) == 1 {
			return -1
		}
		return 2
	case b[0] == '[': // CSI
		for i := 1; i < len(b); i++ {
			switch c := b[i]; {
			case i == 1 && c == '[': // a function key of the Linux console
			case 0x40 <= c && c <= 0x7e:
				return i + 1
			case c < 0x20 || c > 0x7e || i == maxSequence:
				return i
			}
		}
		return -1
	}
	if _, ok := sequenceKeys[string(b[:1])]; ok {
		return 1
	}
	return 0
}

// paste returns the paste in front as one key. Its line ends are newlines, and it has
// none at its end, so that a message that was copied with its last line end is sent
// without.
func (d *keyDecoder) paste() (key, bool) {
	i := bytes.Index(d.buf[d.seen:], []byte(pasteEnd))
	if i < 0 {
		d.seen = max(0, len(d.buf)-len(pasteEnd)+1)
		return key{}, false
	}
	d.pasting = false
	n := d.seen + i
	text := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(d.buf[:n]))
	text = strings.TrimSuffix(text, "\n")
	return d.take(n+len(pasteEnd), key{code: keyText, text: []rune(text)})
}
