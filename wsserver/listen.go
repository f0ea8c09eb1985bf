package wsserver

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// A ListenError is a listen address that cannot be bound.
type ListenError struct {
	// Addr is the address as it was given.
	Addr string
	// Err is the cause.
	Err error

	hint string
}

// Error names the address and the cause.
func (e *ListenError) Error() string { return fmt.Sprintf("listen on %s: %v", e.Addr, e.Err) }

// Unwrap returns the cause.
func (e *ListenError) Unwrap() error { return e.Err }

// Hint says what to try, or is empty.
func (e *ListenError) Hint() string { return e.hint }

// errSocketInUse reports a unix socket on which somebody listens.
var errSocketInUse = errors.New("another process listens on it")

// errNotSocket reports a file in the place of a unix socket.
var errNotSocket = errors.New("a file that is not a socket is in its place")

// listen binds a: one listener, or two for loopback. Addr is how the caller spelled
// it. The error is a *ListenError.
func listen(addr string, a address) ([]net.Listener, error) {
	var ls []net.Listener
	var err error
	switch {
	case a.socket != "":
		ls, err = one(listenUnix(a.socket))
	case a.loopback():
		ls, err = listenLoopback(a.port)
	default:
		ls, err = one(net.Listen(a.network(), net.JoinHostPort(a.host, strconv.Itoa(a.port))))
	}
	if err != nil {
		return nil, &ListenError{Addr: addr, Err: cause(err), hint: listenHint(a, err)}
	}
	return ls, nil
}

func one(l net.Listener, err error) ([]net.Listener, error) { return []net.Listener{l}, err }

// cause drops what net says about an operation that the caller names itself.
func cause(err error) error {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		err = op.Err
	}
	if sys, ok := errors.AsType[*os.SyscallError](err); ok {
		err = sys.Err
	}
	return err
}

func listenHint(a address, err error) string {
	switch {
	case errors.Is(err, errSocketInUse), errors.Is(err, errNotSocket):
		return "choose another path, or remove " + a.socket
	case errors.Is(err, syscall.EADDRINUSE):
		return "choose another port, or 0 for any free one"
	case errors.Is(err, syscall.EACCES) && a.socket == "":
		return "ports below 1024 need privileges; choose another port"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return "this machine does not have that address; 0.0.0.0 stands for all that it has"
	case a.socket != "" && errors.Is(err, syscall.EINVAL):
		return "the path of a socket has at most about 100 bytes"
	}
	return ""
}

// listenLoopback binds 127.0.0.1 and ::1 with one port. A machine may lack one of
// the two families.
func listenLoopback(port int) ([]net.Listener, error) {
	const tries = 20 // for a port that is free in one family only
	for try := 1; ; try++ {
		l4, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if noFamily(err) {
			return one(net.Listen("tcp6", net.JoinHostPort("::1", strconv.Itoa(port))))
		}
		if err != nil {
			return nil, err
		}
		chosen := l4.Addr().(*net.TCPAddr).Port
		l6, err := net.Listen("tcp6", net.JoinHostPort("::1", strconv.Itoa(chosen)))
		switch {
		case err == nil:
			return []net.Listener{l4, l6}, nil
		case noFamily(err):
			return []net.Listener{l4}, nil
		}
		l4.Close()
		if port != 0 || try == tries || !errors.Is(err, syscall.EADDRINUSE) {
			return nil, err
		}
	}
}

func noFamily(err error) bool {
	return errors.Is(err, syscall.EADDRNOTAVAIL) || errors.Is(err, syscall.EAFNOSUPPORT)
}

// listenUnix binds a unix socket, in place of one that a process left behind.
func listenUnix(path string) (net.Listener, error) {
	l, err := net.Listen("unix", path)
	if !errors.Is(err, syscall.EADDRINUSE) {
		return l, err
	}
	switch info, statErr := os.Lstat(path); {
	case errors.Is(statErr, fs.ErrNotExist):
		return nil, err // an abstract socket
	case statErr != nil:
		return nil, statErr
	case info.Mode().Type() != fs.ModeSocket:
		return nil, errNotSocket
	}
	c, dialErr := net.Dial("unix", path)
	if dialErr == nil {
		c.Close()
		return nil, errSocketInUse
	}
	if !errors.Is(dialErr, syscall.ECONNREFUSED) {
		return nil, err
	}
	if err := os.Remove(path); err != nil {
		return nil, err
	}
	return net.Listen("unix", path)
}

// baseURLs returns where clients reach the listeners of one address: what stands
// before the path of a URL.
func baseURLs(a address, ls []net.Listener, secure bool) []string {
	scheme := "ws://"
	if secure {
		scheme = "wss://"
	}
	tcp, ok := ls[0].Addr().(*net.TCPAddr)
	if !ok {
		return []string{"unix:" + ls[0].Addr().String() + ":"}
	}
	port := strconv.Itoa(tcp.Port)
	host := a.host
	if a.loopback() {
		host = tcp.IP.String()
		if len(ls) > 1 {
			host = "localhost"
		}
	}
	if ip, err := netip.ParseAddr(host); err == nil && ip.IsUnspecified() {
		var bases []string
		for _, h := range interfaceHosts(ip.Is4()) {
			bases = append(bases, scheme+net.JoinHostPort(h, port))
		}
		return bases
	}
	host = strings.ReplaceAll(host, "%", "%25") // before a zone (RFC 6874 §2)
	return []string{scheme + net.JoinHostPort(host, port)}
}

// interfaceHosts returns localhost and the addresses of this machine that others
// may reach.
func interfaceHosts(only4 bool) []string {
	hosts := []string{"localhost"}
	if only4 {
		hosts[0] = "127.0.0.1"
	}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return hosts
	}
	for _, a := range addrs {
		ipnet, ok := a.(*net.IPNet)
		if ok && ipnet.IP.IsGlobalUnicast() && (!only4 || ipnet.IP.To4() != nil) {
			hosts = append(hosts, ipnet.IP.String())
		}
	}
	return hosts
}
