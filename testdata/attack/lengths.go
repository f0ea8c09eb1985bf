//go:build linux

package main

import (
	"fmt"
	"time"

	"wskit/codec"
)

// maxMessage is the limit on a message unless a flag says otherwise.
const maxMessage = 16 << 20

func lengthAttacks() []attack {
	return each(attack{
		id: "A1", what: "headers that announce up to 2^64−1 bytes, with each opcode",
		memory: 12 << 20, time: 20 * time.Second,
		run: func(t *trial) error { return t.volley(lengthShots()) },
	}, serve, connect, inspect, bench)
}

// lengthShots announce each length with each opcode, and send no byte of it.
func lengthShots() []shot {
	var shots []shot
	for _, length := range []uint64{maxMessage + 1, 1 << 31, 1 << 32, 1 << 62, 1<<63 - 1, 1 << 63, 1<<63 + 1, 1<<64 - 1} {
		for op := range codec.Opcode(16) {
			want := "1002"
			if op.Data() && length < 1<<63 {
				want = "1009"
			}
			x := shot{what: fmt.Sprintf("%v of %d bytes", op, length), want: []string{want}}
			x.frames = script(frame{op: op, announce: length})
			shots = append(shots, x)
			if op != codec.OpContinuation {
				continue
			}
			x.what += " in a message"
			if length < 1<<63 {
				x.want = []string{"1009"}
			}
			x.frames = script(frame{op: codec.OpBinary, more: true, payload: []byte("x")}, frame{op: op, announce: length})
			shots = append(shots, x)
		}
	}
	return shots
}
