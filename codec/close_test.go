package codec_test

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"wskit/codec"
)

// mayBeSent says what RFC 6455 §7.4, and the registry that it founded, say of a
// close code on the wire.
func mayBeSent(code int) bool {
	switch {
	case code < 1000: // §7.4.2: not used
		return false
	case code == 1004: // §7.4.1: reserved, no meaning
		return false
	case code == 1005 || code == 1006 || code == 1015: // §7.4.1: must not be set by an endpoint
		return false
	case code < 1015: // §7.4.1, and 1012 to 1014 from the registry
		return true
	case code < 3000: // §7.4.2: for this protocol and its extensions, none defined
		return false
	}
	return code < 5000 // §7.4.2: for libraries and applications
}

func TestSendable(t *testing.T) {
	for code := range 1 << 16 {
		if got, want := codec.CloseCode(code).Sendable(), mayBeSent(code); got != want {
			t.Errorf("CloseCode(%d).Sendable() = %v, want %v", code, got, want)
		}
	}
}

func TestCloseCodeString(t *testing.T) {
	tests := []struct {
		code codec.CloseCode
		name string
		want string
	}{
		{code: 0, name: "", want: "0"},
		{code: 999, name: "", want: "999"},
		{code: 1000, name: "normal closure", want: "1000 normal closure"},
		{code: 1001, name: "going away", want: "1001 going away"},
		{code: 1002, name: "protocol error", want: "1002 protocol error"},
		{code: 1003, name: "unsupported data", want: "1003 unsupported data"},
		{code: 1004, name: "", want: "1004"},
		{code: 1005, name: "no status received", want: "1005 no status received"},
		{code: 1006, name: "abnormal closure", want: "1006 abnormal closure"},
		{code: 1007, name: "invalid payload data", want: "1007 invalid payload data"},
		{code: 1008, name: "policy violation", want: "1008 policy violation"},
		{code: 1009, name: "message too big", want: "1009 message too big"},
		{code: 1010, name: "mandatory extension", want: "1010 mandatory extension"},
		{code: 1011, name: "internal error", want: "1011 internal error"},
		{code: 1012, name: "service restart", want: "1012 service restart"},
		{code: 1013, name: "try again later", want: "1013 try again later"},
		{code: 1014, name: "bad gateway", want: "1014 bad gateway"},
		{code: 1015, name: "TLS handshake", want: "1015 TLS handshake"},
		{code: 1016, name: "", want: "1016"},
		{code: 2999, name: "", want: "2999"},
		{code: 3000, name: "registered", want: "3000 registered"},
		{code: 3999, name: "registered", want: "3999 registered"},
		{code: 4000, name: "private", want: "4000 private"},
		{code: 4999, name: "private", want: "4999 private"},
		{code: 5000, name: "", want: "5000"},
		{code: 65535, name: "", want: "65535"},
	}
	for _, tt := range tests {
		if got := tt.code.Name(); got != tt.name {
			t.Errorf("CloseCode(%d).Name() = %q, want %q", uint16(tt.code), got, tt.name)
		}
		if got := tt.code.String(); got != tt.want {
			t.Errorf("CloseCode(%d).String() = %q, want %q", uint16(tt.code), got, tt.want)
		}
	}
}

func TestParseClose(t *testing.T) {
	long := strings.Repeat("é", 61)
	tests := []struct {
		name    string
		payload string
		code    codec.CloseCode
		reason  string
		err     error
	}{
		{name: "empty", payload: "", code: 1005},
		{name: "one byte", payload: "\x03", code: 1005, err: codec.ErrShortClosePayload},
		{name: "code alone", payload: "\x03\xE8", code: 1000},
		{name: "code and reason", payload: "\x03\xE9bye", code: 1001, reason: "bye"},
		{name: "as long as can be", payload: "\x0F\xA0" + long, code: 4000, reason: long},
		{name: "code 0", payload: "\x00\x00", code: 0, err: codec.ErrInvalidCloseCode},
		{name: "no status on the wire", payload: "\x03\xED", code: 1005, err: codec.ErrInvalidCloseCode},
		{name: "abnormal on the wire", payload: "\x03\xEEx", code: 1006, reason: "x", err: codec.ErrInvalidCloseCode},
		{name: "5000", payload: "\x13\x88", code: 5000, err: codec.ErrInvalidCloseCode},
		{name: "bad reason", payload: "\x03\xE8a\xFF", code: 1000, reason: "a\xFF", err: codec.ErrInvalidUTF8Reason},
		{name: "rune cut in the reason", payload: "\x03\xE8\xE6\x97", code: 1000, reason: "\xE6\x97", err: codec.ErrInvalidUTF8Reason},
		{name: "both wrong", payload: "\xFF\xFF\xFF", code: 65535, reason: "\xFF", err: codec.ErrInvalidCloseCode},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			code, reason, err := codec.ParseClose([]byte(tt.payload))
			if code != tt.code || reason != tt.reason || err != tt.err {
				t.Errorf("ParseClose = %v, %q, %v; want %v, %q, %v", code, reason, err, tt.code, tt.reason, tt.err)
			}
		})
	}
}

func TestAppendClose(t *testing.T) {
	tests := []struct {
		name   string
		code   codec.CloseCode
		reason string
		want   string
	}{
		{name: "no status", code: codec.CloseNoStatus, reason: "lost", want: ""},
		{name: "zero", code: 0, reason: "lost", want: ""},
		{name: "code alone", code: 1000, want: "\x03\xE8"},
		{name: "illegal code as told", code: 5000, want: "\x13\x88"},
		{name: "reason that just fits", code: 1002, reason: strings.Repeat("x", 123), want: "\x03\xEA" + strings.Repeat("x", 123)},
		{name: "reason a byte too long", code: 1002, reason: strings.Repeat("x", 124), want: "\x03\xEA" + strings.Repeat("x", 123)},
		{name: "rune across the limit", code: 1002, reason: strings.Repeat("x", 122) + "é", want: "\x03\xEA" + strings.Repeat("x", 122)},
		{name: "long rune across the limit", code: 1002, reason: strings.Repeat("x", 120) + "😀!", want: "\x03\xEA" + strings.Repeat("x", 120)},
		{name: "rune up to the limit", code: 1002, reason: strings.Repeat("x", 121) + "é!", want: "\x03\xEA" + strings.Repeat("x", 121) + "é"},
		{name: "no rune begins", code: 1002, reason: strings.Repeat("\x80", 124), want: "\x03\xEA"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := codec.AppendClose([]byte("before"), tt.code, tt.reason)
			if want := "before" + tt.want; string(got) != want {
				t.Errorf("AppendClose = %q, want %q", got, want)
			}
			if len(got)-len("before") > codec.MaxControlPayload {
				t.Errorf("a payload of %d bytes does not fit a control frame", len(got))
			}
		})
	}
}

func FuzzClose(f *testing.F) {
	for _, seed := range []string{"", "\x03", "\x03\xE8", "\x03\xE8bye", "\x03\xED", "\x03\xE8\xE6\x97", "\xFF\xFF\xFF"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		payload = payload[:min(len(payload), codec.MaxControlPayload)]
		code, reason, err := codec.ParseClose(payload)
		wantErr := error(nil)
		switch {
		case len(payload) == 1:
			wantErr = codec.ErrShortClosePayload
		case len(payload) > 1 && !code.Sendable():
			wantErr = codec.ErrInvalidCloseCode
		case !utf8.ValidString(reason):
			wantErr = codec.ErrInvalidUTF8Reason
		}
		if err != wantErr {
			t.Fatalf("ParseClose(%x) error %v, want %v", payload, err, wantErr)
		}
		// What AppendClose cannot write: a lone byte, no code but a reason.
		if len(payload) != 1 && (code != 0 && code != codec.CloseNoStatus || len(payload) == 0) {
			if got := codec.AppendClose(nil, code, reason); !bytes.Equal(got, payload) {
				t.Fatalf("round trip gives %x, want %x", got, payload)
			}
		}
		// Any text makes a payload that keeps the rules.
		text := strings.ToValidUTF8(string(payload)+string(payload), "?")
		back := codec.AppendClose(nil, codec.CloseNormal, text)
		code, reason, err = codec.ParseClose(back)
		if len(back) > codec.MaxControlPayload || code != codec.CloseNormal || err != nil || !strings.HasPrefix(text, reason) {
			t.Fatalf("reason %q comes back as %v, %q, %v", text, code, reason, err)
		}
		if len(text)-len(reason) > 0 && len(reason) <= codec.MaxCloseReason-utf8.UTFMax {
			t.Fatalf("reason of %d bytes was cut to %d", len(text), len(reason))
		}
	})
}

// TestClosing plays closing handshakes from one endpoint's point of view.
func TestClosing(t *testing.T) {
	// A step either sends or receives a close frame, then looks at the state.
	type step struct {
		send    bool
		code    codec.CloseCode
		allowed bool            // Send's answer
		reply   codec.CloseCode // Receive's answers
		due     bool

		maySend, mayPong, complete bool
		sent, received             codec.CloseCode
	}
	tests := []struct {
		name  string
		steps []step
	}{
		{name: "we close first", steps: []step{
			{send: true, code: 1001, allowed: true, mayPong: true, sent: 1001},
			{code: 1001, reply: 1001, complete: true, sent: 1001, received: 1001},
		}},
		{name: "the peer closes first", steps: []step{
			{code: 1000, reply: 1000, due: true, maySend: true, received: 1000},
			{send: true, code: 1000, allowed: true, complete: true, sent: 1000, received: 1000},
		}},
		{name: "without a code", steps: []step{
			{code: codec.CloseNoStatus, reply: codec.CloseNoStatus, due: true, maySend: true, received: codec.CloseNoStatus},
			{send: true, code: codec.CloseNoStatus, allowed: true, complete: true, sent: codec.CloseNoStatus, received: codec.CloseNoStatus},
		}},
		{name: "zero is sent as an empty frame", steps: []step{
			{send: true, code: 0, allowed: true, mayPong: true, sent: codec.CloseNoStatus},
			{send: true, code: 1000, mayPong: true, sent: codec.CloseNoStatus},
		}},
		{name: "we close once", steps: []step{
			{send: true, code: 1000, allowed: true, mayPong: true, sent: 1000},
			{send: true, code: 1011, mayPong: true, sent: 1000},
		}},
		{name: "the peer closes twice", steps: []step{
			{code: 4001, reply: 4001, due: true, maySend: true, received: 4001},
			{code: 4002, reply: 4002, maySend: true, received: 4001},
		}},
		{name: "an illegal code is not echoed", steps: []step{
			{code: 5000, reply: codec.CloseProtocolError, due: true, maySend: true, received: 5000},
		}},
		{name: "a code for local use is not echoed", steps: []step{
			{code: codec.CloseAbnormal, reply: codec.CloseProtocolError, due: true, maySend: true, received: codec.CloseAbnormal},
		}},
		{name: "the code 0 on the wire is a close", steps: []step{
			{code: 0, reply: codec.CloseProtocolError, due: true, maySend: true, received: 0},
			{send: true, code: 1002, allowed: true, complete: true, sent: 1002},
			{code: 1000, reply: 1000, complete: true, sent: 1002},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var c codec.Closing
			if !c.MaySend() || !c.MayPong() || c.Complete() {
				t.Fatal("the zero value is not an open connection")
			}
			for i, want := range tt.steps {
				got := step{send: want.send, code: want.code}
				if want.send {
					got.allowed = c.Send(want.code)
				} else {
					got.reply, got.due = c.Receive(want.code)
				}
				got.maySend, got.mayPong, got.complete = c.MaySend(), c.MayPong(), c.Complete()
				got.sent, got.received = c.Sent, c.Received
				if got != want {
					t.Errorf("after step %d: got  %+v", i+1, got)
					t.Errorf("               want %+v", want)
				}
			}
		})
	}
}

// TestClosingNeverEchoesAnIllegalCode is A8 for all codes.
func TestClosingNeverEchoesAnIllegalCode(t *testing.T) {
	for n := range 1 << 16 {
		var c codec.Closing
		reply, due := c.Receive(codec.CloseCode(n))
		payload := codec.AppendClose(nil, reply, "")
		if _, _, err := codec.ParseClose(payload); !due || err != nil {
			t.Errorf("code %d is answered with %x, due %v: %v", n, payload, due, err)
		}
	}
}
