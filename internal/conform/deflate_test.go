package conform

import (
	"bytes"
	"compress/flate"
	"io"
	"net"
	"testing"
	"time"

	"wskit/codec"
)

// inflate inflates what a stream has, with the standard library, after history.
func inflate(t *testing.T, history string, b []byte) (string, error) {
	t.Helper()
	r := flate.NewReaderDict(bytes.NewReader(append(bytes.Clone(b), "\x00\x00\xff\xff\x01\x00\x00\xff\xff"...)), []byte(history))
	plain, err := io.ReadAll(r)
	return string(plain), err
}

func TestStream(t *testing.T) {
	some := letters(40000, 1)
	literals := codeFor(4, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 256, 283, 284, 285)
	distances := []int{4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4}
	for _, tt := range []struct {
		name    string
		history string
		stream  []byte
		want    string
		far     int
	}{
		{name: "stored", stream: new(stream).stored("Hello").end(), want: "Hello"},
		{name: "fixed", stream: new(stream).fixed(literally("Hello\xFF\x90\x8F")).end(), want: "Hello\xFF\x90\x8F"},
		{name: "two blocks", stream: new(stream).fixed(literally("Hello")).stored(", ").fixed(literally("you")).end(), want: "Hello, you"},
		{name: "a copy", stream: new(stream).fixed(literally("ab"), copyOf(2, 5)).end(), want: "abababa", far: 2},
		{name: "the longest copy", stream: new(stream).fixed(literally("a"), copyOf(1, 258)).end(), want: string(bytes.Repeat([]byte("a"), 259)), far: 1},
		{name: "a copy of 257", stream: new(stream).fixed(literally("a"), copyOf(1, 257)).end(), want: string(bytes.Repeat([]byte("a"), 258)), far: 1},
		{
			name: "the farthest copy", history: some[:32768], stream: new(stream).fixed(copyOf(32768, 3), copyOf(32768, 4), copyOf(24577, 10)).end(),
			want: some[:7] + some[8191+7:8191+17], far: 32768,
		},
		{name: "copies at powers of two", history: some[:32768], stream: new(stream).fixed(copyOf(256, 3), copyOf(257, 3), copyOf(1024, 11)).end(), want: some[32768-256:32768-253] + some[32768-254:32768-251] + some[32768-1018:32768-1007], far: 1024},
		{name: "dynamic", stream: new(stream).dynamic(codeFor(2, 'a', 'b', 256, 257), []int{1, 1}, literally("ab"), copyOf(2, 3)).end(), want: "ababa", far: 2},
		{name: "dynamic, with runs from one alphabet to the next", stream: new(stream).dynamic(literals, distances, literally("abl"), copyOf(2, 258)).end(), want: "abl" + string(bytes.Repeat([]byte("bl"), 129)), far: 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := inflate(t, tt.history, tt.stream); err != nil || got != tt.want {
				t.Errorf("got %q, %v, want %q", got, err, tt.want)
			}
			if got := farthest(tt.stream); got != tt.far {
				t.Errorf("refers %d B back, want %d", got, tt.far)
			}
		})
	}
}

// TestFarthest holds farthest against windows of the standard library, which has none
// smaller than 32 KiB: the message must be understood with so much history, and no more.
func TestFarthest(t *testing.T) {
	history := letters(20000, 2)
	var b bytes.Buffer
	w, err := flate.NewWriterDict(&b, 9, []byte(history))
	if err != nil {
		t.Fatal(err)
	}
	msg := history[5000:5300] + letters(2000, 3) + history[9000:9400]
	if _, err := w.Write([]byte(msg)); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	compressed := b.Bytes()[:b.Len()-4]
	if got, want := farthest(compressed), 15000; got != want {
		t.Errorf("refers %d B back, want %d", got, want)
	}
	if got, err := inflate(t, history[5000:], compressed); err != nil || got != msg {
		t.Errorf("with 15000 B of history: %v", err)
	}
	if _, err := inflate(t, history[5001:], compressed); err == nil {
		t.Error("with 14999 B of history it was understood")
	}
}

// TestFarthestTakesAnything makes sure that it comes to an end whatever a peer sends.
func TestFarthestTakesAnything(t *testing.T) {
	sample := new(stream).dynamic(codeFor(2, 'a', 'b', 256, 257), []int{1, 1}, literally("ab"), copyOf(2, 3)).end()
	for i := range sample {
		for bit := range 8 {
			broken := bytes.Clone(sample)
			broken[i] ^= 1 << bit
			if got := farthest(broken); got > 32768 {
				t.Errorf("bit %d of byte %d: refers %d B back", bit, i, got)
			}
			farthest(broken[:i])
		}
	}
}

// TestInflate makes sure that what a peer sends is held against what was agreed.
func TestInflate(t *testing.T) {
	text := letters(600, 4)
	near := new(stream).stored(text).fixed(copyOf(512, 10)).end()
	far := new(stream).stored(text).fixed(copyOf(513, 10)).end()
	again := new(stream).fixed(copyOf(10, 10)).end()
	for _, tt := range []struct {
		name     string
		agreed   codec.Deflate
		messages [][]byte
		want     Verdict
	}{
		{name: "as far as the window", agreed: codec.Deflate{ServerMaxWindowBits: 9}, messages: [][]byte{near}, want: Pass},
		{name: "further than the window", agreed: codec.Deflate{ServerMaxWindowBits: 9}, messages: [][]byte{far}, want: Fail},
		{name: "further than the other end's window", agreed: codec.Deflate{ClientMaxWindowBits: 9}, messages: [][]byte{far}, want: Pass},
		{name: "the message before", agreed: codec.Deflate{}, messages: [][]byte{near, again}, want: Pass},
		{name: "the message before, without takeover", agreed: codec.Deflate{ServerNoContextTakeover: true}, messages: [][]byte{near, again}, want: Fail},
		{name: "the message before, without takeover of the other end", agreed: codec.Deflate{ClientNoContextTakeover: true}, messages: [][]byte{near, again}, want: Pass},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ours, peer := net.Pipe()
			s := newSession(ours, codec.RoleClient, time.Second)
			s.established(codec.Agreement{Deflate: &tt.agreed})
			go func() {
				for _, b := range tt.messages {
					peer.Write(compressed(codec.OpText, b).append(nil, codec.RoleServer))
				}
				peer.Close()
			}()
			var err error
			for range tt.messages {
				if _, err = s.next(time.Second); err != nil {
					err = s.finding("a message", err)
				}
			}
			s.close()
			if got := s.judge(err); got.verdict != tt.want {
				t.Errorf("got %s: %s, want %s", got.verdict, got.text, tt.want)
			}
		})
	}
}
