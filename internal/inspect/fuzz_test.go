package inspect

import (
	"bytes"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"wskit/codec"
	"wskit/internal/trace"
)

// FuzzAnalyser feeds the bytes of both directions, after a handshake or as the
// handshake, and checks that nothing breaks, that it makes no difference how they
// are cut, that frames are numbered and refer to each other, that no more is kept
// than the limits say, and that the events can be written.
func FuzzAnalyser(f *testing.F) {
	for _, name := range captures {
		for _, flow := range readCapture(f, name) {
			var dirs [2][]byte
			for _, c := range flow.chunks {
				dirs[c.from] = append(dirs[c.from], c.data...)
			}
			if len(dirs[client])+len(dirs[server]) > 4096 {
				continue
			}
			f.Add(dirs[client], dirs[server], false, uint64(1))
			for _, d := range []codec.Role{client, server} {
				if i := bytes.Index(dirs[d], []byte("\r\n\r\n")); i >= 0 {
					dirs[d] = dirs[d][i+4:]
				}
			}
			f.Add(dirs[client], dirs[server], true, uint64(2))
		}
	}
	f.Fuzz(func(t *testing.T, fromClient, fromServer []byte, shake bool, seed uint64) {
		s := &session{now: time.Unix(1, 0)}
		if shake {
			s = newSession(offerDeflate, offerDeflate)
		}
		rnd := rand.New(rand.NewPCG(seed, seed))
		for len(fromClient)+len(fromServer) > 0 {
			from, b := client, &fromClient
			if len(*b) == 0 || len(fromServer) > 0 && rnd.IntN(2) == 0 {
				from, b = server, &fromServer
			}
			n := 1 + rnd.IntN(len(*b))
			s.send(from, string((*b)[:n]))
			*b = (*b)[n:]
		}
		s.end(server, trace.HowFIN)
		chunks := withoutTime(s.chunks)
		const limit = 1000
		cfg := Config{MaxPayload: limit, MaxMessage: 4 * limit}
		events := analyse(cfg, chunks)
		checkEvents(t, events, limit)
		want := jsonLines(t, events)
		if got := jsonLines(t, analyse(cfg, recut(chunks, rnd))); got != want {
			t.Errorf("cut differently:\n%s\nwant\n%s", got, want)
		}
		text := trace.NewText(io.Discard)
		text.Width, text.Stats = 60, true
		for _, e := range events {
			if err := text.Write(e); err != nil {
				t.Fatal(err)
			}
		}
		if seed%4 == 0 { // it takes several times as long as all the rest
			checkReader(t, events)
		}
	})
}

// checkEvents checks what holds for the events of any bytes.
func checkEvents(t *testing.T, events []trace.Event, limit int) {
	t.Helper()
	if _, ok := events[0].(*trace.Open); !ok {
		t.Errorf("the first event is %T", events[0])
	}
	if n := len(only[*trace.Close](events)); n != 1 {
		t.Errorf("there are %d close events", n)
	}
	frames := only[*trace.Frame](events)
	for i, f := range frames {
		if f.N != i+1 || f.Answers >= f.N || len(f.Payload) > limit {
			t.Errorf("frame %d: number %d answers %d, keeps %d bytes", i+1, f.N, f.Answers, len(f.Payload))
		}
		if !f.Incomplete && uint64(len(f.Payload))+f.Truncated != f.Header.Length {
			t.Errorf("frame %d: %d + %d bytes of %d", f.N, len(f.Payload), f.Truncated, f.Header.Length)
		}
	}
	for _, m := range only[*trace.Message](events) {
		if len(m.Data) > limit || uint64(len(m.Data))+m.Truncated != m.Size {
			t.Errorf("message %d: %d + %d bytes of %d", m.Msg, len(m.Data), m.Truncated, m.Size)
		}
		for _, n := range m.Frames {
			if n < 1 || n > len(frames) || frames[n-1].Msg != m.Msg {
				t.Errorf("message %d: frame %d is not of it", m.Msg, n)
			}
		}
	}
	for _, p := range only[*trace.Problem](events) {
		if p.Frame > len(frames) {
			t.Errorf("%s: there is no frame %d", p.Code, p.Frame)
		}
	}
}
