//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package term

import (
	"os"

	"golang.org/x/sys/unix"
)

// A tty is a terminal whose input comes key by key and without echo.
type tty struct {
	*fdReader
	saved unix.Termios
}

// openTTY puts the terminal in the mode of hold. It is left with restore.
func openTTY(file any) (*tty, error) {
	r, err := newFDReader(file)
	if err != nil {
		return nil, err
	}
	state, err := unix.IoctlGetTermios(r.fd, ioctlGetTermios)
	if err != nil {
		r.close()
		return nil, os.NewSyscallError("tcgetattr", err)
	}
	t := &tty{fdReader: r, saved: *state}
	if err := t.hold(); err != nil {
		r.close()
		return nil, err
	}
	return t, nil
}

// hold sets the mode between two lines: keys wait unseen for the next ReadLine, but
// Ctrl-C is a signal, because nobody reads it.
func (t *tty) hold() error {
	return t.set(true)
}

// raw sets the mode while a line is read: every key is read. Output is processed
// as ever, so that whatever else writes to the terminal can end its lines with a
// newline.
func (t *tty) raw() error {
	return t.set(false)
}

func (t *tty) set(signals bool) error {
	state := t.saved
	state.Iflag &^= unix.IGNBRK | unix.BRKINT | unix.PARMRK | unix.ISTRIP | unix.INLCR | unix.IGNCR | unix.ICRNL | unix.IXON
	state.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.IEXTEN
	if !signals {
		state.Lflag &^= unix.ISIG
	}
	state.Cflag &^= unix.CSIZE | unix.PARENB
	state.Cflag |= unix.CS8
	state.Cc[unix.VMIN] = 1
	state.Cc[unix.VTIME] = 0
	return os.NewSyscallError("tcsetattr", unix.IoctlSetTermios(t.fd, ioctlSetTermios, &state))
}

// restore gives the terminal back as openTTY found it and frees what it opened.
func (t *tty) restore() error {
	err := unix.IoctlSetTermios(t.fd, ioctlSetTermios, &t.saved)
	t.close()
	return os.NewSyscallError("tcsetattr", err)
}
