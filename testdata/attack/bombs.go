//go:build linux

package main

import (
	"bytes"
	"compress/flate"
	"fmt"
	"strings"
	"sync"
	"time"

	"wskit/codec"
)

func bombAttacks() []attack {
	compressed := []string{"--compress"}
	bombs := attack{
		id: "A3", what: "compression bombs: one byte over the limit, 1 GiB, and in fragments",
		memory: 2*maxMessage + 8<<20, time: 20 * time.Second,
		run: func(t *trial) error { return t.oneByOne(bombShots(), compressed...) },
	}
	full := attack{
		id: "A3b", what: "a compressed message that is exactly the limit",
		memory: 6 * maxMessage, time: 20 * time.Second,
		run: func(t *trial) error { return t.volley(fullShots(), compressed...) },
	}
	blocks := attack{
		id: "A4", what: "deflate blocks without output: stored, final, with codes of their own",
		memory: 4 * maxMessage, time: 20 * time.Second,
		run: func(t *trial) error { return t.volley(blockShots(), compressed...) },
	}
	corrupt := attack{
		id: "A4b", what: "deflate data that is none: cut at each byte, distances too far, bad codes",
		memory: 8 << 20, time: 20 * time.Second,
		run: func(t *trial) error { return t.volley(corruptShots(), compressed...) },
	}
	all := each(bombs, serve, connect, bench)
	bombs.memory *= 2 // what is shown is inflated beside the connection
	all = append(all, each(bombs, inspect)...)
	all = append(all, attack{
		id: "A3c", what: "100 bombs of 64 MiB at once, with a limit of 1 MiB", target: serve,
		memory: 100 * 2 << 20, time: 20 * time.Second, ours: true, run: bombsAtOnce,
	})
	all = append(all, each(full, serve, connect, inspect)...)
	all = append(all, each(blocks, serve, connect, inspect)...)
	return append(all, each(corrupt, serve, bench, inspect)...)
}

// zeros returns n zeros, compressed as a message is: a whole number of MiB and one byte more,
// perhaps.
func zeros(n int) []byte {
	b := bytes.Repeat(deflated(make([]byte, 1<<20)), n>>20)
	if rest := n & (1<<20 - 1); rest > 0 {
		b = append(b, deflated(make([]byte, rest))...)
	}
	return bytes.TrimSuffix(b, []byte{0, 0, 0xFF, 0xFF})
}

// deflated compresses b up to the end of a block that ends with a byte.
func deflated(b []byte) []byte {
	var out bytes.Buffer
	w, _ := flate.NewWriter(&out, flate.BestCompression) // the level is right
	w.Write(b)
	w.Flush()
	return out.Bytes()
}

// compressedFrames returns a compressed message in frames of at most size bytes.
func compressedFrames(op codec.Opcode, zipped []byte, size int) []frame {
	var frames []frame
	for first := true; first || len(zipped) > 0; first = false {
		n := min(size, len(zipped))
		f := frame{op: codec.OpContinuation, payload: zipped[:n], more: n < len(zipped)}
		if first {
			f.op, f.rsv = op, codec.RSV1
		}
		frames = append(frames, f)
		zipped = zipped[n:]
	}
	return frames
}

// wholly is the size of the frame of a message that is one.
const wholly = 1 << 30

func bombShots() []shot {
	var shots []shot
	for _, x := range []struct {
		what   string
		zipped []byte
		size   int
	}{
		{"the limit and a byte", zeros(maxMessage + 1), wholly},
		{"1 GiB", zeros(1 << 30), wholly},
		{"1 GiB in frames of 100 bytes", zeros(1 << 30), 100},
	} {
		frames := compressedFrames(codec.OpBinary, x.zipped, x.size)
		shots = append(shots, shot{what: x.what, frames: script(frames...), fields: deflate, want: []string{"1009"}})
	}
	return shots
}

func fullShots() []shot {
	frames := append(compressedFrames(codec.OpBinary, zeros(maxMessage), wholly), closeFrame(1000, ""))
	return []shot{{what: "16 MiB", frames: script(frames...), fields: deflate, want: []string{"1000"}}}
}

func bombsAtOnce(t *trial) error {
	s, err := t.serve("--compress", "--max-message-size", "1m")
	if err != nil {
		return err
	}
	b := script(compressedFrames(codec.OpBinary, zeros(64<<20), wholly)...)(codec.RoleClient)
	var running sync.WaitGroup
	for i := range 100 {
		running.Go(func() {
			e := s.session(session{fields: deflate, frames: b})
			t.saw(e.how, fmt.Sprintf("bomb %d", i), "1009")
		})
	}
	running.Wait()
	return nil
}

// emptyBlocks is how much is sent of blocks without output, in bytes.
const emptyBlocks = 3 << 20

func blockShots() []shot {
	stored := []byte{0, 0, 0, 0xFF, 0xFF}
	var shots []shot
	for _, x := range []struct {
		what  string
		block []byte
		want  []string
	}{
		{"stored blocks", stored, []string{"1000", "1007"}},
		{"final blocks", []byte{3, 0}, []string{"1008"}},
		{"blocks with codes of their own", emptyDynamic(), []string{"1000", "1007"}},
	} {
		b := bytes.Repeat(x.block, emptyBlocks/len(x.block))
		frames := append(compressedFrames(codec.OpText, append(b, 0), wholly), closeFrame(1000, ""))
		shots = append(shots, shot{what: x.what, frames: script(frames...), fields: deflate, want: x.want})
	}
	return shots
}

// emptyDynamic returns eight blocks that bring Huffman codes and no output (RFC 1951 §3.2.7),
// in whole bytes.
func emptyDynamic() []byte {
	var w bitWriter
	for range 8 {
		w.write(0, 1)  // not the last
		w.write(2, 2)  // codes of its own
		w.write(0, 5)  // 257 literals
		w.write(0, 5)  // one distance
		w.write(14, 4) // 18 lengths of the codes for lengths
		for i := range 18 {
			length := uint64(0)
			if i == 2 || i == 17 { // a run of zeros is 1, a length of one bit 0
				length = 1
			}
			w.write(length, 3)
		}
		w.write(1, 1) // 138 zeros
		w.write(138-11, 7)
		w.write(1, 1) // 118 zeros
		w.write(118-11, 7)
		w.write(0, 1) // the end of the block takes one bit
		w.write(0, 1) // the distance, too
		w.write(0, 1) // the end of the block
	}
	return w.b
}

// A bitWriter writes bits, the lowest first.
type bitWriter struct {
	b []byte
	n int
}

func (w *bitWriter) write(v uint64, bits int) {
	for i := range bits {
		if w.n%8 == 0 {
			w.b = append(w.b, 0)
		}
		w.b[w.n/8] |= byte(v>>i&1) << (w.n % 8)
		w.n++
	}
}

func corruptShots() []shot {
	whole := bytes.TrimSuffix(deflated([]byte(strings.Repeat("a deflate stream that is cut ", 4)+"at each of its bytes")), []byte{0, 0, 0xFF, 0xFF})
	var shots []shot
	add := func(what string, zipped []byte, want ...string) {
		frames := append(compressedFrames(codec.OpText, zipped, wholly), closeFrame(1000, ""))
		shots = append(shots, shot{what: what, frames: script(frames...), fields: deflate, want: want})
	}
	for n := 1; n < len(whole); n++ {
		add(fmt.Sprintf("cut at %d", n), whole[:n], "1007", "1000")
	}
	add("a block of type 3", []byte{7}, "1007")
	add("a stored block of a false length", []byte{0, 5, 0, 0, 0, 'h'}, "1007")
	add("a distance before the start", []byte{0x03, 0x02}, "1007")
	var w bitWriter
	w.write(0, 1)
	w.write(1, 2)
	w.write(0x40, 7) // a match of 3 …
	w.write(0x1E, 5) // … at a distance that is none
	add("a distance that is none", w.b, "1007")
	for b := range 256 {
		add(fmt.Sprintf("noise %d", b), bytes.Repeat([]byte{byte(b), 0x5A, byte(b * 7)}, 50), "1007", "1000", "1002", "1009")
	}
	return shots
}
