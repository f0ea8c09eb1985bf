//go:build linux

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

func handshakeAttacks() []attack {
	return slices.Concat(
		[]attack{{
			id: "A9", what: "offers of permessage-deflate that break RFC 7692", target: serve,
			memory: 4 << 20, time: 10 * time.Second, run: badOffers,
		}},
		each(attack{
			id: "A9", what: "answers that break RFC 7692, or that nobody asked for",
			memory: 4 << 20, time: 20 * time.Second, run: badAnswers,
		}, connect, inspect),
		[]attack{{
			id: "A10", what: "an extension header of 700 KiB; processor time at 7 KiB and at 14", target: serve,
			memory: 16 << 20, time: 20 * time.Second, run: longOffers,
		}, {
			id: "A10", what: "an extension header of 700 KiB; processor time at 30 KiB and at 60", target: bench,
			memory: 64 << 20, time: 20 * time.Second, run: longAnswers,
		}},
		each(attack{
			id: "A11", what: "a start line, a header line, and header lines without end",
			memory: 8 << 20, time: 20 * time.Second, run: endlessHeads,
		}, serve, connect, inspect, bench),
		each(attack{
			id: "A11b", what: "interim responses without end, a refusal and its chunks without end",
			memory: 8 << 20, time: 20 * time.Second, run: endlessAnswers,
		}, connect, inspect),
	)
}

// badExtensions are values of Sec-WebSocket-Extensions that are neither an offer nor an
// answer of permessage-deflate.
var badExtensions = []string{
	"permessage-deflate; server_max_window_bits=7",
	"permessage-deflate; server_max_window_bits=16",
	"permessage-deflate; server_max_window_bits=99",
	"permessage-deflate; server_max_window_bits=08",
	"permessage-deflate; server_max_window_bits=+9",
	"permessage-deflate; server_max_window_bits=-1",
	"permessage-deflate; server_max_window_bits=99999999999999999999",
	"permessage-deflate; server_max_window_bits",
	"permessage-deflate; client_max_window_bits=7",
	"permessage-deflate; client_max_window_bits=16",
	"permessage-deflate; client_max_window_bits=x",
	"permessage-deflate; server_no_context_takeover=1",
	"permessage-deflate; client_no_context_takeover=true",
	"permessage-deflate; server_no_context_takeover; server_no_context_takeover",
	"permessage-deflate; client_max_window_bits=10; client_max_window_bits=10",
	"permessage-deflate; unknown",
	"permessage-deflate; unknown=15",
	"permessage-deflate-2",
	"x-webkit-deflate-frame",
	"bbf-usp-protocol",
}

// malformedExtensions are not even a list of extensions.
var malformedExtensions = []string{
	"permessage-deflate;", "permessage-deflate; ;", "permessage-deflate; =15", "permessage-deflate; a=", "; a", "=",
	"permessage-deflate; server_max_window_bits=\"15", "permessage-deflate; server_max_window_bits=\"1 5\"", "permessage deflate", "a/b",
	"permessage-deflate; \x80", "(permessage-deflate)",
}

func badOffers(t *trial) error {
	s, err := t.serve("--compress")
	if err != nil {
		return err
	}
	offer := func(value string, want ...string) {
		nc, err := s.dial()
		if err != nil {
			t.fault("%v", err)
			return
		}
		defer drop(nc)
		nc.SetDeadline(time.Now().Add(answerLimit))
		nc.Write(upgrade("/", "Sec-WebSocket-Extensions: "+value+"\r\n"))
		status, lines, err := readHead(bufio.NewReader(nc))
		switch answer := headValue(lines, "Sec-WebSocket-Extensions"); {
		case err != nil:
			t.saw(broken(err), value, want...)
		case status != "101":
			t.saw(status, value, want...)
		case answer == "":
			t.saw("declined", value, want...)
		default:
			t.saw("accepted", fmt.Sprintf("%s as %s", value, answer), want...)
		}
	}
	for _, v := range badExtensions {
		offer(v, "declined")
		if t.lab.peer == "" {
			offer(v+", permessage-deflate", "accepted")
		}
	}
	for _, v := range malformedExtensions {
		offer(v, "400", "declined")
	}
	offer(strings.Repeat("permessage-deflate; server_max_window_bits=7, ", 17)+"permessage-deflate", "400")
	return nil
}

func badAnswers(t *trial) error {
	type answer struct {
		value    string
		compress bool // it was offered
	}
	answers := []answer{{"permessage-deflate", false}, {"permessage-deflate, permessage-deflate", true}}
	for _, v := range slices.Concat(badExtensions, malformedExtensions) {
		answers = append(answers, answer{v, true}, answer{v, false})
	}
	return spread(len(answers), atOnce, func(i int) error {
		a := answers[i]
		var args []string
		if a.compress {
			args = []string{"--compress"}
		}
		return t.refuse(a.value, "Sec-WebSocket-Extensions: "+a.value+"\r\n", args...)
	})
}

// refuse has a client meet a 101 with these header lines, which it must not take.
func (t *trial) refuse(what, fields string, args ...string) error {
	return t.meet(what, 4, func(c *caught) {
		c.accept(fields, nil)
		io.Copy(io.Discard, c.r)
	}, args...)
}

// meet has a client of its own connect to a lure, and end with that exit code.
func (t *trial) meet(what string, want int, handle func(c *caught), args ...string) error {
	client := make(chan *child, 1)
	l, err := t.lure(func(c *caught) {
		handle(c)
		(<-client).sample()
	})
	if err != nil {
		return err
	}
	c, err := t.client(append(append([]string{t.target}, args...), l.url)...)
	if err != nil {
		return err
	}
	client <- c
	exit, err := c.wait(exitLimit)
	if err != nil {
		t.fault("%s: %v", what, err)
		return nil
	}
	t.saw(fmt.Sprint("exit ", exit), what, fmt.Sprint("exit ", want))
	return nil
}

// longOffer returns an extension header of about that size.
func longOffer(size int) string {
	return "Sec-WebSocket-Extensions: " + strings.Repeat("permessage-deflate; a=\"b\", ", size/27) + "x\r\n"
}

func longOffers(t *trial) error {
	s, err := t.serve("--compress")
	if err != nil {
		return err
	}
	for _, fields := range []string{longOffer(700 << 10), "Sec-WebSocket-Extensions: a" + strings.Repeat(";a", 350<<10) + "\r\n"} {
		t.saw(s.session(session{fields: fields}).how, "700 KiB", "400", "431")
	}
	cost := func(size int) (time.Duration, error) {
		before, err := cpuTime(s.cmd.Process.Pid)
		if err != nil {
			return 0, err
		}
		for range 1000 {
			if e := s.session(session{fields: longOffer(size)}); e.how != "400" && e.how != "431" {
				t.saw(e.how, fmt.Sprintf("%d bytes", size), "400", "431")
			}
		}
		after, err := cpuTime(s.cmd.Process.Pid)
		return after - before, err
	}
	return t.compare(cost, 7<<10)
}

// compare fails a cost that grows faster than its input does.
func (t *trial) compare(cost func(size int) (time.Duration, error), size int) error {
	if _, err := cost(size); err != nil { // warms up
		return err
	}
	once, err := cost(size)
	if err != nil {
		return err
	}
	twice, err := cost(2 * size)
	if err != nil {
		return err
	}
	ratio := float64(twice) / float64(once)
	t.note("twice the header takes %.1f times as long", ratio)
	if ratio > 3 {
		t.fault("%d bytes take %v, twice as many %v", size, once, twice)
	}
	return nil
}

func longAnswers(t *trial) error {
	cost := func(size int) (time.Duration, error) {
		c, err := t.bait(200, func(c *caught) {
			c.accept(longOffer(size), nil)
			io.Copy(io.Discard, c.r)
		})
		if err != nil {
			return 0, err
		}
		return c.cmd.ProcessState.UserTime() + c.cmd.ProcessState.SystemTime(), nil
	}
	if _, err := t.bait(20, func(c *caught) {
		c.accept(longOffer(700<<10), nil)
		io.Copy(io.Discard, c.r)
	}); err != nil {
		return err
	}
	return t.compare(cost, 30<<10)
}

// bait has a bench of n connections meet a lure that spoils each handshake.
func (t *trial) bait(n int, handle func(c *caught)) (*child, error) {
	l, err := t.lure(handle)
	if err != nil {
		return nil, err
	}
	c, err := t.client(bench, "-q", "--idle", "-c", fmt.Sprint(n), "--duration", "1", "--compress", l.url)
	if err != nil {
		return nil, err
	}
	exit, err := c.wait(exitLimit)
	if err != nil {
		return nil, err
	}
	t.saw(fmt.Sprint("exit ", exit), "bench", "exit 4")
	return c, nil
}

// heads without end: how each begins, and what it goes on with.
var endless = []struct{ what, request, response, more string }{
	{"a start line", "GET /", "HTTP/1.1 101 ", "a"},
	{"a header line", "GET / HTTP/1.1\r\nHost: localhost\r\nA: ", "HTTP/1.1 101 Switching Protocols\r\nA: ", "a"},
	{"a header name", "GET / HTTP/1.1\r\nHost: localhost\r\n", "HTTP/1.1 101 Switching Protocols\r\n", "a"},
	{"header lines", "GET / HTTP/1.1\r\nHost: localhost\r\n", "HTTP/1.1 101 Switching Protocols\r\n", "a: b\r\n"},
	{"empty header lines", "GET / HTTP/1.1\r\nHost: localhost\r\n", "HTTP/1.1 101 Switching Protocols\r\n", "a:\r\n"},
	{"line ends", "", "", "\r\n"},
	{"zeros", "", "", "\x00"},
}

func endlessHeads(t *trial) error {
	if t.target != serve {
		for _, e := range endless {
			if err := t.endure(e.what, e.response, e.more, 4); err != nil {
				return err
			}
		}
		return nil
	}
	s, err := t.serve()
	if err != nil {
		return err
	}
	for _, e := range endless {
		b := append([]byte(e.request), bytes.Repeat([]byte(e.more), (8<<20)/len(e.more))...)
		t.saw(s.exchange(b, 0).how, e.what, "400", "414", "431", "cut")
	}
	return nil
}

func endlessAnswers(t *trial) error {
	chunk := "1000\r\n" + strings.Repeat("a", 4096) + "\r\n"
	for _, e := range []struct{ what, head, more string }{
		{"interim responses", "", "HTTP/1.1 102 Processing\r\n\r\n"},
		{"interim responses with headers", "", "HTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\n"},
		{"the body of a refusal", "HTTP/1.1 403 Forbidden\r\n\r\n", "a"},
		{"the body of a refusal, in lines", "HTTP/1.1 403 Forbidden\r\n\r\n", "\n"},
		{"a body of 2^63−1 bytes", "HTTP/1.1 403 Forbidden\r\nContent-Length: 9223372036854775807\r\n\r\n", "a"},
		{"a chunked body", "HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n", chunk},
		{"a chunk extension", "HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n1;", "a"},
		{"a chunk length", "HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n", "0"},
		{"tiny chunks", "HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\na\r\n"},
	} {
		if err := t.endure(e.what, e.head, e.more, 4); err != nil {
			return err
		}
	}
	return nil
}

// endure has a client meet a lure that answers with head and then with more, as long as it
// listens, up to a size that nobody takes.
func (t *trial) endure(what, head, more string, exit int) error {
	const tooMuch = 64 << 20
	taken := 0
	handle := func(c *caught) {
		c.request()
		c.Write([]byte(head))
		batch := bytes.Repeat([]byte(more), max(1, (32<<10)/len(more)))
		for taken < tooMuch {
			n, err := c.Write(batch)
			taken += n
			if err != nil {
				return
			}
		}
		t.fault("%s: it took %d bytes", what, taken)
	}
	if t.target == bench {
		_, err := t.bait(1, handle)
		return err
	}
	return t.meet(what, exit, handle)
}
