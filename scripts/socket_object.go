package scripts

import (
	"reflect"
	"regexp"
	"strings"
	"time"

	"github.com/dop251/goja"

	"wskit/codec"
	"wskit/codec/wsconn"
	"wskit/internal/hub"
)

// prototypes are the objects that the sockets of a script share, and functions of the
// language as they were before the script.
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
	if k, ok := propertyKind(key); ok {
		if l := s.on[k]; l.call != nil {
			return l.value
		}
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
	case "readyState", "protocol", "extensions", "bufferedAmount", "url", "request", "raw":
		panic(s.e.vm.NewTypeError(key + " cannot be set"))
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
	default:
		if k, ok := propertyKind(key); ok {
			s.on[k] = newListener(v)
			s.listening(k)
			break
		}
		if handlerName.MatchString(key) {
			panic(s.e.vm.NewTypeError("a socket has no event " + key[2:] + ", but " + strings.Join(eventNames[:], ", ")))
		}
		s.set(key, v)
	}
	return true
}

func (s *socket) Has(key string) bool { return s.Get(key) != nil }

// Delete removes what the script has set.
func (s *socket) Delete(key string) bool {
	if k, ok := propertyKind(key); ok {
		s.on[k] = listener{}
		s.listening(k)
	}
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
	"ping": func(s *socket, c goja.FunctionCall) goja.Value { return s.sendControl((*wsconn.Conn).Ping, c) },
	"pong": func(s *socket, c goja.FunctionCall) goja.Value { return s.sendControl((*wsconn.Conn).Pong, c) },
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

// handlerName is what people call a property for a listener: one that does not exist would
// never be called.
var handlerName = regexp.MustCompile(`^on[A-Za-z]+$`)

var typeOfSocket = reflect.TypeFor[*socket]()

// this returns the socket that a method is called on.
func (e *Engine) this(c goja.FunctionCall) *socket {
	if s := e.current; s != nil && c.This == goja.Value(s.object) {
		return s // what Export would find, at less cost
	}
	if o, ok := c.This.(*goja.Object); ok && o.ExportType() == typeOfSocket {
		return o.Export().(*socket)
	}
	panic(e.vm.NewTypeError("this is not a socket: write ws.send(…), or x => ws.send(x)"))
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
		s.e.touch(s)
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
	d := milliseconds(after.ToFloat())
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
