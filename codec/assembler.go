package codec

import "math"

// An Assembler turns the spans of one direction into chunks of messages. It
// checks what one frame cannot show: the order of fragments (RFC 6455 §5.4), the
// size and the fragment count of a message, UTF-8 (§8.1) and what a close frame
// says (§5.5.1). Control frames may come between the fragments of a message.
//
// The exported fields are set before the first call of Push and then left alone.
type Assembler struct {
	// Deflate reports whether permessage-deflate was agreed: RSV1 then marks a
	// compressed message. Without it a lenient assembler ignores RSV1.
	Deflate bool
	// MaxMessage is the largest message, in bytes. If zero, there is no limit.
	// For a compressed message it bounds the compressed size, with room for
	// data that deflate cannot shrink; whoever inflates it bounds the rest.
	MaxMessage uint64
	// MaxFragments is the largest number of frames of a message. If zero,
	// there is no limit.
	MaxFragments int
	// Report makes the assembler lenient, as it does a Decoder. If nil, the
	// assembler is strict.
	Report func(*Violation)

	open       Opcode // of the message in progress; OpContinuation is none
	compressed bool
	skip       bool // the message in progress was abandoned
	orphan     bool // the frame in progress belongs to no message
	started    bool // the message in progress has yielded a chunk
	checkText  bool
	size       uint64
	frames     int
	text       UTF8
	closed     bool
	control    []byte // of a control frame that came in several spans
	err        error  // sticky
}

// A Chunk is a piece of a message or a whole control frame.
type Chunk struct {
	// Opcode is that of the message, never OpContinuation, or of the control
	// frame.
	Opcode Opcode
	// Compressed marks a message under permessage-deflate: Data is a piece of
	// its compressed form, and its UTF-8 is not yet checked.
	Compressed bool
	// Data borrows the span's data or, for a control frame in several spans,
	// the assembler's own buffer: it is valid until the next call of Push. Of a
	// control frame it holds at most MaxControlPayload bytes; what a lenient
	// decoder lets through beyond them is cut off.
	Data []byte
	// First and Last mark the ends of the message. A First without a Last
	// before it says that the message before was abandoned.
	First, Last bool
}

// Push takes the next span and reports whether it yields a chunk: a control frame
// that is not complete, a reserved opcode and a dropped frame yield none.
//
// A strict assembler returns the first *Violation, and from then on only that. A
// lenient one returns no error.
func (a *Assembler) Push(s Span) (c Chunk, ok bool, err error) {
	ok, err = a.push(&s, &c)
	return c, ok, err
}

// push is Push into *c, which is zero.
func (a *Assembler) push(s *Span, c *Chunk) (ok bool, err error) {
	if a.err != nil {
		return false, a.err
	}
	if s.Header.Opcode.Control() || s.Header.Opcode.Reserved() {
		ok, err = a.pushControl(s, c)
	} else {
		ok, err = a.pushData(s, c)
	}
	a.err = err
	return ok, err
}

// Open reports whether a message is in progress: begun and not yet complete.
func (a *Assembler) Open() bool { return a.open != OpContinuation }

func (a *Assembler) pushData(s *Span, c *Chunk) (ok bool, err error) {
	if s.First {
		if err := a.begin(&s.Header); err != nil {
			return false, err
		}
	}
	last := s.Last && s.Header.Fin
	if a.orphan {
		a.orphan = !s.Last
		return false, nil
	}
	if a.skip {
		if last {
			a.open = OpContinuation
		}
		return false, nil
	}
	if a.checkText && (!a.text.Write(s.Data) || last && !a.text.Complete()) {
		a.checkText = false
		if err := a.report(ErrInvalidUTF8); err != nil {
			return false, err
		}
	}
	*c = Chunk{Opcode: a.open, Compressed: a.compressed, Data: s.Data, First: !a.started, Last: last}
	a.started = true
	if last {
		a.open = OpContinuation
	}
	return true, nil
}

// begin takes the header of a data frame.
func (a *Assembler) begin(h *Header) error {
	if err := a.afterClose(); err != nil {
		return err
	}
	if h.Opcode == OpContinuation {
		if a.open == OpContinuation {
			a.orphan = true
			return a.report(ErrUnexpectedContinuation)
		}
		a.frames++
	} else {
		if a.open != OpContinuation {
			if err := a.report(ErrInterruptedMessage); err != nil {
				return err
			}
		}
		a.open, a.compressed = h.Opcode, a.Deflate && h.RSV&RSV1 != 0
		a.size, a.frames = 0, 1
		a.skip, a.started = false, false
		a.text, a.checkText = UTF8{}, h.Opcode == OpText && !a.compressed
	}
	if a.skip {
		return nil
	}
	return a.limit(h)
}

// limit checks the message's size and its number of frames from the header alone.
func (a *Assembler) limit(h *Header) error {
	if limit := a.MaxMessage; limit > 0 {
		if room := limit>>8 + 64; a.compressed && limit <= math.MaxUint64-room {
			limit += room
		}
		if h.Length > limit-a.size {
			a.skip = true
			return a.report(ErrMessageTooBig)
		}
		a.size += h.Length
	}
	if a.MaxFragments > 0 && a.frames > a.MaxFragments {
		a.skip = true
		return a.report(ErrTooManyFragments)
	}
	return nil
}

// pushControl takes a span of a frame that belongs to no message: a control frame
// or one with a reserved opcode.
func (a *Assembler) pushControl(s *Span, c *Chunk) (ok bool, err error) {
	if s.First {
		a.control = a.control[:0]
		if !s.Header.Opcode.Control() {
			if err := a.afterClose(); err != nil {
				return false, err
			}
		}
	}
	if s.Header.Opcode.Reserved() {
		return false, nil
	}
	// Only a lenient decoder lets a longer one through.
	data := s.Data[:min(len(s.Data), MaxControlPayload-len(a.control))]
	if !s.First || !s.Last {
		a.control = append(a.control, data...)
		data = a.control
	}
	if !s.Last {
		return false, nil
	}
	if s.Header.Opcode == OpClose {
		a.closed = true
		cut := s.Header.Length > MaxControlPayload
		if err := checkClose(data, cut, a.report); err != nil {
			return false, err
		}
	}
	*c = Chunk{Opcode: s.Header.Opcode, Data: data, First: true, Last: true}
	return true, nil
}

// afterClose applies the rule for data frames after a close frame. Control frames
// may follow one: a ping that crosses it is answered (§5.5.2).
func (a *Assembler) afterClose() error {
	if !a.closed {
		return nil
	}
	return a.report(ErrFrameAfterClose)
}

// report returns v where assembling must stop.
func (a *Assembler) report(v *Violation) error {
	if a.Report == nil {
		return v
	}
	a.Report(v)
	return nil
}
