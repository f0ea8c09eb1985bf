package codec

import (
	"encoding/binary"
	"unicode/utf8"

	fastutf8 "github.com/segmentio/asm/utf8"
)

// vectorSize is the length in bytes from which on fastutf8 has a fast path: AVX2 on
// amd64, portable code elsewhere. It reads nothing beyond what it is given.
const vectorSize = 32

// UTF8 checks a text that arrives in pieces, and fails in the piece that holds
// the first bad byte (RFC 6455 §8.1). The zero value is at the start of a text.
type UTF8 struct {
	state runeState
}

// Write checks the next piece and reports whether the text so far is the
// beginning of some valid text. Once false, it stays false.
func (u *UTF8) Write(b []byte) bool {
	for len(b) > 0 && u.state != betweenRunes && u.state != badText {
		u.state = u.state.after(b[:1])
		b = b[1:]
	}
	if u.state != betweenRunes {
		return u.state != badText
	}
	ascii := asciiPrefix(b)
	if ascii == len(b) {
		return true
	}
	rest := b[ascii:]
	if whole := len(b) - cutRune(b); whole >= vectorSize {
		// What is too short for it begins earlier, in what is ASCII.
		if !fastutf8.Valid(b[min(ascii, whole-vectorSize):whole]) {
			u.state = badText
			return false
		}
		rest = b[whole:]
	}
	u.state = u.state.after(rest)
	return u.state != badText
}

// Complete reports whether the text so far is valid and does not end inside a
// rune.
func (u *UTF8) Complete() bool { return u.state == betweenRunes }

// asciiPrefix returns a number of bytes of ASCII that b begins with: len(b) if
// there is nothing else in b, and else all of them but those of the last words.
func asciiPrefix(b []byte) int {
	const high = 0x8080808080808080
	if len(b) < 8 {
		var or byte
		for _, c := range b {
			or |= c
		}
		if or < utf8.RuneSelf {
			return len(b)
		}
		return 0
	}
	rest := b
	// Eight words a turn, as for Mask.
	for len(rest) >= 64 {
		p := (*[64]byte)(rest)
		or := binary.LittleEndian.Uint64(p[0:8]) | binary.LittleEndian.Uint64(p[8:16]) |
			binary.LittleEndian.Uint64(p[16:24]) | binary.LittleEndian.Uint64(p[24:32]) |
			binary.LittleEndian.Uint64(p[32:40]) | binary.LittleEndian.Uint64(p[40:48]) |
			binary.LittleEndian.Uint64(p[48:56]) | binary.LittleEndian.Uint64(p[56:64])
		if or&high != 0 {
			return len(b) - len(rest)
		}
		rest = rest[64:]
	}
	for len(rest) > 8 {
		if binary.LittleEndian.Uint64(rest)&high != 0 {
			return len(b) - len(rest)
		}
		rest = rest[8:]
	}
	// The last word overlaps the one before.
	if binary.LittleEndian.Uint64(b[len(b)-8:])&high != 0 {
		return len(b) - len(rest)
	}
	return len(b)
}

// cutRune returns the number of bytes at the end of b that may begin a rune whose
// other bytes are to come.
func cutRune(b []byte) int {
	for i := 1; i < utf8.UTFMax && i <= len(b); i++ {
		switch c := b[len(b)-i]; {
		case c >= 0xF0, c >= 0xE0 && i < 3, c >= 0xC0 && i < 2:
			return i
		case utf8.RuneStart(c):
			return 0
		}
	}
	return 0
}

// A runeState is what a text may go on with: a state of the automaton that takes
// the well-formed sequences of bytes, and no others.
type runeState uint8

// Each state is the place of six bits in a word of runeSteps.
const (
	betweenRunes runeState = 6 * iota
	wantOne                // continuation bytes
	wantTwo
	wantThree
	afterE0
	afterED
	afterF0
	afterF4
	badText
)

// runeSteps holds for each byte, at the place of each state, the state that follows.
// One load and one shift then take a byte, without a branch to predict.
var runeSteps = makeRuneSteps()

// makeRuneSteps fills the table from that of the well-formed sequences (Unicode
// 3-7; RFC 3629 §4).
func makeRuneSteps() (steps [256]uint64) {
	for i := range steps {
		for from := betweenRunes; from <= badText; from += 6 {
			steps[i] |= uint64(badText) << from
		}
	}
	for _, r := range []struct {
		from   runeState
		lo, hi byte
		to     runeState
	}{
		{from: betweenRunes, lo: 0x00, hi: 0x7F, to: betweenRunes},
		{from: betweenRunes, lo: 0xC2, hi: 0xDF, to: wantOne},
		{from: betweenRunes, lo: 0xE0, hi: 0xE0, to: afterE0},
		{from: betweenRunes, lo: 0xE1, hi: 0xEC, to: wantTwo},
		{from: betweenRunes, lo: 0xED, hi: 0xED, to: afterED},
		{from: betweenRunes, lo: 0xEE, hi: 0xEF, to: wantTwo},
		{from: betweenRunes, lo: 0xF0, hi: 0xF0, to: afterF0},
		{from: betweenRunes, lo: 0xF1, hi: 0xF3, to: wantThree},
		{from: betweenRunes, lo: 0xF4, hi: 0xF4, to: afterF4},
		{from: afterE0, lo: 0xA0, hi: 0xBF, to: wantOne},
		{from: afterED, lo: 0x80, hi: 0x9F, to: wantOne},
		{from: afterF0, lo: 0x90, hi: 0xBF, to: wantTwo},
		{from: afterF4, lo: 0x80, hi: 0x8F, to: wantTwo},
		{from: wantThree, lo: 0x80, hi: 0xBF, to: wantTwo},
		{from: wantTwo, lo: 0x80, hi: 0xBF, to: wantOne},
		{from: wantOne, lo: 0x80, hi: 0xBF, to: betweenRunes},
	} {
		for i := int(r.lo); i <= int(r.hi); i++ {
			steps[i] ^= uint64(badText^r.to) << r.from
		}
	}
	return steps
}

// after returns the state behind b.
func (s runeState) after(b []byte) runeState {
	state := uint64(s)
	for _, c := range b {
		state = runeSteps[c] >> (state & 63)
	}
	return runeState(state & 63)
}
