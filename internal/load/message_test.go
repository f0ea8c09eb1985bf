package load

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"testing"

	"wskit/codec"
	"wskit/wsclient"
)

func TestHex8(t *testing.T) {
	for _, x := range []uint32{0, 1, 9, 10, 15, 16, 0x9a, 0x01234567, 0x89abcdef, 0xffffffff} {
		if got, want := string(binary.BigEndian.AppendUint64(nil, hex8(x))), fmt.Sprintf("%08x", x); got != want {
			t.Errorf("hex8(%#x) = %q, want %q", x, got, want)
		}
	}
}

// A message tells its number, is printable, and differs from others where its size
// allows.
func TestMessages(t *testing.T) {
	for _, size := range []int{-1, 1, 7, 8, 15, 16, 17, 100, 5000} {
		for _, deflate := range []*codec.DeflateConfig{nil, {}} {
			cfg := Config{Size: size, Dial: []wsclient.Config{{Deflate: deflate}}}.withDefaults()
			m := newMessages(&cfg)
			msg := m.get(0xabc)
			a := bytes.Clone(msg.number(41))
			b := bytes.Clone(msg.number(42))
			m.put(msg)
			if len(a) != cfg.Size || len(b) != cfg.Size || size > 0 && bytes.Equal(a, b) {
				t.Errorf("size %d: got %q and %q", size, a, b)
			}
			if i := bytes.IndexFunc(b, func(r rune) bool { return r < ' ' || r > '~' }); i >= 0 {
				t.Errorf("size %d: %q is not printable", size, b)
			}
			if size >= 100 && bytes.Equal(a[prefixSize:], b[prefixSize:]) != (deflate == nil) {
				t.Errorf("size %d, deflate %v: %.40q, %.40q", size, deflate != nil, a, b)
			}
			index, seq, ok := m.parse(b, 40)
			if size >= prefixSize && (index != 0xabc || seq != 42 || !ok) || size < prefixSize && ok {
				t.Errorf("size %d: parse of %.30q: %d, %d, %v", size, b, index, seq, ok)
			}
			again := m.get(0xabc)
			if got := again.number(42); !bytes.Equal(got, b) {
				t.Errorf("size %d: the same message is %q, then %q", size, b, got)
			}
		}
	}
}

// A number that has wrapped is that nearest to what is expected.
func TestParseWrapped(t *testing.T) {
	cfg := Config{Dial: []wsclient.Config{{Deflate: &codec.DeflateConfig{}}}}.withDefaults()
	m := newMessages(&cfg)
	msg := m.get(7)
	for _, seq := range []int64{0, 5, 1<<32 - 1, 1 << 32, 1<<32 + 5, 5 << 32} {
		for _, near := range []int64{seq - 3, seq, seq + 100} {
			if _, got, ok := m.parse(msg.number(seq), near); got != seq || !ok {
				t.Errorf("parse of message %d near %d: %d, %v", seq, near, got, ok)
			}
		}
	}
	if b := m.get(7).number(-5); len(b) != cfg.Size {
		t.Errorf("a number that a peer made up: %q", b)
	}
	for _, bad := range []string{"", "000007", "000007-0000000", "000007_00000001 ", "00000g-00000001 ", "000007-0000000G ", "000007-00000001x"} {
		if _, _, ok := m.parse([]byte(bad), 0); ok {
			t.Errorf("parse of %q: ok", bad)
		}
	}
}
