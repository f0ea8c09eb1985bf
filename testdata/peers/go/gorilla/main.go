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

func main() {
	library := echo.Library{Serve: serve, Client: connect}
	os.Exit(echo.Main(os.Args[1:], os.Stdout, os.Stderr, library))
}

var errNoTakeover = errors.New("gorilla/websocket has no context takeover")

func serve(ln net.Listener, deflate echo.Deflate) error {
	if deflate == echo.Takeover {
		return errNoTakeover
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
		answer(conn, nil)
	}))
}

func connect(url string, deflate echo.Deflate, hear func([]byte)) error {
	if deflate == echo.Takeover {
		return errNoTakeover
	}
	dialer := websocket.Dialer{EnableCompression: deflate == echo.NoTakeover}
	conn, _, err := dialer.Dial(url, nil)
	if err != nil {
		return err
	}
	defer conn.Close()
	answer(conn, hear)
	return nil
}

// answer hands the messages to hear, or echoes them when it is nil.
func answer(conn *websocket.Conn, hear func([]byte)) {
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
		if hear != nil {
			hear(message.Bytes())
		} else if err := conn.WriteMessage(kind, message.Bytes()); err != nil {
			return
		}
	}
}
