package load

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"

	"wskit/codec"
	"wskit/wsclient"
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
	// text is what follows the number: of it, what begins at a place that differs
	// from message to message, within the first span bytes, or always at its
	// beginning if that is zero.
	text []byte
	span uint64
	pool sync.Pool
}

// variety is the span with compression, in bytes: far more than a compressor
// remembers, to which all messages would else be alike.
const variety = 1 << 20

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
	if m.numbered && slices.ContainsFunc(cfg.Dial, func(d wsclient.Config) bool { return d.Deflate != nil }) {
		m.span = variety
	}
	m.text = newText(m.size + int(m.span))
	m.pool.New = func() any { return &message{m: m, b: append([]byte(nil), m.text[:m.size]...)} }
	return m
}

// newText returns n bytes of text in no language, that compresses about as well as one.
// It is the same in every run.
func newText(n int) []byte {
	random := rand.New(rand.NewPCG(6455, 7692))
	var words [500]string
	for i := range words {
		for range 1 + random.IntN(3) {
			words[i] += string("bcdfghjklmnprstvwz"[random.IntN(18)]) + string("aeiou"[random.IntN(5)])
		}
	}
	b := make([]byte, 0, n+8)
	for len(b) < n {
		b = append(b, words[random.IntN(len(words))]...)
		b = append(b, ' ')
	}
	return b[:n]
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
		if span := msg.m.span; span > 0 {
			place := uint64(uint32(seq)) * 611_953 % span // a prime, so that neighbours are far apart
			copy(msg.b[prefixSize:], msg.m.text[place:])
		}
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

// before returns the number of the last message before head that begins as b does,
// if messages are short and begin with digits.
func (m *messages) before(b []byte, head int64) (seq int64, ok bool) {
	digits := min(m.size, seqDigits)
	if m.given != nil || digits == 0 || len(b) != m.size {
		return 0, false
	}
	v, err := strconv.ParseUint(string(b[:digits]), 16, 32)
	if err != nil {
		return 0, false
	}
	span := int64(1) << (4 * digits)
	seq = head - 1 - (head-1-int64(v))&(span-1)
	return seq, seq >= 0
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
