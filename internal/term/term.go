// Package term is what touches a terminal: it makes text that a peer sent safe
// to show, decides about colour, draws hex dumps and JSON for people, and reads
// lines that a person edits. It knows nothing of WebSocket, and takes every
// stream and the environment from its caller.
package term

import (
	"errors"
	"fmt"
	"syscall"

	"golang.org/x/term"
)

// When says on which streams something is done. It is the type of the --color
// and --escape flags and has the methods of a flag.Value. The zero When is Auto.
type When int

// The choices of a When.
const (
	Auto   When = iota // on a terminal only
	Always             // on every stream
	Never              // on no stream
)

// errWhen is returned by Set for a word that is none of the three.
var errWhen = errors.New("want auto, always or never")

// Set sets w from the word auto, always or never.
func (w *When) Set(s string) error {
	for _, c := range []When{Auto, Always, Never} {
		if s == c.String() {
			*w = c
			return nil
		}
	}
	return errWhen
}

// String returns the word that Set takes.
func (w When) String() string {
	switch w {
	case Auto:
		return "auto"
	case Always:
		return "always"
	case Never:
		return "never"
	}
	return fmt.Sprintf("When(%d)", int(w))
}

// Escape reports whether what a peer sent must be escaped on stream, which may be
// a reader or a writer: with Auto, when it is a terminal.
func (w When) Escape(stream any) bool {
	return w == Always || w == Auto && IsTerminal(stream)
}

// Color reports whether text on stream is coloured. With Auto that is on a
// terminal, unless the environment has a NO_COLOR that is not empty or TERM=dumb.
// Each stream is judged by itself: a redirected stdout takes no colour from stderr.
// getenv is os.Getenv or a stand-in for it.
func (w When) Color(stream any, getenv func(string) string) bool {
	if w == Auto {
		return IsTerminal(stream) && getenv("NO_COLOR") == "" && getenv("TERM") != "dumb"
	}
	return w == Always
}

// IsTerminal reports whether stream, a reader or a writer, is a terminal. What is
// not a file never is.
func IsTerminal(stream any) bool {
	var is bool
	err := control(stream, func(fd int) error {
		is = term.IsTerminal(fd)
		return nil
	})
	return err == nil && is
}

// Width returns how many cells a line of stream has: 0, which stands for no limit,
// when it is not a terminal, and 80 for a terminal that does not tell.
func Width(stream any) int {
	if !IsTerminal(stream) {
		return 0
	}
	width, _ := size(stream)
	return width
}

// size returns the cells of a line of stream, and its lines: 80 and 24 when it does
// not tell.
func size(stream any) (width, height int) {
	control(stream, func(fd int) (err error) {
		width, height, err = term.GetSize(fd)
		return err
	})
	if width <= 0 {
		width = 80
	}
	if height <= 0 {
		height = 24
	}
	return width, height
}

// control calls f with the descriptor of stream. It goes through SyscallConn and
// not through Fd, which would take a file out of the runtime's poller.
func control(stream any, f func(fd int) error) error {
	c, ok := stream.(syscall.Conn)
	if !ok {
		return errors.ErrUnsupported
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	var ferr error
	if err := raw.Control(func(fd uintptr) { ferr = f(int(fd)) }); err != nil {
		return err
	}
	return ferr
}
