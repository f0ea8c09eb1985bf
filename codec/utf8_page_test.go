//go:build linux || darwin

package codec_test

import (
	"bytes"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"

	"wskit/codec"
)

// TestUTF8StaysInside checks texts that end where readable memory ends, and that
// begin where it begins: reading one byte beyond them would kill the process.
func TestUTF8StaysInside(t *testing.T) {
	page := syscall.Getpagesize()
	m, err := syscall.Mmap(-1, 0, 3*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Munmap(m)
	for _, forbidden := range [][]byte{m[:page], m[2*page:]} {
		if err := syscall.Mprotect(forbidden, syscall.PROT_NONE); err != nil {
			t.Fatal(err)
		}
	}
	inside := m[page : 2*page : 2*page]
	for _, text := range []string{"a", "aж", "ж", "日", "😀", "a\x80", "aaaaaaaaaaaaaaaa日"} {
		full := []byte(strings.Repeat(text, 2*page/len(text)))
		for size := range 300 {
			for _, place := range [][]byte{inside[:size], inside[page-size:]} {
				copy(place, full)
				var u codec.UTF8
				if got, want := u.Write(place) && u.Complete(), utf8.Valid(place); got != want {
					t.Errorf("%q: got %t, want %t", place, got, want)
				}
				if !bytes.Equal(place, full[:size]) {
					t.Fatalf("%d bytes of %q were changed", size, text)
				}
			}
		}
	}
}
