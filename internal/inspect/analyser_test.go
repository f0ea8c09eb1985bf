package inspect

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wskit/codec"
	"wskit/internal/trace"
)

const (
	client = codec.RoleClient
	server = codec.RoleServer
)

// TestHandshake checks the open event and the problems of a handshake.
func TestHandshake(t *testing.T) {
	for _, tt := range []struct {
		name     string
		session  *session
		want     trace.Open // heads, times and role left out
		problems []string
	}{
		{
			name:    "plain",
			session: newSession("", ""),
			want:    trace.Open{URL: "ws://example.com/chat", HTTPVersion: "HTTP/1.1", Status: 101, AcceptValid: true},
		},
		{
			name: "subprotocol and deflate",
			session: newSession("Sec-WebSocket-Protocol: v2, v1\r\n"+offerDeflate,
				"Sec-WebSocket-Protocol: v1\r\nSec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\r\n"),
			want: trace.Open{
				URL: "ws://example.com/chat", HTTPVersion: "HTTP/1.1", Status: 101, AcceptValid: true,
				Subprotocol: "v1", SubprotocolsOffered: []string{"v2", "v1"},
				Deflate: &codec.Deflate{ServerNoContextTakeover: true, ServerMaxWindowBits: 15, ClientMaxWindowBits: 15},
				Extensions: &trace.Extensions{
					Offered: []trace.Extension{{Name: "permessage-deflate"}},
					Agreed:  []trace.Extension{{Name: "permessage-deflate", Params: [][2]string{{"server_no_context_takeover", ""}}}},
				},
			},
		},
		{
			name: "interim responses",
			session: (&session{now: time.Unix(1, 0)}).send(client, request+"\r\n").
				send(server, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"+response+"\r\n"),
			want: trace.Open{URL: "ws://example.com/chat", HTTPVersion: "HTTP/1.1", Status: 101, AcceptValid: true},
		},
		{
			name: "refused",
			session: (&session{now: time.Unix(1, 0)}).send(client, request+"\r\n").
				send(server, "HTTP/1.1 401 Unauthorized\r\nContent-Length: 4\r\n\r\n\x81\x02no"),
			want:     trace.Open{URL: "ws://example.com/chat", HTTPVersion: "HTTP/1.1", Status: 401},
			problems: []string{"handshake-status"},
		},
		{
			name: "faults of the request",
			session: (&session{now: time.Unix(1, 0)}).
				send(client, replaceLine(replaceLine(request, "Sec-WebSocket-Version: 8"), "Connection:")+"\r\n").
				send(server, response+"\r\n"),
			want:     trace.Open{URL: "ws://example.com/chat", HTTPVersion: "HTTP/1.1", Status: 101, AcceptValid: true},
			problems: []string{"connection-missing", "version-unsupported"},
		},
		{
			name: "faults of the response",
			session: (&session{now: time.Unix(1, 0)}).send(client, request+"\r\n").
				send(server, replaceLine(replaceLine(response, "Sec-WebSocket-Accept: "+strings.Repeat("A", 28)), "Upgrade: websockets")+
					"Sec-WebSocket-Protocol: v9\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"),
			want: trace.Open{
				URL: "ws://example.com/chat", HTTPVersion: "HTTP/1.1", Status: 101, Subprotocol: "v9",
				Deflate: &codec.Deflate{ServerMaxWindowBits: 15, ClientMaxWindowBits: 15},
				Extensions: &trace.Extensions{
					Offered: []trace.Extension{}, Agreed: []trace.Extension{{Name: "permessage-deflate"}},
				},
			},
			problems: []string{"upgrade-missing", "accept-wrong", "extension-not-offered", "subprotocol-not-offered"},
		},
		{
			name: "a server that speaks something else",
			session: (&session{now: time.Unix(1, 0)}).send(client, request+"\r\n").
				send(server, "SSH-2.0-OpenSSH_9.6\r\n"),
			want:     trace.Open{URL: "ws://example.com/chat", HTTPVersion: "HTTP/1.1"},
			problems: []string{"invalid-start-line"},
		},
		{
			name:     "no request",
			session:  (&session{now: time.Unix(1, 0)}).send(client, "\x16\x03\x01\x02\x00"),
			problems: []string{"invalid-start-line"},
		},
		{
			name:     "a response that is cut",
			session:  (&session{now: time.Unix(1, 0)}).send(client, request+"\r\n").send(server, "HTTP/1.1 101"),
			want:     trace.Open{URL: "ws://example.com/chat", HTTPVersion: "HTTP/1.1"},
			problems: []string{"truncated-handshake"},
		},
		{name: "nothing", session: &session{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			events := analyse(Config{Role: "client"}, tt.session.chunks)
			got, ok := events[0].(*trace.Open)
			if !ok {
				t.Fatalf("the first event is %T", events[0])
			}
			if got.Role != "client" || got.Conn != 1 {
				t.Errorf("got role %q, connection %d", got.Role, got.Conn)
			}
			got.Role, got.Base, got.Request, got.Response, got.Handshake = "", trace.Base{}, nil, nil, 0
			if !reflect.DeepEqual(*got, tt.want) {
				t.Errorf("got %+v\nwant %+v", *got, tt.want)
			}
			if got := problems(events); !slices.Equal(got, tt.problems) {
				t.Errorf("got problems %q, want %q", got, tt.problems)
			}
			if n := len(only[*trace.Frame](events)); n > 0 {
				t.Errorf("got %d frames", n)
			}
		})
	}
}

// TestFramesBeforeResponse checks that what a client sends too early is read all the
// same, with the extensions that were agreed later.
func TestFramesBeforeResponse(t *testing.T) {
	zipped := deflate(&codec.Deflate{}, client, "early")[0]
	s := (&session{now: time.Unix(1, 0)}).send(client, request+offerDeflate+"\r\n")
	s.frame(client, codec.Header{Fin: true, RSV: codec.RSV1, Opcode: codec.OpText}, zipped).
		send(server, response+offerDeflate+"\r\n").text(server, "late")
	events := analyse(Config{}, s.chunks)
	var got []string
	for _, m := range only[*trace.Message](events) {
		got = append(got, string(m.Data))
	}
	if want := []string{"early", "late"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := problems(events), []string{trace.DataBeforeHandshake}; !slices.Equal(got, want) {
		t.Errorf("got problems %q, want %q", got, want)
	}
}

// TestResponseFirst checks a source that has the server's side first.
func TestResponseFirst(t *testing.T) {
	s := (&session{now: time.Unix(1, 0)}).send(server, response+"\r\n").text(server, "one").
		send(client, request+"\r\n").text(client, "two")
	events := analyse(Config{}, s.chunks)
	if got := len(only[*trace.Message](events)); got != 2 {
		t.Errorf("got %d messages, want 2", got)
	}
	if got := problems(events); len(got) > 0 {
		t.Errorf("got problems %q", got)
	}
	s = (&session{now: time.Unix(1, 0)}).send(server, response+"\r\n").send(client, replaceLine(request, "Host:")+"\r\n")
	if got, want := problems(analyse(Config{}, s.chunks)), []string{"host-missing"}; !slices.Equal(got, want) {
		t.Errorf("got problems %q, want %q", got, want)
	}
	s = (&session{now: time.Unix(1, 0)}).send(server, response+"\r\n").send(client, "GET /")
	if got, want := problems(analyse(Config{}, s.chunks)), []string{trace.TruncatedHandshake}; !slices.Equal(got, want) {
		t.Errorf("got problems %q, want %q", got, want)
	}
}

// TestFaultFlood checks that a handshake without end fills no memory.
func TestFaultFlood(t *testing.T) {
	a := New(Config{Emit: func(trace.Event) {}})
	a.Open(Meta{})
	for range 10 * maxFaults {
		a.Data(server, time.Unix(1, 0), []byte("HTTP/1.1 103 Early Hints\nbad\n\n"))
	}
	if n := len(a.handshake.problems); n != maxFaults {
		t.Errorf("%d problems wait, want %d", n, maxFaults)
	}
}

// TestFloodBeforeResponse checks that little is kept of what comes too early.
func TestFloodBeforeResponse(t *testing.T) {
	s := (&session{now: time.Unix(1, 0)}).send(client, request+"\r\n")
	const size = 1000
	for range 2 * maxHead / size {
		s.send(client, strings.Repeat("x", size))
	}
	s.send(server, response+"\r\n")
	events := analyse(Config{}, s.chunks)
	if got, want := problems(events), []string{trace.DataBeforeHandshake}; !slices.Equal(got, want) {
		t.Errorf("got problems %q, want %q", got, want)
	}
	if got, want := only[*trace.Close](events)[0].Lost, uint64(2*maxHead/size*size); got != want {
		t.Errorf("%d bytes are lost, want all %d", got, want)
	}
}

// TestMessages checks how frames are put together, and what is said of them.
func TestMessages(t *testing.T) {
	const takeover = "Sec-WebSocket-Extensions: permessage-deflate\r\n"
	const noTakeover = "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n"
	long := strings.Repeat("the same again, ", 20)
	zipped := deflate(&codec.Deflate{}, server, long, long, long)
	alone := deflate(&codec.Deflate{ServerNoContextTakeover: true}, server, long, long, long)
	text := codec.Header{Fin: true, Opcode: codec.OpText}
	first := codec.Header{Opcode: codec.OpText}
	last := codec.Header{Fin: true, Opcode: codec.OpContinuation}
	compressed := codec.Header{Fin: true, RSV: codec.RSV1, Opcode: codec.OpText}
	for _, tt := range []struct {
		name     string
		session  *session
		cfg      Config
		want     []string // a message: its number, data, frames, and flags
		problems []string
	}{
		{
			name: "both directions at once",
			session: newSession("", "").frame(client, first, "a").frame(server, first, "b").
				frame(client, last, "A").frame(server, last, "B"),
			want: []string{`1 client "aA" [1 3]`, `2 server "bB" [2 4]`},
		},
		{
			name:    "inflated over a shared window",
			session: newSession(takeover, takeover).frame(server, compressed, zipped[0]).frame(server, compressed, zipped[1]),
			want:    []string{fmt.Sprintf("1 server %q [1] zipped", long), fmt.Sprintf("2 server %q [2] zipped", long)},
		},
		{
			name: "a corrupt message ends what can be relied on",
			session: newSession(takeover, takeover).frame(server, compressed, zipped[0]).frame(server, compressed, "\x06").
				frame(server, compressed, zipped[1]).frame(server, text, "plain").frame(server, compressed, "\x06"),
			want: []string{
				fmt.Sprintf("1 server %q [1] zipped", long), `2 server "" [2] zipped unreliable`,
				fmt.Sprintf("3 server %q [3] zipped unreliable", long), `4 server "plain" [4]`, `5 server "" [5] zipped unreliable`,
			},
			problems: []string{"corrupt-deflate"},
		},
		{
			name: "a corrupt message without takeover harms no other",
			session: newSession(noTakeover, noTakeover).frame(server, compressed, alone[0]).frame(server, compressed, "\x06").
				frame(server, compressed, alone[1]),
			want: []string{
				fmt.Sprintf("1 server %q [1] zipped", long), `2 server "" [2] zipped unreliable`, fmt.Sprintf("3 server %q [3] zipped", long),
			},
			problems: []string{"corrupt-deflate"},
		},
		{
			name: "a compressed message that is given up",
			session: newSession(takeover, takeover).frame(server, codec.Header{RSV: codec.RSV1, Opcode: codec.OpText}, zipped[0]).
				frame(server, compressed, zipped[1]).frame(client, text, "fine"),
			want:     []string{`2 server "" [2] zipped unreliable`, `3 client "fine" [3]`},
			problems: []string{"interrupted-message"},
		},
		{
			name:     "text that is no UTF-8 once inflated",
			session:  newSession(takeover, takeover).frame(server, compressed, deflate(&codec.Deflate{}, server, "\xff")[0]),
			want:     []string{`1 server "\xff" [1] zipped`},
			problems: []string{"invalid-utf8"},
		},
		{
			name:     "larger than the limit once inflated",
			session:  newSession(takeover, takeover).frame(server, compressed, zipped[0]).frame(server, text, "on"),
			cfg:      Config{MaxMessage: 64},
			want:     []string{`1 server "" [1] zipped unreliable`, `2 server "on" [2]`},
			problems: []string{"inflated-too-big"},
		},
		{
			name: "larger than the limit",
			session: newSession("", "").frame(server, first, strings.Repeat("x", 60)).frame(server, last, "12345").
				frame(server, text, "on"),
			cfg:      Config{MaxMessage: 64},
			want:     []string{`2 server "on" [3]`},
			problems: []string{"message-too-big"},
		},
		{
			name: "cut to what is kept",
			session: newSession(takeover, takeover).frame(server, text, "héllo").frame(server, first, "hé").frame(server, last, "llo").
				frame(server, compressed, zipped[0]),
			cfg: Config{MaxPayload: 2},
			want: []string{
				`1 server "h" [1] 5 left out`, `2 server "h" [2 3] 5 left out`, `3 server "th" [4] zipped 318 left out`,
			},
		},
		{
			name: "a compressed one that is larger than the limit",
			session: newSession(takeover, takeover).frame(server, compressed, strings.Repeat("x", 200)).
				frame(server, compressed, zipped[1]),
			cfg:      Config{MaxMessage: 100},
			want:     []string{`2 server "" [2] zipped unreliable`},
			problems: []string{"message-too-big"},
		},
		{
			name:     "a continuation of nothing",
			session:  newSession("", "").frame(client, last, "x").frame(client, text, "y"),
			want:     []string{`1 client "y" [2]`},
			problems: []string{"unexpected-continuation"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			events := analyse(tt.cfg, tt.session.chunks)
			var got []string
			for _, m := range only[*trace.Message](events) {
				s := fmt.Sprintf("%d %s %q %v", m.Msg, m.From, m.Data, m.Frames)
				if m.Compressed {
					s += " zipped"
				}
				if !m.Reliable {
					s += " unreliable"
				}
				if m.Truncated > 0 {
					s += fmt.Sprintf(" %d left out", m.Truncated)
				}
				if m.Size != uint64(len(m.Data))+m.Truncated {
					t.Errorf("message %d: size %d, has %d and left out %d", m.Msg, m.Size, len(m.Data), m.Truncated)
				}
				got = append(got, s)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
			if got := problems(events); !slices.Equal(got, tt.problems) {
				t.Errorf("got problems %q, want %q", got, tt.problems)
			}
		})
	}
}

// TestNotes checks what is legal and suspicious.
func TestNotes(t *testing.T) {
	masked := func(key codec.MaskKey, text string) string {
		e := codec.Encoder{Role: client, Key: func() codec.MaskKey { return key }}
		return string(e.AppendFrame(nil, codec.Header{Fin: true, Opcode: codec.OpText}, []byte(text)))
	}
	fragment := codec.Header{Opcode: codec.OpBinary}
	last := codec.Header{Fin: true, Opcode: codec.OpContinuation}
	for _, tt := range []struct {
		name    string
		session *session
		want    []string
	}{
		{name: "nothing", session: newSession("", "").text(client, "a").text(client, "a").control(client, codec.OpPong, "")},
		{
			name:    "zero keys",
			session: newSession("", "").send(client, masked(codec.MaskKey{}, "a")).send(client, masked(codec.MaskKey{}, "b")),
			want:    []string{"1 zero-mask-key"},
		},
		{
			name: "one key for all",
			session: newSession("", "").send(client, masked(codec.MaskKey{1}, "a")).send(client, masked(codec.MaskKey{1}, "b")).
				send(client, masked(codec.MaskKey{1}, "c")),
			want: []string{"2 repeated-mask-key"},
		},
		{
			name: "a key that comes again later",
			session: newSession("", "").send(client, masked(codec.MaskKey{1}, "a")).send(client, masked(codec.MaskKey{2}, "b")).
				send(client, masked(codec.MaskKey{1}, "c")),
		},
		{
			name:    "empty fragments",
			session: newSession("", "").frame(server, fragment, "").frame(server, last, "").frame(client, fragment, "x").frame(client, last, ""),
			want:    []string{"1 empty-fragment", "4 empty-fragment"},
		},
		{
			name:    "an empty continuation of nothing",
			session: newSession("", "").frame(server, last, ""),
			want:    []string{"1 unexpected-continuation"},
		},
		{name: "an empty message", session: newSession("", "").text(server, "")},
		{
			name:    "unsolicited pong",
			session: newSession("", "").control(server, codec.OpPong, "x").control(client, codec.OpPing, "a").control(server, codec.OpPong, "b"),
			want:    []string{"1 unsolicited-pong", "3 unsolicited-pong"},
		},
		{
			name: "ping in a compressed message",
			session: newSession(offerDeflate, offerDeflate).
				frame(server, codec.Header{RSV: codec.RSV1, Opcode: codec.OpText}, "\xf2\x48\xcd").
				control(server, codec.OpPing, "").control(client, codec.OpPong, "").control(server, codec.OpPing, "").
				frame(server, last, "\xc9\xc9\x07\x00"),
			want: []string{"2 ping-in-compressed-message"},
		},
		{
			name:    "close without a code",
			session: newSession("", "").close(client, codec.CloseNoStatus, "").close(server, codec.CloseNoStatus, ""),
			want:    []string{"1 close-without-code", "2 close-without-code"},
		},
		{
			name:    "no close frame",
			session: newSession("", "").text(client, "a").end(server, trace.HowFIN),
			want:    []string{"0 no-close-frame"},
		},
		{
			name:    "a close frame without an answer",
			session: newSession("", "").close(server, codec.CloseGoingAway, "").end(client, trace.HowFIN),
			want:    []string{"0 unanswered-close"},
		},
		{
			name:    "a refusal needs no answer",
			session: newSession("", "").close(server, codec.CloseProtocolError, "").end(client, trace.HowFIN),
		},
		{
			name:    "the stream ends in a payload",
			session: newSession("", "").send(server, "\x81\x05he").end(server, trace.HowRST),
			want:    []string{"1 truncated-frame", "0 no-close-frame"},
		},
		{
			name:    "the stream ends in a header",
			session: newSession("", "").send(server, "\x81").end(server, trace.HowRST),
			want:    []string{"0 truncated-frame", "0 no-close-frame"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, p := range only[*trace.Problem](analyse(Config{}, tt.session.chunks)) {
				got = append(got, fmt.Sprint(p.Frame, " ", p.Code))
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestPongs checks which ping a pong answers, and when.
func TestPongs(t *testing.T) {
	s := newSession("", "")
	s.control(client, codec.OpPing, "a").wait(time.Millisecond).control(client, codec.OpPing, "b").wait(time.Millisecond)
	s.control(client, codec.OpPing, "b").control(server, codec.OpPing, "b").wait(time.Millisecond)
	s.control(server, codec.OpPong, "b").wait(time.Millisecond).control(server, codec.OpPong, "b") // a is passed over
	s.control(client, codec.OpPong, "b").control(server, codec.OpPong, "a")
	type answer struct {
		n, answers int
		rtt        time.Duration
	}
	var got []answer
	events := analyse(Config{}, s.chunks)
	for _, f := range only[*trace.Frame](events) {
		if f.Header.Opcode == codec.OpPong {
			got = append(got, answer{f.N, f.Answers, time.Duration(f.RTT)})
		}
	}
	want := []answer{{5, 2, 2 * time.Millisecond}, {6, 3, 2 * time.Millisecond}, {7, 4, 2 * time.Millisecond}, {8, 0, 0}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	stats := only[*trace.Stats](events)[0]
	if got, want := *stats.Client.RTT, (trace.Percentiles{Count: 2, P50: 2, P90: 2, P99: 2, Max: 2}); got != want {
		t.Errorf("client's round trips: got %+v, want %+v", got, want)
	}
}

// TestPingFlood checks that pings nobody answers are not kept for ever.
func TestPingFlood(t *testing.T) {
	a := New(Config{Emit: func(trace.Event) {}})
	a.Open(Meta{})
	for _, c := range newSession("", "").chunks {
		a.Data(c.from, c.at, c.data)
	}
	for i := range 4 * maxPings {
		a.Data(server, time.Unix(1, 0), codec.AppendHeader(nil, codec.Header{Fin: true, Opcode: codec.OpPing, Length: 1}))
		a.Data(server, time.Unix(1, 0), []byte{byte(i)})
	}
	if n := len(a.dirs[server].pings); n != maxPings {
		t.Errorf("%d pings are kept, want %d", n, maxPings)
	}
}

// TestLargeFrame checks that little is kept of a frame that is large, and nothing is
// allocated for bytes that do not come.
func TestLargeFrame(t *testing.T) {
	var frames []*trace.Frame
	a := New(Config{MaxPayload: 100, Emit: func(e trace.Event) {
		if f, ok := e.(*trace.Frame); ok {
			frames = append(frames, f)
		}
	}})
	a.Open(Meta{})
	for _, c := range newSession("", "").chunks {
		a.Data(c.from, c.at, c.data)
	}
	const size = 1 << 40
	a.Data(server, time.Unix(1, 0), codec.AppendHeader(nil, codec.Header{Fin: true, Opcode: codec.OpBinary, Length: size}))
	block := make([]byte, 1<<20)
	for range 64 {
		a.Data(server, time.Unix(1, 0), block)
	}
	d := a.dirs[server]
	if kept := cap(d.frame.Payload) + cap(d.buf) + cap(d.message.data); kept > 4*chunkSize {
		t.Errorf("%d bytes are kept", kept)
	}
	a.Close()
	if len(frames) != 1 || !frames[0].Incomplete || len(frames[0].Payload) != 100 || frames[0].Truncated != 64<<20-100 {
		t.Errorf("got %d frames, the first %+v", len(frames), frames[0].Header)
	}
}

// TestFragmentFlood checks that a message without end is given up.
func TestFragmentFlood(t *testing.T) {
	s := newSession("", "").frame(server, codec.Header{Opcode: codec.OpBinary}, "x")
	for range maxFragments + 10 {
		s.frame(server, codec.Header{Opcode: codec.OpContinuation}, "x")
	}
	var events []trace.Event
	a := New(Config{Emit: func(e trace.Event) { events = append(events, e) }})
	a.Open(Meta{})
	feed := func(chunks []chunk) {
		for _, c := range chunks {
			a.Data(c.from, c.at, c.data)
		}
	}
	feed(s.chunks)
	if m := a.dirs[server].message; len(m.frames)+len(m.data) > 0 {
		t.Errorf("of a message that was given up, %d frames and %d bytes are kept", len(m.frames), len(m.data))
	}
	s.chunks = nil
	feed(s.frame(server, codec.Header{Fin: true, Opcode: codec.OpContinuation}, "x").text(server, "on").chunks)
	messages := only[*trace.Message](events)
	if len(messages) != 1 || string(messages[0].Data) != "on" {
		t.Errorf("got %d messages, want one", len(messages))
	}
	if got := problems(events); len(got) == 0 || got[0] != "too-many-fragments" {
		t.Errorf("got problems %.3q", got)
	}
}

// TestDataIsBorrowed checks that what is given to Data is neither changed nor kept.
func TestDataIsBorrowed(t *testing.T) {
	s := newSession("", "").text(client, "masked").control(client, codec.OpPing, "ping").control(server, codec.OpPong, "ping").
		close(client, 1000, "bye")
	want := jsonLines(t, analyse(Config{}, s.chunks))
	var events []trace.Event
	a := New(Config{Emit: func(e trace.Event) { events = append(events, e) }})
	a.Open(Meta{})
	for _, c := range s.chunks {
		b := bytes.Clone(c.data)
		a.Data(c.from, c.at, b)
		if !bytes.Equal(b, c.data) {
			t.Errorf("the bytes were changed to %q", b)
		}
		for i := range b {
			b[i] = 'X'
		}
	}
	a.Close()
	if got := jsonLines(t, events); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestOpen checks that events wait for Open, and what it adds.
func TestOpen(t *testing.T) {
	s := newSession("", "").text(server, "at once")
	var events []trace.Event
	a := New(Config{Conn: 7, Emit: func(e trace.Event) { events = append(events, e) }})
	for _, c := range s.chunks {
		a.Data(c.from, c.at, c.data)
	}
	if len(events) != 0 {
		t.Fatalf("%d events came before Open", len(events))
	}
	a.Open(Meta{Src: "a:1", Dst: "b:2", TLS: &trace.TLS{Version: "TLS 1.3"}, DNS: time.Millisecond})
	o := events[0].(*trace.Open)
	if o.Conn != 7 || o.URL != "wss://example.com/chat" || o.Src != "a:1" || o.Dst != "b:2" || o.TLS.Version != "TLS 1.3" ||
		time.Duration(o.DNS) != time.Millisecond || time.Duration(o.Handshake) != time.Millisecond {
		t.Errorf("got %+v", o)
	}
	if len(events) != 3 {
		t.Errorf("got %d events, want the handshake, a frame and a message", len(events))
	}
	a.Close()
	n := len(events)
	a.Close()
	a.Data(server, time.Unix(9, 0), []byte("more"))
	a.End(server, time.Unix(9, 0), trace.HowFIN)
	if len(events) != n {
		t.Errorf("%d events came after Close", len(events)-n)
	}
}

// TestOpenTwice checks that the first call counts.
func TestOpenTwice(t *testing.T) {
	var open *trace.Open
	a := New(Config{Emit: func(e trace.Event) {
		if o, ok := e.(*trace.Open); ok {
			open = o
		}
	}})
	a.Open(Meta{Src: "first"})
	a.Open(Meta{Src: "second"})
	a.Close()
	if open.Src != "first" {
		t.Errorf("got %q, want the first", open.Src)
	}
}

// TestOpenComesAtOnce checks that a response that is none is shown as soon as it
// came, not when the connection ends.
func TestOpenComesAtOnce(t *testing.T) {
	n := 0
	a := New(Config{Emit: func(trace.Event) { n++ }})
	a.Open(Meta{})
	a.Data(client, time.Unix(1, 0), []byte(request+"\r\n"))
	a.Data(server, time.Unix(1, 0), []byte("SSH-2.0-x\r\n"))
	if n != 2 {
		t.Errorf("got %d events, want the handshake and what is wrong with it", n)
	}
}

// TestHeldEventsAreBounded checks that a source that never calls Open fills no
// memory.
func TestHeldEventsAreBounded(t *testing.T) {
	s := newSession("", "")
	n := 0
	a := New(Config{Emit: func(trace.Event) { n++ }})
	for range maxHeld {
		s.text(server, "x")
	}
	for _, c := range s.chunks {
		a.Data(c.from, c.at, c.data)
	}
	if n == 0 || len(a.held) != 0 {
		t.Errorf("%d events were emitted, %d are held", n, len(a.held))
	}
}

// TestConcurrentTaps runs both directions at once, as the tap of a connection does.
func TestConcurrentTaps(t *testing.T) {
	frames := 0
	a := New(Config{Emit: func(e trace.Event) {
		if _, ok := e.(*trace.Frame); ok {
			frames++
		}
	}})
	a.Open(Meta{})
	for _, c := range newSession("", "").chunks {
		a.Data(c.from, c.at, c.data)
	}
	var wg sync.WaitGroup
	for _, from := range []codec.Role{client, server} {
		wg.Go(func() {
			s := &session{now: time.Unix(2000, 0)}
			for range 200 {
				s.text(from, "hello")
			}
			for _, c := range s.chunks {
				a.Data(c.from, c.at, c.data)
			}
		})
	}
	wg.Wait()
	a.Close()
	if frames != 400 {
		t.Errorf("got %d frames, want 400", frames)
	}
}
