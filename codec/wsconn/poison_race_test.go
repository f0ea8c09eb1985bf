//go:build race

package wsconn

import (
	"bytes"
	"testing"

	"wskit/codec"
)

// TestViewsEnd keeps a view for longer than it may, in each way of reading, for
// views of the read buffer and of a buffer of their own: it must be gone. All other
// tests run like this too, so that nobody in this package keeps one.
func TestViewsEnd(t *testing.T) {
	small, large := "view", string(pattern(2*readSize))
	for _, tt := range []struct {
		name string
		next func(c *Conn) ([]byte, error)
	}{
		{name: "NextMessage", next: func(c *Conn) ([]byte, error) { _, data, err := c.NextMessage(); return data, err }},
		{name: "NextFrame", next: func(c *Conn) ([]byte, error) { f, err := c.NextFrame(); return f.Data, err }},
	} {
		for _, text := range []string{small, large} {
			c, p := against(t, networks[0], Config{})
			sent := async(func() bool {
				p.send(p.frame(true, codec.OpBinary, text), p.frame(true, codec.OpBinary, "other"))
				return true
			})
			view, err := tt.next(c)
			if err != nil || string(view) != text {
				t.Fatalf("%s: got %d bytes and %v, want %d", tt.name, len(view), err, len(text))
			}
			if _, err := tt.next(c); err != nil {
				t.Fatal(err)
			}
			if n := bytes.Count(view, []byte{poison}); n != len(text) {
				t.Errorf("%s: %d of %d bytes of the view are gone after the next call", tt.name, n, len(text))
			}
			sent()
		}
	}
}
