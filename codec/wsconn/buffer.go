package wsconn

import (
	"math/bits"
	"sync"
)

// The sizes of buffers, in bytes.
const (
	// readSize is that of a read buffer on a bare socket, and the largest frame
	// that is waited for in it; a larger one is gathered in a buffer that grows.
	readSize = 64 << 10
	// largeReadSize is that of the read buffer after a read that filled it.
	largeReadSize = 256 << 10
	// plainReadSize is that of a read buffer elsewhere. TLS gives at most a
	// record of 16 KiB a read.
	plainReadSize = 32 << 10
	// queueSize is that of the buffer that gathers what is sent.
	queueSize = 64 << 10
	// largeQueueSize is that of the next one when that was too small.
	largeQueueSize = 256 << 10
	// pieceSize is the most that one write with its deadline takes.
	pieceSize = 256 << 10
	// aheadSize is the most memory that is taken for bytes that a peer has
	// announced, beyond twice what has arrived.
	aheadSize = 32 << 10
)

// The pools hold buffers with capacities from 2^minClass to 2^maxClass bytes.
// Larger ones are left to the garbage collector.
const (
	minClass = 9
	maxClass = 24
)

var pools [maxClass + 1]sync.Pool

// A buffer is a slice that goes to and from a pool without an allocation.
type buffer struct{ b []byte }

// class returns the smallest class of buffers with room for n bytes.
func class(n int) int {
	return max(bits.Len(uint(max(n, 1)-1)), minClass)
}

// getBuffer returns an empty buffer with room for at least n bytes.
func getBuffer(n int) *buffer {
	k := class(n)
	if k > maxClass {
		return &buffer{b: make([]byte, 0, n)}
	}
	if p := pooledBuffer(k); p != nil {
		return p
	}
	return &buffer{b: make([]byte, 0, 1<<k)}
}

// pooledBuffer returns an empty buffer of class k, or nil if none is to be had
// without new memory.
func pooledBuffer(k int) *buffer {
	p, _ := pools[k].Get().(*buffer)
	return p
}

// putBuffer gives a buffer back, which may be nil or have grown. Nobody may hold a
// view of it.
func putBuffer(p *buffer) {
	if p == nil {
		return
	}
	k := bits.Len(uint(cap(p.b))) - 1
	if k < minClass || k > maxClass {
		return
	}
	p.b = p.b[:0]
	pools[k].Put(p)
}

// grow returns a buffer with what p holds and room for more bytes, of which
// announced is the number that may follow, more of them at once. What was only
// announced gets memory that a pool already holds, or else none beyond twice what
// has arrived and aheadSize.
func (p *buffer) grow(more int, announced uint64) *buffer {
	have := len(p.b)
	if cap(p.b)-have >= more {
		return p
	}
	var q *buffer
	if announced <= 1<<maxClass {
		if k := class(have + int(announced)); k <= maxClass && 1<<k >= have+more {
			q = pooledBuffer(k)
		}
	}
	if q == nil {
		q = getBuffer(max(2*have, have+more))
	}
	q.b = append(q.b, p.b...)
	putBuffer(p)
	return q
}
