package main

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"peers/internal/proc"
	"peers/internal/result"
)

// A loop drives all connections from one thread: what has been answered is sent again.
type loop struct {
	cfg      config
	stream   *stream
	epoll    int
	conns    []conn
	buf      []byte // what was read last, of any connection
	answered int64  // messages, since the beginning
	closed   bool   // a closed loop: each reply is followed by one more message
	seen     []byte // if not nil, all that was read
}

// newLoop returns a loop without connections.
func newLoop(cfg config, s *stream) (*loop, error) {
	l := &loop{cfg: cfg, stream: s, buf: make([]byte, 64<<10)}
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("create epoll: %w", err)
	}
	l.epoll = epoll
	return l, nil
}

func (l *loop) close() {
	for i := range l.conns {
		unix.Close(l.conns[i].fd)
	}
	unix.Close(l.epoll)
}

// measure opens the connections, fills them, waits until they are warm and measures.
func (l *loop) measure() (*result.Result, error) {
	if err := l.open(); err != nil {
		return nil, err
	}
	if err := l.verify(); err != nil {
		return nil, err
	}
	if err := l.begin(); err != nil {
		return nil, err
	}
	if err := l.run(l.cfg.warmup, 0); err != nil {
		return nil, err
	}
	before, err := l.usage()
	if err != nil {
		return nil, err
	}
	if err := l.run(l.cfg.time, l.cfg.count); err != nil {
		return nil, err
	}
	after, err := l.usage()
	if err != nil {
		return nil, err
	}
	res := &result.Result{
		Messages:  after.answered - before.answered,
		Elapsed:   after.at.Sub(before.at),
		LoadCPU:   after.load - before.load,
		ServerCPU: after.server - before.server,
	}
	if res.Messages == 0 {
		return nil, fmt.Errorf("no message was answered in %v", res.Elapsed)
	}
	if l.cfg.pid != 0 {
		res.Memory, err = proc.ReadMemory(l.cfg.pid)
	}
	return res, err
}

// usage is what has been used up to one moment.
type usage struct {
	at           time.Time
	load, server time.Duration
	answered     int64
}

func (l *loop) usage() (u usage, err error) {
	u.answered, u.at = l.answered, time.Now()
	if l.cfg.pid != 0 {
		if u.server, err = proc.CPU(l.cfg.pid); err != nil {
			return u, err
		}
	}
	u.load, err = proc.CPU(os.Getpid())
	return u, err
}

// begin closes the loop: it sends the first flight on each connection.
func (l *loop) begin() error {
	l.closed = true
	for i := range l.conns {
		if err := l.send(i, l.cfg.flight); err != nil {
			return fmt.Errorf("connection %d: %w", i+1, err)
		}
	}
	return nil
}

// run goes on for d, or until count messages are answered; a count of zero is no limit. It ends
// when it hears from the server: one that hangs is found even at the end, and one that only
// waits for its core is not taken for it.
func (l *loop) run(d time.Duration, count int64) error {
	const turn = 100 // milliseconds that one wait takes at most
	var events [128]unix.EpollEvent
	began, start := l.answered, time.Now()
	heard := start // the last time that anything came
	for {
		n, err := unix.EpollWait(l.epoll, events[:], turn)
		if err != nil && err != unix.EINTR {
			return fmt.Errorf("wait for replies: %w", err)
		}
		for _, event := range events[:max(n, 0)] {
			if err := l.serve(int(event.Fd), event.Events); err != nil {
				return fmt.Errorf("connection %d, after %d messages in all: %w", event.Fd+1, l.answered, err)
			}
		}
		now := time.Now()
		switch {
		case n <= 0 && now.Sub(heard) > patience*time.Second:
			return fmt.Errorf("no reply for %d s, after %d messages in all", patience, l.answered)
		case n <= 0:
		case now.Sub(start) >= d || count > 0 && l.answered-began >= count:
			return nil
		default:
			heard = now
		}
	}
}

// serve does what epoll found possible on connection i.
func (l *loop) serve(i int, events uint32) error {
	if events&unix.EPOLLOUT != 0 {
		if err := l.send(i, 0); err != nil {
			return err
		}
	}
	if events&^unix.EPOLLOUT == 0 {
		return nil
	}
	for {
		got, err := unix.Read(l.conns[i].fd, l.buf)
		switch {
		case err == unix.EAGAIN:
			return nil
		case err != nil:
			return err
		case got == 0:
			return fmt.Errorf("the server closed the connection")
		}
		n, err := l.conns[i].replies.count(l.buf[:got])
		if err != nil {
			return err
		}
		l.answered += int64(n)
		if l.seen != nil {
			l.seen = append(l.seen, l.buf[:got]...)
		}
		if n > 0 && l.closed {
			if err := l.send(i, n); err != nil {
				return err
			}
		}
		if got < len(l.buf) {
			return nil // epoll tells when there is more
		}
	}
}

// send makes n more messages due on connection i and writes what the kernel takes.
func (l *loop) send(i, n int) error {
	c, s := &l.conns[i], l.stream
	c.due += n
	for end := s.start(c.due); c.off < end; {
		took, err := unix.Write(c.fd, s.data[c.off:end])
		if err == unix.EAGAIN {
			return l.block(i, true)
		}
		if err != nil {
			return err
		}
		s.advance(c, took)
		end = s.start(c.due)
	}
	return l.block(i, false)
}

// block asks epoll to tell when connection i takes more, or not to any more.
func (l *loop) block(i int, blocked bool) error {
	c := &l.conns[i]
	if c.blocked == blocked {
		return nil
	}
	c.blocked = blocked
	event := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(i)}
	if blocked {
		event.Events |= unix.EPOLLOUT
	}
	return unix.EpollCtl(l.epoll, unix.EPOLL_CTL_MOD, c.fd, &event)
}
