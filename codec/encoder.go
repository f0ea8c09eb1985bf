package codec

// An Encoder appends frames and messages to a buffer as one role sends them: a
// client masks, a server does not (RFC 6455 §5.1).
type Encoder struct {
	// Role is the role of who sends.
	Role Role
	// Key returns the masking key of the next frame, unpredictable for the
	// peer (§5.3). A client needs it.
	Key func() MaskKey
}

// AppendFrame appends one frame with h's Fin, RSV and Opcode and the given
// payload, which is copied and left as it is. Mask, key and length are the
// encoder's.
func (e *Encoder) AppendFrame(dst []byte, h Header, payload []byte) []byte {
	return e.append(dst, h.firstByte(), payload)
}

func (e *Encoder) append(dst []byte, first byte, payload []byte) []byte {
	length := uint64(len(payload))
	if e.Role != RoleClient {
		dst = appendLength(dst, first, 0, minimalForm(length), length)
		return append(dst, payload...)
	}
	key := e.Key()
	dst = appendLength(dst, first, maskBit, minimalForm(length), length)
	dst = append(dst, key[:]...)
	start := len(dst)
	dst = append(dst, payload...)
	Mask(key, 0, dst[start:])
	return dst
}

// AppendHeader appends the header of a frame whose payload of h.Length bytes the
// caller writes. It returns h as written: when it is Masked, the caller masks the
// payload with its Key.
func (e *Encoder) AppendHeader(dst []byte, h Header) ([]byte, Header) {
	h.Masked, h.Key, h.Form = false, MaskKey{}, h.form()
	if e.Role == RoleClient {
		h.Masked, h.Key = true, e.Key()
	}
	return h.append(dst), h
}

// AppendMessage appends a message of frames of at most fragment bytes, or of one
// frame when fragment is zero. Compressed sets RSV1 on the first frame and says
// that payload is already deflated (RFC 7692 §6.1).
func (e *Encoder) AppendMessage(dst []byte, op Opcode, compressed bool, payload []byte, fragment int) []byte {
	first := byte(op & 0xF)
	if compressed {
		first |= RSV1 << 4
	}
	for fragment > 0 && len(payload) > fragment {
		dst = e.append(dst, first, payload[:fragment])
		payload = payload[fragment:]
		first = byte(OpContinuation)
	}
	return e.append(dst, finBit|first, payload)
}

// AppendControl appends a control frame. A payload longer than MaxControlPayload
// is cut.
func (e *Encoder) AppendControl(dst []byte, op Opcode, payload []byte) []byte {
	return e.AppendFrame(dst, Header{Fin: true, Opcode: op}, payload[:min(len(payload), MaxControlPayload)])
}
