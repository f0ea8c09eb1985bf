package conform

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"wskit/codec"
)

// An invalid is what UTF-8 does not allow.
type invalid struct{ title, bytes string }

// invalids are kinds of what UTF-8 does not allow, wherever it stands in a text.
var invalids = []invalid{
	{"a continuation byte alone", "\x80"},
	{"the last continuation byte alone", "\xBF"},
	{"two continuation bytes alone", "\x80\xBF"},
	{"a continuation byte behind a character", "é\x80"},
	{"a third continuation byte behind a character", "€\x80"},
	{"a fourth continuation byte behind a character", "🎉\xBF"},

	{"U+0000 in two bytes", "\xC0\x80"},
	{"a slash in two bytes", "\xC0\xAF"},
	{"U+007F in two bytes", "\xC1\xBF"},
	{"U+0000 in three bytes", "\xE0\x80\x80"},
	{"a slash in three bytes", "\xE0\x80\xAF"},
	{"U+07FF in three bytes", "\xE0\x9F\xBF"},
	{"U+0000 in four bytes", "\xF0\x80\x80\x80"},
	{"a slash in four bytes", "\xF0\x80\x80\xAF"},
	{"U+FFFF in four bytes", "\xF0\x8F\xBF\xBF"},
	{"U+0000 in five bytes", "\xF8\x80\x80\x80\x80"},
	{"U+0000 in six bytes", "\xFC\x80\x80\x80\x80\x80"},

	{"the first surrogate, U+D800", "\xED\xA0\x80"},
	{"the last high surrogate, U+DBFF", "\xED\xAF\xBF"},
	{"the first low surrogate, U+DC00", "\xED\xB0\x80"},
	{"the last surrogate, U+DFFF", "\xED\xBF\xBF"},
	{"the first pair of surrogates", "\xED\xA0\x80\xED\xB0\x80"},
	{"an emoji as a pair of surrogates", "\xED\xA0\xBC\xED\xBE\x89"},
	{"the last pair of surrogates", "\xED\xAF\xBF\xED\xBF\xBF"},

	{"U+110000, the first beyond Unicode", "\xF4\x90\x80\x80"},
	{"U+13FFFF, beyond Unicode", "\xF4\xBF\xBF\xBF"},
	{"U+140000, beyond Unicode", "\xF5\x80\x80\x80"},
	{"U+1FFFFF, beyond Unicode", "\xF7\xBF\xBF\xBF"},
	{"five bytes for U+200000", "\xF8\x88\x80\x80\x80"},
	{"six bytes for U+4000000", "\xFC\x84\x80\x80\x80\x80"},
	{"the byte FE", "\xFE"},
	{"the byte FF", "\xFF"},
	{"a byte order mark of UTF-16", "\xFF\xFE"},

	{"the first byte of two, and no other", "\xC2"},
	{"the last first byte of two, and no other", "\xDF"},
	{"the first byte of three, and no other", "\xE2"},
	{"two bytes of three, and no third", "\xE2\x82"},
	{"the first byte of four, and no other", "\xF0"},
	{"two bytes of four, and no third", "\xF0\x9F"},
	{"three bytes of four, and no fourth", "\xF0\x9F\x8E"},
	{"a first byte, and another character", "\xC3é"},
	{"two bytes of three, and another character", "\xE2\x82€"},
	{"three bytes of four, and another character", "\xF0\x9F\x8E🎉"},
	{"C2 and C0, which is no second byte", "\xC2\xC0"},
	{"a third byte that is ASCII", "\xE0\xA0\x7F"},
	{"a third byte that is C0", "\xED\x9F\xC0"},
	{"a second byte that is ASCII, of four", "\xF1\x7F\x80\x80"},
	{"a fourth byte that is ASCII", "\xF0\x90\x80\x7F"},
	{"a fourth byte that is C0", "\xF4\x8F\xBF\xC0"},

	{"an é of Latin-1", "caf\xE9 au lait"},
	{"quotation marks of Windows-1252", "\x93 quoted \x94"},
	{"Japanese of Shift JIS", "\x93\xFA\x96\x7B"},
}

// id returns the bytes as an ID has them, without the words around them: "ed-a0-80".
func (v invalid) id() string {
	start := strings.IndexFunc(v.bytes, func(r rune) bool { return r >= utf8.RuneSelf })
	bad, _, _ := strings.Cut(v.bytes[start:], " ")
	return strings.ReplaceAll(fmt.Sprintf("% x", bad), " ", "-")
}

// text is a text with those bytes in it.
func (v invalid) text() string { return "before " + v.bytes + " after" }

// frame is a text frame with those bytes in it.
func (v invalid) frame() frame {
	return textFrame(v.text()).noted(fmt.Sprintf("% X within a text", v.bytes))
}

// invalidTexts adds each kind in a message of one frame.
func invalidTexts(g *group) {
	for _, v := range invalids {
		g.both("6455-8.1-invalid-"+v.id(), "a text with "+v.title, whyInvalid,
			send(v.frame()), fails(codec.CloseInvalidPayload))
	}
	bad := invalids[0]
	g.both("6455-8.1-alone", "a text of one byte, FF", whyInvalid,
		send(textFrame("\xFF")), fails(codec.CloseInvalidPayload))
	g.both("6455-8.1-after-text", "a text that is valid, and one that is not", whyInvalid,
		send(textFrame("right"), bad.frame()), failsAfter([]message{textMessage("right")}, codec.CloseInvalidPayload))
	g.both("6455-8.1-after-ping", "a fragment that is not valid, after a ping", whyInvalid,
		send(textFrame("a").more(), pingFrame("inside"), contFrame("\xFF")),
		failsAfter([]message{pongMessage("inside")}, codec.CloseInvalidPayload))
	for _, size := range []int{1, 2, 3} {
		g.both(fmt.Sprintf("6455-8.1-chop-%d", size), fmt.Sprintf("a text with a surrogate, in pieces of %d B", size), whyInvalid,
			chop(size, textFrame("before \xED\xA0\x80 after")), fails(codec.CloseInvalidPayload))
	}
}

// invalidEnds adds texts that end within a character.
func invalidEnds(g *group) {
	for _, v := range []invalid{
		{"one byte of two", "\xC3"},
		{"one byte of three", "\xE2"},
		{"two bytes of three", "\xE2\x82"},
		{"one byte of four", "\xF0"},
		{"two bytes of four", "\xF0\x9F"},
		{"three bytes of four", "\xF0\x9F\x8E"},
	} {
		text := "truncated " + v.bytes
		g.both("6455-8.1-ends-"+v.id(), "a text that ends with "+v.title, whyInvalid,
			send(textFrame(text)), fails(codec.CloseInvalidPayload))
		g.both("6455-8.1-ends-fragment-"+v.id(), "a text in fragments that ends with "+v.title, whyInvalid,
			send(fragments(codec.OpText, "trunc", "ated "+v.bytes)...), fails(codec.CloseInvalidPayload))
		g.both("6455-8.1-ends-empty-"+v.id(), "a text that ends with "+v.title+", and an empty last fragment", whyInvalid,
			send(fragments(codec.OpText, text, "")...), fails(codec.CloseInvalidPayload))
	}
	g.both("6455-8.1-two-halves", "a character of which each half is in a message of its own", whyInvalid,
		send(textFrame("\xC3"), textFrame("\xA9")), fails(codec.CloseInvalidPayload))
	g.both("6455-8.1-half-alone", "a text of which all is the first byte of four", whyInvalid,
		send(textFrame("\xF0")), fails(codec.CloseInvalidPayload))
}

// invalidOffsets adds a text that is long enough for a validator that reads it in blocks,
// with something invalid at each place of the first two.
func invalidOffsets(g *group) {
	kinds := []string{"\xFF", "\x80", "\xED\xA0\x80", "\xC0\xAF", "\xE2\x82"}
	for at := range 71 {
		bad := kinds[at%len(kinds)]
		text := strings.Repeat("a", at) + bad + strings.Repeat("b", 128-at-len(bad))
		g.both(fmt.Sprintf("6455-8.1-offset-%d", at), fmt.Sprintf("a text of 128 bytes with % X at offset %d", bad, at), whyInvalid,
			send(textFrame(text).noted(fmt.Sprintf("% X at offset %d", bad, at))), fails(codec.CloseInvalidPayload))
	}
	for _, n := range []int{8, 16, 32, 64, 128, 1000, 4096, 65535, 65536} {
		text := mixed(n-1) + "\xFF"
		g.both(fmt.Sprintf("6455-8.1-last-of-%d", n), fmt.Sprintf("a text of %d bytes, the last of which is FF", n), whyInvalid,
			send(textFrame(text).noted("FF at its end")), fails(codec.CloseInvalidPayload))
	}
}

// invalidSplits adds what is invalid in two fragments.
func invalidSplits(g *group) {
	for _, bad := range []string{
		"\xC0\xAF", "\xC3\x28", "\xE0\x80\x80", "\xED\xA0\x80", "\xE2\x82\x28", "\xF0\x80\x80\x80", "\xF0\x9F\x8E\x28", "\xF4\x90\x80\x80",
	} {
		for at := 1; at < len(bad); at++ {
			v := invalid{bytes: bad}
			g.both(fmt.Sprintf("6455-8.1-split-%s-%d", v.id(), at),
				fmt.Sprintf("a text with % X, in fragments that are split after the first %d B of it", bad, at), whyInvalid,
				send(fragments(codec.OpText, "before "+bad[:at], bad[at:]+" after")...), fails(codec.CloseInvalidPayload))
		}
	}
}

// invalidEarly adds what is known to be invalid before the message is complete.
func invalidEarly(g *group) {
	const why = whyInvalid + ", and the first byte that cannot be right is enough to know"
	for _, v := range []invalid{
		{"the byte FF", "\xFF"},
		{"a continuation byte alone", "\x80"},
		{"C0, with which no character begins", "\xC0"},
		{"E0 and 80, with which no character begins", "\xE0\x80"},
		{"a surrogate, of which two bytes have come", "\xED\xA0"},
		{"U+110000, of which two bytes have come", "\xF4\x90"},
		{"F5, with which no character begins", "\xF5"},
	} {
		g.both("6455-8.1-early-fragment-"+v.id(), "the first fragment of a text with "+v.title, why,
			send(textFrame("before "+v.bytes).more()),
			failsFast([]frame{contFrame("\x80\x80 after")}, codec.CloseInvalidPayload))
		text := "before " + v.bytes + "\x80\x80" + strings.Repeat(" after", 100)
		g.both("6455-8.1-early-frame-"+v.id(), "the first half of a frame of text with "+v.title, why,
			sendPart(len("before ")+len(v.bytes), textFrame(text)), failsFast(nil, codec.CloseInvalidPayload))
	}
	g.both("6455-8.1-early-second", "the second fragment of a text with the byte FF", why,
		send(textFrame("before").more(), contFrame("\xFF").more()),
		failsFast([]frame{contFrame("after")}, codec.CloseInvalidPayload))
	g.both("6455-8.1-early-long", "the first 40000 bytes of 65536 of a text with the byte FF", why,
		sendPart(40000, textFrame(strings.Repeat("a", 39000)+"\xFF"+strings.Repeat("b", 65536-39001)).noted("FF at offset 39000")),
		failsFast(nil, codec.CloseInvalidPayload))
}

// invalidBinaries adds the same bytes where they are right.
func invalidBinaries(g *group) {
	const why = "a binary message is any data (§5.6)"
	var whole, split []frame
	var echoes []message
	for _, v := range invalids {
		text := v.text()
		half := len(text) / 2
		whole = append(whole, binaryFrame([]byte(text)))
		split = append(split, fragments(codec.OpBinary, text[:half], text[half:])...)
		echoes = append(echoes, binaryMessage([]byte(text)))
	}
	g.both("6455-5.6-binary-invalid", "binary messages with all that text messages must not hold", why,
		send(whole...), expect(echoes...), finish())
	g.both("6455-5.6-binary-invalid-fragments", "binary messages in fragments with all that text messages must not hold", why,
		send(split...), expect(echoes...), finish())
	text := "a text after it"
	g.both("6455-5.6-text-after-binary", "a binary message that ends within a character, and a text message", why,
		send(binaryFrame([]byte("\xF0\x9F")), textFrame(text)), expect(binaryMessage([]byte("\xF0\x9F")), textMessage(text)), finish())
}
