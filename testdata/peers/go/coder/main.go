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

func main() { os.Exit(echo.Main(os.Args[1:], os.Stdout, os.Stderr, serve)) }

func serve(ln net.Listener, deflate echo.Deflate) error {
	modes := map[echo.Deflate]websocket.CompressionMode{
		echo.Off:        websocket.CompressionDisabled,
		echo.NoTakeover: websocket.CompressionNoContextTakeover,
		echo.Takeover:   websocket.CompressionContextTakeover,
	}
	opts := &websocket.AcceptOptions{CompressionMode: modes[deflate]}
	return http.Serve(ln, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, opts)
		if err != nil {
			return
		}
		defer conn.CloseNow()
		conn.SetReadLimit(16 << 20)
		answer(context.Background(), conn)
	}))
}

// answer takes a context that is not the request's, as the library advises.
func answer(ctx context.Context, conn *websocket.Conn) {
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
		if err := conn.Write(ctx, kind, message.Bytes()); err != nil {
			return
		}
	}
}
