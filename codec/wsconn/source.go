package wsconn

import (
	"net"
	"time"
)

// A transport reads and writes the bytes of a connection. The reading goroutine
// uses fill and read, the holder of the write lock write and writeBoth.
type transport interface {
	// fill waits for bytes and reads them into in's room. It holds as little
	// memory as it can while it waits. N is zero with an error.
	fill(in *input) (n int, err error)
	// read reads into p, which is not empty. N is zero with an error.
	read(p []byte) (n int, err error)
	// write writes all of p, within the write deadline.
	write(p []byte) error
	// writeBoth writes head and then body, as one if it can. It may use the
	// capacity of head.
	writeBoth(head, body []byte) error
}

// deadliner sets the write deadline of a connection: arm before a write that may
// wait, disarm after it.
type deadliner interface {
	armWrite()
	disarmWrite()
}

// newTransport returns the transport for nc, and sets the sizes of in for it.
func newTransport(nc net.Conn, d deadliner, in *input) transport {
	if t := newRaw(nc, d); t != nil {
		in.size, in.sizeMax = readSize, largeReadSize
		return t
	}
	in.size, in.sizeMax = plainReadSize, plainReadSize
	return &plain{nc: nc, d: d}
}

// epoch is what clocks count from: a Duration is smaller than a Time.
var epoch = time.Now()

// A clock tells the time of one connection in nanoseconds since start, always more
// than zero: zero is no time.
type clock struct{ start time.Duration } // since epoch

func newClock() clock { return clock{time.Since(epoch)} }

func (c clock) now() int64 { return int64(time.Since(epoch)-c.start) + 1 }

func (c clock) at(t int64) time.Time {
	if t == 0 {
		return time.Time{}
	}
	return epoch.Add(c.start + time.Duration(t-1))
}
