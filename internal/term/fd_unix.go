//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package term

import (
	"errors"
	"io"
	"os"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// An fdReader reads a file that stays the caller's, with a Read that can be made to
// return. Neither a deadline nor a goroutine could do that for a standard input: the
// first needs the non-blocking mode, which other processes would share, the second
// stays behind in its read.
type fdReader struct {
	file        any // keeps the descriptor open
	fd          int
	wakeFD      int
	wake, waker *os.File
	interrupted atomic.Bool
}

// newFDReader returns an fdReader of file. It fails if file has no descriptor, or
// one that select cannot take.
func newFDReader(file any) (*fdReader, error) {
	r := &fdReader{file: file}
	err := control(file, func(fd int) error {
		r.fd = fd
		return nil
	})
	if err != nil {
		return nil, err
	}
	if r.wake, r.waker, err = os.Pipe(); err != nil {
		return nil, err
	}
	err = control(r.wake, func(fd int) error {
		r.wakeFD = fd
		return nil
	})
	if err == nil && max(r.fd, r.wakeFD) >= unix.FD_SETSIZE {
		err = errors.ErrUnsupported
	}
	if err != nil {
		return nil, errors.Join(err, r.close())
	}
	return r, nil
}

// Read waits until there is something to read, or interrupt is called. A terminal
// that was hung up is at its end.
func (r *fdReader) Read(p []byte) (int, error) {
	for {
		if r.interrupted.Load() {
			return 0, os.ErrClosed
		}
		var set unix.FdSet
		set.Set(r.fd)
		set.Set(r.wakeFD)
		_, err := unix.Select(max(r.fd, r.wakeFD)+1, &set, nil, nil, nil)
		if err == unix.EINTR || err == nil && !set.IsSet(r.fd) {
			continue
		}
		if err != nil {
			return 0, os.NewSyscallError("select", err)
		}
		n, err := unix.Read(r.fd, p)
		switch {
		case err == unix.EINTR || err == unix.EAGAIN:
		case err == unix.EIO || err == nil && n == 0:
			return 0, io.EOF
		case err != nil:
			return 0, os.NewSyscallError("read", err)
		default:
			return n, nil
		}
	}
}

// interrupt ends a Read that waits and all later ones with os.ErrClosed.
func (r *fdReader) interrupt() {
	if !r.interrupted.Swap(true) {
		r.waker.Write([]byte{0}) // the pipe is empty and open: it cannot fail
	}
}

// close frees what newFDReader opened. No Read may be under way.
func (r *fdReader) close() error {
	return errors.Join(r.wake.Close(), r.waker.Close())
}
