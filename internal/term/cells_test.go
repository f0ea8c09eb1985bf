package term

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCells(t *testing.T) {
	tests := []struct {
		name, in string
		want     int
	}{
		{name: "empty", in: "", want: 0},
		{name: "ascii", in: "hello", want: 5},
		{name: "latin", in: "héllo ·←…", want: 9},
		{name: "combining", in: "e\u0301x\u0323\u0302", want: 2},
		{name: "cjk", in: "日本語", want: 6},
		{name: "kana, hangul, full width", in: "ア한Ａ", want: 6},
		{name: "half width", in: "ｱ", want: 1},
		{name: "emoji", in: "🙂✅❤👍🏽", want: 2 + 2 + 1 + 2 + 2},
		{name: "flag", in: "🇩🇪", want: 2},
		{name: "conjoining jamo", in: "\u1112\u1161\u11ab", want: 2},
		{name: "edges of wide runs", in: "\u10ff\u1100\u303e\u303f\u3248\U0001faf8", want: 1 + 2 + 2 + 1 + 1 + 2},
		{name: "control pictures", in: "␊␍␉", want: 3},
		{name: "escape", in: `\u{202e}`, want: 8},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Cells(tt.in); got != tt.want {
				t.Errorf("Cells(%q) = %d, want %d", tt.in, got, tt.want)
			}
		})
	}
}

func TestFit(t *testing.T) {
	tests := []struct {
		name, in string
		width    int
		want     string
	}{
		{name: "no limit", in: "hello", width: 0, want: "hello"},
		{name: "fits exactly", in: "hello", width: 5, want: "hello"},
		{name: "one too long", in: "hello!", width: 5, want: "hell…"},
		{name: "one cell", in: "hello", width: 1, want: "…"},
		{name: "empty", in: "", width: 3, want: ""},
		{name: "wide on the edge", in: "日本語", width: 5, want: "日本…"},
		{name: "wide over the edge", in: "日本語", width: 4, want: "日…"},
		{name: "wide fits", in: "日本", width: 4, want: "日本"},
		{name: "emoji", in: "ab🙂cd", width: 4, want: "ab…"},
		{name: "marks stay on their character", in: "ae\u0301\u0302xyz", width: 3, want: "ae\u0301\u0302…"},
		{name: "marks at the end", in: "abe\u0301", width: 3, want: "abe\u0301"},
		{name: "escape is not cut", in: `ab\x1b[31m`, width: 5, want: "ab…"},
		{name: "escape fits before the mark", in: `ab\x1b[31m`, width: 7, want: `ab\x1b…`},
		{name: "long escape", in: `\u{202e}abc`, width: 8, want: "…"},
		{name: "backslash that is no escape", in: `a\nbcd`, width: 4, want: `a\n…`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Fit(tt.in, tt.width); got != tt.want {
				t.Errorf("Fit(%q, %d) = %q, want %q", tt.in, tt.width, got, tt.want)
			}
		})
	}
}

func TestFitBoundsMarks(t *testing.T) {
	got := Fit("ab"+strings.Repeat("\u0301", 1<<16)+"c", 10)
	if want := "a…"; got != want {
		t.Errorf("got %d bytes, want %q", len(got), want)
	}
}

func FuzzFit(f *testing.F) {
	f.Add("日本語\x1b\u202e", 5)
	f.Add("e\u0301🙂\\x4", 3)
	f.Fuzz(func(t *testing.T, s string, width int) {
		s = Escape(s)
		got := Fit(s, width)
		if width <= 0 {
			if got != s {
				t.Fatalf("Fit(%q, %d) = %q, want all of it", s, width, got)
			}
			return
		}
		if !utf8.ValidString(got) {
			t.Fatalf("Fit(%q, %d) = %q is not UTF-8", s, width, got)
		}
		if n := Cells(got); n > width {
			t.Fatalf("Fit(%q, %d) = %q takes %d cells", s, width, got, n)
		}
		if got == s {
			return
		}
		kept, ok := strings.CutSuffix(got, "…")
		if !ok || !strings.HasPrefix(s, kept) {
			t.Fatalf("Fit(%q, %d) = %q is not a start of it with a mark", s, width, got)
		}
		before := AppendUnescaped(nil, []byte(kept))
		after := AppendUnescaped(nil, []byte(s[len(kept):]))
		if whole := AppendUnescaped(nil, []byte(s)); string(before)+string(after) != string(whole) {
			t.Fatalf("Fit(%q, %d) = %q cuts an escape", s, width, got)
		}
	})
}
