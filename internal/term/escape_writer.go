package term

import "io"

// An EscapingWriter escapes what is written to it as AppendEscapedLines does and
// passes it on: for logs and for stderr. However the text is cut into writes, the
// output is the same. It is not safe for use by several goroutines at once.
type EscapingWriter struct {
	w    io.Writer
	held []byte // the undecided end of what was written
	buf  []byte
}

// NewEscapingWriter returns an EscapingWriter that writes to w.
func NewEscapingWriter(w io.Writer) *EscapingWriter {
	return &EscapingWriter{w: w}
}

// Write escapes b and writes it with one call of the writer below. A character or
// what may be an escape that b leaves unfinished waits for the next Write or Flush.
func (e *EscapingWriter) Write(b []byte) (int, error) {
	e.held = append(e.held, b...)
	n := len(e.held) - undecided(e.held)
	e.buf = AppendEscapedLines(e.buf[:0], e.held[:n])
	e.held = append(e.held[:0], e.held[n:]...)
	if err := e.emit(); err != nil {
		return 0, err
	}
	return len(b), nil
}

// Flush writes what the last Write left unfinished.
func (e *EscapingWriter) Flush() error {
	e.buf = AppendEscapedLines(e.buf[:0], e.held)
	e.held = e.held[:0]
	return e.emit()
}

func (e *EscapingWriter) emit() error {
	if len(e.buf) == 0 {
		return nil
	}
	_, err := e.w.Write(e.buf)
	return err
}
