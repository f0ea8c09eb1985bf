package term

import (
	"bytes"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestEscape(t *testing.T) {
	tests := []struct {
		name, in, want string
	}{
		{name: "empty", in: "", want: ""},
		{name: "plain", in: "hello, world", want: "hello, world"},
		{name: "json keeps its own escapes", in: `{"a":"x\ny\t\"\\\/\u202e\u00e9"}`, want: `{"a":"x\ny\t\"\\\/\u202e\u00e9"}`},
		{name: "white space", in: "a\nb\tc\r", want: "a␊b␉c␍"},
		{name: "literal pictures", in: "␊␉␍", want: `\u{240a}\u{2409}\u{240d}`},
		{name: "terminal sequence", in: "\x1b]0;title\a\x1b[2J", want: `\x1b]0;title\x07\x1b[2J`},
		{name: "NUL, DEL", in: "\x00\x7f", want: `\x00\x7f`},
		{name: "C1", in: "\u0080\u009b31m\u0085", want: `\u{80}\u{9b}31m\u{85}`},
		{name: "bidi", in: "\u202eabc\u2066\u200f\u061c", want: `\u{202e}abc\u{2066}\u{200f}\u{61c}`},
		{name: "zero width", in: "a\u200bb\u200d\ufeff\u00ad", want: `a\u{200b}b\u{200d}\u{feff}\u{ad}`},
		{name: "separators", in: "\u2028\u2029", want: `\u{2028}\u{2029}`},
		{name: "tags", in: "\U000e0001\U000e0041", want: `\u{e0001}\u{e0041}`},
		{name: "variation selectors", in: "\ufe0f\U000e0100\u180b", want: `\u{fe0f}\u{e0100}\u{180b}`},
		{name: "ignorable letters", in: "\u3164\u115f\uffa0\u034f", want: `\u{3164}\u{115f}\u{ffa0}\u{34f}`},
		{name: "private, unassigned, noncharacter", in: "\ue000\u0378\ufdd0\U0010ffff", want: `\u{e000}\u{378}\u{fdd0}\u{10ffff}`},
		{name: "invalid bytes", in: "a\xffb\xc3", want: `a\xffb\xc3`},
		{name: "overlong and surrogate", in: "\xc0\xaf\xed\xa0\x80", want: `\xc0\xaf\xed\xa0\x80`},
		{name: "replacement character itself", in: "\ufffd", want: "\ufffd"},
		{name: "other scripts, spaces, emoji", in: "héllo 日本語\u00a0\u3000🙂é", want: "héllo 日本語\u00a0\u3000🙂é"},
		{name: "backslash that is no escape", in: `C:\dir \u12 \x4 \xG0 \X41 \`, want: `C:\dir \u12 \x4 \xG0 \X41 \`},
		{name: "backslash that would be one", in: `\x41 \u{41} \u{10ffff}`, want: `\x5cx41 \x5cu{41} \x5cu{10ffff}`},
		{name: "backslash before a real escape", in: "\\\xff\\\\x41", want: `\\xff\\x5cx41`},
		{name: "unclosed", in: `\u{} \u{41 \u{1234567}`, want: `\u{} \u{41 \u{1234567}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Escape(tt.in)
			if got != tt.want {
				t.Errorf("Escape(%q)\n got %s\nwant %s", tt.in, got, tt.want)
			}
			if back := AppendUnescaped(nil, []byte(got)); string(back) != tt.in {
				t.Errorf("AppendUnescaped(%q) = %q, want %q", got, back, tt.in)
			}
			if got := AppendEscaped([]byte("> "), []byte(tt.in)); string(got) != "> "+tt.want {
				t.Errorf("AppendEscaped = %q, want %q after the prefix", got, tt.want)
			}
		})
	}
}

func TestEscapeLines(t *testing.T) {
	in := "one\r\n\ttwo\x1b\n\u202e"
	got := string(AppendEscapedLines(nil, []byte(in)))
	if want := "one␍\n␉two\\x1b\n\\u{202e}"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if back := string(AppendUnescaped(nil, []byte(got))); back != in {
		t.Errorf("unescaped: got %q, want %q", back, in)
	}
}

func TestEscapeQuoted(t *testing.T) {
	got := EscapeQuoted("closed: \"a\\x1b\\n\" \x1b\n")
	if want := `closed: "a\x1b\n" \x1b␊`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestEscapeEveryCharacter holds the rule for what is shown against the categories
// of Unicode, each by itself, whatever safeRune asks.
func TestEscapeEveryCharacter(t *testing.T) {
	escaped := []*unicode.RangeTable{
		unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp,
		unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point, unicode.Noncharacter_Code_Point,
	}
	assigned := []*unicode.RangeTable{unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Zs}
	shown := 0
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		want := unicode.In(r, assigned...) && !unicode.In(r, escaped...) && r != '␊' && r != '␉' && r != '␍'
		got := Escape(string(r))
		if (got == string(r)) != want {
			t.Fatalf("Escape(%U) = %q, want it shown as it is: %t", r, got, want)
		}
		if want {
			shown++
		}
		if back := string(AppendUnescaped(nil, []byte(got))); back != string(r) {
			t.Fatalf("AppendUnescaped(%q) = %q, want %q", got, back, string(r))
		}
	}
	if shown < 140_000 {
		t.Errorf("%d characters are shown as they are, want nearly all that are assigned", shown)
	}
}

func TestEscapeEveryByte(t *testing.T) {
	for c := range 256 {
		in := []byte{'a', byte(c), 'b'}
		got := AppendEscaped(nil, in)
		plain := ' ' <= c && c < 0x7f
		if plain != bytes.Equal(got, in) {
			t.Errorf("AppendEscaped(%q) = %q, want it as it is: %t", in, got, plain)
		}
		checkSafe(t, got, false)
		if back := AppendUnescaped(nil, got); !bytes.Equal(back, in) {
			t.Errorf("AppendUnescaped(%q) = %q, want %q", got, back, in)
		}
	}
}

func TestEscapeAllocations(t *testing.T) {
	plain := strings.Repeat(`{"id":1,"name":"héllo 日本語","path":"C:\\dir"}`, 20)
	if n := testing.AllocsPerRun(100, func() { Escape(plain) }); n != 0 {
		t.Errorf("Escape allocates %v times for text that stays as it is, want 0", n)
	}
	dst, src := make([]byte, 0, 8192), []byte(plain+"\x1b\n\xff\u202e")
	if n := testing.AllocsPerRun(100, func() { AppendEscaped(dst, src) }); n != 0 {
		t.Errorf("AppendEscaped allocates %v times with room in dst, want 0", n)
	}
}

// checkSafe fails t when b has anything that is not safe on a terminal.
func checkSafe(t *testing.T, b []byte, lines bool) {
	t.Helper()
	if !utf8.Valid(b) {
		t.Fatalf("output %q is not UTF-8", b)
	}
	for _, r := range string(b) {
		if r == '\n' && lines {
			continue
		}
		if !unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Zs) {
			t.Fatalf("output %q has %U", b, r)
		}
		if unicode.In(r, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) {
			t.Fatalf("output %q has the invisible %U", b, r)
		}
	}
}

func FuzzEscape(f *testing.F) {
	for _, s := range []string{
		"", "plain", "a\nb\r\t\x1b[2J\x00", "\\x41\\u{41}\\\\", "␊\u202e\ufe0f\xff\xc3\x28",
		"\\\\x5c", "\\u{10ffff}\\u{", `{"a":"\u202e\\"}`, "\U000e0041日本語🙂",
	} {
		f.Add([]byte(s), uint16(3))
	}
	f.Fuzz(func(t *testing.T, b []byte, cut uint16) {
		one := AppendEscaped(nil, b)
		checkSafe(t, one, false)
		if back := AppendUnescaped(nil, one); !bytes.Equal(back, b) {
			t.Fatalf("%q became %q and then %q", b, one, back)
		}
		if s := Escape(string(b)); s != string(one) {
			t.Fatalf("Escape gives %q, AppendEscaped %q", s, one)
		}
		lines := AppendEscapedLines(nil, b)
		checkSafe(t, lines, true)
		if back := AppendUnescaped(nil, lines); !bytes.Equal(back, b) {
			t.Fatalf("%q became the lines %q and then %q", b, lines, back)
		}
		if got := throughWriter(t, b, cut); !bytes.Equal(got, lines) {
			t.Fatalf("in pieces %q became %q, want %q", b, got, lines)
		}
	})
}

// throughWriter sends b through an EscapingWriter in pieces of 1 to 8 bytes that
// cut chooses, three bits a piece.
func throughWriter(t *testing.T, b []byte, cut uint16) []byte {
	t.Helper()
	var out bytes.Buffer
	w := NewEscapingWriter(&out)
	for len(b) > 0 {
		n := min(len(b), 1+int(cut&7))
		cut = cut>>3 | cut<<13
		if got, err := w.Write(b[:n]); got != n || err != nil {
			t.Fatalf("Write = %d, %v, want %d", got, err, n)
		}
		b = b[n:]
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func BenchmarkAppendEscaped(b *testing.B) {
	for _, bm := range []struct{ name, text string }{
		{name: "ascii", text: strings.Repeat("the quick brown fox ", 50)},
		{name: "cjk", text: strings.Repeat("日本語", 110)},
		{name: "binary", text: strings.Repeat("\x00\xff\x1b\n", 250)},
	} {
		b.Run(bm.name, func(b *testing.B) {
			src, dst := []byte(bm.text), make([]byte, 0, 8192)
			b.SetBytes(int64(len(src)))
			for b.Loop() {
				dst = AppendEscaped(dst[:0], src)
			}
		})
	}
}
