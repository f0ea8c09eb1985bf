package inspect

import (
	"sync"
	"time"

	"wskit/codec"
	"wskit/internal/trace"
)

// A Config says what an Analyser analyses.
type Config struct {
	// Emit is called with each event, in order, one at a time. It must not call
	// the Analyser. It is required.
	Emit func(trace.Event)
	// Conn is the number of the connection. If zero, 1.
	Conn int
	// Role says who records: "client", "server" or "observer". If empty,
	// "observer".
	Role string
	// MaxPayload is the most that is kept of the payload of a frame, and of the
	// content of a message, in bytes. If zero, 64 KiB; if negative, there is no
	// limit.
	MaxPayload int
	// MaxMessage is the size of the largest message that is put together, in
	// bytes, and once more after inflation. Larger ones are reported and only
	// their frames shown. If zero, 16 MiB; if negative, there is no limit.
	MaxMessage int
}

// The limits that a Config does not set.
const (
	defaultMaxPayload = 64 << 10
	defaultMaxMessage = 16 << 20
	maxFragments      = 16384    // of a message
	maxHead           = 64 << 10 // bytes of the head of a request or response
	maxHeadFields     = 1000
	maxFaults         = 64   // of a handshake that goes on
	maxPings          = 256  // not answered yet, in one direction
	maxHeld           = 1024 // events that wait for Open
	chunkSize         = 32 << 10
)

// Meta is what the bytes of a connection do not tell. All of it may be left out.
type Meta struct {
	// URL is where the client went. If empty, it is put together from the
	// request.
	URL string
	// Src and Dst are the addresses of the client and of the server.
	Src, Dst string
	// TLS is nil for a connection in the clear.
	TLS *trace.TLS
	// DNS, Connect and TLSTime are how long each step took.
	DNS, Connect, TLSTime time.Duration
}

// An Analyser turns the bytes of one connection into events. Call Open once, Data
// for each piece of either direction, beginning with the handshake, End when a
// direction ends, and Close at last.
//
// Its methods may be called by several goroutines at once, as the tap of a live
// connection does.
type Analyser struct {
	mu  sync.Mutex // guards all below
	cfg Config

	meta   *Meta         // nil until Open
	held   []trace.Event // until Open
	closed bool

	start time.Time // of the first byte
	last  time.Time // of the last byte or end
	frame int       // the number of the last frame
	msg   int       // the number of the last message

	handshake handshake
	dirs      [2]*direction // by who sends
	inflater  *codec.Decompressor
	ending    ending
}

// New returns an Analyser for a connection whose first byte is still to come.
func New(cfg Config) *Analyser {
	if cfg.Conn == 0 {
		cfg.Conn = 1
	}
	if cfg.Role == "" {
		cfg.Role = "observer"
	}
	if cfg.MaxPayload == 0 {
		cfg.MaxPayload = defaultMaxPayload
	}
	if cfg.MaxMessage == 0 {
		cfg.MaxMessage = defaultMaxMessage
	}
	a := &Analyser{cfg: cfg}
	for _, r := range []codec.Role{codec.RoleServer, codec.RoleClient} {
		a.dirs[r] = newDirection(a, r)
	}
	return a
}

// Open says what the bytes do not tell. It must be called once. Events wait for it:
// who dials learns some of this only when the handshake is over.
func (a *Analyser) Open(m Meta) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.open(m)
}

func (a *Analyser) open(m Meta) {
	if a.meta != nil {
		return
	}
	a.meta = &m
	held := a.held
	a.held = nil
	for _, e := range held {
		a.send(e)
	}
}

// Data takes the next bytes of one direction, which came at that time: the time may
// be zero when it is not known. It borrows b until it returns, and leaves it as it
// is.
func (a *Analyser) Data(from codec.Role, at time.Time, b []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed || len(b) == 0 {
		return
	}
	if a.start.IsZero() {
		a.start = at
	}
	a.last = at
	a.dirs[from].data(at, b)
}

// End says that one side's direction ended at that time: HowFIN when it closed TCP,
// HowRST when it reset it, HowTimeout when it gave up waiting, HowError otherwise.
// Only the first call for a direction counts.
func (a *Analyser) End(from codec.Role, at time.Time, how trace.How) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return
	}
	a.ending.end(from, at, how, a.last)
	a.last = at
	a.dirs[from].end()
}

// Close emits what is left: what was incomplete, the end of the connection and its
// figures. Further calls of any method do nothing.
func (a *Analyser) Close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return
	}
	a.dirs[codec.RoleClient].end()
	a.dirs[codec.RoleServer].end()
	a.handshake.finish(a, a.last)
	a.emitClose()
	a.open(Meta{})
	a.closed = true
}

// emit sends e, which happened at that time, or holds it until Open.
func (a *Analyser) emit(e trace.Event, at time.Time) {
	base := e.Common()
	base.Conn, base.Time = a.cfg.Conn, trace.Time{Time: at}
	if !a.start.IsZero() {
		base.T = trace.Seconds(at.Sub(a.start))
	}
	if a.meta != nil {
		a.send(e)
		return
	}
	a.held = append(a.held, e)
	if len(a.held) == maxHeld {
		a.open(Meta{})
	}
}

func (a *Analyser) send(e trace.Event) {
	if o, ok := e.(*trace.Open); ok {
		a.meta.fill(o)
	}
	a.cfg.Emit(e)
}

// fill adds m to o.
func (m *Meta) fill(o *trace.Open) {
	o.Src, o.Dst, o.TLS = m.Src, m.Dst, m.TLS
	o.DNS, o.Connect, o.TLSTime = trace.Millis(m.DNS), trace.Millis(m.Connect), trace.Millis(m.TLSTime)
	switch {
	case m.URL != "":
		o.URL = m.URL
	case m.TLS != nil && o.URL != "":
		o.URL = "wss" + o.URL[len("ws"):]
	}
}

// problem emits the problem with that code.
func (a *Analyser) problem(at time.Time, p *trace.Problem) {
	if p.Severity == trace.Error {
		a.ending.violation(at, p)
	}
	a.emit(p, at)
}
