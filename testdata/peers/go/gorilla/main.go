// Command gorilla echoes messages with gorilla/websocket. Write buffers are pooled, as its
// documentation advises for many connections, and messages are read into a buffer that is
// used again.
package main

import (
	"bytes"
	"errors"
	"net"
	"net/http"
	"os"
	"sync"

	"github.com/gorilla/websocket"

	"peers/internal/echo"
)

func main() { os.Exit(echo.Main(os.Args[1:], os.Stdout, os.Stderr, serve)) }

func serve(ln net.Listener, deflate echo.Deflate) error {
	if deflate == echo.Takeover {
		return errors.New("gorilla/websocket has no context takeover")
	}
	upgrader := websocket.Upgrader{
		WriteBufferPool:   &sync.Pool{},
		EnableCompression: deflate == echo.NoTakeover,
	}
	return http.Serve(ln, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer conn.Close()
		answer(conn)
	}))
}

func answer(conn *websocket.Conn) {
	var message bytes.Buffer
	for {
		kind, r, err := conn.NextReader()
		if err != nil {
			return
		}
		message.Reset()
		if _, err := message.ReadFrom(r); err != nil {
			return
		}
		if err := conn.WriteMessage(kind, message.Bytes()); err != nil {
			return
		}
	}
}
