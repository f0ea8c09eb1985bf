package scripts

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/dop251/goja"

	"wskit/codec"
	"wskit/codec/wsconn"
	"wskit/wsserver"
)

// The errors of an upgrade that the script does not decide on.
var (
	errStopped = errors.New("the script has ended")
	errUpgrade = errors.New("the script failed in upgrade")
)

var _ wsserver.Route = (*Engine)(nil)

// Upgrade asks the script's handlers of upgrade, if there are any, and returns the
// session that hands the connection to those of connection. So an Engine is a route.
func (e *Engine) Upgrade(r *http.Request) (*wsserver.Session, error) {
	q := newRequest(r)
	q.number = e.numbers.Add(1)
	s := e.newSocket(q)
	session := &wsserver.Session{
		Serve:     func(_ context.Context, c *wsconn.Conn) error { return s.serve(c, s.handled) },
		Configure: s.configure,
	}
	if !e.asked.Load() {
		return session, nil
	}
	d := &decision{e: e, s: s, session: session, answer: make(chan error, 1)}
	if !e.post(func() { d.ask(0) }) {
		return nil, errStopped
	}
	select {
	case err := <-d.answer:
		if err != nil {
			return nil, err
		}
		return session, nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	case <-e.ctx.Done():
		return nil, errStopped
	}
}

// A decision is what the script says to an upgrade.
type decision struct {
	e       *Engine
	s       *socket
	session *wsserver.Session
	answer  chan error // of capacity 1; nil to accept
	given   bool
}

// ask asks the handlers from the i-th on, on the loop. The first that says something
// decides.
func (d *decision) ask(i int) {
	e := d.e
	if i == len(e.handlers["upgrade"]) {
		d.give(nil)
		return
	}
	step := func() error {
		v, err := e.handlers["upgrade"][i](goja.Undefined(), d.s.Get("request"))
		if err != nil {
			d.give(errUpgrade)
			return err
		}
		return e.settle(v, func(v goja.Value) {
			if o, ok := v.(*goja.Object); ok {
				d.give(d.read(o))
				return
			}
			d.ask(i + 1)
		}, func(reason goja.Value) {
			d.give(errUpgrade)
			e.fail(nil, e.file.failureOf(reason, nil))
		})
	}
	if !e.inside {
		e.turn(nil, step)
		return
	}
	if err := step(); err != nil {
		e.fail(nil, e.file.failure(err))
	}
}

func (d *decision) give(err error) {
	if !d.given {
		d.given = true
		d.answer <- err
	}
}

// read reads what a handler returned. A *wsserver.Refusal refuses.
func (d *decision) read(o *goja.Object) error {
	e := d.e
	header, err := e.headersOf(o)
	if err != nil {
		return d.bad(err)
	}
	delay := property(o, "delay")
	if drop := property(o, "drop"); drop != nil && drop.ToBoolean() {
		r := &wsserver.Refusal{Drop: true}
		if delay != nil {
			r.Delay = e.milliseconds(delay)
		}
		return r
	}
	if v := property(o, "status"); v != nil && v.ToInteger() != http.StatusSwitchingProtocols {
		r := &wsserver.Refusal{Status: int(v.ToInteger()), Header: header}
		if r.Status < 200 || r.Status > 599 {
			return d.bad(fmt.Errorf("a refusal has a status from 200 to 599, not %d", r.Status))
		}
		if body := property(o, "body"); body != nil {
			r.Body = body.String()
		}
		if delay != nil {
			r.Delay = e.milliseconds(delay)
		}
		return r
	}
	d.session.Header = header
	if delay != nil {
		d.session.Delay = e.milliseconds(delay)
	}
	if v := property(o, "protocol"); v != nil {
		d.session.Protocol = v.String()
		if !slices.Contains(d.s.request.protocols(), d.session.Protocol) {
			return d.bad(fmt.Errorf("the client does not offer the subprotocol %q", d.session.Protocol))
		}
	}
	if v := property(o, "accept"); v != nil {
		if d.session.Accept = v.String(); d.session.Accept == "wrong" {
			d.session.Accept = "d3NraXQ6IHdyb25nIGFjY2VwdCE="
		}
	}
	if v := property(o, "name"); v != nil {
		d.s.name = v.String()
		d.session.Name = d.s.name
	}
	d.s.readLimits(o)
	return nil
}

// limits are what a script sets for a connection. What is zero it leaves to others.
type limits struct {
	maxMessage   int64
	pingInterval time.Duration // negative for none
}

// readLimits reads the limits among options.
func (s *socket) readLimits(o *goja.Object) {
	if v := property(o, "maxMessageSize"); v != nil {
		s.limits.maxMessage = v.ToInteger()
	}
	if v := property(o, "pingInterval"); v != nil {
		s.limits.pingInterval = cmp.Or(s.e.milliseconds(v), -1)
	}
}

func (l *limits) apply(c *wsconn.Config) {
	if l.maxMessage > 0 {
		c.MaxMessage = l.maxMessage
	}
	if l.pingInterval != 0 {
		c.PingInterval = l.pingInterval
	}
}

// configure makes the connection one of the script.
func (s *socket) configure(c *wsconn.Config) {
	c.OnControl, c.OnClose = s.control, s.catchUp
	s.limits.apply(c)
}

// bad reports what cannot be answered.
func (d *decision) bad(err error) error {
	d.e.fail(nil, &Failure{Name: d.e.cfg.Name, Message: "upgrade returned what cannot be: " + err.Error()})
	return errUpgrade
}

// headersOf reads the property headers of a response.
func (e *Engine) headersOf(o *goja.Object) (http.Header, error) {
	fields, err := e.fieldsOf(o)
	if len(fields) == 0 {
		return nil, err
	}
	h := make(http.Header)
	for _, f := range fields {
		h.Add(f.Name, f.Value)
	}
	return h, nil
}

// fieldsOf reads the property headers: strings, or lists of them.
func (e *Engine) fieldsOf(o *goja.Object) ([]codec.Field, error) {
	v := property(o, "headers")
	if v == nil {
		return nil, nil
	}
	object, ok := v.(*goja.Object)
	if !ok {
		return nil, errors.New("headers is an object")
	}
	var fields []codec.Field
	for _, name := range object.Keys() {
		values, err := e.stringsOf(object.Get(name))
		if err != nil {
			return nil, fmt.Errorf("the header %s: %w", name, err)
		}
		for _, value := range values {
			fields = append(fields, codec.Field{Name: name, Value: value})
		}
	}
	return fields, nil
}

// stringsOf reads a string or a list of them.
func (e *Engine) stringsOf(v goja.Value) (list []string, err error) {
	if o, ok := v.(*goja.Object); ok && o.ClassName() == "Array" {
		if e.vm.ExportTo(o, &list) != nil {
			err = errors.New("neither a string nor a list of them")
		}
		return list, err
	}
	return []string{v.String()}, nil
}
