package scripts

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dop251/goja"

	"wskit/codec"
	"wskit/codec/wsconn"
	"wskit/internal/hub"
)

// listenerNames are the properties of a socket that take a function.
var listenerNames = []string{"onmessage", "onframe", "onclose", "onerror"}

// prototypes are the objects that the sockets of a script share.
type prototypes struct{ socket *goja.Object }

// value returns the socket as the script sees it.
func (s *socket) value() *goja.Object {
	if s.object == nil {
		s.object = s.e.vm.NewDynamicObject(s)
		s.object.SetPrototype(s.e.proto.socket)
	}
	return s.object
}

// Get returns a property; methods are found on the prototype.
func (s *socket) Get(key string) goja.Value {
	vm := s.e.vm
	switch key {
	case "readyState":
		return vm.ToValue(s.state)
	case "protocol":
		return vm.ToValue(s.conn.Subprotocol())
	case "extensions":
		return vm.ToValue(extensions(s.conn.Deflate()))
	case "bufferedAmount":
		return vm.ToValue(s.out.Size())
	case "binaryType":
		if s.binary == "" {
			return vm.ToValue("arraybuffer")
		}
		return vm.ToValue(s.binary)
	case "url":
		return vm.ToValue(s.request.url)
	case "request":
		if s.request.object == nil {
			s.request.object = s.request.value(s.e)
		}
		return s.request.object
	case "name":
		return vm.ToValue(s.name)
	case "autoPong":
		return vm.ToValue(!s.silent)
	case "data":
		if s.fields["data"] == nil {
			s.set("data", vm.NewObject())
		}
	}
	if v := s.fields[key]; v != nil {
		return v
	}
	if slices.Contains(listenerNames, key) {
		return goja.Null()
	}
	return nil
}

func (s *socket) set(key string, v goja.Value) {
	if s.fields == nil {
		s.fields = make(map[string]goja.Value)
	}
	s.fields[key] = v
}

// Set sets a property; what only the connection decides stays as it is.
func (s *socket) Set(key string, v goja.Value) bool {
	switch key {
	case "readyState", "protocol", "extensions", "bufferedAmount", "url", "request":
		return false
	case "name":
		s.name = v.String()
	case "binaryType":
		if kind := v.String(); kind != "arraybuffer" && kind != "uint8array" {
			panic(s.e.vm.NewTypeError("binaryType is 'arraybuffer' or 'uint8array', not " + kind))
		}
		s.binary = v.String()
	case "autoPong":
		s.silent = !v.ToBoolean()
		s.conn.SetAutoPong(!s.silent)
	case "onframe":
		s.setReading(func(in *inbox) { in.frames = v.ToBoolean() })
		fallthrough
	case "onmessage":
		s.set(key, v)
		s.e.post(s.flushBuffer)
	default:
		s.set(key, v)
	}
	return true
}

func (s *socket) Has(key string) bool { return s.Get(key) != nil }

// Delete removes what the script has set.
func (s *socket) Delete(key string) bool {
	delete(s.fields, key)
	return true
}

// Keys returns what people look for in a socket.
func (s *socket) Keys() []string { return []string{"url", "protocol", "readyState", "name", "data"} }

// extensions returns what was agreed as a header has it.
func extensions(d *codec.Deflate) string {
	if d == nil {
		return ""
	}
	return "permessage-deflate"
}

// A method is what a socket can do.
type method func(s *socket, c goja.FunctionCall) goja.Value

var methods = map[string]method{
	"send":      (*socket).jsSend,
	"close":     (*socket).jsClose,
	"terminate": (*socket).jsTerminate,
	"pause": func(s *socket, _ goja.FunctionCall) goja.Value {
		s.setReading(func(in *inbox) { in.paused = true })
		return goja.Undefined()
	},
	"resume": func(s *socket, _ goja.FunctionCall) goja.Value {
		s.setReading(func(in *inbox) { in.paused = false })
		return goja.Undefined()
	},
	"ping": func(s *socket, c goja.FunctionCall) goja.Value { return s.control((*wsconn.Conn).Ping, c) },
	"pong": func(s *socket, c goja.FunctionCall) goja.Value { return s.control((*wsconn.Conn).Pong, c) },
	"expect": func(s *socket, c goja.FunctionCall) goja.Value {
		return s.await(&wait{kind: forNext, pattern: s.e.newPattern(c.Argument(0))}, c.Argument(1))
	},
	"receive": func(s *socket, c goja.FunctionCall) goja.Value {
		return s.await(&wait{kind: forMatch, pattern: s.e.newPattern(c.Argument(0))}, c.Argument(1))
	},
	"closed": func(s *socket, c goja.FunctionCall) goja.Value {
		return s.await(&wait{kind: forClosed, codes: s.e.closeCodes(c.Argument(0))}, c.Argument(1))
	},
	"nextFrame": func(s *socket, c goja.FunctionCall) goja.Value {
		s.setReading(func(in *inbox) { in.frames = true })
		return s.await(&wait{kind: forFrame}, c.Argument(0))
	},
	"every": func(s *socket, c goja.FunctionCall) goja.Value {
		return s.e.startTimer(s, c.Argument(1), c.Argument(0), nil, true, true)
	},
	"addEventListener":    (*socket).jsAddListener,
	"removeEventListener": (*socket).jsRemoveListener,
	"subscribe":           (*socket).jsSubscribe,
	"unsubscribe":         (*socket).jsUnsubscribe,
	"publish":             (*socket).jsPublish,
}

// newPrototype returns the prototype of the sockets.
func (e *Engine) newPrototype() *goja.Object {
	proto := e.vm.NewObject()
	for name, f := range methods {
		proto.Set(name, func(c goja.FunctionCall) goja.Value { return f(e.this(c), c) })
	}
	for i, name := range []string{"CONNECTING", "OPEN", "CLOSING", "CLOSED"} {
		proto.Set(name, i)
	}
	proto.DefineAccessorProperty("raw", e.vm.ToValue(func(c goja.FunctionCall) goja.Value {
		s := e.this(c)
		raw := e.vm.NewObject()
		raw.Set("frame", s.jsRawFrame)
		raw.Set("write", s.jsRawWrite)
		return raw
	}), nil, goja.FLAG_FALSE, goja.FLAG_TRUE)
	return proto
}

// this returns the socket that a method is called on.
func (e *Engine) this(c goja.FunctionCall) *socket {
	if s, ok := c.This.Export().(*socket); ok {
		return s
	}
	panic(e.vm.NewTypeError("this is not a socket: write ws.send(…), or x => ws.send(x)"))
}

// sent judges what became of something to send. On a socket that has ended it is
// dropped without a word, as browsers do.
func (s *socket) sent(err error) goja.Value {
	if errors.Is(err, wsconn.ErrOutboxFull) || errors.Is(err, wsconn.ErrNoCompression) || errors.Is(err, wsconn.ErrControlTooLong) {
		panic(s.e.vm.NewGoError(err))
	}
	return goja.Undefined()
}

func (s *socket) jsSend(c goja.FunctionCall) goja.Value {
	op, data := s.e.payload(c.Argument(0))
	o, ok := c.Argument(1).(*goja.Object)
	if !ok {
		return s.sent(s.out.Send(op, data))
	}
	var with wsconn.SendOptions
	if v := property(o, "fragment"); v != nil {
		if with.Fragment = int(v.ToInteger()); with.Fragment < 1 {
			panic(s.e.vm.NewTypeError("fragment is a number of bytes, at least 1"))
		}
	}
	if v := property(o, "delay"); v != nil {
		with.Pause = s.e.milliseconds(v)
	}
	if v := property(o, "compress"); v != nil {
		with.Compress = wsconn.CompressNever
		if v.ToBoolean() {
			with.Compress = wsconn.CompressAlways
		}
	}
	if with.Compress == wsconn.CompressAlways && s.conn.Deflate() == nil {
		panic(s.e.vm.NewGoError(wsconn.ErrNoCompression))
	}
	return s.sent(s.out.Do(len(data), func(c *wsconn.Conn) error { return c.WriteMessageWith(op, data, with) }))
}

// property returns a property of options, nil where it is not given.
func property(o *goja.Object, name string) goja.Value {
	v := o.Get(name)
	if v == nil || goja.IsUndefined(v) || goja.IsNull(v) {
		return nil
	}
	return v
}

func (s *socket) jsClose(c goja.FunctionCall) goja.Value {
	code := codec.CloseNormal
	if v := c.Argument(0); !goja.IsUndefined(v) {
		n := v.ToInteger()
		if n < 0 || n > 4999 || !codec.CloseCode(n).Sendable() {
			panic(s.e.vm.NewTypeError(fmt.Sprintf("the close code %s must not be sent; ws.raw.frame sends any", v)))
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

func (s *socket) control(write func(*wsconn.Conn, []byte) error, c goja.FunctionCall) goja.Value {
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
	o, ok := c.Argument(0).(*goja.Object)
	if !ok {
		panic(s.e.vm.NewTypeError("raw.frame takes {fin, rsv, opcode, mask, payload}"))
	}
	h := codec.Header{Fin: true, Opcode: codec.OpText, Masked: s.request.client}
	var data []byte
	if v := property(o, "payload"); v != nil {
		h.Opcode, data = s.e.payload(v)
	}
	if v := property(o, "fin"); v != nil {
		h.Fin = v.ToBoolean()
	}
	if v := property(o, "rsv"); v != nil {
		n := v.ToInteger()
		if n < 0 || n > 7 {
			panic(s.e.vm.NewTypeError("rsv is 0 to 7"))
		}
		h.RSV = uint8(n)
	}
	if v := property(o, "opcode"); v != nil {
		n := v.ToInteger()
		if n < 0 || n > 15 {
			panic(s.e.vm.NewTypeError("an opcode is 0 to 15"))
		}
		h.Opcode = codec.Opcode(n)
	}
	if v := property(o, "mask"); v != nil {
		h.Masked = v.ToBoolean()
	}
	h.Length = uint64(len(data))
	if h.Masked {
		h.Key = s.e.newKey()
		codec.Mask(h.Key, 0, data)
	}
	frame := append(codec.AppendHeader(nil, h), data...)
	return s.sent(s.out.Do(len(frame), func(c *wsconn.Conn) error { return c.WriteRaw(frame) }))
}

func (s *socket) jsRawWrite(c goja.FunctionCall) goja.Value {
	_, data := s.e.payload(c.Argument(0))
	return s.sent(s.out.Do(len(data), func(c *wsconn.Conn) error { return c.WriteRaw(data) }))
}

func (s *socket) jsAddListener(c goja.FunctionCall) goja.Value {
	kind, f := c.Argument(0).String(), c.Argument(1)
	if _, ok := goja.AssertFunction(f); !ok || !slices.Contains([]string{"message", "close", "error"}, kind) {
		panic(s.e.vm.NewTypeError("addEventListener takes 'message', 'close' or 'error', and a function"))
	}
	if s.listeners == nil {
		s.listeners = make(map[string][]goja.Value)
	}
	if !slices.ContainsFunc(s.listeners[kind], f.SameAs) {
		s.listeners[kind] = append(s.listeners[kind], f)
	}
	if kind == "message" {
		s.e.post(s.flushBuffer)
	}
	return goja.Undefined()
}

func (s *socket) jsRemoveListener(c goja.FunctionCall) goja.Value {
	kind := c.Argument(0).String()
	s.listeners[kind] = slices.DeleteFunc(slices.Clone(s.listeners[kind]), c.Argument(1).SameAs)
	return goja.Undefined()
}

func (s *socket) jsSubscribe(c goja.FunctionCall) goja.Value {
	topic := c.Argument(0).String()
	if s.state != stateOpen || s.topics[topic] {
		return goja.Undefined()
	}
	if s.topics == nil {
		s.topics, s.member = make(map[string]bool), hub.NewMember(s.out)
	}
	s.topics[topic] = true
	s.e.hub.Join(strings.Clone(topic), s.member)
	return goja.Undefined()
}

func (s *socket) jsUnsubscribe(c goja.FunctionCall) goja.Value {
	topic := c.Argument(0).String()
	if s.topics[topic] {
		delete(s.topics, topic)
		s.e.hub.Leave(topic, s.member)
	}
	return goja.Undefined()
}

func (s *socket) jsPublish(c goja.FunctionCall) goja.Value {
	op, data := s.e.payload(c.Argument(1))
	s.e.hub.Publish(c.Argument(0).String(), op, data, s.member)
	return goja.Undefined()
}

// leaveAll takes the socket out of its rooms.
func (s *socket) leaveAll() {
	if s.member != nil {
		s.e.hub.LeaveAll(s.member)
		s.topics = nil
	}
}

// startTimer starts what setTimeout, setInterval and ws.every do.
func (e *Engine) startTimer(s *socket, f, after goja.Value, args []goja.Value, repeat, owned bool) goja.Value {
	callable, ok := goja.AssertFunction(f)
	if !ok {
		panic(e.vm.NewTypeError("a timer needs a function"))
	}
	d := e.milliseconds(after)
	t := &timer{socket: s, owned: owned, f: func() error {
		_, err := callable(goja.Undefined(), args...)
		return err
	}}
	if repeat {
		d = max(d, time.Millisecond)
		t.every = d
	}
	e.timers.add(t, d)
	return e.vm.ToValue(t.id)
}
