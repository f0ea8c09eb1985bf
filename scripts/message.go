package scripts

import (
	"bytes"
	"fmt"

	"github.com/dop251/goja"

	"wskit/codec"
	"wskit/codec/wsconn"
)

// A message is an event of a message or a frame. What the script does not look at is
// not made.
type message struct {
	s      *socket
	in     incoming
	object *goja.Object
	data   goja.Value
	match  goja.Value
	json   goja.Value
}

func newMessage(s *socket, in *incoming) *message { return &message{s: s, in: *in} }

func (m *message) value() *goja.Object {
	if m.object == nil {
		m.object = m.s.e.vm.NewDynamicObject(m)
	}
	return m.object
}

// Get returns a property of the event.
func (m *message) Get(key string) goja.Value {
	vm := m.s.e.vm
	switch key {
	case "data":
		if m.data == nil {
			m.data = m.newData()
		}
		return m.data
	case "json":
		if m.json == nil {
			m.json = m.parse()
		}
		return m.json
	case "bytes":
		return m.s.e.bytes(append([]byte(m.in.text), m.in.data...))
	case "opcode":
		return vm.ToValue(int(m.in.op))
	case "type":
		return vm.ToValue(m.kind())
	case "target":
		return m.s.value()
	case "match":
		return m.match
	}
	return nil
}

// kind returns the type of the event.
func (m *message) kind() string {
	switch m.in.op {
	case codec.OpPing:
		return eventNames[onPing]
	case codec.OpPong:
		return eventNames[onPong]
	}
	return eventNames[onMessage]
}

// newData returns the data as the script wants it.
func (m *message) newData() goja.Value {
	if m.in.op == codec.OpText {
		return m.s.e.vm.ToValue(m.in.text)
	}
	if m.s.binary == "uint8array" {
		return m.s.e.bytes(bytes.Clone(m.in.data))
	}
	return m.s.e.vm.ToValue(m.s.e.vm.NewArrayBuffer(bytes.Clone(m.in.data)))
}

// The properties of an event are fixed.

func (m *message) Set(string, goja.Value) bool { return false }
func (m *message) Has(key string) bool         { return m.Get(key) != nil }
func (m *message) Delete(string) bool          { return false }
func (m *message) Keys() []string              { return []string{"type", "data", "opcode"} }

// maxDescribed is how much of a message an error quotes, in bytes.
const maxDescribed = 200

// describe says what came.
func (m *message) describe() string {
	if m.in.op != codec.OpText {
		return fmt.Sprintf("%d bytes of binary", len(m.in.data))
	}
	if len(m.in.text) > maxDescribed {
		return fmt.Sprintf("%.*q … of %d bytes", maxDescribed, m.in.text, len(m.in.text))
	}
	return fmt.Sprintf("%q", m.in.text)
}

// bytes returns b as a Uint8Array, which owns it.
func (e *Engine) bytes(b []byte) goja.Value {
	o, err := e.vm.New(e.vm.Get("Uint8Array"), e.vm.ToValue(e.vm.NewArrayBuffer(b)))
	if err != nil {
		panic(err)
	}
	return o
}

// bytesOf returns what an ArrayBuffer or a view of one holds, borrowed from the script.
func bytesOf(v goja.Value) (b []byte, ok bool) {
	switch x := v.Export().(type) {
	case goja.ArrayBuffer:
		return x.Bytes(), true
	case []byte:
		return x, true
	}
	o, isObject := v.(*goja.Object)
	if !isObject {
		return nil, false
	}
	buffer, offset, length := o.Get("buffer"), o.Get("byteOffset"), o.Get("byteLength")
	if buffer == nil || offset == nil || length == nil {
		return nil, false
	}
	whole, isBuffer := buffer.Export().(goja.ArrayBuffer)
	from, n := offset.ToInteger(), length.ToInteger()
	if !isBuffer || from < 0 || n < 0 || from+n > int64(len(whole.Bytes())) {
		return nil, false
	}
	return whole.Bytes()[from : from+n], true
}

// payload returns what a script sends: a copy, and the opcode.
func (e *Engine) payload(v goja.Value) (codec.Opcode, []byte) {
	if _, ok := v.(*goja.Object); ok {
		b, ok := bytesOf(v)
		if !ok {
			panic(e.vm.NewTypeError("a string or bytes can be sent; JSON.stringify makes a string of an object"))
		}
		return codec.OpBinary, bytes.Clone(b)
	}
	return codec.OpText, []byte(v.String())
}

// frameValue returns a frame as the script sees it.
func (s *socket) frameValue(m *message) goja.Value {
	o := s.e.vm.NewObject()
	rsv := 0
	if m.in.rsv1 {
		rsv = 4
	}
	o.Set("fin", m.in.fin)
	o.Set("rsv", rsv)
	o.Set("opcode", int(m.in.op))
	o.Set("data", s.e.bytes(m.in.data))
	return o
}

func (s *socket) closeValue() goja.Value {
	o := s.e.vm.NewObject()
	o.Set("type", "close")
	o.Set("code", int(s.end.Code))
	o.Set("reason", s.end.Reason)
	o.Set("wasClean", s.end.Err == nil)
	o.Set("target", s.value())
	return o
}

func (s *socket) errorValue(end *wsconn.CloseError) goja.Value {
	o := s.e.vm.NewObject()
	o.Set("type", "error")
	o.Set("message", end.Error())
	o.Set("target", s.value())
	return o
}

// endWords says how a connection ended.
func endWords(end *wsconn.CloseError) string {
	switch end.By {
	case wsconn.Lost:
		return "the connection was lost"
	case wsconn.Peer:
		text := "the peer closed with " + end.Code.String()
		if end.Reason != "" {
			text += fmt.Sprintf(" %q", end.Reason)
		}
		return text
	}
	return "the connection was closed with " + end.Code.String()
}
