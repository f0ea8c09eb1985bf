package conform

import (
	"bytes"
	"fmt"
	"math"

	"wskit/codec"
)

// framingCases are about what a single frame is made of (RFC 6455 §5.1, §5.2, §5.3).
func framingCases() []*Case {
	const group = "Framing"
	var cases []*Case
	for _, n := range []int{0, 1, 2, 124, 125, 126, 127, 128, 255, 256, 1024, math.MaxUint16 - 1, math.MaxUint16, math.MaxUint16 + 1} {
		text, binary := string(bytes.Repeat([]byte("*"), n)), bytes.Repeat([]byte{0xFE}, n)
		cases = append(cases, both(&Case{
			ID: fmt.Sprintf("6455-5.2-text-%d", n), Group: group,
			Title: fmt.Sprintf("a text message of %d bytes", n),
			Why:   "a payload length of any size is written in the shortest of three forms, and read back",
			steps: []step{send(textFrame(text)), expect(textMessage(text)), finish()},
		}), both(&Case{
			ID: fmt.Sprintf("6455-5.2-binary-%d", n), Group: group,
			Title: fmt.Sprintf("a binary message of %d bytes", n),
			Why:   "a payload length of any size is written in the shortest of three forms, and read back",
			steps: []step{send(binaryFrame(binary)), expect(binaryMessage(binary)), finish()},
		}))
	}
	for rsv := uint8(1); rsv < 8; rsv++ {
		cases = append(cases, both(&Case{
			ID: fmt.Sprintf("6455-5.2-rsv-%d-text", rsv), Group: group, bare: true,
			Title: fmt.Sprintf("a text frame with reserved bits %03b, which nothing defines", rsv),
			Why:   "a reserved bit that no extension has defined must fail the connection",
			steps: []step{send(textFrame("reserved").reserved(rsv)), fails(codec.CloseProtocolError)},
		}))
	}
	return cases
}

// both marks a case for servers and clients.
func both(c *Case) *Case {
	c.Server, c.Client = true, true
	return c
}
