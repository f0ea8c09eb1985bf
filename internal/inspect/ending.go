package inspect

import (
	"time"

	"wskit/codec"
	"wskit/internal/trace"
)

// ending gathers what the end of a connection is judged by.
type ending struct {
	// ends has how each direction ended, by who sent.
	ends [2]directionEnd
	// first says which side's direction ended first, if one has.
	first    codec.Role
	anyEnded bool

	// activity is when the last frame was complete, or the handshake.
	activity time.Time
	frames   int // how many there were

	// Of the first close frame: who sent it, the frames before it and the
	// silence before it.
	closed    bool
	closer    codec.Role
	before    int
	closeIdle time.Duration

	// broke is the last error, and brokeAt its time. With the first close frame
	// they stay as they are.
	broke   *trace.Problem
	brokeAt time.Time
	// sinceBroke is the time from there to the first close frame.
	sinceBroke time.Duration
}

type directionEnd struct {
	how  trace.How // empty while it has not ended
	idle time.Duration
}

// opened notes the end of the handshake.
func (e *ending) opened(at time.Time) { e.activity = at }

// violation notes an error.
func (e *ending) violation(at time.Time, p *trace.Problem) {
	if !e.closed {
		e.broke, e.brokeAt = p, at
	}
}

// closeFrame notes the first close frame of one side.
func (e *ending) closeFrame(at time.Time, f *trace.Frame) {
	if e.closed {
		return
	}
	e.closed, e.closer = true, f.From
	e.before, e.closeIdle = e.frames, at.Sub(e.activity)
	e.sinceBroke = at.Sub(e.brokeAt)
}

// frame notes a frame that is complete.
func (e *ending) frame(at time.Time, f *trace.Frame) {
	e.frames = f.N
	e.activity = at
}

// end notes the end of a direction. Last is when the last byte or end before it came.
func (e *ending) end(from codec.Role, at time.Time, how trace.How, last time.Time) {
	if e.ends[from].how != "" {
		return
	}
	e.ends[from] = directionEnd{how: how, idle: at.Sub(last)}
	if !e.anyEnded {
		e.anyEnded, e.first = true, from
	}
}

// emitClose emits the close event, the problems that only the end shows, and the
// figures.
func (a *Analyser) emitClose() {
	e := &a.ending
	client, server := a.dirs[codec.RoleClient], a.dirs[codec.RoleServer]
	c := &trace.Close{
		By: "unknown", How: trace.HowError, Client: client.close, Server: server.close,
		Lost: client.lost + server.lost,
	}
	switch {
	case e.closed:
		c.By, c.How, c.Idle = e.closer.String(), trace.HowClose, trace.Millis(e.closeIdle)
		c.Clean = client.close != nil && server.close != nil
		if c.Clean && crossed(client.close, server.close) {
			c.By = "both"
		}
	case e.anyEnded:
		end := e.ends[e.first]
		c.By, c.How, c.Idle = e.first.String(), end.how, trace.Millis(end.idle)
	}
	if a.handshake.ready() {
		switch {
		case !e.closed && e.anyEnded:
			a.problem(a.last, trace.NewProblem(trace.NoClose, e.first, ""))
		case e.closed && !c.Clean && e.anyEnded && !refuses(frameOf(c)):
			a.problem(a.last, trace.NewProblem(trace.UnansweredClose, e.closer.Peer(), ""))
		}
	}
	c.Verdict = a.verdict(c)
	a.emit(c, a.last)
	if a.handshake.ready() {
		a.emit(&trace.Stats{Client: client.stats.figures(), Server: server.stats.figures()}, a.last)
	}
}

// crossed reports whether two close frames were sent without knowledge of each
// other: an answer has the code that it answers, or none, or says what was wrong
// with it.
func crossed(a, b *trace.CloseFrame) bool {
	return a.Code != b.Code && a.Code.Sendable() && b.Code.Sendable() && !refuses(a) && !refuses(b)
}
