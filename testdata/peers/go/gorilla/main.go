// Command gorilla echoes messages with gorilla/websocket, with the write buffers pooled
// as its documentation advises for many connections.
package main

import (
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
		for {
			kind, message, err := conn.ReadMessage()
			if err != nil {
				return
			}
			if err := conn.WriteMessage(kind, message); err != nil {
				return
			}
		}
	}))
}
