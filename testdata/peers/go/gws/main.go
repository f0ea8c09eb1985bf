// Command gws echoes messages with lxzan/gws, as its README's best practice does but for
// two things: messages of a connection are handled in order (ParallelEnabled would
// let replies overtake each other), and no deadline is set.
package main

import (
	"net"
	"net/http"
	"os"

	"github.com/lxzan/gws"

	"peers/internal/echo"
)

func main() { os.Exit(echo.Main(os.Args[1:], os.Stdout, os.Stderr, serve)) }

type handler struct{ gws.BuiltinEventHandler }

// OnMessage sends the message back.
func (*handler) OnMessage(conn *gws.Conn, message *gws.Message) {
	defer message.Close()
	conn.WriteMessage(message.Opcode, message.Bytes())
}

func serve(ln net.Listener, deflate echo.Deflate) error {
	upgrader := gws.NewUpgrader(new(handler), &gws.ServerOption{
		Recovery: gws.Recovery,
		PermessageDeflate: gws.PermessageDeflate{
			Enabled:               deflate != echo.Off,
			ServerContextTakeover: deflate == echo.Takeover,
			ClientContextTakeover: deflate == echo.Takeover,
			ServerMaxWindowBits:   15, // with takeover its own default would be 12
			ClientMaxWindowBits:   15,
		},
	})
	return http.Serve(ln, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := upgrader.Upgrade(w, r)
		if err != nil {
			return
		}
		go conn.ReadLoop() // a handler that stays would keep the request alive
	}))
}
