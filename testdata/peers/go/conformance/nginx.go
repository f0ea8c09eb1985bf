package main

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// nginx is a proxy that runs.
type nginx struct {
	addr string
	cmd  *exec.Cmd
	dir  string
}

// startNginx starts nginx as a proxy in front of a server.
func startNginx(ctx context.Context, peers, upstream string) (*nginx, error) {
	// It takes a listening socket that it inherits, by the number in NGINX, so that it has
	// a port of its own, and takes connections, before it has started.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer l.Close()
	socket, err := l.(*net.TCPListener).File()
	if err != nil {
		return nil, err
	}
	defer socket.Close()
	n := &nginx{addr: l.Addr().String()}
	if n.dir, err = os.MkdirTemp("", "wskit-nginx-"); err != nil {
		return nil, err
	}
	if err := n.configure(filepath.Join(peers, "nginx", "nginx.conf"), upstream); err != nil {
		os.RemoveAll(n.dir)
		return nil, err
	}
	n.cmd = exec.CommandContext(ctx, "nginx", "-e", "stderr", "-p", n.dir, "-c", "nginx.conf")
	n.cmd.ExtraFiles = []*os.File{socket}
	n.cmd.Env = append(os.Environ(), "NGINX=3;")
	n.cmd.Cancel = func() error { return n.cmd.Process.Signal(syscall.SIGTERM) } // it ends its worker
	n.cmd.WaitDelay = 5 * time.Second
	if err := n.cmd.Start(); err != nil {
		os.RemoveAll(n.dir)
		return nil, err
	}
	return n, nil
}

// configure writes the configuration into the directory, which is open to the user that the
// worker becomes.
func (n *nginx) configure(template, upstream string) error {
	if err := os.Chmod(n.dir, 0o755); err != nil {
		return err
	}
	text, err := os.ReadFile(template)
	if err != nil {
		return err
	}
	conf := strings.NewReplacer("@LISTEN@", n.addr, "@UPSTREAM@", upstream).Replace(string(text))
	return os.WriteFile(filepath.Join(n.dir, "nginx.conf"), []byte(conf), 0o644)
}

func (n *nginx) stop() {
	n.cmd.Process.Signal(syscall.SIGTERM)
	n.cmd.Wait()
	os.RemoveAll(n.dir)
}
