package load

import (
	"encoding/binary"
	"math/rand/v2"
	"strconv"
	"sync"

	"wskit/codec"
)

// A generated message begins with its number: the connection in six hexadecimal
// digits, a minus sign, the sequence number on that connection in eight, and a
// space. A shorter message is only the last digits of the sequence number.
const (
	connDigits = 6
	seqDigits  = 8
	seqAt      = connDigits + 1
	prefixSize = seqAt + seqDigits + 1
)

// messages makes the messages of a run.
type messages struct {
	op   codec.Opcode
	size int
	// given is what to send, nil if it is generated.
	given *message
	// numbered says that messages begin with a whole number.
	numbered bool
	filler   []byte
	pool     sync.Pool
}

func newMessages(cfg *Config) *messages {
	m := &messages{op: codec.OpText, size: cfg.Size}
	if cfg.Binary {
		m.op = codec.OpBinary
	}
	if cfg.Message != nil {
		m.given = &message{m: m, b: cfg.Message}
		return m
	}
	m.numbered = m.size >= prefixSize
	m.filler = make([]byte, m.size)
	// The same text in every run, and not one that compresses to nothing.
	random := rand.New(rand.NewPCG(6455, 7692))
	for i := range m.filler {
		m.filler[i] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ."[random.IntN(64)]
	}
	m.pool.New = func() any { return &message{m: m, b: append([]byte(nil), m.filler...)} }
	return m
}

// A message is a buffer in which messages of one connection are made.
type message struct {
	m *messages
	b []byte
}

// get returns a buffer for connection index.
func (m *messages) get(index int) *message {
	if m.given != nil {
		return m.given
	}
	msg := m.pool.Get().(*message)
	if m.numbered {
		var digits [8]byte
		binary.BigEndian.PutUint64(digits[:], hex8(uint32(index)))
		copy(msg.b, digits[8-connDigits:])
		msg.b[connDigits] = '-'
		msg.b[prefixSize-1] = ' '
	}
	return msg
}

// put gives a buffer back.
func (m *messages) put(msg *message) {
	if m.given == nil {
		m.pool.Put(msg)
	}
}

// number makes msg the message with a sequence number and returns it.
func (msg *message) number(seq int64) []byte {
	switch {
	case msg.m.numbered:
		binary.BigEndian.PutUint64(msg.b[seqAt:], hex8(uint32(seq)))
	case msg.m.given == nil:
		var digits [seqDigits]byte
		binary.BigEndian.PutUint64(digits[:], hex8(uint32(seq)))
		n := min(len(msg.b), seqDigits)
		copy(msg.b, digits[seqDigits-n:])
	}
	return msg.b
}

// parse returns the number that a message begins with, of which seq is the one
// nearest to near.
func (m *messages) parse(b []byte, near int64) (index int, seq int64, ok bool) {
	if !m.numbered || len(b) < prefixSize || b[connDigits] != '-' || b[prefixSize-1] != ' ' {
		return 0, 0, false
	}
	i, err := strconv.ParseUint(string(b[:connDigits]), 16, 32)
	if err != nil {
		return 0, 0, false
	}
	s, err := strconv.ParseUint(string(b[seqAt:seqAt+seqDigits]), 16, 32)
	if err != nil {
		return 0, 0, false
	}
	return int(i), near + int64(int32(uint32(s)-uint32(near))), true
}

// hex8 returns the eight hexadecimal digits of x, the first in the highest byte.
func hex8(x uint32) uint64 {
	v := uint64(x)
	v = (v<<16 | v) & 0x0000ffff0000ffff
	v = (v<<8 | v) & 0x00ff00ff00ff00ff
	v = (v<<4 | v) & 0x0f0f0f0f0f0f0f0f
	letters := (v + 0x0606060606060606) >> 4 & 0x0101010101010101
	return v + 0x3030303030303030 + letters*('a'-'0'-10)
}
