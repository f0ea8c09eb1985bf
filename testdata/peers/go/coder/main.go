// Command coder echoes messages with coder/websocket. Messages are read into a buffer that
// is used again, which is how it reads without allocating.
package main

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"os"

	"github.com/coder/websocket"

	"peers/internal/echo"
)

func main() {
	library := echo.Library{Serve: serve, Client: connect}
	os.Exit(echo.Main(os.Args[1:], os.Stdout, os.Stderr, library))
}

func serve(ln net.Listener, deflate echo.Deflate) error {
	opts := &websocket.AcceptOptions{CompressionMode: mode(deflate)}
	return http.Serve(ln, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, opts)
		if err != nil {
			return
		}
		defer conn.CloseNow()
		answer(context.Background(), conn, nil)
	}))
}

func connect(url string, deflate echo.Deflate, hear func([]byte)) error {
	ctx := context.Background()
	conn, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{CompressionMode: mode(deflate)})
	if err != nil {
		return err
	}
	defer conn.CloseNow()
	answer(ctx, conn, hear)
	return nil
}

func mode(deflate echo.Deflate) websocket.CompressionMode {
	switch deflate {
	case echo.NoTakeover:
		return websocket.CompressionNoContextTakeover
	case echo.Takeover:
		return websocket.CompressionContextTakeover
	}
	return websocket.CompressionDisabled
}

// answer hands the messages to hear, or echoes them when it is nil. The context is not a
// request's, as the library advises.
func answer(ctx context.Context, conn *websocket.Conn, hear func([]byte)) {
	conn.SetReadLimit(16 << 20) // its default is 32 KiB
	var message bytes.Buffer
	for {
		kind, r, err := conn.Reader(ctx)
		if err != nil {
			return
		}
		message.Reset()
		if _, err := message.ReadFrom(r); err != nil {
			return
		}
		if hear != nil {
			hear(message.Bytes())
		} else if err := conn.Write(ctx, kind, message.Bytes()); err != nil {
			return
		}
	}
}
