package conform

import (
	"bytes"
	"fmt"
	"math"
	"strings"

	"wskit/codec"
)

// framingCases are about what a single frame is made of (RFC 6455 §5.2).
func framingCases() []*Case {
	g := &group{name: "Framing"}
	lengths(g)
	longForms(g)
	topBits(g)
	reservedBits(g)
	reservedOpcodes(g)
	return g.cases
}

// lengths adds payloads at the edges of the three forms of the length.
func lengths(g *group) {
	const why = "a payload length is written in 7, 16 or 64 bits, whichever is the shortest that holds it (§5.2)"
	for _, n := range []int{0, 1, 2, 124, 125, 126, 127, 128, 255, 256, 1024, math.MaxUint16 - 1, math.MaxUint16, math.MaxUint16 + 1} {
		text, binary := strings.Repeat("*", n), bytes.Repeat([]byte{0xFE}, n)
		g.both(fmt.Sprintf("6455-5.2-text-%d", n), fmt.Sprintf("a text message of %d bytes", n), why,
			send(textFrame(text)), expect(textMessage(text)), finish())
		g.both(fmt.Sprintf("6455-5.2-binary-%d", n), fmt.Sprintf("a binary message of %d bytes", n), why,
			send(binaryFrame(binary)), expect(binaryMessage(binary)), finish())
	}
}

// longForms adds lengths in a longer form than they need.
func longForms(g *group) {
	const why = "the minimal number of bytes must be used to encode the length (§5.2)"
	for _, l := range []struct {
		form codec.LengthForm
		n    int
	}{{16, 0}, {16, 1}, {16, 125}, {64, 0}, {64, 1}, {64, 125}, {64, 126}, {64, math.MaxUint16}} {
		text, binary := strings.Repeat("*", l.n), bytes.Repeat([]byte{0xFE}, l.n)
		g.both(fmt.Sprintf("6455-5.2-form-%d-text-%d", l.form, l.n),
			fmt.Sprintf("a text message of %d bytes with a length of %d bits", l.n, l.form), why,
			send(textFrame(text).withForm(l.form)), shouldFail(textMessage(text), codec.CloseProtocolError))
		g.both(fmt.Sprintf("6455-5.2-form-%d-binary-%d", l.form, l.n),
			fmt.Sprintf("a binary message of %d bytes with a length of %d bits", l.n, l.form), why,
			send(binaryFrame(binary).withForm(l.form)), shouldFail(binaryMessage(binary), codec.CloseProtocolError))
	}
	g.both("6455-5.2-form-16-continuation", "a last fragment of 3 bytes with a length of 16 bits", why,
		send(textFrame("one").more(), contFrame("two").withForm(16)),
		shouldFail(textMessage("onetwo"), codec.CloseProtocolError))
}

// topBits adds lengths of 2^63 and more.
func topBits(g *group) {
	const why = "the most significant bit of a 64-bit length must be 0 (§5.2)"
	for _, l := range []struct {
		id, title string
		n         uint64
		payload   string
	}{
		{"alone", "2^63, and no payload", 1 << 63, ""},
		{"with-payload", "2^63+5, and a payload of 5 bytes", 1<<63 + 5, "right"},
		{"with-64k", "2^63+65536, and a payload of 65536 bytes", 1<<63 + 65536, strings.Repeat("*", 65536)},
		{"all-ones", "2^64-1", math.MaxUint64, ""},
	} {
		for _, op := range []codec.Opcode{codec.OpText, codec.OpBinary} {
			f := textFrame(l.payload).withOpcode(op).announcing(l.n).withForm(64)
			g.both(fmt.Sprintf("6455-5.2-top-bit-%v-%s", op, l.id), fmt.Sprintf("a %v frame with a length of %s", op, l.title), why,
				send(f), fails(codec.CloseProtocolError, codec.CloseMessageTooBig))
		}
	}
}

// reservedBits adds RSV bits on every kind of frame.
func reservedBits(g *group) {
	const why = "a reserved bit that no negotiated extension has given a meaning must fail the connection (§5.2)"
	for rsv := uint8(1); rsv < 8; rsv++ {
		for _, w := range []struct {
			id, title string
			frames    []frame
			right     []message
		}{
			{"text", "a text frame", []frame{textFrame("reserved").reserved(rsv)}, nil},
			{"binary", "a binary frame", []frame{binaryFrame([]byte{1, 2, 3}).reserved(rsv)}, nil},
			{"first", "the first of three fragments", []frame{textFrame("a").more().reserved(rsv), contFrame("b").more(), contFrame("c")}, nil},
			{"middle", "the second of three fragments", []frame{textFrame("a").more(), contFrame("b").more().reserved(rsv), contFrame("c")}, nil},
			{"last", "the last of three fragments", []frame{textFrame("a").more(), contFrame("b").more(), contFrame("c").reserved(rsv)}, nil},
			{"ping", "a ping", []frame{pingFrame("reserved").reserved(rsv)}, nil},
			{"pong", "a pong", []frame{pongFrame("reserved").reserved(rsv)}, nil},
			{"close", "a close frame", []frame{closeWith(codec.CloseNormal, "").reserved(rsv)}, nil},
			{"after-text", "behind a right message, a text frame", []frame{textFrame("right"), textFrame("reserved").reserved(rsv)}, []message{textMessage("right")}},
		} {
			c := g.both(fmt.Sprintf("6455-5.2-rsv-%d-%s", rsv, w.id),
				fmt.Sprintf("%s with reserved bits %03b, which nothing defines", w.title, rsv), why,
				send(w.frames...), failsAfter(w.right, codec.CloseProtocolError))
			c.bare = true
		}
	}
}

// reservedOpcodes adds the opcodes that RFC 6455 leaves for later.
func reservedOpcodes(g *group) {
	const why = "an unknown opcode must fail the connection (§5.2)"
	for op := range codec.Opcode(16) {
		if !op.Reserved() {
			continue
		}
		kind := "data"
		if op.Control() {
			kind = "control"
		}
		empty := frame{fin: true, op: op}
		full := frame{fin: true, op: op, payload: []byte("reserved")}
		for _, w := range []struct {
			id, title string
			frames    []frame
			right     []message
		}{
			{"empty", "an empty frame", []frame{empty}, nil},
			{"payload", "a frame with a payload", []frame{full}, nil},
			{"fragment", "a frame without FIN, and a continuation", []frame{full.more(), contFrame("more")}, nil},
			{"inside", "a frame between two fragments of a message", []frame{textFrame("a").more(), full, contFrame("b")}, nil},
			{"after-text", "a frame after a text message", []frame{textFrame("right"), full}, []message{textMessage("right")}},
		} {
			g.both(fmt.Sprintf("6455-5.2-opcode-%x-%s", int(op), w.id),
				fmt.Sprintf("%s with the %s opcode 0x%X", w.title, kind, int(op)), why,
				send(w.frames...), failsAfter(w.right, codec.CloseProtocolError))
		}
	}
}
