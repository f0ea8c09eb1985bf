package conform

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"wskit/codec"
)

// textCases are about UTF-8 (RFC 6455 §5.6, §8.1).
func textCases() []*Case {
	g := &group{name: "UTF-8"}
	characters(g)
	validEdges(g)
	validSplits(g)
	invalidTexts(g)
	invalidEnds(g)
	invalidOffsets(g)
	invalidSplits(g)
	invalidEarly(g)
	invalidBinaries(g)
	return g.cases
}

const (
	whyText      = "a text message may hold every character of Unicode, and comes back as it is (§5.6)"
	whyTextSplit = "a fragment need not be valid by itself: a character may begin in one and end in another (§5.6)"
	whyInvalid   = "a text message that is no valid UTF-8 must fail the connection (§8.1)"
)

// manyScripts has characters of one to four bytes.
const manyScripts = "naïve κόσμε 日本 🎉"

// characters adds texts of characters that a validator might get wrong.
func characters(g *group) {
	for _, c := range []struct{ id, title, text string }{
		{"u0000", "U+0000, the first character", "\x00"},
		{"u0000-inside", "U+0000 within a text", "before\x00after"},
		{"u007f", "U+007F, the last of one byte", "\u007f"},
		{"u0080", "U+0080, the first of two bytes", "\u0080"},
		{"u07ff", "U+07FF, the last of two bytes", "\u07ff"},
		{"u0800", "U+0800, the first of three bytes", "\u0800"},
		{"u0fff", "U+0FFF, the last whose first byte is E0", "\u0fff"},
		{"u1000", "U+1000, the first whose first byte is E1", "\u1000"},
		{"ucfff", "U+CFFF, the last whose first byte is EC", "\ucfff"},
		{"ud7ff", "U+D7FF, the last before the surrogates", "\ud7ff"},
		{"ue000", "U+E000, the first behind the surrogates", "\ue000"},
		{"ufdd0", "U+FDD0, which is no character but may be sent", "\ufdd0"},
		{"ufeff", "U+FEFF, which is no byte order mark here", "\ufefftext"},
		{"ufffd", "U+FFFD, the replacement character", "\ufffd"},
		{"ufffe", "U+FFFE, which is no character but may be sent", "\ufffe"},
		{"uffff", "U+FFFF, the last of three bytes", "\uffff"},
		{"u10000", "U+10000, the first of four bytes", "\U00010000"},
		{"u1fffe", "U+1FFFE, which is no character but may be sent", "\U0001fffe"},
		{"u3ffff", "U+3FFFF, the last whose first byte is F0", "\U0003ffff"},
		{"u40000", "U+40000, the first whose first byte is F1", "\U00040000"},
		{"u100000", "U+100000, the first whose first byte is F4", "\U00100000"},
		{"u10ffff", "U+10FFFF, the last of all", "\U0010ffff"},
		{"greek", "Greek", "κόσμε"},
		{"scripts", "many scripts", "日本語 עברית العربية हिन्दी ไทย 한국어"},
		{"emoji", "emoji that are joined of several characters", "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽"},
		{"combining", "combining characters", "e\u0301 n\u0303 o\u0308\u0304"},
		{"controls", "control characters", "\x01\x02\x07\x08\t\r\n\x1b[31m\x7f\u0085"},
	} {
		g.both("6455-5.6-"+c.id, "a text with "+c.title, whyText,
			send(textFrame(c.text)), expect(textMessage(c.text)), finish())
	}
}

// validEdges adds texts whose characters lie across the blocks in which a validator may
// read them.
func validEdges(g *group) {
	for _, char := range []string{"é", "€", "🎉"} {
		var frames []frame
		var echoes []message
		for at := range 71 {
			text := strings.Repeat("a", at) + char + strings.Repeat("b", 128-at-len(char))
			frames, echoes = append(frames, textFrame(text)), append(echoes, textMessage(text))
		}
		g.both(fmt.Sprintf("6455-5.6-offsets-%d", len(char)),
			fmt.Sprintf("71 texts of 128 bytes, with a character of %d bytes at offset 0 to 70", len(char)), whyText,
			send(frames...), expect(echoes...), finish())
	}
	var frames []frame
	var echoes []message
	for _, size := range []int{8, 16, 32, 64, 128, 256, 1000, 1024, 4096} {
		for n := size - 1; n <= size+1; n++ {
			for _, text := range []string{mixed(n), strings.Repeat("a", n-2) + "é", "é" + strings.Repeat("a", n-2)} {
				frames, echoes = append(frames, textFrame(text)), append(echoes, textMessage(text))
			}
		}
	}
	g.both("6455-5.6-block-sizes", "texts of many scripts, of sizes around 8, 16, 32, 64, 128, 256, 1000, 1024 and 4096", whyText,
		send(frames...), expect(echoes...), finish())
	text := mixed(1000)
	for _, size := range []int{1, 2, 3, 5, 7, 8, 16, 31, 32, 33, 63, 64, 65} {
		g.both(fmt.Sprintf("6455-5.6-chop-%d", size), fmt.Sprintf("a text of many scripts of 1000 bytes, in pieces of %d B", size), whyText,
			chop(size, textFrame(text)), expect(textMessage(text)), finish())
	}
	for _, n := range []int{65535, 65536, 65537} {
		text := mixed(n)
		g.both(fmt.Sprintf("6455-5.6-mixed-%d", n), fmt.Sprintf("a text of many scripts of %d bytes", n), whyText,
			send(textFrame(text)), expect(textMessage(text)), finish())
	}
}

// mixed returns a text of many scripts of n bytes. Its end may be filled up with dots.
func mixed(n int) string {
	text := strings.Repeat(manyScripts, n/len(manyScripts)+1)
	end := n
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + strings.Repeat(".", n-end)
}

// validSplits adds texts in fragments that end within characters.
func validSplits(g *group) {
	var frames, withPings, withEmpty []frame
	var echoes, withPongs []message
	for at := range len(manyScripts) + 1 {
		parts := fragments(codec.OpText, manyScripts[:at], manyScripts[at:])
		empty := fragments(codec.OpText, manyScripts[:at], "", manyScripts[at:])
		payload := fmt.Sprint(at)
		frames, withEmpty = append(frames, parts...), append(withEmpty, empty...)
		withPings = append(withPings, parts[0], pingFrame(payload), parts[1])
		echoes = append(echoes, textMessage(manyScripts))
		withPongs = append(withPongs, pongMessage(payload), textMessage(manyScripts))
	}
	g.both("6455-5.6-split-each", "a text of many scripts in two fragments, split at each byte in turn", whyTextSplit,
		send(frames...), expect(echoes...), finish())
	g.both("6455-5.6-split-each-chop-1", "a text of many scripts in two fragments, split at each byte in turn, byte by byte", whyTextSplit,
		chop(1, frames...), expect(echoes...), finish())
	g.both("6455-5.6-split-each-empty", "a text of many scripts, split at each byte in turn, and an empty fragment between", whyTextSplit,
		send(withEmpty...), expect(echoes...), finish())
	g.both("6455-5.6-split-each-ping", "a text of many scripts, split at each byte in turn, and a ping between", whyTextSplit,
		send(withPings...), expect(withPongs...), finish())
	g.both("6455-5.6-split-in-turn", "the first byte of a character, and its other three in a fragment of their own, each in turn", whyTextSplit,
		send(textFrame("\xF0").more()), alive(), send(contFrame("\x9F").more()), alive(), send(contFrame("\x8E").more()), alive(),
		send(contFrame("\x89")), expect(textMessage("🎉")), finish())
}
