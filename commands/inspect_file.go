package commands

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"wskit/internal/term"
	"wskit/internal/trace"
)

// A recordedInput is something that was recorded: the path of a file, or stdin.
type recordedInput string

const stdinInput recordedInput = "-"

// findRecorded reports whether the arguments name something that was recorded, and
// not a URL.
func findRecorded(env *Env, args []string) (input recordedInput, ok bool) {
	switch {
	case len(args) == 0:
		return stdinInput, !term.IsTerminal(env.Stdin)
	case len(args) > 1:
		return "", false
	}
	input = recordedInput(args[0])
	if input == stdinInput {
		return input, true
	}
	if info, err := os.Stat(args[0]); err == nil {
		return input, !info.IsDir()
	}
	return input, looksLikeFile(args[0])
}

// looksLikeFile reports whether an argument means a file, even if there is none of
// that name.
func looksLikeFile(arg string) bool {
	switch filepath.Ext(arg) {
	case ".jsonl", ".json", ".gz", ".har", ".pcap", ".pcapng":
		return !strings.Contains(arg, ":")
	}
	return slices.ContainsFunc([]string{"/", "./", "../"}, func(prefix string) bool { return strings.HasPrefix(arg, prefix) })
}

// String returns what messages call the input.
func (input recordedInput) String() string {
	if input == stdinInput {
		return "stdin"
	}
	return string(input)
}

// showRecorded is inspect FILE.
func (o *inspectOptions) showRecorded(ctx context.Context, env *Env, out io.Writer, input recordedInput) error {
	stream := env.Stdin
	if input != stdinInput {
		f, err := os.Open(string(input))
		if err != nil {
			return failf(exitLocalIO, "%w", err)
		}
		defer f.Close()
		stream = f
	}
	in := newInlet(ctx, stream)
	defer in.close()
	only := connFilter{conn: o.conn, write: o.writer(env, out, false)}
	events, err := openTrace(in, input)
	if err == nil {
		err = copyEvents(events, only.pass)
	}
	if err == nil && !only.found {
		err = usagef("%s has no connection %d", input, o.conn)
	}
	if stop := interruption(ctx); stop != nil {
		return stop
	}
	if events != nil {
		if n, kinds := events.Skipped(); n > 0 {
			env.note("%s of a kind that is not known: %q", trace.Plural(n, "record"), kinds)
		}
	}
	return recordedFailure(input, err)
}

// A connFilter passes on the events of one connection.
type connFilter struct {
	conn  int // its number; 0 is all
	write func(trace.Event) error
	found bool
}

func (c *connFilter) pass(e trace.Event) error {
	if c.conn != 0 && e.Common().Conn != c.conn {
		return nil
	}
	c.found = true
	return c.write(e)
}

// copyEvents writes all events, each as soon as it is there.
func copyEvents(events *trace.Reader, write func(trace.Event) error) error {
	for n := 0; ; n++ {
		e, err := events.Read()
		if skipped, _ := events.Skipped(); err == io.EOF && n+skipped == 0 {
			return errEmpty
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		err = write(e)
		var several *trace.ConnectionsError
		switch {
		case errors.As(err, &several):
			return err
		case err != nil:
			return stdoutFailure(err)
		}
	}
}

// errEmpty says that an input has no records.
var errEmpty = errors.New("it is empty")

// recordedFailure returns the error of a command that reads input, or nil.
func recordedFailure(input recordedInput, err error) error {
	var format *trace.FormatError
	var several *trace.ConnectionsError
	switch {
	case errors.As(err, &several):
		return severalFailure(input, several)
	case err == nil, errors.As(err, new(*exitError)):
		return err
	case errors.As(err, &format):
		e := failf(exitProtocol, "read %s: %w", input, format)
		switch {
		case errors.Is(err, trace.ErrVersion):
			return e.withHint("it needs a newer wskit")
		case format.Line == 1 && format.Field == "" && format.Err != trace.ErrCut:
			return e.withHint("a trace is what wskit inspect --json URL writes")
		}
		return e
	case errors.Is(err, errEmpty), errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum),
		errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, new(flate.CorruptInputError)):
		return failf(exitProtocol, "read %s: %w", input, err)
	}
	return failf(exitLocalIO, "read %s: %w", input, cause(err))
}

// openTrace returns what reads the trace in r, compressed with gzip or not.
func openTrace(r io.Reader, input recordedInput) (*trace.Reader, error) {
	b := bufio.NewReaderSize(r, 64<<10)
	magic, err := peek(b)
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(magic, []byte("\x1f\x8b")) {
		z, err := gzip.NewReader(b)
		if err != nil {
			return nil, err
		}
		b = bufio.NewReaderSize(z, 64<<10)
		if magic, err = peek(b); err != nil {
			return nil, err
		}
	}
	if kind := captureKind(magic); kind != "" {
		return nil, usagef("%s is %s, which inspect does not read", input, kind).withHint("it reads traces, as wskit inspect --json URL writes them")
	}
	return trace.NewReader(b), nil
}

// peek returns the first bytes of b, as many as are there.
func peek(b *bufio.Reader) ([]byte, error) {
	const magic = 4
	if start, err := b.Peek(magic); err != nil && err != io.EOF {
		return start, fmt.Errorf("read the start: %w", err)
	}
	return b.Peek(b.Buffered())
}

// captureKind returns what another tool's recording is called that begins with
// magic, or "".
func captureKind(magic []byte) string {
	for _, k := range []struct{ magic, name string }{
		{"\x0a\x0d\x0d\x0a", "a packet capture (pcapng)"},
		{"\xa1\xb2\xc3\xd4", "a packet capture (pcap)"},
		{"\xd4\xc3\xb2\xa1", "a packet capture (pcap)"},
		{"\xa1\xb2\x3c\x4d", "a packet capture (pcap)"},
		{"\x4d\x3c\xb2\xa1", "a packet capture (pcap)"},
	} {
		if bytes.HasPrefix(magic, []byte(k.magic)) {
			return k.name
		}
	}
	const space = " \t\r\n"
	text := bytes.TrimLeft(bytes.TrimPrefix(magic, []byte("\ufeff")), space)
	if text, ok := bytes.CutPrefix(text, []byte("{")); ok && bytes.HasPrefix(bytes.TrimLeft(text, space), []byte(`"log"`)) {
		return "an archive of HTTP traffic (HAR)"
	}
	return ""
}
