package inspect

import (
	"fmt"

	"wskit/codec"
	"wskit/internal/trace"
)

// detail adds to the problems that were found in a header what the header has.
func (d *direction) detail(h codec.Header) {
	for _, p := range d.problems {
		switch p.Code {
		case codec.ErrReservedBits.Code:
			p.Detail = fmt.Sprintf("RSV is %03b", h.RSV)
		case codec.ErrReservedOpcode.Code:
			p.Detail = fmt.Sprintf("0x%X", uint8(h.Opcode))
		case codec.ErrRSV1WithoutDeflate.Code:
			p.Detail = d.a.handshake.deflateOffer()
		case codec.ErrLongControl.Code, codec.ErrFrameTooBig.Code:
			p.Detail = "it has " + trace.FormatBytes(h.Length)
		case codec.ErrNonMinimalLength.Code:
			p.Detail = fmt.Sprintf("%d in %d bits", h.Length, h.Form)
		}
	}
}

// deflateOffer says what the handshake has to do with compression.
func (h *handshake) deflateOffer() string {
	if h.request != nil {
		for _, e := range h.request.Extensions {
			if e.Name == codec.DeflateName {
				return "the client offered it, the server did not accept"
			}
		}
	}
	return "the client did not offer it"
}

// suspect notes what is legal and suspicious in a frame that begins.
func (d *direction) suspect(h codec.Header) {
	if h.Masked {
		switch {
		case h.Key == codec.MaskKey{}:
			d.note(trace.ZeroMaskKey)
		case h.Key == d.key:
			d.note(trace.RepeatedMaskKey)
		}
		d.key = h.Key
	}
	switch {
	case h.Opcode.Control():
		if d.message != nil && d.message.compressed {
			d.note(trace.PingInCompressed)
		}
	case h.Length == 0 && (h.Opcode.Data() && !h.Fin || h.Opcode == codec.OpContinuation && d.message != nil):
		d.note(trace.EmptyFragment)
	}
}

// note notes a problem of the frame in progress, the first time only.
func (d *direction) note(code string) {
	if !d.noted[code] {
		d.noted[code] = true
		d.report(code, "")
	}
}

// endInside says that the stream ended inside a frame.
func (d *direction) endInside() {
	if d.frame == nil {
		d.a.problem(d.at, d.newProblem(trace.TruncatedFrame, "in its header, after "+trace.FormatBytes(uint64(len(d.buf)))))
		return
	}
	came := d.frame.Header.Length - d.dec.Missing()
	if d.frame.Msg == 0 {
		d.lost += came
	}
	d.frame.Incomplete = true
	d.report(trace.TruncatedFrame, fmt.Sprintf("%d of %s came", came, trace.FormatBytes(d.frame.Header.Length)))
	d.finish(d.at)
}
