package scripts

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
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
	errUpgrade = &wsserver.Refusal{Status: http.StatusInternalServerError, Body: "the server failed\n", Reason: "the script failed in upgrade"}
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
	s.decision = d
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
// decides. One that fails refuses: see Engine.fail.
func (d *decision) ask(i int) {
	e := d.e
	if i == len(e.handlers["upgrade"]) {
		d.give(nil)
		return
	}
	e.turn(d.s, func() error {
		v, err := e.handlers["upgrade"][i](goja.Undefined(), d.s.Get("request"))
		if err != nil {
			return err
		}
		return e.settle(v, func(v goja.Value) {
			if goja.IsUndefined(v) || goja.IsNull(v) {
				e.post(func() { d.ask(i + 1) })
				return
			}
			d.give(d.verdict(v))
		}, func(reason goja.Value) {
			e.fail(d.s, e.file.failureOf(reason, nil))
		})
	})
}

func (d *decision) give(err error) {
	if d.given {
		return
	}
	d.given = true
	d.answer <- err
	if err != nil { // there will be no connection that these could end with
		for _, dial := range d.s.dials {
			dial.close(codec.CloseGoingAway, "")
		}
	}
}

// decisionNames are the properties of what upgrade returns.
var decisionNames = []string{
	"status", "headers", "body", "drop", "delay", "protocol", "accept", "name", "maxMessageSize", "pingInterval",
}

// read reads what a handler returned. A *wsserver.Refusal refuses.
func (d *decision) read(o *goja.Object) error {
	if err := checkNames(o, "upgrade", decisionNames); err != nil {
		return err
	}
	header, err := d.e.headersOf(o)
	if err != nil {
		return err
	}
	delay, _, err := durationOf(o, "delay")
	if err != nil {
		return err
	}
	if isTrue(o, "drop") {
		return &wsserver.Refusal{Drop: true, Delay: delay}
	}
	status, given, err := countOf(o, "status", 200, 599)
	if err != nil {
		return err
	}
	body := property(o, "body")
	switch {
	case given:
		r := &wsserver.Refusal{Status: int(status), Header: header, Delay: delay, Reason: "the script refuses it"}
		if body != nil {
			r.Body = body.String()
		}
		return r
	case body != nil:
		return errors.New("a body belongs to a status")
	}
	d.session.Header, d.session.Delay = header, delay
	return d.accept(o)
}

// accept reads what an upgrade is accepted with.
func (d *decision) accept(o *goja.Object) error {
	if v := property(o, "protocol"); v != nil {
		d.session.Protocol = v.String()
		if !slices.Contains(d.s.request.protocols(), d.session.Protocol) {
			return fmt.Errorf("the client does not offer the subprotocol %q", d.session.Protocol)
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
	return d.s.readLimits(o)
}

// limits are what a script sets for a connection. What is zero it leaves to others.
type limits struct {
	maxMessage   int64
	pingInterval time.Duration // negative for none
}

// readLimits reads the limits among options.
func (s *socket) readLimits(o *goja.Object) error {
	most, _, err := countOf(o, "maxMessageSize", 1, math.MaxInt32)
	if err != nil {
		return err
	}
	s.limits.maxMessage = most
	every, given, err := durationOf(o, "pingInterval")
	if given {
		s.limits.pingInterval = cmp.Or(every, -1)
	}
	return err
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
	s.closeTimeout = cmp.Or(max(c.CloseTimeout, 0), wsconn.DefaultCloseTimeout)
	s.limits.apply(c)
}

// verdict reads what a handler returned. What cannot be is a failure, and refuses.
func (d *decision) verdict(v goja.Value) error {
	err := recovered(func() error {
		o, ok := v.(*goja.Object)
		if !ok {
			return fmt.Errorf("it returns nothing to accept, or an object such as { status: 403 }, but not %s", v)
		}
		return d.read(o)
	})
	if refusal := (*wsserver.Refusal)(nil); err == nil || errors.As(err, &refusal) {
		return err
	}
	d.e.fail(d.s, &Failure{Name: d.e.cfg.Name, Message: "upgrade returned what cannot be: " + err.Error()})
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
	if !ok || object.ClassName() != "Object" {
		return nil, errors.New("headers is an object: { 'X-Name': 'value' }")
	}
	var fields []codec.Field
	for _, name := range object.Keys() {
		values, err := e.stringsOf(object.Get(name))
		if err != nil {
			return nil, fmt.Errorf("the header %s: %w", name, err)
		}
		for _, value := range values {
			f := codec.Field{Name: name, Value: value}
			if err := codec.CheckField(f); err != nil {
				return nil, fmt.Errorf("the header %q: %w", name, err)
			}
			fields = append(fields, f)
		}
	}
	return fields, nil
}
