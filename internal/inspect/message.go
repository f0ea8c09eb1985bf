package inspect

import (
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"wskit/codec"
	"wskit/internal/trace"
)

// A message is one in progress.
type message struct {
	n          int
	opcode     codec.Opcode
	compressed bool
	began      time.Time
	frames     []int
	skipped    bool   // it is larger than a limit
	wire       uint64 // bytes of payload that came
	zipped     []byte // the compressed form, within the limits of the assembler
	data       []byte // what is kept of an uncompressed one
	truncated  uint64
}

// add takes a piece of the message, which is in the frame f.
func (m *message) add(a *Analyser, f *trace.Frame, c codec.Chunk) {
	m.wire += uint64(len(c.Data))
	switch {
	case c.Compressed:
		m.zipped = append(m.zipped, c.Data...)
	case f.Header.Fin && f.Header.Opcode.Data():
		// The frame is the message, and has kept it.
	default:
		m.data, m.truncated = a.keep(m.data, m.truncated, c.Data)
	}
}

// skip gives up what was kept.
func (m *message) skip() {
	m.skipped = true
	m.zipped, m.data, m.frames = nil, nil, nil
}

// inflate is the state of permessage-deflate in one direction.
type inflate struct {
	takeover bool
	window   *codec.Window
	// lost says that the window is no longer that of the sender: a message that
	// is part of it was not inflated.
	lost bool
}

// abandon gives up the message in progress, if there is one.
func (d *direction) abandon() {
	if d.message == nil {
		return
	}
	d.lost += d.message.wire
	d.inflate.miss(d.message.compressed)
	d.message = nil
}

// miss takes note of a message that will not be inflated.
func (i *inflate) miss(compressed bool) {
	if compressed && i.takeover {
		i.lost = true
	}
}

// complete returns the message that the frame f completes, nil when it was too
// large.
func (d *direction) complete(at time.Time, f *trace.Frame) *trace.Message {
	m := d.message
	d.message = nil
	if m.skipped {
		d.inflate.miss(m.compressed)
		return nil
	}
	e := &trace.Message{
		From: d.from, Msg: m.n, Opcode: m.opcode, Compressed: m.compressed, Wire: m.wire, Size: m.wire,
		Frames: m.frames, Duration: trace.Millis(at.Sub(m.began)), Reliable: true,
		Data: m.data, Truncated: m.truncated,
	}
	switch {
	case m.compressed:
		d.inflateMessage(e, m.zipped)
	case len(m.frames) == 1:
		e.Data, e.Truncated = f.Payload, f.Truncated
	}
	e.Data, e.Truncated = cutText(e.Opcode, e.Data, e.Truncated)
	if len(m.frames) == 1 && !m.compressed {
		f.Payload, f.Truncated = e.Data, e.Truncated
	}
	return e
}

// inflateMessage adds the content of a compressed message to e.
func (d *direction) inflateMessage(e *trace.Message, zipped []byte) {
	a, i := d.a, &d.inflate
	if a.inflater == nil {
		a.inflater = codec.NewDecompressor()
	}
	e.Reliable = !i.lost
	data, err := a.inflater.Append(nil, i.window, zipped, max(0, a.cfg.MaxMessage))
	var v *codec.Violation
	if errors.As(err, &v) {
		if !i.lost {
			d.report(v.Code, fmt.Sprintf("%s inflated to %s before it failed", trace.FormatBytes(e.Wire), trace.FormatBytes(uint64(len(data)))))
		}
		i.miss(true)
		e.Reliable, data = false, nil
	}
	e.Size = uint64(len(data))
	if e.Reliable && e.Opcode == codec.OpText && !utf8.Valid(data) {
		d.report(codec.ErrInvalidUTF8.Code, "")
	}
	e.Data, e.Truncated = data, 0
	if limit := a.cfg.MaxPayload; limit > 0 && len(data) > limit {
		// A copy, so that the rest is not kept with it.
		e.Data, e.Truncated = append([]byte(nil), data[:limit]...), uint64(len(data)-limit)
	}
}

// cutText takes from a text that was cut what is left of a character at its end.
func cutText(op codec.Opcode, b []byte, truncated uint64) ([]byte, uint64) {
	if op != codec.OpText || truncated == 0 {
		return b, truncated
	}
	for i := len(b) - 1; i >= 0 && i >= len(b)-utf8.UTFMax; i-- {
		if utf8.RuneStart(b[i]) {
			if !utf8.FullRune(b[i:]) {
				truncated += uint64(len(b) - i)
				b = b[:i]
			}
			break
		}
	}
	return b, truncated
}
