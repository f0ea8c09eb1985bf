package conform

import (
	"fmt"
	"strings"
)

// choppedCases are about frames that come in other pieces than they were made of: TCP
// knows no frames (RFC 6455 §5.2).
func choppedCases() []*Case {
	g := &group{name: "Pieces"}
	const why = "TCP may deliver a frame in any pieces, and several frames in one; neither has a meaning (§5.2)"
	for _, c := range []struct {
		n      int
		pieces []int
	}{
		{1, []int{1, 2, 3}},
		{125, []int{1, 2, 3, 7, 64}},
		{126, []int{1, 2, 3, 7, 64}},
		{1000, []int{1, 2, 3, 7, 64}},
		{1 << 16, []int{7, 64, 1000}},
	} {
		text := strings.Repeat("*", c.n)
		for _, size := range c.pieces {
			g.both(fmt.Sprintf("6455-5.2-chop-%d-%d", c.n, size),
				fmt.Sprintf("a text message of %d bytes in pieces of %d B", c.n, size), why,
				chop(size, textFrame(text)), expect(textMessage(text)), finish())
		}
	}
	for _, n := range []int{0, 5, 125, 126, 1 << 16} {
		text := strings.Repeat("*", n)
		g.both(fmt.Sprintf("6455-5.2-cut-header-%d", n),
			fmt.Sprintf("a text message of %d bytes, its header cut after each byte in turn", n), why,
			cutEach(0, textFrame(text), textMessage(text)), finish())
	}
	g.both("6455-5.2-cut-ping", "a ping of 4 bytes, cut after each byte in turn", why,
		cutEach(3, pingFrame("ping"), pongMessage("ping")), finish())

	text := manyScripts
	g.both("6455-5.2-cut-text", "a text of many scripts, cut after each byte in turn", why,
		cutEach(len(text)-1, textFrame(text), textMessage(text)), finish())

	g.both("6455-5.2-two-at-once", "two messages in one write", why,
		send(textFrame("one"), binaryFrame([]byte{2})), expect(textMessage("one"), binaryMessage([]byte{2})), finish())
	for _, n := range []int{100, 1000} {
		frames, messages := numbered("message", n)
		g.both(fmt.Sprintf("6455-5.2-many-at-once-%d", n), fmt.Sprintf("%d messages in one write", n), why,
			send(frames...), expect(messages...), finish())
	}
	frames, messages := numbered("message", 100)
	for _, size := range []int{1, 5, 13, 100} {
		g.both(fmt.Sprintf("6455-5.2-many-chop-%d", size), fmt.Sprintf("100 messages in pieces of %d B", size), why,
			chop(size, frames...), expect(messages...), finish())
	}
	g.both("6455-5.2-one-and-a-half", "a message and the half of another in one write", why,
		sendPart(2, textFrame("one"), textFrame("three")), sendRest(), expect(textMessage("one"), textMessage("three")), finish())
	g.both("6455-5.2-half-and-one", "the half of a message, then its rest and another in one write", why,
		sendPart(1, textFrame("one")), sendRest(textFrame("three")), expect(textMessage("one"), textMessage("three")), finish())

	sizes := []int{0, 1, 125, 126, 127, 1000, 65535, 65536, 1, 0}
	var mixed []frame
	var echoed []message
	for i, n := range sizes {
		b := make([]byte, n)
		for j := range b {
			b[j] = byte(i + j)
		}
		mixed, echoed = append(mixed, binaryFrame(b)), append(echoed, binaryMessage(b))
	}
	g.both("6455-5.2-all-forms-at-once", "ten messages of all forms of the length in one write", why,
		send(mixed...), expect(echoed...), finish())
	g.both("6455-5.2-all-forms-chop-1021", "ten messages of all forms of the length in pieces of 1021 B", why,
		chop(1021, mixed...), expect(echoed...), finish())
	return g.cases
}
