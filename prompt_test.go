//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"

	"wskit/codec"
	"wskit/codec/wsconn"
	"wskit/wsserver"
)

// patience is how long a test waits for what must happen.
const patience = 20 * time.Second

// A desk is a server whose one session the test drives by hand.
type desk struct {
	url   string
	conn  chan *wsconn.Conn
	got   chan string
	ended chan *wsconn.CloseError
}

func newDesk(t *testing.T) *desk {
	d := &desk{conn: make(chan *wsconn.Conn, 1), got: make(chan string, 10), ended: make(chan *wsconn.CloseError, 1)}
	route := wsserver.RouteFunc(func(*http.Request) (*wsserver.Session, error) {
		return &wsserver.Session{Serve: d.serve}, nil
	})
	s, err := wsserver.New(wsserver.Config{Mounts: []wsserver.Mount{{Pattern: "/", Route: route}}})
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
		<-served
	})
	d.url = s.URLs()[0] + "/"
	return d
}

func (d *desk) serve(_ context.Context, c *wsconn.Conn) error {
	d.conn <- c
	for {
		_, data, err := c.NextMessage()
		if err != nil {
			var end *wsconn.CloseError
			errors.As(err, &end)
			d.ended <- end
			return nil
		}
		d.got <- string(data)
	}
}

// A screen is a terminal in which wskit runs.
type screen struct {
	t      *testing.T
	cmd    *exec.Cmd
	pty    *os.File
	mu     sync.Mutex
	shown  []byte // and not awaited yet
	all    []byte
	news   chan struct{}
	closed chan struct{}
}

func newScreen(t *testing.T, args ...string) *screen {
	s := &screen{t: t, news: make(chan struct{}, 1), closed: make(chan struct{})}
	s.cmd = exec.Command("wskit", args...) // TestMain has put it on the path
	s.cmd.Env = append(os.Environ(), "TERM=xterm", "NO_COLOR=1", "HOME="+t.TempDir(), "XDG_STATE_HOME="+t.TempDir())
	var err error
	if s.pty, err = pty.StartWithSize(s.cmd, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		t.Fatal(err)
	}
	go s.read()
	t.Cleanup(func() {
		s.cmd.Process.Kill()
		s.pty.Close()
		<-s.closed
	})
	return s
}

func (s *screen) read() {
	defer close(s.closed)
	buf := make([]byte, 4096)
	for {
		n, err := s.pty.Read(buf)
		s.mu.Lock()
		s.shown = append(s.shown, buf[:n]...)
		s.all = append(s.all, buf[:n]...)
		s.mu.Unlock()
		select {
		case s.news <- struct{}{}:
		default:
		}
		if err != nil {
			return
		}
	}
}

// await waits until want has been shown after the last thing awaited.
func (s *screen) await(want string) {
	s.t.Helper()
	timeout := time.After(patience)
	for {
		s.mu.Lock()
		i := bytes.Index(s.shown, []byte(want))
		if i >= 0 {
			s.shown = s.shown[i+len(want):]
		}
		shown := string(s.shown)
		s.mu.Unlock()
		if i >= 0 {
			return
		}
		select {
		case <-s.news:
		case <-timeout:
			s.t.Fatalf("never saw %q, but %q", want, shown)
		}
	}
}

func (s *screen) send(keys string) {
	s.t.Helper()
	if _, err := s.pty.WriteString(keys); err != nil {
		s.t.Fatal(err)
	}
}

// exits waits for the process to end and checks its exit code.
func (s *screen) exits(want int) {
	s.t.Helper()
	s.cmd.Wait()
	if got := s.cmd.ProcessState.ExitCode(); got != want {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.t.Errorf("exit code %d, want %d; shown %q", got, want, s.shown)
	}
}

func receive[T any](t *testing.T, c <-chan T, what string) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(patience):
		t.Fatalf("never got %s", what)
	}
	return v
}

func TestPrompt(t *testing.T) {
	const ctrlC, ctrlD = "\x03", "\x04"
	for _, test := range []struct {
		name   string
		keys   string
		exit   int
		closes codec.CloseCode
	}{
		{"Ctrl-D closes and ends well", ctrlD, 0, codec.CloseNormal},
		{"Ctrl-C on an empty line interrupts", ctrlC, 130, codec.CloseNormal},
		{"Ctrl-C clears a half-typed line first", "half" + ctrlC + ctrlC, 130, codec.CloseNormal},
		{"/quit", "/quit\r", 0, codec.CloseNormal},
		{"/close with a code", "/close 4001 bye\r", 0, 4001},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := newDesk(t)
			s := newScreen(t, "connect", d.url)
			s.await("> ")
			s.send(test.keys)
			end := receive(t, d.ended, "the close")
			if end.By != wsconn.Peer || end.Code != test.closes || end.Err != nil {
				t.Errorf("the server saw %v, want a close by the peer with %v", end, test.closes)
			}
			s.exits(test.exit)
		})
	}
}

// TestPromptKeepsLine has a message arrive while a line is half typed: the message is
// printed above, the line is drawn again, and what is sent is whole.
func TestPromptKeepsLine(t *testing.T) {
	d := newDesk(t)
	s := newScreen(t, "connect", d.url)
	conn := receive(t, d.conn, "the connection")
	s.await("> ")
	s.send("half a li")
	s.await("li")
	if err := conn.WriteMessage(codec.OpText, []byte("from the server \x1b[2J\u202e")); err != nil {
		t.Fatal(err)
	}
	s.await(`< from the server \x1b[2J\u{202e}`)
	s.await("half a li")
	s.send("ne\r")
	if got := receive(t, d.got, "the line"); got != "half a line" {
		t.Errorf("the server got %q", got)
	}
	if err := conn.Close(4002, "enough"); err != nil {
		t.Errorf("Close: %v", err)
	}
	s.await("4002")
	s.exits(9)
}
