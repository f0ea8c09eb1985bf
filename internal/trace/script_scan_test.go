package trace

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// A jsToken is a token of JavaScript, as much of it as scripts are made of.
type jsToken struct {
	kind byte   // '"' a string, 'a' a name, '0' a number, '/' a comment, else punctuation
	text string // of a string, its value
}

// scanJS returns the tokens of src. It knows the rules of ECMAScript for where a string
// and a comment end, and is written without any of the code that makes scripts.
func scanJS(src string) ([]jsToken, error) {
	const lineEnds = "\n\r\u2028\u2029"
	var tokens []jsToken
	for len(src) > 0 {
		r, size := utf8.DecodeRuneInString(src)
		switch {
		case r == ' ' || r == '\n':
			src = src[size:]
		case strings.HasPrefix(src, "//"):
			end := strings.IndexAny(src, lineEnds)
			if end < 0 || src[end] != '\n' {
				return tokens, fmt.Errorf("comment ends oddly: %.40q", src)
			}
			tokens, src = append(tokens, jsToken{'/', src[:end]}), src[end:]
		case r == '\'' || r == '"':
			value, n, err := decodeJS(src)
			if err != nil {
				return tokens, err
			}
			tokens, src = append(tokens, jsToken{'"', value}), src[n:]
		case r == '_' || r == '$' || unicode.IsLetter(r):
			n := strings.IndexFunc(src, func(r rune) bool { return r != '_' && r != '$' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
			if n < 0 {
				n = len(src)
			}
			tokens, src = append(tokens, jsToken{'a', src[:n]}), src[n:]
		case unicode.IsDigit(r) || r == '-':
			n := 1 + len(src[1:]) - len(strings.TrimLeft(src[1:], "0123456789.eExabcdf+-"))
			tokens, src = append(tokens, jsToken{'0', src[:n]}), src[n:]
		case strings.ContainsRune("(){}[],:=>.", r):
			tokens, src = append(tokens, jsToken{byte(r), src[:1]}), src[1:]
		default:
			return tokens, fmt.Errorf("%q outside of strings and comments", r)
		}
	}
	return tokens, nil
}

// decodeJS returns the value of the string literal that src begins with, and its length.
// The value may have halves of surrogate pairs, which are joined.
func decodeJS(src string) (value string, n int, err error) {
	var b strings.Builder
	quote := src[0]
	high := rune(0)
	for i := 1; i < len(src); {
		r, size := utf8.DecodeRuneInString(src[i:])
		switch {
		case src[i] == quote:
			return b.String(), i + 1, nil
		case r < ' ' || !strconv.IsPrint(r):
			return "", 0, fmt.Errorf("raw %q in a string", r)
		case r != '\\':
			b.WriteRune(r)
			i += size
			continue
		case i+1 == len(src):
			return "", 0, fmt.Errorf("backslash at the end")
		}
		digits := map[byte]int{'x': 2, 'u': 4}[src[i+1]]
		if digits == 0 {
			c := src[i+1]
			simple, ok := map[byte]byte{'n': '\n', 'r': '\r', 't': '\t'}[c]
			if !ok {
				if !strings.ContainsRune(`'"\/`, rune(c)) {
					return "", 0, fmt.Errorf("escape \\%c", c)
				}
				simple = c
			}
			b.WriteByte(simple)
			i += 2
			continue
		}
		code, err := strconv.ParseUint(src[i+2:min(i+2+digits, len(src))], 16, 16)
		if err != nil {
			return "", 0, err
		}
		switch r := rune(code); {
		case 0xD800 <= r && r < 0xDC00:
			high = r
		case 0xDC00 <= r && r < 0xE000:
			b.WriteRune((high-0xD800)<<10 | (r - 0xDC00) + 0x10000)
		default:
			b.WriteRune(r)
		}
		i += 2 + digits
	}
	return "", 0, fmt.Errorf("a string does not end: %.40q", src)
}

// jsWords are the names that a script has, but for the keys of objects.
var jsWords = []string{
	"on", "async", "await", "ws", "send", "expect", "close", "closed", "terminate", "sleep", "JSON", "stringify",
	"new", "Uint8Array", "from", "atob", "c", "charCodeAt", "true", "false", "null",
}

// checkJS checks that a script has no code but what scripts are made of, and no
// character that a terminal might obey. It returns the tokens.
func checkJS(t *testing.T, src string) []jsToken {
	t.Helper()
	for _, r := range src {
		if r != '\n' && r != ' ' && (!unicode.IsGraphic(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)) {
			t.Fatalf("the script has a raw %q:\n%q", r, src)
		}
	}
	tokens, err := scanJS(src)
	if err != nil {
		t.Fatalf("%v:\n%s", err, src)
	}
	var open []byte
	for i, tok := range tokens {
		switch tok.kind {
		case 'a':
			key := i+1 < len(tokens) && tokens[i+1].kind == ':'
			if !key && !slices.Contains(jsWords, tok.text) {
				t.Errorf("the script has the name %q:\n%s", tok.text, src)
			}
		case '(', '[', '{':
			open = append(open, tok.kind)
		case ')', ']', '}':
			closes := map[byte]byte{')': '(', ']': '[', '}': '{'}[tok.kind]
			if len(open) == 0 || open[len(open)-1] != closes {
				t.Fatalf("brackets do not match at token %d:\n%s", i, src)
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t.Errorf("brackets are left open:\n%s", src)
	}
	return tokens
}
