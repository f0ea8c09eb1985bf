package wsconn

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"wskit/codec"
)

// A breach is what a peer sends to break a rule.
type breach struct {
	violation *codec.Violation
	// name tells breaches of the same rule apart.
	name string
	// role is that of the connection under test.
	role codec.Role
	cfg  Config
	wire []byte
	// messages are those before the breach.
	messages int
}

// head encodes a header as a client sends it.
func head(h codec.Header) []byte {
	h.Masked, h.Key = true, key
	return codec.AppendHeader(nil, h)
}

// masked encodes a frame with any header as a client sends it.
func masked(h codec.Header, payload string) []byte {
	h.Length = uint64(len(payload))
	b := head(h)
	n := len(b)
	b = append(b, payload...)
	codec.Mask(key, 0, b[n:])
	return b
}

func breaches() []breach {
	const text, binary, cont, ping = codec.OpText, codec.OpBinary, codec.OpContinuation, codec.OpPing
	client := func(fin bool, op codec.Opcode, payload string) []byte {
		return frame(codec.RoleClient, fin, op, payload)
	}
	deflate := Config{Deflate: &codec.Deflate{}}
	list := []breach{
		{violation: codec.ErrReservedBits, wire: masked(codec.Header{Fin: true, RSV: codec.RSV2, Opcode: text}, "x")},
		{violation: codec.ErrRSV1WithoutDeflate, wire: masked(codec.Header{Fin: true, RSV: codec.RSV1, Opcode: text}, "x")},
		{violation: codec.ErrRSV1OnContinuation, cfg: deflate, wire: append(client(false, text, "x"), masked(codec.Header{Fin: true, RSV: codec.RSV1}, "x")...)},
		{violation: codec.ErrRSV1OnControl, cfg: deflate, wire: masked(codec.Header{Fin: true, RSV: codec.RSV1, Opcode: ping}, "x")},
		{violation: codec.ErrReservedOpcode, wire: client(true, 0x3, "")},
		{violation: codec.ErrReservedOpcode, name: "control", wire: client(true, 0xB, "")},
		{violation: codec.ErrUnmaskedClientFrame, wire: frame(codec.RoleServer, true, text, "x")},
		{violation: codec.ErrMaskedServerFrame, role: codec.RoleClient, wire: client(true, text, "x")},
		{violation: codec.ErrNonMinimalLength, wire: head(codec.Header{Fin: true, Opcode: text, Form: 16, Length: 125})},
		{violation: codec.ErrNonMinimalLength, name: "64", wire: head(codec.Header{Fin: true, Opcode: text, Form: 64, Length: 65535})},
		{violation: codec.ErrLengthTopBit, wire: head(codec.Header{Fin: true, Opcode: text, Form: 64, Length: 1 << 63})},
		{violation: codec.ErrFragmentedControl, wire: client(false, ping, "")},
		{violation: codec.ErrLongControl, wire: head(codec.Header{Fin: true, Opcode: ping, Length: 126})},
		{violation: codec.ErrUnexpectedContinuation, wire: client(true, cont, "x")},
		{violation: codec.ErrUnexpectedContinuation, name: "after a message", messages: 1, wire: append(client(true, text, "x"), client(true, cont, "x")...)},
		{violation: codec.ErrInterruptedMessage, wire: append(client(false, text, "x"), client(true, binary, "x")...)},
		{violation: codec.ErrShortClosePayload, wire: client(true, codec.OpClose, "x")},
		{violation: codec.ErrInvalidCloseCode, wire: client(true, codec.OpClose, "\x03\xed")},
		{violation: codec.ErrInvalidUTF8Reason, wire: client(true, codec.OpClose, "\x03\xe8\xff")},
		{violation: codec.ErrFrameTooBig, cfg: Config{MaxFrame: 10}, wire: head(codec.Header{Fin: true, Opcode: text, Length: 11})},
		{violation: codec.ErrMessageTooBig, cfg: Config{MaxMessage: 10, MaxFrame: -1}, wire: head(codec.Header{Fin: true, Opcode: text, Length: 11})},
		{violation: codec.ErrMessageTooBig, name: "fragments", cfg: Config{MaxMessage: 10}, wire: append(client(false, text, "123456"), head(codec.Header{Fin: true, Length: 5})...)},
		{violation: codec.ErrTooManyFragments, cfg: Config{MaxFragments: 3}, wire: bytes.Join([][]byte{client(false, text, ""), client(false, cont, ""), client(false, cont, ""), head(codec.Header{Length: 1})}, nil)},
		{violation: codec.ErrCorruptDeflate, cfg: deflate, wire: masked(codec.Header{Fin: true, RSV: codec.RSV1, Opcode: text}, "\xff\xff\xff")},
		{violation: codec.ErrCorruptDeflate, name: "cut off", cfg: deflate, wire: masked(codec.Header{Fin: true, RSV: codec.RSV1, Opcode: text}, "\xf2\x48\xcd")},
		{violation: codec.ErrInflatedTooBig, cfg: Config{Deflate: &codec.Deflate{}, MaxMessage: 1000}, wire: masked(codec.Header{Fin: true, RSV: codec.RSV1, Opcode: text}, deflated(strings.Repeat("a", 1001)))},
		{violation: codec.ErrInvalidUTF8, name: "compressed", cfg: deflate, wire: masked(codec.Header{Fin: true, RSV: codec.RSV1, Opcode: text}, deflated("abc\xff"))},
		{violation: codec.ErrInvalidUTF8, wire: client(true, text, "\xc0\xaf")},
		{violation: codec.ErrInvalidUTF8, name: "cut rune", wire: client(true, text, "abc\xe2\x82")},
		{violation: codec.ErrInvalidUTF8, name: "before the end", wire: append(head(codec.Header{Opcode: text, Length: 1000}), 0xff^key[0])},
	}
	return list
}

// deflated returns the compressed form of s.
func deflated(s string) string {
	comp, err := codec.NewCompressor(0, 0)
	if err != nil {
		panic(err)
	}
	b, err := comp.Append(nil, nil, []byte(s))
	if err != nil {
		panic(err)
	}
	return string(b)
}

// readers are the ways to read to the end of a connection. They return the number of
// whole messages.
var readers = []struct {
	name string
	read func(c *Conn) (messages int, err error)
}{
	{"NextMessage", func(c *Conn) (n int, err error) {
		for {
			if _, _, err := c.NextMessage(); err != nil {
				return n, err
			}
			n++
		}
	}},
	{"NextFrame", func(c *Conn) (n int, err error) {
		for {
			f, err := c.NextFrame()
			if err != nil {
				return n, err
			}
			if f.Fin {
				n++
			}
		}
	}},
	{"NextReader", func(c *Conn) (n int, err error) {
		for {
			_, r, err := c.NextReader()
			if err != nil {
				return n, err
			}
			if _, err := io.Copy(io.Discard, r); err != nil {
				return n, err
			}
			n++
		}
	}},
	{"Discard", func(c *Conn) (n int, err error) { return -1, c.Discard() }},
}

// TestViolations has the peer break each rule. The close frame with its code reaches
// the peer, even one that goes on sending, and everybody is told the same.
func TestViolations(t *testing.T) {
	seen := make(map[*codec.Violation]bool)
	for _, b := range breaches() {
		seen[b.violation] = true
		name := strings.TrimSpace(b.violation.Code + " " + b.name)
		for _, n := range networks {
			if n.name == "tls" || n.name == "unix" {
				continue // they take the same paths, and long
			}
			for _, r := range readers {
				t.Run(fmt.Sprintf("%s/%s/%s", name, n.name, r.name), func(t *testing.T) {
					if r.name == "Discard" && b.cfg.Deflate != nil {
						t.Skip("what is dropped is not inflated")
					}
					cfg := b.cfg
					cfg.Role = b.role
					c, p := against(t, n, cfg)
					go p.nc.Write(b.wire)
					var messages int
					ended := async(func() (err error) { messages, err = r.read(c); return err })
					p.wantClose(b.violation.Close, b.violation.Reason)
					p.wantEnd()
					p.nc.Close()
					err := ended()
					wantEnded(t, err, CloseError{Code: b.violation.Close, Reason: b.violation.Reason, By: Local, Err: b.violation})
					if messages != b.messages && messages >= 0 {
						t.Errorf("%d messages before the violation, want %d", messages, b.messages)
					}
					wantSticky(t, c, err)
				})
			}
		}
	}
	for _, v := range codec.Violations() {
		// A data frame after a close frame is never read.
		if v.Close != 0 && !seen[v] && v != codec.ErrFrameAfterClose && v != codec.ErrTooManyFinalBlocks {
			t.Errorf("no test for %s", v.Code)
		}
	}
}

// TestViolationReachesWhoGoesOnSending has a peer that sends on and on: with unread
// data a mere close would reset the connection and lose the close frame.
func TestViolationReachesWhoGoesOnSending(t *testing.T) {
	for _, n := range networks {
		if n.name == "pipe" {
			continue
		}
		t.Run(n.name, func(t *testing.T) {
			c, p := against(t, n, Config{})
			p.send(frame(codec.RoleServer, true, codec.OpText, "unmasked"))
			p.send(bytes.Repeat([]byte{1}, 100_000))
			sent := async(func() int {
				n, _ := p.nc.Write(make([]byte, 4<<20))
				if h, ok := p.nc.(interface{ CloseWrite() error }); ok {
					h.CloseWrite()
				}
				return n
			})
			ended := async(c.Discard)
			if n := sent(); n != 4<<20 {
				t.Errorf("only %d bytes were taken after the violation", n)
			}
			p.wantClose(1002, codec.ErrUnmaskedClientFrame.Reason)
			p.wantEnd()
			v := codec.ErrUnmaskedClientFrame
			wantEnded(t, ended(), CloseError{Code: 1002, Reason: v.Reason, By: Local, Err: v})
		})
	}
}

// TestViolationEndsInTime has a peer that neither reads nor stops.
func TestViolationEndsInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := half{}.pair()
		c := New(a, Config{CloseTimeout: 4 * time.Second})
		p := &peer{t: t, nc: b, role: codec.RoleClient}
		ended := async(c.Discard)
		start := time.Now()
		p.send(frame(codec.RoleServer, true, codec.OpText, "unmasked"))
		sent := async(func() error {
			for {
				if _, err := p.nc.Write([]byte("more")); err != nil {
					return err
				}
				time.Sleep(time.Second)
			}
		})
		p.wantClose(1002, codec.ErrUnmaskedClientFrame.Reason)
		wantEnded(t, ended(), CloseError{Code: 1002, Reason: codec.ErrUnmaskedClientFrame.Reason, By: Local, Err: codec.ErrUnmaskedClientFrame})
		if got := time.Since(start); got != 4*time.Second {
			t.Errorf("the connection ended after %v, want 4s", got)
		}
		p.nc.Close()
		sent()
	})
}

// TestViolationWhileClosing breaks a rule in place of answering the close.
func TestViolationWhileClosing(t *testing.T) {
	c, p := against(t, pipes, Config{})
	closed := async(func() error { return c.Close(1000, "") })
	p.wantClose(1000, "")
	p.send(frame(codec.RoleServer, true, codec.OpText, "unmasked"))
	v := codec.ErrUnmaskedClientFrame
	wantEnded(t, closed(), CloseError{Code: 1002, Reason: v.Reason, By: Local, Err: v})
}

// TestFailFast sees the bad byte of a text long before its end, in each way of
// reading, at every place where the text may be cut.
func TestFailFast(t *testing.T) {
	text := "h€llo"
	for cut := range len(text) {
		synctest.Test(t, func(t *testing.T) {
			c, p := against(t, pipes, Config{})
			ended := async(c.Discard)
			p.send(p.frame(false, codec.OpText, text[:cut]), p.frame(false, codec.OpContinuation, text[cut:]+"\xed\xa0"))
			p.wantClose(1007, codec.ErrInvalidUTF8.Reason)
			ended()
		})
	}
}

// TestEndlessFragments sends a million fragments of no or one byte: the message is
// refused at the default limit, and takes no memory worth the name until then.
func TestEndlessFragments(t *testing.T) {
	for _, payload := range []string{"", "x"} {
		c, p := against(t, networks[0], Config{})
		many := bytes.Repeat(p.frame(false, codec.OpContinuation, payload), 1000)
		first := p.frame(false, codec.OpBinary, payload)
		sent := async(func() error {
			_, err := p.nc.Write(first)
			for i := 0; i < 1000 && err == nil; i++ {
				_, err = p.nc.Write(many)
			}
			if err != nil {
				return err
			}
			return p.nc.(*net.TCPConn).CloseWrite()
		})
		ended := async(func() error { _, _, err := c.NextMessage(); return err })
		p.wantClose(codec.ClosePolicyViolation, codec.ErrTooManyFragments.Reason)
		p.wantEnd()
		if err := sent(); err != nil {
			t.Error(err)
		}
		v := codec.ErrTooManyFragments
		wantEnded(t, ended(), CloseError{Code: v.Close, Reason: v.Reason, By: Local, Err: v})
		if got := c.rx.Frames; got != DefaultMaxFragments+1 {
			t.Errorf("%d frames were taken, want %d", got, DefaultMaxFragments+1)
		}
		if held := cap(bytesOf(c.msg)); held > aheadSize {
			t.Errorf("%d bytes were held", held)
		}
	}
}
