package term

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestAppendJSON(t *testing.T) {
	marked := Palette{
		Dim: Style{"(", ")"}, Key: Style{"k<", ">"}, String: Style{"s<", ">"}, Number: Style{"n<", ">"}, Literal: Style{"l<", ">"},
	}
	tests := []struct {
		name, in string
		v        JSONView
		want     string
		not      bool
	}{
		{name: "not json", in: "hello", not: true},
		{name: "two texts", in: "{} {}", not: true},
		{name: "empty", in: "", not: true},
		{name: "scalar", in: " 12.50e+3\n", want: "12.50e+3"},
		{name: "order, duplicates, spelling", in: `{"b":1.0,"a":[1E2,-0],"b":"\u00e9\/"}`, want: `{"b": 1.0, "a": [1E2, -0], "b": "\u00e9\/"}`},
		{name: "fits", in: `{"a":[1,2]}`, v: JSONView{Width: 13}, want: `{"a": [1, 2]}`},
		{name: "one cell short", in: `{"a":[1,2],"b":3}`, v: JSONView{Width: 20}, want: "{\n  \"a\": [1, 2],\n  \"b\": 3\n}"},
		{name: "just enough", in: `{"a":[1,2],"b":3}`, v: JSONView{Width: 21}, want: `{"a": [1, 2], "b": 3}`},
		{
			name: "nested",
			in:   `{"id":7,"tags":["first","second"],"o":{"x":null},"e":[],"f":{ }}`,
			v:    JSONView{Width: 24, Indent: "| "},
			want: `{
|   "id": 7,
|   "tags": [
|     "first",
|     "second"
|   ],
|   "o": {"x": null},
|   "e": [],
|   "f": {}
| }`,
		},
		{name: "room for the comma", in: `[[1,2],[3,4]]`, v: JSONView{Width: 8}, want: "[\n  [\n    1,\n    2\n  ],\n  [3, 4]\n]"},
		{name: "empty that cannot fit", in: `[[],{}]`, v: JSONView{Width: 1}, want: "[\n  [],\n  {}\n]"},
		{name: "wide characters count twice", in: `["日本"]`, v: JSONView{Width: 7}, want: "[\n  \"日本\"\n]"},
		{name: "escaped for the terminal", in: "[\"a\u202e\x7f\xff\u0085\"]", want: `["a\u{202e}\x7f\xff\u{85}"]`},
		{name: "key escaped", in: "{\"\u200b\":1}", want: `{"\u{200b}": 1}`},
		{name: "quotes inside", in: `["\"],[\\", "\\"]`, want: `["\"],[\\", "\\"]`},
		{
			name: "coloured",
			in:   `{"a":"b","c":[-1,true,null]}`,
			v:    JSONView{Palette: marked},
			want: `{k<"a">: s<"b">, k<"c">: [n<-1>, l<true>, l<null>]}`,
		},
		{
			name: "cut",
			in:   `["aaaa","bbbb","cccc"]`,
			v:    JSONView{Width: 10, Max: 2, Indent: " ", Palette: Palette{Dim: marked.Dim}},
			want: "[\n   \"aaaa\",\n (… +3 lines)",
		},
		{name: "not cut", in: `["aaaa","bbbb"]`, v: JSONView{Width: 10, Max: 4}, want: "[\n  \"aaaa\",\n  \"bbbb\"\n]"},
		{name: "one line shown", in: `["aaaa","bbbb"]`, v: JSONView{Width: 10, Max: 1}, want: "[\n… +3 lines"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := AppendJSON([]byte("> "), []byte(tt.in), tt.v)
			if ok == tt.not {
				t.Errorf("reports %t, want %t", ok, !tt.not)
			}
			if want := "> " + tt.want; string(got) != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestAppendJSONDepth(t *testing.T) {
	const n = 9000
	in := strings.Repeat("[", n) + strings.Repeat("]", n)
	got, ok := AppendJSON(nil, []byte(in), JSONView{Width: 20})
	if !ok {
		t.Fatal("not taken for JSON")
	}
	if limit := len(in) + 1000; len(got) > limit {
		t.Errorf("%d bytes in became %d, want at most %d", len(in), len(got), limit)
	}
	if lines := strings.Count(string(got), "\n"); lines != 2*maxJSONDepth {
		t.Errorf("%d newlines, want %d", lines, 2*maxJSONDepth)
	}
}

func FuzzAppendJSON(f *testing.F) {
	f.Add([]byte(`{"a":[1,2,{"b":null}],"c":"d\"\\"}`), 10, 3)
	f.Add([]byte("[\"\u202e\xff\", [[[]]], true]"), 4, 0)
	f.Fuzz(func(t *testing.T, b []byte, width, most int) {
		got, ok := AppendJSON(nil, b, JSONView{Width: width, Max: most})
		if ok != json.Valid(b) {
			t.Fatalf("%q: reports %t", b, ok)
		}
		if !ok {
			return
		}
		checkSafe(t, got, true)
		if lines := bytes.Count(got, []byte("\n")); most > 0 && lines > most {
			t.Fatalf("%d newlines for at most %d lines", lines, most)
		}
		if most > 0 {
			return
		}
		var want, back bytes.Buffer
		if err := json.Compact(&want, b); err != nil {
			t.Fatal(err)
		}
		if err := json.Compact(&back, AppendUnescaped(nil, got)); err != nil {
			t.Fatalf("%q printed as %q: %v", b, got, err)
		}
		if !bytes.Equal(back.Bytes(), want.Bytes()) {
			t.Fatalf("%q printed as %q", b, got)
		}
	})
}
