package inspect

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"wskit/internal/term"
	"wskit/internal/trace"
)

// TestExplainHex checks who is taken for the sender, and what is found.
func TestExplainHex(t *testing.T) {
	for _, tt := range []struct {
		name     string
		hex      string
		want     []string
		problems []string
	}{
		{name: "nothing"},
		{name: "masked text", hex: "81 85 37 fa 21 3d 7f 9f 4d 51 58", want: []string{`client text "Hello"`}},
		{name: "compressed", hex: "c1 07 f2 48 cd c9 c9 07 00", want: []string{`server text "\xf2H\xcd\xc9\xc9\a\x00" "Hello"`}},
		{
			name: "both sides", hex: "01 03 48 65 6c  89 81 00 00 00 01 78  80 02 6c 6f  8a 01 78",
			want:     []string{`server text "Hel"`, `client ping "x"`, `server continuation "lo" "Hello"`, `server pong "x"`},
			problems: nil,
		},
		{name: "out of the middle", hex: "00 01 61 80 01 62", want: []string{`server continuation "a"`, `server continuation "b"`}},
		{
			name: "a continuation too many", hex: "81 01 61 80 01 62", want: []string{`server text "a"`, `server continuation "b"`},
			problems: []string{"unexpected-continuation"},
		},
		{
			name: "compressed, or not", hex: "c1 03 06 06 06", want: []string{`server text "\x06\x06\x06"`},
			problems: []string{"corrupt-deflate"},
		},
		{name: "a payload that is cut", hex: "81 05 48 65", want: []string{`server text "He"`}, problems: []string{"truncated-frame"}},
		{name: "a header that is cut", hex: "81 fe 01", problems: []string{"truncated-frame"}},
		{name: "one byte", hex: "81", problems: []string{"truncated-frame"}},
		{
			name: "a length without end", hex: "82 7f ff ff ff ff ff ff ff ff 01 02", want: []string{`server binary ""`},
			problems: []string{"length-top-bit"},
		},
		{name: "a close code", hex: "88 02 03 ed", want: []string{`server close "\x03\xed"`}, problems: []string{"invalid-close-code"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b, err := term.ParseHex(tt.hex)
			if err != nil {
				t.Fatal(err)
			}
			events := ExplainHex(bytes.Clone(b))
			var got []string
			for _, f := range only[*trace.Frame](events) {
				s := fmt.Sprintf("%s %s %q", f.From, f.Header.Opcode, f.Payload)
				if m := f.Message; m != nil && m.Data != nil && !bytes.Equal(m.Data, f.Payload) {
					s += fmt.Sprintf(" %q", m.Data)
				}
				if !f.Time.IsZero() || f.T != 0 {
					t.Errorf("got the time %v, %v", f.Time, f.T)
				}
				got = append(got, s)
			}
			for i, p := range problems(events) {
				if p == trace.ZeroMaskKey { // of the ping above, not what is tested
					t.Errorf("problem %d is %s", i, p)
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if got := problems(events); !slices.Equal(got, tt.problems) {
				t.Errorf("got problems %q, want %q", got, tt.problems)
			}
		})
	}
}

// TestHexAsText holds what inspect --hex shows.
func TestHexAsText(t *testing.T) {
	var out bytes.Buffer
	for _, hex := range []string{
		"81 85 37 fa 21 3d 7f 9f 4d 51 58",
		"88 86 01 02 03 04 02 ea 67 6b 6f 67",
		"88 00",
		"88 02 03 ed",
		"c1 07 f2 48 cd c9 c9 07 00",
		"02 03 01 02 03 80 02 04 05",
		"82 7e 00 7e" + fmt.Sprintf("%0252x", 7),
		"81 14" + fmt.Sprintf("%x", "twenty bytes of text"),
		"82 7f 00 00 00 00 00 01 00 00 01 02 03",
		"b1 7e 00 05 68 65 1b 6c 6f",
		"82 7f 80 00 00 00 00 00 00 05 01",
	} {
		b, err := term.ParseHex(hex)
		if err != nil {
			t.Fatal(err)
		}
		text := trace.NewText(&out)
		text.Width, text.Bits = 100, true
		for _, e := range ExplainHex(b) {
			if err := text.Write(e); err != nil {
				t.Fatal(err)
			}
		}
		out.WriteByte('\n')
	}
	checkGolden(t, "hex.txt", out.Bytes())
}
