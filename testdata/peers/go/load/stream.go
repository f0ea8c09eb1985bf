package main

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
)

// A stream is what each connection sends: messages in a cycle, as bytes that were made
// before. After the cycle data goes on with its beginning, so that whole flights can be
// sent without a seam.
type stream struct {
	data  []byte
	ends  []int  // ends[i] is where message i ends in data
	cycle int    // messages after which they repeat
	first []byte // the payload of the first message, uncompressed
	size  int    // bytes of each payload, uncompressed
}

// start returns where message i begins in data.
func (s *stream) start(i int) int {
	if i == 0 {
		return 0
	}
	return s.ends[i-1]
}

// advance notes that n more bytes of the stream were sent on c. Whoever is past the cycle goes
// back by whole cycles, to where the bytes that follow are the same.
func (s *stream) advance(c *conn, n int) {
	c.off += n
	for c.next < len(s.ends) && s.ends[c.next] <= c.off {
		c.next++
	}
	rounds := c.next / s.cycle
	c.next -= rounds * s.cycle
	c.due -= rounds * s.cycle
	c.off -= rounds * s.start(s.cycle)
}

func (s *stream) add(message []byte) {
	s.data = append(s.data, message...)
	s.ends = append(s.ends, len(s.data))
}

// plainStream repeats one message: bytes of it alone when raw, else a masked frame.
func plainStream(payload []byte, opcode byte, raw bool, flight int) *stream {
	s := &stream{cycle: 1, first: payload, size: len(payload)}
	message := appendFrame(nil, opcode, payload)
	if raw {
		clear(message) // as many bytes as the frame has
	}
	for range s.cycle + flight {
		s.add(message)
	}
	return s
}

// documents is the number of messages of a compressed stream: more than fill the window
// of 32 KiB, so that no message finds itself in it.
const documents = 64

// deflateStream cycles through JSON documents. With takeover each is compressed with the
// window of those before it in the cycle. That stays right when the cycle repeats: DEFLATE
// says how far back something is, and in each round the same is there.
func deflateStream(size int, takeover bool, flight int) (*stream, error) {
	s := &stream{cycle: documents, size: size}
	random := rand.New(rand.NewPCG(1, 2))
	var buf bytes.Buffer
	w, err := flate.NewWriter(&buf, flate.DefaultCompression)
	if err != nil {
		return nil, err
	}
	for i := range documents {
		text := document(random, i, size)
		if i == 0 {
			s.first = text
		}
		buf.Reset()
		if !takeover {
			w.Reset(&buf)
		}
		if _, err := w.Write(text); err != nil {
			return nil, err
		}
		if err := w.Flush(); err != nil {
			return nil, err
		}
		compressed := bytes.TrimSuffix(buf.Bytes(), []byte(deflateTail))
		s.add(appendFrame(nil, opText|rsv1, compressed))
	}
	for i := range flight {
		s.add(s.data[s.start(i):s.ends[i]])
	}
	return s, nil
}

// deflateTail ends what a flush writes, and is not sent (RFC 7692 section 7.2.1).
const deflateTail = "\x00\x00\xff\xff"

// emptyBlock is the last block of DEFLATE data, for a reader that would miss it.
const emptyBlock = "\x01\x00\x00\xff\xff"

// The bits of a frame's first byte (RFC 6455 section 5.2).
const (
	fin      = 0x80
	rsv1     = 0x40
	opText   = 0x1
	opBinary = 0x2
	opClose  = 0x8
)

// appendFrame appends a whole message as one masked frame.
func appendFrame(dst []byte, first byte, payload []byte) []byte {
	const masked = 0x80
	dst = append(dst, fin|first)
	switch n := len(payload); {
	case n <= 125:
		dst = append(dst, masked|byte(n))
	case n <= 0xffff:
		dst = append(dst, masked|126)
		dst = binary.BigEndian.AppendUint16(dst, uint16(n))
	default:
		dst = append(dst, masked|127)
		dst = binary.BigEndian.AppendUint64(dst, uint64(n))
	}
	key := [4]byte{0x37, 0xfa, 0x21, 0x3d}
	dst = append(dst, key[:]...)
	for i, b := range payload {
		dst = append(dst, b^key[i%4])
	}
	return dst
}

// document returns a JSON document of size bytes, as an API would answer.
func document(random *rand.Rand, id, size int) []byte {
	words := []string{"alpha", "brook", "cedar", "delta", "ember", "fjord", "grove", "haven"}
	b := fmt.Appendf(nil, `{"id":%d,"items":[`, 100000+id)
	for {
		item := fmt.Sprintf(`{"sku":"%06x","name":"%s %s","price":%d.%02d,"stock":%d},`,
			random.IntN(1<<24), words[random.IntN(8)], words[random.IntN(8)],
			random.IntN(500), random.IntN(100), random.IntN(1000))
		if len(b)+len(item)+len(`],"note":""}`) > size {
			break
		}
		b = append(b, item...)
	}
	b = append(bytes.TrimSuffix(b, []byte(",")), `],"note":"`...)
	for len(b)+len(`"}`) < size {
		b = append(b, 'a'+byte(random.IntN(26)))
	}
	return append(b, `"}`...)
}

// binaryPayload returns size bytes, of all values.
func binaryPayload(size int) []byte {
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(i*7 + i>>8)
	}
	return b
}

// textPayload returns size bytes of UTF-8 in several scripts.
func textPayload(size int) []byte {
	const phrase = "Съешь же ещё этих мягких французских булок. 天地玄黄，宇宙洪荒。Zażółć gęślą jaźń; plain words too 🙂 "
	b := []byte{}
	for len(b) < size {
		for _, r := range phrase {
			if len(b)+len(string(r)) > size {
				r = '.'
			}
			if len(b) < size {
				b = append(b, string(r)...)
			}
		}
	}
	return b
}
