// Command nbio echoes messages with lesismal/nbio in the mode that its README calls the
// balance: up to a number of connections each has a goroutine, further ones are polled.
package main

import (
	"errors"
	"net"
	"net/http"
	"os"

	"github.com/lesismal/nbio/logging"
	"github.com/lesismal/nbio/nbhttp"
	"github.com/lesismal/nbio/nbhttp/websocket"

	"peers/internal/echo"
)

// blocking is the number of connections that have goroutines. Its default is 10,000, but the
// benchmark's 10,000 idle connections are what polling is for.
const blocking = 1000

func main() { os.Exit(echo.Main(os.Args[1:], os.Stdout, os.Stderr, serve)) }

func serve(ln net.Listener, deflate echo.Deflate) error {
	if deflate == echo.Takeover {
		return errors.New("nbio has no context takeover")
	}
	logging.SetLevel(logging.LevelError)
	upgrader := websocket.NewUpgrader()
	upgrader.EnableCompression(deflate == echo.NoTakeover)
	upgrader.BlockingModAsyncWrite = false // a goroutine to write is for broadcasts
	upgrader.OnMessage(func(conn *websocket.Conn, kind websocket.MessageType, message []byte) {
		conn.WriteMessage(kind, message)
	})
	engine := nbhttp.NewEngine(nbhttp.Config{
		Addrs:                   []string{ln.Addr().String()},
		Listen:                  func(string, string) (net.Listener, error) { return ln, nil },
		IOMod:                   nbhttp.IOModMixed,
		MaxBlockingOnline:       blocking,
		ReleaseWebsocketPayload: true,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			upgrader.Upgrade(w, r, nil) // an error has been answered
		}),
	})
	if err := engine.Start(); err != nil {
		return err
	}
	select {}
}
