package conform

import (
	"fmt"
	"strings"

	"wskit/codec"
)

// compressedFrameCases are about the frames of compressed messages, and of others beside
// them (RFC 7692 §6).
func compressedFrameCases() []*Case {
	const (
		group = "Compressed frames"
		split = "a compressed message may be fragmented anywhere; RSV1 is on its first frame only"
		may   = "an endpoint may send any message without compression, with RSV1 clear"
	)
	var cases []*Case
	add := func(id, title, why string, steps ...step) {
		cases = append(cases, deflated(&Case{ID: "7692-" + id, Group: group, Title: title, Why: why, steps: append(steps, finish())}))
	}
	echo := expect(textMessage("Hello"))
	for n := range len(helloDeflated) + 1 {
		add(fmt.Sprintf("6.1-split-at-%d", n), fmt.Sprintf("a compressed message in two fragments, of %d and %d bytes", n, len(helloDeflated)-n), split,
			send(fragmentsOf(hello(), n)...), echo)
	}
	parts := fragmentsOf(hello(), 2, 4)
	add("6.1-fragments-of-1", "a compressed message in fragments of one byte", split, send(fragmentsOf(hello(), every([]byte(helloDeflated), 1)...)...), echo)
	add("6.1-empty-fragments", "a compressed message with empty fragments in between", split, send(fragmentsOf(hello(), 0, 0, 3, 3, 3, 7)...), echo)
	add("6.1-ping-between", "pings between the fragments of a compressed message", "control frames may come between fragments, compressed or not",
		send(parts[0], pingFrame("one")), expectPong("one"), send(parts[1], pingFrame("two")), expectPong("two"), send(parts[2]), echo)
	add("6.1-chopped", "a compressed message, sent byte by byte", "how TCP cuts a message means nothing", chop(1, hello()), echo)
	add("6.1-chopped-fragments", "fragments of a compressed message, sent byte by byte", "how TCP cuts a message means nothing", chop(1, fragmentsOf(hello(), 3, 5)...), echo)
	add("6.1-fragment-by-fragment", "fragments of a compressed message, each sent when the one before was read", split,
		send(fragmentsOf(hello(), 3)[0]), alive(), send(fragmentsOf(hello(), 3)[1]), echo)
	text := letters(2000, 21)
	stored := compressed(codec.OpText, new(stream).stored(text).end())
	add("6.1-2000-fragments", "a compressed message in 2,000 fragments", split,
		send(fragmentsOf(stored, every(stored.payload, 1)...)...), expect(textMessage(text)))
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	add("6.1-binary", "a binary message with every byte, compressed", "binary messages may be compressed as well",
		send(compressed(codec.OpBinary, new(stream).fixed(literally(string(all))).end())), expect(binaryMessage(all)))
	add("6.1-binary-fragments", "a binary message, compressed, in fragments", split,
		send(fragmentsOf(compressed(codec.OpBinary, []byte(helloDeflated)), 2, 5)...), expect(binaryMessage([]byte("Hello"))))
	add("6-uncompressed-text", "a text that is not compressed", may, send(textFrame("plain")), expect(textMessage("plain")))
	add("6-uncompressed-binary", "a binary message that is not compressed", may, send(binaryFrame(all)), expect(binaryMessage(all)))
	add("6-uncompressed-empty", "an empty text that is not compressed", may, send(textFrame("")), expect(textMessage("")))
	add("6-uncompressed-fragments", "fragments that are not compressed", may, send(fragmentsOf(textFrame("plain"), 1, 3)...), expect(textMessage("plain")))
	add("6-uncompressed-looks-compressed", "bytes that look like a compressed message, with RSV1 clear", "only RSV1 says that a message is compressed",
		send(binaryFrame([]byte(helloDeflated))), expect(binaryMessage([]byte(helloDeflated))))
	add("6-in-turn", "compressed messages and others in turn, all in one write", may,
		send(hello(), textFrame("plain"), hello(), binaryFrame([]byte{0xFF}), hello()),
		expect(textMessage("Hello"), textMessage("plain"), textMessage("Hello"), binaryMessage([]byte{0xFF}), textMessage("Hello")))
	add("6-pings", "control frames are never compressed", "an endpoint must not set RSV1 in control frames",
		send(pingFrame(""), hello(), pingFrame(strings.Repeat("a", 125))), expect(pongMessage(""), textMessage("Hello"), pongMessage(strings.Repeat("a", 125))))
	add("5.5-close-between", "a close between the fragments of a compressed message", "control frames may come between fragments", send(fragmentsOf(hello(), 3)[0]))
	return append(cases, wrongFrameCases(group)...)
}

// wrongFrameCases are about frames that break a rule although, or because, compression was
// agreed on.
func wrongFrameCases(group string) []*Case {
	const (
		later   = "RSV1 must not be set in any frame of a message but the first (RFC 7692 §6.1)"
		control = "RSV1 must not be set in a control frame (RFC 7692 §6.1)"
		others  = "permessage-deflate gives a meaning to RSV1 only; other bits must fail the connection (RFC 6455 §5.2)"
	)
	parts := fragmentsOf(hello(), 2, 4)
	plain := fragmentsOf(textFrame("plain"), 2)
	var cases []*Case
	for _, t := range []struct {
		id, title, why string
		frames         []frame
	}{
		{"7692-6.1-rsv1-last", "RSV1 in the last fragment too", later, []frame{parts[0], parts[1], parts[2].reserved(4)}},
		{"7692-6.1-rsv1-middle", "RSV1 in a fragment in the middle too", later, []frame{parts[0], parts[1].reserved(4), parts[2]}},
		{"7692-6.1-rsv1-not-first", "RSV1 in the second fragment only", later, []frame{plain[0], plain[1].reserved(4)}},
		{"7692-6.1-rsv1-empty-last", "RSV1 in an empty last fragment", later, []frame{hello().more(), contFrame("").reserved(4)}},
		{"7692-6.1-rsv1-lone-continuation", "RSV1 in a continuation of nothing", later, []frame{contFrame(helloDeflated).reserved(4)}},
		{"7692-6.1-rsv1-ping", "RSV1 in a ping", control, []frame{pingFrame("compressed?").reserved(4)}},
		{"7692-6.1-rsv1-empty-ping", "RSV1 in an empty ping", control, []frame{pingFrame("").reserved(4)}},
		{"7692-6.1-rsv1-pong", "RSV1 in a pong", control, []frame{pongFrame("compressed?").reserved(4)}},
		{"7692-6.1-rsv1-close", "RSV1 in a close frame", control, []frame{closeWith(codec.CloseNormal, "").reserved(4)}},
		{"7692-6.1-rsv1-ping-between", "RSV1 in a ping between the fragments of a compressed message", control, []frame{parts[0], pingFrame("").reserved(4)}},
		{"6455-5.2-rsv2-compressed", "RSV2 beside RSV1", others, []frame{hello().reserved(6)}},
		{"6455-5.2-rsv3-compressed", "RSV3 beside RSV1", others, []frame{hello().reserved(5)}},
		{"6455-5.2-rsv2-agreed", "RSV2 in a frame that is not compressed", others, []frame{textFrame("plain").reserved(2)}},
		{"6455-5.2-rsv3-agreed", "RSV3 in a frame that is not compressed", others, []frame{textFrame("plain").reserved(1)}},
		{"6455-5.2-rsv2-fragment", "RSV2 in the second fragment of a compressed message", others, []frame{parts[0], parts[1].reserved(2)}},
		{"6455-5.2-opcode-3-compressed", "a reserved opcode, with RSV1", "a reserved opcode must fail the connection", []frame{hello().withOpcode(3)}},
		{"6455-5.2-opcode-11-compressed", "a reserved control opcode, with RSV1", "a reserved opcode must fail the connection", []frame{pingFrame("").withOpcode(11).reserved(4)}},
		{"6455-5.4-compressed-in-compressed", "a compressed message in the middle of another", "a message must be complete before the next one begins", []frame{parts[0], hello()}},
		{"6455-5.4-plain-in-compressed", "a message that is not compressed in the middle of one that is", "a message must be complete before the next one begins", []frame{parts[0], textFrame("plain")}},
		{"6455-5.4-compressed-twice-continued", "a continuation behind the end of a compressed message", "there must be a message to continue", []frame{contFrame(helloDeflated)}},
	} {
		cases = append(cases, deflated(&Case{
			ID: t.id, Group: group, Title: t.title, Why: t.why,
			steps: []step{send(hello()), expect(textMessage("Hello")), send(t.frames...), fails(codec.CloseProtocolError)},
		}))
	}
	return cases
}
