package scripts

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/dop251/goja"
)

// A mailbox holds what the loop is to do. Any goroutine posts to it.
type mailbox struct {
	wake chan struct{} // of capacity 1

	mailMu sync.Mutex
	// guarded by mailMu
	mail   []func()
	closed bool
}

// post has the loop call f, and reports false when the loop has ended.
func (m *mailbox) post(f func()) bool {
	m.mailMu.Lock()
	if m.closed {
		m.mailMu.Unlock()
		return false
	}
	m.mail = append(m.mail, f)
	first := len(m.mail) == 1
	m.mailMu.Unlock()
	if first {
		m.ring()
	}
	return true
}

func (m *mailbox) ring() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// take returns what was posted, in its order; spare is a slice to use again.
func (m *mailbox) take(spare []func()) (mail []func(), closed bool) {
	m.mailMu.Lock()
	defer m.mailMu.Unlock()
	mail, m.mail = m.mail, spare[:0]
	return mail, m.closed
}

func (m *mailbox) close() {
	m.mailMu.Lock()
	m.closed = true
	m.mailMu.Unlock()
	m.ring()
}

// loop owns the virtual machine until the mailbox is closed.
func (e *Engine) loop() {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	var mail []func()
	for {
		var closed bool
		mail, closed = e.take(mail)
		if closed {
			return
		}
		for i, f := range mail {
			f()
			mail[i] = nil
		}
		e.runTimers()
		e.checkStuck()
		e.checkAfter()
		if next, ok := e.timers.next(); ok {
			timer.Reset(time.Until(next))
		} else {
			timer.Reset(time.Hour)
		}
		select {
		case <-e.mailbox.wake:
		case <-timer.C:
		}
	}
}

// A turn lets the script run once for a socket, nil for none, until it waits, all jobs
// of promises included, unless it has called exit. An error, and each promise that was
// rejected and that nobody handles, is a failure.
func (e *Engine) turn(s *socket, f func() error) {
	if e.exiting {
		return
	}
	e.current, e.inside = s, true
	if err := e.watched(f); err != nil {
		if blamed := e.current; cutShort(err) && blamed != nil {
			e.touch(s)
			s = blamed // for whom it ran then
		}
		e.blame(s, func() *Failure { return e.file.failure(err) })
	}
	if len(e.rejections) > 0 {
		e.reportRejections()
	}
	if e.exiting {
		e.vm.ClearInterrupt()
	}
	e.current, e.inside = nil, false
	e.touch(s)
	e.closeTouched()
}

// watched calls f, within which the script runs, and ends that when it takes too much.
func (e *Engine) watched(f func() error) error {
	e.watchdog.enter()
	err := recovered(f)
	if fired := e.watchdog.leave(); fired != nil && !interrupted(err) {
		err = fired
	}
	if cutShort(err) {
		e.machine.reset()
	}
	return err
}

// cutShort reports whether an error has ended a turn anywhere, and not by what the script
// threw.
func cutShort(err error) bool { return err != nil && !errors.As(err, new(*goja.Exception)) }

// blame fails with what describe returns, unless that is nil. It looks at values of the
// script, which may run it again.
func (e *Engine) blame(s *socket, describe func() *Failure) {
	var f *Failure
	err := e.watched(func() error {
		f = describe()
		return nil
	})
	switch {
	case interrupted(err):
		f = e.file.failure(err)
	case err != nil:
		f = &Failure{Name: e.cfg.Name, Message: "the script threw something that throws when it is looked at"}
	}
	if f != nil {
		e.fail(s, f)
	}
}

// closeTouched closes those of the touched sockets that are done. A run that ends closes
// them all in another way.
func (e *Engine) closeTouched() {
	for len(e.touched) > 0 && !e.exiting {
		last := len(e.touched) - 1
		s := e.touched[last]
		e.touched[last] = nil
		e.touched = e.touched[:last]
		s.closeIfDone()
	}
}

// touch has closeTouched look at a socket, unless it is nil.
func (e *Engine) touch(s *socket) {
	if s != nil && (len(e.touched) == 0 || e.touched[len(e.touched)-1] != s) {
		e.touched = append(e.touched, s)
	}
}

// turnCall lets the script run for a socket by a call of one of its functions.
func (e *Engine) turnCall(s *socket, f goja.Callable, happened occurrence) {
	e.called = call{s: s, f: f, happened: happened}
	e.turn(s, e.call)
	e.called = call{}
}

// An occurrence is what a listener is called for. Its value is made within the turn, for
// that runs the engine.
type occurrence interface{ value() goja.Value }

// A call is of a listener. There is one at a time: it is made in place, for there is one
// for each message.
type call struct {
	s        *socket
	f        goja.Callable
	happened occurrence
	args     [1]goja.Value
}

func (e *Engine) makeCall() error {
	c := &e.called
	c.args[0] = c.happened.value()
	_, err := c.f(c.s.value(), c.args[:]...)
	return err
}

// recovered calls f, and makes an error of a panic: what a getter of the script throws
// while we look at its values, or a mistake of ours or of the engine's. Neither ends the
// process.
func recovered(f func() error) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case error:
			err = p
		case goja.Value:
			err = thrown{p}
		default:
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return f()
}

// thrown is a value that a script threw.
type thrown struct{ value goja.Value }

func (t thrown) Error() string { return t.value.String() }

// emit calls the script's handlers of an event.
func (e *Engine) emit(s *socket, event string, args ...goja.Value) {
	for _, f := range e.handlers[event] {
		e.turn(s, func() error {
			_, err := f(goja.Undefined(), args...)
			return err
		})
	}
}

// contexts keeps for whom the script runs across an await.
type contexts struct{ e *Engine }

func (c contexts) Grab() any { return c.e.current }

func (c contexts) Resumed(v any) {
	c.e.current, _ = v.(*socket)
	c.e.touch(c.e.current)
}

// Exited leaves the context: what the job rejects comes after it.
func (c contexts) Exited() {}

// A rejection is a promise that was rejected while nobody handled it.
type rejection struct {
	promise *goja.Promise
	socket  *socket
}

func (e *Engine) trackRejection(p *goja.Promise, op goja.PromiseRejectionOperation) {
	if op == goja.PromiseRejectionReject {
		e.rejections = append(e.rejections, rejection{p, e.current})
		return
	}
	for i := range e.rejections {
		if e.rejections[i].promise == p {
			e.rejections = append(e.rejections[:i], e.rejections[i+1:]...)
			return
		}
	}
}

func (e *Engine) reportRejections() {
	rejections := e.rejections
	e.rejections = nil
	for _, r := range rejections {
		reason := r.promise.Result()
		e.blame(r.socket, func() *Failure {
			if isEnd(reason) {
				return nil
			}
			return e.file.failureOf(reason, nil)
		})
	}
}

// fail marks the run as failed, tells of it and closes the socket, if there is one.
func (e *Engine) fail(s *socket, f *Failure) {
	if e.exiting {
		return
	}
	e.failed.Store(true)
	if f.unhandled != nil {
		f.unhandled(f)
	}
	if e.loading != nil {
		e.loading(f)
		return
	}
	if e.cfg.Report != nil {
		e.cfg.Report(f)
	}
	if s != nil {
		if s.decision != nil {
			s.decision.give(errUpgrade)
		}
		s.fault()
	}
}
