package trace

import (
	"errors"
	"strings"
	"testing"
	"time"

	"wskit/codec"
)

// The sides, in the tables of this file.
const (
	client = codec.RoleClient
	server = codec.RoleServer
)

// A script is made of events.
func scriptOf(t testing.TB, s *Script, events ...Event) string {
	t.Helper()
	for _, e := range events {
		if err := s.Add(e); err != nil {
			t.Fatal(err)
		}
	}
	b, err := s.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// bodyOf returns what a script has inside of its handler of connections.
func bodyOf(t *testing.T, script string) string {
	t.Helper()
	_, body, ok := strings.Cut(script, "\n\non('connection', async ws => {\n")
	body, whole := strings.CutSuffix(body, "})\n")
	if !ok || !whole {
		t.Fatalf("no handler of connections:\n%s", script)
	}
	return body
}

// says returns the message n of one side.
func says(n int, from codec.Role, op codec.Opcode, data string) *Message {
	return textMessage(n, from, op, data).Message
}

func text(n int, from codec.Role, data string) *Message { return says(n, from, codec.OpText, data) }

// closeFrame returns the frame with which one side closes.
func closeFrame(n int, from codec.Role, payload string) *Frame {
	f := control(n, from, codec.OpClose, payload)
	f.Close = NewCloseFrame(f.Payload)
	return f
}

func control(n int, from codec.Role, op codec.Opcode, payload string) *Frame {
	return &Frame{From: from, N: n, Header: codec.Header{Fin: true, Opcode: op, Length: uint64(len(payload))}, Payload: []byte(payload)}
}

func opened(subprotocol string) *Open {
	o := &Open{
		Base: Base{Conn: 1, Time: Time{time.Date(2026, 7, 5, 14, 30, 1, 5e8, time.FixedZone("", 7200))}},
		URL:  "ws://127.0.0.1:9000/chat?room=1&token=s3cret", Status: 101, AcceptValid: true, Subprotocol: subprotocol,
		Request:  &Head{Start: "GET /chat?room=1&token=s3cret HTTP/1.1"},
		Response: &Head{Start: "HTTP/1.1 101 Switching Protocols"},
	}
	if subprotocol != "" {
		o.SubprotocolsOffered = []string{"chat.v2", subprotocol}
	}
	return o
}

func TestScript(t *testing.T) {
	hello := textMessage(1, client, codec.OpText, `{"type":"login","user":"ann","tags":["a","b"]}`)
	ping, pong := control(4, client, codec.OpPing, "?"), control(5, server, codec.OpPong, "?")
	events := []Event{
		opened("chat.v1"), hello, hello.Message,
		text(2, server, `{ "type": "hello", "session": "a8c0" }`),
		says(3, server, codec.OpBinary, "\x00\x01\x02"), ping, pong,
		text(6, client, "bye"), closeFrame(7, client, "\x03\xe8done"), closeFrame(8, server, "\x03\xe8"),
		&Close{By: "client", How: HowClose, Clean: true, Client: NewCloseFrame([]byte("\x03\xe8done")), Server: NewCloseFrame([]byte("\x03\xe8"))},
		&Stats{},
	}
	for _, e := range events {
		e.Common().Conn = 1
	}
	for _, tt := range []struct {
		name   string
		script Script
		want   string
	}{
		{
			name: "client", script: Script{Role: client, File: "login test.js"},
			want: `// Made by wskit from ws://127.0.0.1:9000/chat?room=1&token=[redacted], recorded 2026-07-05 12:30:01
// UTC.
// It plays the client: wskit connect -s chat.v2 -s chat.v1 --script 'login test.js' 'ws://127.0.0.1:9000/chat?room=1&token=[redacted]'
//
// What changes from run to run, such as times and ids, is here as it was: leave it out of an
// object, or expect a RegExp or a function in place of the message.
//
// Not reproduced: 1 ping, 1 pong.

on('connection', async ws => {
  ws.send(JSON.stringify({ type: 'login', user: 'ann', tags: ['a', 'b'] }))
  await ws.expect({ type: 'hello', session: 'a8c0' })
  await ws.expect(new Uint8Array([0x00, 0x01, 0x02]))
  ws.send('bye')
  ws.close(1000, 'done')
})
`,
		},
		{
			name: "server", script: Script{Role: server, ShowSecrets: true},
			want: `// Made by wskit from ws://127.0.0.1:9000/chat?room=1&token=s3cret, recorded 2026-07-05 12:30:01
// UTC.
// It plays the server: wskit serve /chat=script:FILE
//
// What changes from run to run, such as times and ids, is here as it was: leave it out of an
// object, or expect a RegExp or a function in place of the message.
//
// Not reproduced: 1 ping, 1 pong.

on('upgrade', () => ({ protocol: 'chat.v1' }))

on('connection', async ws => {
  await ws.expect({ type: 'login', user: 'ann', tags: ['a', 'b'] })
  ws.send('{ "type": "hello", "session": "a8c0" }')
  ws.send(new Uint8Array([0x00, 0x01, 0x02]))
  await ws.expect('bye')
  // The reason was "done".
  await ws.closed(1000)
})
`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := scriptOf(t, &tt.script, events...)
			if got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
			checkJS(t, got)
			again, err := tt.script.Bytes()
			if err != nil || string(again) != got {
				t.Errorf("a second call of Bytes: %v\n%s", err, again)
			}
		})
	}
}

// TestScriptMessages checks what becomes of messages and other frames, in the script of
// the client.
func TestScriptMessages(t *testing.T) {
	whole := textMessage(1, client, codec.OpText, "one")
	cut := func(n int, from codec.Role, op codec.Opcode, data string, more uint64) *Message {
		m := says(n, from, op, data)
		m.Truncated, m.Size = more, m.Size+more
		return m
	}
	distrusted := func(n int, from codec.Role, data string) *Message {
		m := text(n, from, data)
		m.Reliable = false
		return m
	}
	problem := func(code string, from codec.Role, frame int) *Problem {
		p := NewProblem(code, from, "")
		p.Frame = frame
		return p
	}
	for _, tt := range []struct {
		name    string
		events  []Event
		want    string
		partial int
	}{
		{
			name: "frames with and without messages of their own",
			events: []Event{
				whole, whole.Message, textMessage(2, server, codec.OpText, "two"), textMessage(3, client, codec.OpText, "three"),
				text(4, client, "four"), text(5, server, "five"),
			},
			want: "  ws.send('one')\n  await ws.expect('two')\n  ws.send('three')\n  ws.send('four')\n  await ws.expect('five')\n",
		},
		{
			name: "a message that comes late",
			events: []Event{
				whole, textMessage(2, server, codec.OpText, "two"), whole.Message, textMessage(1, client, codec.OpText, "one").Message,
			},
			want: "  ws.send('one')\n  await ws.expect('two')\n  ws.send('one')\n",
		},
		{
			name:   "empty",
			events: []Event{text(1, client, ""), text(2, server, ""), says(3, client, codec.OpBinary, ""), says(4, server, codec.OpBinary, "")},
			want:   "  ws.send('')\n  await ws.expect('')\n  ws.send(new Uint8Array(0))\n  await ws.expect(new Uint8Array(0))\n",
		},
		{
			name:   "an empty object matches every object, and is no pattern",
			events: []Event{text(1, client, "{}"), text(2, server, "{}"), text(3, server, "[]"), text(4, server, " {} ")},
			want:   "  ws.send(JSON.stringify({}))\n  await ws.expect('{}')\n  await ws.expect('[]')\n  await ws.expect(' {} ')\n",
		},
		{
			name: "cut",
			events: []Event{
				cut(1, server, codec.OpText, `{"a":`, 1), cut(2, client, codec.OpText, `{"a":`, 20), cut(3, client, codec.OpBinary, "", 3),
			},
			want: "  // Not in the trace: 1 byte of this message.\n  await ws.expect(() => true)\n" +
				"  // Not in the trace: 20 bytes of this message.\n  ws.send('{\"a\":')\n" +
				"  // Not in the trace: 3 bytes of this message.\n  ws.send(new Uint8Array(0))\n",
			partial: 2,
		},
		{
			name:   "not to be trusted",
			events: []Event{distrusted(1, server, "?"), distrusted(2, client, "!"), distrusted(3, server, "")},
			want: "  // This message cannot be trusted: one before it could not be inflated.\n  await ws.expect(() => true)\n" +
				"  // This message cannot be trusted: one before it could not be inflated.\n  ws.send('!')\n" +
				"  // This message could not be inflated.\n  await ws.expect(() => true)\n",
			partial: 1,
		},
		{
			name:   "no UTF-8",
			events: []Event{text(1, server, "\xff')//"), text(2, client, "\xff")},
			want:   "  // A text of the server that is no UTF-8 is left out: 5 B.\n  // A text of the client that is no UTF-8 is left out: 1 B.\n",
		},
		{
			name: "problems stand before the message of their frame, notes do not",
			events: []Event{
				whole, problem(codec.ErrUnmaskedClientFrame.Code, client, 1), problem(ZeroMaskKey, client, 1), whole.Message,
				textMessage(2, server, codec.OpText, "two"), problem(codec.ErrUnmaskedClientFrame.Code, client, 0),
			},
			want: "  // unmasked-client-frame, by the client: a client must mask every frame (RFC 6455 §5.1)\n  ws.send('one')\n" +
				"  await ws.expect('two')\n  // unmasked-client-frame, by the client: a client must mask every frame (RFC 6455 §5.1)\n",
		},
		{
			name: "a problem of another frame stands behind the message",
			events: []Event{
				whole, problem(codec.ErrUnmaskedClientFrame.Code, client, 7),
			},
			want: "  ws.send('one')\n  // unmasked-client-frame, by the client: a client must mask every frame (RFC 6455 §5.1)\n",
		},
		{
			name: "frames of no message",
			events: []Event{
				control(1, server, 3, "abc"), control(2, client, codec.OpContinuation, ""),
				&Frame{From: server, N: 3, Incomplete: true, Msg: 1, Header: codec.Header{Opcode: codec.OpText}},
			},
			want: "  // Frame 1, by the server, is part of no message: opcode 3, 3 B.\n" +
				"  // Frame 2, by the client, is part of no message: opcode 0, 0 B.\n" +
				"  // Frame 3, by the server, is not whole.\n",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &Script{Role: client}
			got := scriptOf(t, s, tt.events...)
			checkJS(t, got)
			want := tt.want + "  // The recording ends here, with the connection open.\n"
			if body := bodyOf(t, got); body != want {
				t.Errorf("got\n%swant\n%s", body, want)
			}
			if s.Partial() != tt.partial {
				t.Errorf("Partial is %d, want %d", s.Partial(), tt.partial)
			}
		})
	}
}

func TestScriptEnd(t *testing.T) {
	const normal, away = "\x03\xe8", "\x03\xe9"
	frame := func(payload string) *CloseFrame { return NewCloseFrame([]byte(payload)) }
	end := func(by string, how How, client, server *CloseFrame) *Close {
		return &Close{By: by, How: how, Client: client, Server: server}
	}
	for _, tt := range []struct {
		name           string
		events         []Event
		client, server string // the script's last lines
	}{
		{
			name:   "by the client, of whom only the frames are known",
			events: []Event{closeFrame(1, client, away+"bye"), closeFrame(2, server, away)},
			client: "  ws.close(1001, 'bye')\n", server: "  // The reason was \"bye\".\n  await ws.closed(1001)\n",
		},
		{
			name:   "by the server, of whom only the end is known",
			events: []Event{end("server", HowClose, frame(away), frame(away))},
			client: "  await ws.closed(1001)\n", server: "  ws.close(1001)\n",
		},
		{
			name:   "both at once",
			events: []Event{closeFrame(1, client, normal), closeFrame(2, server, away), end("both", HowClose, frame(normal), frame(away))},
			client: "  ws.close(1000)\n", server: "  await ws.closed(1000)\n",
		},
		{
			name:   "both at once, the server's first",
			events: []Event{closeFrame(1, server, away), closeFrame(2, client, normal), end("both", HowClose, frame(normal), frame(away))},
			client: "  await ws.closed(1001)\n", server: "  ws.close(1001)\n",
		},
		{
			name:   "by a side whose frame is not known",
			events: []Event{end("client", HowClose, nil, frame(away))},
			client: "  await ws.closed(1001)\n", server: "  ws.close(1001)\n",
		},
		{
			name:   "without an answer",
			events: []Event{closeFrame(1, server, normal), end("server", HowClose, nil, frame(normal)), NewProblem(UnansweredClose, client, "")},
			client: "  await ws.closed(1000)\n", server: "  ws.close(1000)\n",
		},
		{
			name:   "what follows the close",
			events: []Event{closeFrame(1, client, normal), text(2, server, "late"), text(3, server, "later"), NewProblem(UnansweredClose, server, "")},
			client: "  ws.close(1000)\n  // After the close the server sent 2 more messages.\n" +
				"  // unanswered-close, by the server: the close frame was not answered (RFC 6455 §5.5.1)\n",
			server: "  await ws.closed(1000)\n  // After the close the server sent 2 more messages.\n" +
				"  // unanswered-close, by the server: the close frame was not answered (RFC 6455 §5.5.1)\n",
		},
		{
			name:   "without a code",
			events: []Event{closeFrame(1, client, "")},
			client: "  // The close frame had no code; this one has 1000.\n  ws.close()\n",
			server: "  await ws.closed(1005) // without a code\n",
		},
		{
			name:   "a code that is not sent",
			events: []Event{closeFrame(1, server, "\x03\xee")},
			client: "  // The close frame had the code 1006, which must not be sent.\n  await ws.closed()\n",
			server: "  // The close frame had the code 1006, which must not be sent; this one has 1000.\n  ws.close()\n",
		},
		{
			name:   "a reason that is no code",
			events: []Event{closeFrame(1, server, normal+"'); exit() // \u2028\n\x1b[m")},
			client: `  // The reason was "'); exit() // \u{2028}␊\x1b[m".` + "\n  await ws.closed(1000)\n",
			server: `  ws.close(1000, "'); exit() // \u2028\n\x1b[m")` + "\n",
		},
		{
			name:   "a reason that is no UTF-8",
			events: []Event{closeFrame(1, server, normal+"\xff")},
			client: `  // The reason was "\xff".` + "\n  await ws.closed(1000)\n", server: "  ws.close(1000)\n",
		},
		{
			name:   "a record of a close frame that does not say more",
			events: []Event{control(1, server, codec.OpClose, away)},
			client: "  await ws.closed(1001)\n", server: "  ws.close(1001)\n",
		},
		{
			name:   "lost, by the server",
			events: []Event{end("server", HowFIN, nil, nil)},
			client: "  await ws.closed(1006) // lost, without a close frame\n", server: "  ws.terminate()\n",
		},
		{
			name:   "lost, by the client",
			events: []Event{end("client", HowRST, nil, nil)},
			client: "  ws.terminate()\n", server: "  await ws.closed(1006) // lost, without a close frame\n",
		},
		{
			name:   "lost, by the client, behind its message",
			events: []Event{text(1, client, "a"), end("client", HowRST, nil, nil)},
			client: "  ws.send('a')\n  await sleep(100) // a reset takes with it what has not arrived\n  ws.terminate()\n",
			server: "  await ws.expect('a')\n  await ws.closed(1006) // lost, without a close frame\n",
		},
		{
			name:   "lost, by the client, behind the server's message",
			events: []Event{text(1, client, "a"), text(2, server, "b"), end("client", HowRST, nil, nil)},
			client: "  ws.send('a')\n  await ws.expect('b')\n  ws.terminate()\n",
			server: "  await ws.expect('a')\n  ws.send('b')\n  await ws.closed(1006) // lost, without a close frame\n",
		},
		{
			name:   "open",
			events: []Event{end("unknown", HowError, nil, nil)},
			client: "  // The recording ends here, with the connection open.\n",
			server: "  // The recording ends here, with the connection open.\n",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for role, want := range map[codec.Role]string{client: tt.client, server: tt.server} {
				got := scriptOf(t, &Script{Role: role}, tt.events...)
				checkJS(t, got)
				if body := bodyOf(t, got); body != want {
					t.Errorf("the %s: got\n%swant\n%s", role, body, want)
				}
			}
		})
	}
}

// TestScriptHead checks that the first comment says no more than it must.
func TestScriptHead(t *testing.T) {
	broken := &Problem{Code: "some", Severity: Error}
	for _, tt := range []struct {
		name   string
		events []Event
		want   string
	}{
		{
			name: "nothing is expected", events: []Event{text(1, server, "a")},
			want: "// Made by wskit.\n// It plays the server: wskit serve /=script:FILE\n",
		},
		{
			name: "a refusal breaks a rule", events: []Event{&Open{URL: "ws://h/", Status: 403, Response: new(Head)}, broken},
			want: "// Made by wskit from ws://h/.\n// It plays the server: wskit serve /=script:FILE\n",
		},
		{
			name: "all that is left out",
			events: []Event{
				control(1, client, codec.OpPing, ""), control(2, client, codec.OpPing, ""), control(3, server, codec.OpPong, ""), broken,
				&Message{From: server, Msg: 1, Opcode: codec.OpBinary, Frames: []int{4, 5}, Compressed: true, Reliable: true},
				&Message{From: server, Msg: 2, Opcode: codec.OpBinary, Frames: []int{6}, Compressed: true, Reliable: true},
			},
			want: "// Made by wskit.\n// It plays the server: wskit serve /=script:FILE\n//\n" +
				"// Not reproduced: 2 pings, 1 pong, the fragments of 1 message, the compression of 2 messages, what\n// breaks a rule.\n",
		},
	} {
		got := scriptOf(t, &Script{Role: server}, tt.events...)
		if head, _, _ := strings.Cut(got, "\n\n"); head+"\n" != tt.want {
			t.Errorf("%s: got\n%s\nwant\n%s", tt.name, head, tt.want)
		}
	}
}

func TestScriptUpgrade(t *testing.T) {
	answered := func(status int, headers ...[2]string) *Open {
		return &Open{Status: status, Response: &Head{Start: "HTTP/1.1 …", Headers: headers}}
	}
	for _, tt := range []struct {
		name string
		open *Open
		want string // behind the first comment
	}{
		{
			name: "refused",
			open: answered(401, [2]string{"Date", "today"}, [2]string{"WWW-Authenticate", `Basic realm="it's"`}, [2]string{"X", "1"},
				[2]string{"Content-Length", "5"}, [2]string{"x", "2"}, [2]string{"Set-Cookie", "id=s3cret; Path=/"},
				[2]string{"bad name", "x"}, [2]string{"Bad-Value", "\x00"}, [2]string{"__proto__", "x"}),
			want: "on('upgrade', () => ({\n  status: 401,\n  headers: {\n    'WWW-Authenticate': 'Basic realm=\"it\\'s\"',\n" +
				"    X: ['1', '2'],\n    'Set-Cookie': 'id=[redacted]; Path=/',\n  },\n" +
				"  // The body of the response is not in the trace.\n  body: '',\n}))\n",
		},
		{
			name: "refused without headers", open: answered(503),
			want: "on('upgrade', () => ({\n  status: 503,\n  // The body of the response is not in the trace.\n  body: '',\n}))\n",
		},
		{
			name: "a status that a script cannot have", open: answered(999),
			want: "// The server answered with the status 999, which a script cannot; this one has 500.\n" +
				"on('upgrade', () => ({\n  status: 500,\n  // The body of the response is not in the trace.\n  body: '',\n}))\n",
		},
		{
			name: "no response", open: &Open{},
			want: "// There was no response.\non('upgrade', () => ({ drop: true }))\n",
		},
		{
			name: "a subprotocol that is a secret", open: &Open{Status: 101, Subprotocol: "bearer.eyJhbGciOi"},
			want: "// The server chose a subprotocol that looks like a secret, and is not here.\n\n" +
				"on('connection', async ws => {\n  // The recording ends here, with the connection open.\n})\n",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := scriptOf(t, &Script{Role: server}, tt.open)
			if !tt.open.Ready() {
				tt.want += "\n// Without a handler it would be no script; no connection gets here.\non('connection', () => {})\n"
			}
			if _, got, _ = strings.Cut(got, "\n\n"); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
			if tt.open.Ready() {
				return
			}
			s := &Script{Role: client}
			s.Add(tt.open)
			if b, err := s.Bytes(); !errors.Is(err, ErrNoWebSocket) || b != nil {
				t.Errorf("the client: got %q, error %v", b, err)
			}
		})
	}
}

// TestScriptRunLine checks that what is there to be pasted does only what it looks like.
func TestScriptRunLine(t *testing.T) {
	for _, tt := range []struct {
		name, url, target string
		offered           []string
		client, server    string
	}{
		{
			name: "plain", url: "ws://h:1/a/b", target: "/a/b",
			client: "wskit connect --script FILE ws://h:1/a/b", server: "wskit serve /a/b=script:FILE",
		},
		{
			name: "a query", url: "ws://h/a/?b=c&d=$(x)", target: "/a/?b=c&d=$(x)", offered: []string{"a", "!b|c"},
			client: "wskit connect -s a -s '!b|c' --script FILE 'ws://h/a/?b=c&d=$(x)'", server: "wskit serve /a/=script:FILE",
		},
		{
			name: "a quote", url: "ws://h/';x;'", target: "/';x;'", offered: []string{"it's"},
			client: "wskit connect --script FILE URL", server: "wskit serve /=script:FILE",
		},
		{
			name: "flags", url: "--help", target: "--help", offered: []string{"-x"},
			client: "wskit connect --script FILE URL", server: "wskit serve /=script:FILE",
		},
		{
			name: "lines", url: "ws://h/\nrm", target: "/\nrm", offered: []string{"é"},
			client: "wskit connect --script FILE URL", server: "wskit serve /=script:FILE",
		},
		{
			name: "a pattern", url: "ws://h/{a}", target: "/{a}",
			client: "wskit connect --script FILE 'ws://h/{a}'", server: "wskit serve /=script:FILE",
		},
		{
			name: "a path that is cleaned", url: "ws://h/a/../b", target: "/a/../b",
			client: "wskit connect --script FILE ws://h/a/../b", server: "wskit serve /=script:FILE",
		},
		{
			name: "an escaped path", url: "ws://h/a%2Fb", target: "/a%2Fb",
			client: "wskit connect --script FILE ws://h/a%2Fb", server: "wskit serve /=script:FILE",
		},
		{
			name: "a path that needs quotes", url: "ws://h/a$(b)", target: "/a$(b)",
			client: "wskit connect --script FILE 'ws://h/a$(b)'", server: "wskit serve /=script:FILE",
		},
		{
			name: "a path of variables", url: "ws://h/a$b", target: "/a$b",
			client: "wskit connect --script FILE 'ws://h/a$b'", server: "wskit serve /=script:FILE",
		},
		{
			name: "very long", url: "ws://h/" + strings.Repeat("a", 300), target: "/" + strings.Repeat("a", 300),
			client: "wskit connect --script FILE URL", server: "wskit serve /=script:FILE",
		},
		{
			name: "nothing", client: "wskit connect --script FILE URL", server: "wskit serve /=script:FILE",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := &Open{URL: tt.url, SubprotocolsOffered: tt.offered, Request: &Head{Start: "GET " + tt.target + " HTTP/1.1"}}
			for role, want := range map[codec.Role]string{client: tt.client, server: tt.server} {
				if got := (&Script{Role: role}).runLine(o); got != want {
					t.Errorf("the %s: got %s, want %s", role, got, want)
				}
			}
		})
	}
}

func TestScriptConnections(t *testing.T) {
	first, second := text(1, client, "a"), text(1, client, "a")
	first.Conn, second.Conn = 3, 5
	again := &Open{Base: Base{Conn: 3}}
	for _, tt := range []struct {
		name   string
		events []Event
		want   ConnectionsError
	}{
		{"two", []Event{first, second}, ConnectionsError{3, 5}},
		{"one number twice", []Event{&Open{Base: Base{Conn: 3}}, first, &Close{Base: Base{Conn: 3}}, again}, ConnectionsError{3, 3}},
		{"a handshake behind a message", []Event{first, again}, ConnectionsError{3, 3}},
	} {
		s := &Script{}
		for i, e := range tt.events {
			err := s.Add(e)
			var got *ConnectionsError
			last := i == len(tt.events)-1
			if errors.As(err, &got) != last || last && *got != tt.want {
				t.Errorf("%s: event %d: error %v", tt.name, i, err)
			}
		}
	}
	if b, err := new(Script).Bytes(); b != nil || err != nil {
		t.Errorf("without events: %q, error %v", b, err)
	}
}

// FuzzScript checks that whatever peers say, no script has other code than it should.
func FuzzScript(f *testing.F) {
	f.Add("ws://h/", "chat", `{"a":1}`, "reason", "text", true)
	f.Add("\n\u2028", "'", "'); exit()//", "*/ \x1b[31m", "\r\nfoo()", false)
	f.Add("';\\", "\\'", "\\", "\u202e</script>", "\u2029", true)
	f.Fuzz(func(t *testing.T, url, protocol, message, reason, problem string, truncate bool) {
		m := text(2, client, message)
		if truncate {
			m.Truncated++
		}
		events := []Event{
			&Open{
				URL: url, Status: 101, Subprotocol: protocol, SubprotocolsOffered: []string{protocol},
				Request: &Head{Start: "GET " + url + " HTTP/1.1"},
			},
			&Problem{Code: problem, Severity: Error, Text: problem, RFC: problem},
			m, text(3, server, message), says(4, server, codec.OpBinary, message),
			closeFrame(5, client, "\x03\xe8"+reason),
		}
		for _, role := range []codec.Role{client, server} {
			checkJS(t, scriptOf(t, &Script{Role: role, ShowSecrets: true}, events...))
		}
		refused := &Open{
			Status: 403, URL: url,
			Response: &Head{Start: problem, Headers: [][2]string{{protocol, reason}, {"X", message}, {"x", problem}}},
		}
		got := scriptOf(t, &Script{Role: server}, refused)
		if tokens, err := scanJS(got); err != nil {
			t.Errorf("%v:\n%s", err, got)
		} else {
			for i, tok := range tokens {
				if tok.kind == 'a' && tok.text != "on" && (i+1 == len(tokens) || tokens[i+1].kind != ':') {
					t.Errorf("the script has the name %q:\n%s", tok.text, got)
				}
			}
		}
	})
}
