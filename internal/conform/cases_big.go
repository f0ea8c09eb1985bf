package conform

import (
	"fmt"
	"strings"

	"wskit/codec"
)

// bigCases are about big messages, and about many.
func bigCases() []*Case {
	g := group{name: "Big and many messages"}
	bigMessages(&g)
	bigFragments(&g)
	bigCompressed(&g)
	manyMessages(&g)
	for _, c := range g.cases {
		c.Big = true
	}
	return g.cases
}

const (
	whyBig  = "a message of any size is the same whole, in fragments and in pieces, as far as the limits of the peer go (RFC 6455 §10.4)"
	whyMany = "every message is echoed, in order, however many come"
)

// A bulk is a message that is made when it is sent.
type bulk struct {
	id, title string
	op        codec.Opcode
	// fill returns n bytes.
	fill func(n int) string
}

var (
	bulkText   = bulk{"text", "text", codec.OpText, prose}
	bulkBinary = bulk{"binary", "binary message", codec.OpBinary, scrambled}
	bulkUTF8   = bulk{"utf8", "text of characters of two to four bytes", codec.OpText, multibyte}
)

// scrambled is n bytes that nothing compresses.
func scrambled(n int) string {
	text := []byte(letters(n, uint64(n)))
	more := letters(n, uint64(n)+1)
	for i := range text {
		text[i] = text[i]<<2 ^ more[i]
	}
	return string(text)
}

// multibyte is n bytes of characters that are not ASCII, but for the last few.
func multibyte(n int) string {
	const some = "κόσμε日本語Žluťoučký🎉"
	return strings.Repeat(some, n/len(some)) + strings.Repeat(".", n%len(some))
}

// sizeText is a size in MiB or KiB.
func sizeText(n int) (id, words string) {
	if n >= 1<<20 {
		return fmt.Sprintf("%dm", n>>20), fmt.Sprintf("%d MiB", n>>20)
	}
	if n >= 1<<10 && n%(1<<10) == 0 {
		return fmt.Sprintf("%dk", n>>10), fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprint(n), fmt.Sprintf("%d B", n)
}

// sends is the step that makes a message and sends it, and waits for what the peer does.
// How is what Send does, in words.
func (b *bulk) sends(size int, how string, send func(*session, frame) error) step {
	_, words := sizeText(size)
	text := fmt.Sprintf("send a %s of %s %s; expect its echo, or the end of the connection with %s", b.title, words, how, codeList(refusalCodes))
	return custom(text, func(s *session) error {
		f := frame{fin: true, op: b.op, payload: []byte(b.fill(size))}
		if err := send(s, f); err != nil {
			return err
		}
		return takesOrRefuses(message{op: f.op, data: f.payload}).run(s)
	})
}

// bigMessages are messages in one frame.
func bigMessages(g *group) {
	whole := func(s *session, f frame) error { s.send(f); return nil }
	for _, b := range []bulk{bulkText, bulkBinary, bulkUTF8} {
		for _, size := range []int{1 << 20, 4 << 20, 16 << 20, 64<<20 + 1<<20} {
			id, words := sizeText(size)
			g.both(fmt.Sprintf("6455-5.2-big-%s-%s", b.id, id), fmt.Sprintf("a %s of %s", b.title, words), whyBig,
				b.sends(size, "in one frame", whole))
		}
	}
	for _, piece := range []int{64, 1 << 10, 64 << 10} {
		id, words := sizeText(piece)
		chopped := func(s *session, f frame) error {
			b := s.encode([]frame{f})
			for len(b) > 0 {
				n := min(piece, len(b))
				s.write(b[:n])
				b = b[n:]
			}
			return nil
		}
		for _, b := range []bulk{bulkText, bulkUTF8} {
			g.both(fmt.Sprintf("6455-5.2-big-%s-in-pieces-of-%s", b.id, id), fmt.Sprintf("a %s of 1 MiB, written in pieces of %s", b.title, words), whyBig,
				b.sends(1<<20, "in writes of "+words, chopped))
		}
	}
}

// bigFragments are messages in fragments, of which some cut characters.
func bigFragments(g *group) {
	for _, b := range []bulk{bulkText, bulkBinary, bulkUTF8} {
		for _, f := range []struct{ size, fragment int }{
			{1 << 20, 64}, {1 << 20, 1 << 10}, {1 << 20, 4099}, {4 << 20, 1 << 10}, {4 << 20, 64 << 10}, {4 << 20, 1 << 20}, {16 << 20, 1 << 20},
		} {
			id, words := sizeText(f.size)
			fragmentID, fragmentWords := sizeText(f.fragment)
			g.both(fmt.Sprintf("6455-5.4-big-%s-%s-by-%s", b.id, id, fragmentID), fmt.Sprintf("a %s of %s in fragments of %s", b.title, words, fragmentWords), whyBig,
				b.sends(f.size, "in fragments of "+fragmentWords, func(s *session, whole frame) error {
					s.send(fragmentsOf(whole, every(whole.payload, f.fragment)...)...)
					return nil
				}))
		}
	}
}

// bigCompressed are messages that come compressed, whole and in fragments.
func bigCompressed(g *group) {
	for _, b := range []bulk{bulkText, bulkBinary, bulkUTF8, {"letters", "text of letters at random", codec.OpText, func(n int) string { return letters(n, 31) }}} {
		for _, f := range []struct{ size, fragment int }{{1 << 20, 1 << 20}, {1 << 20, 1 << 10}, {4 << 20, 4 << 20}, {4 << 20, 64 << 10}} {
			id, words := sizeText(f.size)
			fragmentID, fragmentWords := sizeText(f.fragment)
			c := deflated(&Case{
				ID: fmt.Sprintf("7692-6.1-big-%s-%s-by-%s", b.id, id, fragmentID), Group: g.name, Why: whyBig,
				Title: fmt.Sprintf("a %s of %s, compressed, in fragments of up to %s", b.title, words, fragmentWords),
			})
			c.steps = []step{b.sends(f.size, "compressed, in fragments of up to "+fragmentWords, func(s *session, whole frame) error {
				deflated, err := s.compress(6, string(whole.payload))
				if err == nil {
					s.send(fragmentsOf(compressed(whole.op, deflated), every(deflated, f.fragment)...)...)
				}
				return err
			})}
			g.cases = append(g.cases, c)
		}
	}
}

// manyMessages are messages one after the other: all at once, or each when the one before
// has come back.
func manyMessages(g *group) {
	for _, m := range []struct{ count, size int }{{10000, 16}, {100000, 16}, {10000, 1 << 10}, {1000, 16 << 10}} {
		id, words := sizeText(m.size)
		for _, b := range []bulk{bulkText, bulkBinary} {
			g.both(fmt.Sprintf("6455-6.2-pipelined-%s-%d-of-%s", b.id, m.count, id), fmt.Sprintf("%d times a %s of %s, all at once", m.count, b.title, words), whyMany,
				b.pipelined(m.count, m.size), finish())
		}
	}
	for _, size := range []int{0, 16, 64, 256, 1 << 10, 4 << 10, 16 << 10, 64 << 10, 128 << 10} {
		id, words := sizeText(size)
		count := min(1000, 64<<20/max(size, 1))
		for _, b := range []bulk{bulkText, bulkBinary} {
			g.both(fmt.Sprintf("6455-6.2-in-turn-%s-%s", b.id, id), fmt.Sprintf("%d times a %s of %s, one after the other", count, b.title, words), whyMany,
				b.inTurn(count, size, func(s *session, f frame) (frame, error) { return f, nil }), finish())
			c := deflated(&Case{
				ID: fmt.Sprintf("7692-6.1-in-turn-%s-%s", b.id, id), Group: g.name, Why: whyMany,
				Title: fmt.Sprintf("%d times a %s of %s, compressed, one after the other", count, b.title, words),
			})
			c.steps = []step{b.inTurn(count, size, func(s *session, f frame) (frame, error) {
				deflated, err := s.compress(1, string(f.payload))
				return compressed(f.op, deflated), err
			}), finish()}
			g.cases = append(g.cases, c)
		}
	}
}

// pipelined sends messages without waiting for echoes, and then waits for them all.
func (b *bulk) pipelined(count, size int) step {
	text := fmt.Sprintf("send %d times a %s of %d B, all different, and expect their echoes", count, b.title, size)
	return custom(text, func(s *session) error {
		all := b.fill(count + size)
		frames := make([]frame, count)
		for i := range frames {
			frames[i] = frame{fin: true, op: b.op, payload: []byte(all[i : i+size])}
		}
		s.send(frames...)
		for i, f := range frames {
			if err := s.expect(message{op: f.op, data: f.payload}); err != nil {
				return failf("message %d of %d: %v", i+1, count, err)
			}
		}
		return nil
	})
}

// inTurn sends messages, each when the one before has come back.
func (b *bulk) inTurn(count, size int, wrap func(*session, frame) (frame, error)) step {
	text := fmt.Sprintf("%d times: send a %s of %d B, another each time, and expect its echo", count, b.title, size)
	return custom(text, func(s *session) error {
		all := b.fill(count + size)
		for i := range count {
			plain := frame{fin: true, op: b.op, payload: []byte(all[i : i+size])}
			f, err := wrap(s, plain)
			if err != nil {
				return err
			}
			s.send(f)
			if err := s.expect(message{op: plain.op, data: plain.payload}); err != nil {
				return failf("message %d of %d: %v", i+1, count, err)
			}
		}
		return nil
	})
}
