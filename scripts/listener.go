package scripts

import (
	"slices"
	"strings"

	"github.com/dop251/goja"
)

// An eventKind is an event of a socket that a script can listen to.
type eventKind uint8

const (
	onMessage eventKind = iota
	onFrame
	onPing
	onPong
	onClose
	onError
	eventKinds
)

// eventNames are the types of the events.
var eventNames = [eventKinds]string{"message", "frame", "ping", "pong", "close", "error"}

// A listener is a function that waits for an event. The zero value is none.
type listener struct {
	value goja.Value
	call  goja.Callable
}

// newListener returns the listener of a function, and none of anything else.
func newListener(v goja.Value) listener {
	if call, ok := goja.AssertFunction(v); ok {
		return listener{v, call}
	}
	return listener{}
}

// listeners are those of a socket.
type listeners struct {
	on    [eventKinds]listener // the properties: onmessage …
	added map[eventKind][]listener
}

// listensTo reports whether anything listens to an event.
func (l *listeners) listensTo(k eventKind) bool {
	return l.on[k].call != nil || len(l.added[k]) > 0
}

// listens reports whether anything listens to any event.
func (l *listeners) listens() bool {
	for k := range l.on {
		if l.listensTo(eventKind(k)) {
			return true
		}
	}
	return false
}

// propertyKind returns the event of a property such as onmessage.
func propertyKind(name string) (eventKind, bool) {
	event, ok := strings.CutPrefix(name, "on")
	if !ok {
		return 0, false
	}
	k := slices.Index(eventNames[:], event)
	return eventKind(k), k >= 0
}

// listening follows what the script listens to now.
func (s *socket) listening(k eventKind) {
	s.e.touch(s)
	s.updateDropping()
	switch k {
	case onFrame:
		frames := s.listensTo(onFrame)
		s.setReading(func(in *inbox) { in.frames = frames })
	case onPing, onPong:
		controls := s.listensTo(onPing) || s.listensTo(onPong)
		s.setReading(func(in *inbox) { in.controls = controls })
	}
	if k == onMessage || k == onFrame {
		s.e.post(s.flushBuffer)
	}
}

// event calls all listeners of an event, each in a turn of its own.
func (s *socket) event(k eventKind, happened occurrence) {
	if l := s.on[k]; l.call != nil {
		s.e.turnCall(s, l.call, happened)
	}
	if len(s.added[k]) > 0 {
		for _, l := range slices.Clone(s.added[k]) {
			s.e.turnCall(s, l.call, happened)
		}
	}
}

// addedKind reads the arguments of addEventListener and of its opposite.
func (s *socket) addedKind(c goja.FunctionCall) (eventKind, listener) {
	k, l := slices.Index(eventNames[:], c.Argument(0).String()), newListener(c.Argument(1))
	if k < 0 || l.call == nil {
		panic(s.e.vm.NewTypeError("a listener is a function, and the event one of " + strings.Join(eventNames[:], ", ")))
	}
	return eventKind(k), l
}

func (s *socket) jsAddListener(c goja.FunctionCall) goja.Value {
	k, l := s.addedKind(c)
	if s.added == nil {
		s.added = make(map[eventKind][]listener)
	}
	if !slices.ContainsFunc(s.added[k], l.same) {
		s.added[k] = append(s.added[k], l)
		s.listening(k)
	}
	return goja.Undefined()
}

func (s *socket) jsRemoveListener(c goja.FunctionCall) goja.Value {
	k, l := s.addedKind(c)
	if slices.ContainsFunc(s.added[k], l.same) {
		s.added[k] = slices.DeleteFunc(slices.Clone(s.added[k]), l.same)
		s.listening(k)
	}
	return goja.Undefined()
}

func (l listener) same(other listener) bool { return l.value.SameAs(other.value) }
