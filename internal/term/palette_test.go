package term

import (
	"reflect"
	"testing"
)

func TestPaletteOff(t *testing.T) {
	p := NewPalette(false)
	if got := p.Error.Text("x") + string(p.Key.Append([]byte("a"), "b")); got != "xab" {
		t.Errorf("got %q, want it plain", got)
	}
}

func TestPaletteOn(t *testing.T) {
	// Neither NO_COLOR nor a redirected stdout may overrule the caller.
	t.Setenv("NO_COLOR", "1")
	p := NewPalette(true)
	if got, want := p.Error.Text("x"), "\x1b[31;1mx\x1b[0;22m"; got != want {
		t.Errorf("Error: got %q, want %q", got, want)
	}
	if got, want := string(p.Dim.Append([]byte("a"), "b")), "a\x1b[2mb\x1b[22m"; got != want {
		t.Errorf("Dim: got %q, want %q", got, want)
	}
	if got := p.Dim.Text(""); got != "" {
		t.Errorf("empty text became %q", got)
	}
	v := reflect.ValueOf(p)
	for i := range v.NumField() {
		if v.Field(i).Interface().(Style) == (Style{}) {
			t.Errorf("%s is plain", v.Type().Field(i).Name)
		}
	}
}
