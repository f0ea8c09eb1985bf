package inspect

import (
	"errors"
	"strings"
	"time"

	"wskit/codec"
	"wskit/internal/trace"
)

// handshake is what is known of the opening handshake.
type handshake struct {
	began    time.Time // when the request's first byte came
	head     codec.Head
	request  *codec.Request // nil until it is whole
	agreed   codec.Agreement
	open     *trace.Open
	done     bool             // open was emitted
	problems []*trace.Problem // until then
}

// ready reports whether both directions carry frames.
func (h *handshake) ready() bool { return h.done && h.open.Ready() }

// fault reports a problem of the handshake, after the open event: what comes before
// it waits, up to a limit.
func (a *Analyser) fault(from codec.Role, code, detail string) {
	p := trace.NewProblem(code, from, detail)
	switch h := &a.handshake; {
	case h.done:
		a.problem(a.last, p)
	case len(h.problems) < maxFaults:
		h.problems = append(h.problems, p)
	}
}

// faults returns what reports the violations in one side's head.
func (a *Analyser) faults(from codec.Role) func(*codec.HandshakeError) {
	return func(e *codec.HandshakeError) { a.fault(from, e.Violation.Code, e.Detail) }
}

// takeHead gathers the head of one direction and reports whether it is whole, with
// what follows it.
func (d *direction) takeHead(b []byte) (h codec.Head, rest []byte, ok bool) {
	hs := &d.a.handshake
	room := maxHead - len(d.buf)
	d.buf = append(d.buf, b[:min(len(b), room)]...)
	b = b[min(len(b), room):]
	h, n, err := d.heads.Parse(d.buf)
	switch {
	case errors.Is(err, codec.ErrShort):
		return h, nil, false
	case err != nil: // reported already
		d.lose(uint64(len(d.buf) + len(b)))
		if d.from == codec.RoleServer {
			hs.finish(d.a, d.a.last)
		}
		return h, nil, false
	}
	rest = append(d.buf[n:len(d.buf):len(d.buf)], b...)
	d.buf = nil
	return h, rest, true
}

// takeRequest takes the client's head. Frames must wait for the response.
func (a *Analyser) takeRequest(h codec.Head) {
	hs := &a.handshake
	hs.head = h
	request, _ := codec.CheckRequest(&h, a.faults(codec.RoleClient))
	hs.request = &request
	client := a.dirs[codec.RoleClient]
	client.phase = phaseWait
	if hs.done {
		client.start(hs.ready())
	}
}

// takeResponse takes the server's head and decides what both directions carry from
// here.
func (a *Analyser) takeResponse(h codec.Head, at time.Time) {
	status, _ := codec.ParseStatusLine(h.Start)
	if status.Status/100 == 1 && status.Status != 101 {
		return // an interim response, with another to follow
	}
	hs := &a.handshake
	request, report := hs.request, a.faults(codec.RoleServer)
	if request == nil {
		// Nothing can be said about an answer without the question.
		request, report = new(codec.Request), func(*codec.HandshakeError) {}
	}
	hs.agreed, _ = codec.CheckResponse(request, &h, report)
	o := hs.newOpen(a)
	o.Response, o.Status = trace.NewHead(h), status.Status
	o.AcceptValid = o.Ready() && hs.request != nil && h.Get("Sec-WebSocket-Accept") == codec.AcceptKey(request.Key)
	o.Subprotocol = hs.agreed.Protocol
	o.Deflate = hs.agreed.Deflate
	if offered := request.Extensions; len(offered)+len(hs.agreed.Extensions) > 0 {
		o.Extensions = &trace.Extensions{Offered: extensions(offered), Agreed: extensions(hs.agreed.Extensions)}
	}
	if !hs.began.IsZero() {
		o.Handshake = trace.Millis(at.Sub(hs.began))
	}
	hs.emit(a, at)
	a.dirs[codec.RoleServer].start(o.Ready())
	if client := a.dirs[codec.RoleClient]; client.phase == phaseWait {
		early := client.buf
		client.buf = nil
		client.start(o.Ready())
		client.data(at, early)
	}
}

// newOpen returns the open event with what the request says.
func (h *handshake) newOpen(a *Analyser) *trace.Open {
	h.open = &trace.Open{Role: a.cfg.Role}
	if h.request != nil {
		h.open.Request = trace.NewHead(h.head)
		h.open.SubprotocolsOffered = h.request.Protocols
		if _, version, ok := cutLast(h.head.Start, " "); ok {
			h.open.HTTPVersion = version
		}
		if h.request.Host != "" {
			h.open.URL = "ws://" + h.request.Host + h.request.Target
		}
	}
	return h.open
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// emit emits the open event and the problems of the handshake.
func (h *handshake) emit(a *Analyser, at time.Time) {
	h.done = true
	a.emit(h.open, at)
	for _, p := range h.problems {
		a.problem(at, p)
	}
	h.problems = nil
	a.ending.opened(at)
}

// finish emits the open event of a handshake that got no answer, unless it was
// emitted already.
func (h *handshake) finish(a *Analyser, at time.Time) {
	if h.done {
		return
	}
	h.newOpen(a)
	h.emit(a, at)
}

// extensions returns list as an event has it.
func extensions(list []codec.Extension) []trace.Extension {
	out := make([]trace.Extension, len(list))
	for i, e := range list {
		out[i].Name = e.Name
		for _, p := range e.Params {
			out[i].Params = append(out[i].Params, [2]string{p.Name, p.Value})
		}
	}
	return out
}
