package conform

import (
	"fmt"
	"strings"

	"wskit/codec"
)

// fragmentCases are about messages in several frames (RFC 6455 §5.4).
func fragmentCases() []*Case {
	g := &group{name: "Fragmentation"}
	fragmented(g)
	emptyFragments(g)
	choppedFragments(g)
	controlsInside(g)
	orphans(g)
	interruptions(g)
	return g.cases
}

// whyFragments is what §5.4 asks of a receiver.
const whyFragments = "a message is the payloads of its fragments one after the other (§5.4)"

// fragments returns a message in fragments of these payloads.
func fragments(op codec.Opcode, parts ...string) []frame {
	frames := make([]frame, len(parts))
	for i, p := range parts {
		frames[i] = frame{op: codec.OpContinuation, payload: []byte(p), fin: i == len(parts)-1}
	}
	frames[0].op = op
	return frames
}

// whole is what comes back of fragments.
func whole(op codec.Opcode, parts ...string) message {
	return message{op: op, data: []byte(strings.Join(parts, ""))}
}

// dataOpcodes are those that begin a message.
var dataOpcodes = []codec.Opcode{codec.OpText, codec.OpBinary}

// fragmented adds messages in many fragments and in large ones.
func fragmented(g *group) {
	for _, op := range dataOpcodes {
		for _, n := range []int{2, 3, 10, 100, 1000} {
			parts := make([]string, n)
			for i := range parts {
				parts[i] = strings.Repeat(string(rune('a'+i%26)), i%9)
			}
			g.both(fmt.Sprintf("6455-5.4-%v-%d", op, n), fmt.Sprintf("a %v message in %d fragments of 0 to 8 bytes", op, n), whyFragments,
				send(fragments(op, parts...)...), expect(whole(op, parts...)), finish())
		}
		for _, size := range []int{125, 126, 127, 65535, 65536} {
			parts := []string{strings.Repeat("a", size), strings.Repeat("b", size), strings.Repeat("c", size)}
			g.both(fmt.Sprintf("6455-5.4-%v-of-%d", op, size), fmt.Sprintf("a %v message in 3 fragments of %d bytes", op, size), whyFragments,
				send(fragments(op, parts...)...), expect(whole(op, parts...)), finish())
		}
	}
	one, two := []string{"the ", "first"}, []string{"the ", "sec", "ond"}
	g.both("6455-5.4-two-messages", "two messages in fragments, in one write", whyFragments,
		send(append(fragments(codec.OpText, one...), fragments(codec.OpBinary, two...)...)...),
		expect(whole(codec.OpText, one...), whole(codec.OpBinary, two...)), finish())
	g.both("6455-5.4-then-whole", "a message in fragments, and one in a single frame", whyFragments,
		send(append(fragments(codec.OpText, one...), textFrame("whole"))...),
		expect(whole(codec.OpText, one...), textMessage("whole")), finish())
	g.both("6455-5.4-whole-then", "a message in a single frame, and one in fragments", whyFragments,
		send(append([]frame{textFrame("whole")}, fragments(codec.OpText, one...)...)...),
		expect(textMessage("whole"), whole(codec.OpText, one...)), finish())

	text := manyScripts
	var bytes []string
	for i := range len(text) {
		bytes = append(bytes, text[i:i+1])
	}
	g.both("6455-5.4-one-byte-text", "a text of many scripts in fragments of one byte",
		"fragments may end anywhere, also within a character (§5.6)",
		send(fragments(codec.OpText, bytes...)...), expect(textMessage(text)), finish())
	g.both("6455-5.4-one-byte-chop-1", "a text of many scripts in fragments of one byte, byte by byte",
		"fragments may end anywhere, also within a character (§5.6)",
		chop(1, fragments(codec.OpText, bytes...)...), expect(textMessage(text)), finish())
}

// emptyFragments adds messages of which fragments are empty.
func emptyFragments(g *group) {
	const why = "a fragment may be empty, and so may the message be (§5.4)"
	for _, op := range dataOpcodes {
		for _, e := range []struct {
			id, title string
			parts     []string
		}{
			{"first", "the first fragment empty", []string{"", "b", "c"}},
			{"middle", "the middle fragment empty", []string{"a", "", "c"}},
			{"last", "the last fragment empty", []string{"a", "b", ""}},
			{"all", "all three fragments empty", []string{"", "", ""}},
			{"both", "both fragments empty", []string{"", ""}},
			{"hundred", "a hundred fragments empty", make([]string, 100)},
		} {
			g.both(fmt.Sprintf("6455-5.4-%v-empty-%s", op, e.id), fmt.Sprintf("a %v message with %s", op, e.title), why,
				send(fragments(op, e.parts...)...), expect(whole(op, e.parts...)), finish())
		}
	}
}

// choppedFragments adds fragments that come in other pieces.
func choppedFragments(g *group) {
	parts := []string{"one", "", "three", strings.Repeat("4", 126), "five"}
	frames := append(fragments(codec.OpText, parts...), fragments(codec.OpBinary, parts...)...)
	for _, size := range []int{1, 2, 3, 7} {
		g.both(fmt.Sprintf("6455-5.4-chop-%d", size), fmt.Sprintf("two messages in five fragments each, in pieces of %d B", size), whyFragments,
			chop(size, frames...), expect(whole(codec.OpText, parts...), whole(codec.OpBinary, parts...)), finish())
	}
	f := fragments(codec.OpText, "one", "two")
	g.both("6455-5.4-in-turn", "a message in two fragments, each in a write of its own", whyFragments,
		send(f[0]), alive(), send(f[1]), expect(textMessage("onetwo")), finish())
}

// controlsInside adds control frames between fragments.
func controlsInside(g *group) {
	const why = "control frames may come in the middle of a fragmented message, and must be handled there (§5.4)"
	f := fragments(codec.OpText, "one", "two", "three")
	ping, pong := pingFrame("inside"), pongFrame("inside")
	answer, echo := pongMessage("inside"), textMessage("onetwothree")
	var p [4]frame
	var a [4]message
	for i := range p {
		payload := fmt.Sprintf("ping %d", i+1)
		p[i], a[i] = pingFrame(payload), pongMessage(payload)
	}
	for _, c := range []struct {
		id, title string
		frames    []frame
		answers   []message
	}{
		{"ping-first", "a ping behind the first of three fragments", []frame{f[0], ping, f[1], f[2]}, []message{answer, echo}},
		{"ping-second", "a ping behind the second of three fragments", []frame{f[0], f[1], ping, f[2]}, []message{answer, echo}},
		{"ping-each", "pings behind the first and the second of three fragments", []frame{f[0], p[0], f[1], p[1], f[2]}, []message{a[0], a[1], echo}},
		{"ping-around", "pings around and between three fragments", []frame{p[0], f[0], p[1], f[1], p[2], f[2], p[3]}, []message{a[0], a[1], a[2], echo, a[3]}},
		{"pings-four", "four pings behind the first of three fragments", []frame{f[0], p[0], p[1], p[2], p[3], f[1], f[2]}, []message{a[0], a[1], a[2], a[3], echo}},
		{"ping-empty", "an empty ping behind the first of three fragments", []frame{f[0], pingFrame(""), f[1], f[2]}, []message{pongMessage(""), echo}},
		{"pong-first", "a pong behind the first of three fragments", []frame{f[0], pong, f[1], f[2]}, []message{echo}},
		{"pong-second", "a pong behind the second of three fragments", []frame{f[0], f[1], pong, f[2]}, []message{echo}},
		{"pong-each", "pongs behind the first and the second of three fragments", []frame{f[0], pong, f[1], pong, f[2]}, []message{echo}},
		{"ping-and-pong", "a ping and a pong behind the first of three fragments", []frame{f[0], ping, pong, f[1], f[2]}, []message{answer, echo}},
	} {
		g.both("6455-5.4-"+c.id, c.title, why, send(c.frames...), expect(c.answers...), finish())
		g.both("6455-5.4-"+c.id+"-chop-1", c.title+", byte by byte", why, chop(1, c.frames...), expect(c.answers...), finish())
	}
	g.both("6455-5.4-ping-at-once", "a ping behind the first of three fragments, which wait for the pong", why,
		send(f[0], ping), soon(answer, f[1], f[2]), expect(echo), finish())
	g.both("6455-5.4-ping-at-once-binary", "a ping in the middle of a binary message, whose rest waits for the pong", why,
		send(binaryFrame([]byte{1}).more(), ping), soon(answer, contFrame("\x02")), expect(binaryMessage([]byte{1, 2})), finish())

	var frames []frame
	var answers []message
	for i, part := range fragments(codec.OpBinary, strings.Split(strings.Repeat("x", 50), "")...) {
		frames = append(frames, part)
		if !part.fin {
			payload := fmt.Sprint(i)
			frames, answers = append(frames, pingFrame(payload)), append(answers, pongMessage(payload))
		}
	}
	answers = append(answers, binaryMessage([]byte(strings.Repeat("x", 50))))
	g.both("6455-5.4-pings-fifty", "fifty fragments of one byte, a ping between any two", why,
		send(frames...), expect(answers...), finish())
}

// orphans adds continuations of nothing.
func orphans(g *group) {
	const why = "a continuation frame continues a message that has begun, and there is none (§5.4)"
	for _, c := range []struct {
		id, title string
		frames    []frame
		right     []message
	}{
		{"last", "a last fragment", []frame{contFrame("orphan")}, nil},
		{"last-empty", "an empty last fragment", []frame{contFrame("")}, nil},
		{"middle", "a fragment that is not the last", []frame{contFrame("orphan").more()}, nil},
		{"middle-empty", "an empty fragment that is not the last", []frame{contFrame("").more()}, nil},
		{"then-text", "a last fragment, and a text message", []frame{contFrame("orphan"), textFrame("text")}, nil},
		{"middle-then-text", "a fragment that is not the last, and a text message", []frame{contFrame("orphan").more(), textFrame("text")}, nil},
		{"after-text", "a last fragment after a text message", []frame{textFrame("right"), contFrame("orphan")}, []message{textMessage("right")}},
		{"after-binary", "a last fragment after a binary message", []frame{binaryFrame([]byte{1}), contFrame("orphan")}, []message{binaryMessage([]byte{1})}},
		{"after-fragments", "a last fragment after a message in two fragments", append(fragments(codec.OpText, "ri", "ght"), contFrame("orphan")), []message{textMessage("right")}},
		{"after-ping", "a last fragment after a ping", []frame{pingFrame("right"), contFrame("orphan")}, []message{pongMessage("right")}},
	} {
		g.both("6455-5.4-orphan-"+c.id, c.title+", where no message has begun", why,
			send(c.frames...), failsAfter(c.right, codec.CloseProtocolError))
	}
}

// interruptions adds messages that begin within another.
func interruptions(g *group) {
	const why = "the fragments of one message must not be interleaved with those of another (§5.4)"
	for _, open := range dataOpcodes {
		for _, op := range dataOpcodes {
			first := frame{op: open, payload: []byte("unfinished")}
			next := frame{fin: true, op: op, payload: []byte("another")}
			name := fmt.Sprintf("6455-5.4-%v-inside-%v", op, open)
			title := fmt.Sprintf("within an unfinished %v message", open)
			g.both(name, fmt.Sprintf("a %v message %s", op, title), why,
				send(first, next), fails(codec.CloseProtocolError))
			g.both(name+"-fragment", fmt.Sprintf("the first fragment of a %v message %s", op, title), why,
				send(first, next.more(), contFrame("rest")), fails(codec.CloseProtocolError))
			next.payload = nil
			g.both(name+"-empty", fmt.Sprintf("an empty %v message %s", op, title), why,
				send(first, next), fails(codec.CloseProtocolError))
			first.payload = nil
			g.both(name+"-both-empty", fmt.Sprintf("an empty %v message within an unfinished %v message that is empty so far", op, open), why,
				send(first, next), fails(codec.CloseProtocolError))
		}
	}
	g.both("6455-5.4-inside-second", "a text message behind the second fragment of another", why,
		send(textFrame("one").more(), contFrame("two").more(), textFrame("another")), fails(codec.CloseProtocolError))
	g.both("6455-5.4-inside-after-ping", "a text message within another, behind a ping", why,
		send(textFrame("one").more(), pingFrame("inside"), textFrame("another")),
		failsAfter([]message{pongMessage("inside")}, codec.CloseProtocolError))
}
