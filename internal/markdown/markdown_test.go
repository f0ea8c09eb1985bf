package markdown

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestUpdate(t *testing.T) {
	const begin, end = "<!-- begin -->\n", "<!-- end -->\n"
	for _, tt := range []struct {
		name, document string
		want           string // "" for an error, which leaves the file as it is
	}{
		{"once", "a\n" + begin + "old" + end + "b\n", "a\n" + begin + "\nold and new\n" + end + "b\n"},
		{"empty", begin + end, begin + "\n and new\n" + end},
		{"no begin", "a\n" + end, ""},
		{"no end", begin + "a\n", ""},
		{"the wrong way round", end + begin, ""},
		{"refused", begin + "refused" + end, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.md")
			if err := os.WriteFile(path, []byte(tt.document), 0o644); err != nil {
				t.Fatal(err)
			}
			err := Update(path, begin, end, func(old string) (string, error) {
				if old == "refused" {
					return "", errors.New("refused")
				}
				return old + " and new", nil
			})
			if (err == nil) != (tt.want != "") {
				t.Errorf("got error %v", err)
			}
			want := tt.want
			if want == "" {
				want = tt.document
			}
			if got, err := os.ReadFile(path); err != nil || string(got) != want {
				t.Errorf("got %q, %v, want %q", got, err, want)
			}
		})
	}
}
