package conform

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"wskit/codec"
)

// controlCases are about pings and pongs, and what all control frames have in common
// (RFC 6455 §5.5).
func controlCases() []*Case {
	g := &group{name: "Control frames"}
	pings(g)
	manyPings(g)
	pongs(g)
	longControls(g)
	fragmentedControls(g)
	longControlForms(g)
	return g.cases
}

// whyPong is what §5.5.2 and §5.5.3 ask for.
const whyPong = "a ping must be answered with a pong that has the same payload (§5.5.2, §5.5.3)"

// pings adds single pings.
func pings(g *group) {
	for _, n := range []int{0, 1, 2, 64, 124, 125} {
		payload := strings.Repeat("p", n)
		g.both(fmt.Sprintf("6455-5.5.2-ping-%d", n), fmt.Sprintf("a ping of %d bytes", n), whyPong,
			send(pingFrame(payload)), expectPong(payload), finish())
	}
	bytes := make([]byte, 256)
	for i := range bytes {
		bytes[i] = byte(i)
	}
	steps := []step{}
	for part := range slices.Chunk(bytes, codec.MaxControlPayload) {
		steps = append(steps, send(pingFrame(string(part))), expectPong(string(part)))
	}
	g.both("6455-5.5.2-ping-all-bytes", "three pings that hold every value of a byte", whyPong, append(steps, finish())...)
	g.both("6455-5.5.2-ping-not-utf8", "a ping whose payload is no UTF-8",
		"the payload of a ping is any data, and comes back as it is (§5.5.2, §5.5.3)",
		send(pingFrame("\xFF\xFE\x80\xC0")), expectPong("\xFF\xFE\x80\xC0"), finish())

	for _, size := range []int{1, 2, 3} {
		g.both(fmt.Sprintf("6455-5.5.2-ping-chop-%d", size), fmt.Sprintf("a ping of 125 bytes in pieces of %d B", size), whyPong,
			chop(size, pingFrame(strings.Repeat("p", 125))), expectPong(strings.Repeat("p", 125)), finish())
	}
	g.both("6455-5.5.2-pings-cut", "pings between two fragments, cut after each of their bytes in turn", whyPong,
		send(textFrame("frag").more()), cutEach(12, pingFrame("ping in two!"), pongMessage("ping in two!")),
		send(contFrame("ments")), expect(textMessage("fragments")), finish())
	g.both("6455-5.5.2-ping-before-text", "a ping and a text message in one write", whyPong,
		send(pingFrame("first"), textFrame("then")), expect(pongMessage("first"), textMessage("then")), finish())
	g.both("6455-5.5.2-ping-after-text", "a text message and a ping in one write", whyPong,
		send(textFrame("first"), pingFrame("then")), expect(textMessage("first"), pongMessage("then")), finish())
}

// manyPings adds pings that come faster than they may be answered.
func manyPings(g *group) {
	var steps []step
	for i := range 10 {
		payload := fmt.Sprintf("ping %d", i)
		steps = append(steps, send(pingFrame(payload)), expectPong(payload))
	}
	g.both("6455-5.5.2-pings-in-turn", "ten pings, each sent when the one before is answered", whyPong, append(steps, finish())...)

	const latest = "pings are answered in their order; of several that are pending an endpoint may answer only the latest (§5.5.3)"
	for _, n := range []int{2, 10, 100, 1000} {
		var frames []frame
		var answers []message
		for i := range n {
			payload := fmt.Sprintf("ping %d", i)
			frames, answers = append(frames, pingFrame(payload)), append(answers, pongMessage(payload))
		}
		answered, why := expect(answers...), latest
		if n >= 100 {
			answered = answersOrEnds(answers)
			why += "; and one may have a limit for how many are pending (§10.4)"
		}
		g.both(fmt.Sprintf("6455-5.5.3-pings-%d", n), fmt.Sprintf("%d pings in one write", n), why,
			send(frames...), answered, finish())
	}
	var frames []frame
	var answers []message
	for i := range 20 {
		payload := fmt.Sprint(i)
		frames = append(frames, pingFrame(payload), textFrame(payload))
		answers = append(answers, pongMessage(payload), textMessage(payload))
	}
	g.both("6455-5.5.3-pings-and-texts", "twenty pings and twenty text messages by turns, in one write", latest,
		send(frames...), expect(answers...), finish())
	g.both("6455-5.5.3-pings-and-texts-chop-3", "twenty pings and twenty text messages by turns, in pieces of 3 B", latest,
		chop(3, frames...), expect(answers...), finish())
}

// answersOrEnds waits for the pongs to more pings at once than a peer may want to answer.
func answersOrEnds(pongs []message) step {
	text := fmt.Sprintf("expect %s, or the end of the connection for so many pings", list(pongs))
	return step{text, func(s *session) error {
		w := awaited{pongs}
		for !w.done() {
			m, err := s.next(s.timeout)
			switch {
			case errors.Is(err, errSilent), isRuling(err):
				return s.finding(w.first().String(), err)
			case err != nil, m.op == codec.OpClose:
				return &finding{Informational, fmt.Sprintf("it ended the connection for %d pings at once, as its own limits may ask for (§10.4)", len(pongs))}
			case !w.take(m) && m.op != codec.OpPong:
				return failf("%s in place of %v", differing(m, w.first()), w.first())
			}
		}
		return nil
	}}
}

// pongs adds pongs that answer nothing.
func pongs(g *group) {
	const why = "a pong may come unasked, and a response to it is not expected (§5.5.3)"
	var ten, hundred []frame
	for i := range 100 {
		hundred = append(hundred, pongFrame(fmt.Sprintf("pong %d", i)))
	}
	ten = hundred[:10]
	for _, p := range []struct {
		id, title string
		frames    []frame
	}{
		{"0", "an empty pong", []frame{pongFrame("")}},
		{"5", "a pong of 5 bytes", []frame{pongFrame("pong!")}},
		{"125", "a pong of 125 bytes", []frame{pongFrame(strings.Repeat("p", 125))}},
		{"not-utf8", "a pong whose payload is no UTF-8", []frame{pongFrame("\xFF\xFE\x80")}},
		{"many-10", "ten pongs", ten},
		{"many-100", "a hundred pongs", hundred},
	} {
		g.both("6455-5.5.3-pong-"+p.id, p.title+" that nothing asked for", why,
			send(p.frames...), alive(), send(textFrame("and on")), expect(textMessage("and on")), finish())
	}
	g.both("6455-5.5.3-pong-chop-1", "a pong that nothing asked for, byte by byte", why,
		chop(1, pongFrame("pong!")), alive(), finish())
	g.both("6455-5.5.3-pong-before-ping", "a pong that nothing asked for, and a ping with the same payload", whyPong,
		send(pongFrame("same"), pingFrame("same")), expectPong("same"), finish())
}

// longControls adds control frames of more than 125 bytes.
func longControls(g *group) {
	const why = "a control frame must have a payload of 125 bytes or less (§5.5)"
	for _, n := range []int{126, 127, 128, 1000, 65535, 65536} {
		payload := strings.Repeat("p", n)
		for _, f := range []frame{pingFrame(payload), pongFrame(payload)} {
			g.both(fmt.Sprintf("6455-5.5-%v-%d", f.op, n), fmt.Sprintf("a %v of %d bytes", f.op, n), why,
				send(f), fails(codec.CloseProtocolError))
		}
	}
	g.both("6455-5.5-ping-126-after-text", "a ping of 126 bytes after a text message", why,
		send(textFrame("right"), pingFrame(strings.Repeat("p", 126))),
		failsAfter([]message{textMessage("right")}, codec.CloseProtocolError))
	g.both("6455-5.5-ping-126-inside", "a ping of 126 bytes between two fragments", why,
		send(textFrame("a").more(), pingFrame(strings.Repeat("p", 126)), contFrame("b")), fails(codec.CloseProtocolError))
	g.both("6455-5.5-ping-126-header", "the header of a ping of 126 bytes, and its payload later", why,
		sendPart(0, pingFrame(strings.Repeat("p", 126))), failsFast(nil, codec.CloseProtocolError))
	for _, op := range []codec.Opcode{codec.OpPing, codec.OpPong, codec.OpClose} {
		g.both(fmt.Sprintf("6455-5.5-%v-announced", op), fmt.Sprintf("the header of a %v of 2^62 bytes, and no payload", op), why,
			send(frame{fin: true, op: op}.announcing(1<<62)), failsFast(nil, codec.CloseProtocolError, codec.CloseMessageTooBig))
		g.both(fmt.Sprintf("6455-5.5-%v-top-bit", op), fmt.Sprintf("the header of a %v of 2^63 bytes, and no payload", op), why,
			send(frame{fin: true, op: op}.announcing(1<<63)), failsFast(nil, codec.CloseProtocolError, codec.CloseMessageTooBig))
	}
}

// fragmentedControls adds control frames without FIN.
func fragmentedControls(g *group) {
	const why = "a control frame must not be fragmented (§5.5)"
	for _, full := range []frame{pingFrame("part"), pongFrame("part"), closeWith(codec.CloseNormal, "")} {
		empty := frame{fin: true, op: full.op}
		for _, c := range []struct {
			id, title string
			frames    []frame
		}{
			{"alone", "without FIN", []frame{full.more()}},
			{"empty", "without FIN and without a payload", []frame{empty.more()}},
			{"continued", "without FIN, and a continuation", []frame{full.more(), contFrame("more")}},
			{"inside", "without FIN between two fragments of a message", []frame{textFrame("a").more(), full.more(), contFrame("b")}},
		} {
			g.both(fmt.Sprintf("6455-5.5-fragmented-%v-%s", full.op, c.id), fmt.Sprintf("a %v %s", full.op, c.title), why,
				send(c.frames...), fails(codec.CloseProtocolError))
		}
	}
}

// longControlForms adds control frames whose length has a longer form than it needs.
func longControlForms(g *group) {
	const why = "the minimal number of bytes must be used to encode the length (§5.2)"
	for _, form := range []codec.LengthForm{16, 64} {
		for _, payload := range []string{"", "ping!", strings.Repeat("p", 125)} {
			g.both(fmt.Sprintf("6455-5.2-form-%d-ping-%d", form, len(payload)),
				fmt.Sprintf("a ping of %d bytes with a length of %d bits", len(payload), form), why,
				send(pingFrame(payload).withForm(form)), shouldFail(pongMessage(payload), codec.CloseProtocolError))
		}
		g.both(fmt.Sprintf("6455-5.2-form-%d-pong", form), fmt.Sprintf("a pong with a length of %d bits, and a ping", form), why,
			send(pongFrame("pong").withForm(form), pingFrame("ping")), shouldFail(pongMessage("ping"), codec.CloseProtocolError))
		g.both(fmt.Sprintf("6455-5.2-form-%d-close", form), fmt.Sprintf("a close frame with a length of %d bits", form), why,
			send(closeWith(codec.CloseNormal, "").withForm(form)), shouldFail(closeMessage(codec.CloseNormal), codec.CloseProtocolError))
	}
}
