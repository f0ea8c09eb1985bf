package codec

import (
	"fmt"
	"math/bits"

	"github.com/klauspost/compress/flate"
)

// The compression levels of a Compressor.
const (
	MinLevel     = 1
	MaxLevel     = 9
	DefaultLevel = 6
)

const (
	// shortMessage is the size up to which a message is compressed by a matcher,
	// in bytes. Its table has some KiB, and a connection keeps it. Those of flate
	// have 1 MB, and are shared, so that flate looks through the history of 8 KiB
	// again for each message: four times the work of a message of 1 KiB, and as
	// much as one of 8 KiB. Of longer ones flate makes less.
	shortMessage = 8 << 10
	// lazyLevel is the first level that looks for a better match at the next byte.
	lazyLevel = 4
	// thoroughLevel is the first level that is worth more time for a few percent.
	thoroughLevel = 7
	// matchesBits is that of the largest table for messages that stand alone.
	matchesBits = 12
)

// deflateTail ends what a flush writes. It is no part of a compressed message (RFC
// 7692 §7.2.1).
const deflateTail = "\x00\x00\xff\xff"

// A Compressor compresses messages for permessage-deflate (RFC 7692 §7.2.1). It takes
// about 100 KB, and 1 MB more with the first message of more than 8 KiB, and is made
// to serve many connections in turn from a pool: what a connection must keep is in its
// History.
//
// It is not for use by two goroutines at once.
type Compressor struct {
	level, window int
	matcher       matcher
	block         block
	text          []byte // of the matcher
	matches       [1 << matchesBits]uint32

	flate *flate.Writer // for what is long; nil until there is some
	out   sink
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
// Messages up to 8 KiB are compressed alike at the levels 1 to 3, and at 4 to 6. The
// levels 7 to 9 take several times as long for a few percent less, but with smaller
// windows than 15 bits they are as level 6. Longer messages in these are compressed
// alike whatever the level.
func NewCompressor(level, bits int) (*Compressor, error) {
	cfg := DeflateConfig{Level: level, ServerMaxWindowBits: bits}
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("create compressor: %w", err)
	}
	if level == 0 {
		level = DefaultLevel
	}
	return &Compressor{level: level, window: windowSize(bits)}, nil
}

// Append appends the compressed form of msg to dst, and msg to the history h. What
// it returns must be sent, or the two ends differ. Under a nil h the message stands
// alone, so that every receiver of a broadcast can be sent the same bytes.
//
// Append allocates nothing when dst has room. An error is of the compressor, which
// is then of no further use, and leaves dst and h as they were.
func (c *Compressor) Append(dst []byte, h *History, msg []byte) ([]byte, error) {
	if len(msg) <= shortMessage && (c.level < thoroughLevel || c.window < 1<<MaxWindowBits) {
		return c.appendShort(dst, h, msg), nil
	}
	out, err := c.appendLong(dst, h, msg)
	if err != nil {
		return dst, fmt.Errorf("compress message: %w", err)
	}
	h.Add(msg)
	return out, nil
}

// appendShort is Append with the matcher.
func (c *Compressor) appendShort(dst []byte, h *History, msg []byte) []byte {
	w := bitWriter{b: dst}
	if len(msg) > 0 {
		c.findMatches(h, msg)
		c.block.write(&w, msg)
	}
	// The block of a flush is empty and not compressed. Its first three bits are
	// sent, and deflateTail is not.
	w.room(3)
	w.bits(0, 3)
	w.align()
	return w.b
}

// findMatches makes the tokens of msg, and adds it to h.
func (c *Compressor) findMatches(h *History, msg []byte) {
	history := h.bytes()
	c.text = append(append(append(c.text[:0], history...), msg...), make([]byte, padding)...)
	m := &c.matcher
	m.text, m.end = c.text, len(c.text)-padding
	m.farthest, m.lazy = c.window, c.level >= lazyLevel
	c.block.reset(len(msg))
	if h == nil {
		table := c.matches[:1<<min(bits.Len(uint(len(msg))), matchesBits)]
		clear(table)
		m.setTable(table, 0)
		m.tokens(&c.block, 0)
		return
	}
	if h.table == nil {
		h.table = make([]uint32, h.size/4)
	}
	m.setTable(h.table, h.base)
	m.enter(h.noted, len(history))
	h.noted = m.tokens(&c.block, len(history))
	h.Add(msg)
}

// appendLong appends the compressed form of msg with flate.
func (c *Compressor) appendLong(dst []byte, h *History, msg []byte) ([]byte, error) {
	if c.flate == nil {
		var err error
		if c.window < 1<<MaxWindowBits {
			c.flate, err = flate.NewWriterWindow(&c.out, c.window)
		} else {
			c.flate, err = flate.NewWriter(&c.out, c.level)
		}
		if err != nil {
			return nil, err
		}
	}
	// Not by Reset, even for no history: it would take the dictionary before.
	c.flate.ResetDict(&c.out, h.bytes())
	c.out.b = dst
	_, err := c.flate.Write(msg)
	if err == nil {
		err = c.flate.Flush()
	}
	out := c.out.b
	c.out.b = nil
	if err != nil {
		return nil, err
	}
	return out[:len(out)-len(deflateTail)], nil
}
