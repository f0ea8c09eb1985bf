// Command gobwas echoes messages with gobwas/ws as its README shows: the zero-copy
// upgrade, and the helpers of wsutil for each message.
package main

import (
	"net"
	"os"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"

	"peers/internal/echo"
)

func main() {
	os.Exit(echo.Main(os.Args[1:], os.Stdout, os.Stderr, echo.Uncompressed(serve)))
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

func answer(conn net.Conn) {
	defer conn.Close()
	if _, err := ws.Upgrade(conn); err != nil {
		return
	}
	for {
		message, op, err := wsutil.ReadClientData(conn)
		if err != nil {
			return
		}
		if err := wsutil.WriteServerMessage(conn, op, message); err != nil {
			return
		}
	}
}
