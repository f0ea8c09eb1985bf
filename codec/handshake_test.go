package codec

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// The key and the accept of RFC 6455 §1.3.
const (
	rfcKey    = "dGhlIHNhbXBsZSBub25jZQ=="
	rfcAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
)

var rfcNonce = [16]byte([]byte("the sample nonce"))

func TestAcceptKey(t *testing.T) {
	tests := []struct{ name, key, want string }{
		{name: "RFC 6455 §1.3", key: rfcKey, want: rfcAccept},
		{name: "empty", key: "", want: "Kfh9QIsMVZcl6xEPYxPHzW8SZ8w="},
		{name: "longer than a key", key: rfcKey + rfcKey, want: "0mi0nArQh5igP1yImiQxBl21Yaw="},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := AcceptKey(tt.key); got != tt.want {
				t.Errorf("AcceptKey(%q) = %q, want %q", tt.key, got, tt.want)
			}
		})
	}
}

func TestAppendAcceptKeyDoesNotAllocate(t *testing.T) {
	dst := []byte("Sec-WebSocket-Accept: ")
	buf := make([]byte, 0, 64)
	allocs := testing.AllocsPerRun(100, func() { buf = AppendAcceptKey(append(buf[:0], dst...), rfcKey) })
	if allocs != 0 {
		t.Errorf("AppendAcceptKey allocated %v times, want 0", allocs)
	}
	if got, want := string(buf), string(dst)+rfcAccept; got != want {
		t.Errorf("AppendAcceptKey = %q, want %q", got, want)
	}
}

// TestHandshakeBothRoles lets our client and our server shake hands over the wire.
func TestHandshakeBothRoles(t *testing.T) {
	client := ClientHandshake{
		Target:    "/chat?room=1",
		Host:      "example.com",
		Nonce:     rfcNonce,
		UserAgent: "wskit",
		Origin:    "http://example.com",
		Protocols: []string{"v2", "v1"},
		Deflate:   &DeflateConfig{ServerNoContextTakeover: true},
		Fields:    []Field{{"X-Trace", "7"}},
	}
	sent, err := client.Head()
	if err != nil {
		t.Fatal(err)
	}
	const wire = "GET /chat?room=1 HTTP/1.1\r\nHost: example.com\r\nConnection: Upgrade\r\nUser-Agent: wskit\r\n" +
		"Upgrade: websocket\r\nOrigin: http://example.com\r\nSec-WebSocket-Version: 13\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
		"Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_max_window_bits\r\n" +
		"Sec-WebSocket-Protocol: v2, v1\r\nX-Trace: 7\r\n\r\n"
	if got := string(AppendHead(nil, sent)); got != wire {
		t.Fatalf("request:\n%q\nwant\n%q", got, wire)
	}
	received, n, err := ParseHead([]byte(wire))
	if err != nil || n != len(wire) {
		t.Fatalf("ParseHead: n %d, error %v; want %d, nil", n, err, len(wire))
	}
	req, err := CheckRequest(&received, nil)
	if err != nil {
		t.Fatal(err)
	}
	if req.Target != "/chat?room=1" || req.Host != "example.com" || req.Key != rfcKey || !slices.Equal(req.Protocols, []string{"v2", "v1"}) {
		t.Errorf("CheckRequest = %+v", req)
	}
	server := ServerHandshake{
		Protocol: SelectProtocol([]string{"v1", "v2"}, req.Protocols),
		Deflate:  &DeflateConfig{ClientMaxWindowBits: 10},
		Fields:   []Field{{"Server", "wskit"}},
	}
	answer, agreed, err := server.Accept(&req)
	if err != nil {
		t.Fatal(err)
	}
	const answerWire = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: v1\r\n" +
		"Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_max_window_bits=10\r\nServer: wskit\r\n\r\n"
	if got := string(AppendHead(nil, answer)); got != answerWire {
		t.Fatalf("response:\n%q\nwant\n%q", got, answerWire)
	}
	checked, err := client.Check(&answer)
	if err != nil {
		t.Fatal(err)
	}
	want := Deflate{ServerNoContextTakeover: true, ServerMaxWindowBits: 15, ClientMaxWindowBits: 10}
	if agreed.Protocol != "v1" || agreed.Deflate == nil || *agreed.Deflate != want || len(agreed.Extensions) != 1 {
		t.Errorf("the server agreed on %+v, want v1 and %+v", agreed, want)
	}
	if !reflect.DeepEqual(checked, agreed) {
		t.Errorf("the client agreed on %+v, the server on %+v", checked, agreed)
	}
}

func TestHandshakeErrorUnwraps(t *testing.T) {
	_, _, err := ParseHead([]byte("GET / HTTP/1.1\r\nHost\r\n\r\n"))
	var e *HandshakeError
	if !errors.As(err, &e) || !errors.Is(err, ErrFieldWithoutColon) {
		t.Fatalf("error %v is no *HandshakeError that unwraps to its violation", err)
	}
	if got, want := e.Error(), `a header line needs a colon: line 2 (RFC 9112 §5)`; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
	if e.Violation.Status != 400 || e.Status != 0 {
		t.Errorf("status %d of the rule and %d of a refusal, want 400 and 0", e.Violation.Status, e.Status)
	}
	if got, want := (&HandshakeError{Violation: ErrKeyMissing}).Error(), ErrKeyMissing.Error(); got != want {
		t.Errorf("Error() without detail = %q, want %q", got, want)
	}
}

func TestViolationsAreComplete(t *testing.T) {
	codes := make(map[string]bool)
	for _, v := range Violations() {
		if v.Code == "" || codes[v.Code] {
			t.Errorf("code %q is empty or used twice", v.Code)
		}
		codes[v.Code] = true
		if !strings.HasPrefix(v.Section, "RFC ") || !strings.Contains(v.Section, " §") {
			t.Errorf("%s: section %q", v.Code, v.Section)
		}
		if v.Reason == "" || len(v.Reason) > MaxCloseReason {
			t.Errorf("%s: reason %q does not fit a close frame", v.Code, v.Reason)
		}
		if v.Close != 0 && v.Status != 0 {
			t.Errorf("%s: a close code and a status", v.Code)
		}
	}
}

func BenchmarkAppendAcceptKey(b *testing.B) {
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = AppendAcceptKey(buf[:0], rfcKey)
	}
}
