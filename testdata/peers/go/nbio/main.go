// Command nbio echoes messages with lesismal/nbio, in its default mode or in the one that
// its README calls the balance: up to a number of connections each has a goroutine, further
// ones are polled.
package main

import (
	"errors"
	"flag"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/lesismal/nbio/logging"
	"github.com/lesismal/nbio/nbhttp"
	"github.com/lesismal/nbio/nbhttp/websocket"

	"peers/internal/echo"
)

// blocking is the number of connections that have goroutines. Its default is 10,000, but the
// benchmark's 10,000 idle connections are what polling is for.
const blocking = 1000

func main() {
	mode := nbhttp.DefaultIOMod
	library := echo.Library{
		Serve:  func(ln net.Listener, deflate echo.Deflate) error { return serve(ln, deflate, mode) },
		Client: connect,
		Flags: func(flags *flag.FlagSet) {
			flags.BoolFunc("mixed", "give connections goroutines, up to a number of them", func(string) error {
				mode = nbhttp.IOModMixed
				return nil
			})
		},
	}
	os.Exit(echo.Main(os.Args[1:], os.Stdout, os.Stderr, library))
}

var errNoTakeover = errors.New("nbio has no context takeover")

func serve(ln net.Listener, deflate echo.Deflate, mode int) error {
	if deflate == echo.Takeover {
		return errNoTakeover
	}
	logging.SetLevel(logging.LevelError)
	upgrader := options(deflate, nil)
	engine := nbhttp.NewEngine(nbhttp.Config{
		Addrs:                   []string{ln.Addr().String()},
		Listen:                  func(string, string) (net.Listener, error) { return ln, nil },
		IOMod:                   mode,
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

// options makes connections hand the messages to hear, or echo them when it is nil.
func options(deflate echo.Deflate, hear func([]byte)) *websocket.Upgrader {
	upgrader := websocket.NewUpgrader()
	upgrader.EnableCompression(deflate == echo.NoTakeover)
	upgrader.BlockingModAsyncWrite = false // a goroutine to write is for broadcasts
	upgrader.OnMessage(func(conn *websocket.Conn, kind websocket.MessageType, message []byte) {
		if hear != nil {
			hear(message)
			return
		}
		conn.WriteMessage(kind, message)
	})
	return upgrader
}

func connect(url string, deflate echo.Deflate, hear func([]byte)) error {
	if deflate == echo.Takeover {
		return errNoTakeover
	}
	logging.SetLevel(logging.LevelError)
	engine := nbhttp.NewEngine(nbhttp.Config{})
	if err := engine.Start(); err != nil {
		return err
	}
	defer engine.Stop()
	upgrader := options(deflate, hear)
	ended := make(chan struct{})
	upgrader.OnClose(func(*websocket.Conn, error) { close(ended) })
	dialer := websocket.Dialer{Engine: engine, Upgrader: upgrader, DialTimeout: 10 * time.Second}
	if _, _, err := dialer.Dial(url, nil); err != nil {
		return err
	}
	<-ended
	return nil
}
