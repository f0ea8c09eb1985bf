package codec

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// compressors calls f with each kind of compressor there is.
func compressors(t *testing.T, f func(t *testing.T, level, bits int)) {
	t.Helper()
	for bits := MinWindowBits; bits < MaxWindowBits; bits++ {
		t.Run(fmt.Sprintf("bits %d", bits), func(t *testing.T) { f(t, DefaultLevel, bits) })
	}
	for level := MinLevel; level <= MaxLevel; level++ {
		t.Run(fmt.Sprintf("level %d", level), func(t *testing.T) { f(t, level, MaxWindowBits) })
	}
}

func newCompressor(t testing.TB, level, bits int) *Compressor {
	t.Helper()
	c, err := NewCompressor(level, bits)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestWindowIsKept lets a strict inflater read what each kind of compressor sends:
// no distance may pass the window that was agreed, within a message or across them.
func TestWindowIsKept(t *testing.T) {
	compressors(t, func(t *testing.T, level, bits int) {
		for _, takeover := range []bool{false, true} {
			c := newCompressor(t, level, bits)
			agreed := &Deflate{ServerMaxWindowBits: bits, ServerNoContextTakeover: !takeover}
			w := agreed.NewHistory(RoleServer)
			s := &strictInflater{window: 1 << bits, takeover: takeover}
			for i, msg := range conversation() {
				b, err := c.Append(nil, w, msg)
				if err != nil {
					t.Fatal(err)
				}
				got, err := s.message(b)
				if err != nil || !bytes.Equal(got, msg) {
					t.Fatalf("takeover %t, message %d of %d bytes: got %d bytes and error %v", takeover, i, len(msg), len(got), err)
				}
			}
		}
	})
}

// TestStrictInflater shows that the strict inflater can fail.
func TestStrictInflater(t *testing.T) {
	far := append(randomBytes(400), 0)
	far = append(far, far...) // repeats itself at a distance of 401
	c := newCompressor(t, DefaultLevel, 9)
	b, err := c.Append(nil, nil, far)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		window int
		data   []byte
		want   string // part of the error
	}{
		{name: "within the window", window: 512, data: b},
		{name: "beyond the window", window: 256, data: b, want: "distance 401, window 256"},
		{name: "tail not removed", window: 512, data: []byte(string(b) + deflateTail), want: "strict inflate"},
		{name: "cut off", window: 512, data: b[:len(b)/2], want: "strict inflate"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := strictInflater{window: tt.window}
			got, err := s.message(tt.data)
			if tt.want == "" {
				if err != nil || !bytes.Equal(got, far) {
					t.Errorf("got %d bytes and error %v, want %d bytes", len(got), err, len(far))
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got error %v, want one with %q", err, tt.want)
			}
		})
	}
}

// TestTakeoverShrinks checks that the history is of use, whether the compressor
// still holds it or has to be primed with it.
func TestTakeoverShrinks(t *testing.T) {
	// Its halves have nothing in common, so that only the history helps.
	msg := []byte(hex.EncodeToString(randomBytes(100)))
	tests := []struct {
		name    string
		between func(*testing.T, *Compressor, *History) // two times msg
	}{
		{name: "held", between: func(*testing.T, *Compressor, *History) {}},
		{name: "behind another connection", between: func(t *testing.T, c *Compressor, w *History) {
			compressedSize(t, c, NewHistory(8), randomBytes(300))
		}},
		{name: "behind a long message with it", between: func(t *testing.T, c *Compressor, w *History) {
			compressedSize(t, c, w, append(randomBytes(shortMessage), msg...))
		}},
		{name: "behind a broadcast of it", between: func(t *testing.T, c *Compressor, w *History) {
			w.Add(randomBytes(300))
			w.Add(msg)
		}},
		{name: "behind a short message", between: func(t *testing.T, c *Compressor, w *History) {
			compressedSize(t, c, w, []byte("short"))
		}},
	}
	compressors(t, func(t *testing.T, level, bits int) {
		alone := compressedSize(t, newCompressor(t, level, bits), nil, msg)
		for _, tt := range tests {
			c, w := newCompressor(t, level, bits), NewHistory(bits)
			compressedSize(t, c, w, msg)
			tt.between(t, c, w)
			if got := compressedSize(t, c, w, msg); got > alone/4 {
				t.Errorf("%s: got %d bytes for a message sent before, %d bytes for it alone", tt.name, got, alone)
			}
		}
	})
}

func compressedSize(t *testing.T, c *Compressor, h *History, msg []byte) int {
	t.Helper()
	b, err := c.Append(nil, h, msg)
	if err != nil {
		t.Fatal(err)
	}
	return len(b)
}

// TestCompressorIsShared passes one compressor between connections, as a pool
// does: nothing of one may be referred to by another.
func TestCompressorIsShared(t *testing.T) {
	compressors(t, func(t *testing.T, level, bits int) {
		c, other := newCompressor(t, level, bits), newCompressor(t, level, bits)
		a, b := newConnection(bits), newConnection(bits)
		var alone *connection // no context takeover
		msg := jsonText(200, 1)
		steps := []struct {
			name string
			step func()
		}{
			{"first of a", func() { a.send(t, c, msg) }},
			{"held by a", func() { a.send(t, c, msg) }},
			{"first of b", func() { b.send(t, c, msg) }},
			{"primed for a", func() { a.send(t, c, msg) }},
			{"alone", func() { alone.send(t, c, msg) }},
			{"alone again", func() { alone.send(t, c, msg) }},
			{"short, to a", func() { a.send(t, c, msg[:20]) }},
			{"behind a short one", func() { a.send(t, c, msg) }},
			{"empty, to a", func() { a.send(t, c, nil) }},
			{"behind an empty one", func() { a.send(t, c, msg) }},
			{"broadcast to both", func() { broadcast(t, other, jsonText(300, 2), a, b) }},
			{"behind the broadcast, to a", func() { a.send(t, c, msg) }},
			{"behind the broadcast, to b", func() { b.send(t, c, jsonText(300, 2)) }},
			{"of two blocks, the second short", func() { a.send(t, c, jsonText(65535+20, 3)) }},
			{"behind two blocks", func() { a.send(t, c, jsonText(65535+20, 3)) }},
		}
		for _, s := range steps {
			s.step()
			if t.Failed() {
				t.Fatalf("in step %q", s.name)
			}
		}
	})
}

// A connection is one direction of a connection: the sender's window and a strict
// inflater at the receiver. A nil *connection has no context takeover.
type connection struct {
	sent     *History
	received *Window
	strict   *strictInflater
	inflater *Decompressor
}

func newConnection(bits int) *connection {
	return &connection{
		sent: NewHistory(bits), received: NewWindow(bits), inflater: NewDecompressor(),
		strict: &strictInflater{window: 1 << bits, takeover: true},
	}
}

// send compresses msg, and checks what the receiver makes of it.
func (c *connection) send(t testing.TB, comp *Compressor, msg []byte) {
	t.Helper()
	var h *History
	if c != nil {
		h = c.sent
	}
	b, err := comp.Append(nil, h, msg)
	if err != nil {
		t.Fatal(err)
	}
	c.receive(t, b, msg)
}

func (c *connection) receive(t testing.TB, compressed, want []byte) {
	t.Helper()
	if c == nil {
		c = newConnection(MaxWindowBits)
	}
	got, err := c.inflater.Append(nil, c.received, compressed, len(want))
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("got %d bytes and error %v, want %d bytes", len(got), err, len(want))
	}
	got, err = c.strict.message(compressed)
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("strict: got %d bytes and error %v, want %d bytes", len(got), err, len(want))
	}
}

func broadcast(t testing.TB, comp *Compressor, msg []byte, to ...*connection) {
	t.Helper()
	b, err := comp.Append(nil, nil, msg)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range to {
		c.sent.Add(msg)
		c.receive(t, b, msg)
	}
}

func TestCompressorAppends(t *testing.T) {
	c := newCompressor(t, 0, 0)
	for _, tt := range []struct {
		name, msg, want string
	}{
		{name: "empty (RFC 7692 §7.2.3.6)", want: "00"},
		{name: "short (§7.2.3.1)", msg: "Hello", want: "f248cdc9c90700"},
	} {
		got, err := c.Append([]byte("before"), nil, []byte(tt.msg))
		if err != nil || string(got[:6]) != "before" || hex.EncodeToString(got[6:]) != tt.want {
			t.Errorf("%s: got %q and error %v, want %s behind %q", tt.name, got, err, tt.want, "before")
		}
	}
}

func TestNewCompressorRefuses(t *testing.T) {
	for _, tt := range []struct {
		name        string
		level, bits int
		want        string
	}{
		{name: "level", level: 10, want: "create compressor: invalid compression level 10: want 1 to 9"},
		{name: "negative level", level: -1, want: "create compressor: invalid compression level -1: want 1 to 9"},
		{name: "small window", bits: 7, want: "create compressor: invalid window bits 7: want 8 to 15"},
		{name: "large window", bits: 16, want: "create compressor: invalid window bits 16: want 8 to 15"},
	} {
		c, err := NewCompressor(tt.level, tt.bits)
		if c != nil || err == nil || err.Error() != tt.want {
			t.Errorf("%s: got %v and error %v, want error %q", tt.name, c, err, tt.want)
		}
	}
}

// A keeper is a Window or a History.
type keeper interface {
	Add(plain []byte)
	Len() int
	bytes() []byte
}

func TestWindow(t *testing.T) {
	window := func(bits int) (keeper, *tail) { w := NewWindow(bits); return w, &w.tail }
	history := func(bits int) (keeper, *tail) { h := NewHistory(bits); return h, &h.tail }
	tests := []struct {
		name string
		make func(bits int) (keeper, *tail)
		bits int
		add  []int // sizes
		want int
		cap  int // at most
	}{
		{name: "empty", make: window, bits: 8, want: 0, cap: 0},
		{name: "only what was sent", make: window, bits: 15, add: []int{10}, want: 10, cap: 10},
		{name: "nothing sent", make: window, bits: 15, add: []int{0, 0}, want: 0, cap: 0},
		{name: "grows by doubling", make: window, bits: 15, add: []int{100, 1}, want: 101, cap: 200},
		{name: "grows to its size", make: window, bits: 8, add: []int{100, 100, 56}, want: 256, cap: 256},
		{name: "forgets the oldest", make: window, bits: 8, add: []int{200, 100, 3}, want: 256, cap: 256},
		{name: "as large as the window", make: window, bits: 8, add: []int{10, 256}, want: 256, cap: 256},
		{name: "larger than the window", make: window, bits: 8, add: []int{10, 1000}, want: 256, cap: 256},
		{name: "default", make: window, add: []int{1 << 20}, want: 1 << 15, cap: 1 << 15},
		{name: "bits below the range", make: window, bits: 2, add: []int{1000}, want: 256, cap: 256},
		{name: "bits above the range", make: window, bits: 99, add: []int{1 << 20}, want: 1 << 15, cap: 1 << 15},
		{name: "history of a small window", make: history, bits: 8, add: []int{200, 100, 3}, want: 256, cap: 256},
		{name: "history of a large window", make: history, bits: 15, add: []int{8000, 8000}, want: 8 << 10, cap: 8 << 10},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w, tail := tt.make(tt.bits)
			var all []byte
			for _, size := range tt.add {
				plain := randomBytes(size)
				all = append(all, plain...)
				w.Add(plain)
			}
			if w.Len() != tt.want || !bytes.Equal(w.bytes(), all[len(all)-w.Len():]) {
				t.Errorf("got %d bytes, want the last %d", w.Len(), tt.want)
			}
			if cap(tail.buf) > tt.cap {
				t.Errorf("got a buffer of %d bytes, want at most %d", cap(tail.buf), tt.cap)
			}
		})
	}
	for name, none := range map[string]keeper{"window": (*Window)(nil), "history": (*History)(nil)} {
		none.Add([]byte("text"))
		if none.Len() != 0 {
			t.Errorf("nil %s: got %d bytes, want 0", name, none.Len())
		}
	}
}

// conversation returns messages of all sorts of sizes and contents: what repeats
// itself near and far, at distances around each window, and what does not.
func conversation() [][]byte {
	var list [][]byte
	for i, size := range []int{0, 1, 12, 13, 32, 127, 128, 129, 1000, 9000, 5, 500, 500} {
		list = append(list, jsonText(size, i), randomBytes(size), bytes.Repeat([]byte("ab"), size/2))
	}
	for bits := MinWindowBits; bits <= MaxWindowBits; bits++ {
		for _, distance := range []int{1<<bits - 1, 1 << bits, 1<<bits + 1} {
			block := randomBytes(distance)
			list = append(list, block, block[:min(300, distance)])
		}
	}
	return append(list, jsonText(40000, 0), jsonText(65535, 1), jsonText(65536, 2), jsonText(100, 3),
		jsonText(shortMessage, 4), jsonText(shortMessage+1, 5), randomBytes(shortMessage), jsonText(300, 4))
}

// jsonText returns size bytes of records that repeat themselves in part.
func jsonText(size, seed int) []byte {
	var b []byte
	for i := seed; len(b) < size; i++ {
		b = fmt.Appendf(b, `{"id":%d,"name":"user %x","tags":["a","b%d"],"score":%d.%d},`, i*7919, i*i*31, i%13, i*3, i%97)
	}
	return b[:size]
}

// randomBytes returns size bytes, the same for each call with that size.
func randomBytes(size int) []byte {
	b := make([]byte, size)
	rand.NewChaCha8([32]byte{byte(size), byte(size >> 8)}).Read(b)
	return b
}
