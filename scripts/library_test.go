package scripts

import (
	"strings"
	"testing"
)

// TestLibrary checks that each built-in script can be listed, read and run.
func TestLibrary(t *testing.T) {
	last := ""
	for _, b := range Library() {
		t.Run(b.Name, func(t *testing.T) {
			if b.Name <= last {
				t.Errorf("it comes behind %s", last)
			}
			last = b.Name
			first, _, _ := strings.Cut(b.Source, "\n")
			if want := "// " + b.Name + ": " + b.Summary; first != want || b.Summary == "" || len(first) > 90 {
				t.Errorf("the first line is %q, want // NAME: summary", first)
			}
			for i, line := range strings.Split(b.Source, "\n") {
				if len([]rune(line)) > 100 || strings.TrimRight(line, " \t\r") != line || strings.Contains(line, "\t") {
					t.Errorf("line %d is long, or has tabs or spaces at its end", i+1)
				}
			}
			if n := strings.Count(b.Source, "\n"); n > 80 {
				t.Errorf("it has %d lines", n)
			}
			if !strings.Contains(b.Source, "script:"+b.Name) && !strings.Contains(b.Source, "--script "+b.Name) {
				t.Error("it does not say how to try it")
			}
			if got, ok := LookupBuiltin(b.Name); !ok || got != b {
				t.Errorf("looked up: %v, %t", got, ok)
			}
			e, err := Start(t.Context(), Config{Name: "script:" + b.Name, Source: b.Source})
			if err != nil {
				t.Fatal(err)
			}
			e.Close()
		})
	}
	if b, ok := LookupBuiltin("nonsense"); ok {
		t.Errorf("found %v", b)
	}
}
