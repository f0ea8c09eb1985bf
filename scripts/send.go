package scripts

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/dop251/goja"

	"wskit/codec"
	"wskit/codec/wsconn"
)

// sent judges what became of something to send. On a socket that has ended it is
// dropped without a word, as browsers do.
func (s *socket) sent(err error) goja.Value {
	if errors.Is(err, wsconn.ErrOutboxFull) || errors.Is(err, wsconn.ErrNoCompression) || errors.Is(err, wsconn.ErrControlTooLong) {
		panic(s.e.newNamedError("Error", err.Error()))
	}
	return goja.Undefined()
}

func (s *socket) jsSend(c goja.FunctionCall) goja.Value {
	op, data := s.e.payload(c.Argument(0))
	o := s.e.options(c.Argument(1), "send", "fragment", "delay", "compress")
	if o == nil {
		return s.sent(s.out.Send(op, data))
	}
	var with wsconn.SendOptions
	fragment, _, err := countOf(o, "fragment", 1, math.MaxInt32)
	s.e.must(err)
	with.Fragment = int(fragment)
	with.Pause, _, err = durationOf(o, "delay")
	s.e.must(err)
	if v := property(o, "compress"); v != nil {
		with.Compress = wsconn.CompressNever
		if v.ToBoolean() {
			with.Compress = wsconn.CompressAlways
		}
	}
	if with.Compress == wsconn.CompressAlways && s.conn.Deflate() == nil {
		panic(s.e.newNamedError("Error", wsconn.ErrNoCompression.Error()))
	}
	return s.sent(s.out.Do(len(data), func(c *wsconn.Conn) error { return c.WriteMessageWith(op, data, with) }))
}

func (s *socket) jsClose(c goja.FunctionCall) goja.Value {
	code := codec.CloseNormal
	if v := c.Argument(0); !goja.IsUndefined(v) {
		n := v.ToInteger()
		if !goja.IsNumber(v) {
			panic(s.e.vm.NewTypeError("close takes a code, which is a number, and then a reason"))
		}
		if n < 0 || n > 4999 || !codec.CloseCode(n).Sendable() {
			panic(s.e.vm.NewTypeError(fmt.Sprintf("the close code %d must not be sent; ws.raw.frame sends any", n)))
		}
		code = codec.CloseCode(n)
	}
	reason := ""
	if v := c.Argument(1); !goja.IsUndefined(v) {
		reason = v.String()
	}
	if len(reason) > codec.MaxCloseReason {
		panic(s.e.vm.NewTypeError(fmt.Sprintf("a close reason has at most %d bytes", codec.MaxCloseReason)))
	}
	s.close(code, reason)
	return goja.Undefined()
}

// terminateWait is how long what was sent before terminate may take to go out.
const terminateWait = 100 * time.Millisecond

// jsTerminate resets the connection behind what was sent, which the outbox may still
// hold, as far as the peer takes that.
func (s *socket) jsTerminate(goja.FunctionCall) goja.Value {
	if s.state == stateOpen || s.state == stateClosing {
		s.state = stateClosing
		s.after(terminateWait, func() error { s.conn.Abort(); return nil })
		if s.out.Do(0, func(c *wsconn.Conn) error { c.Abort(); return nil }) != nil {
			s.conn.Abort()
		}
	}
	return goja.Undefined()
}

func (s *socket) sendControl(write func(*wsconn.Conn, []byte) error, c goja.FunctionCall) goja.Value {
	var data []byte
	if v := c.Argument(0); !goja.IsUndefined(v) {
		_, data = s.e.payload(v)
	}
	if len(data) > codec.MaxControlPayload {
		return s.sent(wsconn.ErrControlTooLong)
	}
	return s.sent(s.out.Do(len(data), func(c *wsconn.Conn) error { return write(c, data) }))
}

func (s *socket) jsRawFrame(c goja.FunctionCall) goja.Value {
	names := []string{"fin", "rsv", "opcode", "mask", "payload"}
	o := s.e.options(c.Argument(0), "raw.frame", names...)
	if o == nil {
		panic(s.e.vm.NewTypeError("raw.frame takes { " + strings.Join(names, ", ") + " }"))
	}
	h := codec.Header{Fin: true, Opcode: codec.OpText, Masked: s.request.client}
	var data []byte
	if v := property(o, "payload"); v != nil {
		h.Opcode, data = s.e.payload(v)
	}
	if v := property(o, "fin"); v != nil {
		h.Fin = v.ToBoolean()
	}
	rsv, _, err := countOf(o, "rsv", 0, 7)
	s.e.must(err)
	h.RSV = uint8(rsv)
	opcode, given, err := countOf(o, "opcode", 0, 15)
	s.e.must(err)
	if given {
		h.Opcode = codec.Opcode(opcode)
	}
	if v := property(o, "mask"); v != nil {
		h.Masked = v.ToBoolean()
	}
	h.Length = uint64(len(data))
	if h.Masked {
		h.Key = newKey()
		codec.Mask(h.Key, 0, data)
	}
	frame := append(codec.AppendHeader(nil, h), data...)
	return s.sent(s.out.Do(len(frame), func(c *wsconn.Conn) error { return c.WriteRaw(frame) }))
}

func (s *socket) jsRawWrite(c goja.FunctionCall) goja.Value {
	_, data := s.e.payload(c.Argument(0))
	return s.sent(s.out.Do(len(data), func(c *wsconn.Conn) error { return c.WriteRaw(data) }))
}
