package interop

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wskit/codec"
	"wskit/codec/wsconn"
	"wskit/wsclient"
)

// A choice is one way for our client to compress with a peer's server.
type choice struct {
	name    string
	server  []string             // flags of the server
	deflate *codec.DeflateConfig // our offer
	// What must be agreed: the bits of each window, zero for no compression,
	// and whether there is context takeover.
	serverBits, clientBits         int
	serverTakeover, clientTakeover bool
	large                          bool // send large messages too
	tls                            bool
	noPython                       string
}

// choices returns every choice of windows and of takeover that the peers offer.
func choices() []choice {
	compress := []string{"--compress"}
	list := []choice{
		{name: "plain", large: true},
		{name: "TLS", tls: true, large: true},
		{
			name: "deflate over TLS", tls: true, server: compress, deflate: &codec.DeflateConfig{},
			serverBits: 15, clientBits: 15, serverTakeover: true, clientTakeover: true,
		},
		{name: "deflate declined", deflate: &codec.DeflateConfig{}},
		{name: "deflate not offered", server: compress},
		{
			name: "deflate", server: compress, deflate: &codec.DeflateConfig{}, large: true,
			serverBits: 15, clientBits: 15, serverTakeover: true, clientTakeover: true,
		},
		{
			name: "deflate fast", server: compress, deflate: &codec.DeflateConfig{Level: 1, MinSize: 1},
			serverBits: 15, clientBits: 15, serverTakeover: true, clientTakeover: true,
		},
		{
			name: "deflate small", server: compress, deflate: &codec.DeflateConfig{Level: 9, MinSize: 1},
			serverBits: 15, clientBits: 15, serverTakeover: true, clientTakeover: true,
		},
		{
			name: "server without takeover", server: []string{"--compress", "--server-no-context-takeover"},
			deflate: &codec.DeflateConfig{}, serverBits: 15, clientBits: 15, clientTakeover: true,
		},
		{
			name: "client without takeover", server: []string{"--compress", "--client-no-context-takeover"},
			deflate: &codec.DeflateConfig{}, serverBits: 15, clientBits: 15, serverTakeover: true,
		},
		{
			name: "asks the server for no takeover", server: compress,
			deflate:    &codec.DeflateConfig{ServerNoContextTakeover: true},
			serverBits: 15, clientBits: 15, clientTakeover: true,
		},
		{
			name: "promises no takeover", server: compress,
			deflate:    &codec.DeflateConfig{ClientNoContextTakeover: true},
			serverBits: 15, clientBits: 15, serverTakeover: true,
		},
	}
	for bits := 8; bits <= 15; bits++ {
		for _, takeover := range []bool{true, false} {
			list = append(list, serverBounds(bits, takeover), clientBounds(bits, takeover))
		}
	}
	return list
}

// serverBounds is the choice in which the server bounds both windows.
func serverBounds(bits int, takeover bool) choice {
	c := choice{
		name: fmt.Sprintf("server bounds to %d bits", bits),
		server: []string{
			"--compress",
			fmt.Sprintf("--server-max-window-bits=%d", bits), fmt.Sprintf("--client-max-window-bits=%d", bits),
		},
		deflate: &codec.DeflateConfig{},
	}
	if !takeover {
		c.server = append(c.server, "--server-no-context-takeover", "--client-no-context-takeover")
	}
	return c.agree(bits, takeover)
}

// clientBounds is the choice in which our client bounds both windows.
func clientBounds(bits int, takeover bool) choice {
	c := choice{
		name:   fmt.Sprintf("client bounds to %d bits", bits),
		server: []string{"--compress"},
		deflate: &codec.DeflateConfig{
			ServerMaxWindowBits: bits, ClientMaxWindowBits: bits,
			ServerNoContextTakeover: !takeover, ClientNoContextTakeover: !takeover,
		},
	}
	return c.agree(bits, takeover)
}

// agree fills in what both windows of bits bits give.
func (c choice) agree(bits int, takeover bool) choice {
	if !takeover {
		c.name += " without takeover"
	}
	c.serverBits, c.clientBits = bits, bits
	c.serverTakeover, c.clientTakeover = takeover, takeover
	if bits == 8 {
		c.noPython = noDeflate8
	}
	return c
}

// TestDial runs our client against the servers of npm ws and of Python.
func TestDial(t *testing.T) {
	t.Parallel()
	for _, l := range libraries() {
		for _, c := range choices() {
			t.Run(l.name+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				l.need(t)
				if l.name == "python" && c.noPython != "" {
					t.Skip(c.noPython)
				}
				cfg := wsclient.Config{Deflate: c.deflate}
				if c.tls {
					cert, key := certificate(t)
					c.server = slices.Concat(c.server, []string{"--tls-cert", cert, "--tls-key", key})
					cfg.TLS = &tls.Config{RootCAs: trust(t, cert)}
				}
				c.run(t, l.startServer(t, c.server...), cfg)
			})
		}
	}
}

func (c *choice) run(t *testing.T, server peerServer, cfg wsclient.Config) {
	conn := dial(t, server.url, cfg)
	c.checkAgreement(t, conn.Deflate())
	conn.echoSizes(t)
	conn.fragment(t)
	conn.control(t)
	c.checkWire(t, conn)
	if c.large {
		// TestConnect sends 16 MiB: the race detector takes its time here.
		conn.echo(t, codec.OpText, text(1<<20))
		conn.echo(t, codec.OpBinary, random(1<<20))
	}
	if err := conn.Close(codec.CloseNormal, "done: prüfung"); err != nil {
		t.Errorf("close: %v", err)
	}
	if got, want := server.closed(t), (closing{1000, "done: prüfung"}); got != want {
		t.Errorf("the server saw %v, want %v", got, want)
	}
}

func (c *choice) checkAgreement(t *testing.T, got *codec.Deflate) {
	t.Helper()
	if c.serverBits == 0 || got == nil {
		if c.serverBits != 0 || got != nil {
			t.Fatalf("agreed on %+v, want compression: %t", got, c.serverBits != 0)
		}
		return
	}
	for _, side := range []struct {
		role     codec.Role
		bits     int
		takeover bool
	}{
		{codec.RoleServer, c.serverBits, c.serverTakeover},
		{codec.RoleClient, c.clientBits, c.clientTakeover},
	} {
		if bits, takeover := got.WindowBits(side.role), got.Takeover(side.role); bits != side.bits || takeover != side.takeover {
			t.Errorf("%v: agreed on %d bits, takeover %t; want %d, %t", side.role, bits, takeover, side.bits, side.takeover)
		}
	}
}

// checkWire checks what crosses the wire for the same message twice: it cannot be
// compressed but by what came before it.
func (c *choice) checkWire(t *testing.T, conn *client) {
	t.Helper()
	message := random(5000) // too long for a window of 12 bits
	conn.echo(t, codec.OpBinary, message)
	sent, received := conn.sent.Load(), conn.received.Load()
	conn.echo(t, codec.OpBinary, message)
	for _, side := range []struct {
		name  string
		bytes int64
		small bool
	}{
		{"sent", conn.sent.Load() - sent, c.clientBits >= 13 && c.clientTakeover},
		{"received", conn.received.Load() - received, c.serverBits >= 13 && c.serverTakeover},
	} {
		if small := side.bytes < int64(len(message))/4; small != side.small {
			t.Errorf("%s %d bytes for a message of %d for the second time, want fewer: %t", side.name, side.bytes, len(message), side.small)
		}
	}
}

// TestClose closes in every way, from both ends.
func TestClose(t *testing.T) {
	tests := []closing{
		{1000, ""},
		{1000, "bye: prüfung"},
		{1001, "leaving"},
		{1008, "policy"},
		{1011, "trouble"},
		{3000, strings.Repeat("r", codec.MaxCloseReason)},
		{4999, strings.Repeat("ü", codec.MaxCloseReason/2)},
	}
	for _, l := range libraries() {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			l.need(t)
			server := l.startServer(t)
			for _, want := range tests {
				conn := dial(t, server.url, wsclient.Config{})
				if err := conn.Close(codec.CloseCode(want.Code), want.Reason); err != nil {
					t.Errorf("close with %v: %v", want, err)
				}
				if got := server.closed(t); got != want {
					t.Errorf("the server saw %v, want %v", got, want)
				}

				conn = dial(t, server.url, wsclient.Config{})
				conn.say(t, fmt.Sprintf("!close %d %s", want.Code, want.Reason))
				op, data, err := conn.NextMessage()
				end, ok := errors.AsType[*wsconn.CloseError](err)
				if !ok {
					t.Fatalf("got %v %q, %v; want a close", op, data, err)
				}
				if got := (closing{int(end.Code), end.Reason}); got != want || end.By != wsconn.Peer || end.Err != nil {
					t.Errorf("closed with %v by %v: %v; want %v by the peer", got, end.By, end.Err, want)
				}
				if got := server.closed(t); got.Code != want.Code {
					t.Errorf("our answer: the server saw %v, want the code of %v", got, want)
				}
			}
			conn := dial(t, server.url, wsclient.Config{})
			if err := conn.Close(codec.CloseNoStatus, ""); err != nil {
				t.Errorf("close without a code: %v", err)
			}
			if got, want := server.closed(t), (closing{1005, ""}); got != want {
				t.Errorf("without a code: the server saw %v, want %v", got, want)
			}
		})
	}
}

// TestSubprotocol checks what a server chooses of what our client offers.
func TestSubprotocol(t *testing.T) {
	tests := []struct {
		name           string
		server, client []string
		want           string
	}{
		{"server's choice", []string{"chat.v2", "chat.v1"}, []string{"chat.v1", "chat.v2"}, "chat.v2"},
		{"one in common", []string{"chat.v3", "chat.v1"}, []string{"chat.v1", "chat.v2"}, "chat.v1"},
		{"none in common", []string{"chat.v3"}, []string{"chat.v1"}, ""},
		{"none offered", []string{"chat.v3"}, nil, ""},
	}
	for _, l := range libraries() {
		for _, test := range tests {
			t.Run(l.name+"/"+test.name, func(t *testing.T) {
				t.Parallel()
				l.need(t)
				var flags []string
				for _, p := range test.server {
					flags = append(flags, "--subprotocol", p)
				}
				conn := dial(t, l.startServer(t, flags...).url, wsclient.Config{Subprotocols: test.client})
				if got := conn.Subprotocol(); got != test.want {
					t.Errorf("agreed on %q, want %q", got, test.want)
				}
			})
		}
	}
}

// A client is a connection of our client to a peer's server.
type client struct {
	*wsclient.Conn
	pongs          []string // that NextMessage came by
	sent, received atomic.Int64
}

// dial connects until the test ends.
func dial(t *testing.T, url string, cfg wsclient.Config) *client {
	t.Helper()
	u, err := wsclient.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	c := &client{}
	cfg.URL = u
	cfg.Conn.OnControl = func(op codec.Opcode, payload []byte) {
		if op == codec.OpPong {
			c.pongs = append(c.pongs, string(payload))
		}
	}
	cfg.Conn.Tap = func(from codec.Role, _ time.Time, b []byte) {
		if from == codec.RoleClient {
			c.sent.Add(int64(len(b)))
		} else {
			c.received.Add(int64(len(b)))
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	if c.Conn, err = wsclient.Dial(ctx, cfg); err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(limit, c.Abort)
	t.Cleanup(func() {
		late.Stop()
		c.Abort()
	})
	return c
}

func (c *client) say(t *testing.T, s string) {
	t.Helper()
	if err := c.WriteMessage(codec.OpText, []byte(s)); err != nil {
		t.Fatalf("write %.40q: %v", s, err)
	}
}

// hear reads a message, which must be as given.
func (c *client) hear(t *testing.T, wantOp codec.Opcode, want []byte) {
	t.Helper()
	op, data, err := c.NextMessage()
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	if op != wantOp || !bytes.Equal(data, want) {
		t.Fatalf("got %v of %d bytes, %.60q; want %v of %d bytes, %.60q", op, len(data), data, wantOp, len(want), want)
	}
}

func (c *client) echo(t *testing.T, op codec.Opcode, data []byte) {
	t.Helper()
	if err := c.WriteMessage(op, data); err != nil {
		t.Fatalf("write %d bytes: %v", len(data), err)
	}
	c.hear(t, op, data)
}

// echoSizes sends messages of the sizes at which the length form changes, alone,
// alike and many at once.
func (c *client) echoSizes(t *testing.T) {
	t.Helper()
	sizes := []int{0, 1, 125, 126, 65535, 65536}
	for _, size := range sizes {
		c.echo(t, codec.OpText, text(size))
		c.echo(t, codec.OpBinary, random(size))
	}
	for i := range 20 {
		c.echo(t, codec.OpText, append(text(1024), byte('a'+i)))
	}
	for i := range 100 {
		if err := c.WriteMessage(codec.OpBinary, random(7*i)); err != nil {
			t.Fatalf("write message %d: %v", i, err)
		}
	}
	for i := range 100 {
		c.hear(t, codec.OpBinary, random(7*i))
	}
}

// fragment sends a message in fragments, which end inside characters, and has the
// server do so.
func (c *client) fragment(t *testing.T) {
	t.Helper()
	message := text(70000)
	w, err := c.MessageWriter(codec.OpText)
	if err != nil {
		t.Fatal(err)
	}
	for part := range slices.Chunk(message, 3001) {
		if _, err := w.Write(part); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	c.hear(t, codec.OpText, message)

	c.say(t, "!fragments 5 "+string(text(3000)))
	c.hear(t, codec.OpText, text(3000))
}

// control pings, and is pinged.
func (c *client) control(t *testing.T) {
	t.Helper()
	want := []string{"", "ping", string(text(125))}
	for _, data := range want {
		if err := c.Ping([]byte(data)); err != nil {
			t.Fatalf("ping: %v", err)
		}
	}
	c.echo(t, codec.OpText, []byte("after the pings"))
	if !slices.Equal(c.pongs, want) {
		t.Errorf("pongs %q, want %q", c.pongs, want)
	}
	if err := c.Pong([]byte("nobody asked")); err != nil {
		t.Fatalf("pong: %v", err)
	}
	c.say(t, "!ping data")
	c.hear(t, codec.OpText, []byte("pong data"))
}

// text returns size bytes of UTF-8 with characters of one to four bytes.
func text(size int) []byte {
	b := make([]byte, 0, size)
	for i := 0; ; i++ {
		for _, word := range []string{"prüfung ", "検査 ", "€ ", "𝄞 ", fmt.Sprintln(i % 200)} {
			if len(b)+len(word) > size {
				return append(b, strings.Repeat(".", size-len(b))...)
			}
			b = append(b, word...)
		}
	}
}

// random returns size bytes that repeat after more than 4 KiB only.
func random(size int) []byte {
	b := make([]byte, size)
	state := uint32(1)
	for i := range b {
		if i >= 5003 {
			b[i] = b[i-5003]
			continue
		}
		state = state*1103515245 + 12345
		b[i] = byte(state >> 16)
	}
	return b
}
