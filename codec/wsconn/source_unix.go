//go:build unix

package wsconn

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
)

// raw is the transport of a bare TCP or Unix socket. It reads within the callback
// of RawConn.Read, so that the buffer is taken when the socket is known to be
// readable and given back before waiting. The read itself tells: waiting for
// readiness without having read until EAGAIN would lose the edge.
type raw struct {
	nc net.Conn
	d  deadliner
	rc syscall.RawConn
	// onRead is readable as a func value, made once.
	onRead func(fd uintptr) bool

	// owned by the reading goroutine: where to read to, in or dst, and how it went

	in   *input
	dst  []byte
	n    int // starved if the pool had no buffer to read into
	rerr error
}

// A rawWrite is a write in progress. A connection that waits has none.
type rawWrite struct {
	t     *raw
	out   []byte
	err   error
	armed bool
	// pair and bufs are the argument of writeBoth to the kernel.
	pair [2][]byte
	bufs net.Buffers
	// onWrite is writable as a func value, made once.
	onWrite func(fd uintptr) bool
}

var rawWrites = sync.Pool{New: func() any {
	w := new(rawWrite)
	w.onWrite = w.writable
	return w
}}

// starved is what a read returns that had no buffer to read into.
const starved = -1

// newRaw returns nil if nc is no bare socket. A type that wraps one may do more in
// its Read and Write and is none.
func newRaw(nc net.Conn, d deadliner) transport {
	var sc syscall.Conn
	switch nc := nc.(type) {
	case *net.TCPConn:
		sc = nc
	case *net.UnixConn:
		sc = nc
	default:
		return nil
	}
	rc, err := sc.SyscallConn()
	if err != nil {
		return nil
	}
	t := &raw{nc: nc, d: d, rc: rc}
	t.onRead = t.readable
	return t
}

// fill allocates no buffer within the callback: so deep in the stack that would make
// it grow, for as long as the connection lasts.
func (t *raw) fill(in *input) (int, error) {
	t.in = in
	for {
		n, err := t.wait()
		if n != starved {
			return n, err
		}
		in.room()
	}
}

func (t *raw) read(p []byte) (int, error) {
	t.in, t.dst = nil, p
	n, err := t.wait()
	t.dst = nil
	return n, err
}

func (t *raw) wait() (int, error) {
	t.n, t.rerr = 0, nil
	if err := t.rc.Read(t.onRead); err != nil {
		return 0, err
	}
	return t.n, t.rerr
}

func (t *raw) readable(fd uintptr) bool {
	p := t.dst
	if t.in != nil {
		if !t.in.refill() {
			t.n = starved
			return true
		}
		p = t.in.room()
	}
	for {
		n, err := syscall.Read(int(fd), p)
		errno, _ := err.(syscall.Errno) // to compare interfaces takes a call
		switch {
		case n > 0:
			t.n = n
		case err == nil:
			t.rerr = io.EOF
		case errno == syscall.EINTR:
			continue
		case errno == syscall.EAGAIN:
			if t.in != nil {
				t.in.park()
			}
			return false
		default:
			t.rerr = t.opError("read", err)
		}
		return true
	}
}

func (t *raw) write(p []byte) error {
	w := t.beginWrite()
	var err error
	for len(p) > 0 && err == nil {
		n := min(len(p), pieceSize)
		err = w.piece(p[:n])
		p = p[n:]
	}
	w.end()
	return err
}

func (t *raw) beginWrite() *rawWrite {
	w := rawWrites.Get().(*rawWrite)
	w.t = t
	return w
}

func (w *rawWrite) end() {
	w.t, w.out, w.err = nil, nil, nil
	rawWrites.Put(w)
}

func (w *rawWrite) piece(p []byte) error {
	w.out = p
	err := w.t.rc.Write(w.onWrite)
	if w.armed {
		w.armed = false
		w.t.d.disarmWrite()
	}
	if err == nil {
		err = w.err
	}
	return err
}

// writable sets the deadline only when it comes to waiting: setting one costs more
// than a short message.
func (w *rawWrite) writable(fd uintptr) bool {
	for len(w.out) > 0 {
		n, err := syscall.Write(int(fd), w.out)
		switch {
		case n > 0:
			w.out = w.out[n:]
		case err == nil || err == syscall.EINTR:
		case err == syscall.EAGAIN:
			if !w.armed {
				w.armed = true
				w.t.d.armWrite()
			}
			return false
		default:
			w.err = w.t.opError("write", err)
			return true
		}
	}
	return true
}

func (t *raw) writeBoth(head, body []byte) error {
	piece := body[:min(len(body), pieceSize)]
	if err := t.writeVector(head, piece); err != nil {
		return err
	}
	return t.write(body[len(piece):])
}

func (t *raw) writeVector(head, body []byte) error {
	w := t.beginWrite()
	w.pair = [2][]byte{head, body}
	w.bufs = w.pair[:]
	t.d.armWrite()
	_, err := w.bufs.WriteTo(t.nc)
	t.d.disarmWrite()
	w.pair, w.bufs = [2][]byte{}, nil
	w.end()
	return err
}

// opError returns err as package net would.
func (t *raw) opError(op string, err error) error {
	return &net.OpError{
		Op: op, Net: t.nc.LocalAddr().Network(),
		Source: t.nc.LocalAddr(), Addr: t.nc.RemoteAddr(),
		Err: os.NewSyscallError(op, err),
	}
}
