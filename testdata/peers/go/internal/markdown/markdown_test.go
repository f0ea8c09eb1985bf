package markdown

import "testing"

func TestReplace(t *testing.T) {
	for _, tt := range []struct {
		name, document, want string
		fails                bool
	}{
		{"between", "a\n" + beginMarker + "old\n" + endMarker + "b\n", "a\n" + beginMarker + "\nnew\n\n" + endMarker + "b\n", false},
		{"no end", "a\n" + beginMarker + "old\n", "", true},
		{"no markers", "a\n", "", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := replace(tt.document, "new\n")
			if got != tt.want || (err != nil) != tt.fails {
				t.Errorf("got %q, %v, want %q", got, err, tt.want)
			}
		})
	}
}
