package trace

import (
	"strings"
	"testing"
)

func TestWindow(t *testing.T) {
	for _, test := range []struct {
		name string
		text string
		want int
	}{
		{name: "empty", text: "", want: 0},
		{name: "short", text: "héllo", want: 6},
		{name: "long", text: strings.Repeat("a", 2*maxRow), want: maxRow},
		{name: "within a character", text: "a" + strings.Repeat("é", maxRow), want: maxRow - 1},
		{name: "not UTF-8", text: strings.Repeat("\x80", 2*maxRow), want: maxRow - 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := len(window([]byte(test.text))); got != test.want {
				t.Errorf("window has %d bytes, want %d", got, test.want)
			}
		})
	}
}
