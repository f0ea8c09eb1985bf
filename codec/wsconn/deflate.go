package wsconn

import (
	"math"
	"sync"

	"wskit/codec"
)

// The pools of compressors, for each level and window, and of decompressors: they
// are large, so that connections take one for a message only. What a connection
// must keep between messages is in its history and its window.
var (
	compressors   [codec.MaxLevel + 1][codec.MaxWindowBits + 1]sync.Pool
	decompressors = sync.Pool{New: func() any { return codec.NewDecompressor() }}
)

// A deflater compresses what is sent. It is guarded by queueMu, for messages are
// compressed in the order in which they are sent.
type deflater struct {
	level, bits, min int
	history          *codec.History
}

// An inflater belongs to the reading goroutine.
type inflater struct {
	window *codec.Window
	limit  int
	// last is the size of the last message, from which the next buffer's is
	// guessed.
	last int
}

func newDeflater(cfg *Config) *deflater {
	d := &deflater{
		level:   codec.DefaultLevel,
		bits:    cfg.Deflate.WindowBits(cfg.Role),
		min:     codec.DefaultMinSize,
		history: cfg.Deflate.NewHistory(cfg.Role),
	}
	if l := cfg.CompressLevel; l != 0 {
		d.level = min(max(l, codec.MinLevel), codec.MaxLevel)
	}
	if n := cfg.CompressMin; n != 0 {
		d.min = max(n, 0)
	}
	return d
}

func newInflater(cfg *Config) *inflater {
	return &inflater{
		window: cfg.Deflate.NewWindow(cfg.Role.Peer()),
		limit:  int(min(limit(cfg.MaxMessage, DefaultMaxMessage), math.MaxInt)),
	}
}

// Deflate returns what was agreed on compression, nil for none. It must not be
// changed.
func (c *Conn) Deflate() *codec.Deflate { return c.deflate }

// deflateOverhead bounds the bytes that deflate adds to n bytes that it cannot
// shrink: a header for each stored block, and those of a flush.
func deflateOverhead(n int) int { return n>>10 + 64 }

// compress returns what to send as the payload of a message, for the holder of
// queueMu. If that is compressed it is in a buffer, for the caller to give back;
// else the buffer is nil and payload is data.
func (c *Conn) compress(data []byte) (payload []byte, scratch *buffer) {
	if d := c.deflater; d == nil || len(data) < d.min {
		return data, nil
	}
	return c.compressAny(data, false)
}

// compressAny is compress for a message of any size, on a connection that has a
// deflater. Always says to keep what has become larger.
func (c *Conn) compressAny(data []byte, always bool) (payload []byte, scratch *buffer) {
	d := c.deflater
	pool := &compressors[d.level][d.bits]
	comp, _ := pool.Get().(*codec.Compressor)
	if comp == nil {
		var err error
		if comp, err = codec.NewCompressor(d.level, d.bits); err != nil {
			return data, nil
		}
	}
	scratch = getBuffer(len(data) + deflateOverhead(len(data)))
	b, err := comp.Append(scratch.b, d.history, data)
	scratch.b = b
	if err == nil {
		pool.Put(comp)
	}
	// Without a history nothing obliges to send what has not become smaller.
	if err != nil || !always && d.history == nil && len(b) >= len(data) {
		putBuffer(scratch)
		return data, nil
	}
	return b, scratch
}

// inflateMessage inflates a message into msg, where data may be.
func (c *Conn) inflateMessage(data []byte) ([]byte, error) {
	d := c.inflater
	size := max(d.last, 2*len(data))
	if d.limit > 0 {
		size = min(size, d.limit)
	}
	out := getBuffer(size)
	decomp := decompressors.Get().(*codec.Decompressor)
	b, err := decomp.Append(out.b, d.window, data, d.limit)
	decompressors.Put(decomp)
	out.b = b
	d.last = len(b)
	putBuffer(c.msg)
	c.msg = out
	return b, err
}
