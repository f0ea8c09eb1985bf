//go:build linux

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"time"

	"wskit/codec"
)

func floodAttacks() []attack {
	all := each(attack{
		id: "A2", what: "200 connections that announce 16 MiB and send nothing of it, or 32 KiB",
		memory: announcers * 96 << 10, time: 20 * time.Second,
		run: announce,
	}, serve, bench)
	all = append(all, each(attack{
		id: "A5", what: "a message of a million fragments of 0 or 1 byte, among pings, compressed",
		memory: 12 << 20, time: 20 * time.Second,
		run: func(t *trial) error { return t.volley(fragmentShots(), "--compress") },
	}, serve, connect, inspect, bench)...)
	pings := attack{id: "A6", memory: 12 << 20, time: 30 * time.Second}
	for _, x := range []struct {
		id, what string
		frames   []frame
	}{
		{"A6", "100,000 pings from a peer that does not read", []frame{{op: codec.OpPing, payload: bytes.Repeat([]byte("p"), 125)}}},
		{"A6b", "100,000 pongs that nobody asked for", []frame{{op: codec.OpPong, payload: bytes.Repeat([]byte("p"), 125)}}},
		{"A6c", "100,000 empty messages", []frame{{op: codec.OpText}}},
	} {
		a := pings
		a.id, a.what = x.id, x.what
		a.run = func(t *trial) error { return flood(t, 100_000, x.frames) }
		all = append(all, each(a, serve, connect, inspect)...)
	}
	return all
}

// announcers is how many connections announce a large message.
const announcers = 200

// announce has many connections announce much, and send little or nothing of it.
func announce(t *trial) error {
	shots := make([]shot, announcers)
	for i := range shots {
		f := frame{op: codec.OpBinary, announce: maxMessage}
		if i%2 == 1 {
			f.payload = make([]byte, 32<<10)
		}
		shots[i] = shot{what: fmt.Sprint("connection ", i), frames: script(f), want: []string{"silent"}, limit: time.Second}
	}
	if t.target != serve {
		return t.volley(shots)
	}
	s, err := t.serve()
	if err != nil {
		return err
	}
	before := s.claimed()
	err = spread(len(shots), len(shots), func(i int) error {
		e := s.session(session{frames: shots[i].frames(codec.RoleClient), limit: shots[i].limit})
		t.saw(e.how, shots[i].what, shots[i].want...)
		return nil
	})
	// What was taken and never touched is no part of the peak.
	const most = 256 << 20
	if more := s.claimed() - before; more > most && t.lab.peer == "" {
		t.fault("it claimed %s, allowed are %s", megabytes(more), megabytes(most))
	}
	return err
}

func fragmentShots() []shot {
	const million = 1_000_000
	fragments := func(size int, rsv uint8, between []frame) func(codec.Role) []byte {
		return func(from codec.Role) []byte {
			b := frame{op: codec.OpBinary, rsv: rsv, more: true, payload: make([]byte, size)}.append(nil, from)
			next := frame{more: true, payload: make([]byte, size)}.append(nil, from)
			for _, f := range between {
				next = f.append(next, from)
			}
			return append(b, bytes.Repeat(next, million)...)
		}
	}
	ping := []frame{{op: codec.OpPing, payload: []byte("p")}}
	return []shot{
		{what: "of 0 bytes", frames: fragments(0, 0, nil), want: []string{"1008"}},
		{what: "of 1 byte", frames: fragments(1, 0, nil), want: []string{"1008"}},
		{what: "with pings between them", frames: fragments(0, 0, ping), want: []string{"1008"}},
		{what: "compressed", frames: fragments(1, codec.RSV1, nil), want: []string{"1008"}, fields: deflate},
	}
}

// flood sends frames many times, then a close frame, and only then reads.
func flood(t *trial, times int, frames []frame) error {
	if t.target != serve {
		return floodClient(t, times, frames)
	}
	s, err := t.serve()
	if err != nil {
		return err
	}
	nc, r, err := s.open("")
	if err != nil {
		return err
	}
	defer drop(nc)
	t.pour(nc, r, codec.RoleClient, times, frames)
	return nil
}

func floodClient(t *trial, times int, frames []frame) error {
	client := make(chan *child, 1)
	l, err := t.lure(func(c *caught) {
		if c.accept("", nil) == nil {
			t.pour(c, c.r, codec.RoleServer, times, frames)
		}
		(<-client).sample()
	})
	if err != nil {
		return err
	}
	c, err := t.client(t.target, l.url)
	if err != nil {
		return err
	}
	client <- c
	exit, err := c.wait(exitLimit)
	if err == nil && exit != 0 {
		err = fmt.Errorf("%s: exit %d: %s", t.target, exit, c.stderr.String())
	}
	return err
}

// pour sends frames many times and a close frame on an open connection, then reads what the
// other side has made of it.
func (t *trial) pour(nc net.Conn, r *bufio.Reader, from codec.Role, times int, frames []frame) {
	nc.SetDeadline(time.Now().Add(20 * time.Second))
	batch := bytes.Repeat(script(frames...)(from), 100)
	for range times / 100 {
		if _, err := nc.Write(batch); err != nil {
			t.saw("stuck", "the flood", "taken")
			return
		}
	}
	nc.Write(closing(from))
	e := hearFrames(r)
	t.saw(e.how, "behind the flood", "1000")
	if e.pongs > 0 {
		t.note("%d pongs", e.pongs)
	}
}
