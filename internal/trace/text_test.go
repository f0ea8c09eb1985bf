package trace

import (
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"wskit/codec"
	"wskit/internal/term"
)

// textMessage returns the frame of a message in one frame.
func textMessage(n int, from codec.Role, op codec.Opcode, data string) *Frame {
	h := codec.Header{Fin: true, Opcode: op, Length: uint64(len(data))}
	if from == codec.RoleClient {
		h.Masked, h.Key = true, codec.MaskKey{0xA, 0xB, 0xC, byte(n)}
	}
	m := &Message{From: from, Msg: n, Opcode: op, Data: []byte(data), Size: h.Length, Frames: []int{n}, Reliable: true}
	return &Frame{From: from, N: n, Header: h, Msg: n, Payload: m.Data, Message: m, Base: Base{T: Seconds(time.Duration(n) * time.Second)}}
}

// TestText checks what the captures of package inspect do not show.
func TestText(t *testing.T) {
	json := `{"list":[` + strings.Repeat(`"entry",`, 20) + `"last"],"n":1}`
	long := strings.Repeat("word ", 40)
	open := &Open{
		Base: Base{Conn: 1}, URL: "wss://h/", Src: "1.2.3.4:5", Dst: "6.7.8.9:443", HTTPVersion: "HTTP/1.1", Status: 101, AcceptValid: false,
		TLS:     &TLS{Version: "TLS 1.3", Cipher: "TLS_AES_128_GCM_SHA256", ALPN: "http/1.1", SNI: "h", Peer: &Certificate{Subject: "CN=h", NotAfter: time.Date(2030, 1, 2, 0, 0, 0, 0, time.UTC)}},
		Request: &Head{Start: "GET / HTTP/1.1", Headers: [][2]string{{"Authorization", "Bearer x"}}}, Response: &Head{Start: "HTTP/1.1 101 Switching"},
		SubprotocolsOffered: []string{"a"}, Extensions: &Extensions{Offered: []Extension{{Name: "permessage-deflate"}}},
		DNS: Millis(time.Millisecond), Connect: Millis(12 * time.Millisecond), TLSTime: Millis(345 * time.Millisecond), Handshake: Millis(1100 * time.Millisecond),
	}
	for _, tt := range []struct {
		name   string
		text   Text
		events []Event
		want   string
	}{
		{
			name: "handshake over TLS", events: []Event{open},
			want: "#1 wss://h/   1.2.3.4:5 → 6.7.8.9:443   HTTP/1.1\n" +
				"   GET / → 101 in 1.1 s   accept ✗   no subprotocol (offered 1)\n" +
				"   TLS 1.3 TLS_AES_128_GCM_SHA256   alpn http/1.1   sni h   CN=h until 2030-01-02\n" +
				"   permessage-deflate offered, declined\n" +
				"   dns 1.0 ms   connect 12 ms   tls 345 ms\n",
		},
		{
			name: "headers, on narrow lines", text: Text{Headers: true, Width: 40}, events: []Event{open},
			want: "#1 wss://h/   1.2.3.4:5 → 6.7.8.9:443\n" +
				"   HTTP/1.1\n" +
				"   GET / → 101 in 1.1 s   accept ✗\n" +
				"   no subprotocol (offered 1)\n" +
				"   TLS 1.3 TLS_AES_128_GCM_SHA256\n" +
				"   alpn http/1.1   sni h\n" +
				"   CN=h until 2030-01-02\n" +
				"   permessage-deflate offered, declined\n" +
				"   dns 1.0 ms   connect 12 ms\n" +
				"   tls 345 ms\n" +
				"   → GET / HTTP/1.1\n" +
				"   → Authorization: Bearer [redacted]\n" +
				"   ← HTTP/1.1 101 Switching\n",
		},
		{
			name: "a refusal",
			events: []Event{&Open{
				Base: Base{Conn: 2}, Status: 403, Handshake: Millis(time.Millisecond), HTTPVersion: "HTTP/1.1",
				Request:  &Head{Start: "GET /x HTTP/1.1", Headers: [][2]string{{"Host", "h"}}},
				Response: &Head{Start: "HTTP/1.1 403 Forb\x1b[31midden", Headers: [][2]string{{"Server", "s\u202e"}}},
			}},
			want: "#2 HTTP/1.1\n   GET /x → 403 Forb\\x1b[31midden in 1.0 ms\n" +
				"   ← HTTP/1.1 403 Forb\\x1b[31midden\n   ← Server: s\\u{202e}\n",
		},
		{
			name: "no answer", events: []Event{&Open{Base: Base{Conn: 1}, URL: "ws://h/"}},
			want: "#1 ws://h/\n   → no response\n",
		},
		{
			name: "colour", text: Text{Palette: term.NewPalette(true)},
			events: []Event{textMessage(1, codec.RoleServer, codec.OpText, "\x1b[31m"), NewProblem(ZeroMaskKey, codec.RoleClient, "")},
			want: "\x1b[2m   +1.000  \x1b[22m\x1b[36m←\x1b[0m  1 \x1b[35mtext  \x1b[0m F                 5 B  \"\\x1b[31m\"\n" +
				"  \x1b[2m· zero-mask-key\x1b[22m  the mask key is all zero: the payload goes out as it is (RFC 6455 §5.3)\n",
		},
		{
			name:   "JSON in auto view",
			text:   Text{Width: 60},
			events: []Event{textMessage(1, codec.RoleServer, codec.OpText, `{"a":1}`), textMessage(2, codec.RoleServer, codec.OpText, json)},
			want: "   +1.000  ←  1 text   F        7 B  {\"a\": 1}\n" +
				"   +2.000  ←  2 text   F      183 B\n" +
				"            {\"list\":[\"entry\",\"entry\",\"entry\",\"entry\",\"entry\"\n" +
				"            ,\"entry\",\"entry\",\"entry\",\"entry\",\"entry\",\"entry\"\n" +
				"            ,\"entry\",\"entry\",\"entry\",\"entry\",\"entry\",\"entry\"\n" +
				"            … +39 bytes\n",
		},
		{
			name: "JSON laid out", text: Text{Width: 40, Payload: PayloadPretty},
			events: []Event{textMessage(1, codec.RoleServer, codec.OpText, `{"list":[1,2],"text":"some","more":"words"}`)},
			want: "   +1.000  ←  1 text   F       43 B\n" +
				"            {\n              \"list\": [1, 2],\n              \"text\": \"some\",\n              \"more\": \"words\"\n            }\n",
		},
		{
			name: "some bytes of a text", text: Text{Width: 60, MaxBytes: 6},
			events: []Event{textMessage(1, codec.RoleServer, codec.OpText, "héllöö")},
			want:   "   +1.000  ←  1 text   F        9 B\n            héll\n            … +4 bytes\n",
		},
		{
			name: "text in lines", text: Text{Payload: PayloadText},
			events: []Event{textMessage(1, codec.RoleServer, codec.OpText, "one\ntwo\x07\n"), textMessage(2, codec.RoleServer, codec.OpBinary, "\xff!")},
			want: "   +1.000  ←  1 text   F                 9 B\n            one\n            two\\x07\n" +
				"   +2.000  ←  2 binary F                 2 B\n            \\xff!\n",
		},
		{
			name: "text as a dump, indented as the width allows", text: Text{Payload: PayloadHex, Width: 80},
			events: []Event{
				textMessage(1, codec.RoleServer, codec.OpText, "hi"), textMessage(2, codec.RoleServer, codec.OpBinary, "0123456789abcdef"),
			},
			want: "   +1.000  ←  1 text   F                 2 B\n            00000000  68 69   hi\n" +
				"   +2.000  ←  2 binary F                16 B\n   00000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66   0123456789abcdef\n",
		},
		{
			name: "no content", text: Text{Payload: PayloadNone},
			events: []Event{textMessage(1, codec.RoleServer, codec.OpText, "hi"), textMessage(2, codec.RoleServer, codec.OpBinary, "hi")},
			want:   "   +1.000  ←  1 text   F                 2 B\n   +2.000  ←  2 binary F                 2 B\n",
		},
		{
			name: "messages only", text: Text{Messages: true, Width: 70},
			events: []Event{
				textMessage(1, codec.RoleServer, codec.OpText, "not shown"),
				textMessage(2, codec.RoleClient, codec.OpText, "a short one").Message,
				&Message{Msg: 3, Opcode: codec.OpText, Data: []byte(long), Size: 200, Frames: []int{1, 2}, Duration: Millis(time.Second), Reliable: true},
			},
			want: "   +0.000  →  2 text      11 B  \"a short one\"\n" +
				"   +0.000  ←  3 text     200 B  message 3: 2 frames, 200 B, 1.0 s\n" +
				"            word word word word word word word word word word word wor\n" +
				"            d word word word word word word word word word word word w\n" +
				"            ord word word word word word word word word word word word\n" +
				"            … +26 bytes\n",
		},
		{
			name: "no control frames", text: Text{NoControl: true},
			events: []Event{
				&Frame{N: 1, Header: codec.Header{Fin: true, Opcode: codec.OpPing}},
				&Frame{N: 2, Header: codec.Header{Fin: true, Opcode: 0xB}},
			},
			want: "   +0.000  ←  2 0xB    F                 0 B\n",
		},
		{
			name: "two messages at once",
			events: []Event{
				&Frame{N: 1, Msg: 1, From: codec.RoleServer, Header: codec.Header{Opcode: codec.OpText, Length: 1}},
				&Frame{N: 2, Msg: 2, From: codec.RoleClient, Header: codec.Header{Opcode: codec.OpText, Length: 1}},
				&Frame{N: 3, Msg: 1, From: codec.RoleServer, Header: codec.Header{Opcode: codec.OpContinuation, Length: 1}},
				&Frame{N: 4, Msg: 1, From: codec.RoleServer, Header: codec.Header{Fin: true, Opcode: codec.OpContinuation, Length: 1}},
				&Frame{N: 5, Msg: 2, From: codec.RoleClient, Header: codec.Header{Opcode: codec.OpContinuation, Length: 9}, Incomplete: true},
			},
			want: "   +0.000  ←  1 text   ·                 1 B  ┌  message 1\n" +
				"   +0.000  →  2 text   ·                 1 B  ┌  message 2\n" +
				"   +0.000  ←  3 cont   ·                 1 B  │  of message 1\n" +
				"   +0.000  ←  4 cont   F                 1 B  └  message 1 was given up\n" +
				"   +0.000  →  5 cont   ·                 9 B  └  0 of 9 bytes, then the stream ended\n",
		},
		{
			name: "a message that could not be inflated",
			events: []Event{&Frame{N: 1, Msg: 1, Header: codec.Header{Fin: true, RSV: 4, Opcode: codec.OpText, Length: 5}, Compressed: true, Message: &Message{
				Compressed: true, Wire: 5, Frames: []int{1},
			}}},
			want: "   +0.000  ←  1 text   F1··              5 B  5 B that cannot be inflated\n",
		},
		{
			name: "hints come once",
			events: []Event{
				NewProblem("message-too-big", codec.RoleClient, ""), NewProblem("message-too-big", codec.RoleClient, "it is 2 B"),
				NewProblem("key-missing", codec.RoleClient, ""),
			},
			want: "  ! message-too-big  the message is larger than the limit (RFC 6455 §10.4): the server closes with 1009\n" +
				"    usually: a large file or list sent as one message\n" +
				"  ! message-too-big  the message is larger than the limit: it is 2 B (RFC 6455 §10.4): the server closes with 1009\n" +
				"  ✗ key-missing  a handshake needs a Sec-WebSocket-Key header (RFC 6455 §4.1): the server answers 400\n" +
				"    usually: a proxy that drops the header, or curl without it\n",
		},
		{
			name: "figures, when asked for", events: []Event{&Stats{}}, want: "",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var b strings.Builder
			tt.text.w = &b
			for _, e := range tt.events {
				if err := tt.text.Write(e); err != nil {
					t.Fatal(err)
				}
			}
			if got := b.String(); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

func TestPayloadView(t *testing.T) {
	for v := PayloadAuto; v <= PayloadPretty; v++ {
		var got PayloadView
		if err := got.Set(v.String()); err != nil || got != v {
			t.Errorf("%s: got %s, %v", v, got, err)
		}
	}
	v := PayloadHex
	if err := v.Set("Hex"); err == nil || v != PayloadHex {
		t.Errorf("got %s, %v", v, err)
	}
}

func TestFormatDuration(t *testing.T) {
	for _, tt := range []struct {
		d    time.Duration
		want string
	}{
		{0, "0.00 ms"},
		{85 * time.Microsecond, "0.09 ms"},
		{4100 * time.Microsecond, "4.1 ms"},
		{62 * time.Millisecond, "62 ms"},
		{1500 * time.Millisecond, "1.5 s"},
		{60 * time.Second, "60.0 s"},
		{5*time.Minute + 400*time.Millisecond, "5m0s"},
	} {
		if got := FormatDuration(tt.d); got != tt.want {
			t.Errorf("%v: got %q, want %q", tt.d, got, tt.want)
		}
	}
}

// FuzzText checks that nothing a peer sent reaches a terminal as it is, and that no
// line is longer than the terminal.
func FuzzText(f *testing.F) {
	f.Add([]byte("plain"), "chat", uint8(0x81), uint8(80), uint8(0))
	f.Add([]byte("{\"a\":\"\x1b[2J\u202e\"}\n"), "\x1b]0;x\x07", uint8(0x82), uint8(100), uint8(4))
	f.Add([]byte("\x03\xe8\u009bx"), "日本語 日本語", uint8(0x88), uint8(200), uint8(1))
	f.Fuzz(func(t *testing.T, data []byte, s string, b0, width, view uint8) {
		h, _, _ := codec.ParseHeader(append([]byte{b0, 127}, "\x00\x00\x00\x00\x00\xFF\xFF\xFF"...))
		m := &Message{Msg: 1, Opcode: codec.Opcode(1 + b0&1), Data: data, Size: uint64(len(data)), Frames: []int{1, 2}}
		events := []Event{
			&Open{URL: s, Request: &Head{Start: s}, Response: &Head{Start: s, Headers: [][2]string{{s, s}}}, Subprotocol: s, HTTPVersion: s},
			&Frame{Header: h, Payload: data, Msg: 1},
			&Frame{Header: h, Payload: data, Msg: 1, Message: m},
			&Frame{Header: h, Payload: data}, m,
			&Frame{Header: codec.Header{Opcode: codec.OpClose}, Payload: data, Close: NewCloseFrame(data)},
			&Problem{Code: "reserved-bits", Severity: Error, Text: s, Detail: s, Hint: s, RFC: "RFC 6455 §5.2"},
			&Close{Verdict: s},
		}
		for _, text := range []Text{{}, {Messages: true}, {Bits: true}} {
			var b strings.Builder
			text.w, text.Width, text.Payload = &b, 80+int(width), PayloadView(view%5)
			for _, e := range events {
				if err := text.Write(e); err != nil {
					t.Fatal(err)
				}
			}
			out := b.String()
			if i := strings.IndexFunc(out, func(r rune) bool {
				return r == utf8.RuneError && !strings.Contains(s+string(data), "\uFFFD") || r != '\n' && !unicode.IsPrint(r) && !unicode.Is(unicode.Zs, r)
			}); i >= 0 || !utf8.ValidString(out) {
				t.Fatalf("unsafe at byte %d of %q", i, out)
			}
			for line := range strings.SplitSeq(out, "\n") {
				if n := term.Cells(line); n > text.Width && text.Payload != PayloadPretty && !text.Bits {
					t.Errorf("%d cells on a line of %d: %q", n, text.Width, line)
				}
			}
		}
	})
}

// TestTextOfSeveralConnections checks that each event can be told to be of its
// connection, that what is known of one is kept apart, and that a message without
// its frames is shown.
func TestTextOfSeveralConnections(t *testing.T) {
	at := func(conn int, e Event) Event {
		e.Common().Conn = conn
		return e
	}
	begin := func(n int) *Frame {
		return &Frame{N: n, Msg: 1, Header: codec.Header{Opcode: codec.OpText, Length: 1}, Payload: []byte("a")}
	}
	middle := func(n int) *Frame {
		return &Frame{N: n, Msg: 1, Header: codec.Header{Opcode: codec.OpContinuation, Length: 1}, Payload: []byte("b")}
	}
	whole := textMessage(1, codec.RoleServer, codec.OpText, "x")
	var out strings.Builder
	text := NewText(&out)
	for _, e := range []Event{
		at(1, &Open{URL: "ws://a/"}), at(2, &Open{URL: "ws://b/"}), at(1, begin(1)), at(2, whole), at(2, whole.Message),
		at(1, middle(2)), at(2, &Stats{}), at(1, &Close{Verdict: "end of a"}), at(3, textMessage(7, codec.RoleClient, codec.OpText, "y").Message),
	} {
		if err := text.Write(e); err != nil {
			t.Fatal(err)
		}
	}
	const want = "#1 ws://a/\n   → no response\n" +
		"#2 ws://b/\n   → no response\n" +
		"#1\n   +0.000  ←  1 text   ·                 1 B  ┌  message 1\n" +
		"#2\n   +1.000  ←  1 text   F                 1 B  \"x\"\n" +
		"#1\n   +0.000  ←  2 cont   ·                 1 B  │\n" +
		"end of a\n" +
		"#3\n   +0.000  →  7 text       1 B  \"y\"\n"
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for n := range 10 * maxTextConns {
		if err := text.Write(at(n+1, begin(1))); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(text.conns); n > maxTextConns {
		t.Errorf("%d connections are remembered", n)
	}
}
