package codec

import (
	"math"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// FuzzRequestHandshake: whatever a client sends, the strict check stops at the
// first violation that the lenient one reports, and what it lets through our
// server can answer so that the client is content.
func FuzzRequestHandshake(f *testing.F) {
	f.Add(AppendHead(nil, validRequest))
	f.Add(AppendHead(nil, edit(validRequest, "GET http://h/ HTTP/1.0", nil, []Field{{"Sec-WebSocket-Protocol", "a, b"}, {"Content-Length", "1"}})))
	f.Add(AppendHead(nil, edit(validRequest, "", nil, []Field{{"Sec-WebSocket-Extensions", "permessage-deflate; server_max_window_bits=16, permessage-deflate; client_max_window_bits, x"}})))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, _, err := ParseHead(b)
		if err != nil {
			return
		}
		req, err := CheckRequest(&h, nil)
		var reports []*HandshakeError
		if _, err := CheckRequest(&h, func(e *HandshakeError) { reports = append(reports, e) }); err != nil {
			t.Fatalf("lenient: error %v", err)
		}
		sameFirst(t, err, reports)
		if err != nil {
			return
		}
		server := ServerHandshake{Deflate: &DeflateConfig{ServerMaxWindowBits: 12, ClientMaxWindowBits: 9}, Fields: []Field{{"Server", "wskit"}}}
		if n := len(req.Protocols); n > 0 {
			server.Protocol = SelectProtocol(req.Protocols[n-1:], req.Protocols)
		}
		answer, agreed, err := server.Accept(&req)
		if err != nil {
			t.Fatalf("Accept: %v", err)
		}
		received, _, err := ParseHead(AppendHead(nil, answer))
		if err != nil {
			t.Fatalf("the answer %q: %v", answer, err)
		}
		checked, err := CheckResponse(&req, &received, nil)
		if err != nil || !reflect.DeepEqual(checked, agreed) {
			t.Fatalf("the client agreed on %+v, %v; the server on %+v", checked, err, agreed)
		}
	})
}

// FuzzResponseHandshake: whatever a server answers, the strict check stops at the
// first violation that the lenient one reports, and it lets nothing through that
// was not offered.
func FuzzResponseHandshake(f *testing.F) {
	req := Request{Key: rfcKey, Protocols: []string{"v2", "v1"}, Extensions: []Extension{{Name: "x"}, OfferDeflate(DeflateConfig{ServerMaxWindowBits: 12})}}
	f.Add(AppendHead(nil, edit(validResponse, "", nil, []Field{{"Sec-WebSocket-Extensions", "permessage-deflate; server_max_window_bits=12; client_max_window_bits=9"}})))
	f.Add(AppendHead(nil, validResponse))
	f.Add(AppendHead(nil, edit(validResponse, "HTTP/1.0 101 x", []string{"Upgrade"}, []Field{{"Sec-WebSocket-Protocol", "v1"}})))
	f.Add([]byte("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\n\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, _, err := ParseHead(b)
		if err != nil {
			return
		}
		agreed, err := CheckResponse(&req, &h, nil)
		var reports []*HandshakeError
		if _, err := CheckResponse(&req, &h, func(e *HandshakeError) { reports = append(reports, e) }); err != nil {
			t.Fatalf("lenient: error %v", err)
		}
		sameFirst(t, err, reports)
		if err != nil {
			return
		}
		if h.Get("Sec-WebSocket-Accept") != rfcAccept {
			t.Fatalf("accept %q was let through", h.Get("Sec-WebSocket-Accept"))
		}
		for _, e := range agreed.Extensions {
			if e.Name != "x" && e.Name != DeflateName {
				t.Fatalf("extension %+v was let through", e)
			}
		}
		if d := agreed.Deflate; d != nil && d.WindowBits(RoleServer) > 12 {
			t.Fatalf("%+v was let through", d)
		}
		if agreed.Protocol != "" && !slices.Contains(req.Protocols, agreed.Protocol) {
			t.Fatalf("subprotocol %q was let through", agreed.Protocol)
		}
	})
}

// sameFirst checks that a strict check, which returned err, and a lenient one of
// the same head agree.
func sameFirst(t *testing.T, err error, reports []*HandshakeError) {
	t.Helper()
	if err == nil && len(reports) == 0 {
		return
	}
	if err == nil || len(reports) == 0 || err.Error() != reports[0].Error() {
		t.Fatalf("strict: %v, lenient: %v", err, reports)
	}
}

// FuzzClientHead: what a client is told to send is an error of its own or a
// request that a server reads as it was meant.
func FuzzClientHead(f *testing.F) {
	f.Add("/a?b", "h:80", "http://h", "v1, v2", "X-Trace", "7")
	f.Add("", "", "null", "", "host", "other")
	f.Add("/", "h", "", "", "Upgrade", "x\r\n\r\n")
	f.Fuzz(func(t *testing.T, target, host, origin, protocols, name, value string) {
		client := ClientHandshake{Target: target, Host: host, Nonce: rfcNonce, Origin: origin, Fields: []Field{{name, value}}}
		if protocols != "" {
			client.Protocols = strings.Split(protocols, ", ")
		}
		h, err := client.Head()
		if err != nil {
			return
		}
		wire := AppendHead(nil, h)
		received, n, err := ParseHead(wire)
		if err != nil || n != len(wire) {
			t.Fatalf("ParseHead(%q): %d of %d bytes, %v", wire, n, len(wire), err)
		}
		req, err := CheckRequest(&received, nil)
		if err != nil {
			t.Fatalf("CheckRequest(%q): %v", wire, err)
		}
		if target != "" && req.Target != target || req.Key != rfcKey || !slices.Equal(req.Protocols, client.Protocols) {
			t.Fatalf("CheckRequest(%q) = %+v", wire, req)
		}
	})
}

// TestHandshakeIsLinear compares the time for sixteen headers with that for one of
// their size together: about the same where it is linear, sixteen times as long where
// it is quadratic. Other work on the machine can slow down either, so one round of
// many that shows linear time is enough: quadratic code has none.
func TestHandshakeIsLinear(t *testing.T) {
	const large, factor, limit, rounds = 700 << 10, 16, 4, 30
	list := func(n int) string { return strings.Repeat("a,", n/2) }
	unique := func(n int) string {
		var b strings.Builder
		for i := 0; b.Len() < n; i++ {
			b.WriteString(strings.Repeat("b", i%7+1))
			b.WriteString(string(rune('a'+i%26)) + string(rune('a'+i/26%26)) + string(rune('a'+i/676%26)))
			b.WriteString(string(rune('a'+i/17576%26)) + ",")
		}
		return strings.TrimSuffix(b.String(), ",")
	}
	tests := []struct {
		name string
		work func(n int) func() // prepares for n bytes
	}{
		{name: "a head at once", work: func(n int) func() {
			b := AppendHead(nil, edit(validRequest, "", nil, []Field{{"Cookie", list(n)}}))
			return func() { ParseHead(b) }
		}},
		{name: "a long line byte by byte", work: func(n int) func() {
			b := AppendHead(nil, edit(validRequest, "", nil, []Field{{"Cookie", list(n)}}))
			return func() { parseGrowing(b) }
		}},
		{name: "many lines byte by byte", work: func(n int) func() {
			b := []byte("GET / HTTP/1.1\r\n" + strings.Repeat("a:b\r\n", n/5))
			return func() { parseGrowing(b) }
		}},
		{name: "folded lines", work: func(n int) func() {
			b := []byte("GET / HTTP/1.1\r\na: b\r\n" + strings.Repeat(" c\r\n", n/4) + "\r\n")
			return func() { (&HeadParser{Report: func(*HandshakeError) {}}).Parse(b) }
		}},
		{name: "Connection", work: func(n int) func() {
			h := edit(validRequest, "", []string{"Connection"}, []Field{{"Connection", list(n) + "upgrade"}})
			return func() { CheckRequest(&h, nil) }
		}},
		{name: "repeated Upgrade", work: func(n int) func() {
			h := edit(validRequest, "", nil, slices.Repeat([]Field{{"Upgrade", "a"}}, n/12))
			return func() { CheckRequest(&h, nil) }
		}},
		{name: "subprotocols", work: func(n int) func() {
			h := edit(validRequest, "", nil, []Field{{"Sec-WebSocket-Protocol", unique(n)}})
			return func() { CheckRequest(&h, nil) }
		}},
		{name: "extensions", work: func(n int) func() {
			h := edit(validRequest, "", nil, []Field{{"Sec-WebSocket-Extensions", unique(n)}})
			return func() { CheckRequest(&h, nil) }
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			small, big := tt.work(large/factor), tt.work(large)
			best := math.Inf(1)
			for range rounds {
				apart := timed(func() {
					for range factor {
						small()
					}
				})
				best = min(best, float64(timed(big))/float64(apart))
				if best <= limit {
					return
				}
			}
			t.Errorf("a header took %.0f times as long as its parts, want at most %d", best, limit)
		})
	}
}

func parseGrowing(b []byte) {
	var p HeadParser
	for end := range len(b) + 1 {
		p.Parse(b[:end])
	}
}

// timed returns how long work takes, without the garbage of what ran before.
func timed(work func()) time.Duration {
	runtime.GC()
	start := time.Now()
	work()
	return time.Since(start)
}
