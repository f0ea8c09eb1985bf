//go:build linux

package main

import (
	"fmt"
	"slices"
	"time"

	"wskit/codec"
)

func ruleAttacks() []attack {
	text := attack{
		id: "A7", what: "invalid UTF-8 split at each byte, its message never finished, and in reasons",
		memory: 8 << 20, time: 30 * time.Second,
		run: func(t *trial) error { return t.volley(textShots()) },
	}
	headers := attack{
		id: "A8", what: "each RSV × opcode × FIN × mask × control length, and lengths in a longer form",
		memory: 32 << 20, time: 30 * time.Second,
		run: func(t *trial) error { return t.volley(headerShots(), "-q") },
	}
	packed := headers
	packed.run = func(t *trial) error { return t.volley(packedShots()) }
	codes := attack{
		id: "A8b", what: "each close code from 0 to 65535",
		memory: 32 << 20, time: 60 * time.Second,
		run: func(t *trial) error { return t.volley(codeShots(allCodes()), "-q") },
	}
	borders := codes
	borders.what = "the close codes at the borders of each range"
	borders.run = func(t *trial) error { return t.volley(codeShots(borderCodes)) }
	return slices.Concat(
		each(text, serve, connect, inspect),
		each(headers, serve, bench), each(packed, connect, inspect),
		each(codes, serve, bench), each(borders, connect, inspect),
	)
}

// invalidText are sequences that are not UTF-8, wherever they stand (RFC 3629 §3).
var invalidText = []string{
	"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC3(", "\xE0\x80\x80", "\xE0\x9F\xBF", "\xE2\x82(", "\xED\xA0\x80", "\xED\xBF\xBF",
	"\xF0\x80\x80\x80", "\xF0\x8F\xBF\xBF", "\xF0\x9F\x98(", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xF8\x88\x80\x80\x80", "\xFE", "\xFF",
}

// cutText are the beginnings of sequences, which are invalid at the end of a message.
var cutText = []string{"\xC3", "\xE2", "\xE2\x82", "\xF0", "\xF0\x9F", "\xF0\x9F\x98"}

// textShots send invalid text. But for what is invalid only by its end, no message is ever
// finished: the target must not wait for that.
func textShots() []shot {
	var shots []shot
	add := func(what string, frames ...frame) {
		shots = append(shots, shot{what: what, frames: script(frames...), want: []string{"1007"}})
	}
	for _, bad := range invalidText {
		text := "é" + bad + "x"
		for i := range len(text) + 1 {
			add(fmt.Sprintf("%q split at %d", text, i),
				frame{op: codec.OpText, more: true, payload: []byte(text[:i])}, frame{more: true, payload: []byte(text[i:])})
		}
		add(fmt.Sprintf("the reason %q", bad), closeFrame(1000, bad))
	}
	for _, bad := range cutText {
		for i := range len(bad) + 1 {
			add(fmt.Sprintf("%q at the end, split at %d", bad, i),
				frame{op: codec.OpText, more: true, payload: []byte(bad[:i])}, frame{payload: []byte(bad[i:])})
		}
		add(fmt.Sprintf("the reason %q", bad), closeFrame(1000, bad))
	}
	return shots
}

// headerShots send each header that there is, up to lengths that mean the same, and behind
// it a close frame.
func headerShots() []shot {
	var shots []shot
	for first := range 256 {
		for _, mismask := range []bool{false, true} {
			f := frame{op: codec.Opcode(first & 15), rsv: uint8(first >> 4 & 7), more: first&0x80 == 0, mismask: mismask}
			for _, n := range []int{0, 1, 2, 125, 126, 65535, 65536} {
				shots = append(shots, f.shot(n, 0))
			}
			for n, form := range map[int]codec.LengthForm{0: 16, 125: 16, 1: 64, 65535: 64} {
				shots = append(shots, f.shot(n, form))
			}
		}
	}
	return shots
}

// shot sends f with a payload of n zeros, whose length is written in that form.
func (f frame) shot(n int, form codec.LengthForm) shot {
	f.payload, f.form = make([]byte, n), form
	return shot{
		what:   fmt.Sprintf("%v, FIN %t, RSV %03b, mask wrong %t, %d bytes in %d bits", f.op, !f.more, f.rsv, f.mismask, n, form),
		frames: script(f, closeFrame(1000, "")),
		want:   []string{f.due()},
	}
}

// due returns how the frame, the first of a session without compression, is to be answered by
// RFC 6455 §5: written anew here, for the table is to check the code.
func (f frame) due() string {
	control, n := f.op >= 8, len(f.payload)
	switch {
	case f.mismask, f.rsv != 0, f.form != 0,
		f.op > 2 && f.op < 8, f.op > 10, f.op == codec.OpContinuation,
		control && (f.more || n > 125):
		return "1002"
	case f.op == codec.OpClose && n == 0:
		return "1005"
	case f.op == codec.OpClose: // of one byte, or with the code 0
		return "1002"
	}
	return "1000" // it is legal, and the close frame behind it is answered
}

// packedShots are the illegal ones of headerShots, many to a session, for who looks at all of
// them even though the session is over with the first.
func packedShots() []shot {
	var illegal []func(codec.Role) []byte
	for _, x := range headerShots() {
		if x.want[0] == "1002" && len(x.frames(codec.RoleServer)) < 1<<10 {
			illegal = append(illegal, x.frames)
		}
	}
	var shots []shot
	for pack := range slices.Chunk(illegal, 64) {
		frames := func(from codec.Role) []byte {
			var b []byte
			for _, f := range pack {
				b = append(b, f(from)...)
			}
			return b
		}
		shots = append(shots, shot{what: fmt.Sprint("pack ", len(shots)), frames: frames, want: []string{"1002"}})
	}
	return shots
}

// borderCodes are the close codes where what is legal begins and ends.
var borderCodes = []uint16{
	0, 1, 999, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 1015, 1016,
	1099, 1100, 1999, 2000, 2999, 3000, 3999, 4000, 4999, 5000, 5001, 9999, 32768, 65535,
}

func allCodes() []uint16 {
	codes := make([]uint16, 1<<16)
	for i := range codes {
		codes[i] = uint16(i)
	}
	return codes
}

// codeShots send a close frame with each code: a legal one is echoed, any other never.
func codeShots(codes []uint16) []shot {
	shots := make([]shot, len(codes))
	for i, code := range codes {
		x := shot{what: fmt.Sprint("code ", code), frames: script(closeFrame(code, "")), want: []string{"1002"}}
		if code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006 || code >= 3000 && code <= 4999 {
			x.echo, x.want = fmt.Sprint(code), []string{"echoed"}
		}
		shots[i] = x
	}
	return shots
}
