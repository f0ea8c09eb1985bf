package codec

import (
	"bytes"
	"encoding/hex"
	"errors"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/flate"
)

// unhex decodes hexadecimal digits with spaces between bytes.
func unhex(t testing.TB, s string) []byte {
	t.Helper()
	var digits []byte
	for i := range len(s) {
		if s[i] != ' ' {
			digits = append(digits, s[i])
		}
	}
	b, err := hex.DecodeString(string(digits))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestInflateRFC holds the examples of RFC 7692 §7.2.3, and what lies close.
func TestInflateRFC(t *testing.T) {
	tests := []struct {
		name     string
		messages []string // hexadecimal, of one direction
		takeover bool
		want     []string
		err      error // of the last message
	}{
		{name: "one block (§7.2.3.1)", messages: []string{"f2 48 cd c9 c9 07 00"}, want: []string{"Hello"}},
		{name: "fragments joined (§7.2.3.1)", messages: []string{"f2 48 cd" + "c9 c9 07 00"}, want: []string{"Hello"}},
		{
			name: "shared window (§7.2.3.2)", takeover: true,
			messages: []string{"f2 48 cd c9 c9 07 00", "f2 00 11 00 00"}, want: []string{"Hello", "Hello"},
		},
		{
			name:     "shared window without takeover (§7.2.3.2)",
			messages: []string{"f2 48 cd c9 c9 07 00", "f2 00 11 00 00"}, want: []string{"Hello", "H"}, err: ErrCorruptDeflate,
		},
		{name: "no compression (§7.2.3.3)", messages: []string{"00 05 00 fa ff 48 65 6c 6c 6f 00"}, want: []string{"Hello"}},
		{name: "final block (§7.2.3.4)", messages: []string{"f3 48 cd c9 c9 07 00 00"}, want: []string{"Hello"}},
		{name: "final block and no more", messages: []string{"f3 48 cd c9 c9 07 00"}, want: []string{"Hello"}},
		{
			name:     "final block and data (§7.2.3.4)",
			messages: []string{"f3 48 cd c9 c9 07 00" + "f2 48 cd c9 c9 07 00"}, want: []string{"HelloHello"},
		},
		{
			name:     "final block and data that refers to it (§7.2.3.4)",
			messages: []string{"f3 48 cd c9 c9 07 00" + "f2 00 11 00 00"}, want: []string{"HelloHello"},
		},
		{
			name: "final blocks with takeover (§7.2.3.4)", takeover: true,
			messages: []string{"f3 48 cd c9 c9 07 00" + "f3 00 11 00" + "00", "f2 00 11 00 00"}, want: []string{"HelloHello", "Hello"},
		},
		{name: "two blocks (§7.2.3.5)", messages: []string{"f2 48 05 00 00 00 ff ff ca c9 c9 07 00"}, want: []string{"Hello"}},
		{name: "empty (§7.2.3.6)", messages: []string{"00"}, want: []string{""}},
		{name: "nothing at all", messages: []string{""}, want: []string{""}, err: ErrCorruptDeflate},
		{name: "reserved block type", messages: []string{"06"}, want: []string{""}, err: ErrCorruptDeflate},
		{name: "tail not removed", messages: []string{"f2 48 cd c9 c9 07 00 00 00 ff ff"}, want: []string{"Hello"}, err: ErrCorruptDeflate},
		{name: "cut off in a block", messages: []string{"f2 48 cd"}, want: []string{"Hel"}, err: ErrCorruptDeflate},
		{name: "cut off in a final block", messages: []string{"f3 48 cd"}, want: []string{"Hel"}, err: ErrCorruptDeflate},
		{name: "cut off in a stored block", messages: []string{"00 0a 00 f5 ff 48"}, want: []string{"H"}, err: ErrCorruptDeflate},
		{name: "stored block as long as what we append", messages: []string{"01 09 00 f6 ff"}, want: []string{""}, err: ErrCorruptDeflate},
		{name: "stored block whose length and its complement differ", messages: []string{"00 05 00 fa fe 48 65 6c 6c 6f 00"}, want: []string{""}, err: ErrCorruptDeflate},
		{name: "too many symbols", messages: []string{"f4 ff ff"}, want: []string{""}, err: ErrCorruptDeflate},
		{name: "a code length repeated before the first", messages: []string{"04 00 82 24 49 92 24 49 12 00 00 00 00 00"}, want: []string{""}, err: ErrCorruptDeflate},
		{name: "distance before the beginning", messages: []string{"f2 00 11 00 00"}, want: []string{""}, err: ErrCorruptDeflate},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := NewDecompressor()
			var w *Window
			if tt.takeover {
				w = NewWindow(0)
			}
			for i, m := range tt.messages {
				got, err := d.Append([]byte("before "), w, unhex(t, m), 0)
				var want error
				if i == len(tt.messages)-1 {
					want = tt.err
				}
				if !errors.Is(err, want) {
					t.Fatalf("message %d: got error %v, want %v", i, err, want)
				}
				if want == nil && string(got) != "before "+tt.want[i] {
					t.Errorf("message %d: got %q, want %q behind %q", i, got, tt.want[i], "before ")
				}
			}
		})
	}
}

// TestInflatePrefixes cuts messages off at each place: no piece is a message, and
// what it holds is the beginning of the whole. The text has no byte that the four
// removed ones could pass for.
func TestInflatePrefixes(t *testing.T) {
	text := jsonText(700, 0)
	for _, level := range []int{1, 6, 9} {
		b, err := newCompressor(t, level, 0).Append(nil, nil, text)
		if err != nil {
			t.Fatal(err)
		}
		d := NewDecompressor()
		for n := range b {
			got, err := d.Append(nil, nil, b[:n], 0)
			if err != ErrCorruptDeflate {
				t.Fatalf("level %d, %d of %d bytes: got error %v, want %v", level, n, len(b), err, ErrCorruptDeflate)
			}
			if len(got) > 0 && !bytes.HasPrefix(text, got[:len(got)-min(len(got), 4)]) {
				t.Errorf("level %d, %d of %d bytes: got %q", level, n, len(b), got)
			}
		}
	}
}

// TestInflateBorrowedTables cuts a final block off inside of its tables so that the
// bytes which are put behind a message complete them, and end the block.
func TestInflateBorrowedTables(t *testing.T) {
	var message []byte
	bit := 0
	put := func(v, n int) {
		for i := range n {
			if bit%8 == 0 {
				message = append(message, 0)
			}
			message[bit/8] |= byte(v>>i&1) << (bit % 8)
			bit++
		}
	}
	put(1, 1)       // BFINAL
	put(2, 2)       // dynamic codes
	put(286-257, 5) // literals
	put(18-1, 5)    // distances
	put(19-4, 4)    // code lengths; those of 18, 1 and 16 are 1, 2 and 2
	for _, n := range []int{2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0} {
		put(n, 3)
	}
	put(0, 1) // 138 zeros
	put(138-11, 7)
	put(3, 2) // 6 more
	put(6-3, 2)
	put(0, 1) // 112 more
	put(112-11, 7)
	put(1, 2) // a code of one bit for the end of the block
	if bit%8 != 0 {
		t.Fatalf("got %d bits, want whole bytes", bit)
	}
	if got, err := NewDecompressor().Append(nil, nil, message, 0); err != ErrCorruptDeflate || len(got) > 0 {
		t.Errorf("got %d bytes and error %v, want %v", len(got), err, ErrCorruptDeflate)
	}
}

func TestInflateLimit(t *testing.T) {
	const size = 100_000 // more than the window
	text := jsonText(size, 0)
	b, err := newCompressor(t, 0, 0).Append(nil, nil, text)
	if err != nil {
		t.Fatal(err)
	}
	stored := unhex(t, "00 05 00 fa ff 48 65 6c 6c 6f 00")
	tests := []struct {
		name       string
		before     int // length and capacity of dst
		room       int
		compressed []byte
		limit      int
		want       int
		err        error
	}{
		{name: "no limit", compressed: b, want: size},
		{name: "above", compressed: b, limit: size + 1, want: size},
		{name: "at", compressed: b, limit: size, want: size},
		{name: "below", compressed: b, limit: size - 1, want: size - 1, err: ErrInflatedTooBig},
		{name: "at, in a buffer that is larger", room: 2 * size, compressed: b, limit: size, want: size},
		{name: "below, in a buffer that is larger", room: 2 * size, compressed: b, limit: size - 1, want: size - 1, err: ErrInflatedTooBig},
		{name: "behind other data", before: 1000, compressed: b, limit: size, want: size},
		{name: "below, behind other data", before: 1000, compressed: b, limit: size - 1, want: size - 1, err: ErrInflatedTooBig},
		{name: "the largest", before: 1000, compressed: b, limit: math.MaxInt, want: size},
		{name: "one", compressed: stored, limit: 1, want: 1, err: ErrInflatedTooBig},
		{name: "empty", compressed: []byte{0}, limit: 1, want: 0},
		{name: "of all streams together", compressed: slices.Concat(unhex(t, "f3 48 cd c9 c9 07 00"), stored), limit: 9, want: 9, err: ErrInflatedTooBig},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dst := make([]byte, tt.before, tt.before+tt.room)
			got, err := NewDecompressor().Append(dst, nil, tt.compressed, tt.limit)
			if err != tt.err && !errors.Is(err, tt.err) {
				t.Errorf("got error %v, want %v", err, tt.err)
			}
			if len(got) != tt.before+tt.want {
				t.Errorf("got %d bytes, want %d", len(got), tt.before+tt.want)
			}
			if tt.limit > 0 && tt.room == 0 && cap(got) > tt.before+min(tt.limit, 2*tt.want+512) {
				t.Errorf("got a buffer of %d bytes for %d", cap(got), len(got))
			}
		})
	}
}

// TestInflateBomb checks what a message of 2 MiB that inflates to 1 GiB takes: not
// more than twice the limit in all allocations together.
func TestInflateBomb(t *testing.T) {
	chunk, err := newCompressor(t, 0, 0).Append(nil, nil, make([]byte, 1<<20))
	if err != nil {
		t.Fatal(err)
	}
	bomb := bytes.Repeat(append(chunk, deflateTail...), 1<<10)
	bomb = bomb[:len(bomb)-len(deflateTail)]
	if len(bomb) > 3<<20 {
		t.Fatalf("got a bomb of %d bytes, want one below 3 MiB", len(bomb))
	}
	const limit = 16 << 20
	for _, room := range []int{0, 1 << 10, 64 << 10, 4 << 20} {
		d := NewDecompressor()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		got, err := d.Append(make([]byte, 0, room), NewWindow(0), bomb, limit)
		runtime.ReadMemStats(&after)
		if err != ErrInflatedTooBig || len(got) != limit {
			t.Errorf("room for %d bytes: got %d bytes and error %v, want %d and %v", room, len(got), err, limit, ErrInflatedTooBig)
		}
		if d.src.data != nil || d.out != nil || d.history != nil {
			t.Errorf("room for %d bytes: the decompressor keeps the message of %d bytes", room, len(bomb))
		}
		if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 2*limit+256<<10 {
			t.Errorf("room for %d bytes: allocated %d bytes, want at most twice the limit of %d", room, allocated, limit)
		}
	}
}

// TestInflateEmptyBlocks feeds blocks without output. Those that are legal cost
// what their bytes cost; what costs more is cut off.
func TestInflateEmptyBlocks(t *testing.T) {
	tests := []struct {
		name  string
		block string
		count int
		end   string
		err   error
	}{
		{name: "stored", block: "00 00 00 ff ff", count: 3 << 20 / 5, end: "00"},
		{name: "some final ones", block: "03 00", count: 16, end: "00"},
		{name: "endless final ones", block: "03 00", count: 3 << 20 / 2, end: "00", err: ErrTooManyFinalBlocks},
		{name: "final ones that are paid for in input", block: "01 fb 01 04 fe" + strings.Repeat("78", 507), count: 1000, end: "00"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			message := append(bytes.Repeat(unhex(t, tt.block), tt.count), unhex(t, tt.end)...)
			w := NewWindow(0)
			w.Add(randomBytes(1 << 15))
			if _, err := NewDecompressor().Append(nil, w, message, 1<<20); err != tt.err && !errors.Is(err, tt.err) {
				t.Errorf("got error %v, want %v", err, tt.err)
			}
		})
	}
}

// TestInflateFinalBlocks lets a sender end its stream in each message, or piece by
// piece, and refer to what came before.
func TestInflateFinalBlocks(t *testing.T) {
	text := jsonText(100_000, 0)
	for _, piece := range []int{1000, 5000, 100_000} {
		for _, takeover := range []bool{false, true} {
			var w, sent *Window
			if takeover {
				w = NewWindow(0)
			}
			d := NewDecompressor()
			for range 3 {
				if !takeover {
					sent = nil
				}
				var message bytes.Buffer
				for part := range slices.Chunk(text, piece) {
					fw, err := flate.NewWriterDict(&message, 6, sent.bytes())
					if err != nil {
						t.Fatal(err)
					}
					if _, err := fw.Write(part); err != nil {
						t.Fatal(err)
					}
					if err := fw.Close(); err != nil {
						t.Fatal(err)
					}
					if sent == nil {
						sent = NewWindow(0)
					}
					sent.Add(part)
				}
				got, err := d.Append([]byte("before"), w, append(message.Bytes(), 0), len(text))
				if err != nil || !bytes.Equal(got[6:], text) {
					t.Fatalf("pieces of %d, takeover %t: got %d bytes and error %v, want %d", piece, takeover, len(got)-6, err, len(text))
				}
			}
		}
	}
}
