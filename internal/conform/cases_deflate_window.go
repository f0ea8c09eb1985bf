package conform

import (
	"fmt"
	"strings"

	"wskit/codec"
)

// windowCases are about what our messages refer to: those before them, as far back as was
// agreed (RFC 7692 §7.1.1, §7.1.2).
func windowCases() []*Case {
	const group = "Compression: windows"
	cases := append(takeoverCases(group), aloneCases(group)...)
	for bits := codec.MinWindowBits; bits <= codec.MaxWindowBits; bits++ {
		cases = append(cases, edgeCase(group, bits))
	}
	return cases
}

// takeoverCases are about messages that refer to those before them.
func takeoverCases(group string) []*Case {
	const (
		why    = "under context takeover a message may refer to those that were compressed before it"
		within = "the window is what the messages before it hold, compressed ones only, up to 32,768 bytes"
	)
	some, much := letters(32768, 11), letters(40000, 12)
	var cases []*Case
	for _, t := range []struct {
		id, title, why string
		steps          []step
	}{
		{"7.2.3.2-example", "the example of a shared window", why, []step{
			send(hello()), expect(textMessage("Hello")),
			send(compressed(codec.OpText, []byte(helloAgain))), expect(textMessage("Hello")),
		}},
		{"7.1.1-uncompressed-between", "a message that is not compressed, between two that share a window", within, []step{
			send(hello(), textFrame("something else"), compressed(codec.OpText, []byte(helloAgain))),
			expect(textMessage("Hello"), textMessage("something else"), textMessage("Hello")),
		}},
		{"7.1.1-fragments-between", "a fragmented message that is not compressed, between two that share a window", within, []step{
			send(hello()), send(textFrame("something").more(), contFrame(" else")), send(compressed(codec.OpText, []byte(helloAgain))),
			expect(textMessage("Hello"), textMessage("something else"), textMessage("Hello")),
		}},
		{"7.1.1-empty-between", "an empty compressed message, between two that share a window", within, []step{
			send(hello(), compressed(codec.OpText, []byte{0}), compressed(codec.OpText, []byte(helloAgain))),
			expect(textMessage("Hello"), textMessage(""), textMessage("Hello")),
		}},
		{"7.1.1-ping-between", "a ping between two messages that share a window", within, []step{
			send(hello(), pingFrame("something else"), compressed(codec.OpText, []byte(helloAgain))),
			expect(textMessage("Hello"), pongMessage("something else"), textMessage("Hello")),
		}},
		{"7.1.1-binary-text", "a text that refers to a binary message", "the window is of all compressed messages, whatever their type", []step{
			send(compressed(codec.OpBinary, []byte(helloDeflated))), expect(binaryMessage([]byte("Hello"))),
			send(compressed(codec.OpText, []byte(helloAgain))), expect(textMessage("Hello")),
		}},
		{"7.1.1-final-then-takeover", "a reference to a message that was in a block with BFINAL, from behind one with literals", why, []step{
			send(compressed(codec.OpText, new(stream).stored("Hello").end())), expect(textMessage("Hello")),
			send(compressed(codec.OpText, new(stream).fixed(literally(", "), copyOf(7, 5)).end())), expect(textMessage(", Hello")),
		}},
		{"7.1.1-overlapping", "a copy that begins in the message before, and overlaps what it makes", why, []step{
			send(compressed(codec.OpText, new(stream).fixed(literally("ab")).end())), expect(textMessage("ab")),
			send(compressed(codec.OpText, new(stream).fixed(copyOf(2, 258)).end())), expect(textMessage(strings.Repeat("ab", 129))),
		}},
		{"7.1.1-many-messages", "a reference over 20 messages", within, append([]step{needsWindow()}, overManyMessages()...)},
		{"7.1.1-chain", "100 messages, each a copy of the one before", why, chain()},
		{"7.1.1-farthest", "a reference to the first byte of a window of 32,768 bytes", within, []step{
			needsWindow(), send(compressed(codec.OpText, new(stream).stored(some).end())), expect(textMessage(some)),
			send(compressed(codec.OpText, new(stream).fixed(copyOf(32768, 258)).end())), expect(textMessage(some[:258])),
		}},
		{"7.1.1-farthest-of-more", "a reference 32,768 bytes back, with 40,000 bytes there", within, []step{
			needsWindow(), send(compressed(codec.OpText, new(stream).stored(much).end())), expect(textMessage(much)),
			send(compressed(codec.OpText, new(stream).fixed(copyOf(32768, 258), copyOf(1, 3)).end())),
			expect(textMessage(much[40000-32768:40000-32768+258] + strings.Repeat(much[40000-32768+257:][:1], 3))),
		}},
		{"7.1.1-farthest-in-pieces", "a reference 32,768 bytes back, over 33 messages of 1,000 bytes", within, farthestInPieces(much)},
	} {
		steps := append([]step{needsTakeover()}, t.steps...)
		cases = append(cases, deflated(&Case{
			ID: "7692-" + t.id, Group: group, Title: t.title, Why: t.why, steps: append(steps, finish()),
		}))
	}
	return cases
}

// aloneCases are about messages that refer to themselves only, but for one that must not.
func aloneCases(group string) []*Case {
	some := letters(32768, 11)
	return []*Case{deflated(&Case{
		ID: "7692-7.1.2-farthest-in-one", Group: group, Title: "a reference 32,768 bytes back, in one message",
		Why:   "the window is of 32,768 bytes unless less was agreed",
		steps: []step{needsWindow(), send(compressed(codec.OpText, new(stream).stored(some).fixed(copyOf(32768, 258)).end())), expect(textMessage(some + some[:258])), finish()},
	}), both(&Case{
		ID: "7692-7.1.1-no-takeover-repeated", Group: group, Title: "the same texts again and again, each standing alone",
		Why:    "without context takeover each message is inflated on its own",
		offer:  "permessage-deflate; client_no_context_takeover; server_no_context_takeover",
		answer: "permessage-deflate; client_no_context_takeover; server_no_context_takeover",
		steps: []step{
			sendCompressed(codec.OpText, 9, prose(5000)), expect(textMessage(prose(5000))),
			sendCompressed(codec.OpText, 9, prose(5000)), expect(textMessage(prose(5000))),
			sendCompressed(codec.OpText, 9, prose(4000)), expect(textMessage(prose(4000))),
			tempt(), finish(),
		},
	}), both(&Case{
		ID: "7692-7.1.1-no-takeover-broken", Group: group, Title: "a message that refers to the one before, where each must stand alone",
		Why:    "without context takeover there is nothing before a message that it could refer to",
		offer:  "permessage-deflate; client_no_context_takeover",
		answer: "permessage-deflate; server_no_context_takeover",
		steps: []step{
			supports(), send(hello()), expect(textMessage("Hello")), send(compressed(codec.OpText, []byte(helloAgain))),
			tolerates("it may keep what it knows", corruptCodes...),
		},
	})}
}

func overManyMessages() []step {
	first, size := letters(1000, 13), 1000
	steps := []step{send(compressed(codec.OpText, new(stream).fixed(literally(first)).end())), expect(textMessage(first))}
	for i := range 20 {
		text := letters(10+i, uint64(i))
		size += len(text)
		steps = append(steps, send(compressed(codec.OpText, new(stream).fixed(literally(text)).end())), expect(textMessage(text)))
	}
	return append(steps, send(compressed(codec.OpText, new(stream).fixed(copyOf(size, 100)).end())), expect(textMessage(first[:100])))
}

func chain() []step {
	text := letters(200, 14)
	frames := []frame{compressed(codec.OpText, new(stream).fixed(literally(text)).end())}
	want := []message{textMessage(text)}
	for range 99 {
		frames = append(frames, compressed(codec.OpText, new(stream).fixed(copyOf(200, 200)).end()))
		want = append(want, textMessage(text))
	}
	return []step{send(frames...), expect(want...)}
}

func farthestInPieces(text string) []step {
	var frames []frame
	var want []message
	for i := range 33 {
		piece := text[1000*i : 1000*(i+1)]
		frames = append(frames, compressed(codec.OpText, new(stream).stored(piece).end()))
		want = append(want, textMessage(piece))
	}
	at := 33000 - 32768
	frames = append(frames, compressed(codec.OpText, new(stream).fixed(copyOf(32768, 100)).end()))
	want = append(want, textMessage(text[at:at+100]))
	return []step{needsWindow(), send(frames...), expect(want...)}
}

// edgeCase refers to the first byte of a window of the size that was agreed.
func edgeCase(group string, bits int) *Case {
	return both(&Case{
		ID: fmt.Sprintf("7692-7.1.2-edge-%d", bits), Group: group,
		Title:  fmt.Sprintf("a reference to the first byte of a window of %d bytes", 1<<bits),
		Why:    "a message may refer as far back as the window that was agreed for its sender",
		offer:  fmt.Sprintf("permessage-deflate; client_max_window_bits=%d", bits),
		answer: fmt.Sprintf("permessage-deflate; server_max_window_bits=%d", bits),
		steps: []step{
			supports(), needsTakeover(),
			custom("send as many letters as the window that was agreed holds; then messages that refer to the first of them, from the next message and within one", func(s *session) error {
				size := 1 << s.opening.agreed.Deflate.WindowBits(s.role)
				text := letters(size, uint64(bits))
				for _, m := range []struct {
					b    []byte
					want string
				}{
					{new(stream).stored(text).end(), text},
					{new(stream).fixed(copyOf(size, 100)).end(), text[:100]},
					{new(stream).stored(text).fixed(copyOf(size, 258)).end(), text + (text + text)[:258]},
				} {
					s.send(compressed(codec.OpText, m.b))
					if err := s.expect(textMessage(m.want)); err != nil {
						return err
					}
				}
				return nil
			}),
			finish(),
		},
	})
}
