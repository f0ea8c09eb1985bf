//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package term

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/creack/pty"
)

// openPTY returns both ends of a pseudo-terminal: what the person sees and types
// on, and what the program has.
func openPTY(t *testing.T, width, height int) (person, program *os.File) {
	t.Helper()
	person, program, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		person.Close()
		program.Close()
	})
	setSize(t, person, width, height)
	return person, program
}

func setSize(t *testing.T, person *os.File, width, height int) {
	t.Helper()
	if err := pty.Setsize(person, &pty.Winsize{Rows: uint16(height), Cols: uint16(width)}); err != nil {
		t.Fatal(err)
	}
}

func TestWhen(t *testing.T) {
	tests := []struct {
		in      string
		want    When
		wantErr bool
	}{
		{in: "auto", want: Auto},
		{in: "always", want: Always},
		{in: "never", want: Never},
		{in: "", wantErr: true},
		{in: "Always", wantErr: true},
	}
	for _, tt := range tests {
		t.Run(tt.in, func(t *testing.T) {
			var got When
			err := got.Set(tt.in)
			if (err != nil) != tt.wantErr || got != tt.want {
				t.Fatalf("Set(%q): %v, %v, want %v", tt.in, got, err, tt.want)
			}
			if err == nil && got.String() != tt.in {
				t.Errorf("String() = %q, want %q", got.String(), tt.in)
			}
		})
	}
	if got, want := When(7).String(), "When(7)"; got != want {
		t.Errorf("String() = %q, want %q", got, want)
	}
}

func TestPolicies(t *testing.T) {
	_, tty := openPTY(t, 80, 24)
	tests := []struct {
		name        string
		when        When
		stream      any
		env         map[string]string
		color, hide bool
	}{
		{name: "auto on a terminal", when: Auto, stream: tty, color: true, hide: true},
		{name: "auto in a pipe", when: Auto, stream: new(bytes.Buffer)},
		{name: "NO_COLOR", when: Auto, stream: tty, env: map[string]string{"NO_COLOR": "1"}, hide: true},
		{name: "NO_COLOR empty", when: Auto, stream: tty, env: map[string]string{"NO_COLOR": ""}, color: true, hide: true},
		{name: "dumb", when: Auto, stream: tty, env: map[string]string{"TERM": "dumb"}, hide: true},
		{name: "always beats NO_COLOR", when: Always, stream: io.Discard, env: map[string]string{"NO_COLOR": "1", "TERM": "dumb"}, color: true, hide: true},
		{name: "never", when: Never, stream: tty},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			getenv := func(k string) string { return tt.env[k] }
			if got := tt.when.Color(tt.stream, getenv); got != tt.color {
				t.Errorf("Color = %t, want %t", got, tt.color)
			}
			if got := tt.when.Escape(tt.stream); got != tt.hide {
				t.Errorf("Escape = %t, want %t", got, tt.hide)
			}
		})
	}
}

func TestIsTerminalAndWidth(t *testing.T) {
	_, tty := openPTY(t, 132, 0)
	_, mute := openPTY(t, 0, 24)
	file, err := os.Create(t.TempDir() + "/file")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	closed, err := os.Create(t.TempDir() + "/closed")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	tests := []struct {
		name   string
		stream any
		is     bool
		width  int
	}{
		{name: "terminal", stream: tty, is: true, width: 132},
		{name: "terminal that does not tell", stream: mute, is: true, width: 80},
		{name: "file", stream: file},
		{name: "closed file", stream: closed},
		{name: "no file", stream: new(strings.Reader)},
		{name: "nil", stream: nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := IsTerminal(tt.stream); got != tt.is {
				t.Errorf("IsTerminal = %t, want %t", got, tt.is)
			}
			if got := Width(tt.stream); got != tt.width {
				t.Errorf("Width = %d, want %d", got, tt.width)
			}
		})
	}
}
