//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package term

import (
	"bytes"
	"io"
	"os"
	"testing"
)

func TestScannerClose(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	var out bytes.Buffer
	s := NewScanner(r, &out)
	s.SetPrompt("> ")
	if _, err := io.WriteString(w, "one\nha"); err != nil {
		t.Fatal(err)
	}
	lines := reads(s, 2)
	if l := <-lines; l.text != "one" || l.err != nil {
		t.Fatalf("ReadLine: %q, %v", l.text, l.err)
	}
	if _, err := io.WriteString(s, "above"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if l := <-lines; l.text != "" || l.err != os.ErrClosed {
		t.Errorf("ReadLine: %q, %v, want %v", l.text, l.err, os.ErrClosed)
	}
	if _, err := s.ReadLine(); err != os.ErrClosed {
		t.Errorf("ReadLine after Close: %v, want %v", err, os.ErrClosed)
	}
	if got := out.String(); got != "above" {
		t.Errorf("output is %q, want what was written", got)
	}
	if _, err := io.WriteString(w, "two\n"); err != nil {
		t.Errorf("the input was closed: %v", err)
	}
}

func TestFDReaderHangup(t *testing.T) {
	person, program := openPTY(t, 80, 24)
	r, err := newFDReader(person)
	if err != nil {
		t.Fatal(err)
	}
	defer r.close()
	if _, err := io.WriteString(program, "x"); err != nil {
		t.Fatal(err)
	}
	program.Close()
	for _, want := range []struct {
		n   int
		err error
	}{{n: 1}, {err: io.EOF}} {
		if n, err := r.Read(make([]byte, 8)); n != want.n || err != want.err {
			t.Errorf("Read: %d, %v, want %d, %v", n, err, want.n, want.err)
		}
	}
}
