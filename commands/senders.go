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
	return outgoing{codec.OpText, text}, nil
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
type listSender struct {
	items []item
	enc   encoding
}

// An item is one -x or --file, in the order given.
type item struct{ text, path string }

func (l *listSender) next() (outgoing, error) {
	if len(l.items) == 0 {
		return outgoing{}, io.EOF
	}
	it := l.items[0]
	l.items = l.items[1:]
	if it.path == "" {
		return l.enc.message([]byte(it.text))
	}
	data, err := readFile(it.path)
	if err != nil {
		return outgoing{}, failf(exitLocalIO, "%w", err)
	}
	return fileMessage(data), nil
}

// check reports the first item that cannot be sent, before anything is dialled.
func (l *listSender) check() error {
	for _, it := range l.items {
		if it.path == "" {
			if _, err := l.enc.message([]byte(it.text)); err != nil {
				return err
			}
			continue
		}
		f, err := os.Open(it.path)
		if err != nil {
			return usagef("--file: %w", err)
		}
		f.Close()
	}
	return nil
}

// readFile reads a file to send.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxInput+1))
	if err == nil && len(data) > maxInput {
		err = fmt.Errorf("read %s: larger than %d bytes", path, maxInput)
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
}

func (l *lineSender) next() (outgoing, error) {
	line, err := readLine(l.r, l.delimiter)
	if err != nil {
		return outgoing{}, err
	}
	if l.delimiter == '\n' {
		line = bytes.TrimSuffix(line, []byte{'\r'})
	}
	return l.enc.message(line)
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
	return w.enc.message(data)
}

// A silentSender sends nothing.
type silentSender struct{}

func (silentSender) next() (outgoing, error) { return outgoing{}, io.EOF }
