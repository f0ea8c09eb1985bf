package codec

import (
	"encoding/hex"
	"errors"
	"testing"
)

// unhex decodes hexadecimal digits with spaces between bytes.
func unhex(t testing.TB, s string) []byte {
	t.Helper()
	var digits []byte
	for i := range len(s) {
		if s[i] != ' ' {
			digits = append(digits, s[i])
		}
	}
	b, err := hex.DecodeString(string(digits))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestInflateRFC holds the examples of RFC 7692 §7.2.3, and what lies close.
func TestInflateRFC(t *testing.T) {
	tests := []struct {
		name     string
		messages []string // hexadecimal, of one direction
		takeover bool
		want     []string
		err      error // of the last message
	}{
		{name: "one block (§7.2.3.1)", messages: []string{"f2 48 cd c9 c9 07 00"}, want: []string{"Hello"}},
		{name: "fragments joined (§7.2.3.1)", messages: []string{"f2 48 cd" + "c9 c9 07 00"}, want: []string{"Hello"}},
		{
			name: "shared window (§7.2.3.2)", takeover: true,
			messages: []string{"f2 48 cd c9 c9 07 00", "f2 00 11 00 00"}, want: []string{"Hello", "Hello"},
		},
		{
			name:     "shared window without takeover (§7.2.3.2)",
			messages: []string{"f2 48 cd c9 c9 07 00", "f2 00 11 00 00"}, want: []string{"Hello", "H"}, err: ErrCorruptDeflate,
		},
		{name: "no compression (§7.2.3.3)", messages: []string{"00 05 00 fa ff 48 65 6c 6c 6f 00"}, want: []string{"Hello"}},
		{name: "final block (§7.2.3.4)", messages: []string{"f3 48 cd c9 c9 07 00 00"}, want: []string{"Hello"}},
		{name: "final block and no more", messages: []string{"f3 48 cd c9 c9 07 00"}, want: []string{"Hello"}},
		{
			name:     "final block and data (§7.2.3.4)",
			messages: []string{"f3 48 cd c9 c9 07 00" + "f2 48 cd c9 c9 07 00"}, want: []string{"HelloHello"},
		},
		{
			name:     "final block and data that refers to it (§7.2.3.4)",
			messages: []string{"f3 48 cd c9 c9 07 00" + "f2 00 11 00 00"}, want: []string{"HelloHello"},
		},
		{
			name: "final blocks with takeover (§7.2.3.4)", takeover: true,
			messages: []string{"f3 48 cd c9 c9 07 00" + "f3 00 11 00" + "00", "f2 00 11 00 00"}, want: []string{"HelloHello", "Hello"},
		},
		{name: "two blocks (§7.2.3.5)", messages: []string{"f2 48 05 00 00 00 ff ff ca c9 c9 07 00"}, want: []string{"Hello"}},
		{name: "empty (§7.2.3.6)", messages: []string{"00"}, want: []string{""}},
		{name: "nothing at all", messages: []string{""}, want: []string{""}, err: ErrCorruptDeflate},
		{name: "reserved block type", messages: []string{"06"}, want: []string{""}, err: ErrCorruptDeflate},
		{name: "tail not removed", messages: []string{"f2 48 cd c9 c9 07 00 00 00 ff ff"}, want: []string{"Hello"}, err: ErrCorruptDeflate},
		{name: "cut off in a block", messages: []string{"f2 48 cd"}, want: []string{"Hel"}, err: ErrCorruptDeflate},
		{name: "cut off in a final block", messages: []string{"f3 48 cd"}, want: []string{"Hel"}, err: ErrCorruptDeflate},
		{name: "cut off in a stored block", messages: []string{"00 0a 00 f5 ff 48"}, want: []string{"H"}, err: ErrCorruptDeflate},
		{name: "stored block as long as what we append", messages: []string{"01 09 00 f6 ff"}, want: []string{""}, err: ErrCorruptDeflate},
		{name: "distance before the beginning", messages: []string{"f2 00 11 00 00"}, want: []string{""}, err: ErrCorruptDeflate},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := NewDecompressor()
			var w *Window
			if tt.takeover {
				w = NewWindow(0)
			}
			for i, m := range tt.messages {
				got, err := d.Append([]byte("before "), w, unhex(t, m), 0)
				var want error
				if i == len(tt.messages)-1 {
					want = tt.err
				}
				if !errors.Is(err, want) {
					t.Fatalf("message %d: got error %v, want %v", i, err, want)
				}
				if want == nil && string(got) != "before "+tt.want[i] {
					t.Errorf("message %d: got %q, want %q behind %q", i, got, tt.want[i], "before ")
				}
			}
		})
	}
}
