package trace

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode"

	"wskit/codec"
)

// write returns e as w writes it.
func write(t testing.TB, w Writer, e Event) string {
	t.Helper()
	var b strings.Builder
	w.w = &b
	if err := w.Write(e); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestWriter holds the format: names, order and forms.
func TestWriter(t *testing.T) {
	at := Base{Conn: 2, Time: Time{time.UnixMicro(1700000000_000042)}, T: Seconds(1500 * time.Microsecond)}
	ping := codec.Header{Fin: true, Opcode: codec.OpPing, Masked: true, Key: codec.MaskKey{1, 2, 3, 4}, Form: 7, Length: 2}
	size := func(h codec.Header, n uint64) codec.Header {
		h.Length = n
		return h
	}
	for _, tt := range []struct {
		name  string
		w     Writer
		event Event
		want  string
	}{
		{
			name: "open",
			event: &Open{
				Base: at, Role: "client", URL: "ws://h/", Src: "a:1", Dst: "b:2", HTTPVersion: "HTTP/1.1", Status: 101,
				TLS: &TLS{Version: "TLS 1.3", Cipher: "C", ALPN: "http/1.1", SNI: "h", Peer: &Certificate{
					Subject: "CN=h", NotBefore: time.Unix(0, 0).UTC(), NotAfter: time.Unix(1, 0).UTC(),
				}},
				Request:     &Head{Start: "GET / HTTP/1.1", Headers: [][2]string{{"Host", "h"}}},
				Response:    &Head{Start: "HTTP/1.1 101 S", Headers: [][2]string{}},
				AcceptValid: true, Subprotocol: "p", SubprotocolsOffered: []string{"p", "q"},
				Extensions: &Extensions{Offered: []Extension{{Name: "x", Params: [][2]string{{"a", "1"}}}}, Agreed: []Extension{}},
				Deflate:    &codec.Deflate{},
				DNS:        Millis(time.Millisecond), Connect: Millis(2 * time.Microsecond), TLSTime: Millis(time.Second), Handshake: Millis(1),
			},
			want: `{"v":1,"kind":"open","conn":2,"time":1700000000.000042,"t":0.001500,"role":"client","url":"ws://h/",` +
				`"src":"a:1","dst":"b:2","http_version":"HTTP/1.1","tls":{"version":"TLS 1.3","cipher":"C","alpn":"http/1.1",` +
				`"sni":"h","peer":{"subject":"CN=h","not_before":"1970-01-01T00:00:00Z","not_after":"1970-01-01T00:00:01Z"}},` +
				`"request":{"start":"GET / HTTP/1.1","headers":[["Host","h"]]},"response":{"start":"HTTP/1.1 101 S","headers":[]},` +
				`"status":101,"accept_valid":true,"subprotocol":"p","subprotocols_offered":["p","q"],` +
				`"extensions":{"offered":[{"name":"x","params":[["a","1"]]}],"agreed":[]},` +
				`"dns_ms":1.000,"connect_ms":0.002,"tls_ms":1000.000,"handshake_ms":0.000}`,
		},
		{
			name:  "ping",
			event: &Frame{Base: at, From: codec.RoleClient, N: 3, Header: ping, Payload: []byte("hi")},
			want: `{"v":1,"kind":"frame","conn":2,"time":1700000000.000042,"t":0.001500,"from":"client","n":3,"fin":true,"rsv":0,` +
				`"compressed":false,"opcode":9,"opcode_name":"ping","mask":true,"masking_key":"01020304","payload_length":2,` +
				`"length_form":7,"header_hex":"898201020304","wire_bytes":8,"size":2,"payload":"hi","encoding":"utf8"}`,
		},
		{
			name: "pong at once, without a clock",
			event: &Frame{
				Base: Base{Conn: 1}, N: 4, Header: codec.Header{Fin: true, Opcode: codec.OpPong, Form: 7}, Answers: 3,
			},
			want: `{"v":1,"kind":"frame","conn":1,"t":0.000000,"from":"server","n":4,"fin":true,"rsv":0,` +
				`"compressed":false,"opcode":10,"opcode_name":"pong","mask":false,"payload_length":0,` +
				`"length_form":7,"header_hex":"8a00","wire_bytes":2,"answers":3,"rtt_ms":0.000,"size":0,"payload":"","encoding":"utf8"}`,
		},
		{
			name: "close",
			event: &Frame{
				Base: Base{Conn: 1}, N: 5, Header: codec.Header{Fin: true, Opcode: codec.OpClose, Form: 7, Length: 2},
				Payload: []byte{3, 0xE8}, Close: NewCloseFrame([]byte{3, 0xE8}),
			},
			want: `{"v":1,"kind":"frame","conn":1,"t":0.000000,"from":"server","n":5,"fin":true,"rsv":0,` +
				`"compressed":false,"opcode":8,"opcode_name":"close","mask":false,"payload_length":2,` +
				`"length_form":7,"header_hex":"8802","wire_bytes":4,"close":{"code":1000,"name":"normal closure","reason":""},` +
				`"size":2,"payload":"A+g=","encoding":"base64"}`,
		},
		{
			name: "compressed text",
			event: &Frame{
				Base: Base{Conn: 1}, N: 6, Header: codec.Header{Fin: true, RSV: 4, Opcode: codec.OpText, Form: 7, Length: 2},
				Compressed: true, Msg: 2, Payload: []byte{0xFF, 0}, Message: &Message{Opcode: codec.OpText, Data: []byte("<é>"), Size: 4},
			},
			want: `{"v":1,"kind":"frame","conn":1,"t":0.000000,"from":"server","n":6,"fin":true,"rsv":4,` +
				`"compressed":true,"opcode":1,"opcode_name":"text","mask":false,"payload_length":2,` +
				`"length_form":7,"header_hex":"c102","wire_bytes":4,"msg":2,"size":4,"text":"<é>","payload":"/wA=","encoding":"base64"}`,
		},
		{
			name: "cut off, and kept in part",
			event: &Frame{
				Base: Base{Conn: 1}, N: 6, Header: size(codec.Header{Opcode: codec.OpBinary, Form: 16}, 300),
				Msg: 1, Payload: []byte("ab"), Truncated: 5, Incomplete: true,
			},
			want: `{"v":1,"kind":"frame","conn":1,"t":0.000000,"from":"server","n":6,"fin":false,"rsv":0,` +
				`"compressed":false,"opcode":2,"opcode_name":"binary","mask":false,"payload_length":300,` +
				`"length_form":16,"header_hex":"027e012c","wire_bytes":11,"msg":1,"incomplete":true,"payload":"YWI=","encoding":"base64","truncated":5}`,
		},
		{
			name: "a frame without its payload", w: Writer{NoPayload: true},
			event: &Frame{
				Base: Base{Conn: 1}, N: 6, Header: codec.Header{Fin: true, Opcode: codec.OpText, Form: 7, Length: 1},
				Payload: []byte("x"), Truncated: 1, Message: &Message{Opcode: codec.OpText, Data: []byte("x"), Size: 1},
			},
			want: `{"v":1,"kind":"frame","conn":1,"t":0.000000,"from":"server","n":6,"fin":true,"rsv":0,` +
				`"compressed":false,"opcode":1,"opcode_name":"text","mask":false,"payload_length":1,` +
				`"length_form":7,"header_hex":"8101","wire_bytes":4,"size":1}`,
		},
		{
			name: "a part of a frame's content", w: Writer{MaxBytes: 3},
			event: &Frame{
				Base: Base{Conn: 1}, N: 6, Header: codec.Header{Fin: true, Opcode: codec.OpText, Form: 7, Length: 5},
				Payload: []byte("ab\u20ac"), Message: &Message{Opcode: codec.OpText, Data: []byte("ab\u20ac"), Size: 5},
			},
			want: `{"v":1,"kind":"frame","conn":1,"t":0.000000,"from":"server","n":6,"fin":true,"rsv":0,` +
				`"compressed":false,"opcode":1,"opcode_name":"text","mask":false,"payload_length":5,` +
				`"length_form":7,"header_hex":"8105","wire_bytes":7,"size":5,"text":"ab","payload":"ab","encoding":"utf8","truncated":3}`,
		},
		{
			name: "a part of a message's content", w: Writer{MaxBytes: 2},
			event: &Message{Base: Base{Conn: 1}, Msg: 1, Opcode: codec.OpBinary, Data: []byte{1, 0x80, 0x80}, Size: 4, Frames: []int{1}, Truncated: 1, Reliable: true},
			want: `{"v":1,"kind":"message","conn":1,"t":0.000000,"from":"server","msg":1,"opcode":2,"opcode_name":"binary",` +
				`"size":4,"frames":[1],"duration_ms":0.000,"reliable":true,"data":"AYA=","truncated":2}`,
		},
		{
			name: "text message",
			event: &Message{
				Base: Base{Conn: 1}, From: codec.RoleClient, Msg: 1, Opcode: codec.OpText, Data: []byte("a\x00\u0085\u202e\U000e0041\x7f"),
				Size: 12, Compressed: true, Wire: 5, Frames: []int{1, 4}, Duration: Millis(2 * time.Millisecond), Reliable: true, Truncated: 3,
			},
			want: `{"v":1,"kind":"message","conn":1,"t":0.000000,"from":"client","msg":1,"opcode":1,"opcode_name":"text","size":12,` +
				`"frames":[1,4],"compressed_bytes":5,"duration_ms":2.000,"reliable":true,"text":"a\u0000\u0085\u202e\udb40\udc41\u007f","truncated":3}`,
		},
		{
			name:  "binary message",
			event: &Message{Base: Base{Conn: 1}, Msg: 1, Opcode: codec.OpBinary, Data: []byte("ab"), Size: 2, Frames: []int{1}, Reliable: true},
			want: `{"v":1,"kind":"message","conn":1,"t":0.000000,"from":"server","msg":1,"opcode":2,"opcode_name":"binary","size":2,` +
				`"frames":[1],"duration_ms":0.000,"reliable":true,"data":"YWI="}`,
		},
		{
			name:  "text that is none",
			event: &Message{Base: Base{Conn: 1}, Msg: 1, Opcode: codec.OpText, Data: []byte("\xff"), Size: 1, Frames: []int{1}},
			want: `{"v":1,"kind":"message","conn":1,"t":0.000000,"from":"server","msg":1,"opcode":1,"opcode_name":"text","size":1,` +
				`"frames":[1],"duration_ms":0.000,"reliable":false,"data":"/w=="}`,
		},
		{
			name:  "empty binary message",
			event: &Message{Base: Base{Conn: 1}, Msg: 1, Opcode: codec.OpBinary, Frames: []int{1}, Reliable: true},
			want: `{"v":1,"kind":"message","conn":1,"t":0.000000,"from":"server","msg":1,"opcode":2,"opcode_name":"binary","size":0,` +
				`"frames":[1],"duration_ms":0.000,"reliable":true,"data":""}`,
		},
		{
			name: "a message without its content", w: Writer{NoPayload: true},
			event: &Message{Base: Base{Conn: 1}, Msg: 1, Opcode: codec.OpText, Data: []byte("x"), Size: 1, Frames: []int{1}, Reliable: true},
			want: `{"v":1,"kind":"message","conn":1,"t":0.000000,"from":"server","msg":1,"opcode":1,"opcode_name":"text","size":1,` +
				`"frames":[1],"duration_ms":0.000,"reliable":true}`,
		},
		{
			name: "problem",
			event: &Problem{
				Base: Base{Conn: 1}, From: codec.RoleClient, Code: "c", Severity: Error, RFC: "RFC 6455 §5.1", Frame: 3,
				Text: "wrong", Detail: "so wrong", Hint: "a mistake",
			},
			want: `{"v":1,"kind":"problem","conn":1,"t":0.000000,"from":"client","code":"c","severity":"error","rfc":"RFC 6455 §5.1",` +
				`"frame":3,"text":"wrong: so wrong","hint":"a mistake"}`,
		},
		{
			name: "end",
			event: &Close{
				Base: Base{Conn: 1}, By: "client", How: HowClose, Clean: true, Client: NewCloseFrame([]byte{0xF, 0xA0, 'x'}),
				Idle: Millis(time.Millisecond), Lost: 7, Verdict: "it ended",
			},
			want: `{"v":1,"kind":"close","conn":1,"t":0.000000,"by":"client","how":"close","clean":true,` +
				`"client":{"code":4000,"name":"private","reason":"x"},"server":null,"idle_ms":1.000,"lost_bytes":7,"verdict":"it ended"}`,
		},
		{
			name: "stats",
			event: &Stats{
				Base: Base{Conn: 1}, Client: Direction{
					Frames: 1, Messages: 2, Control: 3, Wire: 4, Inflated: 5, Size: &Percentiles{1, 2, 3, 4, 5},
					Gap: &Percentiles{1, .5, .5, .5, .5}, RTT: &Percentiles{},
				},
			},
			want: `{"v":1,"kind":"stats","conn":1,"t":0.000000,"client":{"frames":1,"messages":2,"control_frames":3,"wire_bytes":4,` +
				`"inflated_bytes":5,"size":{"count":1,"p50":2,"p90":3,"p99":4,"max":5},"gap_ms":{"count":1,"p50":0.5,"p90":0.5,"p99":0.5,"max":0.5},` +
				`"ping_rtt_ms":{"count":0,"p50":0,"p90":0,"p99":0,"max":0}},` +
				`"server":{"frames":0,"messages":0,"control_frames":0,"wire_bytes":0,"inflated_bytes":0}}`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := write(t, tt.w, tt.event); got != tt.want+"\n" {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// writerFunc counts the calls of Write, and fails them.
type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

// TestWriterWritesWhole checks that each line is one call, and that its error comes
// back.
func TestWriterWritesWhole(t *testing.T) {
	calls := 0
	fail := errors.New("full")
	w := NewWriter(writerFunc(func([]byte) (int, error) {
		calls++
		if calls > 1 {
			return 0, fail
		}
		return 1, nil
	}))
	if err := w.Write(&Stats{}); err != nil {
		t.Error(err)
	}
	if err := w.Write(&Stats{}); !errors.Is(err, fail) {
		t.Errorf("got %v, want %v", err, fail)
	}
	if calls != 2 {
		t.Errorf("%d calls, want 2", calls)
	}
}

func TestTimes(t *testing.T) {
	for _, tt := range []struct {
		name  string
		value json.Marshaler
		want  string
	}{
		{name: "epoch", value: Time{time.Unix(0, 0)}, want: "0.000000"},
		{name: "before the epoch", value: Time{time.Unix(-2, 500_000_000)}, want: "-1.500000"},
		{name: "seconds", value: Seconds(90*time.Second + 1999*time.Nanosecond), want: "90.000001"},
		{name: "backwards", value: Seconds(-1500 * time.Microsecond), want: "-0.001500"},
		{name: "milliseconds", value: Millis(1234567 * time.Nanosecond), want: "1.234"},
	} {
		got, err := tt.value.MarshalJSON()
		if err != nil || string(got) != tt.want {
			t.Errorf("%s: got %s, %v, want %s", tt.name, got, err, tt.want)
		}
	}
}

// FuzzWriter checks that every line is one JSON object that says what the event
// says, in characters that no terminal obeys.
func FuzzWriter(f *testing.F) {
	f.Add([]byte("plain"), "GET /?token=x HTTP/1.1", uint8(1))
	f.Add([]byte("\xff\x00\u009b\u2066"), "\x1b[2J\u202e", uint8(2))
	f.Fuzz(func(t *testing.T, data []byte, s string, op uint8) {
		for _, e := range []Event{
			&Open{Request: &Head{Start: s, Headers: [][2]string{{s, s}}}, URL: s, Subprotocol: s},
			&Frame{Header: codec.Header{Opcode: codec.Opcode(op & 15), Form: 64, Length: uint64(len(data))}, Payload: data},
			&Message{Opcode: codec.Opcode(op & 3), Data: data},
			&Problem{Text: s, Detail: s}, &Close{Client: NewCloseFrame(data), Verdict: s},
		} {
			line := write(t, Writer{}, e)
			body := strings.TrimSuffix(line, "\n")
			if body == line || !json.Valid([]byte(body)) {
				t.Fatalf("not a line of JSON: %q", line)
			}
			if i := strings.IndexFunc(body, func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) }); i >= 0 {
				t.Fatalf("unsafe at byte %d of %q", i, body)
			}
			var got struct {
				Text, Data, Payload *string
				Encoding            string
			}
			if err := json.Unmarshal([]byte(body), &got); err != nil {
				t.Fatal(err)
			}
			if _, ok := e.(*Frame); ok && got.Encoding == "utf8" && *got.Payload != string(data) {
				t.Errorf("got %q, want %q", *got.Payload, data)
			}
			if _, ok := e.(*Message); ok && (got.Text == nil) == (got.Data == nil) {
				t.Errorf("text or data: %s", body)
			}
		}
	})
}
