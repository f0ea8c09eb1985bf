package scripts

import (
	"bytes"
	"fmt"
	"reflect"

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

func (m *message) value() goja.Value {
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
		return describeBytes(m.in.data)
	}
	if len(m.in.text) > maxDescribed {
		return fmt.Sprintf("%.*q … of %d bytes", maxDescribed, m.in.text, len(m.in.text))
	}
	return fmt.Sprintf("%q", m.in.text)
}

// instead says that it came instead of what a pattern wants.
func (m *message) instead(p *pattern) string {
	text := fmt.Sprintf("expected %s, got %s", p.describe(), m.describe())
	if p != nil && p.kind == bytesPattern && m.in.op != codec.OpText {
		at := 0
		for at < min(len(p.bytes), len(m.in.data)) && p.bytes[at] == m.in.data[at] {
			at++
		}
		text += fmt.Sprintf("; they differ at byte %d", at)
	}
	return text
}

// describeBytes returns the beginning of b, and how much it is.
func describeBytes(b []byte) string {
	if len(b) > 16 {
		return fmt.Sprintf("%d bytes of binary, % x …", len(b), b[:16])
	}
	return fmt.Sprintf("%d bytes of binary, % x", len(b), b)
}

// bytes returns b as a Uint8Array, which owns it.
func (e *Engine) bytes(b []byte) goja.Value {
	o, err := e.natives.uint8Array(nil, e.vm.ToValue(e.vm.NewArrayBuffer(b)))
	if err != nil {
		panic(err)
	}
	return o
}

// bytesOf returns what an ArrayBuffer or a view of one holds, borrowed from the script.
func bytesOf(v goja.Value) (b []byte, ok bool) {
	o, isObject := v.(*goja.Object)
	if !isObject {
		return nil, false
	}
	// An array that is no view would be copied by Export, however long it is.
	switch o.ExportType() {
	case typeOfBuffer:
		return o.Export().(goja.ArrayBuffer).Bytes(), true
	case typeOfBytes:
		return o.Export().([]byte), true
	}
	buffer, isObject := o.Get("buffer").(*goja.Object)
	offset, length := o.Get("byteOffset"), o.Get("byteLength")
	if !isObject || buffer.ExportType() != typeOfBuffer || offset == nil || length == nil {
		return nil, false
	}
	whole := buffer.Export().(goja.ArrayBuffer).Bytes()
	from, n := offset.ToInteger(), length.ToInteger()
	if from < 0 || n < 0 || from > int64(len(whole)) || n > int64(len(whole))-from {
		return nil, false
	}
	return whole[from : from+n], true
}

var (
	typeOfBuffer = reflect.TypeFor[goja.ArrayBuffer]()
	typeOfBytes  = reflect.TypeFor[[]byte]()
)

// payload returns what a script sends: a copy, and the opcode.
func (e *Engine) payload(v goja.Value) (codec.Opcode, []byte) {
	if _, ok := v.(*goja.Object); ok {
		b, ok := bytesOf(v)
		if !ok {
			panic(e.vm.NewTypeError("a string or bytes can be sent: JSON.stringify makes a string of an object, new Uint8Array bytes of a list"))
		}
		return codec.OpBinary, bytes.Clone(b)
	}
	return codec.OpText, []byte(v.String())
}

// A frame is a message that is one.
type frame struct{ *message }

func (f frame) value() goja.Value {
	o := f.s.e.vm.NewObject()
	rsv := 0
	if f.in.rsv1 {
		rsv = 4
	}
	o.Set("fin", f.in.fin)
	o.Set("rsv", rsv)
	o.Set("opcode", int(f.in.op))
	o.Set("data", f.s.e.bytes(f.in.data))
	return o
}

// A closedEnd is the end of a socket.
type closedEnd struct{ s *socket }

func (c closedEnd) value() goja.Value {
	o := c.s.e.vm.NewObject()
	o.Set("type", "close")
	o.Set("code", int(c.s.end.Code))
	o.Set("reason", c.s.end.Reason)
	o.Set("wasClean", c.s.end.Err == nil)
	o.Set("target", c.s.value())
	return o
}

// A failedEnd is the end of a socket that is an error.
type failedEnd struct{ s *socket }

func (f failedEnd) value() goja.Value {
	o := f.s.e.vm.NewObject()
	o.Set("type", "error")
	o.Set("message", f.s.end.Error())
	o.Set("target", f.s.value())
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
