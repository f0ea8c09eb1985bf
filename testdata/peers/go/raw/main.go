// Command raw echoes bytes over TCP. It is the floor: what the kernel and Go's network
// poller cost without any protocol.
package main

import (
	"net"
	"os"

	"peers/internal/echo"
)

func main() {
	library := echo.Library{Serve: echo.Uncompressed(serve)}
	os.Exit(echo.Main(os.Args[1:], os.Stdout, os.Stderr, library))
}

func serve(ln net.Listener) error {
	for {
		conn, err := ln.Accept()
		if err != nil {
			return err
		}
		go answer(conn)
	}
}

// answer does not use io.Copy, which would splice: the bytes would never come up from
// the kernel, and no server of messages can do that.
func answer(conn net.Conn) {
	defer conn.Close()
	buf := make([]byte, 64<<10)
	for {
		n, err := conn.Read(buf)
		if err != nil {
			return
		}
		if _, err := conn.Write(buf[:n]); err != nil {
			return
		}
	}
}
