package term

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func TestOpenHistory(t *testing.T) {
	many := make([]string, maxHistory+5)
	for i := range many {
		many[i] = fmt.Sprint("line ", i)
	}
	tests := []struct {
		name, file string
		want       []string
	}{
		{name: "empty", file: ""},
		{name: "lines", file: "one\ntwo\n", want: []string{"one", "two"}},
		{name: "no newline at the end, empty lines", file: "\none\n\ntwo", want: []string{"one", "two"}},
		{name: "escapes", file: "a␊b\\x1b\\u{202e}\\n\n", want: []string{"a\nb\x1b\u202e\\n"}},
		{name: "too many", file: strings.Join(many, "\n") + "\n", want: many[5:]},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "history")
			if err := os.WriteFile(path, []byte(tt.file), 0o644); err != nil {
				t.Fatal(err)
			}
			h, err := OpenHistory(path)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(h.entries, tt.want) {
				t.Errorf("got %q, want %q", h.entries, tt.want)
			}
			checkMode(t, path, 0o600)
			again, err := OpenHistory(path)
			if err != nil || !slices.Equal(again.entries, tt.want) {
				t.Errorf("opened again: %q, %v, want %q", again.entries, err, tt.want)
			}
		})
	}
}

func TestHistoryIsPrivate(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "state", "wskit", "history")
	h, err := OpenHistory(path)
	if err != nil {
		t.Fatal(err)
	}
	h.add("secret\x1b[2J\nline")
	h.add("")
	h.add(strings.Repeat("x", maxHistoryEntry+1))
	h.add("last")
	checkMode(t, path, 0o600)
	checkMode(t, filepath.Dir(path), 0o700|fs.ModeDir)
	checkMode(t, filepath.Join(dir, "state"), 0o700|fs.ModeDir)
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if want := "secret\\x1b[2J␊line\nlast\n"; string(got) != want {
		t.Errorf("the file has %q, want %q", got, want)
	}
	if len(h.entries) != 3 {
		t.Errorf("%d entries, want 3", len(h.entries))
	}
}

func checkMode(t *testing.T, path string, want fs.FileMode) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != want && runtime.GOOS != "windows" {
		t.Errorf("%s has mode %v, want %v", filepath.Base(path), info.Mode(), want)
	}
}

func TestOpenHistoryErrors(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, path, want string
	}{
		{name: "a directory", path: dir, want: "open history: " + dir + " is not a regular file"},
		{name: "under a file", path: filepath.Join(file, "history"), want: "open history: mkdir " + file + ": not a directory"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h, err := OpenHistory(tt.path)
			if h != nil || err == nil || err.Error() != tt.want {
				t.Errorf("got %v, %v, want %q", h, err, tt.want)
			}
		})
	}
}

// TestHistoryKeepsGoing is about a file that cannot be written any more.
func TestHistoryKeepsGoing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	h, err := OpenHistory(filepath.Join(dir, "history"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	h.add("one")
	if want := []string{"one"}; !slices.Equal(h.entries, want) {
		t.Errorf("history has %q, want %q", h.entries, want)
	}
}
