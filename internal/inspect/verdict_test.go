package inspect

import (
	"testing"
	"time"

	"wskit/codec"
	"wskit/internal/trace"
)

// TestVerdict checks the last sentence, and the fields of the event that it is in.
func TestVerdict(t *testing.T) {
	dial := func() *session {
		return (&session{now: time.Unix(1, 0)}).send(client, request+"\r\n").wait(time.Millisecond)
	}
	for _, tt := range []struct {
		name    string
		session *session
		by      string
		how     trace.How
		clean   bool
		idle    time.Duration
		lost    uint64
		verdict string
	}{
		{
			name: "closed cleanly",
			session: newSession("", "").text(client, "a").wait(5*time.Millisecond).close(client, 1000, "").close(server, 1000, "").
				end(server, trace.HowFIN).end(client, trace.HowFIN),
			by: "client", how: trace.HowClose, clean: true, idle: 5 * time.Millisecond,
			verdict: "ended by the client after frame 1: closed cleanly with 1000 normal closure, nothing lost",
		},
		{
			name:    "after a silence",
			session: newSession("", "").wait(90*time.Second).close(server, 1001, "").close(client, 1001, ""),
			by:      "server", how: trace.HowClose, clean: true, idle: 90 * time.Second,
			verdict: "ended by the server right after the handshake: closed cleanly with 1001 going away, nothing lost, after 90.0 s of silence",
		},
		{
			name: "without codes",
			session: newSession("", "").text(client, "a").close(client, codec.CloseNoStatus, "").
				close(server, codec.CloseNoStatus, ""),
			by: "client", how: trace.HowClose, clean: true,
			verdict: "ended by the client after frame 1: closed cleanly with no code, nothing lost",
		},
		{
			name:    "at the same time",
			session: newSession("", "").close(client, 1000, "").close(server, 1001, ""),
			by:      "both", how: trace.HowClose, clean: true,
			verdict: "ended by both sides right after the handshake: closed cleanly, by the client with 1000 normal closure and by the server with 1001 going away, nothing lost",
		},
		{
			name: "inside a message",
			session: newSession("", "").frame(server, codec.Header{Opcode: codec.OpText}, "unfinished").
				close(client, 1000, "").close(server, 1000, ""),
			by: "client", how: trace.HowClose, clean: true, lost: 10,
			verdict: "ended by the client after frame 1: closed cleanly with 1000 normal closure, 10 B lost in flight",
		},
		{
			name:    "an answer that does not come",
			session: newSession("", "").close(client, 1000, "").wait(5*time.Second).end(client, trace.HowTimeout),
			by:      "client", how: trace.HowClose,
			verdict: "ended by the client right after the handshake: closed with 1000 normal closure, which the server did not answer, nothing lost",
		},
		{
			name: "a violation",
			session: newSession("", "").send(client, "\x81\x01a").wait(60*time.Millisecond).close(server, 1002, "").
				end(server, trace.HowFIN),
			by: "server", how: trace.HowClose, idle: 60 * time.Millisecond,
			verdict: "ended by the server after frame 1: closed with 1002 protocol error, nothing lost, 60 ms after the violation (unmasked-client-frame)",
		},
		{
			name: "a violation, and another after the close",
			session: newSession("", "").send(client, "\x81\x01a").wait(60*time.Millisecond).close(server, 1002, "").
				send(client, "\x83\x80\x01\x02\x03\x04").end(server, trace.HowFIN),
			by: "server", how: trace.HowClose, idle: 60 * time.Millisecond,
			verdict: "ended by the server after frame 1: closed with 1002 protocol error, nothing lost, 60 ms after the violation (unmasked-client-frame)",
		},
		{
			name:    "a close frame that is refused",
			session: newSession("", "").close(client, 999, "").close(server, 1002, ""),
			by:      "client", how: trace.HowClose, clean: true,
			verdict: "ended by the client right after the handshake: closed with 999, which the server answered with 1002 protocol error, nothing lost",
		},
		{
			name:    "TCP closed",
			session: newSession("", "").text(server, "a").wait(3*time.Second).end(server, trace.HowFIN).wait(time.Second).end(client, trace.HowFIN),
			by:      "server", how: trace.HowFIN, idle: 3 * time.Second,
			verdict: "ended by the server after frame 1: TCP was closed without a close frame (1006), after 3.0 s of silence",
		},
		{
			name:    "reset after a minute",
			session: newSession("", "").text(server, "a").wait(time.Minute).end(server, trace.HowRST),
			by:      "server", how: trace.HowRST, idle: time.Minute,
			verdict: "ended by the server after frame 1: TCP was reset without a close frame (1006), after 60.0 s of silence: an idle time-out of a proxy (nginx, AWS load balancers)?",
		},
		{
			name:    "reset after another while",
			session: newSession("", "").text(server, "a").wait(47*time.Second).end(server, trace.HowRST),
			by:      "server", how: trace.HowRST, idle: 47 * time.Second,
			verdict: "ended by the server after frame 1: TCP was reset without a close frame (1006), after 47.0 s of silence: an idle time-out of a proxy?",
		},
		{
			name:    "reset inside a frame",
			session: newSession("", "").send(server, "\x82\x7e\x01\x00abc").end(server, trace.HowRST),
			by:      "server", how: trace.HowRST, lost: 3,
			verdict: "ended by the server after frame 1: TCP was reset without a close frame (1006), 3 B lost in flight",
		},
		{
			name:    "no pong",
			session: newSession("", "").control(client, codec.OpPing, "x").wait(20*time.Second).end(client, trace.HowTimeout),
			by:      "client", how: trace.HowTimeout, idle: 20 * time.Second,
			verdict: "ended by the client after frame 1: it gave up waiting (1006), ping 1 of the client without an answer, after 20.0 s of silence",
		},
		{
			name:    "the network went away",
			session: newSession("", "").text(client, "x").end(client, trace.HowError),
			by:      "client", how: trace.HowError,
			verdict: "lost after frame 1: the connection broke without a close frame (1006)",
		},
		{
			name:    "still open",
			session: newSession("", "").text(client, "x"),
			by:      "unknown", how: trace.HowError,
			verdict: "still open after frame 1",
		},
		{
			name:    "refused",
			session: dial().send(server, "HTTP/1.1 404 Not Found\r\n\r\n").end(server, trace.HowFIN),
			by:      "server", how: trace.HowFIN,
			verdict: "refused by the server with 404 Not Found: no WebSocket",
		},
		{
			name:    "no response",
			session: dial().wait(10*time.Second).end(client, trace.HowTimeout),
			by:      "client", how: trace.HowTimeout, idle: 10*time.Second + time.Millisecond,
			verdict: "no WebSocket: the server sent no response, and the client gave up waiting, after 10.0 s of silence",
		},
		{
			name:    "closed at once",
			session: dial().end(server, trace.HowFIN),
			by:      "server", how: trace.HowFIN, idle: time.Millisecond,
			verdict: "no WebSocket: the server sent no response, and the server closed the connection",
		},
		{
			name:    "reset at once",
			session: dial().end(server, trace.HowRST),
			by:      "server", how: trace.HowRST, idle: time.Millisecond,
			verdict: "no WebSocket: the server sent no response, and the connection was reset by the server",
		},
		{
			name:    "not HTTP",
			session: dial().send(server, "\x15\x03\x01\x00\x02\x02\x50").end(server, trace.HowFIN),
			by:      "server", how: trace.HowFIN, lost: 7,
			verdict: "no WebSocket: what the server sent is no response of HTTP",
		},
		{
			name:    "no response, and nobody knows more",
			session: dial(),
			by:      "unknown", how: trace.HowError,
			verdict: "no WebSocket: the server sent no response",
		},
		{
			name:    "a response that is invalid",
			session: dial().send(server, replaceLine(response, "Sec-WebSocket-Accept: x")+"\r\n").end(client, trace.HowFIN),
			by:      "client", how: trace.HowFIN,
			verdict: "no WebSocket: the response of the server is invalid (accept-wrong), so that the client gives up",
		},
		{
			name:    "a response that is invalid, and is taken",
			session: dial().send(server, replaceLine(response, "Sec-WebSocket-Accept: x")+"\r\n").text(server, "a").end(client, trace.HowFIN),
			by:      "client", how: trace.HowFIN,
			verdict: "ended by the client after frame 1: TCP was closed without a close frame (1006)",
		},
		{
			name: "nothing", session: &session{},
			by: "unknown", how: trace.HowError, verdict: "nothing was sent",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := only[*trace.Close](analyse(Config{}, tt.session.chunks))[0]
			if got.By != tt.by || got.How != tt.how || got.Clean != tt.clean || time.Duration(got.Idle) != tt.idle || got.Lost != tt.lost {
				t.Errorf("got by %s, how %s, clean %t, idle %v, lost %d; want %s, %s, %t, %v, %d", got.By, got.How, got.Clean,
					time.Duration(got.Idle), got.Lost, tt.by, tt.how, tt.clean, tt.idle, tt.lost)
			}
			if got.Verdict != tt.verdict {
				t.Errorf("got\n%s\nwant\n%s", got.Verdict, tt.verdict)
			}
		})
	}
}
