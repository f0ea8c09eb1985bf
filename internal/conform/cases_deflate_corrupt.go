package conform

import (
	"slices"
	"strings"

	"wskit/codec"
)

// corruptCases are about compressed messages that are no stream of DEFLATE (RFC 7692
// §7.2.2, RFC 1951). There is no message in them, so that none may be delivered; with what
// code the connection ends is not said.
func corruptCases() []*Case {
	const group = "Corrupt compression"
	hi := literally("Hi")
	odd := codeFor(2, 'a', 'b', 256, 257)
	one := []int{1, 1}
	var cases []*Case
	for _, t := range []struct {
		id, title, why string
		stream         []byte
	}{
		{"reserved-type", "a block of the reserved type", "the block type 3 is an error", new(stream).begin(3).end()},
		{"reserved-type-final", "a block of the reserved type, with BFINAL", "the block type 3 is an error", new(stream).final().begin(3).end()},
		{"reserved-type-later", "a block of the reserved type behind a right one", "the block type 3 is an error", new(stream).fixed(hi).begin(3).end()},
		{"stored-check", "a block with no compression whose check of the length is wrong", "NLEN is the complement of LEN", new(stream).storedAs("Hello", 5, 0).end()},
		{"stored-check-bit", "a block with no compression whose check of the length is wrong in one bit", "NLEN is the complement of LEN", new(stream).storedAs("Hello", 5, ^4).end()},
		{"stored-check-empty", "an empty block whose check of the length is wrong", "NLEN is the complement of LEN", new(stream).storedAs("", 0, 0).end()},
		{"not-compressed", "RSV1 on a text that is not compressed", "RSV1 says that the message is compressed", []byte("Hello, this is not compressed")},
		{"zlib", "a stream with the header of zlib", "the payload is raw DEFLATE", append([]byte{0x78, 0x9C}, helloDeflated...)},
		{"gzip", "a stream with the header of gzip", "the payload is raw DEFLATE", append([]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"), helloDeflated...)},
		{"ones", "a message of bytes FF", "the block type 3 is an error", []byte(strings.Repeat("\xFF", 50))},
		{"literal-286", "the symbol 286", "the symbols 286 and 287 never occur", new(stream).fixed(hi, []token{{symbol: 286}}).end()},
		{"literal-287", "the symbol 287", "the symbols 286 and 287 never occur", new(stream).fixed(hi, []token{{symbol: 287}}).end()},
		{"distance-30", "the distance code 30", "the distance codes 30 and 31 never occur", new(stream).fixed(hi, []token{{symbol: 257, copies: true, distance: 30}}).end()},
		{"distance-31", "the distance code 31", "the distance codes 30 and 31 never occur", new(stream).fixed(hi, []token{{symbol: 257, copies: true, distance: 31}}).end()},
		{"too-far-first", "a copy with nothing before it", "a distance cannot refer past the beginning of the output", new(stream).fixed(copyOf(1, 3)).end()},
		{"too-far", "a copy of one byte too far back", "a distance cannot refer past the beginning of the output", new(stream).fixed(hi, copyOf(3, 3)).end()},
		{"too-far-32768", "a copy of what is 32,768 bytes before the beginning", "a distance cannot refer past the beginning of the output", new(stream).fixed(copyOf(32768, 258)).end()},
		{"too-far-dynamic", "a copy of one byte too far back, in a block with dynamic codes", "a distance cannot refer past the beginning of the output", new(stream).dynamic(odd, one, literally("a"), copyOf(2, 3)).end()},
		{"too-many-literals", "three codes of one bit for literals", "a set of codes cannot have more than there is room for", new(stream).begin(dynamicKind).codes(codeFor(1, 'a', 'b', 256), one).bits(0, 64).end()},
		{"too-many-distances", "three codes of one bit for distances", "a set of codes cannot have more than there is room for", new(stream).begin(dynamicKind).codes(odd, []int{1, 1, 1}).bits(0, 64).end()},
		{"too-many-lengths", "three codes of one bit for code lengths", "a set of codes cannot have more than there is room for", badRuns(1, 1, 1, 0).bits(0, 64).end()},
		{"repeat-of-nothing", "a first code length that repeats the one before", "there is no code length before the first one", badRuns(1, 0, 0, 1).bits(1, 1).bits(0, 64).end()},
		{"repeat-past-end", "code lengths repeated past the last one", "all code lengths form a sequence of HLIT + HDIST + 258 values", badRuns(0, 0, 1, 1).bits(-1, 64).end()},
	} {
		cases = append(cases, deflated(&Case{
			ID: "7692-7.2.2-corrupt-" + t.id, Group: group, Title: t.title, Why: t.why + " (RFC 1951)",
			steps: []step{send(compressed(codec.OpText, t.stream)), fails(corruptCodes...)},
		}))
	}
	bad := new(stream).fixed(hi).begin(3).end()
	cases = append(cases, deflated(&Case{
		ID: "7692-7.2.2-corrupt-fragment", Group: group, Title: "a message that is corrupt in its second fragment", Why: "there is no message in it",
		steps: []step{send(fragmentsOf(compressed(codec.OpText, bad), 2)...), fails(corruptCodes...)},
	}), deflated(&Case{
		ID: "7692-7.2.2-corrupt-binary", Group: group, Title: "a binary message that is corrupt", Why: "there is no message in it",
		steps: []step{send(compressed(codec.OpBinary, bad)), fails(corruptCodes...)},
	}), deflated(&Case{
		ID: "7692-7.2.2-corrupt-later", Group: group, Title: "a corrupt message behind right ones", Why: "there is no message in it",
		steps: []step{
			send(hello(), hello()), expect(textMessage("Hello"), textMessage("Hello")),
			send(compressed(codec.OpText, new(stream).begin(3).end())), fails(corruptCodes...),
		},
	}), deflated(&Case{
		ID: "7692-7.2.2-corrupt-too-far-back", Group: group, Title: "a reference to one byte before the first message", Why: "a distance cannot refer past the beginning of the window (RFC 1951)",
		steps: []step{send(hello()), expect(textMessage("Hello")), send(compressed(codec.OpText, new(stream).fixed(copyOf(6, 3)).end())), fails(corruptCodes...)},
	}))
	return append(cases, incompleteCases(group)...)
}

// badRuns begins a dynamic block with code lengths of which only those for the symbols 16,
// 17, 18 and 0 are there.
func badRuns(of16, of17, of18, of0 int) *stream {
	return new(stream).begin(dynamicKind).bits(0, 5).bits(0, 5).bits(0, 4).bits(of16, 3).bits(of17, 3).bits(of18, 3).bits(of0, 3)
}

// incompleteCases are about streams that are not right, but which a peer that inflates as
// it reads may take: RFC 7692 does not say how it must find out.
func incompleteCases(group string) []*Case {
	whole := new(stream).dynamic(codeFor(2, 'a', 'b', 256, 257), []int{1, 1}, literally("abba")).end()
	gap := codeFor(3, 'a', 'b', 256)
	missing := slices.Clone(gap)
	missing[256] = 0
	var cases []*Case
	for _, t := range []struct {
		id, title, why string
		stream         []byte
	}{
		{"no-payload", "no payload at all", "nothing says that something is missing", nil},
		{"tail-kept", "a message that keeps its last four octets", "the message is complete before the octets that are too many", []byte(helloDeflated + "\x00\x00\xff\xff")},
		{"no-end", "a block without its end", "nothing in the stream says that a part of it is missing", new(stream).begin(fixedKind).tokens(fixedLiterals, fixedDistances, [][]token{literally("Hello")}).cut()},
		{"stored-cut", "a block with no compression that is shorter than it says", "nothing in the stream says that a part of it is missing", new(stream).storedAs("Hello", 100, ^100).cut()},
		{"header-cut", "a dynamic block that is cut off in its header", "nothing in the stream says that a part of it is missing", whole[:4]},
		{"last-byte-cut", "a message without its last byte", "nothing in the stream says that a part of it is missing", []byte(helloDeflated[:5])},
		{"gap-in-code", "a set of codes with room for more", "the codes that are there can be told", new(stream).dynamic(gap, []int{0}, literally("ab")).end()},
		{"no-end-of-block", "a set of codes without the end of the block", "the codes that are there can be told", new(stream).begin(dynamicKind).codes(missing, []int{0}).bits(0, 24).cut()},
		{"288-literals", "288 code lengths for literals, where there are 286", "the codes that are there can be told", new(stream).dynamic(append(codeFor(2, 'a', 'b', 'c', 256), 0, 0), []int{0}, literally("abc")).end()},
	} {
		cases = append(cases, deflated(&Case{
			ID: "7692-7.2.2-incomplete-" + t.id, Group: group, Title: t.title, Why: "the message is not what a compressor makes (RFC 1951), and may be refused",
			steps: []step{send(compressed(codec.OpText, t.stream)), tolerates(t.why, corruptCodes...)},
		}))
	}
	return cases
}
