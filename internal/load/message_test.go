package load

import (
	"encoding/binary"
	"fmt"
	"testing"
)

func TestHex8(t *testing.T) {
	for _, x := range []uint32{0, 1, 9, 10, 15, 16, 0x9a, 0x01234567, 0x89abcdef, 0xffffffff} {
		if got, want := string(binary.BigEndian.AppendUint64(nil, hex8(x))), fmt.Sprintf("%08x", x); got != want {
			t.Errorf("hex8(%#x) = %q, want %q", x, got, want)
		}
	}
}
