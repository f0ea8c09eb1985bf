// Command gobwas echoes messages with gobwas/ws as its README shows: the zero-copy
// upgrade, and the helpers of wsutil for each message.
package main

import (
	"context"
	"errors"
	"io"
	"net"
	"os"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"

	"peers/internal/echo"
)

func main() {
	library := echo.Library{Serve: echo.Uncompressed(serve), Client: connect}
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

func connect(url string, deflate echo.Deflate, hear func([]byte)) error {
	if deflate != echo.Off {
		return errors.New("gobwas/ws leaves permessage-deflate to the program")
	}
	conn, buffered, _, err := ws.Dial(context.Background(), url)
	if err != nil {
		return err
	}
	defer conn.Close()
	var rw io.ReadWriter = conn
	if buffered != nil { // frames that came with the response
		rw = struct {
			io.Reader
			io.Writer
		}{buffered, conn}
	}
	for {
		message, op, err := wsutil.ReadServerData(rw)
		if err != nil {
			return nil
		}
		if hear != nil {
			hear(message)
		} else if err := wsutil.WriteClientMessage(conn, op, message); err != nil {
			return nil
		}
	}
}
