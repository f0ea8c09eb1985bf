package trace

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestScriptString(t *testing.T) {
	for _, tt := range []struct{ s, want string }{
		{"", `''`},
		{"plain, with \"quotes\"", `'plain, with "quotes"'`},
		{"it's", `"it's"`},
		{`it's "both"`, `'it\'s "both"'`},
		{`back\slash`, `'back\\slash'`},
		{"lines\r\n\tand \x00\x1b[31m\x7f", `'lines\r\n\tand \x00\x1b[31m\x7f'`},
		{"naïve 日本 😀", `'naïve 日本 😀'`},
		{"\u0085\u00a0\u200b\u202e\u2028\u2029\ufeff\ufffd", `'\u0085\u00a0\u200b\u202e\u2028\u2029\ufeff\ufffd'`},
		{"\U000e0001\U0010ffff", `'\udb40\udc01\udbff\udfff'`},
		{"\u0301e\u0301", `'\u0301e` + "\u0301'"},
		{"</script><!-- --></b>", `'<\/script>\x3c!-- --><\/b>'`},
		{"${a}`", "'${a}`'"},
		{"bad \xff", `'bad \ufffd'`},
	} {
		if got := string(appendString(nil, tt.s)); got != tt.want {
			t.Errorf("%q: got %s, want %s", tt.s, got, tt.want)
		}
	}
}

func FuzzScriptString(f *testing.F) {
	for _, s := range []string{"", "a", "'", `"`, `'"\`, "\n\r\u2028", "😀\U000e0001", "</script>", "<!--", "\xff\xed\xa0\x80", `\u{0}`, "\u0301"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		literal := string(appendString([]byte("x"), s))[1:]
		value, n, err := decodeJS(literal)
		if err != nil || n != len(literal) {
			t.Fatalf("%q: literal %s, of which %d bytes are a string: %v", s, literal, n, err)
		}
		if want := strings.ToValidUTF8(s, "\ufffd"); utf8.ValidString(s) && value != want {
			t.Errorf("%q: literal %s has the value %q", s, literal, value)
		}
		if strings.Contains(literal, "</") || strings.Contains(literal, "<!--") {
			t.Errorf("%q: literal %s ends a script of HTML", s, literal)
		}
	})
}

func TestScriptBytes(t *testing.T) {
	list := func(n int) []byte { return bytes.Repeat([]byte{0xAB}, n) }
	row := strings.TrimSuffix(strings.Repeat("0xab, ", 16), " ")
	for _, tt := range []struct {
		name string
		b    []byte
		room int
		want string
	}{
		{"none", nil, 80, "new Uint8Array(0)"},
		{"a line", []byte{0, 1, 0xff}, 80, "new Uint8Array([0x00, 0x01, 0xff])"},
		{"no room", []byte{0, 1}, 10, "new Uint8Array([\n    0x00, 0x01,\n  ])"},
		{"rows", list(17), 200, "new Uint8Array([\n    " + row + "\n    0xab,\n  ])"},
		{"large", list(257), 80, "Uint8Array.from(atob('" + strings.Repeat("q6ur", 85) + "q6s='), c => c.charCodeAt(0))"},
	} {
		if got := string(appendBytes(nil, tt.b, tt.room, "  ")); got != tt.want {
			t.Errorf("%s: got\n%s\nwant\n%s", tt.name, got, tt.want)
		}
	}
}

func TestScriptJSON(t *testing.T) {
	const same = "the same as send" // what is expected too
	for _, tt := range []struct {
		name, text string
		// send and expect are the literals, empty where the text stays a string.
		send, expect string
	}{
		{"an object", `{"a":1,"b":[true,null,"x"]}`, `{ a: 1, b: [true, null, 'x'] }`, same},
		{"an array", `[1,-2.5,1e+21,1e-7,9007199254740991]`, `[1, -2.5, 1e+21, 1e-7, 9007199254740991]`, same},
		{"empty", `{"a":{},"b":[]}`, `{ a: {}, b: [] }`, same},
		{"white space", `{ "a": 1 }`, "", `{ a: 1 }`},
		{"keys", `{"a_$1":1,"a-b":2,"":3,"1a":4,"new":5,"é":6,"it's":7}`, `{ a_$1: 1, 'a-b': 2, '': 3, '1a': 4, new: 5, 'é': 6, "it's": 7 }`, same},
		{"escapes", `["\"\\\b\f\n\r\t\u0000\u001f` + "\x7f\u2028" + `/</script>"]`, `['"\\\x08\x0c\n\r\t\x00\x1f\x7f\u2028/<\/script>']`, same},
		{"other escapes", `["\/\u0041"]`, "", `['/A']`},
		{"escaped, as others have it", `["\u001F"]`, "", `['\x1f']`},
		{"a pair of surrogates", `["\ud83d\ude00"]`, "", `['😀']`},
		{"half a pair", `["\ud83d"]`, "", ""},
		{"half a pair in a key", `{"\ude00":1}`, "", ""},
		{"1.0", `[1.0]`, "", `[1.0]`},
		{"1E2", `[1E2,10e-1]`, "", `[1E2, 10e-1]`},
		{"0.10", `[0.10]`, "", `[0.10]`},
		{"0.0", `[0.0]`, "", `[0.0]`},
		{"-0", `[-0]`, "", ""},
		{"-0.0", `[-0.0]`, "", ""},
		{"too large", `[1e400]`, "", ""},
		{"too small", `[1e-400]`, "", ""},
		{"an absurd exponent", `[1e99999999999999999999]`, "", ""},
		{"a large integer", `[9007199254740993]`, "", ""},
		{"a large even integer", `[9007199254740994]`, `[9007199254740994]`, same},
		{"an id of 64 bits", `{"id":12345678901234567890}`, "", ""},
		{"many digits", `[0.1000000000000000055]`, "", ""},
		{"1e21", `[1e21]`, "", `[1e21]`},
		{"a key twice", `{"a":1,"a":2}`, "", ""},
		{"a key twice, in other words", `{"a":1,"\u0061":2}`, "", ""},
		{"a key twice, apart", `[{"a":1},{"a":2}]`, `[{ a: 1 }, { a: 2 }]`, same},
		{"__proto__", `{"__proto__":{"x":1}}`, "", ""},
		{"__proto__, inside", `[{"_\u005fproto__":1}]`, "", ""},
		{"constructor", `{"constructor":1,"toJSON":2,"then":3}`, `{ constructor: 1, toJSON: 2, then: 3 }`, same},
		{"keys that are an index", `{"b":1,"0":2}`, "", `{ b: 1, '0': 2 }`},
		{"keys that are no index", `{"b":1,"0x1":2,"1.5":3}`, `{ b: 1, '0x1': 2, '1.5': 3 }`, same},
		{"a number", `1`, "", ""},
		{"a string", `"a"`, "", ""},
		{"no JSON", `{"a":}`, "", ""},
		{"two", `{}{}`, "", ""},
		{"deep", strings.Repeat("[", 40) + strings.Repeat("]", 40), "", ""},
		{"deep, but not too deep", strings.Repeat("[", 20) + strings.Repeat("]", 20), strings.Repeat("[", 20) + strings.Repeat("]", 20), same},
		{"large", `["` + strings.Repeat("x", maxLiteral) + `"]`, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.expect == same {
				tt.expect = tt.send
			}
			var send, expect string
			if v, ok := parseJSON([]byte(tt.text)); ok {
				expect = string(v.appendLiteral(nil, 1000, ""))
				if v.stringified([]byte(tt.text)) {
					send = expect
				}
			}
			if send != tt.send || expect != tt.expect {
				t.Errorf("got  send %s\n   expect %s\nwant send %s\n   expect %s", send, expect, tt.send, tt.expect)
			}
		})
	}
}

func TestScriptJSONLayout(t *testing.T) {
	numbers := strings.TrimSuffix(strings.Repeat("1000000,", 24), ",")
	text := `{"numbers":[` + numbers + `],"list":[{"id":1,"text":"` + strings.Repeat("x", 40) + `"},{"id":2,"text":"` +
		strings.Repeat("y", 40) + `"}],"short":{"a":[]}}`
	v, ok := parseJSON([]byte(text))
	if !ok || !v.stringified([]byte(text)) {
		t.Fatal("it is no literal")
	}
	got := string(v.appendLiteral(nil, 60, "  "))
	// Of the numbers, ten have room on a line of 100 cells.
	row := strings.TrimSpace(strings.Repeat("1000000, ", 10))
	want := `{
    numbers: [
      ` + row + `
      ` + row + `
      1000000, 1000000, 1000000, 1000000,
    ],
    list: [
      { id: 1, text: '` + strings.Repeat("x", 40) + `' },
      { id: 2, text: '` + strings.Repeat("y", 40) + `' },
    ],
    short: { a: [] },
  }`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for _, room := range []int{v.cells, v.cells - 1} {
		oneLine := !strings.Contains(string(v.appendLiteral(nil, room, "")), "\n")
		if oneLine != (room >= v.cells) {
			t.Errorf("in %d cells, where it takes %d: one line %t", room, v.cells, oneLine)
		}
	}
	if got := len(v.appendOneLine(nil)); got != v.cells {
		t.Errorf("it takes %d cells, %d were counted", got, v.cells)
	}
}

// jsToJSON returns a literal in JSON.
func jsToJSON(literal string) (string, error) {
	tokens, err := scanJS(literal)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for i, tok := range tokens {
		next := byte(0)
		if i+1 < len(tokens) {
			next = tokens[i+1].kind
		}
		switch {
		case tok.kind == '"', tok.kind == 'a' && next == ':':
			s, err := json.Marshal(tok.text)
			if err != nil {
				return "", err
			}
			b.Write(s)
		case tok.kind == ',' && (next == ']' || next == '}'):
		case tok.kind == '/':
			return "", fmt.Errorf("a comment in a literal")
		default:
			b.WriteString(tok.text)
		}
	}
	return b.String(), nil
}

func FuzzScriptJSON(f *testing.F) {
	for _, s := range []string{
		`{"a":1,"b":[true,null,"x"]}`, `[1,-2.5,1e+21,1e-7,9007199254740991,1.0]`, `{"a-b":{"":[{}]}}`, `["\u2028'\"\\"]`,
		`{"list":["` + strings.Repeat("word ", 30) + `",` + strings.Repeat("1,", 60) + `2]}`, `{"a":1,"a":2}`, `{"__proto__":1}`, `[-0]`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, ok := parseJSON([]byte(text))
		if !ok {
			return
		}
		for _, room := range []int{1000, 40} {
			literal := string(v.appendLiteral(nil, room, "  "))
			back, err := jsToJSON(literal)
			if err != nil {
				t.Fatalf("%s: literal %s: %v", text, literal, err)
			}
			var got, want any
			if err := json.Unmarshal([]byte(back), &got); err != nil {
				t.Fatalf("%s: literal %s is %s: %v", text, literal, back, err)
			}
			if err := json.Unmarshal([]byte(text), &want); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%s: literal %s is %s", text, literal, back)
			}
		}
		if b, ok := v.stringify(nil); ok && !json.Valid(b) {
			t.Errorf("%s: stringified it is %s", text, b)
		}
	})
}
