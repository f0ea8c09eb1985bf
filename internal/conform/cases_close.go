package conform

import (
	"fmt"
	"strings"

	"wskit/codec"
)

// closeCases are about the closing handshake (RFC 6455 §5.5.1, §7).
func closeCases() []*Case {
	g := &group{name: "Closing"}
	rightCodes(g)
	wrongCodes(g)
	rightReasons(g)
	wrongPayloads(g)
	beforeClose(g)
	afterClose(g)
	piecesOfClose(g)
	halfClosed(g)
	return g.cases
}

const whyClose = "a close frame must be answered with one (§5.5.1), and then TCP ends, which the server closes first (§7.1.1)"

// rightCodes adds the codes that a close frame may have.
func rightCodes(g *group) {
	for _, c := range []struct {
		code codec.CloseCode
		what string
	}{
		{1000, "normal closure"},
		{1001, "going away"},
		{1002, "protocol error"},
		{1003, "unsupported data"},
		{1007, "invalid payload data"},
		{1008, "policy violation"},
		{1009, "message too big"},
		{1010, "mandatory extension"},
		{1011, "internal error"},
		{1012, "service restart, registered after RFC 6455"},
		{1013, "try again later, registered after RFC 6455"},
		{1014, "bad gateway, registered after RFC 6455"},
		{3000, "the first for libraries and frameworks"},
		{3999, "the last for libraries and frameworks"},
		{4000, "the first for private use"},
		{4999, "the last for private use"},
	} {
		g.both(fmt.Sprintf("6455-7.4-code-%d", c.code), fmt.Sprintf("a close frame with the code %d, %s", c.code, c.what),
			whyClose+"; the answer typically has the same code", closing(c.code, ""))
	}
	g.both("6455-5.5.1-empty", "a close frame without a payload", "a close frame may have no payload; "+whyClose,
		closing(codec.CloseNoStatus, ""))
}

// wrongCodes adds the codes that a close frame may not have.
func wrongCodes(g *group) {
	for _, c := range []struct {
		code codec.CloseCode
		what string
	}{
		{0, "which is not used"},
		{1, "which is not used"},
		{999, "the last that is not used"},
		{1004, "which is reserved"},
		{1005, "which stands for no code, and must not be sent"},
		{1006, "which stands for no close frame, and must not be sent"},
		{1015, "which stands for a failure of TLS, and must not be sent"},
		{1016, "which is not registered"},
		{1100, "which is not registered"},
		{1999, "which is not registered"},
		{2000, "which is not registered"},
		{2999, "which is not registered"},
		{5000, "the first that is in no range"},
		{32768, "which is in no range"},
		{65535, "the last of all, which is in no range"},
	} {
		why := "a close frame has a code that is defined (§7.4.1), or in the range of one that may be (§7.4.2)"
		g.both(fmt.Sprintf("6455-7.4-code-%d", c.code), fmt.Sprintf("a close frame with the code %d, %s", c.code, c.what), why,
			send(closeWith(c.code, "")), failsUndefined(c.code))
	}
}

// rightReasons adds reasons that a close frame may have.
func rightReasons(g *group) {
	const why = "behind the code a close frame may have a reason in UTF-8, up to 123 bytes; " + whyClose
	for _, r := range []struct{ id, title, reason string }{
		{"1", "one byte", "x"},
		{"text", "a few words", "that was all"},
		{"122", "122 bytes", strings.Repeat("x", 122)},
		{"123", "123 bytes, the most that there may be", strings.Repeat("x", 123)},
		{"utf8", "many scripts", manyScripts},
		{"utf8-123", "123 bytes of characters of three", strings.Repeat("€", 41)},
		{"last", "the last character of Unicode", "\U0010ffff"},
		{"nul", "U+0000", "a\x00b"},
	} {
		g.both("6455-5.5.1-reason-"+r.id, "a close frame with a reason of "+r.title, why, closing(codec.CloseNormal, r.reason))
	}
	g.both("6455-5.5.1-reason-4999", "a close frame with the code 4999 and a reason", why, closing(4999, "private"))
}

// wrongPayloads adds payloads that a close frame may not have.
func wrongPayloads(g *group) {
	g.both("6455-5.5.1-1-byte", "a close frame with a payload of one byte",
		"the payload of a close frame begins with a code of two bytes (§5.5.1)",
		send(closeFrame([]byte{3})), fails(codec.CloseProtocolError))
	for _, n := range []int{126, 127, 1000, 65536} {
		g.both(fmt.Sprintf("6455-5.5-close-%d", n), fmt.Sprintf("a close frame of %d bytes", n),
			"a control frame must have a payload of 125 bytes or less (§5.5)",
			send(closeWith(codec.CloseNormal, strings.Repeat("x", n-2))), fails(codec.CloseProtocolError))
	}
	for _, v := range []invalid{
		{"the byte FF", "\xFF"},
		{"a continuation byte alone", "\x80"},
		{"a slash in two bytes", "\xC0\xAF"},
		{"a surrogate", "\xED\xA0\x80"},
		{"U+110000", "\xF4\x90\x80\x80"},
		{"an é of Latin-1", "caf\xE9 au lait"},
		{"one byte of two at its end", "truncated \xC3"},
		{"three bytes of four at its end", "truncated \xF0\x9F\x8E"},
		{"one byte of two at its end, at byte 123", strings.Repeat("x", 122) + "\xC3"},
	} {
		g.both(fmt.Sprintf("6455-8.1-reason-%s-%d", v.id(), len(v.bytes)), "a close frame with a reason that has "+v.title,
			"a reason is UTF-8 (§5.5.1), and what is not must fail the connection (§8.1)",
			send(closeWith(codec.CloseNormal, v.bytes)), fails(codec.CloseInvalidPayload, codec.CloseProtocolError))
	}
}

// beforeClose adds what comes right before a close frame.
func beforeClose(g *group) {
	const why = "what was complete before a close frame came has been received; " + whyClose
	closes := closeWith(codec.CloseNormal, "")
	ten, echoes := numbered("message", 10)
	long := strings.Repeat("*", 65536)
	for _, b := range []struct {
		id, title string
		frames    []frame
		answers   []message
	}{
		{"text", "a text message", []frame{textFrame("last")}, []message{textMessage("last")}},
		{"binary", "a binary message", []frame{binaryFrame([]byte{0xFF})}, []message{binaryMessage([]byte{0xFF})}},
		{"long", "a text message of 65536 bytes", []frame{textFrame(long)}, []message{textMessage(long)}},
		{"ten", "ten text messages", ten, echoes},
		{"fragments", "a message in fragments", fragments(codec.OpText, "la", "st"), []message{textMessage("last")}},
		{"ping", "a ping", []frame{pingFrame("last")}, []message{pongMessage("last")}},
		{"pong", "a pong", []frame{pongFrame("last")}, nil},
	} {
		g.both("6455-5.5.1-after-"+b.id, b.title+" and a close frame, in one write", why,
			send(append(b.frames[:len(b.frames):len(b.frames)], closes)...), closed(codec.CloseNormal, b.answers...))
	}

	const abandoned = "a close frame may come within a message, which then never ends; " + whyClose
	for _, f := range []struct {
		id, title string
		frames    []frame
	}{
		{"text", "the first fragment of a text message", []frame{textFrame("unfinished").more()}},
		{"empty", "an empty first fragment of a text message", []frame{textFrame("").more()}},
		{"binary", "the first fragment of a binary message", []frame{binaryFrame([]byte{1}).more()}},
		{"second", "the second fragment of a text message", []frame{textFrame("un").more(), contFrame("finished").more()}},
		{"character", "a fragment that ends within a character", []frame{textFrame("\xF0\x9F").more()}},
	} {
		g.both("6455-5.5.1-inside-"+f.id, "a close frame behind "+f.title, abandoned,
			send(append(f.frames, closes)...), closed(codec.CloseNormal))
	}
	g.both("6455-5.5.1-inside-then-rest", "a close frame between the two fragments of a message", abandoned,
		send(textFrame("unfi").more(), closes, contFrame("nished")), closed(codec.CloseNormal))
}

// afterClose adds what comes behind a close frame.
func afterClose(g *group) {
	const why = "what comes behind a close frame is discarded (§1.4), and no message may begin when the connection is no longer open (§6.1)"
	for _, a := range []struct {
		id, title string
		frames    []frame
	}{
		{"text", "a text message", []frame{textFrame("too late")}},
		{"binary", "a binary message", []frame{binaryFrame([]byte{1})}},
		{"fragments", "a message in fragments", fragments(codec.OpText, "too ", "late")},
		{"ten", "ten text messages", func() []frame { f, _ := numbered("late", 10); return f }()},
		{"ping", "a ping, which need no longer be answered", []frame{pingFrame("too late")}},
		{"pong", "a pong", []frame{pongFrame("too late")}},
		{"close", "a second close frame", []frame{closeWith(codec.CloseNormal, "")}},
		{"close-other", "a second close frame with another code", []frame{closeWith(codec.CloseGoingAway, "")}},
		{"close-empty", "a second close frame without a payload", []frame{closeFrame(nil)}},
	} {
		g.both("6455-5.5.1-before-"+a.id, "a close frame and "+a.title+", in one write", why,
			send(append([]frame{closeWith(codec.CloseNormal, "")}, a.frames...)...), closed(codec.CloseNormal))
	}
	g.both("6455-5.5.1-before-text-later", "a close frame, and after a moment a text message", why,
		send(closeWith(codec.CloseNormal, "")), sendRest(textFrame("too late")), closed(codec.CloseNormal))
}

// piecesOfClose adds close frames that come in pieces.
func piecesOfClose(g *group) {
	long := strings.Repeat("€", 41)
	for _, size := range []int{1, 2, 3, 7} {
		g.both(fmt.Sprintf("6455-5.5.1-chop-%d", size), fmt.Sprintf("a close frame with a reason of 123 bytes, in pieces of %d B", size), whyClose,
			chop(size, closeWith(codec.CloseNormal, long)), closed(codec.CloseNormal))
	}
	const unmasked, masked = 2 + 2, 2 + 4 + 2 // bytes of a close frame with a code
	for n := 1; n < masked; n++ {
		add := g.both
		if n >= unmasked {
			add = g.server
		}
		add(fmt.Sprintf("6455-5.5.1-cut-%d", n), fmt.Sprintf("a close frame, cut after its byte %d", n), whyClose,
			cut(n, closeWith(codec.CloseNormal, "")), closed(codec.CloseNormal))
	}
	g.both("6455-5.5.1-chop-text", "a text message and a close frame, byte by byte", whyClose,
		chop(1, textFrame("last"), closeWith(codec.CloseNormal, "")), closed(codec.CloseNormal, textMessage("last")))
}

// halfClosed adds connections whose one direction ends first.
func halfClosed(g *group) {
	closes := closeWith(codec.CloseNormal, "")
	g.both("6455-7.1.1-half-close", "a close frame, and the end of our direction of TCP", whyClose,
		send(closes), endWriting(), closed(codec.CloseNormal))
	g.both("6455-7.1.1-half-close-text", "a text message, a close frame, and the end of our direction of TCP", whyClose,
		send(textFrame("last"), closes), endWriting(), closed(codec.CloseNormal, textMessage("last")))
	g.client("6455-7.1.1-client-waits", "close frames of both, and a server that takes its time", "a client should wait for the server to end TCP (§7.1.1)",
		send(closes), custom("the client must answer with a close frame, and should leave TCP open for the server to end", (*session).waitsForServer))

	const why = "a connection may end without a close frame, which is no clean end (§7.1.4): there is nothing to wait for"
	g.both("6455-7.1.4-end", "the end of our direction of TCP, without a close frame", why,
		endWriting(), endsAfterFIN())
	g.both("6455-7.1.4-end-after-text", "a text message, and the end of our direction of TCP", why,
		send(textFrame("last")), endWriting(), endsAfterFIN(textMessage("last")))
	g.both("6455-7.1.4-end-after-echo", "a text message, and after its echo the end of our direction of TCP", why,
		send(textFrame("last")), expect(textMessage("last")), endWriting(), endsAfterFIN())
	g.both("6455-7.1.4-end-in-message", "the first fragment of a message, and the end of our direction of TCP", why,
		send(textFrame("unfinished").more()), endWriting(), endsAfterFIN())
	g.both("6455-7.1.4-end-in-frame", "the half of a frame, and the end of our direction of TCP", why,
		sendPart(5, textFrame("unfinished")), endWriting(), endsAfterFIN())
	g.both("6455-7.1.4-end-in-header", "one byte, and the end of our direction of TCP", why,
		sendBytes("the first byte of a header", []byte{0x81}), endWriting(), endsAfterFIN())
}
