package codec_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"unicode/utf8"

	"wskit/codec"
)

// firstBad returns the index of the first byte after which b cannot become valid
// UTF-8 any more, or len(b). It leans on utf8.FullRune, which is false only for
// what some valid rune begins with.
func firstBad(b []byte) int {
	begun := 0 // where the rune in progress begins
	for i := range b {
		if r, size := utf8.DecodeRune(b[begun : i+1]); r != utf8.RuneError || size > 1 {
			begun = i + 1
		} else if utf8.FullRune(b[begun : i+1]) {
			return i
		}
	}
	return len(b)
}

// checkUTF8 writes text in pieces that end at cuts, and compares each answer with
// the place of the first bad byte.
func checkUTF8(t *testing.T, text []byte, cuts ...int) {
	var u codec.UTF8
	bad, from := firstBad(text), 0
	for _, cut := range append(cuts, len(text)) {
		if got, want := u.Write(text[from:cut]), bad >= cut; got != want {
			t.Fatalf("%x, cut at %v: Write of bytes %d to %d = %v, want %v", text, cuts, from, cut, got, want)
		}
		from = cut
	}
	if got, want := u.Complete(), utf8.Valid(text); got != want {
		t.Fatalf("%x, cut at %v: Complete() = %v, want %v", text, cuts, got, want)
	}
}

func TestUTF8(t *testing.T) {
	tests := []struct {
		name string
		text string
		bad  int // the index of the first bad byte, or -1
	}{
		{name: "empty", text: "", bad: -1},
		{name: "ASCII", text: "hello, world: sixteen", bad: -1},
		{name: "two bytes", text: "Привет", bad: -1},
		{name: "three bytes", text: "日本語", bad: -1},
		{name: "four bytes", text: "a𝄞b😀", bad: -1},
		{name: "a BOM and a noncharacter", text: "\uFEFF\uFFFE\U0010FFFF", bad: -1},
		{name: "NUL", text: "\x00", bad: -1},
		{name: "lone continuation", text: "abc\x80", bad: 3},
		{name: "overlong in two bytes", text: "\xC0\xAF", bad: 0},
		{name: "C1 begins nothing", text: "\xC1\xBF", bad: 0},
		{name: "overlong in three bytes", text: "\xE0\x9F\xBF", bad: 1},
		{name: "surrogate", text: "ok \xED\xA0\x80", bad: 4},
		{name: "overlong in four bytes", text: "\xF0\x8F\xBF\xBF", bad: 1},
		{name: "beyond the last rune", text: "\xF4\x90\x80\x80", bad: 1},
		{name: "F5 begins nothing", text: "\xF5\x80\x80\x80", bad: 0},
		{name: "FF", text: "a\xFF", bad: 1},
		{name: "rune broken off by ASCII", text: "\xE6\x97a", bad: 2},
		{name: "rune broken off by a rune", text: "\xE6\x97\xC3\xA9", bad: 2},
		{name: "rune cut by the end", text: "\xE6\x97", bad: 2},
		{name: "one continuation too many", text: "\xC3\xA9\xA9", bad: 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text, bad := []byte(tt.text), tt.bad
			if bad < 0 {
				bad = len(text)
			}
			if got := firstBad(text); got != bad {
				t.Fatalf("the test's own oracle says %d, want %d", got, bad)
			}
			for i := range len(text) + 1 {
				for j := i; j <= len(text); j++ {
					checkUTF8(t, text, i, j)
				}
			}
		})
	}
}

// TestUTF8Sequences tries all sequences of four bytes from both sides of each
// border in the table of well-formed sequences, cut at every place.
func TestUTF8Sequences(t *testing.T) {
	borders := []byte("\x00\x7F\x80\x8F\x90\x9F\xA0\xBF\xC0\xC1\xC2\xDF\xE0\xE1\xEC\xED\xEE\xEF\xF0\xF1\xF3\xF4\xF5\xFF")
	if testing.Short() {
		borders = []byte("\x7F\x80\x8F\x90\x9F\xA0\xBF\xC1\xC2\xE0\xED\xEF\xF0\xF4\xF5")
	}
	text := make([]byte, 4)
	for _, text[0] = range borders {
		for _, text[1] = range borders {
			for _, text[2] = range borders {
				for _, text[3] = range borders {
					checkUTF8(t, text)
					checkUTF8(t, text, 1)
					checkUTF8(t, text, 2)
					checkUTF8(t, text, 3)
					checkUTF8(t, text, 1, 2, 3)
				}
			}
		}
	}
}

// TestUTF8StaysBad writes valid text after a bad byte.
func TestUTF8StaysBad(t *testing.T) {
	var u codec.UTF8
	if u.Write([]byte("a\xFF")) {
		t.Error("Write of a bad byte = true")
	}
	for _, more := range []string{"", "valid", "\x80"} {
		if u.Write([]byte(more)) {
			t.Errorf("Write(%q) after a bad byte = true", more)
		}
		if u.Complete() {
			t.Error("Complete() after a bad byte = true")
		}
	}
}

// TestUTF8Long puts every sequence of TestUTF8 at every place of longer texts, which
// are checked many bytes at a time.
func TestUTF8Long(t *testing.T) {
	for _, sequence := range []string{
		"", "a", "\u0436", "\u65e5", "\U0001f600", "\U0010ffff", "\ud7ff", "\ue000", "\x80", "\xbf\xbf",
		"\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80",
		"\xE6\x97", "\xE6\x97a", "\xF0\x9F\x98", "\xC3", "\xFF",
	} {
		for _, around := range []string{"a", "\u0436", "\u65e5", "\U0001f600"} {
			for before := range 70 {
				text := []byte(strings.Repeat(around, before/len(around)) + sequence)
				checkUTF8(t, text)
				text = append(text, strings.Repeat(around, 40)...)
				checkUTF8(t, text)
				checkUTF8(t, text, len(text)-1)
				checkUTF8(t, text, len(text)/2, len(text)/2+1)
			}
		}
	}
}

// TestUTF8Portable runs the other tests of UTF8 without AVX2, where it is checked by
// portable code.
func TestUTF8Portable(t *testing.T) {
	const option = "cpu.avx2=off"
	if strings.Contains(os.Getenv("GODEBUG"), option) {
		t.Skip("this is without AVX2")
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestUTF8|^FuzzUTF8", "-test.short")
	cmd.Env = append(os.Environ(), "GODEBUG="+option)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v without AVX2: %v\n%s", cmd.Args, err, out)
	}
}

// FuzzUTF8 cuts a text at two places.
func FuzzUTF8(f *testing.F) {
	for _, around := range []string{"a", "\u0436", "\u65e5", "\U0001f600"} {
		long := strings.Repeat(around, 50)
		f.Add([]byte(long), uint16(1), uint16(60))
		f.Add([]byte(long+"\xED\xA0\x80"+long), uint16(50), uint16(1))
		f.Add([]byte(long+"\xF4\x90\x80\x80"), uint16(50), uint16(200))
	}
	f.Fuzz(func(t *testing.T, text []byte, first, second uint16) {
		i := min(int(first), len(text))
		j := i + min(int(second), len(text)-i)
		checkUTF8(t, text, i, j)
		checkUTF8(t, text)
	})
}

// BenchmarkUTF8 checks texts of the sizes of short and long messages and of a read
// buffer, by both the package and unicode/utf8.
func BenchmarkUTF8(b *testing.B) {
	for _, bm := range []struct{ name, text string }{
		{name: "ASCII", text: "The quick brown fox jumps over the lazy dog. "},
		{name: "Cyrillic", text: "Съешь же ещё этих мягких французских булок, да выпей чаю. "},
		{name: "CJK", text: "日本語のテキスト、こんにちは世界。中文測試文本，"},
		{name: "mixed", text: `{"name":"Zoë Żółw","id":123456789,"text":"hello мир 世界 😀"},`},
	} {
		for _, size := range []int{16, 31, 64, 125, 1 << 10, 64 << 10} {
			text := textOf(bm.text, size)
			run := func(name string, valid func([]byte) bool) {
				b.Run(fmt.Sprintf("%s/size=%d/%s", bm.name, size, name), func(b *testing.B) {
					b.SetBytes(int64(len(text)))
					b.ReportAllocs()
					for b.Loop() {
						if !valid(text) {
							b.Fatal("valid text is refused")
						}
					}
				})
			}
			run("codec", func(text []byte) bool {
				var u codec.UTF8
				return u.Write(text) && u.Complete()
			})
			run("std", utf8.Valid)
		}
	}
}

// textOf returns about size bytes of whole runes of text, over and over.
func textOf(text string, size int) []byte {
	b := []byte(strings.Repeat(text, size/len(text)+1))[:size]
	for !utf8.Valid(b) {
		b = b[:len(b)-1]
	}
	return b
}
