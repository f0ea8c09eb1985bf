package term

import "testing"

func TestLineLimit(t *testing.T) {
	l := line{size: MaxLine - 1}
	if l.insert('é') || l.String() != "" {
		t.Errorf("two bytes were inserted where one has room: %q", l.String())
	}
	if !l.insert('e') || l.String() != "e" || l.size != MaxLine {
		t.Errorf("the last byte was not inserted: %q, %d bytes", l.String(), l.size)
	}
	if l.handle(keyBackspace); !l.insert('f') {
		t.Error("nothing can be inserted in place of what was deleted")
	}
}
