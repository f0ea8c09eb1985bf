package wsserver

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"wskit/codec"
	"wskit/codec/wsconn"
)

func TestParseMount(t *testing.T) {
	tests := []struct {
		name, in string
		pattern  string
		status   int    // of a reject
		body     string // of a reject
	}{
		{name: "behaviour alone", in: "echo", pattern: "/"},
		{name: "path", in: "/ws=echo", pattern: "/ws"},
		{name: "slash left out", in: "ws=echo-frames", pattern: "/ws"},
		{name: "path like a behaviour", in: "echo=text:x", pattern: "/echo"},
		{name: "wildcard", in: "/rooms/{room}=echo", pattern: "/rooms/{room}"},
		{name: "text alone with an equals sign", in: "text:a=b", pattern: "/"},
		{name: "empty text", in: "/a=text:", pattern: "/a"},
		{name: "reject", in: "/no=reject:403", pattern: "/no", status: 403},
		{name: "reject with a body", in: "reject:503:come back: later=now", pattern: "/", status: 503, body: "come back: later=now"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, err := ParseMount(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if m.Pattern != tt.pattern {
				t.Errorf("pattern %q, want %q", m.Pattern, tt.pattern)
			}
			_, err = m.Route.Upgrade(nil)
			var ref Refusal
			if r, ok := errors.AsType[*Refusal](err); ok {
				ref = *r
			}
			if ref.Status != tt.status || ref.Body != tt.body {
				t.Errorf("Upgrade: %v, body %q; want status %d, body %q", err, ref.Body, tt.status, tt.body)
			}
		})
	}
}

func TestParseMountErrors(t *testing.T) {
	tests := []struct{ name, in, problem, hint string }{
		{name: "empty", in: "", problem: "empty", hint: "/ws=echo"},
		{name: "empty path", in: "=echo", problem: "the path is empty", hint: "write /=echo"},
		{name: "path alone", in: "/ws", problem: "neither", hint: "did you mean /ws=echo ?"},
		{name: "name alone", in: "ecko", problem: "neither", hint: "did you mean ecko=echo ?"},
		{name: "unknown with a colon", in: "exec:cat", problem: "neither", hint: "the behaviours are echo, echo-frames, text:…"},
		{name: "unknown", in: "/ws=chat", problem: `unknown behaviour "chat"`, hint: "echo, echo-frames"},
		{name: "argument for echo", in: "/ws=echo:x", problem: `unknown behaviour "echo:x"`},
		{name: "text without its colon", in: "/ws=text", problem: `unknown behaviour "text"`, hint: "text:…"},
		{name: "text that is not UTF-8", in: "/ws=text:\xff", problem: "valid UTF-8"},
		{name: "reject without a status", in: "/ws=reject:", problem: `bad status ""`, hint: "reject:403"},
		{name: "reject with a word", in: "/ws=reject:no", problem: `bad status "no"`},
		{name: "reject that accepts", in: "/ws=reject:101", problem: `bad status "101"`},
		{name: "reject too big", in: "/ws=reject:600", problem: "200 to 599"},
		{name: "reject with a sign", in: "/ws=reject:+40", problem: "bad status"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ParseMount(tt.in)
			h, ok := err.(interface{ Hint() string })
			if !ok {
				t.Fatalf("ParseMount(%q): %v, want an error with a hint", tt.in, err)
			}
			if !strings.Contains(err.Error(), tt.problem) || !strings.Contains(h.Hint(), tt.hint) {
				t.Errorf("ParseMount(%q): %q, hint %q; want %q and %q in them", tt.in, err, h.Hint(), tt.problem, tt.hint)
			}
		})
	}
}

// A frame is a data frame without its header's encoding.
type frame struct {
	fin  bool
	op   codec.Opcode
	data string
}

func TestBehaviours(t *testing.T) {
	fragments := []frame{{false, codec.OpText, "he"}, {false, codec.OpContinuation, ""}, {true, codec.OpContinuation, "llo"}}
	binary := []frame{{true, codec.OpBinary, "\xff\x00"}}
	tests := []struct {
		name  string
		route Route
		send  []frame
		want  []frame
	}{
		{name: "echo joins fragments", route: Echo(), send: fragments, want: []frame{{true, codec.OpText, "hello"}}},
		{name: "echo keeps the opcode", route: Echo(), send: binary, want: binary},
		{name: "echo-frames keeps fragments", route: EchoFrames(), send: fragments, want: fragments},
		{name: "text answers a message", route: Text("ok é"), send: fragments, want: []frame{{true, codec.OpText, "ok é"}}},
		{name: "text answers binary with text", route: Text(""), send: binary, want: []frame{{true, codec.OpText, ""}}},
		{
			name: "text-frames answers each frame", route: TextFrames("ok"), send: fragments,
			want: []frame{{true, codec.OpText, "ok"}, {true, codec.OpText, "ok"}, {true, codec.OpText, "ok"}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ts := serve(t, Config{Mounts: []Mount{{"/", tt.route}}}, nil)
			c := ts.open(nil, "/")
			for _, f := range tt.send {
				if err := c.WriteFrame(wsconn.Frame{Fin: f.fin, Opcode: f.op, Data: []byte(f.data)}); err != nil {
					t.Fatal(err)
				}
			}
			for i, want := range tt.want {
				got, err := c.NextFrame()
				if err != nil {
					t.Fatal(err)
				}
				if (frame{got.Fin, got.Opcode, string(got.Data)}) != want {
					t.Errorf("frame %d: %v %v %q, want %v", i, got.Fin, got.Opcode, got.Data, want)
				}
			}
			if err := c.Close(codec.CloseNormal, "bye"); err != nil {
				t.Fatal(err)
			}
			end := (<-ts.closed).End
			if end.Code != codec.CloseNormal || end.Reason != "bye" || end.By != wsconn.Peer {
				t.Errorf("the server's end: %v", end)
			}
		})
	}
}

func TestCompressionByBehaviour(t *testing.T) {
	const offer = "Sec-WebSocket-Extensions: permessage-deflate"
	tests := []struct {
		name    string
		route   Route
		deflate *codec.DeflateConfig
		want    bool
	}{
		{name: "echo", route: Echo(), deflate: &codec.DeflateConfig{}, want: true},
		{name: "echo, off", route: Echo()},
		{name: "text", route: Text("x"), deflate: &codec.DeflateConfig{}, want: true},
		{name: "echo-frames", route: EchoFrames(), deflate: &codec.DeflateConfig{}},
		{name: "text-frames", route: TextFrames("x"), deflate: &codec.DeflateConfig{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ts := serve(t, Config{Mounts: []Mount{{"/", tt.route}}, Deflate: tt.deflate}, nil)
			resp, _ := ts.exchanger().send(t, upgradeRequest("/", offer))
			got := strings.HasPrefix(resp.Header.Get("Sec-WebSocket-Extensions"), "permessage-deflate")
			if resp.StatusCode != http.StatusSwitchingProtocols || got != tt.want {
				t.Errorf("%s, compressed %v; want %v", resp.Status, got, tt.want)
			}
			if o := <-ts.opened; (o.Deflate != nil) != tt.want {
				t.Errorf("Opened.Deflate = %v, want %v", o.Deflate, tt.want)
			}
		})
	}
}
