package conform

import (
	"fmt"
	"slices"
	"strings"

	"wskit/codec"
)

// maskingCases are about who masks what, and how (RFC 6455 §5.1, §5.3).
func maskingCases() []*Case {
	g := &group{name: "Masking"}
	wrongMasks(g)
	maskKeys(g)
	maskOffsets(g)
	freshKeys(g)
	return g.cases
}

// wrongMasks adds the frames that are not masked by a client, and masked by a server.
func wrongMasks(g *group) {
	const (
		unmasked = "a server must close the connection when it receives a frame that is not masked (§5.1)"
		masked   = "a client must close the connection when it detects a masked frame (§5.1)"
	)
	for _, w := range []struct {
		id, title string
		frames    []frame
		right     []message
	}{
		{"text", "a text frame", []frame{textFrame("mask").wronglyMasked()}, nil},
		{"text-empty", "an empty text frame", []frame{textFrame("").wronglyMasked()}, nil},
		{"binary", "a binary frame", []frame{binaryFrame([]byte{0, 1, 2}).wronglyMasked()}, nil},
		{"binary-126", "a binary frame of 126 bytes", []frame{binaryFrame(make([]byte, 126)).wronglyMasked()}, nil},
		{"binary-65536", "a binary frame of 65536 bytes", []frame{binaryFrame(make([]byte, 1<<16)).wronglyMasked()}, nil},
		{"first-fragment", "the first fragment of a message", []frame{textFrame("ma").more().wronglyMasked(), contFrame("sk")}, nil},
		{"last-fragment", "the last fragment of a message", []frame{textFrame("ma").more(), contFrame("sk").wronglyMasked()}, nil},
		{"ping", "a ping", []frame{pingFrame("mask").wronglyMasked()}, nil},
		{"ping-empty", "an empty ping", []frame{pingFrame("").wronglyMasked()}, nil},
		{"pong", "a pong", []frame{pongFrame("mask").wronglyMasked()}, nil},
		{"close", "a close frame", []frame{closeWith(codec.CloseNormal, "").wronglyMasked()}, nil},
		{"after-text", "behind a right message, a text frame", []frame{textFrame("right"), textFrame("wrong").wronglyMasked()}, []message{textMessage("right")}},
	} {
		g.server("6455-5.1-unmasked-"+w.id, w.title+" that is not masked", unmasked,
			send(w.frames...), dropsAfter(w.right, codec.CloseProtocolError))
		g.client("6455-5.1-masked-"+w.id, w.title+" that is masked", masked,
			send(w.frames...), dropsAfter(w.right, codec.CloseProtocolError))
	}
}

// maskKeys adds the keys that are special. Only a client masks.
func maskKeys(g *group) {
	const anyKey = "a masking key may be any four bytes, and is another for each frame (§5.3)"
	text := "masked by a key, byte by byte: " + strings.Repeat("0123456789abcdef", 8)
	for _, k := range []struct {
		id, title string
		key       codec.MaskKey
	}{
		{"00000000", "four zeros, which leaves the payload as it is", codec.MaskKey{}},
		{"ffffffff", "four times FF", codec.MaskKey{0xFF, 0xFF, 0xFF, 0xFF}},
		{"80808080", "four times 80, which makes no byte of the payload ASCII", codec.MaskKey{0x80, 0x80, 0x80, 0x80}},
		{"00000001", "one that changes only each fourth byte", codec.MaskKey{3: 1}},
		{"01000000", "one that changes only the first byte of four", codec.MaskKey{1}},
		{"12345678", "one in which each byte is another", codec.MaskKey{0x12, 0x34, 0x56, 0x78}},
	} {
		g.server("6455-5.3-key-"+k.id, "a masking key of "+k.title, anyKey,
			send(textFrame(text).withKey(k.key), binaryFrame([]byte(text)).withKey(k.key)),
			expect(textMessage(text), binaryMessage([]byte(text))),
			finish())
	}

	key := codec.MaskKey{'a', 'b', 'c', 'd'}
	g.server("6455-5.3-key-is-payload", "a masking key that is the payload, so that zeros are sent", anyKey,
		send(textFrame("abcdabcd").withKey(key)), expect(textMessage("abcdabcd")), finish())
	g.server("6455-5.3-key-twice", "the same masking key for two frames", anyKey,
		send(textFrame("one").withKey(key)), expect(textMessage("one")),
		send(textFrame("two").withKey(key)), expect(textMessage("two")), finish())

	frames, messages := numbered("message", 20)
	g.server("6455-5.3-key-for-each", "twenty messages in one write, each with a key of its own", anyKey,
		send(frames...), expect(messages...), finish())

	var fragments []frame
	for i := range 20 {
		f := contFrame("seven B")
		if i == 0 {
			f = textFrame("seven B")
		}
		f.fin = i == 19
		fragments = append(fragments, f)
	}
	g.server("6455-5.3-key-for-fragments", "a message in twenty fragments of 7 bytes, each with a key of its own",
		"each frame is masked with its own key from its first byte on, wherever that is in the message (§5.3)",
		send(fragments...), expect(textMessage(strings.Repeat("seven B", 20))), finish())
}

// maskOffsets adds messages of each length modulo that of a word, at each place that a
// buffer may have them, and cut at each byte.
func maskOffsets(g *group) {
	const why = "byte i of the payload is masked with byte i modulo 4 of the key, wherever the bytes come in the stream (§5.3)"
	var texts, binaries []frame
	var echoedTexts, echoedBinaries []message
	for n := range 71 {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte('0' + i)
		}
		texts, echoedTexts = append(texts, textFrame(string(b))), append(echoedTexts, textMessage(string(b)))
		binaries, echoedBinaries = append(binaries, binaryFrame(b)), append(echoedBinaries, binaryMessage(b))
	}
	const title = "messages of 0 to 70 bytes, each at another place in the stream"
	g.both("6455-5.3-lengths-text", "text "+title, why, send(texts...), expect(echoedTexts...), finish())
	g.both("6455-5.3-lengths-binary", "binary "+title, why, send(binaries...), expect(echoedBinaries...), finish())
	for _, size := range []int{1, 3, 5, 7, 11} {
		g.both(fmt.Sprintf("6455-5.3-lengths-chop-%d", size), fmt.Sprintf("text %s, in pieces of %d B", title, size), why,
			chop(size, texts[:18]...), expect(echoedTexts[:18]...), finish())
	}
	text := "seventeen bytes.."
	g.both("6455-5.3-cut-each", "a text frame of 17 bytes, cut after each of its bytes in turn", why,
		cutEach(len(text)-1, textFrame(text), textMessage(text)), finish())
}

// freshKeys adds what becomes of the keys of a client. Two that are alike by chance come
// once in hundreds of millions of runs.
func freshKeys(g *group) {
	frames, messages := numbered("message", 5)
	fresh := custom("the frames that came have masking keys of their own", func(s *session) error {
		for i, key := range s.keys {
			if slices.Contains(s.keys[:i], key) {
				return failf("it used the masking key %X twice in %d frames", key[:], len(s.keys))
			}
		}
		return nil
	})
	g.client("6455-5.3-keys-fresh", "five messages, whose echoes are masked", "a client picks a fresh key for each frame, which nobody can predict (§5.3)",
		send(frames...), expect(messages...), fresh, finish())
}

// numbered returns n text messages, each with its number, and what is to come back.
func numbered(word string, n int) (frames []frame, messages []message) {
	for i := range n {
		text := fmt.Sprintf("%s %d", word, i+1)
		frames, messages = append(frames, textFrame(text)), append(messages, textMessage(text))
	}
	return frames, messages
}
