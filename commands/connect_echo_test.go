package commands

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"wskit/codec"
	"wskit/codec/wsconn"
	"wskit/wsserver"
)

// serveSession serves one session on a loopback port and returns its URL and a
// function that waits for the session's result.
func serveSession(t *testing.T, cfg wsserver.Config, session func(c *wsconn.Conn) error) (url string, result func() error) {
	t.Helper()
	results := make(chan error, 1)
	cfg.Mounts = []wsserver.Mount{{Pattern: "/", Route: wsserver.RouteFunc(func(*http.Request) (*wsserver.Session, error) {
		return &wsserver.Session{Serve: func(_ context.Context, c *wsconn.Conn) error {
			err := session(c)
			results <- err
			if err != nil && !errors.As(err, new(*wsconn.CloseError)) {
				return &wsconn.CloseError{Code: codec.CloseInternalError, Reason: err.Error()}
			}
			return err
		}}, nil
	})}}
	s, err := wsserver.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve() }()
	t.Cleanup(func() {
		s.Shutdown(context.Background())
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return s.URLs()[0], func() error { return <-results }
}

// bounce sends a message and checks that the same comes back in one frame, if it is
// not compressed.
func bounce(c *wsconn.Conn, op codec.Opcode, data []byte) error {
	if err := c.WriteMessage(op, data); err != nil {
		return err
	}
	return expectMessage(c, op, data)
}

func expectMessage(c *wsconn.Conn, op codec.Opcode, want []byte) error {
	gotOp, got, err := c.NextMessage()
	if err != nil {
		return err
	}
	if gotOp != op || !bytes.Equal(got, want) {
		return fmt.Errorf("a %s of %d bytes came back, want a %s of %d", gotOp, len(got), op, len(want))
	}
	return nil
}

// TestConnectEcho runs the command against servers that send first and check what
// comes back.
func TestConnectEcho(t *testing.T) {
	random := make([]byte, 16<<20)
	for i := range random {
		random[i] = byte(i * i >> 7)
	}
	text := []byte(strings.Repeat("größer ", 100_000))
	each := func(data []byte) func(c *wsconn.Conn) error {
		return func(c *wsconn.Conn) error {
			for _, size := range []int{0, 1, 125, 126, 65535, 65536, 1 << 20, 16 << 20} {
				if err := bounce(c, codec.OpBinary, data[:size]); err != nil {
					return fmt.Errorf("%d bytes: %w", size, err)
				}
			}
			for _, s := range []string{"", "a", string(text)} {
				if err := bounce(c, codec.OpText, []byte(s)); err != nil {
					return fmt.Errorf("text of %d bytes: %w", len(s), err)
				}
			}
			return nil
		}
	}
	fragments := func(c *wsconn.Conn) error {
		for _, f := range []wsconn.Frame{
			{Opcode: codec.OpText, Data: []byte("a ")},
			{Opcode: codec.OpContinuation},
			{Opcode: codec.OpContinuation, Fin: true, Data: []byte("message")},
		} {
			if err := c.WriteFrame(f); err != nil {
				return err
			}
			if err := c.Ping(nil); err != nil {
				return err
			}
		}
		f, err := c.NextFrame()
		if err == nil && (!f.Fin || f.Opcode != codec.OpText || string(f.Data) != "a message") {
			err = fmt.Errorf("frame %v came back", f)
		}
		return err
	}
	// Many are on their way at once, small ones and some that do not fit a queue.
	stream := func(c *wsconn.Conn) error {
		const n = 1000
		message := func(i int) []byte { return random[i : 2*i+i/100*1000] }
		sent := make(chan error, 1)
		go func() {
			for i := range n {
				if err := c.WriteMessage(codec.OpBinary, message(i)); err != nil {
					sent <- err
					return
				}
			}
			sent <- nil
		}()
		for i := range n {
			if err := expectMessage(c, codec.OpBinary, message(i)); err != nil {
				return fmt.Errorf("message %d: %w", i, err)
			}
		}
		return <-sent
	}
	closes := func(code codec.CloseCode, reason string) func(*wsconn.Conn) error {
		return func(c *wsconn.Conn) error {
			if err := bounce(c, codec.OpText, []byte("hello")); err != nil {
				return err
			}
			return c.Close(code, reason) // nil when the client has answered it
		}
	}
	for _, tt := range []struct {
		name    string
		args    []string
		deflate bool
		session func(*wsconn.Conn) error
		code    int
		stdout  string // a part of it, or nothing at all
		stderr  string
	}{
		{name: "each size", session: each(random)},
		{name: "compressed", args: []string{"--compress"}, deflate: true, session: each(make([]byte, 16<<20))},
		{name: "in frames", args: []string{"--fragment-size", "5000"}, session: each(random)},
		{name: "fragmented", session: fragments},
		{name: "many", session: stream},
		{name: "many compressed", args: []string{"--compress"}, deflate: true, session: stream},
		{name: "1000", session: closes(codec.CloseNormal, "")},
		{name: "1001", session: closes(codec.CloseGoingAway, "bye")},
		{name: "no code", session: closes(codec.CloseNoStatus, "")},
		{name: "1011", session: closes(codec.CloseInternalError, "oops"), code: exitClosed, stderr: `closed with 1011 internal error: "oops"`},
		{name: "4001", session: closes(4001, ""), code: exitClosed, stderr: "closed with 4001"},
		{name: "lost", session: func(c *wsconn.Conn) error { c.Abort(); return nil }, code: exitLost, stderr: "1006"},
		{
			name: "too large", args: []string{"--max-message-size", "10"}, code: exitProtocol, stderr: "larger than the limit",
			session: func(c *wsconn.Conn) error {
				err := bounce(c, codec.OpText, []byte("eleven byte"))
				if end, ok := errors.AsType[*wsconn.CloseError](err); ok && end.Code == codec.CloseMessageTooBig {
					return nil
				}
				return fmt.Errorf("got %w, want 1009", err)
			},
		},
		{name: "json", args: []string{"--json"}, session: closes(codec.CloseNormal, ""), stdout: `"text":"hello"`},
		{name: "verbose", args: []string{"-v"}, session: closes(codec.CloseNormal, ""), stderr: "< HTTP/1.1 101"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := wsserver.Config{}
			if tt.deflate {
				cfg.Deflate = &codec.DeflateConfig{}
			}
			var compressed bool
			url, result := serveSession(t, cfg, func(c *wsconn.Conn) error {
				compressed = c.Deflate() != nil
				return tt.session(c)
			})
			var stdout, stderr bytes.Buffer
			code := Run(t.Context(), &Env{
				Args:   append([]string{"wskit", "connect", "--echo", url}, tt.args...),
				Stdin:  strings.NewReader("not to be sent\n"),
				Stdout: &stdout, Stderr: &stderr,
				Getenv: func(string) string { return "" },
			})
			if err := result(); err != nil {
				t.Errorf("the server: %v", err)
			}
			if code != tt.code {
				t.Errorf("exit code %d, want %d: %s", code, tt.code, &stderr)
			}
			if compressed != tt.deflate {
				t.Errorf("compressed %t, want %t", compressed, tt.deflate)
			}
			for _, out := range []struct{ name, got, want string }{{"stdout", stdout.String(), tt.stdout}, {"stderr", stderr.String(), tt.stderr}} {
				if !strings.Contains(out.got, out.want) || out.want == "" && out.got != "" {
					t.Errorf("%s is %q, want %q in it", out.name, out.got, out.want)
				}
			}
		})
	}
}

// TestEchoMessagesEnds has an echo ended from outside while its peer says nothing.
func TestEchoMessagesEnds(t *testing.T) {
	full := errors.New("no space left")
	for _, tt := range []struct {
		name      string
		limit     time.Duration
		fault     error
		interrupt bool
		want      error
	}{
		{name: "limit", limit: time.Hour},
		{name: "interrupted", interrupt: true, want: &exitError{code: exitTerminated}},
		{name: "output fails", fault: full, want: full},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				near, far := net.Pipe()
				server := wsconn.New(far, wsconn.Config{})
				closed := make(chan error, 1)
				go func() { closed <- server.Discard() }()
				ctx, cancel := context.WithCancelCause(t.Context())
				defer cancel(nil)
				fault := make(chan error, 1)
				began := time.Now()
				ended := make(chan error, 1)
				go func() {
					ended <- echoMessages(ctx, wsconn.New(near, wsconn.Config{Role: codec.RoleClient}), tt.limit, fault)
				}()
				synctest.Wait()
				if tt.interrupt {
					cancel(Interrupted{Code: exitTerminated})
				}
				if tt.fault != nil {
					fault <- tt.fault
				}
				if got := <-ended; fmt.Sprintf("%#v", got) != fmt.Sprintf("%#v", tt.want) {
					t.Errorf("got %#v, want %#v", got, tt.want)
				}
				if took := time.Since(began); took != tt.limit {
					t.Errorf("took %s, want %s", took, tt.limit)
				}
				end, _ := errors.AsType[*wsconn.CloseError](<-closed)
				if end == nil || end.Code != codec.CloseNormal || end.By != wsconn.Peer {
					t.Errorf("the server saw %v, want a close with 1000", end)
				}
			})
		})
	}
}

// TestEchoMessagesSlowPeer has a peer send without reading. The echo stops taking
// messages when its write does not get on, and then gives up.
func TestEchoMessagesSlowPeer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		defer far.Close()
		taken := make(chan int, 1)
		go func() {
			frame := append([]byte{0x82, 126, 0x10, 0x00}, make([]byte, 4096)...)
			n := 0
			for {
				k, err := far.Write(frame)
				n += k
				if err != nil {
					taken <- n
					return
				}
			}
		}()
		err := echoMessages(t.Context(), wsconn.New(near, wsconn.Config{Role: codec.RoleClient}), 0, nil)
		if e, ok := errors.AsType[*exitError](err); !ok || e.code != exitTimeout {
			t.Errorf("got %v, want exit code %d", err, exitTimeout)
		}
		if n := <-taken; n > 1<<20 {
			t.Errorf("%d bytes were taken from a peer that does not read", n)
		}
	})
}

// A deafConn is a connection whose other end takes nothing.
type deafConn struct{ net.Conn }

func (deafConn) Write([]byte) (int, error) { return 0, syscall.EPIPE }

// TestEchoMessagesLastWords has a peer say why it stopped reading: that is how the
// connection ended.
func TestEchoMessagesLastWords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		go func() {
			defer far.Close()
			far.Write(append([]byte{0x82, 127, 0, 0, 0, 0, 0, 2, 0, 0}, make([]byte, 0x20000)...))
			far.Write([]byte{0x88, 2, 0x0F, 0xA1})
		}()
		err := echoMessages(t.Context(), wsconn.New(deafConn{near}, wsconn.Config{Role: codec.RoleClient}), 0, nil)
		if e, ok := errors.AsType[*exitError](err); !ok || e.code != exitClosed || !strings.Contains(e.msg, "4001") {
			t.Errorf("got %v, want the close with 4001", err)
		}
	})
}
