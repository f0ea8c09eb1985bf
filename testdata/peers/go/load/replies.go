package main

import (
	"encoding/binary"
	"fmt"
)

// replies counts the messages in what a server sends, without looking into them.
type replies struct {
	raw    bool
	size   int    // bytes of a message: its payload, or all of it when raw; 0 is any
	rest   int    // payload bytes of the current frame that are still to come; raw: of the message
	length int    // payload bytes of the current message
	first  byte   // of the current frame's header
	header []byte // the part of a header that has come
}

// newReplies expects echoes of the stream's messages.
func newReplies(s *stream, cfg config) replies {
	switch {
	case cfg.raw:
		return replies{raw: true, size: s.ends[0], rest: s.ends[0]}
	case cfg.deflate != "":
		return replies{header: make([]byte, 0, 10)}
	}
	return replies{size: s.size, header: make([]byte, 0, 10)}
}

// count returns how many messages end in b, which follows what it was given before.
func (r *replies) count(b []byte) (n int, err error) {
	if r.raw {
		n, r.rest = r.bytes(len(b))
		return n, nil
	}
	for len(b) > 0 {
		if r.rest == 0 {
			used, whole := r.parse(b)
			b = b[used:]
			if !whole {
				break
			}
		}
		took := min(len(b), r.rest)
		b = b[took:]
		if r.rest -= took; r.rest > 0 {
			break
		}
		ended, err := r.frame()
		if err != nil {
			return n, err
		}
		n += ended
	}
	return n, nil
}

// bytes returns how many messages n more bytes complete, and what the next one then lacks.
func (r *replies) bytes(n int) (ended, rest int) {
	if n < r.rest {
		return 0, r.rest - n
	}
	n -= r.rest
	return 1 + n/r.size, r.size - n%r.size
}

// parse reads the header that b begins or goes on with. It returns how much of b it used,
// and whether the header is whole; then first, rest and length are set.
func (r *replies) parse(b []byte) (used int, whole bool) {
	kept := len(r.header)
	h := b
	if kept > 0 {
		r.header = append(r.header, b[:min(len(b), cap(r.header)-kept)]...)
		h = r.header
	}
	size, n := headerSize(h)
	if size == 0 {
		if kept == 0 {
			r.header = append(r.header, b...)
		}
		return len(b), false
	}
	r.header = r.header[:0]
	r.first, r.rest = h[0], n
	if h[0]&0x0f < opClose {
		r.length += n
	}
	return size - kept, true
}

// headerSize returns the size of the unmasked header that h begins with, and the length
// of its payload. The size is 0 when h does not hold the whole header.
func headerSize(h []byte) (size, length int) {
	switch {
	case len(h) < 2:
		return 0, 0
	case h[1] < 126:
		return 2, int(h[1])
	case h[1] == 126 && len(h) >= 4:
		return 4, int(binary.BigEndian.Uint16(h[2:]))
	case h[1] == 127 && len(h) >= 10:
		return 10, int(binary.BigEndian.Uint64(h[2:]))
	}
	return 0, 0
}

// frame ends a frame. It returns 1 when a message ends with it.
func (r *replies) frame() (int, error) {
	switch {
	case r.first&0x0f == opClose:
		return 0, fmt.Errorf("the server closes the connection")
	case r.first&0x0f > opClose || r.first&fin == 0:
		return 0, nil
	case r.size > 0 && r.length != r.size:
		return 0, fmt.Errorf("a reply has %d bytes, not %d", r.length, r.size)
	}
	r.length = 0
	return 1, nil
}
