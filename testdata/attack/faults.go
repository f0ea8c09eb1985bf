//go:build linux

package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"

	"wskit/codec"
)

func faults() []attack {
	base := attack{memory: 8 << 20, time: 30 * time.Second}
	row := func(id, what string, run func(t *trial) error, targets ...string) []attack {
		a := base
		a.id, a.what, a.run = id, what, run
		return each(a, targets...)
	}
	cuts := row("F1", "the peer resets, or ends its half, at each byte of a session", cutServer, serve)
	ours := slices.Concat(
		row("F1", "the server resets, or ends the stream, at each byte of a session", cutClient, connect, inspect),
		row("F3", "a full disk and a closed pipe behind stdout", brokenStdout, connect, inspect),
		row("F4", "SIGTERM with 100 clients, half of which do not answer", terminateServer, serve),
		row("F4", "SIGTERM, with a server that answers and one that does not", terminateClient, connect, inspect),
		row("F5", "no descriptors left: 200 connections to a server that may have 64", fewDescriptors, serve),
	)
	for i := range ours {
		ours[i].ours = true
		ours[i].waits = ours[i].id == "F4" || ours[i].id == "F5"
	}
	idle := row("F6", "10,000 idle connections, and back to where it was", manyIdle, serve)
	idle[0].memory = 10_000 * 20 << 10
	return slices.Concat(cuts, ours, idle, stallFaults())
}

// wholeSession is what a client sends in a whole session.
func wholeSession() []byte {
	frames := script(textFrame("hello"), frame{op: codec.OpPing, payload: []byte("p")}, frame{op: codec.OpText, more: true, payload: []byte("a")},
		frame{payload: []byte("b")}, closeFrame(1000, "bye"))
	return append(upgrade("/", ""), frames(codec.RoleClient)...)
}

func cutServer(t *trial) error {
	s, err := t.serve()
	if err != nil {
		return err
	}
	s.session(session{frames: closing(codec.RoleClient)})
	before := s.descriptors()
	b := wholeSession()
	for _, reset := range []bool{true, false} {
		if err := spread(len(b)+1, atOnce, func(n int) error { return s.cutAt(b, n, reset) }); err != nil {
			return err
		}
	}
	left := 0
	for range 100 { // connections may take a moment to end
		if left = s.descriptors() - before; left <= 0 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.saw(fmt.Sprintf("%d descriptors left over", max(0, left)), "descriptors", "0 descriptors left over")
	sessions := 2 * (len(b) + 1)
	if lines := strings.Count(s.stderr.String(), "\n"); t.lab.peer == "" && lines > 2*sessions+10 {
		t.fault("%d sessions made %d lines of the log", sessions, lines)
	}
	return nil
}

// cutAt sends the first n bytes of a session and resets the connection, or ends its half and
// waits until the server has ended the other.
func (s *server) cutAt(b []byte, n int, reset bool) error {
	nc, err := s.dialTCP()
	if err != nil {
		return err
	}
	defer nc.Close()
	nc.SetDeadline(time.Now().Add(answerLimit))
	nc.Write(b[:n])
	if reset {
		nc.SetLinger(0)
		s.t.saw("reset", "", "reset")
		return nil
	}
	nc.CloseWrite()
	how := "ended"
	if _, err := io.Copy(io.Discard, nc); os.IsTimeout(err) {
		how = "silent"
	}
	s.t.saw(how, fmt.Sprint("byte ", n), "ended")
	return nil
}

func cutClient(t *trial) error {
	frames := script(textFrame("hello"), frame{op: codec.OpPing, payload: []byte("p")}, frame{op: codec.OpText, more: true, payload: []byte("a")},
		frame{payload: []byte("b")}, closeFrame(1000, "bye"))(codec.RoleServer)
	head := len(welcome(key, ""))
	whole := head + len(frames)
	return spread(2*(whole+1), atOnce, func(i int) error {
		n, reset := i/2, i%2 == 0
		l, err := t.lure(func(c *caught) {
			key, _, err := c.request()
			if err != nil {
				return
			}
			c.Write(append(welcome(key, ""), frames...)[:n])
			if tcp := c.Conn.(*net.TCPConn); reset {
				tcp.SetLinger(0)
			}
		})
		if err != nil {
			return err
		}
		c, err := t.client(t.target, "ws://"+l.tcp+"/")
		if err != nil {
			return err
		}
		exit, err := c.wait(exitLimit)
		if err != nil {
			t.fault("byte %d: %v", n, err)
			return nil
		}
		// A reset may overtake what was sent before it.
		want := []string{"exit 8"}
		switch {
		case n < head:
			want = []string{"exit 4"}
		case reset:
			want = []string{"exit 8", "exit 4"}
		}
		if n == whole {
			want = append(want, "exit 0")
		}
		t.saw(fmt.Sprint("exit ", exit), fmt.Sprintf("byte %d of %d, reset %t", n, whole, reset), want...)
		return nil
	})
}

func brokenStdout(t *trial) error {
	l, err := t.lure(func(c *caught) {
		c.accept("", bytes.Repeat(textFrame(strings.Repeat("a", 1000)).append(nil, codec.RoleServer), 1000))
		hearFrames(c.r)
	})
	if err != nil {
		return err
	}
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer full.Close()
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	r.Close()
	defer w.Close()
	for _, x := range []struct {
		what   string
		stdout *os.File
		want   string
	}{{"a full disk", full, "exit 7"}, {"a closed pipe", w, "exit 0"}} {
		for _, args := range [][]string{{l.url}, {"--json", l.url}} {
			c, err := t.launch(append([]string{t.lab.wskit, t.target}, args...), func(cmd *exec.Cmd) { cmd.Stdout = x.stdout })
			if err != nil {
				return err
			}
			exit, err := c.wait(exitLimit)
			if err != nil {
				return err
			}
			t.saw(fmt.Sprint("exit ", exit), x.what, x.want)
			if quiet := c.stderr.size() == 0; quiet != (exit == 0) {
				t.fault("%s: exit %d with the message %q", x.what, exit, c.stderr.String())
			}
		}
	}
	return nil
}

func terminateServer(t *trial) error {
	s, err := t.serve()
	if err != nil {
		return err
	}
	heard := make(chan string, 100)
	for i := range cap(heard) {
		nc, r, err := s.open("")
		if err != nil {
			return err
		}
		t.later(func() { drop(nc) })
		go func() {
			e := hearFrames(r)
			if i%2 == 0 {
				nc.Write(closeFrame(1001, "").append(nil, codec.RoleClient))
			}
			heard <- e.how
		}()
	}
	s.gone = true
	s.sample()
	began := time.Now()
	exit, err := s.terminate(15 * time.Second)
	if err != nil {
		return err
	}
	for range cap(heard) {
		t.saw(<-heard, "a client", "1001")
	}
	t.saw(fmt.Sprintf("exit %d", exit), "serve", "exit 0")
	if took := time.Since(began); took > 7*time.Second {
		t.fault("it took %v", took)
	}
	return nil
}

func terminateClient(t *trial) error {
	for _, answers := range []bool{true, false} {
		began, heard := make(chan struct{}), make(chan string, 1)
		l, err := t.lure(func(c *caught) {
			c.accept("", textFrame("hello").append(nil, codec.RoleServer))
			close(began)
			heard <- hearFrames(c.r).how
			if answers {
				c.Write(closing(codec.RoleServer))
				return
			}
			c.SetDeadline(time.Now().Add(exitLimit))
			io.Copy(io.Discard, c.r)
		})
		if err != nil {
			return err
		}
		c, err := t.client(t.target, l.url)
		if err != nil {
			return err
		}
		<-began
		<-c.stdout.line
		since := time.Now()
		exit, err := c.terminate(15 * time.Second)
		if err != nil {
			return err
		}
		t.saw(fmt.Sprint("exit ", exit), "SIGTERM", "exit 143")
		t.saw("closed with "+<-heard, "SIGTERM", "closed with 1000")
		if took := time.Since(since); took > 7*time.Second {
			t.fault("it took %v", took)
		}
	}
	return nil
}

func fewDescriptors(t *trial) error {
	socket := t.lab.name(".sock")
	s, err := t.start(socket, []string{
		"sh", "-c", `ulimit -n 64 && exec "$@"`, "sh", t.lab.wskit, "serve", "--ready", "-l", "127.0.0.1:0", "-l", "unix:" + socket,
	})
	if err != nil {
		return err
	}
	first, r, err := s.open("")
	if err != nil {
		return err
	}
	defer drop(first)
	var conns []net.Conn
	for range 200 {
		nc, err := s.dialTCP()
		if err != nil {
			return err
		}
		conns = append(conns, nc)
		nc.Write(upgrade("/", ""))
	}
	before, _ := cpuTime(s.cmd.Process.Pid)
	time.Sleep(2 * time.Second)
	after, _ := cpuTime(s.cmd.Process.Pid)
	if after-before > time.Second {
		t.fault("it took %v of processor time to wait for 2 s", after-before)
	}
	// Who is connected already is served meanwhile.
	first.Write(script(textFrame("hello"), closeFrame(1000, ""))(codec.RoleClient))
	first.SetDeadline(time.Now().Add(answerLimit))
	e := hearFrames(r)
	t.saw(fmt.Sprintf("%s, %d echo", e.how, e.messages), "who was there before", "1000, 1 echo")
	for _, nc := range conns {
		drop(nc)
	}
	if n := strings.Count(s.stderr.String(), "too many open files"); n > 3 {
		t.fault("%d lines of the log tell of it", n)
	}
	return nil
}

func manyIdle(t *trial) error {
	var limit syscall.Rlimit
	n := 10_000
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) == nil && limit.Cur < 11_000 {
		n = int(limit.Cur) - 500
		t.note("the limit on descriptors allows %d", n)
	}
	s, err := t.serve("-q")
	if err != nil {
		return err
	}
	s.session(session{frames: closing(codec.RoleClient)})
	files := s.descriptors()
	conns := make([]net.Conn, n)
	err = spread(n, atOnce, func(i int) (err error) {
		conns[i], _, err = s.open("")
		return err
	})
	if err != nil {
		return err
	}
	s.sample()
	t.note("%s with %d", megabytes(s.resident()), n)
	t.saw(s.session(session{frames: closing(codec.RoleClient)}).how, "one more", "1000")
	for _, nc := range conns {
		nc.Close()
	}
	const most = 40 << 20
	var left, rss int64
	for range 250 {
		left, rss = int64(s.descriptors()-files), s.resident()
		if left <= 0 && rss < most {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.note("%s and %d descriptors more after", megabytes(rss), max(0, left))
	if t.lab.peer == "" && (left > 0 || rss > most) {
		t.fault("afterwards it has %d descriptors more and holds %s", left, megabytes(rss))
	}
	return nil
}
