package inspect

import (
	"time"

	"wskit/codec"
	"wskit/internal/trace"
)

// ExplainHex returns the frames that b has, their messages and what is wrong with
// them. There is no handshake to tell who sent a frame and what was agreed: who
// masks is the client, and RSV1 means permessage-deflate. The frames of both may
// follow each other in any order. [trace.Text] with Bits shows each bit of them.
func ExplainHex(b []byte) []trace.Event {
	var events []trace.Event
	a := New(Config{MaxPayload: -1, Emit: func(e trace.Event) { events = append(events, e) }})
	a.mu.Lock()
	defer a.mu.Unlock()
	a.open(Meta{})
	a.assume(&codec.Deflate{})
	for len(b) > 0 {
		from, n := nextFrame(b)
		a.dirs[from].data(time.Time{}, b[:n])
		b = b[n:]
	}
	a.dirs[codec.RoleClient].end()
	a.dirs[codec.RoleServer].end()
	return events
}

// nextFrame returns who sent the frame that b begins with, and how many bytes of it
// are in b.
func nextFrame(b []byte) (from codec.Role, n int) {
	h, n, err := codec.ParseHeader(b)
	if err == codec.ErrShort {
		h.Masked = len(b) > 1 && b[1]&0x80 != 0
		n = len(b)
	} else {
		n += int(min(h.Length, uint64(len(b)-n)))
	}
	if h.Masked {
		from = codec.RoleClient
	}
	return from, n
}

// assume begins in the middle of a connection whose handshake agreed on deflate.
func (a *Analyser) assume(deflate *codec.Deflate) {
	a.handshake.agreed.Deflate = deflate
	a.handshake.done, a.handshake.open = true, &trace.Open{Status: 101}
	for _, d := range a.dirs {
		d.start(true)
		d.middle = true
	}
}
