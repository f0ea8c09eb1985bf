package trace

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"wskit/codec"
)

// decoders return the event of a record, by its kind.
var decoders = map[string]func(line []byte) (Event, error){
	"open":    decode((*Open).complete),
	"frame":   decode(frameRecord.event),
	"message": decode(messageRecord.event),
	"problem": decode(problemRecord.event),
	"close":   decode((*Close).complete),
	"stats":   decode((*Stats).complete),
}

// decode returns what decodes a record and makes an event of it.
func decode[R any](event func(R) (Event, error)) func(line []byte) (Event, error) {
	return func(line []byte) (Event, error) {
		var record R
		if err := json.Unmarshal(line, &record); err != nil {
			return nil, err
		}
		return event(record)
	}
}

// A checker keeps the first thing that is wrong with a record.
type checker struct{ err error }

// want says what is wrong with a field unless ok is set.
func (c *checker) want(ok bool, field, format string, args ...any) {
	if !ok && c.err == nil {
		c.err = wrong(field, format, args...)
	}
}

// wrong returns the error of a field.
func wrong(field, format string, args ...any) error {
	return &FormatError{Field: field, Err: fmt.Errorf(format, args...)}
}

// atLeast wants a number of at least low.
func (c *checker) atLeast(low int, field string, n int) {
	c.want(n >= low, field, "%d, want at least %d", n, low)
}

// base wants what all records have.
func (c *checker) base(b *Base) *Base {
	if b == nil {
		b = new(Base)
	}
	c.atLeast(1, "conn", b.Conn)
	return b
}

// word wants one of some words.
func (c *checker) word(field, got string, words ...string) {
	c.want(slices.Contains(words, got), field, "%.20q, want one of %q", got, words)
}

// role wants the name of a role.
func (c *checker) role(from string) codec.Role {
	c.word("from", from, codec.RoleClient.String(), codec.RoleServer.String())
	if from == codec.RoleClient.String() {
		return codec.RoleClient
	}
	return codec.RoleServer
}

// opcode wants four bits.
func (c *checker) opcode(op codec.Opcode) codec.Opcode {
	c.want(op <= 0xF, "opcode", "%d, want at most 15", uint8(op))
	return op & 0xF
}

// base64 wants base64.
func (c *checker) base64(field, s string) []byte {
	b, err := base64.StdEncoding.DecodeString(s)
	c.want(err == nil, field, "no base64: %v", err)
	return b
}

// event returns the event of a record, unless something is wrong with it.
func (c *checker) event(e Event) (Event, error) {
	if c.err != nil {
		return nil, c.err
	}
	return e, nil
}

// complete checks o, and adds what follows from its fields.
func (o *Open) complete() (Event, error) {
	var c checker
	c.base(&o.Base)
	c.word("role", o.Role, "client", "server", "observer")
	if o.Extensions != nil {
		o.Deflate = o.Extensions.deflate()
	}
	return c.event(o)
}

// deflate returns permessage-deflate as it was agreed or, by a server that had no
// right to it, is claimed.
func (x *Extensions) deflate() *codec.Deflate {
	agreed := codecExtensions(x.Agreed)
	if d, err := codec.CheckDeflate(codecExtensions(x.Offered), agreed); err == nil {
		return d
	}
	offer := []codec.Extension{codec.OfferDeflate(codec.DeflateConfig{})} // to which any answer is right
	for _, e := range agreed {
		if e.Name != codec.DeflateName {
			continue
		}
		if d, err := codec.CheckDeflate(offer, []codec.Extension{e}); err == nil {
			return d
		}
	}
	return nil
}

func codecExtensions(list []Extension) []codec.Extension {
	out := make([]codec.Extension, len(list))
	for i, e := range list {
		out[i].Name = e.Name
		for _, p := range e.Params {
			out[i].Params = append(out[i].Params, codec.Param{Name: p[0], Value: p[1], HasValue: p[1] != ""})
		}
	}
	return out
}

// event returns the frame of a record.
func (r frameRecord) event() (Event, error) {
	var c checker
	f := &Frame{
		Base: *c.base(r.Base), From: c.role(r.From), N: r.N, Header: r.header(&c), Compressed: r.Compressed,
		Msg: r.Msg, Incomplete: r.Incomplete, Close: r.Close, Answers: r.Answers,
	}
	c.atLeast(1, "n", r.N)
	c.atLeast(0, "msg", r.Msg)
	c.atLeast(0, "answers", r.Answers)
	if r.RTT != nil && r.Answers != 0 {
		f.RTT = *r.RTT
	}
	f.Payload, f.Truncated = r.payload(&c, f.Header)
	if f.Close != nil {
		c.want(f.Header.Opcode == codec.OpClose && !f.Incomplete, "close", "it takes a whole frame with the opcode %d", uint8(codec.OpClose))
		f.Close.complete()
		f.Close.Empty = r.Length < 2
		if f.Truncated == 0 {
			f.Close = NewCloseFrame(f.Payload) // whose reason may be no UTF-8
		}
	}
	if r.Size != nil && !f.Header.Opcode.Control() {
		f.Message = r.message(&c, f)
	}
	return c.event(f)
}

// header returns the frame's header.
func (r *frameRecord) header(c *checker) codec.Header {
	h := codec.Header{Fin: r.Fin, RSV: r.RSV, Opcode: c.opcode(r.Opcode), Masked: r.Mask, Form: r.LengthForm, Length: r.Length}
	c.want(r.RSV <= 7, "rsv", "%d, want at most 7", r.RSV)
	c.want(r.Mask || r.MaskingKey == "", "masking_key", "the frame is not masked")
	if r.Mask {
		key, err := hex.DecodeString(r.MaskingKey)
		c.want(err == nil && len(key) == len(h.Key), "masking_key", "%.20q, want 8 hex digits", r.MaskingKey)
		copy(h.Key[:], key)
	}
	longest := map[codec.LengthForm]uint64{7: 125, 16: math.MaxUint16, 64: math.MaxUint64}
	limit, ok := longest[r.LengthForm]
	c.want(ok, "length_form", "%d, want 7, 16 or 64", r.LengthForm)
	c.want(!ok || r.Length <= limit, "payload_length", "%d, want at most %d in %d bits", r.Length, limit, r.LengthForm)
	return h
}

// payload returns what was kept of the payload of a frame, and how much was not.
func (r *frameRecord) payload(c *checker, h codec.Header) (payload []byte, truncated uint64) {
	came := r.Length
	if r.Payload == nil {
		if r.Incomplete {
			size := uint64(h.Size())
			c.want(r.WireBytes >= size && r.WireBytes-size <= r.Length, "wire_bytes", "%d, want %d for the header and at most the payload", r.WireBytes, size)
			came = r.WireBytes - size
		}
		return nil, came
	}
	switch r.Encoding {
	case "utf8":
		payload = []byte(*r.Payload)
	case "base64":
		payload = c.base64("payload", *r.Payload)
	default:
		c.word("encoding", r.Encoding, "utf8", "base64")
	}
	n := uint64(len(payload))
	c.want(n <= came && r.Truncated <= came-n, "payload_length", "%d, want at least the %d of payload and the %d truncated", came, n, r.Truncated)
	c.want(r.Incomplete || n+r.Truncated == came, "payload", "%d bytes and %d truncated, want %d", n, r.Truncated, came)
	if n == 0 {
		payload = nil
	}
	return payload, r.Truncated
}

// message returns as much as the record of a frame says of the message that it
// completes.
func (r *frameRecord) message(c *checker, f *Frame) *Message {
	m := &Message{Base: f.Base, From: f.From, Msg: f.Msg, Opcode: f.Header.Opcode, Size: *r.Size, Compressed: f.Compressed, Reliable: true}
	if m.Wire = m.Size; m.Compressed {
		m.Wire = f.Header.Length
	}
	if f.Header.Opcode == codec.OpContinuation {
		m.Opcode = codec.OpBinary
	}
	switch {
	case r.Text != nil:
		m.Opcode, m.Data = codec.OpText, []byte(*r.Text)
	case f.Header.Opcode.Data() && !f.Compressed:
		m.Data = f.Payload
	}
	m.complete(c)
	return m
}

// complete makes what is missing of the message's content truncated.
func (m *Message) complete(c *checker) {
	n := uint64(len(m.Data))
	c.want(n <= m.Size, "size", "%d, want at least the %d of the content", m.Size, n)
	m.Truncated = m.Size - n
	switch {
	case m.Size == 0:
		m.Data = nil
	case m.Data == nil:
		m.Data = []byte{} // nil is for what could not be inflated
	}
}

// UnmarshalJSON decodes a list that is not too long.
func (l *frameNumbers) UnmarshalJSON(b []byte) error {
	if bytes.Count(b, []byte(",")) >= maxFrames {
		return &json.UnmarshalTypeError{Value: fmt.Sprintf("more than %d numbers", maxFrames)}
	}
	return json.Unmarshal(b, (*[]int)(l))
}

// event returns the message of a record.
func (r messageRecord) event() (Event, error) {
	var c checker
	m := &Message{
		Base: *c.base(r.Base), From: c.role(r.From), Msg: r.Msg, Opcode: c.opcode(r.Opcode), Size: r.Size,
		Frames: r.Frames, Duration: r.Duration, Reliable: r.Reliable,
	}
	c.atLeast(1, "msg", r.Msg)
	for _, n := range r.Frames {
		c.atLeast(1, "frames", n)
	}
	if m.Wire = m.Size; r.Compressed != nil {
		m.Compressed, m.Wire = true, *r.Compressed
	}
	switch {
	case r.Text != nil:
		m.Data = []byte(*r.Text)
	case r.Data != nil:
		m.Data = c.base64("data", *r.Data)
	}
	c.want(r.Text == nil || r.Data == nil, "data", "the message has a text too")
	m.complete(&c)
	c.want(r.Text == nil && r.Data == nil || m.Truncated == r.Truncated, "size",
		"%d, want the %d of the content and the %d truncated", r.Size, len(m.Data), r.Truncated)
	return c.event(m)
}

// event returns the problem of a record. Its text may have the detail behind it.
func (r problemRecord) event() (Event, error) {
	var c checker
	p := &Problem{
		Base: *c.base(r.Base), From: c.role(r.From), Code: r.Code, Severity: r.Severity,
		RFC: r.RFC, Frame: r.Frame, Text: r.Text, Hint: r.Hint,
	}
	c.want(r.Code != "", "code", "it is empty")
	c.word("severity", string(r.Severity), string(Error), string(Warning), string(Note))
	c.atLeast(0, "frame", r.Frame)
	if known := rules[r.Code].text; known != "" {
		if detail, ok := strings.CutPrefix(r.Text, known+": "); ok {
			p.Text, p.Detail = known, detail
		}
	}
	return c.event(p)
}

// complete checks e, and adds what follows from its fields.
func (e *Close) complete() (Event, error) {
	var c checker
	c.base(&e.Base)
	c.word("by", e.By, "client", "server", "both", "unknown")
	c.word("how", string(e.How), string(HowClose), string(HowFIN), string(HowRST), string(HowTimeout), string(HowError))
	e.Client.complete()
	e.Server.complete()
	return c.event(e)
}

// complete adds what follows from the code.
func (f *CloseFrame) complete() {
	if f != nil {
		f.Name, f.Empty = f.Code.Name(), f.Code == codec.CloseNoStatus
	}
}

func (s *Stats) complete() (Event, error) {
	var c checker
	c.base(&s.Base)
	return c.event(s)
}

// UnmarshalJSON decodes seconds since 1970. Null leaves t as it is.
func (t *Time) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	micros, err := parseMicros(b, 6)
	t.Time = time.UnixMicro(micros)
	return err
}

// UnmarshalJSON decodes seconds.
func (s *Seconds) UnmarshalJSON(b []byte) error {
	micros, err := parseMicros(b, 6)
	*s = Seconds(micros) * Seconds(time.Microsecond)
	return err
}

// UnmarshalJSON decodes milliseconds.
func (m *Millis) UnmarshalJSON(b []byte) error {
	micros, err := parseMicros(b, 3)
	*m = Millis(micros) * Millis(time.Microsecond)
	return err
}

// maxMicros is the largest number of microseconds that a time.Duration holds.
const maxMicros = math.MaxInt64 / int64(time.Microsecond)

// parseMicros is the inverse of appendMicros: it reads a number with its last
// digits, 3 or 6, after the point. Null is zero.
func parseMicros(b []byte, digits int) (int64, error) {
	s := string(b)
	if s == "null" {
		return 0, nil
	}
	whole, fraction, _ := strings.Cut(s, ".")
	n := int64(0)
	var err error
	if len(fraction) <= digits && !strings.ContainsAny(s, "eE") {
		n, err = strconv.ParseInt(whole+fraction+strings.Repeat("0", digits-len(fraction)), 10, 64)
	} else {
		// Somebody else wrote it: to the nearest that a float64 can tell.
		var x float64
		x, err = strconv.ParseFloat(s, 64)
		x = math.RoundToEven(x * math.Pow10(digits))
		if math.Abs(x) > float64(maxMicros) {
			err = strconv.ErrRange
		} else {
			n = int64(x)
		}
	}
	if err != nil || n > maxMicros || n < -maxMicros {
		return 0, &json.UnmarshalTypeError{Value: fmt.Sprintf("%.30s", s)}
	}
	return n, nil
}
