package trace

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"
	"unicode/utf8"

	"wskit/codec"
	"wskit/internal/term"
)

// A Writer writes events as JSON Lines: one object a line, each in one call of
// Write, so that a file that was cut is valid up to its last whole line. Its
// methods must not be called at the same time.
type Writer struct {
	// NoPayload leaves out what frames carry, and the text of messages.
	NoPayload bool
	// MaxBytes is the largest part of a content that is written, in bytes; what is
	// left out counts as truncated. If zero, there is no limit.
	MaxBytes int
	// ShowSecrets keeps the secrets of the handshake, which are else redacted.
	ShowSecrets bool

	w   io.Writer
	buf bytes.Buffer
	out []byte
}

// NewWriter returns a Writer to w.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w} }

// Write writes e.
func (w *Writer) Write(e Event) error {
	w.buf.Reset()
	enc := json.NewEncoder(&w.buf)
	enc.SetEscapeHTML(false)
	kind, record := w.record(e)
	if err := enc.Encode(record); err != nil {
		return fmt.Errorf("encode %s event: %w", kind, err)
	}
	w.out = append(w.out[:0], `{"v":`...)
	w.out = strconv.AppendInt(w.out, Version, 10)
	w.out = append(w.out, `,"kind":"`...)
	w.out = append(w.out, kind...)
	w.out = append(w.out, `",`...)
	w.out = term.AppendJSONSafe(w.out, w.buf.Bytes()[1:])
	if _, err := w.w.Write(w.out); err != nil {
		return fmt.Errorf("write %s event: %w", kind, err)
	}
	return nil
}

// record returns the kind of e and what is encoded for it.
func (w *Writer) record(e Event) (kind string, record any) {
	switch e := e.(type) {
	case *Open:
		if !w.ShowSecrets {
			e = e.Redacted()
		}
		return "open", e
	case *Frame:
		return "frame", newFrameRecord(e.cut(w.MaxBytes), w.NoPayload)
	case *Message:
		return "message", newMessageRecord(e.cut(w.MaxBytes), w.NoPayload)
	case *Problem:
		return "problem", newProblemRecord(e, w.ShowSecrets)
	case *Close:
		return "close", e
	case *Stats:
		return "stats", e
	}
	panic(fmt.Sprintf("trace: unknown event %T", e))
}

// cut returns f with no more than max bytes of content. If zero, there is no limit.
func (f *Frame) cut(max int) *Frame {
	if max == 0 {
		return f
	}
	c := content{data: f.Payload, truncated: f.Truncated, op: f.Header.Opcode}.cut(max)
	short := *f
	short.Payload, short.Truncated = c.data, c.truncated
	if f.Message != nil {
		short.Message = f.Message.cut(max)
	}
	return &short
}

// cut is Frame.cut for a message.
func (m *Message) cut(max int) *Message {
	if max == 0 {
		return m
	}
	c := newContent(m).cut(max)
	short := *m
	short.Data, short.Truncated = c.data, c.truncated
	return &short
}

// frameRecord is a Frame as JSON has it.
type frameRecord struct {
	*Base
	From       string           `json:"from"`
	N          int              `json:"n"`
	Fin        bool             `json:"fin"`
	RSV        uint8            `json:"rsv"`
	Compressed bool             `json:"compressed"`
	Opcode     codec.Opcode     `json:"opcode"`
	OpcodeName string           `json:"opcode_name"`
	Mask       bool             `json:"mask"`
	MaskingKey string           `json:"masking_key,omitempty"`
	Length     uint64           `json:"payload_length"`
	LengthForm codec.LengthForm `json:"length_form"`
	HeaderHex  string           `json:"header_hex"`
	WireBytes  uint64           `json:"wire_bytes"`
	Msg        int              `json:"msg,omitempty"`
	Incomplete bool             `json:"incomplete,omitempty"`
	Close      *CloseFrame      `json:"close,omitempty"`
	Answers    int              `json:"answers,omitempty"`
	RTT        *Millis          `json:"rtt_ms,omitempty"`
	Size       *uint64          `json:"size,omitempty"`
	Text       *string          `json:"text,omitempty"`
	Payload    *string          `json:"payload,omitempty"`
	Encoding   string           `json:"encoding,omitempty"`
	Truncated  uint64           `json:"truncated,omitempty"`
}

func newFrameRecord(f *Frame, noPayload bool) frameRecord {
	h := f.Header
	r := frameRecord{
		Base: &f.Base, From: f.From.String(), N: f.N,
		Fin: h.Fin, RSV: h.RSV, Compressed: f.Compressed,
		Opcode: h.Opcode, OpcodeName: h.Opcode.String(), Mask: h.Masked,
		Length: h.Length, LengthForm: h.Form, HeaderHex: fmt.Sprintf("%x", codec.AppendHeader(nil, h)),
		WireBytes: f.WireBytes(), Msg: f.Msg, Incomplete: f.Incomplete, Close: f.Close,
	}
	if h.Masked {
		r.MaskingKey = fmt.Sprintf("%x", h.Key[:])
	}
	if f.Answers != 0 {
		r.Answers, r.RTT = f.Answers, &f.RTT
	}
	switch {
	case f.Message != nil:
		r.Size = &f.Message.Size
	case h.Opcode.Control() && !f.Incomplete:
		r.Size = &h.Length
	}
	if noPayload {
		return r
	}
	if f.Message != nil {
		r.Text = f.Message.text()
	}
	payload, encoding := f.payload()
	r.Payload, r.Encoding, r.Truncated = &payload, encoding, f.Truncated
	return r
}

// WireBytes returns how many bytes of the frame came, its header included.
func (f *Frame) WireBytes() uint64 {
	n := uint64(len(f.Payload)) + f.Truncated
	return n + uint64(f.Header.Size())
}

// payload returns the payload as a record has it: as text or, for a binary frame
// and for what is no UTF-8, in base64.
func (f *Frame) payload() (payload, encoding string) {
	if f.Header.Opcode != codec.OpBinary && utf8.Valid(f.Payload) {
		return string(f.Payload), "utf8"
	}
	return base64.StdEncoding.EncodeToString(f.Payload), "base64"
}

// messageRecord is a Message as JSON has it.
type messageRecord struct {
	*Base
	From       string       `json:"from"`
	Msg        int          `json:"msg"`
	Opcode     codec.Opcode `json:"opcode"`
	OpcodeName string       `json:"opcode_name"`
	Size       uint64       `json:"size"`
	Frames     frameNumbers `json:"frames"`
	Compressed *uint64      `json:"compressed_bytes,omitempty"`
	Duration   Millis       `json:"duration_ms"`
	Reliable   bool         `json:"reliable"`
	Text       *string      `json:"text,omitempty"`
	Data       *string      `json:"data,omitempty"`
	Truncated  uint64       `json:"truncated,omitempty"`
}

// frameNumbers are the N of frames.
type frameNumbers []int

func newMessageRecord(m *Message, noPayload bool) messageRecord {
	r := messageRecord{
		Base: &m.Base, From: m.From.String(), Msg: m.Msg, Opcode: m.Opcode, OpcodeName: m.Opcode.String(),
		Size: m.Size, Frames: m.Frames, Duration: m.Duration, Reliable: m.Reliable,
	}
	if m.Compressed {
		r.Compressed = &m.Wire
	}
	if noPayload {
		return r
	}
	r.Truncated = m.Truncated
	if r.Text = m.text(); r.Text == nil {
		data := base64.StdEncoding.EncodeToString(m.Data)
		r.Data = &data
	}
	return r
}

// text returns the message as text, nil when it is none: a binary one, or one that
// is not UTF-8.
func (m *Message) text() *string {
	if m.Opcode != codec.OpText || !utf8.Valid(m.Data) {
		return nil
	}
	s := string(m.Data)
	return &s
}

// problemRecord is a Problem as JSON has it.
type problemRecord struct {
	*Base
	From     string   `json:"from"`
	Code     string   `json:"code"`
	Severity Severity `json:"severity"`
	RFC      string   `json:"rfc,omitempty"`
	Frame    int      `json:"frame,omitempty"`
	Text     string   `json:"text"`
	Hint     string   `json:"hint,omitempty"`
}

func newProblemRecord(p *Problem, showSecrets bool) problemRecord {
	return problemRecord{
		Base: &p.Base, From: p.From.String(), Code: p.Code, Severity: p.Severity,
		RFC: p.RFC, Frame: p.Frame, Text: p.sentence(showSecrets), Hint: p.Hint,
	}
}

// MarshalJSON encodes t as seconds since 1970.
func (t Time) MarshalJSON() ([]byte, error) { return appendMicros(nil, t.UnixMicro(), 6), nil }

// MarshalJSON encodes s as seconds.
func (s Seconds) MarshalJSON() ([]byte, error) {
	return appendMicros(nil, time.Duration(s).Microseconds(), 6), nil
}

// MarshalJSON encodes m as milliseconds.
func (m Millis) MarshalJSON() ([]byte, error) {
	return appendMicros(nil, time.Duration(m).Microseconds(), 3), nil
}

// appendMicros appends n with its last digits, 3 or 6, after the point.
func appendMicros(dst []byte, n int64, digits int) []byte {
	if n < 0 {
		dst, n = append(dst, '-'), -n
	}
	unit := int64(1000)
	if digits == 6 {
		unit *= 1000
	}
	dst = strconv.AppendInt(dst, n/unit, 10)
	return fmt.Appendf(dst, ".%0*d", digits, n%unit)
}
