package wsconn

import (
	"bytes"
	"testing"
	"time"

	"wskit/codec"
)

// TestSendInPlace queues replies to large messages. A reply is sent at once when
// nothing is to be gathered with it, and is right whether or not it was.
func TestSendInPlace(t *testing.T) {
	echo := func(c *Conn, data []byte) []byte { return data }
	tests := []struct {
		name    string
		cfg     Config
		size    int
		cut     int  // where the frame is cut in two, on a pipe
		more    bool // another message has arrived
		before  bool // something is queued
		locked  bool // another goroutine is between the fragments of a message
		reply   func(c *Conn, data []byte) []byte
		inPlace bool
	}{
		{name: "just large enough", size: inPlaceSize, reply: echo, inPlace: true},
		{name: "nearly the whole buffer", size: 65_000, reply: echo, inPlace: true},
		{name: "a little small", size: inPlaceSize - 1, reply: echo},
		{name: "more has arrived", size: inPlaceSize, more: true, reply: echo},
		{name: "something is queued", size: inPlaceSize, before: true, reply: echo},
		{name: "another message is being sent", size: inPlaceSize, locked: true, reply: echo},
		{name: "in fragments", cfg: Config{FragmentSize: 5000}, size: inPlaceSize, reply: echo},
		{name: "compressed", cfg: Config{Deflate: &codec.Deflate{}}, size: inPlaceSize, reply: echo},
		{name: "without its header", size: inPlaceSize, cut: 8, reply: echo},
		{name: "a copy", size: inPlaceSize, reply: func(_ *Conn, data []byte) []byte { return bytes.Clone(data) }},
		{name: "the end of it", size: 2 * inPlaceSize, reply: func(_ *Conn, data []byte) []byte { return data[len(data)-inPlaceSize:] }},
		{name: "the start of it", size: 2 * inPlaceSize, reply: func(_ *Conn, data []byte) []byte { return data[:inPlaceSize] }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n := networks[0]
			if tt.cut > 0 {
				n = pipes
			}
			var got bytes.Buffer
			tt.cfg.Tap = func(from codec.Role, _ time.Time, b []byte) {
				if from == codec.RoleServer {
					got.Write(b)
				}
			}
			c, p := against(t, n, tt.cfg)
			wire := p.frame(true, codec.OpBinary, string(pattern(tt.size)))
			if tt.more {
				wire = append(wire, p.text("more")...)
			}
			sent := async(func() bool {
				if tt.cut > 0 {
					p.send(wire[:tt.cut])
				}
				p.send(wire[tt.cut:])
				return true
			})
			_, data, err := c.NextMessage()
			sent()
			if err != nil {
				t.Fatal(err)
			}
			reply := tt.reply(c, data)
			want := codec.AppendHeader(nil, codec.Header{Fin: true, Opcode: codec.OpBinary, Length: uint64(len(reply))})
			want = append(want, reply...)
			if tt.before {
				if err := c.QueueMessage(codec.OpText, []byte("before")); err != nil {
					t.Fatal(err)
				}
			}
			if tt.locked {
				c.message.lock()
			}
			if err := c.QueueMessage(codec.OpBinary, reply); err != nil {
				t.Fatal(err)
			}
			if inPlace := got.Len() > 0; inPlace != tt.inPlace {
				t.Errorf("sent at once: %v, want %v", inPlace, tt.inPlace)
			}
			if tt.locked {
				c.message.unlock()
			}
			if tt.cut > 0 {
				defer async(func() bool { _, _, ok := p.next(); return ok })()
			}
			if err := c.Flush(); err != nil {
				t.Fatal(err)
			}
			if tt.cfg.FragmentSize == 0 && tt.cfg.Deflate == nil && !bytes.HasSuffix(got.Bytes(), want) {
				t.Errorf("sent %d bytes that do not end with the reply of %d", got.Len(), len(want))
			}
			if s := c.Stats(); s.MessagesOut != 1 && !tt.before || s.BytesOut != int64(got.Len()) {
				t.Errorf("%+v, %d bytes were sent", s, got.Len())
			}
		})
	}
}
