//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package term

import "errors"

// Elsewhere lines are read by a Scanner, and a read that waits is not interrupted.

type fdReader struct{}

func newFDReader(any) (*fdReader, error)   { return nil, errors.ErrUnsupported }
func (*fdReader) Read([]byte) (int, error) { return 0, errors.ErrUnsupported }
func (*fdReader) interrupt()               {}
func (*fdReader) close() error             { return nil }

type tty struct{ *fdReader }

func openTTY(any) (*tty, error) { return nil, errors.ErrUnsupported }
func (*tty) hold() error        { return nil }
func (*tty) raw() error         { return nil }
func (*tty) restore() error     { return nil }
