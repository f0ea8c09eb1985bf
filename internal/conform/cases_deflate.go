package conform

import (
	"fmt"
	"slices"
	"strings"

	"wskit/codec"
)

// deflateCases are about permessage-deflate (RFC 7692).
func deflateCases() []*Case {
	return slices.Concat(
		offerCases(), badOfferCases(), agreedCases(), badAgreementCases(),
		windowCases(), streamCases(), levelCases(), compressedFrameCases(), compressedTextCases(), corruptCases(),
	)
}

// deflated is a case that begins when permessage-deflate was agreed on, with no more
// parameters than the peer asks for.
func deflated(c *Case) *Case {
	c.offer, c.answer = codec.DeflateName, codec.DeflateName
	return both(c)
}

// The first examples of RFC 7692 §7.2.3.
const (
	helloDeflated = "\xf2\x48\xcd\xc9\xc9\x07\x00"
	helloAgain    = "\xf2\x00\x11\x00\x00" // with the first in the window
)

// hello is the text Hello, compressed so that it stands alone.
func hello() frame { return compressed(codec.OpText, []byte(helloDeflated)) }

// streamCases are about the streams that a compressor may make (RFC 7692 §7.2.1).
func streamCases() []*Case {
	const group = "Compressed messages"
	var cases []*Case
	for _, t := range []struct {
		id, title, why string
		stream         []byte
		want           string
	}{
		{"7.2.3.1-example", "the example of one block", "the payload is a DEFLATE stream without its last four octets", []byte(helloDeflated), "Hello"},
		{"7.2.3.3-example", "the example of a block with no compression", "blocks with no compression are DEFLATE as well", []byte("\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00"), "Hello"},
		{"7.2.3.4-example", "the example of a block with BFINAL", "a sender may set BFINAL: it then appends an empty block", []byte("\xf3\x48\xcd\xc9\xc9\x07\x00\x00"), "Hello"},
		{"7.2.3.5-example", "the example of two blocks", "a message may have several blocks, with a flush between them", []byte("\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"), "Hello"},
		{"7.2.3.6-empty", "an empty message, as the single byte 00", "an empty message may be the header of one empty block", []byte{0}, ""},
		{"7.2.1-empty-fixed", "an empty message, as a block with fixed codes: 02 00", "an empty message may have any blocks that hold nothing", new(stream).fixed().end(), ""},
		{"7.2.1-empty-blocks-only", "an empty message of 100 empty blocks", "a message may have several blocks, empty ones too", emptyBlocks(100).end(), ""},
		{"7.2.1-empty-dynamic", "an empty block with dynamic codes", "a message may have blocks of any type", new(stream).dynamic(codeFor(1, 256, 'a'), []int{1, 1}).end(), ""},
		{"7.2.1-empty-blocks-before", "100 empty blocks before the text", "a message may have several blocks, empty ones too", emptyBlocks(100).fixed(literally("Hello")).end(), "Hello"},
		{"7.2.1-empty-blocks-between", "empty blocks of all types between two pieces of text", "a message may have several blocks, empty ones too", new(stream).fixed(literally("Hel")).stored("").fixed().stored("").fixed(literally("lo")).end(), "Hello"},
		{"7.2.1-empty-block-after", "two empty blocks behind the text", "the end of a message may have been flushed twice", append(new(stream).fixed(literally("Hello")).stored("").b, 0), "Hello"},
		{"7.2.1-mixed-blocks", "blocks of all three types in one message", "a message may have several blocks, of any type", mixedBlocks().end(), "stored, fixed, dynamic: abba"},
		{"7.2.1-two-final-blocks", "two blocks with BFINAL, each padded to a byte", "any block may have BFINAL; the next one follows behind the padding", new(stream).final().fixed(literally("Hel")).align().final().fixed(literally("lo")).align().end(), "Hello"},
		{"7.2.1-final-then-more", "a block with BFINAL, and one without behind it", "any block may have BFINAL; the next one follows behind the padding", new(stream).final().fixed(literally("Hel")).align().fixed(literally("lo")).end(), "Hello"},
		{"7.2.1-final-stored", "a block with BFINAL and no compression", "any block may have BFINAL", new(stream).final().stored("Hello").end(), "Hello"},
		{"7.2.1-final-dynamic", "a block with BFINAL and dynamic codes", "any block may have BFINAL", new(stream).final().dynamic(codeFor(2, 'a', 'b', 256, 257), []int{1, 1}, literally("abba")).align().end(), "abba"},
		{"7.2.1-stored-65535", "the largest block with no compression", "a block may hold 65,535 octets", new(stream).stored(letters(65535, 1)).end(), letters(65535, 1)},
		{"7.2.1-stored-blocks-of-1", "a block with no compression for each byte", "a message may have several blocks", storedEach(letters(300, 2)).end(), letters(300, 2)},
		{"7.2.1-fixed-all-bytes", "ASCII in fixed codes", "the fixed codes are part of DEFLATE", new(stream).fixed(literally(ascii())).end(), ascii()},
		{"7.2.1-copy-258", "copies of the greatest length", "a copy is of 3 to 258 bytes", new(stream).fixed(literally("ab"), copyOf(2, 258), copyOf(2, 258)).end(), strings.Repeat("ab", 259)},
		{"7.2.1-copy-lengths", "a copy of each length", "a copy is of 3 to 258 bytes", eachLength().end(), "*" + strings.Repeat("*", (3+258)*256/2)},
		{"7.2.1-copy-overlapping", "copies that overlap what they make", "a copy may begin less far back than it is long", new(stream).fixed(literally("abc"), copyOf(3, 100), copyOf(1, 10)).end(), strings.Repeat("abc", 34) + "a" + strings.Repeat("a", 10)},
		{"7.2.1-copy-from-stored", "a copy from a block before, of another type", "copies refer to the message, not to the block", new(stream).stored("Hello").fixed(copyOf(5, 5)).end(), "HelloHello"},
		{"7.2.1-dynamic-one-distance", "a code for distances with a single symbol", "one distance code is encoded with one bit (RFC 1951 §3.2.7)", new(stream).dynamic(codeFor(2, 'a', 'b', 256, 257), []int{1}, literally("ab"), copyOf(1, 3)).end(), "abbbb"},
		{"7.2.1-dynamic-no-distances", "a block of literals without a code for distances", "one distance code of zero bits says that there are none (RFC 1951 §3.2.7)", new(stream).dynamic(codeFor(2, 'a', 'b', 'c', 256), []int{0}, literally("abc")).end(), "abc"},
		{"7.2.1-dynamic-longest-codes", "codes of 15 bits", "a code has up to 15 bits (RFC 1951 §3.2.7)", longestCodes().end(), "abcdefghijklmno"},
		{"7.2.1-dynamic-runs", "code lengths repeated from one alphabet to the next", "the lengths of both codes are one sequence (RFC 1951 §3.2.7)", runsAcross().end(), "abl" + strings.Repeat("bl", 129)},
	} {
		cases = append(cases, deflated(&Case{
			ID: "7692-" + t.id, Group: group, Title: t.title, Why: t.why,
			steps: []step{
				send(compressed(codec.OpText, t.stream)), expect(textMessage(t.want)),
				send(hello()), expect(textMessage("Hello")), finish(),
			},
		}))
	}
	return cases
}

func emptyBlocks(n int) *stream {
	w := new(stream)
	for range n {
		w.stored("")
	}
	return w
}

func mixedBlocks() *stream {
	return new(stream).stored("stored, ").fixed(literally("fixed, dynamic: ")).
		dynamic(codeFor(2, 'a', 'b', 256, 257), []int{1, 1}, literally("abba"))
}

func storedEach(s string) *stream {
	w := new(stream)
	for i := range len(s) {
		w.stored(s[i : i+1])
	}
	return w
}

// ascii is every byte that is a character on its own.
func ascii() string {
	b := make([]byte, 128)
	for i := range b {
		b[i] = byte(i)
	}
	return string(b)
}

func eachLength() *stream {
	tokens := [][]token{literally("*")}
	for n := 3; n <= 258; n++ {
		tokens = append(tokens, copyOf(1, n))
	}
	return new(stream).fixed(tokens...)
}

// longestCodes has a code of each length from 1 to 15, and one more.
func longestCodes() *stream {
	lengths := make([]int, 257)
	for i := range 15 {
		lengths['a'+i] = i + 1
	}
	lengths[256] = 15
	return new(stream).dynamic(lengths, []int{0}, literally("abcdefghijklmno"))
}

func runsAcross() *stream {
	literals := codeFor(4, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 256, 257+26, 257+27, 257+28)
	distances := slices.Repeat([]int{4}, 16)
	return new(stream).dynamic(literals, distances, literally("abl"), copyOf(2, 258))
}

// levelCases are about what a real compressor makes, that is not ours.
func levelCases() []*Case {
	const group = "Compressed messages"
	var cases []*Case
	for _, level := range []int{-2, 0, 1, 6, 9} {
		for _, size := range []int{0, 1, 125, 126, 1000, 65535, 65536} {
			name := fmt.Sprintf("level-%d", level)
			if level < 0 {
				name = "huffman-only"
			}
			text := prose(size)
			cases = append(cases, deflated(&Case{
				ID: fmt.Sprintf("7692-7.2.1-%s-%d", name, size), Group: group,
				Title: fmt.Sprintf("texts of %d bytes from a compressor, %s", size, strings.ReplaceAll(name, "-", " ")),
				Why:   "whatever a compressor makes of a message, under the context that was agreed, is inflated to that message",
				steps: []step{
					sendCompressed(codec.OpText, level, text), expect(textMessage(text)),
					sendCompressed(codec.OpBinary, level, text), expect(binaryMessage([]byte(text))),
					sendCompressed(codec.OpText, level, text), expect(textMessage(text)),
					finish(),
				},
			}))
		}
	}
	return cases
}

// prose is n bytes of what people send: words that come again, and numbers that do not.
func prose(n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, `{"id":%d,"name":"sensor-%s","state":"ready","value":%d.%02d},`, i, letters(4, uint64(i)), i*i%97, i%100)
	}
	return b.String()[:n]
}
