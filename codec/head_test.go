package codec

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestHeadAccessors(t *testing.T) {
	h := Head{Fields: []Field{
		{"Host", "example.com"},
		{"connection", "keep-alive"},
		{"X-List", ""},
		{"Connection", " ,, Upgrade\t, close"},
		{"X-Kelvin", "web\u212Aet"},
		{"HOST", "second"},
	}}
	tests := []struct {
		name     string
		header   string
		get      string
		values   []string
		elements []string
	}{
		{name: "first of two", header: "host", get: "example.com", values: []string{"example.com", "second"}, elements: []string{"example.com", "second"}},
		{name: "list over two fields", header: "CONNECTION", get: "keep-alive", values: []string{"keep-alive", " ,, Upgrade\t, close"}, elements: []string{"keep-alive", "Upgrade", "close"}},
		{name: "present and empty", header: "X-List", values: []string{""}},
		{name: "absent", header: "X-Lis"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := h.Get(tt.header); got != tt.get {
				t.Errorf("Get = %q, want %q", got, tt.get)
			}
			if got := h.Values(tt.header); !slices.Equal(got, tt.values) {
				t.Errorf("Values = %q, want %q", got, tt.values)
			}
			if got, want := h.Has(tt.header), tt.values != nil; got != want {
				t.Errorf("Has = %v, want %v", got, want)
			}
			if got := slices.Collect(h.Elements(tt.header)); !slices.Equal(got, tt.elements) {
				t.Errorf("Elements = %q, want %q", got, tt.elements)
			}
		})
	}
}

func TestHeadContainsToken(t *testing.T) {
	tests := []struct {
		name   string
		values []string
		token  string
		want   bool
	}{
		{name: "alone", values: []string{"websocket"}, token: "websocket", want: true},
		{name: "other case", values: []string{"WebSocket"}, token: "websocket", want: true},
		{name: "in a list", values: []string{"keep-alive,\tUpgrade , x"}, token: "upgrade", want: true},
		{name: "in a later field", values: []string{"keep-alive", "upgrade"}, token: "upgrade", want: true},
		{name: "only a prefix", values: []string{"upgraded"}, token: "upgrade"},
		{name: "only a part of an element", values: []string{"no upgrade"}, token: "upgrade"},
		{name: "a letter that folds to k outside ASCII", values: []string{"websoc\u212Aet"}, token: "websocket"},
		{name: "a byte that differs only in the bit of the case", values: []string{"@"}, token: "`"},
		{name: "empty list", values: []string{""}, token: ""},
		{name: "none", token: "upgrade"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := Head{Fields: []Field{{"Other", tt.token}}}
			for _, v := range tt.values {
				h.Fields = append(h.Fields, Field{"List", v})
			}
			if got := h.ContainsToken("list", tt.token); got != tt.want {
				t.Errorf("ContainsToken = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestParseRequestLine(t *testing.T) {
	tests := []struct {
		name, in string
		want     RequestLine
		invalid  bool
	}{
		{name: "path and query", in: "GET /a?b=c HTTP/1.1", want: RequestLine{Method: "GET", Target: "/a?b=c", Major: 1, Minor: 1}},
		{name: "absolute form", in: "GET http://h/a HTTP/1.0", want: RequestLine{Method: "GET", Target: "http://h/a", Major: 1}},
		{name: "bytes above ASCII", in: "M-SEARCH /\xC3\xA9 HTTP/2.0", want: RequestLine{Method: "M-SEARCH", Target: "/\xC3\xA9", Major: 2}},
		{name: "empty", in: "", invalid: true},
		{name: "no version", in: "GET /", invalid: true},
		{name: "no target", in: "GET  HTTP/1.1", invalid: true},
		{name: "two spaces", in: "GET /  HTTP/1.1", invalid: true},
		{name: "space in the target", in: "GET /a b HTTP/1.1", invalid: true},
		{name: "tab in the target", in: "GET /a\tb HTTP/1.1", invalid: true},
		{name: "control character in the target", in: "GET /\x7F HTTP/1.1", invalid: true},
		{name: "method is no token", in: "G(T / HTTP/1.1", invalid: true},
		{name: "no method", in: " / HTTP/1.1", invalid: true},
		{name: "version in lower case", in: "GET / http/1.1", invalid: true},
		{name: "version without dot", in: "GET / HTTP/1-1", invalid: true},
		{name: "major version is no digit", in: "GET / HTTP/x.1", invalid: true},
		{name: "minor version is no digit", in: "GET / HTTP/1.x", invalid: true},
		{name: "version too long", in: "GET / HTTP/1.10", invalid: true},
		{name: "space at the end", in: "GET / HTTP/1.1 ", invalid: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseRequestLine(tt.in)
			if got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
			if errors.Is(err, ErrInvalidStartLine) != tt.invalid {
				t.Errorf("error %v, want invalid %v", err, tt.invalid)
			}
		})
	}
}

func TestParseStatusLine(t *testing.T) {
	tests := []struct {
		name, in string
		want     StatusLine
		invalid  bool
	}{
		{name: "switching", in: "HTTP/1.1 101 Switching Protocols", want: StatusLine{Major: 1, Minor: 1, Status: 101, Reason: "Switching Protocols"}},
		{name: "empty reason", in: "HTTP/1.0 200 ", want: StatusLine{Major: 1, Status: 200}},
		{name: "no space before an empty reason", in: "HTTP/1.1 204", want: StatusLine{Major: 1, Minor: 1, Status: 204}},
		{name: "status that nobody registered", in: "HTTP/1.1 999 No", want: StatusLine{Major: 1, Minor: 1, Status: 999, Reason: "No"}},
		{name: "bytes above ASCII in the reason", in: "HTTP/1.1 404 nicht da \xFF", want: StatusLine{Major: 1, Minor: 1, Status: 404, Reason: "nicht da \xFF"}},
		{name: "empty", in: "", invalid: true},
		{name: "a request", in: "GET / HTTP/1.1", invalid: true},
		{name: "no status", in: "HTTP/1.1", invalid: true},
		{name: "status below 100", in: "HTTP/1.1 099 x", invalid: true},
		{name: "status of two digits", in: "HTTP/1.1 10 x", invalid: true},
		{name: "status of four digits", in: "HTTP/1.1 1010 x", invalid: true},
		{name: "second digit", in: "HTTP/1.1 1x1 x", invalid: true},
		{name: "third digit", in: "HTTP/1.1 10x x", invalid: true},
		{name: "control character in the reason", in: "HTTP/1.1 101 \x1B[2J", invalid: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseStatusLine(tt.in)
			if got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
			if errors.Is(err, ErrInvalidStartLine) != tt.invalid {
				t.Errorf("error %v, want invalid %v", err, tt.invalid)
			}
		})
	}
}

func TestCheckField(t *testing.T) {
	tests := []struct {
		name  string
		field Field
		want  string // the error
	}{
		{name: "plain", field: Field{"X-Trace", "a b"}},
		{name: "every character of a token", field: Field{"azAZ09!#$%&'*+-.^_`|~", ""}},
		{name: "tab and bytes above ASCII in the value", field: Field{"N", "a\tb \xC3\xA9\xFF"}},
		{name: "empty name", field: Field{"", "v"}, want: "the name is empty"},
		{name: "space in the name", field: Field{"a b", "v"}, want: "the name has a character that a header name must not have"},
		{name: "colon in the name", field: Field{"a:", "v"}, want: "the name has a character that a header name must not have"},
		{name: "byte above ASCII in the name", field: Field{"\xC3\xA9", "v"}, want: "the name has a character that a header name must not have"},
		{name: "CR in the name", field: Field{"a\r", "v"}, want: "the name has a character that a header name must not have"},
		{name: "CR in the value", field: Field{"a", "v\rw"}, want: "the value has a control character"},
		{name: "LF in the value", field: Field{"a", "v\nw"}, want: "the value has a control character"},
		{name: "NUL in the value", field: Field{"a", "v\x00w"}, want: "the value has a control character"},
		{name: "DEL in the value", field: Field{"a", "\x7F"}, want: "the value has a control character"},
		{name: "space before the value", field: Field{"a", " v"}, want: "the value has white space around it"},
		{name: "tab behind the value", field: Field{"a", "v\t"}, want: "the value has white space around it"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			if err := CheckField(tt.field); err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("CheckField(%q) = %q, want %q", tt.field, got, tt.want)
			}
		})
	}
}

const okHead = "GET / HTTP/1.1\r\nHost: h\r\n\r\n"

func TestParseHead(t *testing.T) {
	start := Head{Start: "GET / HTTP/1.1"}
	host := Head{Start: "GET / HTTP/1.1", Fields: []Field{{"Host", "h"}}}
	with := func(h Head, fields ...Field) Head {
		return Head{Start: h.Start, Fields: slices.Concat(h.Fields, fields)}
	}
	tests := []struct {
		name string
		in   string
		// What a strict parser returns; a violation ends it.
		head Head
		n    int
		err  *Violation
		// What a lenient parser returns, unless it is the same.
		lenient  Head
		lenientN int
		reports  []*Violation
	}{
		{name: "request", in: okHead + "rest", head: host, n: len(okHead)},
		{name: "response without fields", in: "HTTP/1.1 101 x\r\n\r\n", head: Head{Start: "HTTP/1.1 101 x"}, n: 18},
		{
			name: "order and spelling are kept",
			in:   "GET / HTTP/1.1\r\nb:1\r\nA: \t2 3\t \r\nB:\r\n\r\n",
			head: with(start, Field{"b", "1"}, Field{"A", "2 3"}, Field{"B", ""}), n: 38,
		},
		{
			name: "colons and bytes above ASCII in a value",
			in:   "GET / HTTP/1.1\r\nHost: h\r\na: b:c \xFF\r\n\r\n",
			head: with(host, Field{"a", "b:c \xFF"}), n: 37,
		},
		{
			name: "a line that ends with LF alone",
			in:   "GET / HTTP/1.1\r\nHost: h\n\r\n",
			head: start, n: 16, err: ErrBareLF,
			lenient: host, lenientN: 26, reports: []*Violation{ErrBareLF},
		},
		{
			name: "all lines end with LF alone",
			in:   "GET / HTTP/1.1\nHost: h\n\n",
			err:  ErrBareLF, lenient: host, lenientN: 24, reports: []*Violation{ErrBareLF, ErrBareLF, ErrBareLF},
		},
		{
			name: "CR inside a value",
			in:   "GET / HTTP/1.1\r\nHost: h\r\na: b\rc\r\n\r\n",
			head: host, n: 25, err: ErrBareCR,
			lenient: with(host, Field{"a", "b c"}), lenientN: 35, reports: []*Violation{ErrBareCR},
		},
		{
			name: "CR inside the start line",
			in:   "GET /\r HTTP/1.1\r\n\r\n",
			err:  ErrBareCR, reports: []*Violation{ErrBareCR, ErrInvalidStartLine},
		},
		{
			name: "folded line",
			in:   "GET / HTTP/1.1\r\na: 1\r\n 2\r\n\t3 \r\nHost: h\r\n\r\n",
			head: with(start, Field{"a", "1"}), n: 22, err: ErrObsFold,
			lenient: with(start, Field{"a", "1 2 3"}, Field{"Host", "h"}), lenientN: 42, reports: []*Violation{ErrObsFold, ErrObsFold},
		},
		{
			name: "folded line at the end, with a control character",
			in:   "GET / HTTP/1.1\r\na: 1\r\n \x00\r\n\r\n",
			head: with(start, Field{"a", "1"}), n: 22, err: ErrObsFold,
			lenient: with(start, Field{"a", "1 \x00"}), lenientN: 28, reports: []*Violation{ErrObsFold, ErrInvalidFieldValue},
		},
		{
			name: "folded line behind the start line",
			in:   "GET / HTTP/1.1\r\n x\r\nHost: h\r\n\r\n",
			head: start, n: 16, err: ErrObsFold,
			lenient: host, lenientN: 31, reports: []*Violation{ErrObsFold},
		},
		{
			name: "no colon",
			in:   "GET / HTTP/1.1\r\nnothing\r\nHost: h\r\n\r\n",
			head: start, n: 16, err: ErrFieldWithoutColon,
			lenient: host, lenientN: 36, reports: []*Violation{ErrFieldWithoutColon},
		},
		{
			name: "space before the colon",
			in:   "GET / HTTP/1.1\r\nHost : h\r\n\r\n",
			head: start, n: 16, err: ErrSpaceBeforeColon,
			lenient: host, lenientN: 28, reports: []*Violation{ErrSpaceBeforeColon},
		},
		{
			name: "name is no token",
			in:   "GET / HTTP/1.1\r\nHo(t: h\r\n\r\n",
			head: start, n: 16, err: ErrInvalidFieldName,
			lenient: with(start, Field{"Ho(t", "h"}), lenientN: 27, reports: []*Violation{ErrInvalidFieldName},
		},
		{
			name: "empty name",
			in:   "GET / HTTP/1.1\r\n: h\r\n\r\n",
			head: start, n: 16, err: ErrInvalidFieldName,
			lenient: with(start, Field{"", "h"}), lenientN: 23, reports: []*Violation{ErrInvalidFieldName},
		},
		{
			name: "NUL in a value",
			in:   "GET / HTTP/1.1\r\nHost: h\x00\r\n\r\n",
			head: start, n: 16, err: ErrInvalidFieldValue,
			lenient: with(start, Field{"Host", "h\x00"}), lenientN: 28, reports: []*Violation{ErrInvalidFieldValue},
		},
		{name: "banner of SSH", in: "SSH-2.0-OpenSSH_9.2\r\n", err: ErrInvalidStartLine, reports: []*Violation{ErrInvalidStartLine}},
		{name: "status line without a status", in: "HTTP/1.1\r\n", err: ErrInvalidStartLine, reports: []*Violation{ErrInvalidStartLine}},
		{name: "empty line first", in: "\r\n" + okHead, err: ErrInvalidStartLine, reports: []*Violation{ErrInvalidStartLine}},
		{name: "alert of TLS, which has no line end", in: "\x15\x03\x03\x00\x02\x02\x46", err: ErrInvalidStartLine, reports: []*Violation{ErrInvalidStartLine}},
		{name: "control character and LF alone", in: "GET /\x7F\n", err: ErrInvalidStartLine, reports: []*Violation{ErrInvalidStartLine}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h, n, err := ParseHead([]byte(tt.in))
			if tt.err == nil {
				if err != nil || n != tt.n || !reflect.DeepEqual(h, tt.head) {
					t.Fatalf("strict: %q, %d, %v; want %q, %d", h, n, err, tt.head, tt.n)
				}
				tt.lenient, tt.lenientN = tt.head, tt.n
			} else if !errors.Is(err, tt.err) || n != tt.n || !reflect.DeepEqual(h, tt.head) {
				t.Errorf("strict: %q, %d, %v; want %q, %d, %v", h, n, err, tt.head, tt.n, tt.err)
			}
			var reports []*Violation
			p := HeadParser{Report: func(e *HandshakeError) { reports = append(reports, e.Violation) }}
			h, n, err = p.Parse([]byte(tt.in))
			if !slices.Equal(reports, tt.reports) {
				t.Errorf("lenient: reported %v, want %v", reports, tt.reports)
			}
			if n != tt.lenientN || !reflect.DeepEqual(h, tt.lenient) {
				t.Errorf("lenient: %q, %d; want %q, %d", h, n, tt.lenient, tt.lenientN)
			}
			if lost := tt.lenientN == 0; lost != errors.Is(err, ErrInvalidStartLine) || !lost && err != nil {
				t.Errorf("lenient: error %v, want one %v", err, lost)
			}
		})
	}
}

func TestParseHeadShort(t *testing.T) {
	for i := range len(okHead) {
		if _, n, err := ParseHead([]byte(okHead[:i])); err != ErrShort || n != 0 {
			t.Errorf("ParseHead(%q): n %d, error %v; want 0, ErrShort", okHead[:i], n, err)
		}
	}
}

func TestHeadParserLimits(t *testing.T) {
	tests := []struct {
		name    string
		parser  HeadParser
		in      string
		err     error
		n       int
		lenient error
		reports int
	}{
		{name: "as large as the limit", parser: HeadParser{MaxBytes: len(okHead)}, in: okHead + "rest", n: len(okHead)},
		{name: "one byte over", parser: HeadParser{MaxBytes: len(okHead) - 1}, in: okHead, err: ErrHeadTooLarge, n: 25, lenient: ErrHeadTooLarge, reports: 1},
		{name: "not over yet", parser: HeadParser{MaxBytes: len(okHead)}, in: okHead[:len(okHead)-1], err: ErrShort, lenient: ErrShort},
		{name: "a line without end", parser: HeadParser{MaxBytes: 100}, in: strings.Repeat("a", 200), err: ErrHeadTooLarge, lenient: ErrHeadTooLarge, reports: 1},
		{name: "a violation behind the limit", parser: HeadParser{MaxBytes: 20}, in: "GET / HTTP/1.1\r\na: \x00b\r\n\r\n", err: ErrHeadTooLarge, n: 16, lenient: ErrHeadTooLarge, reports: 1},
		{name: "as many fields as the limit", parser: HeadParser{MaxFields: 2}, in: "GET / HTTP/1.1\r\na:\r\nb:\r\n\r\n", n: 26},
		{name: "too many fields, reported once", parser: HeadParser{MaxFields: 2}, in: "GET / HTTP/1.1\r\na:\r\nb:\r\nc:\r\nd:\r\n\r\n", err: ErrTooManyFields, n: 24, reports: 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			strict := tt.parser
			_, n, err := strict.Parse([]byte(tt.in))
			if !errors.Is(err, tt.err) || n != tt.n {
				t.Errorf("strict: n %d, error %v; want %d, %v", n, err, tt.n, tt.err)
			}
			var e *HandshakeError
			if errors.As(err, &e) && e.Violation.Status != 431 {
				t.Errorf("status %d, want 431", e.Violation.Status)
			}
			reports := 0
			lenient := tt.parser
			lenient.Report = func(*HandshakeError) { reports++ }
			if _, _, err := lenient.Parse([]byte(tt.in)); !errors.Is(err, tt.lenient) {
				t.Errorf("lenient: error %v, want %v", err, tt.lenient)
			}
			if reports != tt.reports {
				t.Errorf("lenient: %d reports, want %d", reports, tt.reports)
			}
		})
	}
}

// TestHeadParserPieces feeds two heads byte by byte.
func TestHeadParserPieces(t *testing.T) {
	p := HeadParser{MaxBytes: 100, MaxFields: 2}
	stream := []byte("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101 x\r\nA: 1\r\nB: 2\r\n\r\nframes")
	want := []Head{
		{Start: "HTTP/1.1 100 Continue"},
		{Start: "HTTP/1.1 101 x", Fields: []Field{{"A", "1"}, {"B", "2"}}},
	}
	for _, want := range want {
		for end := 0; ; end++ {
			h, n, err := p.Parse(stream[:end])
			if err == ErrShort {
				if n != 0 {
					t.Fatalf("n is %d with ErrShort, want 0", n)
				}
				continue
			}
			if err != nil || n != end || !reflect.DeepEqual(h, want) {
				t.Fatalf("head %q of %d bytes, error %v; want %q of %d", h, n, err, want, end)
			}
			stream = stream[n:]
			break
		}
	}
	if string(stream) != "frames" {
		t.Errorf("left %q, want %q", stream, "frames")
	}
}

func TestHeadParserShowsPartialHead(t *testing.T) {
	h, _, err := new(HeadParser).Parse([]byte(okHead[:len(okHead)-2]))
	want := Head{Start: "GET / HTTP/1.1", Fields: []Field{{"Host", "h"}}}
	if err != ErrShort || !reflect.DeepEqual(h, want) {
		t.Errorf("Parse = %q, %v; want %q, ErrShort", h, err, want)
	}
}

// TestHeadErrorsHideValues: errors go to logs, and a header's value may be a secret.
func TestHeadErrorsHideValues(t *testing.T) {
	for _, line := range []string{"Cookie: secret\n", "Cookie: a\rsecret\r\n", " secret\r\n", "secret\r\n", "Cookie: secret\x00\r\n", "Cookie : secret\r\n"} {
		_, _, err := ParseHead([]byte("GET / HTTP/1.1\r\nHost: h\r\n" + line))
		if err == nil || err == ErrShort || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: error %v, want one without the value", line, err)
		}
	}
}

func TestHeadParserErrorStays(t *testing.T) {
	var p HeadParser
	_, n1, err1 := p.Parse([]byte("GET / HTTP/1.1\r\nbad\r\n\r\n"))
	_, n2, err2 := p.Parse([]byte(okHead))
	if !errors.Is(err1, ErrFieldWithoutColon) || err2 != err1 || n2 != n1 {
		t.Errorf("first %d, %v; then %d, %v; want the same violation twice", n1, err1, n2, err2)
	}
}

func TestQuoteIsSafeAndShort(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{name: "escape sequence", in: "\x1B[2J", want: `"\x1b[2J"`},
		{name: "bidi override", in: "a\u202Eb", want: `"a\u202eb"`},
		{name: "as long as is shown", in: strings.Repeat("a", 64), want: `"` + strings.Repeat("a", 64) + `"`},
		{name: "longer", in: strings.Repeat("a", 65), want: `"` + strings.Repeat("a", 64) + `"…`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := quote(tt.in); got != tt.want {
				t.Errorf("quote(%q) = %s, want %s", tt.in, got, tt.want)
			}
		})
	}
}

func FuzzParseHead(f *testing.F) {
	f.Add([]byte(okHead))
	f.Add([]byte("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x00"))
	f.Add([]byte("GET / HTTP/1.1\r\na: 1\r\n 2\r\nHost : h\nx\r\n\r\n"))
	f.Add([]byte("\x16\x03\x01\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, n, err := ParseHead(b)
		if n > len(b) {
			t.Fatalf("n is %d of %d bytes", n, len(b))
		}
		if err == nil {
			again, m, err := ParseHead(AppendHead(nil, h))
			if err != nil || m == 0 || !reflect.DeepEqual(h, again) {
				t.Fatalf("round trip of %q: %q, %v", h, again, err)
			}
			for _, field := range h.Fields {
				if err := CheckField(field); err != nil {
					t.Fatalf("field %q was let through: %v", field, err)
				}
			}
			if same, m, err := ParseHead(b[:n:n]); err != nil || m != n || !reflect.DeepEqual(h, same) {
				t.Fatalf("without the bytes behind the head: %q, %d, %v", same, m, err)
			}
		}
		// One parser sees the input grow; it must agree with itself at the end,
		// and until then say ErrShort or what it says at the end.
		var p HeadParser
		for end := range len(b) + 1 {
			growing, m, gerr := p.Parse(b[:end])
			if gerr == ErrShort {
				if m != 0 || err == nil && end >= n {
					t.Fatalf("short at %d bytes, n %d", end, m)
				}
				continue
			}
			if !reflect.DeepEqual(gerr, err) || m != n || !reflect.DeepEqual(growing, h) {
				t.Fatalf("after %d bytes %q, %d, %v; at once %q, %d, %v", end, growing, m, gerr, h, n, err)
			}
			break
		}
		lenientEnds(t, b)
	})
}

// lenientEnds checks that a lenient parser either yields a head within b or says
// why not.
func lenientEnds(t *testing.T, b []byte) {
	t.Helper()
	reports := 0
	p := HeadParser{MaxBytes: 4096, MaxFields: 10, Report: func(e *HandshakeError) { reports++ }}
	_, n, err := p.Parse(b)
	var e *HandshakeError
	switch {
	case n > len(b) || n > 4096:
		t.Fatalf("lenient: n is %d of %d bytes", n, len(b))
	case errors.As(err, &e) && (e.Violation.Recovery != StreamLost || reports == 0):
		t.Fatalf("lenient: stopped at %v after %d reports", err, reports)
	}
}
