//go:build linux

package main

import (
	"bufio"
	"cmp"
	"fmt"
	"net"
	"regexp"
	"strings"
	"time"

	"wskit/codec"
)

// A server is a child that listens.
type server struct {
	*child
	tcp  string // its address
	unix string // its socket, "" for another server
	path string // of its echo, "/" if empty
	mute bool   // it is not to be asked for a last echo
	gone bool   // the attack has ended it
	exit int    // the code that it ends with
}

var listening = regexp.MustCompile(`127\.0\.0\.1:\d+`)

// serve starts the server that is attacked: wskit serve with further arguments, or the other
// one. When the attack is over it must serve as before, and end when it is told to.
func (t *trial) serve(args ...string) (*server, error) {
	if t.lab.peer != "" {
		return t.servePeer()
	}
	socket := t.lab.name(".sock")
	return t.start(socket, append([]string{t.lab.wskit, "serve", "--ready", "-l", "127.0.0.1:0", "-l", "unix:" + socket}, args...))
}

// start starts a wskit serve by its whole command line, and waits until it listens.
func (t *trial) start(socket string, argv []string) (*server, error) {
	c, err := t.launch(argv, nil)
	if err != nil {
		return nil, err
	}
	select {
	case <-c.stdout.line:
	case <-c.done:
		return nil, fmt.Errorf("serve ended: %s", c.stderr.String())
	case <-time.After(startLimit):
		return nil, fmt.Errorf("serve did not listen within %v", startLimit)
	}
	s := &server{child: c, tcp: listening.FindString(c.stdout.String()), unix: socket}
	t.later(s.finish)
	return s, nil
}

func (t *trial) servePeer() (*server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	l.Close()
	c, err := t.launch([]string{"sh", "-c", "exec " + strings.ReplaceAll(t.lab.peer, "{port}", port)}, nil)
	if err != nil {
		return nil, err
	}
	s := &server{child: c, tcp: "127.0.0.1:" + port}
	for began := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		select {
		case <-c.done:
			return nil, fmt.Errorf("%q ended: %s", t.lab.peer, c.stderr.String())
		default:
		}
		if nc, err := net.Dial("tcp", s.tcp); err == nil {
			nc.Close()
			t.later(s.finish)
			return s, nil
		}
		if time.Since(began) > startLimit {
			return nil, fmt.Errorf("%q did not listen within %v", t.lab.peer, startLimit)
		}
	}
}

// finish checks what the attack has left of the server, and ends it.
func (s *server) finish() {
	t := s.t
	if t.lab.peer != "" {
		select {
		case <-s.done:
			t.fault("the server ended: %v", s.cmd.ProcessState)
		default:
			s.sample()
		}
		return
	}
	if s.gone {
		return
	}
	if !s.mute {
		s.lastEcho()
	}
	s.sample()
	exit, err := s.terminate(10 * time.Second)
	if err != nil || exit != s.exit {
		t.fault("the server ended with %d: %v", exit, err)
	}
}

// lastEcho checks that the server serves as before.
func (s *server) lastEcho() {
	x := session{path: s.path, frames: script(textFrame("still there?"), closeFrame(1000, ""))(codec.RoleClient)}
	if e := s.session(x); e.how != "1000" || e.messages != 1 {
		s.t.fault("afterwards an ordinary session ended with %q and %d messages", e.how, e.messages)
	}
}

// dial connects, by the unix socket where there is one: TCP runs out of ports.
func (s *server) dial() (net.Conn, error) {
	if s.unix != "" {
		return net.Dial("unix", s.unix)
	}
	return s.dialTCP()
}

func (s *server) dialTCP() (*net.TCPConn, error) {
	nc, err := net.Dial("tcp", s.tcp)
	if err != nil {
		return nil, err
	}
	return nc.(*net.TCPConn), nil
}

// open connects and performs the opening handshake.
func (s *server) open(fields string) (net.Conn, *bufio.Reader, error) {
	nc, err := s.dial()
	if err != nil {
		return nil, nil, err
	}
	r := bufio.NewReader(nc)
	nc.SetDeadline(time.Now().Add(startLimit))
	if _, err := nc.Write(upgrade("/", fields)); err != nil {
		nc.Close()
		return nil, nil, err
	}
	status, _, err := readHead(r)
	if err != nil || status != "101" {
		nc.Close()
		return nil, nil, fmt.Errorf("an ordinary handshake was answered with %q: %v", status, err)
	}
	nc.SetDeadline(time.Time{})
	return nc, r, nil
}

// A session is what one connection to a server sends: an upgrade and frames at once.
type session struct {
	path   string // if empty, "/"
	fields string // of the upgrade
	frames []byte
	limit  time.Duration // for the answer; if zero, answerLimit
}

// session sends a session on a connection of its own and says how the server ended it.
func (s *server) session(x session) ending {
	return s.exchange(append(upgrade(cmp.Or(x.path, "/"), x.fields), x.frames...), x.limit)
}

// exchange sends bytes on a connection of its own and says how the server answered.
func (s *server) exchange(b []byte, limit time.Duration) ending {
	nc, err := s.dial()
	if err != nil {
		return ending{how: "no connection: " + err.Error()}
	}
	defer drop(nc)
	if limit == 0 {
		limit = answerLimit
	}
	nc.SetDeadline(time.Now().Add(limit))
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		nc.Write(b)
	}()
	e := hear(bufio.NewReader(nc))
	nc.SetDeadline(time.Unix(1, 0)) // ends a write that is stuck
	<-sent
	return e
}

// drop closes a connection without leaving anything of it behind.
func drop(nc net.Conn) {
	if t, ok := nc.(*net.TCPConn); ok {
		t.SetLinger(0)
	}
	nc.Close()
}
