package trace

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// The limits of a Reader.
const (
	// MaxRecord is the largest record that a Reader takes, in bytes: a frame of
	// 64 MiB in base64, or the payload and the text of one of about 40 MiB.
	MaxRecord = 96 << 20

	maxShort   = 4 << 20 // bytes of a record that is no frame or message
	maxFrames  = 1 << 20 // of a message
	maxQueue   = 64      // events that wait for the message of a frame
	maxUnknown = 8       // names of unknown kinds that are kept
)

// What a FormatError is of.
var (
	// ErrCut says that a trace ends inside a record. All before it was read.
	ErrCut = errors.New("the trace is cut")
	// ErrVersion says that a newer program wrote the trace.
	ErrVersion = errors.New("written by a newer version of this program")
	// ErrTooLarge says that a record has more than MaxRecord bytes, or 4 MiB where
	// nothing can be that long.
	ErrTooLarge = errors.New("the record is too large")
)

// A FormatError says what is wrong with a trace.
type FormatError struct {
	// Line is the number of the line, from 1.
	Line int
	// Field is the name of the field that is wrong, empty for the whole record.
	Field string
	// Err says what is wrong, ErrCut, ErrVersion or ErrTooLarge among others.
	Err error
}

// Error tells it in one line.
func (e *FormatError) Error() string {
	switch {
	case e.Err == ErrCut:
		return fmt.Sprintf("%s in line %d", e.Err, e.Line)
	case e.Field != "":
		return fmt.Sprintf("line %d: field %s: %s", e.Line, e.Field, e.Err)
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Err)
}

// Unwrap returns Err.
func (e *FormatError) Unwrap() error { return e.Err }

// A Reader reads the events that a [Writer] wrote. Fields and kinds of records that
// it does not know are ignored, and so are fields that follow from others, such as
// header_hex. It holds one record at a time, of at most MaxRecord bytes, and some few
// events. Its methods must not be called at the same time.
type Reader struct {
	r    *bufio.Reader
	max  int // the largest record
	line []byte
	n    int   // the number of the line
	err  error // which ends the trace

	// queue holds events in order, of queued bytes of records. The first waits
	// for its message, if it waits at all.
	queue  []queued
	queued int
	// alone says that the messages of frames have no record of their own.
	alone bool

	skipped int
	unknown []string
}

// A queued event was read and not returned yet.
type queued struct {
	event Event
	size  int // of the record
	// waits says that it is a frame that completes a message whose record has yet
	// to come.
	waits bool
}

// NewReader returns a Reader of r.
func NewReader(r io.Reader) *Reader {
	return &Reader{r: bufio.NewReaderSize(r, 64<<10), max: MaxRecord}
}

// Skipped returns how many records were of a kind that the Reader does not know, and
// the names of such kinds, the first few.
func (r *Reader) Skipped() (n int, kinds []string) { return r.skipped, r.unknown }

// Read returns the next event, io.EOF after the last. A *FormatError is of the
// trace, any other error of reading; all events before it have been returned. Who
// calls Read owns the event, but a frame shares its Message with the event that
// follows, as the events of a live connection do.
//
// To that end a frame that completes a message is returned when the record of the
// message, which is written right behind it, has been read. Where messages have no
// records, a Message is made of what the frame's says.
func (r *Reader) Read() (Event, error) {
	for r.err == nil && (len(r.queue) == 0 || r.queue[0].waits) {
		r.next()
	}
	if len(r.queue) == 0 {
		return nil, r.err
	}
	first := r.queue[0]
	r.queue[0] = queued{}
	r.queue = r.queue[1:]
	r.queued -= first.size
	return first.event, nil
}

// next reads a record into the queue.
func (r *Reader) next() {
	e, err := r.record()
	if err != nil {
		r.err = err
		return
	}
	for i := range r.queue {
		r.queue[i].meet(e, &r.alone)
	}
	waits := false
	switch e := e.(type) {
	case *Frame:
		waits = e.Message != nil && !r.alone
	case *Message:
		r.alone = false
	}
	r.queue = append(r.queue, queued{e, len(r.line), waits})
	r.queued += len(r.line)
	for i := 0; i < len(r.queue) && (len(r.queue) > maxQueue || r.queued > r.max); i++ {
		r.queue[i].waits = false
	}
}

// meet lets a frame that waits take its message, if e is that, or give up waiting,
// if e shows that it will not come; alone is then set.
func (q *queued) meet(e Event, alone *bool) {
	f, ok := q.event.(*Frame)
	if !ok || !q.waits || e.Common().Conn != f.Conn {
		return
	}
	switch e := e.(type) {
	case *Problem:
		if e.Frame == f.N {
			return
		}
	case *Message:
		if e.Msg == f.Msg && e.Size == f.Message.Size {
			f.Message, q.waits = e, false
			return
		}
	}
	q.waits, *alone = false, true
}

// record reads the next record of a known kind. The event is nil with an error only.
func (r *Reader) record() (Event, error) {
	for {
		whole, err := r.readLine()
		if err != nil {
			return nil, err
		}
		if len(bytes.TrimSpace(r.line)) == 0 {
			continue
		}
		e, err := r.parse()
		var syntax *json.SyntaxError
		switch {
		case !whole && errors.As(err, &syntax) && syntax.Offset >= int64(len(r.line)):
			return nil, r.fault(ErrCut)
		case err != nil:
			return nil, r.fault(err)
		case e != nil:
			return e, nil
		}
	}
}

// readLine reads the next line, without its end. It reports whether it had one.
func (r *Reader) readLine() (whole bool, err error) {
	if cap(r.line) > 1<<20 {
		r.line = nil
	}
	r.line = r.line[:0]
	r.n++
	for {
		piece, err := r.r.ReadSlice('\n')
		if len(r.line)+len(piece) > r.max {
			return false, r.fault(ErrTooLarge)
		}
		if room := cap(r.line) - len(r.line); room < len(piece) {
			// Twice as large: to grow as append does would leave more behind.
			r.line = append(make([]byte, 0, min(2*cap(r.line)+len(piece), r.max)), r.line...)
		}
		r.line = append(r.line, piece...)
		switch {
		case err == nil:
			r.line = r.line[:len(r.line)-1]
			return true, nil
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.ErrUnexpectedEOF):
			return false, r.fault(ErrCut) // of the compressed file
		case errors.Is(err, io.EOF) && len(r.line) > 0:
			return false, nil
		case errors.Is(err, io.EOF):
			return false, io.EOF
		}
		return false, fmt.Errorf("read trace: %w", err)
	}
}

// parse returns the event of the line, nil for one of an unknown kind.
func (r *Reader) parse() (Event, error) {
	var head struct {
		V    *int    `json:"v"`
		Kind *string `json:"kind"`
	}
	if err := json.Unmarshal(r.line, &head); err != nil {
		return nil, err
	}
	switch {
	case head.V == nil || head.Kind == nil:
		return nil, errors.New("no record of a trace: it has no v and kind")
	case *head.V > Version:
		return nil, fmt.Errorf("%w: version %d of the format, not %d", ErrVersion, *head.V, Version)
	case *head.V < 1:
		return nil, wrong("v", "%d, want %d", *head.V, Version)
	}
	decode := decoders[*head.Kind]
	switch {
	case decode == nil:
		r.skip(*head.Kind)
		return nil, nil
	case len(r.line) > maxShort && *head.Kind != "frame" && *head.Kind != "message":
		return nil, ErrTooLarge // small things take more room than their JSON
	}
	return decode(r.line)
}

// skip takes note of an unknown kind.
func (r *Reader) skip(kind string) {
	const maxName = 32
	r.skipped++
	kind = kind[:min(len(kind), maxName)]
	if len(r.unknown) < maxUnknown && !slices.Contains(r.unknown, kind) {
		r.unknown = append(r.unknown, kind)
	}
}

// fault makes err an error of the current line.
func (r *Reader) fault(err error) error {
	e := &FormatError{Line: r.n, Err: err}
	var field *FormatError
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &field):
		e.Field, e.Err = field.Field, field.Err
	case errors.As(err, &kind) && kind.Field == "":
		e.Err = errors.New("no record of a trace: it is no JSON object")
	case errors.As(err, &kind):
		e.Field, e.Err = strings.TrimPrefix(kind.Field, "Base."), fmt.Errorf("invalid value: %s", kind.Value)
	case errors.As(err, &syntax):
		e.Err = fmt.Errorf("no JSON: %w", err)
	}
	return e
}
