package codec

import (
	"fmt"

	"github.com/klauspost/compress/flate"
)

// The compression levels of a Compressor.
const (
	MinLevel     = 1
	MaxLevel     = 9
	DefaultLevel = 6
)

// How a flate.Writer works, as far as it matters here: below lazyLevel it takes
// blocks of at most storeBlock bytes. When a flush leaves it less than matchBlock,
// it looks for no repetition and forgets its history.
const (
	lazyLevel  = 7
	storeBlock = 65535
	matchBlock = 128
)

// A Window is the plaintext history of one direction of one connection: what a
// compressed message may refer to under context takeover (RFC 7692 §7.1.1). Both
// ends keep one. It grows with what was sent, up to the size of the LZ77 window that
// was agreed.
//
// A nil *Window is the window of a direction without context takeover: it stays
// empty. A Window must not be copied.
type Window struct {
	buf  []byte
	size int
	// changes counts the calls that changed buf. A Compressor knows by it
	// whether it still holds this history itself.
	changes uint64
}

// NewWindow returns an empty window of 2^bits bytes. Bits is 8 to 15, and is taken
// as the nearest of these. If zero, it is 15.
func NewWindow(bits int) *Window {
	return &Window{size: 1 << min(max(windowBits(bits), MinWindowBits), MaxWindowBits)}
}

// Add appends the plaintext of a compressed message to the history. Compressor and
// Decompressor do it for the messages that they see; it is called for one that was
// compressed elsewhere and sent as it was. A message that goes uncompressed is no
// part of the history.
func (w *Window) Add(plain []byte) {
	if w == nil || len(plain) == 0 {
		return
	}
	w.changes++
	plain = plain[max(0, len(plain)-w.size):]
	if over := len(w.buf) + len(plain) - w.size; over > 0 {
		w.buf = w.buf[:copy(w.buf, w.buf[over:])]
	}
	if need := len(w.buf) + len(plain); need > cap(w.buf) {
		grown := make([]byte, len(w.buf), min(max(need, 2*cap(w.buf)), w.size))
		copy(grown, w.buf)
		w.buf = grown
	}
	w.buf = append(w.buf, plain...)
}

// Len returns the number of bytes that w holds.
func (w *Window) Len() int { return len(w.bytes()) }

// bytes returns the history, oldest byte first, until the next call of Add.
func (w *Window) bytes() []byte {
	if w == nil {
		return nil
	}
	return w.buf
}

// deflateTail ends what a flush writes. It is no part of a compressed message (RFC
// 7692 §7.2.1).
const deflateTail = "\x00\x00\xff\xff"

// A Compressor compresses messages for permessage-deflate (RFC 7692 §7.2.1). It
// takes about 1 MB and is made to serve many connections in turn from a pool: what
// a connection must keep is in its Window.
//
// It is not for use by two goroutines at once.
type Compressor struct {
	w   *flate.Writer
	out sink
	// keeps is the size of the smallest block behind which w still holds its
	// history.
	keeps int

	// last is the window whose history w still holds, as it was after that
	// many changes. The next message of the same connection then needs no
	// priming, which costs more than compressing a short message.
	last    *Window
	changes uint64
}

// A sink gathers what a flate.Writer writes.
type sink struct{ b []byte }

func (s *sink) Write(p []byte) (int, error) {
	s.b = append(s.b, p...)
	return len(p), nil
}

// NewCompressor returns a compressor whose messages never refer further back than
// 2^bits bytes. Level is 1 (fast) to 9 (small); if zero, DefaultLevel. Bits is 8
// to 15; if zero, 15.
//
// Smaller windows than 15 bits are kept by an algorithm that compresses like level
// 5 whatever the level. It, and the levels up to 6, look for no repetition in a
// message of less than 128 bytes. Levels 7 to 9 do, but clear 640 KB for each
// message whose history they do not hold yet.
func NewCompressor(level, bits int) (*Compressor, error) {
	cfg := DeflateConfig{Level: level, ServerMaxWindowBits: bits}
	err := cfg.Validate()
	if err != nil {
		return nil, fmt.Errorf("create compressor: %w", err)
	}
	if level == 0 {
		level = DefaultLevel
	}
	c := &Compressor{keeps: matchBlock}
	if bits = windowBits(bits); bits < MaxWindowBits {
		c.w, err = flate.NewWriterWindow(&c.out, 1<<bits)
		return c, err
	}
	if level >= lazyLevel {
		c.keeps = 0
	}
	c.w, err = flate.NewWriter(&c.out, level)
	return c, err
}

// Append appends the compressed form of msg to dst, and msg to the history w. What
// it returns must be sent, or the two ends of w differ. Under a nil w the message
// stands alone, so that every receiver of a broadcast can be sent the same bytes.
//
// Append allocates nothing when dst has room. An error is of the compressor, which
// is then of no further use, and leaves dst and w as they were.
func (c *Compressor) Append(dst []byte, w *Window, msg []byte) ([]byte, error) {
	if w == nil || c.last != w || c.changes != w.changes {
		c.prime(w.bytes(), len(msg))
	}
	c.last = nil
	c.out.b = dst
	_, err := c.w.Write(msg)
	if err == nil {
		err = c.w.Flush()
	}
	out := c.out.b
	c.out.b = nil
	if err != nil {
		return dst, fmt.Errorf("compress message: %w", err)
	}
	w.Add(msg)
	if w != nil && len(msg)%storeBlock >= c.keeps {
		c.last, c.changes = w, w.changes
	}
	return out[:len(out)-len(deflateTail)], nil
}

// prime makes c begin anew behind history, for a message of size bytes. It takes
// the newest part of the history only: with all of it, priming at level 6 costs ten
// times what compressing 1 KiB does, for 3 to 9 % less output.
func (c *Compressor) prime(history []byte, size int) {
	history = history[max(0, len(history)-8<<10-4*size):]
	// Not by Reset, even for no history: it would take the dictionary before.
	c.w.ResetDict(&c.out, history)
}
