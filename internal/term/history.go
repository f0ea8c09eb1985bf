package term

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// How much of a history is kept: entries, and the bytes of one that is written.
const (
	maxHistory      = 1000
	maxHistoryEntry = 64 << 10
)

// A History has the lines that were typed, the oldest first. It is not safe for use by
// several goroutines at once.
type History struct {
	path    string // empty: in memory only
	entries []string
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
	return h, nil
}

// add appends line, unless it is empty or the same as the last. A line
// that cannot be written to the file is remembered in memory only.
func (h *History) add(line string) {
	if line != "" && (len(h.entries) == 0 || h.entries[len(h.entries)-1] != line) {
		h.entries = append(h.entries, line)
		if h.path != "" && len(line) <= maxHistoryEntry {
			h.write(line)
		}
	}
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
