package term

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"sync"
	"sync/atomic"
)

// A Scanner is the LineReader for what is not a terminal, or for a dumb one. It
// shows no prompt; what is written to it goes straight to the output.
type Scanner struct {
	file   *fdReader // what in reads from, if that can be interrupted
	closed atomic.Bool

	reading sync.Mutex // held by ReadLine
	in      *bufio.Reader
	err     error // sticky

	writing sync.Mutex // held by Write
	out     io.Writer
}

// NewScanner returns a Scanner that reads lines from in and prints to out. On a Unix
// system its Close ends a read that waits for a file; the read of any other reader
// lasts until that reader returns.
func NewScanner(in io.Reader, out io.Writer) *Scanner {
	s := &Scanner{out: out}
	if f, err := newFDReader(in); err == nil {
		s.file, in = f, f
	}
	s.in = bufio.NewReaderSize(in, 64<<10)
	return s
}

// ReadLine returns the next line without its newline, or carriage return and
// newline; the last may have neither. ErrLineTooLong is final: nothing is read after
// it.
func (s *Scanner) ReadLine() (string, error) {
	s.reading.Lock()
	defer s.reading.Unlock()
	if s.closed.Load() {
		return "", os.ErrClosed
	}
	if s.err != nil {
		return "", s.err
	}
	var line []byte
	for {
		part, err := s.in.ReadSlice('\n')
		line = append(line, part...)
		text, ended := bytes.CutSuffix(line, []byte("\n"))
		if ended {
			text = bytes.TrimSuffix(text, []byte("\r"))
		}
		switch {
		case len(text) > MaxLine:
			s.err = ErrLineTooLong
			return "", s.err
		case ended:
			return string(text), nil
		case err == io.EOF && len(text) > 0:
			s.err = io.EOF
			return string(text), nil
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			s.err = err
			return "", err
		}
	}
}

// Write prints b.
func (s *Scanner) Write(b []byte) (int, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	return s.out.Write(b)
}

// SetPrompt does nothing: a Scanner shows no prompt.
func (s *Scanner) SetPrompt(string) {}

// Close makes ReadLine return os.ErrClosed. It does not close the input.
func (s *Scanner) Close() error {
	if s.closed.Swap(true) || s.file == nil {
		return nil
	}
	s.file.interrupt()
	s.reading.Lock()
	defer s.reading.Unlock()
	return s.file.close()
}
