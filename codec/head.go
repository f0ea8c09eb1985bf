package codec

import (
	"errors"
	"iter"
	"strings"
)

// A Head is the start line and the header fields of an HTTP/1.1 message (RFC 9112
// §2.1), in their original order and spelling.
type Head struct {
	// Start is the request line or the status line, without its line end.
	// [ParseRequestLine] and [ParseStatusLine] read it.
	Start string
	// Fields are the header fields in the order of the wire.
	Fields []Field
}

// A Field is one line of a header (RFC 9112 §5).
type Field struct {
	// Name is the field's name as it was spelled; it has no case.
	Name string
	// Value is the field's value without the white space around it.
	Value string
}

// Get returns the value of the first field of that name, "" when there is none.
func (h *Head) Get(name string) string {
	for _, f := range h.Fields {
		if equalFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// Values returns the values of all fields of that name, in order.
func (h *Head) Values(name string) []string {
	var values []string
	for _, f := range h.Fields {
		if equalFold(f.Name, name) {
			values = append(values, f.Value)
		}
	}
	return values
}

// Has reports whether there is a field of that name.
func (h *Head) Has(name string) bool {
	for _, f := range h.Fields {
		if equalFold(f.Name, name) {
			return true
		}
	}
	return false
}

// Elements iterates over a header that is a list: the elements between the commas
// of every field of that name, without white space; empty ones are passed over
// (RFC 9110 §5.6.1.2).
func (h *Head) Elements(name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, f := range h.Fields {
			if !equalFold(f.Name, name) {
				continue
			}
			for element := range strings.SplitSeq(f.Value, ",") {
				element = trimSpace(element)
				if element != "" && !yield(element) {
					return
				}
			}
		}
	}
}

// ContainsToken reports whether the list in the fields of that name has an element
// that equals token, in any case. It takes time linear in the size of the head.
func (h *Head) ContainsToken(name, token string) bool {
	for element := range h.Elements(name) {
		if equalFold(element, token) {
			return true
		}
	}
	return false
}

// AppendHead appends the encoding of h, the blank line included. It writes what it
// is told: who takes names or values from elsewhere checks them with [CheckField].
func AppendHead(dst []byte, h Head) []byte {
	dst = append(dst, h.Start...)
	dst = append(dst, "\r\n"...)
	for _, f := range h.Fields {
		dst = append(dst, f.Name...)
		dst = append(dst, ": "...)
		dst = append(dst, f.Value...)
		dst = append(dst, "\r\n"...)
	}
	return append(dst, "\r\n"...)
}

// A RequestLine is the start line of a request (RFC 9112 §3).
type RequestLine struct {
	// Method is a token such as "GET".
	Method string
	// Target is the request target as it was sent; it has no white space.
	Target string
	// Major and Minor are the version of HTTP, a digit each.
	Major, Minor int
}

// A StatusLine is the start line of a response (RFC 9112 §4).
type StatusLine struct {
	// Major and Minor are the version of HTTP, a digit each.
	Major, Minor int
	// Status is the status code, 100 to 999.
	Status int
	// Reason is the reason phrase, which may be empty and means nothing.
	Reason string
}

// ParseRequestLine decodes the start line of a request. It returns
// ErrInvalidStartLine, in a *HandshakeError, for anything else.
func ParseRequestLine(start string) (RequestLine, error) {
	method, rest, _ := strings.Cut(start, " ")
	target, version, _ := strings.Cut(rest, " ")
	major, minor, ok := parseVersion(version)
	if !ok || !isToken(method) || target == "" || controlAt(target) >= 0 || strings.Contains(target, "\t") {
		return RequestLine{}, &HandshakeError{Violation: ErrInvalidStartLine, Detail: quote(start)}
	}
	return RequestLine{Method: method, Target: target, Major: major, Minor: minor}, nil
}

// ParseStatusLine decodes the start line of a response. It returns
// ErrInvalidStartLine, in a *HandshakeError, for anything else. The space before
// an empty reason may be missing, as it often is.
func ParseStatusLine(start string) (StatusLine, error) {
	version, rest, _ := strings.Cut(start, " ")
	code, reason, _ := strings.Cut(rest, " ")
	major, minor, ok := parseVersion(version)
	status, valid := parseStatus(code)
	if !ok || !valid || controlAt(reason) >= 0 {
		return StatusLine{}, &HandshakeError{Violation: ErrInvalidStartLine, Detail: quote(start)}
	}
	return StatusLine{Major: major, Minor: minor, Status: status, Reason: reason}, nil
}

// parseVersion decodes an HTTP version: "HTTP/1.1" (RFC 9112 §2.3).
func parseVersion(s string) (major, minor int, ok bool) {
	if len(s) != len("HTTP/1.1") || s[:5] != "HTTP/" || !isDigit(s[5]) || s[6] != '.' || !isDigit(s[7]) {
		return 0, 0, false
	}
	return int(s[5] - '0'), int(s[7] - '0'), true
}

func parseStatus(s string) (status int, ok bool) {
	if len(s) != 3 || s[0] < '1' || s[0] > '9' || !isDigit(s[1]) || !isDigit(s[2]) {
		return 0, false
	}
	return int(s[0]-'0')*100 + int(s[1]-'0')*10 + int(s[2]-'0'), true
}

// CheckField returns an error, a plain one that names no field, unless f may stand
// in a head: a token for a name (RFC 9110 §5.6.2) and a value without control
// characters, CR, LF and NUL above all, and without white space around it.
func CheckField(f Field) error {
	switch {
	case f.Name == "":
		return errors.New("the name is empty")
	case !isToken(f.Name):
		return errors.New("the name has a character that a header name must not have")
	case controlAt(f.Value) >= 0:
		return errors.New("the value has a control character")
	case trimSpace(f.Value) != f.Value:
		return errors.New("the value has white space around it")
	}
	return nil
}

// tokenChars are the characters of a token that are neither letters nor digits
// (RFC 9110 §5.6.2).
const tokenChars = "!#$%&'*+-.^_`|~"

func isToken(s string) bool {
	for i := range len(s) {
		if !isTokenByte(s[i]) {
			return false
		}
	}
	return s != ""
}

func isTokenByte(c byte) bool {
	letter := c|0x20 >= 'a' && c|0x20 <= 'z'
	return letter || isDigit(c) || strings.IndexByte(tokenChars, c) >= 0
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// controlAt returns the index of the first control character other than a tab, -1
// when there is none. Bytes above 0x7F are opaque (RFC 9110 §5.5).
func controlAt(s string) int {
	for i := range len(s) {
		if c := s[i]; c < 0x20 && c != '\t' || c == 0x7F {
			return i
		}
	}
	return -1
}

// trimSpace cuts spaces and tabs, and nothing else (RFC 9110 §5.6.3).
func trimSpace(s string) string { return strings.Trim(s, " \t") }

// equalFold compares without regard to the case of ASCII letters only:
// strings.EqualFold would take a Kelvin sign for a k.
func equalFold(s, t string) bool {
	if len(s) != len(t) {
		return false
	}
	for i := range len(s) {
		if lower(s[i]) != lower(t[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c |= 0x20
	}
	return c
}
