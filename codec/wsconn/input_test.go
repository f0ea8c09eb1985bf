package wsconn

import (
	"bytes"
	"testing"
)

// TestInput drives a read buffer through what a connection does with it.
func TestInput(t *testing.T) {
	in := &input{size: 1024, sizeMax: 4096}
	put := func(s string) {
		t.Helper()
		room := in.room()
		if len(room) < len(s) {
			t.Fatalf("room for %d bytes, want %d", len(room), len(s))
		}
		copy(room, s)
		if got := in.took(len(s)); string(got) != s {
			t.Fatalf("took %q, want %q", got, s)
		}
	}
	in.park()
	if in.b != nil {
		t.Error("an empty input holds memory while it waits")
	}

	put("abcdef")
	in.r = 4
	in.park()
	if got := string(in.b[in.r:in.w]); got != "ef" || cap(in.b) != 1<<minClass {
		t.Errorf("waits with %q in %d bytes, want ef in %d", got, cap(in.b), 1<<minClass)
	}
	put("gh")
	if got := string(in.b[in.r:in.w]); got != "efgh" || len(in.b) != 1024 {
		t.Errorf("holds %q in %d bytes, want efgh in 1024", got, len(in.b))
	}

	in.r += 3
	in.hold(2)
	in.park()
	put("ij")
	in.r += 3
	if got := string(in.held()); got != "fghij" {
		t.Errorf("held %q, want fghij", got)
	}
	if !in.empty() {
		t.Error("the input is not empty")
	}

	// A read that fills the buffer makes the next one large, until reads are
	// small again.
	put(string(bytes.Repeat([]byte("x"), len(in.room()))))
	in.r = in.w - 1
	put("y")
	if got := string(in.b[in.r:in.w]); got != "xy" || len(in.b) != 4096 {
		t.Errorf("holds %q in %d bytes, want xy in 4096", got, len(in.b))
	}
	put("z")
	if got := string(in.b[in.r:in.w]); got != "xyz" || len(in.b) != 1024 {
		t.Errorf("holds %q in %d bytes, want xyz in 1024", got, len(in.b))
	}

	view := in.b[in.r:in.w]
	in.r++
	in.leave()
	if got := string(in.b[in.r:in.w]); got != "yz" || &in.b[0] == &view[1] {
		t.Errorf("left with %q, want yz elsewhere", got)
	}
	in.r = in.w
	in.leave()
	if in.b != nil {
		t.Error("an empty input holds memory after leave")
	}
}

// TestInputMoves keeps what is undecoded or held in one piece, however it is moved.
func TestInputMoves(t *testing.T) {
	in := &input{size: 1024, sizeMax: 4096}
	var want []byte
	next := byte(0)
	for i := range 5000 {
		n := min(i%7*i%300+1, len(in.room()))
		room := in.room()
		for j := range n {
			room[j] = next
			want = append(want, next)
			next++
		}
		in.took(n)
		keep := i % 400
		if drop := in.w - in.r - keep; drop > 0 {
			in.r += drop
			want = want[drop:]
		}
		if i%5 == 0 {
			in.park()
		}
		if got := in.b[in.r:in.w]; !bytes.Equal(got, want) {
			t.Fatalf("step %d: holds %d bytes, want %d others", i, len(got), len(want))
		}
	}
}

// TestBuffers checks sizes and growth, and that a buffer that has grown finds its
// pool.
func TestBuffers(t *testing.T) {
	for _, tt := range []struct{ n, want int }{
		{n: 0, want: 512},
		{n: 512, want: 512},
		{n: 513, want: 1024},
		{n: 65536, want: 65536},
		{n: 1 << 24, want: 1 << 24},
		{n: 1<<24 + 1, want: 1<<24 + 1},
	} {
		p := getBuffer(tt.n)
		if cap(p.b) < tt.want || len(p.b) != 0 {
			t.Errorf("getBuffer(%d) has %d of %d bytes, want 0 of %d", tt.n, len(p.b), cap(p.b), tt.want)
		}
		putBuffer(p)
	}
	putBuffer(nil)
	putBuffer(&buffer{b: make([]byte, 0, 100)})
	putBuffer(&buffer{b: make([]byte, 5, 1000)}) // a 512
	for range 100 {
		if p := getBuffer(512); cap(p.b) < 512 || len(p.b) != 0 {
			t.Fatalf("a buffer of %d of %d bytes came from the pool", len(p.b), cap(p.b))
		}
	}

	p := getBuffer(600)
	p.b = append(p.b, pattern(600)...)
	if got := p.grow(1, 1<<30); got != p {
		t.Error("a buffer with room has grown")
	}
	p = p.grow(1000, 1<<30)
	if cap(p.b) < 1600 || cap(p.b) > 1200+aheadSize || !bytes.Equal(p.b, pattern(600)) {
		t.Errorf("grown to %d bytes with %d in them", cap(p.b), len(p.b))
	}
}
