package codec

import (
	"fmt"
	"testing"
)

// TestDeflateAllocatesNothing sends and receives messages of 1 KiB once all buffers
// have their size.
func TestDeflateAllocatesNothing(t *testing.T) {
	msgs := [][]byte{jsonText(1024, 0), jsonText(1024, 50), jsonText(1024, 100)}
	compressors(t, func(t *testing.T, level, bits int) {
		for _, tt := range []struct {
			name      string
			histories []*History // in turn
		}{
			{name: "no takeover", histories: []*History{nil}},
			{name: "takeover", histories: []*History{NewHistory(bits)}},
			{name: "shared", histories: []*History{NewHistory(bits), NewHistory(bits)}},
		} {
			c, d := newCompressor(t, level, bits), NewDecompressor()
			received := make([]*Window, len(tt.histories))
			for i, h := range tt.histories {
				full := jsonText(1<<bits, 7)
				h.Add(full)
				if h != nil {
					received[i] = NewWindow(bits)
					received[i].Add(full)
				}
			}
			packed, plain := make([]byte, 0, 4096), make([]byte, 0, 1024)
			turn := 0
			exchange := func() {
				msg, i := msgs[turn%len(msgs)], turn%len(tt.histories)
				turn++
				b, err := c.Append(packed, tt.histories[i], msg)
				if err != nil {
					t.Fatal(err)
				}
				got, err := d.Append(plain, received[i], b, 1024)
				if err != nil || string(got) != string(msg) {
					t.Fatalf("%s: got %d bytes and error %v, want %d", tt.name, len(got), err, len(msg))
				}
			}
			for range 10 {
				exchange()
			}
			if n := testing.AllocsPerRun(20, exchange); n > 0 {
				t.Errorf("%s: got %v allocations a message, want 0", tt.name, n)
			}
		}
	})
}

// BenchmarkCompress compresses 1 KiB of JSON: alone, and for one connection with context
// takeover, or for two in turn, as from a pool.
func BenchmarkCompress(b *testing.B) {
	var msgs [][]byte // more than a window
	for i := range 101 {
		msgs = append(msgs, jsonText(1024, 20*i))
	}
	for _, c := range []struct{ level, bits int }{{1, 15}, {6, 15}, {9, 15}, {6, 12}, {6, 9}} {
		for _, tt := range []struct {
			name      string
			histories []*History
		}{
			{name: "alone", histories: []*History{nil}},
			{name: "takeover", histories: []*History{NewHistory(c.bits)}},
			{name: "shared", histories: []*History{NewHistory(c.bits), NewHistory(c.bits)}},
		} {
			b.Run(fmt.Sprintf("level=%d/bits=%d/%s", c.level, c.bits, tt.name), func(b *testing.B) {
				comp := newCompressor(b, c.level, c.bits)
				for _, h := range tt.histories {
					h.Add(jsonText(1<<c.bits, 0))
				}
				var dst []byte
				turn, size := 0, 0
				b.ReportAllocs()
				b.SetBytes(1024)
				for b.Loop() {
					var err error
					dst, err = comp.Append(dst[:0], tt.histories[turn%len(tt.histories)], msgs[turn%len(msgs)])
					if err != nil {
						b.Fatal(err)
					}
					turn++
					size += len(dst)
				}
				b.ReportMetric(float64(size)/float64(turn), "out-B/op")
			})
		}
	}
}

// BenchmarkDecompress inflates 1 KiB of JSON, with and without a full history.
func BenchmarkDecompress(b *testing.B) {
	msg := jsonText(1024, 1000)
	packed, err := newCompressor(b, 0, 0).Append(nil, nil, msg)
	if err != nil {
		b.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		w    *Window
	}{
		{name: "alone"},
		{name: "takeover", w: NewWindow(0)},
	} {
		b.Run(tt.name, func(b *testing.B) {
			tt.w.Add(jsonText(1<<MaxWindowBits, 0))
			d := NewDecompressor()
			var dst []byte
			b.ReportAllocs()
			b.SetBytes(1024)
			for b.Loop() {
				if dst, err = d.Append(dst[:0], tt.w, packed, 1<<20); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
