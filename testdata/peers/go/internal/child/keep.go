package child

import (
	"context"
	"net"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// A Kept is a server that is started anew whenever it has ended, so that there is one for
// every connection.
type Kept struct {
	// Addr is where it listens.
	Addr string

	cancel context.CancelFunc
	done   sync.WaitGroup
}

// Keep runs a server on a listening socket that it inherits as descriptor 3, which words
// must tell it. A connection that comes while it starts waits in the socket's queue.
func Keep(ctx context.Context, words []string) (*Kept, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer l.Close()
	socket, err := l.(*net.TCPListener).File()
	if err != nil {
		return nil, err
	}
	k := &Kept{Addr: l.Addr().String()}
	ctx, k.cancel = context.WithCancel(ctx)
	k.done.Go(func() {
		defer socket.Close()
		for ctx.Err() == nil {
			serve(ctx, socket, words)
		}
	})
	return k, nil
}

// serve runs a server until it ends.
func serve(ctx context.Context, socket *os.File, words []string) {
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.ExtraFiles = []*os.File{socket}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if cmd.Run() != nil && ctx.Err() == nil {
		time.Sleep(50 * time.Millisecond) // one that cannot start would keep us busy
	}
}

// Stop ends it.
func (k *Kept) Stop() {
	k.cancel()
	k.done.Wait()
}
