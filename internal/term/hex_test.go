package term

import (
	"bytes"
	"strings"
	"testing"
)

func TestAppendHexDump(t *testing.T) {
	seq := make([]byte, 40)
	for i := range seq {
		seq[i] = byte(0x20 + i*3)
	}
	tests := []struct {
		name string
		b    []byte
		d    HexDump
		want string
	}{
		{name: "empty", b: nil, want: ""},
		{
			name: "the line of the trace",
			b:    []byte("\x00\x01\x02\x03\xde\xad\xbe\xef\x7f\x80\xffABC"),
			want: "00000000  00 01 02 03 de ad be ef  7f 80 ff 41 42 43   ···········ABC\n",
		},
		{name: "one byte", b: []byte("A"), want: "00000000  41   A\n"},
		{name: "eight bytes", b: []byte("ABCDEFGH"), want: "00000000  41 42 43 44 45 46 47 48   ABCDEFGH\n"},
		{
			name: "text columns line up",
			b:    seq,
			d:    HexDump{Indent: "  "},
			want: "  00000000  20 23 26 29 2c 2f 32 35  38 3b 3e 41 44 47 4a 4d    #&),/258;>ADGJM\n" +
				"  00000010  50 53 56 59 5c 5f 62 65  68 6b 6e 71 74 77 7a 7d   PSVY\\_behknqtwz}\n" +
				"  00000020  80 83 86 89 8c 8f 92 95                            ········\n",
		},
		{
			name: "offset and cut",
			b:    seq,
			d:    HexDump{Offset: 0x1_0000_0000, Max: 4, More: 10},
			want: "100000000  20 23 26 29    #&)\n+46 bytes\n",
		},
		{name: "nothing but more", d: HexDump{Indent: "> ", More: 3}, want: "> +3 bytes\n"},
		{name: "max not reached", b: []byte("A"), d: HexDump{Max: 1}, want: "00000000  41   A\n"},
		{
			name: "coloured",
			b:    []byte("A"),
			d:    HexDump{Palette: Palette{Dim: Style{on: "<", off: ">"}}, More: 1},
			want: "<00000000>  41   A\n<+1 bytes>\n",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := string(AppendHexDump([]byte("|"), tt.b, tt.d))
			if want := "|" + tt.want; got != want {
				t.Errorf("got\n%swant\n%s", got, want)
			}
		})
	}
}

func TestParseHex(t *testing.T) {
	tests := []struct {
		name, in string
		want     string
		wantErr  string
	}{
		{name: "empty", in: ""},
		{name: "only space", in: " \n\t"},
		{name: "packed", in: "818537fa", want: "\x81\x85\x37\xfa"},
		{name: "spaces, upper case", in: " 81 85  37 FA ", want: "\x81\x85\x37\xfa"},
		{name: "commas, colons, newlines", in: "81,85:37\r\nfa\t", want: "\x81\x85\x37\xfa"},
		{name: "source code", in: "0x81, 0X85, 0x37fa", want: "\x81\x85\x37\xfa"},
		{name: "string literal", in: `\x81\x85`, want: "\x81\x85"},
		{name: "not a digit", in: "81 g5", want: "\x81", wantErr: `parse hex: "g" at character 4 is not a hexadecimal digit`},
		{name: "not a second digit", in: "8g", wantErr: `parse hex: "g" at character 2 is not a hexadecimal digit`},
		{name: "odd", in: "81 5", want: "\x81", wantErr: `parse hex: "5" at character 4 stands alone, a byte has two digits`},
		{name: "odd in the middle", in: "8 15", wantErr: `parse hex: "8" at character 1 stands alone, a byte has two digits`},
		{name: "prefix alone", in: "81 0x", want: "\x81", wantErr: `parse hex: no digits after "0x" at character 4`},
		{name: "prefix before space", in: "0x 81", wantErr: `parse hex: " " at character 3 is not a hexadecimal digit`},
		{name: "not ASCII", in: "81é", want: "\x81", wantErr: `parse hex: "é" at character 3 is not a hexadecimal digit`},
		{name: "hidden", in: "81\u202e82", want: "\x81", wantErr: `parse hex: "\u{202e}" at character 3 is not a hexadecimal digit`},
		{name: "not UTF-8", in: "\xff", wantErr: `parse hex: "\xff" at character 1 is not a hexadecimal digit`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseHex(tt.in)
			if string(got) != tt.want {
				t.Errorf("got % x, want % x", got, tt.want)
			}
			msg := ""
			if err != nil {
				msg = err.Error()
			}
			if msg != tt.wantErr {
				t.Errorf("error %q, want %q", msg, tt.wantErr)
			}
		})
	}
}

// FuzzHexDump reads a dump back: its middle columns are hex that ParseHex takes.
func FuzzHexDump(f *testing.F) {
	f.Add([]byte("\x00\x01hello, world 0123456789\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		dump := AppendHexDump(nil, b, HexDump{})
		var back []byte
		for line := range strings.Lines(string(dump)) {
			_, rest, _ := strings.Cut(line, "  ")
			columns, _, ok := strings.Cut(rest, "   ")
			row, err := ParseHex(columns)
			if !ok || err != nil {
				t.Fatalf("line %q: %v", line, err)
			}
			back = append(back, row...)
		}
		if !bytes.Equal(back, b) {
			t.Fatalf("dump of % x reads as % x", b, back)
		}
		checkSafe(t, dump, true)
	})
}

func FuzzParseHex(f *testing.F) {
	for _, s := range []string{"81 85", `0x81,\x85`, "8", "0x", "é", "81:g", "\u034f"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		b, err := ParseHex(s)
		if len(b) > len(s)/2 {
			t.Fatalf("%d bytes out of %d characters", len(b), len(s))
		}
		if err != nil {
			checkSafe(t, []byte(err.Error()), false)
			return
		}
		digits := strings.NewReplacer("0x", "", "0X", "", `\x`, "", `\X`, "").Replace(s)
		if n := len(strings.Join(strings.FieldsFunc(digits, func(r rune) bool {
			return strings.ContainsRune(hexSpace, r)
		}), "")); n != 2*len(b) {
			t.Fatalf("%d bytes out of %d digits in %q", len(b), n, s)
		}
	})
}
