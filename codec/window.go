package codec

// A tail is the end of a stream of plaintext, at most size bytes of it.
type tail struct {
	buf  []byte
	size int
}

// add appends plain and returns how many bytes are no longer kept, of those that
// were and of plain. It takes memory as the stream grows.
func (t *tail) add(plain []byte) (dropped int) {
	if len(plain) == 0 {
		return 0
	}
	dropped = max(0, len(t.buf)+len(plain)-t.size)
	plain = plain[max(0, len(plain)-t.size):]
	if over := len(t.buf) + len(plain) - t.size; over > 0 {
		t.buf = t.buf[:copy(t.buf, t.buf[over:])]
	}
	if need := len(t.buf) + len(plain); need > cap(t.buf) {
		grown := make([]byte, len(t.buf), min(max(need, 2*cap(t.buf)), t.size))
		copy(grown, t.buf)
		t.buf = grown
	}
	t.buf = append(t.buf, plain...)
	return dropped
}

// A Window is what the receiver of one direction of one connection keeps under context
// takeover: the plaintext that a compressed message may refer to (RFC 7692 §7.1.1). It
// grows with what was received, up to the size of the LZ77 window that was agreed.
//
// A nil *Window is the window of a direction without context takeover: it stays
// empty. A Window must not be copied.
type Window struct{ tail }

// NewWindow returns an empty window of 2^bits bytes. Bits is 8 to 15, and is taken
// as the nearest of these. If zero, it is 15.
func NewWindow(bits int) *Window { return &Window{tail{size: windowSize(bits)}} }

func windowSize(bits int) int {
	return 1 << min(max(windowBits(bits), MinWindowBits), MaxWindowBits)
}

// Add appends the plaintext of a compressed message. Decompressor does it for the
// messages that it sees. A message that goes uncompressed is no part of the window.
func (w *Window) Add(plain []byte) {
	if w != nil {
		w.add(plain)
	}
}

// Len returns the number of bytes that w holds.
func (w *Window) Len() int { return len(w.bytes()) }

// bytes returns the plaintext, oldest byte first, until the next call of Add.
func (w *Window) bytes() []byte {
	if w == nil {
		return nil
	}
	return w.buf
}

// historySize bounds a History, in bytes. A sender need not use the window that was
// agreed. With all 32 KiB of it messages of JSON become 2 to 7 % smaller, and each
// connection takes 48 KiB more.
const historySize = 8 << 10

// A History is what the sender of one direction of one connection keeps under context
// takeover: the plaintext that its next message refers to (RFC 7692 §7.1.1), and an
// index of it. It grows with what was sent, to 16 KiB, or less for a window of less
// than 13 bits.
//
// A nil *History is that of a direction without context takeover: it stays empty. A
// History must not be copied.
type History struct {
	tail
	table []uint32 // of a matcher; nil until the first message is compressed
	base  uint16   // the place of the first byte in it
	noted int      // how many bytes it knows
}

// NewHistory returns an empty history for a window of 2^bits bytes. Bits is 8 to 15,
// and is taken as the nearest of these. If zero, it is 15.
func NewHistory(bits int) *History {
	return &History{tail: tail{size: min(historySize, windowSize(bits))}}
}

// Add appends the plaintext of a compressed message. Compressor does it for the
// messages that it sees; it is called for one that was compressed elsewhere and sent
// as it was. A message that goes uncompressed is no part of the history.
func (h *History) Add(plain []byte) {
	if h != nil {
		dropped := h.add(plain)
		h.base += uint16(dropped)
		h.noted = max(0, h.noted-dropped)
	}
}

// Len returns the number of bytes of plaintext that h holds.
func (h *History) Len() int { return len(h.bytes()) }

// bytes returns the plaintext, oldest byte first, until the next call of Add.
func (h *History) bytes() []byte {
	if h == nil {
		return nil
	}
	return h.buf
}
