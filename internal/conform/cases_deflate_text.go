package conform

import (
	"strings"

	"wskit/codec"
)

// compressedTextCases are about the UTF-8 of a text that comes compressed: it counts once
// it is inflated (RFC 6455 §8.1).
func compressedTextCases() []*Case {
	const (
		group = "Compressed text"
		why   = "a text must be valid UTF-8 once it is inflated"
	)
	word := "κόσμε Žluťoučký 日本語 🎉\x00\U0010FFFF"
	var cases []*Case
	add := func(id, title string, steps ...step) {
		cases = append(cases, deflated(&Case{ID: "6455-8.1-compressed-" + id, Group: group, Title: title, Why: why, steps: append(steps, finish())}))
	}
	fixed := compressed(codec.OpText, new(stream).fixed(literally(word)).end())
	add("text", "text of characters of all lengths, compressed", send(fixed), expect(textMessage(word)))
	add("text-fragments", "such a text in fragments of one byte", send(fragmentsOf(fixed, every(fixed.payload, 1)...)...), expect(textMessage(word)))
	add("text-blocks", "such a text in blocks of one byte", send(compressed(codec.OpText, storedEach(word).end())), expect(textMessage(word)))
	stored := compressed(codec.OpText, new(stream).stored(word).end())
	add("text-stored-fragments", "such a text in fragments that hold pieces of characters", send(fragmentsOf(stored, every(stored.payload, 1)...)...), expect(textMessage(word)))
	add("text-copied", "a character that is made of two copies",
		send(compressed(codec.OpText, new(stream).fixed(literally("日本日"), copyOf(9, 4), copyOf(9, 5)).end())), expect(textMessage("日本日日本日")))
	add("binary", "a binary message that is no text, compressed", send(compressed(codec.OpBinary, new(stream).fixed(literally("\xC0\xAF\xED\xA0\x80")).end())), expect(binaryMessage([]byte("\xC0\xAF\xED\xA0\x80"))))

	for _, t := range []struct{ id, title, text string }{
		{"overlong", "an overlong slash", "abc\xC0\xAFdef"},
		{"overlong-3", "an overlong form of three bytes", "\xE0\x80\xAF"},
		{"surrogate", "a surrogate", "abc\xED\xA0\x80def"},
		{"above", "a code point above U+10FFFF", "\xF4\x90\x80\x80"},
		{"ff", "the byte FF, which is in no character", "abc\xFF"},
		{"lone", "a continuation byte on its own", "\x80abc"},
		{"cut", "the first bytes of a character at the end", "abc\xE6\x97"},
		{"cut-1", "a single byte that begins a character", "\xF0"},
	} {
		cases = append(cases, invalidText(group, why, t.id, "an invalid text: "+t.title, compressed(codec.OpText, new(stream).fixed(literally(t.text)).end())))
	}
	half := compressed(codec.OpText, new(stream).fixed(literally("abc")).stored("\xE6\x97").fixed(literally("def")).end())
	cut := compressed(codec.OpText, new(stream).stored("abc\xFFdef").end())
	long := compressed(codec.OpText, new(stream).stored(strings.Repeat("a", 40000)).stored("\xFF").end())
	takeover := deflated(&Case{
		ID: "6455-8.1-compressed-invalid-copied", Group: group, Why: why, Title: "an invalid text that is a copy of a piece of a valid one",
		steps: []step{
			needsTakeover(), send(compressed(codec.OpText, new(stream).fixed(literally("日本語")).end())), expect(textMessage("日本語")),
			send(compressed(codec.OpText, new(stream).fixed(copyOf(8, 8)).end())), fails(codec.CloseInvalidPayload),
		},
	})
	return append(cases, takeover,
		invalidText(group, why, "block", "a character that a block cuts off", half),
		invalidText(group, why, "fragments", "an invalid text in fragments", fragmentsOf(cut, 6, 9, 12)...),
		invalidText(group, why, "last", "an invalid byte behind 40,000 others", long),
		invalidText(group, why, "plain-among", "an invalid text that is not compressed", textFrame("abc\xFFdef")))
}

func invalidText(group, why, id, title string, frames ...frame) *Case {
	return deflated(&Case{
		ID: "6455-8.1-compressed-invalid-" + id, Group: group, Title: title, Why: why,
		steps: []step{send(hello()), expect(textMessage("Hello")), send(frames...), fails(codec.CloseInvalidPayload)},
	})
}
