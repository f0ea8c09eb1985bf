package scripts

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dop251/goja"
)

// What a wait is for.
const (
	forNext   = iota // expect: the next message must match
	forMatch         // receive: a message that matches
	forFrame         // nextFrame
	forClosed        // closed
)

// A wait is a promise that a message, a frame or the end settles.
type wait struct {
	kind    int
	pattern *pattern // nil for any
	codes   []int    // of closed, nil for any
	resolve func(any) error
	reject  func(any) error
	timer   *timer
	began   time.Time
	line    int
	column  int
}

// A failureInfo is what an error of ours tells a Failure.
type failureInfo struct {
	message      string
	line, column int
	hint         string // what to do, or empty
	end          bool   // it only tells that the connection has ended
	expectation  bool   // it tells of an expectation that was not met
	// unhandled is called when the script does not handle it, unless it is nil.
	unhandled func(*Failure)
}

// infoName is the property by which errors carry it.
const infoName = "wskit.info"

func infoOf(o *goja.Object) *failureInfo {
	v := o.Get(infoName)
	if v == nil {
		return nil
	}
	info, _ := v.Export().(*failureInfo)
	return info
}

// isEnd reports whether a promise was rejected only because the connection has ended,
// which ends a handler and is no failure.
func isEnd(reason goja.Value) bool {
	o, ok := reason.(*goja.Object)
	if !ok {
		return false
	}
	info := infoOf(o)
	return info != nil && info.end
}

// newError returns an Error that knows its place in the script.
func (e *Engine) newError(info failureInfo) *goja.Object {
	o, err := e.vm.New(e.vm.Get("Error"), e.vm.ToValue(info.message))
	if err != nil {
		o = e.vm.NewGoError(errors.New(info.message))
	}
	o.DefineDataProperty(infoName, e.vm.ToValue(&info), goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_FALSE)
	return o
}

// newNamedError returns an error of a class of the language, or an Error of that name.
func (e *Engine) newNamedError(name, message string) *goja.Object {
	class := e.vm.Get(name)
	if class == nil {
		class = e.vm.Get("Error")
	}
	o, err := e.vm.New(class, e.vm.ToValue(message))
	if err != nil {
		return e.vm.NewGoError(errors.New(message))
	}
	o.DefineDataProperty("name", e.vm.ToValue(name), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE)
	return o
}

// here returns where the script is, as a place of the wrapped source.
func (e *Engine) here() (line, column int) {
	for _, frame := range e.vm.CaptureCallStack(16, nil) {
		if frame.SrcName() == e.cfg.Name {
			p := frame.Position()
			return p.Line, p.Column
		}
	}
	return 0, 0
}

// await makes the promise of a wait.
func (s *socket) await(w *wait, options goja.Value) goja.Value {
	e := s.e
	limit := e.cfg.Wait
	if o := e.options(options, w.name(), "timeout"); o != nil {
		d, given, err := durationOf(o, "timeout")
		e.must(err)
		if given {
			limit = d
		}
	}
	w.began = time.Now()
	w.line, w.column = e.here()
	p, resolve, reject := e.vm.NewPromise()
	w.resolve, w.reject = resolve, reject
	s.waits = append(s.waits, w)
	s.updateDropping()
	if limit > 0 {
		w.timer = s.after(limit, func() error {
			return s.refuse(w, fmt.Sprintf("%s in %v", w.missing(), limit), false)
		})
	}
	s.settleWaits()
	return e.vm.ToValue(p)
}

// missing says what did not come.
func (w *wait) missing() string {
	switch {
	case w.kind == forClosed:
		return "the connection was not closed"
	case w.kind == forFrame:
		return "no frame came"
	case w.pattern == nil:
		return "no message came"
	}
	return "no message came that is " + w.pattern.text
}

// refuse rejects a wait.
func (s *socket) refuse(w *wait, message string, end bool) error {
	s.drop(w)
	info := failureInfo{message: message, line: w.line, column: w.column, end: end, expectation: !end}
	if !end {
		info.unhandled = s.e.tellWait(w, Unmet, message)
	}
	return w.reject(s.e.newError(info))
}

// grant fulfils a wait.
func (s *socket) grant(w *wait, v goja.Value) error {
	s.drop(w)
	s.e.tellWait(w, Met, "")
	return w.resolve(v)
}

// updateDropping has what finds no room be dropped while only the end is waited for, which
// is behind it.
func (s *socket) updateDropping() {
	dropping := len(s.waits) > 0 && !s.awaits() && !s.listensTo(onMessage) && !s.listensTo(onFrame)
	if dropping != s.dropping {
		s.dropping = dropping
		s.setReading(func(in *inbox) { in.endless = dropping })
	}
}

// drop forgets a wait.
func (s *socket) drop(w *wait) {
	if i := slices.Index(s.waits, w); i >= 0 {
		s.waits = slices.Delete(s.waits, i, i+1)
		s.updateDropping()
	}
	if w.timer != nil {
		s.e.timers.remove(w.timer.id)
	}
}

// settleWaits settles the waits that can be, in their order, by what is in the buffer
// and by the end.
func (s *socket) settleWaits() {
	if s.e.exiting {
		s.abandonWaits() // nothing of the script runs any more
		return
	}
	for len(s.waits) > 0 {
		if !s.settleOne() {
			break
		}
	}
	if !s.e.inside {
		s.flushBuffer()
	}
}

// settleOne settles a wait, or holds a message against it, and reports false when there
// is nothing to do.
func (s *socket) settleOne() bool {
	behind := false // one that waits for a message or a frame
	for _, w := range s.waits {
		switch {
		case w.kind == forClosed:
			if s.end != nil {
				s.inTurn(func() error { return s.settleClosed(w) })
				return true
			}
		case behind:
		case w.kind == forFrame && len(s.buffer) > 0 || w.kind != forFrame && s.complete():
			s.inTurn(func() error { return s.settleMessage(w) })
			return true
		case s.end != nil:
			s.inTurn(func() error { return s.refuse(w, w.missing()+": "+endWords(s.end), s.endsBy(w)) })
			return true
		default:
			behind = true
		}
	}
	return false
}

// endsBy reports whether a wait that the end rejects only ends its handler: what comes is
// taken until then. A client that has had nothing at all has missed something.
func (s *socket) endsBy(w *wait) bool {
	return w.kind == forMatch && w.pattern == nil && (s.heard || !s.request.client)
}

// inTurn runs f in the turn that runs, or else in one of its own.
func (s *socket) inTurn(f func() error) {
	if s.e.inside {
		if err := f(); err != nil {
			s.e.fail(s, s.e.file.failure(err))
		}
		return
	}
	s.e.turn(s, f)
}

// settleMessage holds the oldest message, or frame, against the waits from w on.
func (s *socket) settleMessage(w *wait) error {
	if w.kind == forFrame {
		return s.grant(w, frame{s.takeFrame()}.value())
	}
	m := s.takeMessage()
	for _, w := range slices.Clone(s.waits) {
		if w.kind == forClosed || !slices.Contains(s.waits, w) {
			continue
		}
		if w.kind == forFrame {
			return nil
		}
		taken, err := s.offer(m, w)
		if taken || err != nil {
			return err
		}
	}
	return nil // what nobody wants is skipped
}

// offer holds a message against a wait, and reports whether that is settled.
func (s *socket) offer(m *message, w *wait) (taken bool, err error) {
	err = recovered(func() (err error) {
		taken, err = m.matches(w.pattern)
		return err
	})
	var x *goja.Exception
	switch {
	case errors.As(err, &x):
		s.drop(w) // or it would be tried again
		return true, w.reject(x.Value())
	case err != nil:
		s.drop(w)
		return true, err
	case taken:
		return true, s.grant(w, m.value())
	case w.kind == forNext:
		return true, s.refuse(w, m.instead(w.pattern), false)
	}
	return false, nil
}

// settleClosed holds the end against a wait for it.
func (s *socket) settleClosed(w *wait) error {
	if w.codes == nil || slices.Contains(w.codes, int(s.end.Code)) {
		s.expected = true
		return s.grant(w, closedEnd{s}.value())
	}
	return s.refuse(w, fmt.Sprintf("expected a close with %s, but %s", joinCodes(w.codes), endWords(s.end)), false)
}

// flushBuffer hands what was kept to a listener that has come later.
func (s *socket) flushBuffer() {
	for len(s.buffer) > 0 && !s.awaits() && !s.failed {
		switch {
		case s.listensTo(onFrame):
			s.event(onFrame, frame{s.takeFrame()})
		case s.listensTo(onMessage) && s.complete():
			s.event(onMessage, s.takeMessage())
		default:
			return
		}
	}
}

// closeCodes reads the argument of closed: a code, several or none.
func (e *Engine) closeCodes(v goja.Value) []int {
	if goja.IsUndefined(v) {
		return nil
	}
	if o, ok := v.(*goja.Object); ok && o.ClassName() == "Array" {
		if o.Get("length").ToInteger() == 0 {
			panic(e.vm.NewTypeError("closed takes a close code, or a list of them"))
		}
		var codes []int
		for i := range min(o.Get("length").ToInteger(), 4000) {
			codes = append(codes, e.closeCode(o.Get(fmt.Sprint(i))))
		}
		return codes
	}
	return []int{e.closeCode(v)}
}

// closeCode reads a code that a connection may have ended with.
func (e *Engine) closeCode(v goja.Value) int {
	if v == nil {
		v = goja.Undefined()
	}
	code := v.ToInteger()
	if code < 1000 || code > 4999 {
		panic(e.vm.NewTypeError("a close code is a number from 1000 to 4999, not " + v.String()))
	}
	return int(code)
}
