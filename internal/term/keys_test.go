package term

import (
	"bytes"
	"fmt"
	"testing"
)

// decode returns the keys of b, which arrives in pieces of n bytes.
func decode(b []byte, n int) []string {
	var d keyDecoder
	var keys []string
	for len(b) > 0 {
		m := min(n, len(b))
		d.feed(b[:m])
		b = b[m:]
		for k, ok := d.next(); ok; k, ok = d.next() {
			keys = append(keys, fmt.Sprint(k.code, string(k.text)))
		}
	}
	return keys
}

func FuzzKeys(f *testing.F) {
	f.Add([]byte("a\x1b[D\x1b[1;5C\x1bOH\x1b[3~\x03日\xff\r"), 2)
	f.Add([]byte("\x1b[200~a\r\nb\x1b[201\x1b[201~c"), 1)
	f.Add([]byte("\x1b\x1b[[A\x1b[\r\x1bx\x1b[999999999999999999999999999999999~"), 3)
	f.Fuzz(func(t *testing.T, b []byte, n int) {
		whole := decode(b, len(b)+1)
		if got := decode(b, max(1, n)); fmt.Sprint(got) != fmt.Sprint(whole) {
			t.Fatalf("in pieces of %d bytes %q is %q, at once %q", n, b, got, whole)
		}
		if bytes.IndexByte(b, escape) < 0 && len(whole) < bytes.Count(b, []byte("\r")) {
			t.Fatalf("%q has the keys %q only", b, whole)
		}
	})
}
