package codec

// The limits of ParseExtensions. Real offers take less than 200 bytes.
const (
	// MaxExtensionBytes is the largest size of all Sec-WebSocket-Extensions
	// values of a message head together, in bytes.
	MaxExtensionBytes = 4 << 10
	// MaxExtensions is the largest number of extensions in them.
	MaxExtensions = 16
)

// The violations of the syntax of Sec-WebSocket-Extensions. A server refuses with
// Status, a client fails the handshake.
var (
	ErrExtensionsMalformed = refusal("extensions-malformed", "RFC 6455 §9.1", 400, "Sec-WebSocket-Extensions is malformed")
	ErrExtensionsTooLarge  = refusal("extensions-too-large", "RFC 6455 §10.4", 400, "Sec-WebSocket-Extensions is longer than the limit")
)

// An Extension is an element of a Sec-WebSocket-Extensions header field: one
// offer of a client or one answer of a server (RFC 6455 §9.1).
type Extension struct {
	// Name is the extension's token, such as "permessage-deflate".
	Name string
	// Params are its parameters in their order, duplicates included.
	Params []Param
}

// A Param is a parameter of an Extension.
type Param struct {
	// Name is a token.
	Name string
	// Value is a token, without the quotes that it may have come in. It is
	// empty when HasValue is false.
	Value string
	// HasValue tells "name=value" from a bare "name".
	HasValue bool
}

// ParseExtensions parses the values of all Sec-WebSocket-Extensions fields of a
// message head, in their order: several fields are one list (RFC 6455 §9.1). No
// value gives no extension. It takes linear time.
//
// It returns ErrExtensionsTooLarge beyond MaxExtensionBytes or MaxExtensions, and
// ErrExtensionsMalformed for what the grammar does not allow. What was read before
// the fault comes with the error.
func ParseExtensions(values []string) ([]Extension, error) {
	size := 0
	for _, v := range values {
		size += len(v)
	}
	if size > MaxExtensionBytes {
		return nil, ErrExtensionsTooLarge
	}
	var list []Extension
	for _, v := range values {
		s := scanner{rest: v}
		for s.skipCommas() {
			if len(list) == MaxExtensions {
				return list, ErrExtensionsTooLarge
			}
			e, ok := s.extension()
			if !ok {
				return list, ErrExtensionsMalformed
			}
			list = append(list, e)
		}
	}
	if len(values) > 0 && len(list) == 0 {
		return nil, ErrExtensionsMalformed
	}
	return list, nil
}

// AppendExtensions appends list as the value of one Sec-WebSocket-Extensions
// field. Names and values must be tokens: they are written as they are.
func AppendExtensions(dst []byte, list []Extension) []byte {
	for i, e := range list {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = append(dst, e.Name...)
		for _, p := range e.Params {
			dst = append(dst, "; "...)
			dst = append(dst, p.Name...)
			if p.HasValue {
				dst = append(dst, '=')
				dst = append(dst, p.Value...)
			}
		}
	}
	return dst
}

// A scanner reads the grammar of RFC 6455 §9.1 from the front of rest. White
// space may stand between any two tokens, as RFC 2616 §2.1 has it.
type scanner struct{ rest string }

// skipCommas skips the commas before an element, which may be any number (RFC
// 2616 §2.1), and reports whether an element follows.
func (s *scanner) skipCommas() bool {
	for s.accept(',') {
	}
	return s.rest != ""
}

// extension reads an element up to the comma or the end behind it.
func (s *scanner) extension() (e Extension, ok bool) {
	if e.Name, ok = s.token(); !ok {
		return e, false
	}
	for s.accept(';') {
		var p Param
		if p.Name, ok = s.token(); !ok {
			return e, false
		}
		if s.accept('=') {
			p.HasValue = true
			if p.Value, ok = s.value(); !ok {
				return e, false
			}
		}
		e.Params = append(e.Params, p)
	}
	return e, s.rest == "" || s.rest[0] == ','
}

// accept skips white space, c if it is next, and the white space behind it.
func (s *scanner) accept(c byte) bool {
	s.skipSpace()
	if s.rest == "" || s.rest[0] != c {
		return false
	}
	s.rest = s.rest[1:]
	s.skipSpace()
	return true
}

func (s *scanner) skipSpace() {
	for s.rest != "" && (s.rest[0] == ' ' || s.rest[0] == '\t') {
		s.rest = s.rest[1:]
	}
}

func (s *scanner) token() (string, bool) {
	n := 0
	for n < len(s.rest) && isTokenByte(s.rest[n]) {
		n++
	}
	token := s.rest[:n]
	s.rest = s.rest[n:]
	return token, n > 0
}

// value reads a token or a quoted string that is a token once it is unquoted.
func (s *scanner) value() (string, bool) {
	if s.rest == "" || s.rest[0] != '"' {
		return s.token()
	}
	var token []byte
	for i := 1; i < len(s.rest); i++ {
		c := s.rest[i]
		if c == '"' {
			s.rest = s.rest[i+1:]
			return string(token), len(token) > 0
		}
		if c == '\\' && i+1 < len(s.rest) {
			i++
			c = s.rest[i]
		}
		if !isTokenByte(c) {
			return "", false
		}
		token = append(token, c)
	}
	return "", false
}

// extensionViolations lists the violations of the negotiation of extensions.
func extensionViolations() []*Violation {
	return []*Violation{
		ErrExtensionsMalformed, ErrExtensionsTooLarge, ErrExtensionNotOffered, ErrDeflateRepeated,
		ErrDeflateParamUnknown, ErrDeflateParamRepeated, ErrDeflateParamInvalid,
		ErrServerTakeoverIgnored, ErrServerWindowTooLarge, ErrClientWindowNotOffered,
	}
}
