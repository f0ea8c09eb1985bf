package term

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"
)

// decode returns what readline gets from in, with what the edits insert in place of
// their keys.
func decode(t *testing.T, in io.Reader) string {
	t.Helper()
	k := newKeyReader(in)
	var got []byte
	for p := make([]byte, burst); ; {
		n, err := k.Read(p)
		if err == io.EOF {
			return string([]rune(string(got)))
		}
		if err != nil {
			t.Fatal(err)
		}
		if p[0] != '\a' {
			got = append(got, p[:n]...)
			continue
		}
		if change := <-k.edits; change != nil {
			line, _ := change(nil, 0)
			got = append(got, string(line)...)
		}
	}
}

func TestKeyReader(t *testing.T) {
	long := strings.Repeat("日", 2000) // longer than a read, which cuts a character
	tests := []struct {
		name, in, want string
	}{
		{name: "text", in: "aé日🙂", want: "aé日🙂"},
		{name: "long text", in: long + "\r", want: long + enter},
		{name: "enter", in: "a\rb\nc\x1bOM", want: "a" + enter + "b" + enter + "c" + enter},
		{name: "controls that readline would take amiss", in: "\x00\x0f\x11\x16\x18\x1a\x1c\x1d\x1e\x1fa", want: "a"},
		{name: "escape sequences", in: "\x1b[A\x1bOD\x1b[1;5C\x1b\x7f", want: "\x10\x02\x1bf\x1b\x7f"},
		{name: "unknown sequences", in: "\x1b[15~a\x1b[[Ab\x1b[?1;2cd\x1bOPe", want: "abde"},
		{name: "escape alone", in: "\x1bx\x1b\x1b[Dy", want: "x\x02y"},
		{name: "no end of a sequence", in: "\x1b[" + strings.Repeat("1", 40) + "A", want: strings.Repeat("1", 10) + "A"},
		{name: "paste", in: "\x1b[200~a\r\nb\rc\x03\x00\x1b[D\n\x1b[201~d", want: "a\nb\nc\x03\x00\x1b[Dd"},
		{name: "paste without its end", in: "a\x1b[200~b", want: "a"},
		{name: "end of a paste", in: "a\x1b[201~b", want: "ab"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := "\x05" + tt.want
			if got := decode(t, strings.NewReader(tt.in)); got != want {
				t.Errorf("at once: %.100q, want %.100q", got, want)
			}
			if got := decode(t, iotest.OneByteReader(strings.NewReader(tt.in))); got != want {
				t.Errorf("byte by byte: %.100q, want %.100q", got, want)
			}
		})
	}
}

func FuzzKeyReader(f *testing.F) {
	f.Add([]byte("a\x1b[D\x1b[1;5C\x1bOH\x1b[3~\x03日\r"))
	f.Add([]byte("\x1b[200~a\r\nb\x1b[201\x1b[201~c"))
	f.Add([]byte("\x1b\x1b[[A\x1b[\r\x1bx\x1b[999999999999999999999999999999999~"))
	f.Add([]byte(strings.Repeat("日\u0301", 80)))
	f.Fuzz(func(t *testing.T, in []byte) {
		if !utf8.Valid(in) {
			t.Skip("halves of characters may meet in one way of reading only")
		}
		got := decode(t, bytes.NewReader(in))
		if pieces := decode(t, iotest.OneByteReader(bytes.NewReader(in))); got != pieces {
			t.Fatalf("byte by byte %q is %q, at once %q", in, pieces, got)
		}
		if !bytes.Contains(in, []byte(pasteStart)) && strings.ContainsAny(got, "\x00\n\x0f\x11\x16\x18\x1a\x1c\x1d\x1e\x1f") {
			t.Fatalf("of %q readline gets %q", in, got)
		}
	})
}

func TestInsertLimit(t *testing.T) {
	full := []rune(strings.Repeat("x", MaxLine-1))
	if line, pos := insert("é")(full, 1); len(line) != len(full) || pos != 1 {
		t.Errorf("two bytes were inserted where one has room")
	}
	line, pos := insert("y")(full, 1)
	if len(line) != MaxLine || pos != 2 || !slices.Equal(line[:3], []rune("xyx")) {
		t.Errorf("the last byte was not inserted: %d characters, cursor %d", len(line), pos)
	}
}
