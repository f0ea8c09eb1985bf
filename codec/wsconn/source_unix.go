//go:build unix

package wsconn

import (
	"io"
	"net"
	"os"
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
	// readable and writable as func values, made once.
	onRead, onWrite func(fd uintptr) bool

	// owned by the reading goroutine: where to read to, in or dst, and how it went

	in   *input
	dst  []byte
	n    int
	rerr error

	// guarded by the write lock: what is to be written, and how it went

	out   []byte
	werr  error
	armed bool
	vec   *vector // made by the first who needs it
}

// A vector is the argument of writeBoth to the kernel.
type vector struct {
	pair [2][]byte
	bufs net.Buffers
}

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
	t.onRead, t.onWrite = t.readable, t.writable
	return t
}

func (t *raw) fill(in *input) (int, error) {
	t.in = in
	return t.wait()
}

func (t *raw) read(p []byte) (int, error) {
	t.in, t.dst = nil, p
	return t.wait()
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
		p = t.in.room()
	}
	for {
		n, err := syscall.Read(int(fd), p)
		switch {
		case n > 0:
			t.n = n
		case err == nil:
			t.rerr = io.EOF
		case err == syscall.EINTR:
			continue
		case err == syscall.EAGAIN:
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
	for len(p) > 0 {
		piece := p[:min(len(p), pieceSize)]
		if err := t.writePiece(piece); err != nil {
			return err
		}
		p = p[len(piece):]
	}
	return nil
}

func (t *raw) writePiece(p []byte) error {
	t.out, t.werr = p, nil
	err := t.rc.Write(t.onWrite)
	t.out = nil
	if t.armed {
		t.armed = false
		t.d.disarmWrite()
	}
	if err == nil {
		err = t.werr
	}
	return err
}

// writable sets the deadline only when it comes to waiting: setting one costs more
// than a short message.
func (t *raw) writable(fd uintptr) bool {
	for len(t.out) > 0 {
		n, err := syscall.Write(int(fd), t.out)
		switch {
		case n > 0:
			t.out = t.out[n:]
		case err == nil || err == syscall.EINTR:
		case err == syscall.EAGAIN:
			if !t.armed {
				t.armed = true
				t.d.armWrite()
			}
			return false
		default:
			t.werr = t.opError("write", err)
			return true
		}
	}
	return true
}

func (t *raw) writeBoth(head, body []byte) error {
	if t.vec == nil {
		t.vec = new(vector)
	}
	v := t.vec
	piece := body[:min(len(body), pieceSize)]
	v.pair = [2][]byte{head, piece}
	v.bufs = v.pair[:]
	t.d.armWrite()
	_, err := v.bufs.WriteTo(t.nc)
	t.d.disarmWrite()
	*v = vector{}
	if err != nil {
		return err
	}
	return t.write(body[len(piece):])
}

// opError returns err as package net would.
func (t *raw) opError(op string, err error) error {
	return &net.OpError{
		Op: op, Net: t.nc.LocalAddr().Network(),
		Source: t.nc.LocalAddr(), Addr: t.nc.RemoteAddr(),
		Err: os.NewSyscallError(op, err),
	}
}
