package term

import (
	"bytes"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/chzyer/readline"
)

// The marks around a paste in a terminal with bracketed paste switched on.
const (
	pasteStart   = "\x1b[200~"
	pasteEnd     = "\x1b[201~"
	enablePaste  = "\x1b[?2004h"
	disablePaste = "\x1b[?2004l"
)

// burst is how many bytes of text at once are inserted as a paste is: the time that
// readline takes for a character grows with the line.
const burst = 128

// controls has the control characters that readline gets. It takes NUL for the end of
// its input, stops the parent process for Ctrl-Z, and inserts what it does not know.
const controls = "\x01\x02\x03\x04\x05\x06\a\b\t\v\f\x0e\x10\x12\x13\x14\x15\x17\x19\x7f"

// enter is what readline gets for Enter. The Ctrl-E before it ends a search, because a
// line that is entered from one is empty in readline's history.
const enter = "\x05\r"

// sequences has the escape sequences that do something, and what readline gets for
// them. Terminals do not agree on Home and End.
var sequences = map[string]string{
	"\x1b[A": "\x10", "\x1b[B": "\x0e", "\x1b[C": "\x06", "\x1b[D": "\x02", "\x1b[H": "\x01", "\x1b[F": "\x05",
	"\x1bOA": "\x10", "\x1bOB": "\x0e", "\x1bOC": "\x06", "\x1bOD": "\x02", "\x1bOH": "\x01", "\x1bOF": "\x05",
	"\x1b[1~": "\x01", "\x1b[7~": "\x01", "\x1b[4~": "\x05", "\x1b[8~": "\x05", "\x1bOM": enter,
	"\x1b[1;3C": "\x1bf", "\x1b[1;5C": "\x1bf", "\x1b[1;3D": "\x1bb", "\x1b[1;5D": "\x1bb",
	"\x1b[3;3~": "\x1bd", "\x1b[3;5~": "\x1bd", deleteKey: "\a",
	"\x1bf": "\x1bf", "\x1bb": "\x1bb", "\x1bd": "\x1bd", "\x1b\x7f": "\x1b\x7f", "\x1b\b": "\x1b\x7f",
}

// deleteKey is what readline would take for Ctrl-D, the end of an empty line.
const deleteKey = "\x1b[3~"

// sequence matches an escape sequence, or its beginning; ESC [ [ is from the Linux
// console.
var sequence = regexp.MustCompile(`^\x1b(\[\[?[ -?]{0,30}[@-~]?|O[ -~]?|[bdf\x08\x7f])?`)

// An edit changes a line in a way that readline has no key for, and returns the line
// and the cursor as they are then.
type edit func(line []rune, pos int) ([]rune, int)

// insert returns the edit that inserts text, unless the line gets longer than MaxLine.
func insert(text string) edit {
	return func(line []rune, pos int) ([]rune, int) {
		if len(string(line))+len(text) > MaxLine {
			return line, pos
		}
		r := []rune(text)
		return slices.Insert(line, pos, r...), pos + len(r)
	}
}

// deleteNext deletes the character at the cursor.
func deleteNext(line []rune, pos int) ([]rune, int) {
	return slices.Delete(line, pos, min(pos+1, len(line))), pos
}

// A keyReader turns what a terminal sends into what readline can take.
type keyReader struct {
	in   io.Reader
	err  error  // why in ended
	buf  []byte // what was read and is not yet a key
	seen int    // bytes of buf that are known not to end the paste in front

	// edits has an edit, or nil, for each Ctrl-G that readline gets, with which it does
	// no more than end a search.
	edits chan edit
}

// newKeyReader returns a keyReader of in. Its first key does nothing but give
// readline's history a newest line, without which a search is a panic.
func newKeyReader(in io.Reader) *keyReader {
	return &keyReader{in: in, buf: []byte{readline.CharLineEnd}, edits: make(chan edit, 1)}
}

// Read reads one key, for which p must have room, or less than burst bytes of text. It
// ends with io.EOF, whatever in ends with.
func (k *keyReader) Read(p []byte) (int, error) {
	for {
		size, keys, change := k.next()
		k.buf = k.buf[size:]
		switch {
		case keys != "":
			if keys == "\a" {
				k.edits <- change
			}
			return copy(p, keys), nil
		case size > 0: // a key without a meaning
		case k.err != nil:
			return 0, io.EOF
		default:
			var b [4096]byte
			n, err := k.in.Read(b[:])
			k.buf, k.err = append(k.buf, b[:n]...), err
		}
	}
}

// next returns what the key in front of buf is for readline, and its size: 0 when buf
// ends inside it.
func (k *keyReader) next() (size int, keys string, change edit) {
	if len(k.buf) == 0 {
		return 0, "", nil
	}
	switch c := k.buf[0]; {
	case bytes.HasPrefix(k.buf, []byte(pasteStart)):
		return k.paste()
	case c == readline.CharEsc:
		seq := string(sequence.Find(k.buf))
		keys, known := sequences[seq]
		switch {
		case seq == deleteKey:
			return len(seq), keys, deleteNext
		case !known && len(seq) == len(k.buf):
			return 0, "", nil // it may go on
		}
		return len(seq), keys, nil
	case c == '\r', c == '\n':
		return 1, enter, nil
	case strings.IndexByte(controls, c) >= 0:
		return 1, string(c), nil
	case c < ' ':
		return 1, "", nil
	}
	size = bytes.IndexFunc(k.buf, func(r rune) bool { return r < ' ' || r == readline.CharBackspace })
	if size < 0 {
		size = len(k.buf) - partialRune(k.buf)
	}
	if size < burst {
		return size, string(k.buf[:size]), nil
	}
	return size, "\a", insert(string(k.buf[:size]))
}

// paste returns the paste in front as one edit. Its line ends are newlines, and it has
// none at its end, so that a message that was copied with its last line end is sent
// without.
func (k *keyReader) paste() (size int, keys string, change edit) {
	i := bytes.Index(k.buf[k.seen:], []byte(pasteEnd))
	if i < 0 {
		k.seen = max(0, len(k.buf)-len(pasteEnd)+1)
		return 0, "", nil
	}
	end := k.seen + i
	k.seen = 0
	text := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(k.buf[len(pasteStart):end]))
	return end + len(pasteEnd), "\a", insert(strings.TrimSuffix(text, "\n"))
}
