package main

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"

	"golang.org/x/sys/unix"
)

// dialWindow is how many connections are opened at a time.
const dialWindow = 64

// patience is how many seconds a server may take for anything.
const patience = 10

// A conn is one connection. It blocks until it is upgraded.
type conn struct {
	fd      int
	off     int  // of stream.data, up to which it was sent
	next    int  // the message that off is in or begins
	due     int  // the messages before it are to be sent
	blocked bool // the kernel took no more
	replies replies
}

// open opens all connections, dialWindow at a time.
func (l *loop) open() error {
	addr, err := netip.ParseAddrPort(l.cfg.addr)
	if err != nil {
		return fmt.Errorf("parse -addr: %w", err)
	}
	for len(l.conns) < l.cfg.conns {
		first := len(l.conns)
		for range min(dialWindow, l.cfg.conns-first) {
			fd, err := dial(addr)
			if err != nil {
				return fmt.Errorf("open connection %d: %w", len(l.conns)+1, err)
			}
			l.conns = append(l.conns, conn{fd: fd, replies: newReplies(l.stream, l.cfg)})
			if err := l.request(fd); err != nil {
				return err
			}
		}
		for i := first; i < len(l.conns); i++ {
			if err := l.response(l.conns[i].fd); err != nil {
				return fmt.Errorf("upgrade connection %d: %w", i+1, err)
			}
			if err := l.watch(i); err != nil {
				return fmt.Errorf("watch connection %d: %w", i+1, err)
			}
		}
	}
	return nil
}

// watch makes a connection non-blocking and hands it to epoll.
func (l *loop) watch(i int) error {
	fd := l.conns[i].fd
	if err := unix.SetNonblock(fd, true); err != nil {
		return err
	}
	return unix.EpollCtl(l.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(i)})
}

// dial opens a TCP connection that gives up after patience, and that is reset when it
// is closed, so that no port stays in TIME_WAIT.
func dial(addr netip.AddrPort) (int, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	wait := unix.Timeval{Sec: patience}
	for _, err := range []error{
		unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &wait),
		unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &wait),
		unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1}),
		unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1),
		unix.Connect(fd, &unix.SockaddrInet4{Port: int(addr.Port()), Addr: addr.Addr().As4()}),
	} {
		if err != nil {
			unix.Close(fd)
			return 0, err
		}
	}
	return fd, nil
}

// The key and the answer to it are those of RFC 6455 section 1.3.
const (
	key    = "dGhlIHNhbXBsZSBub25jZQ=="
	accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
)

// request asks for the upgrade.
func (l *loop) request(fd int) error {
	if l.cfg.raw {
		return nil
	}
	offer := ""
	switch l.cfg.deflate {
	case "takeover":
		offer = "Sec-WebSocket-Extensions: permessage-deflate\r\n"
	case "no-takeover":
		offer = "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n"
	}
	_, err := unix.Write(fd, []byte("GET / HTTP/1.1\r\nHost: "+l.cfg.addr+"\r\nUpgrade: websocket\r\n"+
		"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "+key+"\r\n"+offer+"\r\n"))
	return err
}

// response reads the answer to request, and checks that it agrees to what was asked.
func (l *loop) response(fd int) error {
	if l.cfg.raw {
		return nil
	}
	n := 0
	for !bytes.HasSuffix(l.buf[:n], []byte("\r\n\r\n")) {
		got, err := unix.Read(fd, l.buf[n:])
		switch {
		case err == unix.EAGAIN:
			return fmt.Errorf("no answer for %d s", patience)
		case err != nil:
			return err
		case got == 0:
			return fmt.Errorf("the server closed the connection, or its answer does not end")
		}
		n += got
	}
	head := string(l.buf[:n])
	if !strings.HasPrefix(head, "HTTP/1.1 101 ") || !strings.Contains(head, accept) {
		line, _, _ := strings.Cut(head, "\r\n")
		return fmt.Errorf("the server refuses: %q", line)
	}
	const server, client = "server_no_context_takeover", "client_no_context_takeover"
	agreed := strings.Contains(head, "permessage-deflate")
	switch l.cfg.deflate {
	case "no-takeover":
		agreed = agreed && strings.Contains(head, server)
	case "takeover":
		agreed = agreed && !strings.Contains(head, server) && !strings.Contains(head, client)
	default:
		agreed = !agreed
	}
	if !agreed {
		return fmt.Errorf("the server does not agree to the compression that is measured: %q", head)
	}
	return nil
}
