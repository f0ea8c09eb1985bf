package commands

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"wskit/codec"
	"wskit/internal/term"
)

// maxInput is the largest message read from stdin or a file, in bytes.
const maxInput = 1 << 30

// An encoding says how the text of -x and of stdin stands for a message.
type encoding struct {
	binary, hex, base64 bool
}

// message returns the message that text stands for. The data may share text's
// bytes.
func (e encoding) message(text []byte) (outgoing, error) {
	switch {
	case e.hex:
		b, err := term.ParseHex(string(text))
		if err != nil {
			return outgoing{}, usagef("%w", err)
		}
		return outgoing{codec.OpBinary, b}, nil
	case e.base64:
		b, err := decodeBase64(string(text))
		if err != nil {
			return outgoing{}, usagef("%w", err)
		}
		return outgoing{codec.OpBinary, b}, nil
	case e.binary:
		return outgoing{codec.OpBinary, text}, nil
	}
	if !utf8.Valid(text) {
		return outgoing{}, usagef("byte %d is not UTF-8, which a text message must be", validPrefix(text)+1).
			withHint("-b sends binary messages, --hex or --base64 one a line")
	}
	return outgoing{codec.OpText, text}, nil
}

// validPrefix returns the length of the longest start of b that is UTF-8.
func validPrefix(b []byte) int {
	n := 0
	for n < len(b) {
		r, size := utf8.DecodeRune(b[n:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		n += size
	}
	return n
}

// decodeBase64 takes standard and URL-safe base64, padded or not.
func decodeBase64(s string) ([]byte, error) {
	s = strings.TrimRight(strings.NewReplacer("-", "+", "_", "/", " ", "").Replace(s), "=")
	b, err := base64.RawStdEncoding.DecodeString(s)
	var at base64.CorruptInputError
	if errors.As(err, &at) {
		return nil, fmt.Errorf("not base64: byte %d is wrong", int64(at)+1)
	}
	return b, err
}

// A listSender sends the messages of -x and --file.
type listSender struct{ items []prepared }

// An item is one -x or --file, in the order given.
type item struct{ text, path string }

// A prepared item is ready to be sent.
type prepared struct {
	message outgoing
	file    *os.File // whose content is the message, or nil
}

// newListSender reports the first item that cannot be sent, before anything is
// dialled.
func newListSender(items []item, enc encoding) (*listSender, error) {
	l := &listSender{}
	for _, it := range items {
		var p prepared
		var err error
		if it.path != "" {
			p.file, err = openFile(it.path)
			err = usageAt("--file", err)
		} else {
			p.message, err = enc.message([]byte(it.text))
			err = usageAt(fmt.Sprintf("--execute %.40q", it.text), err)
		}
		if err != nil {
			return nil, err
		}
		l.items = append(l.items, p)
	}
	return l, nil
}

func (l *listSender) next() (outgoing, error) {
	if len(l.items) == 0 {
		return outgoing{}, io.EOF
	}
	p := l.items[0]
	l.items = l.items[1:]
	if p.file == nil {
		return p.message, nil
	}
	data, err := readFile(p.file)
	if err != nil {
		return outgoing{}, failf(exitLocalIO, "%w", err)
	}
	return fileMessage(data), nil
}

// openFile opens a file to send.
func openFile(path string) (*os.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		f.Close()
		return nil, fmt.Errorf("%s is a directory", path)
	}
	return f, nil
}

// readFile reads a file to send, and closes it.
func readFile(f *os.File) ([]byte, error) {
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxInput+1))
	if err == nil && len(data) > maxInput {
		err = fmt.Errorf("read %s: larger than %d bytes", f.Name(), maxInput)
	}
	return data, err
}

// fileMessage makes a file's content a binary message.
func fileMessage(data []byte) outgoing { return outgoing{codec.OpBinary, data} }

// A lineSender makes each line of a stream a message.
type lineSender struct {
	r         *bufio.Reader
	delimiter byte
	enc       encoding
	n         int // the number of the line
}

func (l *lineSender) next() (outgoing, error) {
	line, err := readLine(l.r, l.delimiter)
	if err != nil {
		return outgoing{}, err
	}
	if l.delimiter == '\n' {
		line = bytes.TrimSuffix(line, []byte{'\r'})
	}
	l.n++
	m, err := l.enc.message(line)
	return m, usageAt(fmt.Sprintf("stdin, message %d", l.n), err)
}

// readLine reads up to the delimiter, which it cuts off. The last line may lack
// it.
func readLine(r *bufio.Reader, delimiter byte) ([]byte, error) {
	var line []byte
	for {
		piece, err := r.ReadSlice(delimiter)
		line = append(line, piece...)
		switch {
		case err == nil:
			return line[:len(line)-1], nil
		case len(line) > maxInput:
			return nil, failf(exitUsage, "a line of the input is larger than %d bytes", maxInput)
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(line) > 0:
			return line, nil
		case errors.Is(err, io.EOF):
			return nil, io.EOF
		}
		return nil, failf(exitLocalIO, "read stdin: %w", err)
	}
}

// A wholeSender makes a whole stream one message.
type wholeSender struct {
	r    io.Reader
	enc  encoding
	done bool
}

func (w *wholeSender) next() (outgoing, error) {
	if w.done {
		return outgoing{}, io.EOF
	}
	w.done = true
	data, err := io.ReadAll(io.LimitReader(w.r, maxInput+1))
	switch {
	case err != nil:
		return outgoing{}, failf(exitLocalIO, "read stdin: %w", err)
	case len(data) > maxInput:
		return outgoing{}, usagef("the input is larger than %d bytes", maxInput)
	case len(data) == 0:
		return outgoing{}, io.EOF
	}
	m, err := w.enc.message(data)
	return m, usageAt("stdin", err)
}

// A silentSender sends nothing.
type silentSender struct{}

func (silentSender) next() (outgoing, error) { return outgoing{}, io.EOF }
