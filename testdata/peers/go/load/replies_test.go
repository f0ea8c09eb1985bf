package main

import (
	"bytes"
	"strings"
	"testing"
)

// serverFrame is a frame without mask.
func serverFrame(first byte, payload string) string {
	switch n := len(payload); {
	case n < 126:
		return string([]byte{first, byte(n)}) + payload
	case n < 1<<16:
		return string([]byte{first, 126, byte(n >> 8), byte(n)}) + payload
	default:
		return string([]byte{first, 127, 0, 0, 0, 0, 0, byte(n >> 16), byte(n >> 8), byte(n)}) + payload
	}
}

func TestCount(t *testing.T) {
	whole := func(n int) string { return serverFrame(fin|opBinary, strings.Repeat("x", n)) }
	for _, tt := range []struct {
		name  string
		in    string
		size  int
		want  int
		fails string
	}{
		{name: "small", in: strings.Repeat(whole(5), 3), size: 5, want: 3},
		{name: "empty", in: whole(0) + whole(0), want: 2},
		{name: "medium", in: whole(1000) + whole(1000), size: 1000, want: 2},
		{name: "large", in: whole(70000), size: 70000, want: 1},
		{name: "half a message", in: whole(5) + whole(5)[:4], size: 5, want: 1},
		{
			name: "fragments with a ping between",
			in:   serverFrame(opText, "ab") + serverFrame(fin|9, "ping") + serverFrame(0, "") + serverFrame(fin, "cde"),
			size: 5, want: 1,
		},
		{name: "wrong length", in: whole(5) + whole(6), size: 5, want: 1, fails: "has 6 bytes"},
		{name: "close", in: whole(5) + serverFrame(fin|opClose, "\x03\xe8"), size: 5, want: 1, fails: "closes"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, piece := range []int{1, 3, 7, len(tt.in)} {
				r := replies{size: tt.size, header: make([]byte, 0, 10)}
				got, failed := 0, ""
				for rest := []byte(tt.in); len(rest) > 0 && failed == ""; {
					n, err := r.count(rest[:min(piece, len(rest))])
					got += n
					if err != nil {
						failed = err.Error()
					}
					rest = rest[min(piece, len(rest)):]
				}
				if got != tt.want || !strings.Contains(failed, tt.fails) || (failed == "") != (tt.fails == "") {
					t.Errorf("in pieces of %d: %d messages, %q; want %d, %q", piece, got, failed, tt.want, tt.fails)
				}
			}
		})
	}
}

func TestCountRaw(t *testing.T) {
	r := replies{raw: true, size: 10, rest: 10}
	for i, step := range []struct{ bytes, want int }{{9, 0}, {1, 1}, {10, 1}, {25, 2}, {4, 0}, {1, 1}, {30, 3}} {
		got, err := r.count(make([]byte, step.bytes))
		if got != step.want || err != nil {
			t.Errorf("step %d: %d messages, %v; want %d", i, got, err, step.want)
		}
	}
}

func TestJoin(t *testing.T) {
	in := serverFrame(opText|rsv1, "ab") + serverFrame(fin|9, "ping") + serverFrame(fin, "cd")
	for _, more := range []string{"", "\x89", "\x89\x04pi"} {
		message, first := join([]byte(in + more))
		if !bytes.Equal(message, []byte("abcd")) || first != opText|rsv1 {
			t.Errorf("with %q after it: got %q, %#x", more, message, first)
		}
	}
}
