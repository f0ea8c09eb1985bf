package conform

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"wskit/codec"
)

const whyLimit = "an endpoint must keep within its own limits of size (RFC 6455 §10.4), whatever they are: it takes a message, or closes with 1009"

// limitCases are about what is larger, or comes in more pieces, than a peer may want. To
// take it is right, and so is to refuse it in good order.
func limitCases() []*Case {
	g := group{name: "Limits"}
	announcements(&g)
	manyFragments(&g)
	manyBlocks(&g)
	for _, kib := range []int{128, 256, 512} {
		text := prose(kib << 10)
		g.both(fmt.Sprintf("6455-10.4-text-%dk", kib), fmt.Sprintf("a text of %d KiB", kib), whyLimit,
			send(textFrame(text)), takesOrRefuses(textMessage(text)))
	}
	for _, mib := range []int{1, 16, 64} {
		c := deflated(&Case{
			ID: fmt.Sprintf("6455-10.4-inflated-%dm", mib), Group: g.name, Big: mib > 1, Why: whyLimit,
			Title: fmt.Sprintf("a text of %d MiB that comes compressed to a thousandth", mib),
			steps: []step{custom(fmt.Sprintf("send text of %d MiB of the same letter, compressed to %d KiB", mib, mib), func(s *session) error {
				s.send(compressed(codec.OpText, same(mib<<20)))
				return takesOrRefuses(textMessage(strings.Repeat("a", mib<<20))).run(s)
			})},
		})
		g.cases = append(g.cases, c)
	}
	return g.cases
}

// announcements are headers that announce more than anybody will send.
func announcements(g *group) {
	const why = "an endpoint must keep within its own limits of size (RFC 6455 §10.4): if it has one for what is announced, it closes with 1009 without waiting for it"
	for _, l := range []struct {
		id, title string
		n         uint64
	}{
		{"2-31", "2^31", 1 << 31},
		{"2-32", "2^32", 1 << 32},
		{"2-32-1", "2^32+1", 1<<32 + 1},
		{"2-40", "2^40", 1 << 40},
		{"2-62", "2^62", 1 << 62},
		{"2-63-1", "2^63-1", math.MaxInt64},
	} {
		g.both("6455-10.4-announced-"+l.id, "a text frame that announces "+l.title+" bytes", why,
			send(textFrame("some").announcing(l.n)), waitsOrRefuses(l.title))
		g.both("6455-10.4-announced-fragment-"+l.id, "a second fragment that announces "+l.title+" bytes", why,
			send(textFrame("some").more(), contFrame("more").announcing(l.n)), waitsOrRefuses(l.title))
	}
}

// refusalCodes are the codes that say of a message that it is too much for the peer.
var refusalCodes = []codec.CloseCode{codec.CloseMessageTooBig, codec.ClosePolicyViolation}

// waitsOrRefuses waits for the peer to close the connection for the length that a frame
// announces. It may as well wait for what is announced.
func waitsOrRefuses(length string) step {
	return step{"the peer may close with " + codeList(refusalCodes) + ", or wait for what was announced", func(s *session) error {
		m, err := s.next(min(patience, s.timeout))
		if errors.Is(err, errSilent) {
			s.noted("it waits for the %s bytes that were announced", length)
			return nil
		}
		return s.judgeRefusal(m, err)
	}}
}

// takesOrRefuses waits for the echo of a message, or for the peer to close the connection
// because it is too much.
func takesOrRefuses(want message) step {
	text := fmt.Sprintf("expect %v, or the end of the connection with %s", want, codeList(refusalCodes))
	return step{text, func(s *session) error {
		m, err := s.next(bigPatience * s.timeout)
		switch {
		case err == nil && m.equal(want):
			s.remark = fmt.Sprintf("it took %v", want)
			return finish().run(s)
		case err == nil && m.op != codec.OpClose:
			return failf("%s in place of %v", differing(m, want), want)
		case errors.Is(err, errSilent), isRuling(err):
			return s.finding(want.String(), err)
		}
		return s.judgeRefusal(m, err)
	}}
}

// bigPatience is how many times the usual time a peer may take for a message that may be
// large.
const bigPatience = 4

// judgeRefusal judges how the peer refused what was too much for it.
func (s *session) judgeRefusal(m message, err error) error {
	if err != nil || m.op != codec.OpClose {
		return failing{codes: refusalCodes}.judge(s, m, err)
	}
	code, _, _ := codec.ParseClose(m.data)
	if s.remark = "it closed with " + codeText(code); !slices.Contains(refusalCodes, code) {
		s.noted("its close frame has %s, where 1009 says that a message is too big", codeText(code))
	}
	return s.ends()
}

// manyFragments are messages in more fragments than anybody needs.
func manyFragments(g *group) {
	text := strings.Repeat("a", 20000)
	ones := textFrame(text)
	g.both("6455-10.4-fragments-20000", "a text in 20,000 fragments of one byte", whyLimit,
		send(fragmentsOf(ones, every(ones.payload, 1)...)...), takesOrRefuses(textMessage(text)))
	for _, n := range []int{1000, 10000, 50000} {
		frames := slices.Repeat([]frame{contFrame("").more()}, n)
		frames[0] = textFrame("").more()
		frames = append(frames, contFrame("the end"))
		g.both(fmt.Sprintf("6455-10.4-empty-fragments-%d", n), fmt.Sprintf("a text in %d empty fragments, and one that is not", n), whyLimit,
			send(frames...), takesOrRefuses(textMessage("the end")))
	}
}

// manyBlocks are compressed messages of which most inflates to nothing.
func manyBlocks(g *group) {
	for _, b := range []struct {
		id, title string
		stream    func(*stream)
	}{
		{"stored", "empty blocks with no compression", func(w *stream) { w.stored("") }},
		{"fixed", "empty blocks with fixed codes", func(w *stream) { w.fixed() }},
		{"final", "empty blocks with BFINAL", func(w *stream) { w.final().fixed().align() }},
	} {
		w := new(stream)
		for range 4 { // which end with a byte
			b.stream(w)
		}
		w.b = bytes.Repeat(w.b, 10000/4)
		g.cases = append(g.cases, deflated(&Case{
			ID: "7692-7.2.1-blocks-10000-" + b.id, Group: g.name, Title: "10,000 " + b.title + " before a text", Why: whyLimit,
			steps: []step{send(compressed(codec.OpText, w.fixed(literally("the end")).end())), takesOrRefuses(textMessage("the end"))},
		}))
	}
}

// same is n times the letter a, compressed as much as can be: two bits for 258 of them.
func same(n int) []byte {
	literals, distances := codeFor(2, 'a', 256), []int{1, 1}
	literals[285] = 1
	var tokens []token
	for ; n > 0 && (n-1)%258 != 0; n-- {
		tokens = append(tokens, token{symbol: 'a'})
	}
	w := new(stream).dynamic(literals, distances, tokens, literally("a"), slices.Repeat(copyOf(1, 258), (n-1)/258))
	return w.end()
}
