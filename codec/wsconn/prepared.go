package wsconn

import (
	"sync"
	"sync/atomic"

	"wskit/codec"
)

// A Prepared is a message for many connections. It is encoded once for all that send
// it alike: as a server, and uncompressed, or compressed with the same level and
// window. Any number of goroutines may use it.
type Prepared struct {
	op codec.Opcode
	// data is the payload of plain.
	data  []byte
	plain preparedForm
	// forms are those that are compressed, the last one first.
	forms atomic.Pointer[preparedForm]
}

// A preparedForm is the frame of a message as some connections send it.
type preparedForm struct {
	frame      []byte
	compressed bool

	// once is for frame, of a form that is made for this level and window.
	once        sync.Once
	level, bits int
	next        *preparedForm
}

// NewPrepared prepares a message, text or binary, whose data it copies. The data of a
// text message must be valid UTF-8, which is not checked.
func NewPrepared(op codec.Opcode, data []byte) *Prepared {
	h := codec.Header{Fin: true, Opcode: op, Length: uint64(len(data))}
	p := &Prepared{op: op}
	p.plain.frame = encodeFrame(h, data)
	p.data = p.plain.frame[len(p.plain.frame)-len(data):]
	return p
}

// encodeFrame returns a frame as a server sends it, in memory of its own.
func encodeFrame(h codec.Header, payload []byte) []byte {
	frame := make([]byte, 0, h.Size()+len(payload))
	return append(codec.AppendHeader(frame, h), payload...)
}

// WritePrepared is WriteMessage for a message that many connections are sent. It
// costs little more than the write, and no memory, unless the connection is a
// client's, whose masks are its own, or has a FragmentSize: then it is WriteMessage.
func (c *Conn) WritePrepared(p *Prepared) error {
	if !p.op.Data() {
		return ErrOpcode
	}
	if !c.lockMessage() {
		return c.Err()
	}
	defer c.message.unlock()
	return c.sendPrepared(p)
}

// sendPrepared is WritePrepared for the holder of the message lock.
func (c *Conn) sendPrepared(p *Prepared) error {
	f := c.formOf(p)
	if f == nil {
		return c.sendMessage(p.op, p.data)
	}
	if err := c.beginWrite(); err != nil {
		return err
	}
	defer c.endWrite()
	c.queueMu.Lock()
	out := c.takeDue(0)
	c.countPrepared(p, f)
	c.queueMu.Unlock()
	defer func() { putBuffer(out) }()
	switch {
	case len(out.b) == 0:
		return c.transmit(f.frame)
	case len(f.frame) > queueSize:
		return c.transmitBoth(out.b, f.frame)
	}
	out = out.grow(len(f.frame), 0)
	out.b = append(out.b, f.frame...)
	return c.transmit(out.b)
}

// countPrepared accounts for a message that is sent in form f, for the holder of
// queueMu. What is compressed without a context becomes part of it all the same.
func (c *Conn) countPrepared(p *Prepared, f *preparedForm) {
	if f.compressed {
		c.deflater.history.Add(p.data)
	}
	c.countFrame(true)
}

// formOf returns p as c sends it, or nil if c must encode it by itself. The first who
// asks for a form makes it, and others wait for that.
func (c *Conn) formOf(p *Prepared) *preparedForm {
	d := c.deflater
	switch {
	case c.role == codec.RoleClient || c.fragmentSize > 0:
		return nil
	case d == nil || len(p.data) < d.min:
		return &p.plain
	}
	f := p.form(d.level, d.bits)
	f.once.Do(func() { f.make(p) })
	return f
}

// form returns the form for a level and a window, which may have to be made.
func (p *Prepared) form(level, bits int) *preparedForm {
	var mine *preparedForm
	for {
		first := p.forms.Load()
		for f := first; f != nil; f = f.next {
			if f.level == level && f.bits == bits {
				return f
			}
		}
		if mine == nil {
			mine = &preparedForm{level: level, bits: bits}
		}
		mine.next = first
		if p.forms.CompareAndSwap(first, mine) {
			return mine
		}
	}
}

// make compresses p without a context. What does not become smaller stays as it is.
func (f *preparedForm) make(p *Prepared) {
	f.frame = p.plain.frame
	pool := &compressors[f.level][f.bits]
	comp, _ := pool.Get().(*codec.Compressor)
	if comp == nil {
		var err error
		if comp, err = codec.NewCompressor(f.level, f.bits); err != nil {
			return
		}
	}
	scratch := getBuffer(len(p.data) + deflateOverhead(len(p.data)))
	defer func() { putBuffer(scratch) }()
	b, err := comp.Append(scratch.b, nil, p.data)
	if err != nil {
		return
	}
	pool.Put(comp)
	scratch.b = b
	if len(b) < len(p.data) {
		h := codec.Header{Fin: true, RSV: codec.RSV1, Opcode: p.op, Length: uint64(len(b))}
		f.frame, f.compressed = encodeFrame(h, b), true
	}
}
