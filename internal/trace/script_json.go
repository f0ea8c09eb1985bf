package trace

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"wskit/internal/term"
)

// What is larger, or nested deeper, is no literal that people read: it stays a string.
const (
	maxLiteral      = 64 << 10 // bytes
	maxLiteralDepth = 32
)

// A jsonValue is a value of JSON on its way to be a literal of JavaScript.
type jsonValue struct {
	kind  byte   // '{', '[', '"', '0' for a number, 'w' for true, false and null
	key   string // in an object
	text  string // the string, or the token
	items []jsonValue
	cells int // of the literal on one line, without the key
}

// parseJSON returns the object or array that a text is, if its literal in JavaScript
// has the same value as the text has for JSON.parse, to the last digit.
//
// A literal is another value, or may be, with a key that is there twice, with
// __proto__, with half a surrogate pair, and with a number that a float64 changes.
func parseJSON(text []byte) (jsonValue, bool) {
	if len(text) > maxLiteral || !isContainer(text) || !utf8.Valid(text) || !json.Valid(text) {
		return jsonValue{}, false
	}
	p := literalParser{dec: json.NewDecoder(bytes.NewReader(text))}
	p.dec.UseNumber()
	v := p.value(0)
	return v, !p.failed
}

// stringified reports whether text is what JSON.stringify makes of the literal.
func (v *jsonValue) stringified(text []byte) bool {
	b, ok := v.stringify(make([]byte, 0, len(text)))
	return ok && bytes.Equal(b, text)
}

// A literalParser walks through a valid JSON text.
type literalParser struct {
	dec    *json.Decoder
	failed bool
}

func (p *literalParser) token() json.Token {
	t, err := p.dec.Token()
	p.failed = p.failed || err != nil
	return t
}

func (p *literalParser) value(depth int) jsonValue {
	p.failed = p.failed || depth > maxLiteralDepth
	if p.failed {
		return jsonValue{}
	}
	var v jsonValue
	switch t := p.token().(type) {
	case json.Delim:
		v = p.container(byte(t), depth)
	case string:
		v = p.string(t)
	case json.Number:
		v = jsonValue{kind: '0', text: t.String()}
		p.failed = p.failed || !exactNumber(v.text)
	case bool:
		v = jsonValue{kind: 'w', text: strconv.FormatBool(t)}
	default:
		v = jsonValue{kind: 'w', text: "null"}
	}
	if v.cells == 0 {
		v.cells = len(v.text)
	}
	return v
}

// string returns a string. What the decoder put in place of half a surrogate pair is
// not told from the character itself.
func (p *literalParser) string(s string) jsonValue {
	p.failed = p.failed || strings.ContainsRune(s, utf8.RuneError)
	return jsonValue{kind: '"', text: s, cells: term.Cells(string(appendString(nil, s)))}
}

func (p *literalParser) container(open byte, depth int) jsonValue {
	v := jsonValue{kind: open, cells: len("[]")}
	keys := make(map[string]bool)
	for !p.failed && p.dec.More() {
		key := ""
		if open == '{' {
			key, _ = p.token().(string)
			p.failed = p.failed || keys[key] || key == "__proto__" || strings.ContainsRune(key, utf8.RuneError)
			keys[key] = true
		}
		item := p.value(depth + 1)
		item.key = key
		v.cells += item.cells + len(", ")
		if open == '{' {
			v.cells += term.Cells(string(appendKey(nil, key))) + len(": ")
		}
		v.items = append(v.items, item)
	}
	if len(v.items) > 0 {
		v.cells -= len(", ")
		if open == '{' {
			v.cells += len("  ") // inside the braces
		}
	}
	p.token()
	return v
}

// stringify appends what JSON.stringify makes of the literal v. It is not ok where
// the order of keys would change: those that look like an index come first.
func (v *jsonValue) stringify(dst []byte) (out []byte, ok bool) {
	switch v.kind {
	case '"':
		return appendStringified(dst, v.text), true
	case '0':
		return append(dst, numberString(v.text)...), true
	case 'w':
		return append(dst, v.text...), true
	}
	dst = append(dst, v.kind)
	for i := range v.items {
		item := &v.items[i]
		if i > 0 {
			dst = append(dst, ',')
		}
		if v.kind == '{' {
			if strings.Trim(item.key, "0123456789") == "" && item.key != "" {
				return dst, false
			}
			dst = append(appendStringified(dst, item.key), ':')
		}
		if dst, ok = item.stringify(dst); !ok {
			return dst, false
		}
	}
	return append(dst, v.kind+2), true // ] follows [ by two, and so do the braces
}

// appendStringified appends s as JSON.stringify has it.
func appendStringified(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := range len(s) {
		switch c := s[i]; c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\b':
			dst = append(dst, `\b`...)
		case '\f':
			dst = append(dst, `\f`...)
		case '\n':
			dst = append(dst, `\n`...)
		case '\r':
			dst = append(dst, `\r`...)
		case '\t':
			dst = append(dst, `\t`...)
		default:
			if c < ' ' {
				dst = fmt.Appendf(dst, `\u%04x`, c)
			} else {
				dst = append(dst, c)
			}
		}
	}
	return append(dst, '"')
}

// numberString returns the number of a token as JavaScript prints it.
func numberString(token string) string {
	f, err := strconv.ParseFloat(token, 64)
	if err != nil {
		return ""
	}
	if f == 0 {
		return "0" // for -0 too
	}
	b, err := json.Marshal(f) // which has the rules of ECMAScript
	if err != nil {
		return ""
	}
	return string(b)
}

// exactNumber reports whether a float64 keeps all the digits of a number.
func exactNumber(token string) bool {
	f, err := strconv.ParseFloat(token, 64)
	if err != nil || f == 0 && math.Signbit(f) {
		return false
	}
	digits, exponent, ok := decimal(token)
	kept, at, _ := decimal(numberString(token))
	return ok && digits == kept && exponent == at
}

// decimal returns the digits of a number, its sign before them and no zeros around
// them, and the power of ten that the last digit stands for.
func decimal(token string) (digits string, exponent int, ok bool) {
	mantissa, power, found := strings.Cut(strings.ToLower(token), "e")
	if found {
		var err error
		if exponent, err = strconv.Atoi(power); err != nil {
			return "", 0, false
		}
	}
	mantissa, negative := strings.CutPrefix(mantissa, "-")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	all := whole + fraction
	digits = strings.TrimRight(all, "0")
	exponent += len(all) - len(digits) - len(fraction)
	digits = strings.TrimLeft(digits, "0")
	if digits == "" {
		return "", 0, true
	}
	if negative {
		digits = "-" + digits
	}
	return digits, exponent, true
}

// appendKey appends a key of an object literal, in quotes if it is no plain name.
func appendKey(dst []byte, key string) []byte {
	for i, c := range key {
		letter := c == '_' || c == '$' || 'a' <= c|0x20 && c|0x20 <= 'z' && c < 0x80
		if !letter && (i == 0 || c < '0' || c > '9') {
			return appendString(dst, key)
		}
	}
	if key == "" {
		return appendString(dst, key)
	}
	return append(dst, key...)
}

// appendLiteral appends v. Its first line is to have no more than room cells, which is
// why it is broken, one element a line, when it is longer; further lines begin with
// indent.
func (v *jsonValue) appendLiteral(dst []byte, room int, indent string) []byte {
	if v.cells <= room || len(v.items) == 0 {
		return v.appendOneLine(dst)
	}
	inner := indent + "  "
	dst = append(dst, v.kind)
	col := 0
	for i := range v.items {
		item := &v.items[i]
		if next := col + len(", ") + item.cells; i > 0 && v.plain() && next < scriptWidth {
			dst, col = append(dst, ' '), next
		} else {
			dst, col = append(append(dst, '\n'), inner...), len(inner)+item.cells
		}
		used := len(inner) + len(",")
		if v.kind == '{' {
			key := appendKey(nil, item.key)
			dst = append(append(dst, key...), ": "...)
			used += term.Cells(string(key)) + len(": ")
		}
		dst = append(item.appendLiteral(dst, scriptWidth-used, inner), ',')
	}
	dst = append(append(dst, '\n'), indent...)
	return append(dst, v.kind+2)
}

// plain reports whether v is a list of numbers and words, of which many have room on a
// line.
func (v *jsonValue) plain() bool {
	if v.kind != '[' {
		return false
	}
	for i := range v.items {
		if k := v.items[i].kind; k != '0' && k != 'w' {
			return false
		}
	}
	return true
}

func (v *jsonValue) appendOneLine(dst []byte) []byte {
	switch v.kind {
	case '"':
		return appendString(dst, v.text)
	case '0', 'w':
		return append(dst, v.text...)
	}
	space := v.kind == '{' && len(v.items) > 0
	dst = append(dst, v.kind)
	if space {
		dst = append(dst, ' ')
	}
	for i := range v.items {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		if v.kind == '{' {
			dst = append(appendKey(dst, v.items[i].key), ": "...)
		}
		dst = v.items[i].appendOneLine(dst)
	}
	if space {
		dst = append(dst, ' ')
	}
	return append(dst, v.kind+2)
}
