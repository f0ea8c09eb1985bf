package inspect

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
	"time"

	"wskit/codec"
	"wskit/internal/trace"
)

// A flow is one TCP connection of a capture.
type flow struct {
	client string // address and port
	chunks []chunk
	next   [2]uint32 // the sequence number that comes next, by who sends
	seen   [2]bool
}

// A chunk is some bytes of one direction, or its end.
type chunk struct {
	from codec.Role
	at   time.Time
	data []byte
	end  trace.How
}

// readCapture returns the flows of one of the sample captures, in the order in
// which they began. It knows as much of pcapng, Ethernet, IP and TCP as these files
// need: all segments are there, in order, or come again.
func readCapture(t testing.TB, name string) []*flow {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "testdata", "captures", name+".pcapng"))
	if err != nil {
		t.Fatal(err)
	}
	var flows []*flow
	byClient := make(map[string]*flow)
	for len(b) >= 12 {
		kind, size := binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:])
		if kind == 6 { // an enhanced packet
			ticks := uint64(binary.LittleEndian.Uint32(b[12:]))<<32 | uint64(binary.LittleEndian.Uint32(b[16:]))
			packet := b[28 : 28+binary.LittleEndian.Uint32(b[20:])]
			addPacket(byClient, &flows, time.Unix(0, int64(ticks)), packet)
		}
		b = b[size:]
	}
	return flows
}

func addPacket(byClient map[string]*flow, flows *[]*flow, at time.Time, p []byte) {
	ip := p[14:]
	tcp := ip[int(ip[0]&15)*4 : binary.BigEndian.Uint16(ip[2:])]
	src := string(ip[12:16]) + string(tcp[0:2])
	dst := string(ip[16:20]) + string(tcp[2:4])
	seq, flags := binary.BigEndian.Uint32(tcp[4:]), tcp[13]
	const fin, syn, rst, ack = 1, 2, 4, 16
	if flags&(syn|ack) == syn {
		f := &flow{client: src}
		byClient[src] = f
		*flows = append(*flows, f)
	}
	from, f := codec.RoleClient, byClient[src]
	if f == nil {
		from, f = codec.RoleServer, byClient[dst]
	}
	if flags&syn != 0 {
		f.next[from], f.seen[from] = seq+1, true
		return
	}
	data := tcp[tcp[12]>>4*4:]
	if old := f.next[from] - seq; int32(old) > 0 {
		data = data[min(int(old), len(data)):]
	}
	if len(data) > 0 {
		f.next[from] += uint32(len(data))
		f.chunks = append(f.chunks, chunk{from: from, at: at, data: data})
	}
	switch {
	case flags&rst != 0:
		f.chunks = append(f.chunks, chunk{from: from, at: at, end: trace.HowRST})
	case flags&fin != 0:
		f.chunks = append(f.chunks, chunk{from: from, at: at, end: trace.HowFIN})
	}
}

// analyse returns the events of a connection.
func analyse(cfg Config, chunks []chunk) []trace.Event {
	var events []trace.Event
	cfg.Emit = func(e trace.Event) { events = append(events, e) }
	a := New(cfg)
	a.Open(Meta{})
	for _, c := range chunks {
		if c.end != "" {
			a.End(c.from, c.at, c.end)
		} else {
			a.Data(c.from, c.at, c.data)
		}
	}
	a.Close()
	return events
}
