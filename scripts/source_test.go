package scripts

import (
	"errors"
	"testing"
)

// TestSyntax looks at where a script is said to be wrong. Its wrapping must not be named.
func TestSyntax(t *testing.T) {
	const early, late = "the script ends too early: is a bracket or a quote not closed?", "a bracket is closed that was not opened"
	tests := []struct {
		name, text   string
		message      string
		line, column int
		source       string
	}{
		{"a bracket", "ws.send('x'", early, 1, 12, "ws.send('x'"},
		{"a brace", "if (1) {\n  f()\n", early, 2, 6, "  f()"},
		{"a body", "on('connection', ws => {\r\n\tws.send(1)\r\n\r\n", early, 2, 12, "\tws.send(1)"},
		{"a template", "`${a`", early, 1, 6, "`${a`"},
		{"a comment", "/* a", early, 1, 5, "/* a"},
		{"an expression", "let é =", early, 1, 8, "let é ="},
		{"what is wrong before", "f(1}\n{", "Unexpected token }", 1, 4, "f(1}"},
		{"a brace too many", "}", late, 0, 0, ""},
		{"brackets too many", "})\n// end", late, 0, 0, ""},
		{"a wrapping of its own", "}); (() => {", late, 0, 0, ""},
	}
	for _, tt := range tests {
		for _, handler := range []bool{false, true} {
			t.Run(tt.name, func(t *testing.T) {
				s := source{name: "a.js", text: tt.text, handler: handler}
				_, err := s.compile()
				f, ok := errors.AsType[*Failure](err)
				if !ok || !f.Syntax {
					t.Fatalf("got %v, want a failure of the syntax", err)
				}
				if f.Message != tt.message || f.Line != tt.line || f.Column != tt.column || f.Source != tt.source {
					t.Errorf("got %v at %q, want %d:%d: %s at %q", f, f.Source, tt.line, tt.column, tt.message, tt.source)
				}
			})
		}
	}
}
