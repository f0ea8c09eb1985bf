package codec

// A Decoder cuts the byte stream of one direction into spans and checks all rules
// that a single frame can break. It holds no payload: a frame of any size passes
// through a buffer of any size that holds a header.
//
// The exported fields are set before the first call of Next and then left alone.
type Decoder struct {
	// Role is the role of who receives the stream. A server wants masked
	// frames, a client unmasked ones (RFC 6455 §5.1).
	Role Role
	// Deflate reports whether permessage-deflate was agreed, which gives RSV1
	// a meaning (RFC 7692 §6).
	Deflate bool
	// MaxFrame is the largest payload of a data frame, in bytes. If zero, there
	// is no limit. It is checked on the header, before any payload arrives. A
	// control frame has its own limit, MaxControlPayload.
	MaxFrame uint64
	// Report makes the decoder lenient: it is called with each violation, and
	// decoding goes on as the violation's Recovery says. If nil, the decoder
	// is strict: the first violation is returned and stays.
	Report func(*Violation)

	header Header
	done   uint64 // payload bytes seen
	inside bool   // the payload is not complete
	err    error  // sticky
}

// A Span is a piece of a frame's payload.
type Span struct {
	Header Header
	// Offset is where Data begins within the payload.
	Offset uint64
	// Data is unmasked in place and borrowed from the slice given to Next. It
	// is empty for an empty payload, and in a first span whose payload has not
	// begun to arrive.
	Data []byte
	// First marks the frame's first span, which comes as soon as the header is
	// whole; Last the one that completes the payload.
	First, Last bool
}

// Next decodes one span from the start of b and reports the number of bytes n
// that it took: a header, payload or both. It returns ErrShort, and takes nothing,
// when b holds no whole header or is empty. Payload bytes in b are unmasked in
// place; those that were taken must not be given again.
//
// A strict decoder returns a *Violation together with the frame's header, and
// from then on only that violation. A lenient one returns it only when the stream
// is lost.
func (d *Decoder) Next(b []byte) (s Span, n int, err error) {
	n, err = d.next(b, &s)
	return s, n, err
}

// next is Next into *s, which is zero.
func (d *Decoder) next(b []byte, s *Span) (n int, err error) {
	switch {
	case d.err != nil:
		return 0, d.err
	case !d.inside:
		n, err = s.Header.parse(b)
		if err == ErrShort {
			s.Header = Header{}
			return 0, err
		}
		s.First = true
		if err = d.check(&s.Header, err); err != nil {
			d.header, d.done, d.inside, d.err = s.Header, 0, true, err
			return n, err
		}
	case len(b) == 0:
		return 0, ErrShort
	default:
		s.Header, s.Offset = d.header, d.done
	}
	s.Data = b[n:len(b):len(b)]
	left := s.Header.Length - s.Offset
	s.Last = uint64(len(s.Data)) >= left
	if s.Last {
		s.Data = s.Data[:left:left]
	} else {
		// What a frame in one span never needs is kept only here.
		d.header, d.done = s.Header, s.Offset+uint64(len(s.Data))
	}
	d.inside = !s.Last
	if s.Header.Masked {
		Mask(s.Header.Key, s.Offset, s.Data)
	}
	return n + len(s.Data), nil
}

// Inside reports whether the stream is inside a frame: between its first span and
// its last one. At the end of a stream it tells a truncated frame, and Missing how
// many bytes of its payload did not come.
func (d *Decoder) Inside() bool { return d.inside }

// Missing returns the number of payload bytes of the current frame that are still
// to come.
func (d *Decoder) Missing() uint64 {
	if !d.inside {
		return 0
	}
	return d.header.Length - d.done
}

// check applies the rules for one frame; lengthErr is what ParseHeader said.
func (d *Decoder) check(h *Header, lengthErr error) error {
	if h.RSV != 0 {
		if err := d.checkRSV(h); err != nil {
			return err
		}
	}
	if h.Opcode.Reserved() {
		if err := d.report(ErrReservedOpcode); err != nil {
			return err
		}
	}
	if h.Masked != (d.Role == RoleServer) {
		v := ErrUnmaskedClientFrame
		if h.Masked {
			v = ErrMaskedServerFrame
		}
		if err := d.report(v); err != nil {
			return err
		}
	}
	if h.Opcode.Control() {
		if err := d.checkControl(h); err != nil {
			return err
		}
	}
	if lengthErr != nil {
		if err := d.report(lengthErr.(*Violation)); err != nil {
			return err
		}
	}
	if d.MaxFrame > 0 && h.Length > d.MaxFrame && !h.Opcode.Control() {
		return d.report(ErrFrameTooBig)
	}
	return nil
}

func (d *Decoder) checkRSV(h *Header) error {
	if h.RSV&RSV1 != 0 {
		var v *Violation
		switch {
		case !d.Deflate:
			v = ErrRSV1WithoutDeflate
		case h.Opcode.Control():
			v = ErrRSV1OnControl
		case h.Opcode == OpContinuation:
			v = ErrRSV1OnContinuation
		}
		if v != nil {
			if err := d.report(v); err != nil {
				return err
			}
		}
	}
	if h.RSV&(RSV2|RSV3) != 0 {
		return d.report(ErrReservedBits)
	}
	return nil
}

func (d *Decoder) checkControl(h *Header) error {
	if !h.Fin {
		if err := d.report(ErrFragmentedControl); err != nil {
			return err
		}
	}
	if h.Length > MaxControlPayload {
		return d.report(ErrLongControl)
	}
	return nil
}

// report returns v where decoding must stop.
func (d *Decoder) report(v *Violation) error {
	if d.Report == nil {
		return v
	}
	d.Report(v)
	if v.Recovery == StreamLost {
		return v
	}
	return nil
}
