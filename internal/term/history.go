package term

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// How much of a history is kept: entries, and the bytes of one that is written.
const (
	maxHistory      = 1000
	maxHistoryEntry = 64 << 10
)

// A History has the lines that were typed, the oldest first, and where in them the
// person is. It is not safe for use by several goroutines at once.
type History struct {
	path    string // empty: in memory only
	entries []string
	at      int    // the entry that is shown; len(entries) is the draft
	draft   string // what was typed before the person went up
}

// OpenHistory returns the history that is kept in the file at path, one entry a line,
// escaped as AppendEscaped does. The file and its directory are made if they do not
// exist, and are for their owner only (0600, 0700): what people type may be secret.
// A history that has grown past a thousand entries loses the oldest.
func OpenHistory(path string) (*History, error) {
	h := &History{path: path}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("open history: %w", err)
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("open history: %s is not a regular file", path)
	}
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return h, nil
	}
	if err == nil {
		err = os.Chmod(path, 0o600)
	}
	if err != nil {
		return nil, fmt.Errorf("open history: %w", err)
	}
	for line := range bytes.Lines(b) {
		if line = bytes.TrimSuffix(line, []byte("\n")); len(line) > 0 {
			h.entries = append(h.entries, string(AppendUnescaped(nil, line)))
		}
	}
	if len(h.entries) > maxHistory {
		h.entries = append([]string(nil), h.entries[len(h.entries)-maxHistory:]...)
		if err := h.rewrite(); err != nil {
			return nil, fmt.Errorf("shorten history: %w", err)
		}
	}
	h.at = len(h.entries)
	return h, nil
}

// rewind goes to the end, where nothing is typed yet.
func (h *History) rewind() {
	h.at, h.draft = len(h.entries), ""
}

// add appends line, unless it is empty or the same as the last, and goes to the end.
// A line that cannot be written to the file is remembered in memory only.
func (h *History) add(line string) {
	if line != "" && (len(h.entries) == 0 || h.entries[len(h.entries)-1] != line) {
		h.entries = append(h.entries, line)
		if h.path != "" && len(line) <= maxHistoryEntry {
			h.write(line)
		}
	}
	h.rewind()
}

// write appends one entry to the file. The file is opened for each, so that two
// programs that share it each append whole lines.
func (h *History) write(line string) error {
	f, err := os.OpenFile(h.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(AppendEscaped(nil, []byte(line)), '\n'))
	return errors.Join(err, f.Close())
}

// rewrite replaces the file by one that has just the entries.
func (h *History) rewrite() error {
	var b []byte
	for _, line := range h.entries {
		b = append(AppendEscaped(b, []byte(line)), '\n')
	}
	f, err := os.CreateTemp(filepath.Dir(h.path), ".history-*") // 0600
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), h.path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// move goes n entries towards the end, or the beginning if n is negative, and
// returns the entry there. current is what is on the line; it comes back when the
// person returns to the end. There may be no entry there.
func (h *History) move(n int, current string) (string, bool) {
	to := h.at + n
	if to < 0 || to > len(h.entries) {
		return "", false
	}
	if h.at == len(h.entries) {
		h.draft = current
	}
	h.at = to
	if to == len(h.entries) {
		return h.draft, true
	}
	return h.entries[to], true
}

// find returns the newest entry from at backwards that has query, and where in it
// the query begins. It returns −1 when none has.
func (h *History) find(query string, at int) (entry, start int) {
	for i := at; i >= 0; i-- {
		if n := strings.Index(h.entries[i], query); n >= 0 {
			return i, n
		}
	}
	return -1, 0
}
