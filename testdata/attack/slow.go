//go:build linux

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"time"

	"wskit/codec"
)

func slowAttacks() []attack {
	base := attack{memory: 8 << 20, time: 45 * time.Second, waits: true}
	row := func(id, what string, run func(t *trial) error, targets ...string) []attack {
		a := base
		a.id, a.what, a.run = id, what, run
		return each(a, targets...)
	}
	tlsRow := row("A12b", "a TLS handshake that stops in the middle", halfTLS, serve)
	tlsRow[0].ours = true
	crowd := row("A12c", "2,000 connections that never finish their request, others still get in", crowd, serve)
	crowd[0].memory = 2000 * 32 << 10
	return slices.Concat(
		row("A12", "nothing, or a request at a byte a second", slowRequest, serve),
		row("A12", "an answer at a byte a second", slowAnswer, connect, inspect),
		tlsRow, crowd,
		row("A12d", "a frame, and a message in fragments, at a byte a second among pings", slowFrames, serve, connect, inspect),
		row("A12e", "a refusal whose body comes at a byte a second", slowRefusal, connect, inspect),
		row("A12f", "a close frame that is never answered, bytes in its place", deafClose, serve, connect, inspect),
		row("A12g", "plain requests whose answers nobody reads, and a body at a byte a second", plainRequests, serve),
	)
}

// after counts how a session ended and when, to the second: it must be at limit, or a little
// later.
func (t *trial) after(how, what string, began time.Time, limit time.Duration, wants ...string) {
	took := time.Since(began)
	got := fmt.Sprintf("%s after %.0f s", how, took.Seconds())
	if early := limit - 300*time.Millisecond; took < early || took > limit+3*time.Second || !slices.Contains(wants, how) {
		t.saw(got, what, fmt.Sprintf("%s after %v", strings.Join(wants, " or "), limit))
		return
	}
	t.saw(got, what, got)
}

// drip writes b at a byte a second, again and again, until the other side has enough.
func drip(nc net.Conn, b []byte) {
	for {
		for i := range b {
			if _, err := nc.Write(b[i : i+1]); err != nil {
				return
			}
			time.Sleep(time.Second)
		}
	}
}

// dripped has a connection dripped on while hearing reads from it, until both are over.
func dripped(nc net.Conn, b []byte, hearing func() string) string {
	over := make(chan struct{})
	go func() {
		defer close(over)
		drip(nc, b)
	}()
	how := hearing()
	nc.Close()
	<-over
	return how
}

// each makes n connections at the same time, and has run talk on them. Began is when the
// connection was made.
func (s *server) each(n int, run func(i int, nc net.Conn, began time.Time)) error {
	return spread(n, n, func(i int) error {
		nc, err := s.dial()
		if err != nil {
			return err
		}
		defer nc.Close()
		began := time.Now()
		nc.SetDeadline(began.Add(exitLimit))
		run(i, nc, began)
		return nil
	})
}

func slowRequest(t *trial) error {
	s, err := t.serve()
	if err != nil {
		return err
	}
	return s.each(2, func(i int, nc net.Conn, began time.Time) {
		r := bufio.NewReader(nc)
		if i == 0 {
			t.after(hear(r).how, "nothing", began, 5*time.Second, "cut", "408")
			return
		}
		how := dripped(nc, upgrade("/", ""), func() string { return hear(r).how })
		t.after(how, "a byte a second", began, 5*time.Second, "cut", "400", "408")
	})
}

func slowAnswer(t *trial) error {
	return t.meet("a byte a second", 6, func(c *caught) {
		key, _, err := c.request()
		if err != nil {
			t.fault("%v", err)
			return
		}
		began := time.Now()
		c.SetDeadline(time.Time{})
		how := dripped(c, welcome(key, ""), func() string { return hearFrames(c.r).how })
		t.after(how, "a byte a second", began, 10*time.Second, "cut")
	})
}

func halfTLS(t *trial) error {
	s, err := t.serve("--tls-self-signed")
	if err != nil {
		return err
	}
	hello := []byte("\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03")
	err = s.each(100, func(i int, nc net.Conn, began time.Time) {
		nc.Write(hello[:i%len(hello)])
		io.Copy(io.Discard, nc)
		t.after("cut", "half a hello", began, 5*time.Second, "cut")
	})
	s.mute = true // it speaks TLS
	return err
}

// crowd holds connections in their handshake, opening each anew when it is cut, and meanwhile
// has others be served.
func crowd(t *trial) error {
	s, err := t.serve()
	if err != nil {
		return err
	}
	var conns []net.Conn
	defer func() {
		for _, nc := range conns {
			drop(nc)
		}
	}()
	for range 2000 {
		nc, err := s.dial()
		if err != nil {
			return err
		}
		conns = append(conns, nc)
		nc.Write([]byte("GET / HTTP/1.1\r\nHost: localhost\r\nA: "))
	}
	var worst time.Duration
	for range 50 {
		began := time.Now()
		t.saw(s.session(session{frames: closing(codec.RoleClient)}).how, "an ordinary session", "1000")
		worst = max(worst, time.Since(began))
		time.Sleep(20 * time.Millisecond)
	}
	t.note("the slowest of those took %d ms", worst.Milliseconds())
	began := time.Now()
	for _, nc := range conns {
		nc.SetDeadline(began.Add(8 * time.Second))
		if how := hear(bufio.NewReader(nc)).how; how != "cut" && how != "408" {
			t.fault("a request that was never finished: %s", how)
		}
	}
	return nil
}

func slowFrames(t *trial) error {
	long := func(from codec.Role) []byte {
		return frame{op: codec.OpText, payload: bytes.Repeat([]byte("a"), 1000)}.append(nil, from)
	}
	fragments := func(from codec.Role) []byte {
		b := frame{op: codec.OpText, more: true}.append(nil, from)
		return append(b, bytes.Repeat(script(frame{more: true}, frame{op: codec.OpPing})(from), 1000)...)
	}
	var s *server
	var err error
	if t.target == serve {
		if s, err = t.serve(); err != nil {
			return err
		}
	}
	return spread(2, 2, func(i int) error {
		what, frames := "a frame", long
		if i == 1 {
			what, frames = "fragments", fragments
		}
		wants := []string{"1008", "1002", "cut"}
		if s == nil {
			return t.meet(what, 6, func(c *caught) {
				if c.accept("", nil) != nil {
					return
				}
				c.SetDeadline(time.Now().Add(exitLimit))
				began := time.Now()
				how := dripped(c, frames(codec.RoleServer), func() string { return hearFrames(c.r).how })
				t.after(how, what, began, 30*time.Second, wants...)
			})
		}
		nc, r, err := s.open("")
		if err != nil {
			return err
		}
		defer nc.Close()
		began := time.Now()
		how := dripped(nc, frames(codec.RoleClient), func() string { return hearFrames(r).how })
		t.after(how, what, began, 30*time.Second, wants...)
		return nil
	})
}

func slowRefusal(t *trial) error {
	return t.meet("a byte a second", 4, func(c *caught) {
		c.request()
		began := time.Now()
		c.SetDeadline(time.Time{})
		c.Write([]byte("HTTP/1.1 403 Forbidden\r\nContent-Length: 1000\r\n\r\n"))
		how := dripped(c, []byte("no "), func() string { return hearFrames(c.r).how })
		t.after(how, "the body", began, time.Second, "cut")
	})
}

// deafClose breaks a rule, or has the client close, and then neither answers the close frame
// nor ends the stream.
func deafClose(t *trial) error {
	if t.target != serve {
		began := time.Now()
		return t.meet("the client closes", 6, func(c *caught) {
			if c.accept("", textFrame("hello").append(nil, codec.RoleServer)) != nil {
				return
			}
			c.SetDeadline(time.Time{})
			how := dripped(c, frame{op: codec.OpPing}.append(nil, codec.RoleServer), func() string {
				hearFrames(c.r)
				return hearFrames(c.r).how
			})
			t.after(how, "a close frame without an answer", began, 5*time.Second, "cut")
		}, "-x", "hi")
	}
	s, err := t.serve()
	if err != nil {
		return err
	}
	nc, r, err := s.open("")
	if err != nil {
		return err
	}
	defer nc.Close()
	began := time.Now()
	nc.Write(frame{op: 3}.append(nil, codec.RoleClient))
	if e := hearFrames(r); e.how != "1002" {
		t.saw(e.how, "a reserved opcode", "1002")
	}
	batch := bytes.Repeat([]byte("x"), 64<<10)
	for err == nil {
		_, err = nc.Write(batch)
		time.Sleep(10 * time.Millisecond)
	}
	t.after("cut", "bytes behind the violation", began, 5*time.Second, "cut")
	return nil
}

func plainRequests(t *trial) error {
	s, err := t.serve()
	if err != nil {
		return err
	}
	return s.each(2, func(i int, nc net.Conn, began time.Time) {
		if i == 0 {
			batch := bytes.Repeat([]byte("GET / HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n\r\n"), 1000)
			for {
				if _, err := nc.Write(batch); err != nil {
					break
				}
			}
			t.after("cut", "answers that nobody reads", began, 10*time.Second, "cut")
			return
		}
		nc.Write([]byte("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n"))
		how := dripped(nc, []byte("body"), func() string {
			how := hear(bufio.NewReader(nc)).how
			io.Copy(io.Discard, nc)
			return how
		})
		// The answer does not wait for the body, nor does the end of the connection.
		if took := time.Since(began); took > 6*time.Second {
			t.fault("a body: it took %v", took)
		}
		t.saw(how, "a body", "405")
	})
}
