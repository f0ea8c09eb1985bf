package trace

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"wskit/codec"
)

// readAll returns what a Reader of lines returns until the end of it.
func readAll(lines string) (events []Event, err error) {
	r := NewReader(strings.NewReader(lines))
	for {
		e, err := r.Read()
		if err != nil {
			return events, err
		}
		events = append(events, e)
	}
}

// jsonOf returns events as w writes them.
func jsonOf(t testing.TB, w Writer, events ...Event) string {
	t.Helper()
	var b strings.Builder
	for _, e := range events {
		b.WriteString(write(t, w, e))
	}
	return b.String()
}

// kinds names events: "frame 1", "message 2", with the number of the connection if it
// is not the first.
func kinds(events []Event) string {
	var names []string
	for _, e := range events {
		name := strings.ToLower(strings.TrimPrefix(fmt.Sprintf("%T", e), "*trace."))
		switch e := e.(type) {
		case *Frame:
			name += fmt.Sprint(" ", e.N)
		case *Message:
			name += fmt.Sprint(" ", e.Msg)
		}
		if n := e.Common().Conn; n > 1 {
			name += fmt.Sprint(" of ", n)
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// TestReaderErrors checks that what is wrong with a trace is named, and that all
// before it was read.
func TestReaderErrors(t *testing.T) {
	const (
		good  = `{"v":1,"kind":"stats","conn":1,"t":0,"client":{},"server":{}}` + "\n"
		frame = `{"v":1,"kind":"frame","conn":1,"from":"client","n":1,"opcode":1,"length_form":7,`
		text  = `{"v":1,"kind":"message","conn":1,"from":"client","msg":1,"opcode":1,`
	)
	for _, tt := range []struct {
		name  string
		lines string
		want  string
		is    error
		read  int // the events before
	}{
		{name: "no JSON", lines: "hello\n", want: "line 1: no JSON: invalid character 'h' looking for beginning of value"},
		{name: "no JSON later", lines: good + good + "{]\n", want: "line 3: no JSON: invalid character ']' looking for beginning of object key string", read: 2},
		{name: "an array", lines: "[]\n", want: "line 1: no record of a trace: it is no JSON object"},
		{name: "other JSON", lines: "{}\n", want: "line 1: no record of a trace: it has no v and kind"},
		{name: "null", lines: "null\n", want: "line 1: no record of a trace: it has no v and kind"},
		{name: "two in a line", lines: strings.TrimSpace(good) + good, want: "line 1: no JSON: invalid character '{' after top-level value"},
		{name: "newer", lines: `{"v":2,"kind":"open"}` + "\n", want: "line 1: written by a newer version of this program: version 2 of the format, not 1", is: ErrVersion},
		{name: "version 0", lines: `{"v":0,"kind":"open"}` + "\n", want: "line 1: field v: 0, want 1"},
		{name: "cut", lines: good + good[:20], want: "the trace is cut in line 2", is: ErrCut, read: 1},
		{name: "cut in a word", lines: good + `{"v":1,"kind":"stats","conn":tr`, want: "the trace is cut in line 2", is: ErrCut, read: 1},
		{name: "without its end, but no cut", lines: good + "hello", want: "line 2: no JSON: invalid character 'h' looking for beginning of value", read: 1},
		{name: "conn", lines: `{"v":1,"kind":"open","role":"client"}` + "\n", want: "line 1: field conn: 0, want at least 1"},
		{name: "no base", lines: `{"v":1,"kind":"frame"}` + "\n", want: "line 1: field conn: 0, want at least 1"},
		{name: "conn of a frame", lines: `{"v":1,"kind":"frame","conn":-1}` + "\n", want: "line 1: field conn: -1, want at least 1"},
		{name: "conn is text", lines: `{"v":1,"kind":"frame","conn":"x"}` + "\n", want: "line 1: field conn: invalid value: string"},
		{name: "time is text", lines: `{"v":1,"kind":"stats","conn":1,"time":"now"}` + "\n", want: `line 1: field time: invalid value: "now"`},
		{name: "time is far", lines: `{"v":1,"kind":"stats","conn":1,"time":1e99}` + "\n", want: `line 1: field time: invalid value: 1e99`},
		{name: "t is long", lines: `{"v":1,"kind":"stats","conn":1,"t":9223372036854775807}` + "\n", want: `line 1: field t: invalid value: 9223372036854775807`},
		{name: "role", lines: `{"v":1,"kind":"open","conn":1,"role":"boss"}` + "\n", want: `line 1: field role: "boss", want one of ["client" "server" "observer"]`},
		{name: "date", lines: `{"v":1,"kind":"open","conn":1,"tls":{"peer":{"not_after":"soon"}}}` + "\n", want: `line 1: parsing time "soon" as "2006-01-02T15:04:05Z07:00": cannot parse "soon" as "2006"`},
		{name: "from", lines: `{"v":1,"kind":"frame","conn":1,"from":"me"}` + "\n", want: `line 1: field from: "me", want one of ["client" "server"]`},
		{name: "opcode", lines: `{"v":1,"kind":"frame","conn":1,"from":"client","opcode":16}` + "\n", want: "line 1: field opcode: 16, want at most 15"},
		{name: "opcode is large", lines: `{"v":1,"kind":"frame","conn":1,"from":"client","opcode":300}` + "\n", want: "line 1: field opcode: invalid value: number 300"},
		{name: "rsv", lines: frame + `"rsv":99}` + "\n", want: "line 1: field rsv: 99, want at most 7"},
		{name: "n", lines: frame + `"n":-3}` + "\n", want: "line 1: field n: -3, want at least 1"},
		{name: "msg", lines: frame + `"msg":-1}` + "\n", want: "line 1: field msg: -1, want at least 0"},
		{name: "answers", lines: frame + `"answers":-1}` + "\n", want: "line 1: field answers: -1, want at least 0"},
		{name: "key", lines: frame + `"mask":true,"masking_key":"0102"}` + "\n", want: `line 1: field masking_key: "0102", want 8 hex digits`},
		{name: "key without mask", lines: frame + `"masking_key":"01020304"}` + "\n", want: "line 1: field masking_key: the frame is not masked"},
		{name: "form", lines: frame + `"length_form":8}` + "\n", want: "line 1: field length_form: 8, want 7, 16 or 64"},
		{name: "length in 7 bits", lines: frame + `"payload_length":126}` + "\n", want: "line 1: field payload_length: 126, want at most 125 in 7 bits"},
		{name: "length in 16 bits", lines: frame + `"length_form":16,"payload_length":65536}` + "\n", want: "line 1: field payload_length: 65536, want at most 65535 in 16 bits"},
		{name: "length is negative", lines: frame + `"payload_length":-1}` + "\n", want: "line 1: field payload_length: invalid value: number -1"},
		{name: "base64", lines: frame + `"payload_length":3,"payload":"a?","encoding":"base64"}` + "\n", want: "line 1: field payload: no base64: illegal base64 data at input byte 1"},
		{name: "encoding", lines: frame + `"payload_length":1,"payload":"a"}` + "\n", want: `line 1: field encoding: "", want one of ["utf8" "base64"]`},
		{name: "payload is longer", lines: frame + `"payload_length":1,"payload":"abc","encoding":"utf8"}` + "\n", want: "line 1: field payload_length: 1, want at least the 3 of payload and the 0 truncated"},
		{name: "payload is shorter", lines: frame + `"payload_length":4,"payload":"abc","encoding":"utf8"}` + "\n", want: "line 1: field payload: 3 bytes and 0 truncated, want 4"},
		{
			name: "truncated overflows", lines: frame + `"payload_length":1,"payload":"a","encoding":"utf8","truncated":18446744073709551615}` + "\n",
			want: "line 1: field payload_length: 1, want at least the 1 of payload and the 18446744073709551615 truncated",
		},
		{name: "wire bytes", lines: frame + `"payload_length":4,"incomplete":true,"wire_bytes":7}` + "\n", want: "line 1: field wire_bytes: 7, want 2 for the header and at most the payload"},
		{name: "close of a text", lines: frame + `"close":{"code":1000}}` + "\n", want: "line 1: field close: it takes a whole frame with the opcode 8"},
		{name: "size of a frame", lines: frame + `"size":1,"text":"ab"}` + "\n", want: "line 1: field size: 1, want at least the 2 of the content"},
		{name: "size", lines: text + `"size":1,"text":"ab"}` + "\n", want: "line 1: field size: 1, want at least the 2 of the content"},
		{name: "size is too large", lines: text + `"size":3,"text":"ab"}` + "\n", want: "line 1: field size: 3, want the 2 of the content and the 0 truncated"},
		{name: "text and data", lines: text + `"size":1,"text":"a","data":"YQ=="}` + "\n", want: "line 1: field data: the message has a text too"},
		{name: "data", lines: text + `"size":1,"data":"YQ"}` + "\n", want: "line 1: field data: no base64: illegal base64 data at input byte 0"},
		{name: "number of a message", lines: `{"v":1,"kind":"message","conn":1,"from":"client"}` + "\n", want: "line 1: field msg: 0, want at least 1"},
		{name: "frames", lines: text + `"frames":[1,0]}` + "\n", want: "line 1: field frames: 0, want at least 1"},
		{name: "frames are text", lines: text + `"frames":["a"]}` + "\n", want: "line 1: field frames: invalid value: string"},
		{name: "too many frames", lines: text + `"frames":[1` + strings.Repeat(",1", maxFrames) + "]}\n", want: "line 1: field frames: invalid value: more than 1048576 numbers"},
		{
			name: "too many headers", is: ErrTooLarge,
			lines: `{"v":1,"kind":"open","conn":1,"request":{"headers":[[]` + strings.Repeat(",[]", maxShort/3) + "]}}\n", want: "line 1: the record is too large",
		},
		{name: "problem", lines: `{"v":1,"kind":"problem","conn":1,"from":"client"}` + "\n", want: "line 1: field code: it is empty"},
		{name: "severity", lines: `{"v":1,"kind":"problem","conn":1,"from":"client","code":"c","severity":"bad"}` + "\n", want: `line 1: field severity: "bad", want one of ["error" "warning" "note"]`},
		{name: "frame of a problem", lines: `{"v":1,"kind":"problem","conn":1,"from":"client","code":"c","severity":"note","frame":-1}` + "\n", want: "line 1: field frame: -1, want at least 0"},
		{name: "by", lines: `{"v":1,"kind":"close","conn":1,"by":"nobody"}` + "\n", want: `line 1: field by: "nobody", want one of ["client" "server" "both" "unknown"]`},
		{name: "how", lines: `{"v":1,"kind":"close","conn":1,"by":"both","how":"so"}` + "\n", want: `line 1: field how: "so", want one of ["close" "fin" "rst" "timeout" "error"]`},
		{name: "code", lines: `{"v":1,"kind":"close","conn":1,"client":{"code":70000}}` + "\n", want: "line 1: field client.code: invalid value: number 70000"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			events, err := readAll(tt.lines)
			var format *FormatError
			if !errors.As(err, &format) || err.Error() != tt.want || tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
			if len(events) != tt.read {
				t.Errorf("%d events, want %d", len(events), tt.read)
			}
		})
	}
}

// readerSession returns the events of a session with each kind of event, as a live
// connection has them.
func readerSession() []Event {
	base := func(n int) Base {
		return Base{Conn: 1, Time: Time{time.UnixMicro(1e15 + int64(n))}, T: Seconds(n) * Seconds(time.Microsecond)}
	}
	one := textMessage(1, codec.RoleClient, codec.OpText, "hello")
	two := textMessage(2, codec.RoleServer, codec.OpBinary, "\x00\xFF")
	one.Header.Form, two.Header.Form = 7, 7
	one.Base, two.Base, one.Message.Base, two.Message.Base = base(1), base(2), base(1), base(2)
	one.Message.Wire, two.Message.Wire = 5, 2
	problem := NewProblem(RepeatedMaskKey, codec.RoleClient, "01020304")
	problem.Base, problem.Frame = base(1), 1
	ping := &Frame{Base: base(3), N: 3, Header: codec.Header{Fin: true, Opcode: codec.OpPing, Form: 7}}
	pong := &Frame{Base: base(4), From: codec.RoleClient, N: 4, Header: codec.Header{Fin: true, Opcode: codec.OpPong, Form: 7}, Answers: 3, RTT: Millis(time.Millisecond)}
	end := []byte("\x03\xE8bye \xFF")
	closing := &Frame{
		Base: base(5), N: 5, Header: codec.Header{Fin: true, Opcode: codec.OpClose, Form: 7, Length: uint64(len(end))},
		Payload: end, Close: NewCloseFrame(end),
	}
	return []Event{
		&Open{
			Base: base(0), Role: "client", URL: "ws://h/", Status: 101, AcceptValid: true,
			Request: &Head{Start: "GET / HTTP/1.1", Headers: [][2]string{{"Host", "h"}}}, Response: &Head{Start: "HTTP/1.1 101 S", Headers: [][2]string{}},
			Extensions: &Extensions{
				Offered: []Extension{{Name: codec.DeflateName, Params: [][2]string{{"client_max_window_bits", ""}}}},
				Agreed:  []Extension{{Name: codec.DeflateName, Params: [][2]string{{"client_max_window_bits", "9"}, {"server_no_context_takeover", ""}}}},
			},
			Deflate: &codec.Deflate{ServerNoContextTakeover: true, ServerMaxWindowBits: 15, ClientMaxWindowBits: 9},
		},
		one, problem, one.Message, two, two.Message, ping, pong, closing,
		&Close{
			Base: base(6), By: "server", How: HowClose, Server: &CloseFrame{Code: 1000, Name: "normal closure", Reason: "bye"},
			Idle: Millis(1500 * time.Microsecond), Lost: 3, Verdict: "so it ended",
		},
		&Stats{Base: base(6), Client: Direction{Frames: 1, Size: &Percentiles{Count: 1, P50: 0.5, Max: 1e300}}, Server: Direction{Wire: math.MaxUint64}},
	}
}

// TestReaderReadsWhatWriterWrites checks that events come back as they were.
func TestReaderReadsWhatWriterWrites(t *testing.T) {
	events := readerSession()
	lines := jsonOf(t, Writer{}, events...)
	again, err := readAll(lines)
	if err != io.EOF || len(again) != len(events) {
		t.Fatalf("%d events, %v; want %d", len(again), err, len(events))
	}
	for i, want := range events {
		if !reflect.DeepEqual(again[i], want) {
			t.Errorf("event %d: got\n%+v\nwant\n%+v", i, again[i], want)
		}
	}
	if again[1].(*Frame).Message != again[3] {
		t.Error("the frame does not share its message with the event")
	}
}

// TestReaderOfACutTrace reads every start of a trace: all whole records are read.
func TestReaderOfACutTrace(t *testing.T) {
	lines := jsonOf(t, Writer{}, readerSession()...)
	for n := range len(lines) {
		events, err := readAll(lines[:n])
		whole := strings.Count(lines[:n], "\n")
		switch rest := lines[strings.LastIndex(lines[:n], "\n")+1 : n]; {
		case rest == "" && err == io.EOF && len(events) == whole:
		case strings.HasSuffix(rest, "}") && lines[n] == '\n' && err == io.EOF && len(events) == whole+1: // all but its end
		case rest != "" && errors.Is(err, ErrCut) && len(events) == whole && err.(*FormatError).Line == whole+1:
		default:
			t.Fatalf("%d bytes, %d lines: %d events, %v", n, whole, len(events), err)
		}
	}
}

// TestReaderIgnores checks what a Reader passes over.
func TestReaderIgnores(t *testing.T) {
	const stats = `{"v":1,"kind":"stats","conn":1,"new":{"a":[1]},"client":{"frames":3}}`
	for _, tt := range []struct {
		name    string
		lines   string
		want    string
		skipped int
		kinds   []string
	}{
		{name: "nothing", lines: ""},
		{name: "unknown fields", lines: stats + "\n", want: "stats"},
		{name: "empty lines", lines: "\n" + stats + "\r\n \n\n" + stats + "\n", want: "stats, stats"},
		{name: "no last line end", lines: stats, want: "stats"},
		{
			name:  "unknown kinds",
			lines: `{"v":1,"kind":"gap","dir":7}` + "\n" + stats + "\n" + `{"v":1,"kind":"gap"}` + "\n" + `{"v":1,"kind":"x"}` + "\n",
			want:  "stats", skipped: 3, kinds: []string{"gap", "x"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := NewReader(strings.NewReader(tt.lines))
			var events []Event
			e, err := r.Read()
			for ; err == nil; e, err = r.Read() {
				events = append(events, e)
			}
			n, names := r.Skipped()
			if got := kinds(events); err != io.EOF || got != tt.want || n != tt.skipped || !reflect.DeepEqual(names, tt.kinds) {
				t.Errorf("got %q, %v, %d skipped %q; want %q, %d skipped %q", got, err, n, names, tt.want, tt.skipped, tt.kinds)
			}
		})
	}
}

// TestReaderFindsMessages checks when a frame has the message that it completes, and
// that the order stays.
func TestReaderFindsMessages(t *testing.T) {
	part := func(conn, n, msg int, data string) []Event {
		f := textMessage(n, codec.RoleServer, codec.OpText, data)
		f.Header.Form, f.Msg, f.Message.Msg = 7, msg, msg
		f.Message.Duration = Millis(time.Second) // which only the message's record has
		f.Common().Conn, f.Message.Common().Conn = conn, conn
		return []Event{f, f.Message}
	}
	a, b, c := part(1, 1, 1, "a"), part(1, 2, 2, "b"), part(2, 1, 1, "c")
	problem := func(conn, frame int) Event {
		p := NewProblem(RepeatedMaskKey, codec.RoleServer, "")
		p.Conn, p.Frame = conn, frame
		return p
	}
	var crowd []Event
	for range maxQueue {
		crowd = append(crowd, problem(1, 1))
	}
	for _, tt := range []struct {
		name   string
		events []Event
		whole  string // whether each frame has its message's record
	}{
		{name: "behind it", events: []Event{a[0], a[1], b[0], b[1]}, whole: "yes yes"},
		{name: "behind its problems", events: []Event{a[0], problem(1, 1), problem(1, 1), a[1]}, whole: "yes"},
		{name: "behind another problem", events: []Event{a[0], problem(1, 0), a[1]}, whole: "no"},
		{name: "two connections", events: []Event{a[0], c[0], problem(2, 1), a[1], c[1]}, whole: "yes yes"},
		{name: "none", events: []Event{a[0], b[0]}, whole: "no no"},
		{name: "none at first", events: []Event{a[0], b[0], b[1], a[0], a[1]}, whole: "no no yes"},
		{name: "none at the end", events: []Event{a[0]}, whole: "no"},
		{name: "messages only", events: []Event{a[1], b[1], c[1]}},
		{name: "too far behind", events: append(append([]Event{a[0]}, crowd...), a[1]), whole: "no"},
		{name: "another size", events: []Event{a[0], &Message{Base: Base{Conn: 1}, Msg: 1, Opcode: codec.OpText, Data: []byte("aa"), Size: 2}}, whole: "no"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			lines := jsonOf(t, Writer{}, tt.events...)
			got, err := readAll(lines)
			if err != io.EOF || kinds(got) != kinds(tt.events) {
				t.Fatalf("got %q, %v; want %q", kinds(got), err, kinds(tt.events))
			}
			var whole []string
			for i, e := range got {
				f, ok := e.(*Frame)
				if !ok {
					continue
				}
				word := "no"
				if f.Message.Duration != 0 {
					word = "yes"
				}
				whole = append(whole, word)
				if want := tt.events[i].(*Frame).Message; !bytes.Equal(f.Message.Data, want.Data) || f.Message.Size != want.Size {
					t.Errorf("frame %d: the message is %q", f.N, f.Message.Data)
				}
			}
			if got := strings.Join(whole, " "); got != tt.whole {
				t.Errorf("frames with the record of their message: %q, want %q", got, tt.whole)
			}
			if again := jsonOf(t, Writer{}, got...); again != lines {
				t.Errorf("written again:\n%s\nwant\n%s", again, lines)
			}
		})
	}
}

// TestReaderDoesNotWait reads a trace as it is written. An event is there with its
// line, a frame with its message; once it is known that messages have no records,
// nothing is waited for.
func TestReaderDoesNotWait(t *testing.T) {
	pr, pw := io.Pipe()
	defer pr.Close()
	frames := func(n int) (*Frame, string) {
		f := textMessage(n, codec.RoleServer, codec.OpText, "a")
		f.Header.Form, f.Conn, f.Message.Conn = 7, 1, 1
		return f, jsonOf(t, Writer{}, f)
	}
	one, oneLine := frames(1)
	_, twoLine := frames(2)
	_, threeLine := frames(3)
	got := make(chan string, 10)
	go func() {
		defer close(got)
		r := NewReader(pr)
		for {
			e, err := r.Read()
			if err != nil {
				return
			}
			got <- kinds([]Event{e})
		}
	}()
	// A Write returns when the Reader has taken all of it.
	for _, step := range []struct{ line, want string }{
		{jsonOf(t, Writer{}, &Stats{Base: Base{Conn: 1}}), "stats"},
		{oneLine + jsonOf(t, Writer{}, one.Message), "frame 1, message 1"},
		{twoLine + threeLine, "frame 2, frame 3"},
		{threeLine, "frame 3"},
	} {
		io.WriteString(pw, step.line)
		for want := range strings.SplitSeq(step.want, ", ") {
			select {
			case got := <-got:
				if got != want {
					t.Fatalf("got %s, want %s", got, want)
				}
			case <-time.After(10 * time.Second):
				t.Fatalf("%s is not read", want)
			}
		}
	}
	pw.Close()
	if e, open := <-got; open {
		t.Errorf("%s was left", e)
	}
}

// endless is a reader of a line that does not end.
type endless struct{ n *int }

func (e endless) Read(p []byte) (int, error) {
	copy(p, bytes.Repeat([]byte{' '}, len(p)))
	*e.n += len(p)
	return len(p), nil
}

// TestReaderLimits checks that no more is held than the limits say.
func TestReaderLimits(t *testing.T) {
	t.Run("a record", func(t *testing.T) {
		n := 0
		r := NewReader(io.MultiReader(strings.NewReader("\n"), endless{&n}))
		r.max = 1 << 20
		if _, err := r.Read(); !errors.Is(err, ErrTooLarge) || err.(*FormatError).Line != 2 {
			t.Errorf("got %v, want %v in line 2", err, ErrTooLarge)
		}
		if n > 2<<20 {
			t.Errorf("%d bytes were read", n)
		}
	})
	t.Run("what waits", func(t *testing.T) {
		f := textMessage(1, codec.RoleServer, codec.OpText, strings.Repeat("a", 100))
		f.Header.Form, f.Conn = 7, 1
		p := NewProblem(RepeatedMaskKey, codec.RoleServer, "")
		p.Conn, p.Frame = 1, 1
		line := jsonOf(t, Writer{}, p)
		r := NewReader(strings.NewReader(jsonOf(t, Writer{}, f) + strings.Repeat(line, 20)))
		r.max = 1000
		if e, err := r.Read(); e == nil || err != nil {
			t.Fatal(err)
		}
		if n := len(r.queue) * len(line); n > 2*r.max {
			t.Errorf("%d bytes of records are held", n)
		}
	})
	t.Run("what was returned does not count", func(t *testing.T) {
		f := textMessage(1, codec.RoleServer, codec.OpText, "a")
		f.Header.Form, f.Conn, f.Message.Conn, f.Message.Duration = 7, 1, 1, 1000
		r := NewReader(strings.NewReader(strings.Repeat(jsonOf(t, Writer{}, f, f.Message), 10)))
		r.max = 1500
		for i := range 20 {
			e, err := r.Read()
			if err != nil {
				t.Fatal(err)
			}
			if f, ok := e.(*Frame); ok && f.Message.Duration == 0 {
				t.Errorf("frame %d has not waited for its message", i/2+1)
			}
		}
	})
	t.Run("kinds", func(t *testing.T) {
		var b strings.Builder
		for i := range 100 {
			fmt.Fprintf(&b, `{"v":1,"kind":"%d%s"}`+"\n", i, strings.Repeat("x", 1000))
		}
		r := NewReader(strings.NewReader(b.String()))
		if _, err := r.Read(); err != io.EOF {
			t.Fatal(err)
		}
		if n, names := r.Skipped(); n != 100 || len(names) != maxUnknown || len(names[0]) > 32 {
			t.Errorf("%d skipped, %d names", n, len(names))
		}
	})
}

// TestReaderError checks that an error of the stream is told from one of the trace.
func TestReaderError(t *testing.T) {
	broken := errors.New("broken")
	stats := write(t, Writer{}, &Stats{Base: Base{Conn: 1}})
	for _, tt := range []struct {
		name string
		err  error
		want string
	}{
		{name: "broken", err: broken, want: "read trace: broken"},
		{name: "a compressed file that was cut", err: io.ErrUnexpectedEOF, want: "the trace is cut in line 2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := NewReader(io.MultiReader(strings.NewReader(stats+`{"v":`), iotestErr{tt.err}))
			if _, err := r.Read(); err != nil {
				t.Fatal(err)
			}
			for range 2 { // it stays
				if _, err := r.Read(); err == nil || err.Error() != tt.want {
					t.Errorf("got %v, want %s", err, tt.want)
				}
			}
		})
	}
}

type iotestErr struct{ err error }

func (e iotestErr) Read([]byte) (int, error) { return 0, e.err }

// TestReaderTakesForeignNumbers reads times as other programs write them.
func TestReaderTakesForeignNumbers(t *testing.T) {
	for _, tt := range []struct {
		json string
		want time.Duration
	}{
		{"0", 0},
		{"1", time.Second},
		{"-1.5", -1500 * time.Millisecond},
		{"4.2e-05", 42 * time.Microsecond},
		{"1.0000004999", time.Second},
		{"1.0000006", time.Second + time.Microsecond},
		{"1E2", 100 * time.Second},
		{"null", 0},
		{"-0.000001", -time.Microsecond},
		{"9223372036.854775", math.MaxInt64 / 1000 * 1000},
		{"1.4000000000000001", 1400 * time.Millisecond},
	} {
		t.Run(tt.json, func(t *testing.T) {
			events, err := readAll(`{"v":1,"kind":"stats","conn":1,"time":null,"t":` + tt.json + "}")
			if err != io.EOF {
				t.Fatal(err)
			}
			if got := time.Duration(events[0].Common().T); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if at := events[0].Common().Time; !at.IsZero() {
				t.Errorf("null is the time %s", at)
			}
		})
	}
}

// TestReaderSplitsDetails checks that what is secret in the detail of a problem can
// be told from its text again.
func TestReaderSplitsDetails(t *testing.T) {
	p := NewProblem(codec.ErrFieldWithoutColon.Code, codec.RoleClient, "Authorization s3cret")
	p.Conn = 1
	events, err := readAll(write(t, Writer{ShowSecrets: true}, p))
	if err != io.EOF {
		t.Fatal(err)
	}
	if got := write(t, Writer{}, events[0]); strings.Contains(got, "s3cret") {
		t.Errorf("the secret is shown: %s", got)
	}
	if got := write(t, Writer{ShowSecrets: true}, events[0]); !strings.Contains(got, "s3cret") {
		t.Errorf("the detail is lost: %s", got)
	}
}

// TestReaderWithoutPayload checks what is told of events whose content, or whose
// message, is not in the trace.
func TestReaderWithoutPayload(t *testing.T) {
	h := codec.Header{Fin: true, Opcode: codec.OpText, RSV: codec.RSV1, Form: 7, Length: 9}
	closing := func(payload string) *Frame {
		h := codec.Header{Fin: true, Opcode: codec.OpClose, Form: 7, Length: uint64(len(payload))}
		return &Frame{N: 1, Header: h, Payload: []byte(payload), Close: NewCloseFrame([]byte(payload))}
	}
	m := &Message{Msg: 1, Opcode: codec.OpText, Data: []byte("hello"), Size: 5, Compressed: true, Wire: 9, Frames: []int{1}}
	frame := &Frame{N: 1, Msg: 1, Header: h, Compressed: true, Payload: []byte("123456789"), Message: m}
	for _, tt := range []struct {
		name  string
		w     Writer
		event Event
		want  string // a part of the text
	}{
		{name: "a compressed frame without its message", event: frame, want: "9 → 5 B  \"hello\"\n"},
		{name: "the same without content", w: Writer{NoPayload: true}, event: frame, want: "9 → 5 B\n            … +5 bytes\n"},
		{name: "an unreliable message", w: Writer{NoPayload: true}, event: m, want: "9 → 5 B, not reliable\n            … +5 bytes\n"},
		{
			name: "one that could not be inflated", w: Writer{NoPayload: true}, want: "9 B that cannot be inflated\n",
			event: &Message{Msg: 1, Opcode: codec.OpText, Compressed: true, Wire: 9},
		},
		{name: "a close frame", w: Writer{NoPayload: true}, event: closing("\x03\xE8bye"), want: "1000 normal closure \"bye\"\n"},
		{name: "one that says 1005", w: Writer{NoPayload: true}, event: closing("\x03\xED"), want: "1005 no status received\n"},
		{name: "one without code", w: Writer{NoPayload: true}, event: closing(""), want: "no code\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.event.Common().Conn = 1
			events, err := readAll(write(t, tt.w, tt.event))
			if err != io.EOF {
				t.Fatal(err)
			}
			var out strings.Builder
			if err := NewText(&out).Write(events[0]); err != nil {
				t.Fatal(err)
			}
			if got := out.String(); !strings.HasSuffix(got, tt.want) {
				t.Errorf("got %q, want %q at its end", got, tt.want)
			}
		})
	}
}

// FuzzReader reads any bytes as a trace: it ends without a panic, what is read can be
// shown, and what is written of it is read again as the same.
func FuzzReader(f *testing.F) {
	for _, e := range readerSession() {
		f.Add(write(f, Writer{}, e))
	}
	f.Add(`{"v":1,"kind":"frame","conn":1,"from":"server","n":5,"opcode":8,"length_form":7,"close":{"code":1000}}`)
	f.Add(jsonOf(f, Writer{}, readerSession()...))
	f.Add(jsonOf(f, Writer{NoPayload: true}, readerSession()...))
	f.Fuzz(func(t *testing.T, lines string) {
		events, err := readAll(lines)
		var format *FormatError
		if err != io.EOF && !errors.As(err, &format) {
			t.Fatalf("got %v", err)
		}
		text := NewText(io.Discard)
		text.Headers, text.Stats, text.Width = true, true, 80
		for _, e := range events {
			if err := text.Write(e); err != nil {
				t.Fatal(err)
			}
		}
		written := jsonOf(t, Writer{ShowSecrets: true}, events...)
		again, err := readAll(written)
		if err != io.EOF {
			t.Fatalf("%v in what was written:\n%s", err, written)
		}
		if got := jsonOf(t, Writer{ShowSecrets: true}, again...); got != written {
			t.Errorf("written again:\n%s\nwant\n%s", got, written)
		}
	})
}
