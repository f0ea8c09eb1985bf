//go:build linux

package main

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"wskit/codec"
)

// A shot is one session of an attack that either side can wage: frames behind the handshake,
// and what the target may answer.
type shot struct {
	what   string
	frames func(from codec.Role) []byte
	want   []string      // ways in which the target may end it: see ending
	fields string        // of the handshake
	echo   string        // a code that says no more than that the shot's own was returned
	limit  time.Duration // for the answer; if zero, answerLimit
}

// sawShot notes how the target ended the session of the shot.
func (t *trial) sawShot(x *shot, e ending) {
	if e.how == x.echo {
		e.how = "echoed"
	}
	t.saw(e.how, x.what, x.want...)
}

// within returns how long the answer is waited for.
func (x *shot) within() time.Duration {
	if x.limit == 0 {
		return answerLimit
	}
	return x.limit
}

// How many sessions a volley has at once, and how many of them one bench takes.
const (
	atOnce     = 4
	benchBatch = 4096
)

// volley fires the shots at the target: at one server, at a client each, or at the
// connections of a bench. Args are for its command line.
func (t *trial) volley(shots []shot, args ...string) error {
	switch t.target {
	case serve:
		return t.volleyServer(shots, args)
	case bench:
		for batch := range slices.Chunk(shots, benchBatch) {
			if err := t.volleyBench(batch, args); err != nil {
				return err
			}
		}
		return nil
	}
	return spread(len(shots), atOnce, func(i int) error { return t.shootClient(shots[i], args) })
}

// oneByOne is volley with a target of its own for each shot, so that their memory does not
// add up.
func (t *trial) oneByOne(shots []shot, args ...string) error {
	for i := range shots {
		if err := t.volley(shots[i:i+1], args...); err != nil {
			return err
		}
		t.end()
	}
	return nil
}

// spread calls f with each number below n, some at once, and returns the first error.
func spread(n, atOnce int, f func(i int) error) error {
	var running sync.WaitGroup
	var once sync.Once
	var first error
	next := make(chan int, n)
	for i := range n {
		next <- i
	}
	close(next)
	for range atOnce {
		running.Go(func() {
			for i := range next {
				if err := f(i); err != nil {
					once.Do(func() { first = err })
					return
				}
			}
		})
	}
	running.Wait()
	return first
}

func (t *trial) volleyServer(shots []shot, args []string) error {
	s, err := t.serve(args...)
	if err != nil {
		return err
	}
	return spread(len(shots), atOnce, func(i int) error {
		x := &shots[i]
		e := s.session(session{fields: x.fields, frames: x.frames(codec.RoleClient), limit: x.within()})
		if x.fields == deflate && t.lab.peer != "" && headValue(e.answer, "Sec-WebSocket-Extensions") == "" {
			t.saw("no compression", x.what, "no compression") // and so no attack
			return t.ctx.Err()
		}
		t.sawShot(x, e)
		return t.ctx.Err()
	})
}

// shootClient has a client of its own meet the shot.
func (t *trial) shootClient(x shot, args []string) error {
	heard := make(chan ending, 1)
	client := make(chan *child, 1)
	l, err := t.lure(func(c *caught) {
		e := c.attackWith(x.fields, x.frames(codec.RoleServer), x.within())
		(<-client).sample() // it ends when the connection does
		heard <- e
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
		t.fault("%s: %v", x.what, err)
		return nil
	}
	select {
	case e := <-heard:
		t.sawShot(&x, e)
		if want := exitFor(e.how, x.echo); exit != want {
			t.fault("%s: exit %d, want %d", x.what, exit, want)
		}
	case <-time.After(answerLimit):
		return fmt.Errorf("%s: %s did not connect: exit %d: %s", x.what, t.target, exit, c.stderr.String())
	}
	return nil
}

// exitFor returns the exit code of a client that has ended a session like that, to a close
// frame with the code echo.
func exitFor(how, echo string) int {
	switch how {
	case "1000", "1001", "1005":
		return 0
	case echo:
		return 9
	case "1002", "1007", "1008", "1009":
		return 5 // the server broke the protocol, or a limit
	case "cut", "silent":
		return 8
	}
	return -1
}

// volleyBench has the connections of one bench meet the shots.
func (t *trial) volleyBench(shots []shot, args []string) error {
	met := make(chan struct{}, len(shots))
	l, err := t.lure(func(c *caught) {
		if c.n >= len(shots) {
			return
		}
		x := &shots[c.n]
		t.sawShot(x, c.attackWith(x.fields, x.frames(codec.RoleServer), x.within()))
		met <- struct{}{}
	})
	if err != nil {
		return err
	}
	c, err := t.client(append(append([]string{bench, "-q", "--idle", "-c", fmt.Sprint(len(shots)), "--duration", "50"}, args...), l.url)...)
	if err != nil {
		return err
	}
	late := time.After(exitLimit)
	for range shots {
		select {
		case <-met:
		case <-late:
			return fmt.Errorf("bench: not all of %d sessions were over within %v: %s", len(shots), exitLimit, c.stderr.String())
		}
	}
	c.sample() // it may end by itself, now that all its connections have
	_, err = c.terminate(10 * time.Second)
	return err
}
