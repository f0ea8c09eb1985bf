package term

import (
	"bytes"
	"errors"
	"testing"
)

func TestEscapingWriter(t *testing.T) {
	tests := []struct {
		name   string
		writes []string
		want   []string // what each write passes on, then what Flush does
	}{
		{name: "lines", writes: []string{"a\x1b\n", "b\n"}, want: []string{"a\\x1b\n", "b\n", ""}},
		{name: "rune in two", writes: []string{"a\xe6\x97", "\xa5b"}, want: []string{"a", "日b", ""}},
		{name: "bidi in three", writes: []string{"\xe2", "\x80", "\xae"}, want: []string{"", "", `\u{202e}`, ""}},
		{name: "rune that never ends", writes: []string{"a\xe6\x97"}, want: []string{"a", `\xe6\x97`}},
		{name: "rune that goes wrong", writes: []string{"\xe6", "a"}, want: []string{"", `\xe6a`, ""}},
		{name: "escape in two", writes: []string{`\x4`, "1"}, want: []string{"", `\x5cx41`, ""}},
		{name: "no escape after all", writes: []string{`\u{4`, "g"}, want: []string{"", `\u{4g`, ""}},
		{name: "backslash at the end", writes: []string{`C:\`}, want: []string{"C:", `\`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			w := NewEscapingWriter(&out)
			var got []string
			for _, s := range tt.writes {
				if n, err := w.Write([]byte(s)); n != len(s) || err != nil {
					t.Fatalf("Write(%q) = %d, %v", s, n, err)
				}
				got = append(got, out.String())
				out.Reset()
			}
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
			got = append(got, out.String())
			if len(got) != len(tt.want) {
				t.Fatalf("got %q, want %q", got, tt.want)
			}
			for i := range got {
				if got[i] != tt.want[i] {
					t.Errorf("write %d passed on %q, want %q", i, got[i], tt.want[i])
				}
			}
		})
	}
}

type failingWriter struct{ err error }

func (f failingWriter) Write([]byte) (int, error) { return 0, f.err }

func TestEscapingWriterError(t *testing.T) {
	want := errors.New("disk full")
	w := NewEscapingWriter(failingWriter{err: want})
	if n, err := w.Write([]byte("x")); n != 0 || !errors.Is(err, want) {
		t.Errorf("Write = %d, %v, want 0, %v", n, err, want)
	}
}
