package inspect

import (
	"bytes"
	"time"

	"wskit/codec"
	"wskit/internal/trace"
)

// phase says what the bytes of a direction are.
type phase uint8

const (
	phaseHead   phase = iota // of a request or response
	phaseWait                // the client's, while the response is not there
	phaseFrames              // of the WebSocket
	phaseOther               // of something else, such as the body of a refusal
	phaseLost                // nobody knows where the next frame begins
)

// A direction is what one side sends.
type direction struct {
	a     *Analyser
	from  codec.Role
	phase phase
	buf   []byte // bytes that are not decoded yet: a part of a head or header
	heads codec.HeadParser

	dec      codec.Decoder
	asm      codec.Assembler
	frame    *trace.Frame // the one in progress
	control  []byte       // its payload, if it is a control frame that is whole
	problems []*trace.Problem
	message  *message // the one in progress, nil for none
	inflate  inflate

	at     time.Time         // of its last byte
	pings  []ping            // of this side that have no answer yet
	close  *trace.CloseFrame // the first one
	key    codec.MaskKey     // of the last masked frame, zero before the first
	noted  map[string]bool   // the notes that are made once
	middle bool              // the bytes began inside a message, for all we know
	lost   uint64            // bytes that are no part of a whole message
	ended  bool
	stats  stats
}

type ping struct {
	n    int
	data []byte
	at   time.Time
}

func newDirection(a *Analyser, from codec.Role) *direction {
	d := &direction{a: a, from: from, noted: make(map[string]bool)}
	d.heads = codec.HeadParser{MaxBytes: maxHead, MaxFields: maxHeadFields, Report: a.faults(from)}
	return d
}

// data takes the next bytes.
func (d *direction) data(at time.Time, b []byte) {
	d.at = at
	for len(b) > 0 {
		switch d.phase {
		case phaseHead:
			if d.from == codec.RoleClient && d.a.handshake.began.IsZero() {
				d.a.handshake.began = at
			}
			h, rest, ok := d.takeHead(b)
			if !ok {
				return
			}
			b = rest
			if d.from == codec.RoleClient {
				d.a.takeRequest(h)
			} else {
				d.a.takeResponse(h, at)
			}
		case phaseWait:
			d.wait(b)
			return
		case phaseFrames:
			n := min(len(b), chunkSize)
			d.decode(at, b[:n])
			b = b[n:]
		case phaseOther:
			return
		case phaseLost:
			d.lost += uint64(len(b))
			return
		}
	}
}

// wait keeps what a client sends before it has the response.
func (d *direction) wait(b []byte) {
	if len(d.buf) == 0 {
		d.a.fault(d.from, trace.DataBeforeHandshake, "")
	}
	if len(d.buf)+len(b) > maxHead {
		d.lose(uint64(len(d.buf) + len(b)))
		return
	}
	d.buf = append(d.buf, b...)
}

// lose gives the direction up, with n bytes that cannot be read.
func (d *direction) lose(n uint64) {
	d.phase = phaseLost
	d.lost += n
	d.buf = nil
}

// start begins the part after the handshake.
func (d *direction) start(ready bool) {
	if d.phase == phaseLost {
		return
	}
	if !ready {
		d.phase = phaseOther
		return
	}
	d.phase = phaseFrames
	deflate := d.a.handshake.agreed.Deflate
	d.dec = codec.Decoder{Role: d.from.Peer(), Deflate: deflate != nil, Report: d.find}
	d.asm = codec.Assembler{
		Deflate: deflate != nil, MaxMessage: uint64(max(0, d.a.cfg.MaxMessage)), MaxFragments: maxFragments,
		Report: d.find,
	}
	if deflate != nil {
		d.inflate.takeover, d.inflate.window = deflate.Takeover(d.from), deflate.NewWindow(d.from)
	}
}

// decode takes bytes of frames.
func (d *direction) decode(at time.Time, b []byte) {
	d.buf = append(d.buf, b...)
	rest := d.buf
	for {
		s, n, err := d.dec.Next(rest)
		if err == codec.ErrShort {
			break
		}
		rest = rest[n:]
		if s.First {
			d.begin(at, s.Header)
		}
		if err != nil { // the stream is lost
			d.frame.Incomplete = true
			d.finish(at)
			d.lose(uint64(len(rest)))
			return
		}
		d.take(at, s)
	}
	d.buf = append(d.buf[:0], rest...)
}

// find notes a violation of the frame in progress.
func (d *direction) find(v *codec.Violation) {
	if v == codec.ErrUnexpectedContinuation && d.middle {
		return
	}
	d.report(v.Code, "")
}

// report notes a problem of the frame in progress.
func (d *direction) report(code, detail string) {
	d.problems = append(d.problems, d.newProblem(code, detail))
}

func (d *direction) newProblem(code, detail string) *trace.Problem {
	return trace.NewProblem(code, d.from, detail)
}

// begin takes the header of a frame. What the decoder has found wrong with it is in
// problems already.
func (d *direction) begin(at time.Time, h codec.Header) {
	d.frame = &trace.Frame{From: d.from, Header: h, Compressed: d.dec.Deflate && h.Opcode.Data() && h.RSV&codec.RSV1 != 0}
	d.control = nil
	d.detail(h)
	d.suspect(h)
	switch {
	case h.Opcode.Data():
		d.middle = false
		d.abandon()
		d.a.msg++
		d.message = &message{n: d.a.msg, opcode: h.Opcode, compressed: d.frame.Compressed, began: at}
		d.frame.Msg = d.message.n
	case h.Opcode == codec.OpContinuation && d.message != nil:
		d.frame.Msg = d.message.n
	}
}

// take takes a piece of the frame in progress.
func (d *direction) take(at time.Time, s codec.Span) {
	f := d.frame
	f.Payload, f.Truncated = d.a.keep(f.Payload, f.Truncated, s.Data)
	c, ok, _ := d.asm.Push(s) // a lenient assembler returns no error
	switch {
	case ok && c.Opcode.Control():
		d.control = bytes.Clone(c.Data)
	case ok:
		d.message.add(d.a, f, c)
	case f.Msg != 0:
		d.message.skip()
	}
	if s.Last {
		d.finish(at)
	}
}

// keep appends b to what is kept of a payload, as far as the limit allows.
func (a *Analyser) keep(kept []byte, truncated uint64, b []byte) ([]byte, uint64) {
	n := len(b)
	if a.cfg.MaxPayload > 0 {
		n = min(n, a.cfg.MaxPayload-len(kept))
	}
	return append(kept, b[:n]...), truncated + uint64(len(b)-n)
}

// finish emits the frame in progress with its problems and, if it is the last one of
// a message, the message.
func (d *direction) finish(at time.Time) {
	f := d.frame
	d.frame = nil
	d.a.frame++
	f.N = d.a.frame
	var m *trace.Message
	switch {
	case f.Msg != 0:
		if !d.message.skipped {
			d.message.frames = append(d.message.frames, f.N)
		}
		if f.Header.Fin && !f.Incomplete {
			m = d.complete(at, f)
		}
	case f.Incomplete:
	case f.Header.Opcode == codec.OpPing:
		d.pings = append(d.pings, ping{f.N, d.control, at})
		d.pings = d.pings[max(0, len(d.pings)-maxPings):]
	case f.Header.Opcode == codec.OpPong:
		d.answer(at, f)
	case f.Header.Opcode == codec.OpClose:
		d.takeClose(at, f)
	}
	d.middle = d.middle && (f.Header.Opcode != codec.OpContinuation || !f.Header.Fin)
	f.Message = m
	d.stats.frame(f)
	d.a.emit(f, at)
	for _, p := range d.problems {
		p.Frame = f.N
		d.a.problem(at, p)
	}
	d.problems = nil
	if m != nil {
		d.stats.message(m, at)
		d.a.emit(m, at)
	}
	d.a.ending.frame(at, f)
}

// answer finds the ping that a pong answers.
func (d *direction) answer(at time.Time, f *trace.Frame) {
	peer := d.a.dirs[d.from.Peer()]
	for i, p := range peer.pings {
		if bytes.Equal(p.data, d.control) {
			// Pongs come in the order of their pings, of which some may
			// be passed over (RFC 6455 §5.5.3).
			peer.pings = peer.pings[i+1:]
			f.Answers, f.RTT = p.n, trace.Millis(at.Sub(p.at))
			peer.stats.answered(at.Sub(p.at))
			return
		}
	}
	if len(d.control) > 0 {
		d.report(trace.UnsolicitedPong, "")
	}
}

// takeClose takes a close frame.
func (d *direction) takeClose(at time.Time, f *trace.Frame) {
	f.Close = trace.NewCloseFrame(d.control)
	if len(d.control) == 0 {
		d.report(trace.CloseWithoutCode, "")
	}
	if d.close == nil {
		d.close = f.Close
		d.a.ending.closeFrame(at, f)
	}
}

// end takes the end of the stream.
func (d *direction) end() {
	if d.ended {
		return
	}
	d.ended = true
	switch {
	case d.phase == phaseHead && len(d.buf) > 0:
		d.a.fault(d.from, trace.TruncatedHandshake, "after "+trace.FormatBytes(uint64(len(d.buf))))
		d.lost += uint64(len(d.buf))
	case d.phase == phaseWait, d.phase == phaseFrames && len(d.buf) > 0:
		d.lost += uint64(len(d.buf))
	}
	if d.phase == phaseFrames && (d.frame != nil || len(d.buf) > 0) {
		d.endInside()
	}
	d.abandon()
	d.phase, d.buf = phaseOther, nil
}
