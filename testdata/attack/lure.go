//go:build linux

package main

import (
	"bufio"
	"net"
	"sync"
	"time"
)

// A lure is a hostile server.
type lure struct {
	url string // that a client is sent to
	tcp string // its address on TCP
}

// lure listens, and has handle answer each connection, which is then closed.
func (t *trial) lure(handle func(c *caught)) (*lure, error) {
	socket := t.lab.name(".sock")
	unix, err := net.Listen("unix", socket)
	if err != nil {
		return nil, err
	}
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		unix.Close()
		return nil, err
	}
	var running sync.WaitGroup
	for _, l := range []net.Listener{unix, tcp} {
		running.Go(func() {
			for n := 0; ; n++ {
				nc, err := l.Accept()
				if err != nil {
					return
				}
				running.Go(func() {
					defer nc.Close()
					handle(&caught{Conn: nc, r: bufio.NewReader(nc), n: n})
				})
			}
		})
	}
	t.later(func() {
		unix.Close()
		tcp.Close()
		running.Wait()
	})
	return &lure{url: "unix:" + socket + ":/", tcp: tcp.Addr().String()}, nil
}

// A caught is a connection of a client to a lure.
type caught struct {
	net.Conn
	r *bufio.Reader
	n int // its number
}

// request reads the client's request and returns its key.
func (c *caught) request() (key string, lines []string, err error) {
	c.SetDeadline(time.Now().Add(answerLimit))
	_, lines, err = readHead(c.r)
	return headValue(lines, "Sec-WebSocket-Key"), lines, err
}

// accept reads the request, answers it and sends the frames at once.
func (c *caught) accept(fields string, frames []byte) error {
	key, _, err := c.request()
	if err != nil {
		return err
	}
	_, err = c.Write(append(welcome(key, fields), frames...))
	return err
}

// attackWith accepts the upgrade, sends the frames and says how the client ended the session.
func (c *caught) attackWith(fields string, frames []byte, limit time.Duration) ending {
	sent := make(chan error, 1)
	key, _, err := c.request()
	if err != nil {
		return ending{how: broken(err)}
	}
	c.SetDeadline(time.Now().Add(limit))
	go func() {
		_, err := c.Write(append(welcome(key, fields), frames...))
		sent <- err
	}()
	e := hearFrames(c.r)
	c.SetDeadline(time.Unix(1, 0)) // ends a write that is stuck
	<-sent
	return e
}
