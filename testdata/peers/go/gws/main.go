// Command gws echoes messages with lxzan/gws, as its README's best practice does but for
// two things: messages of a connection are handled in order (ParallelEnabled would
// let replies overtake each other), and no deadline is set.
package main

import (
	"flag"
	"net"
	"net/http"
	"os"

	"github.com/lxzan/gws"

	"peers/internal/echo"
)

func main() {
	checkText := false
	library := echo.Library{
		Serve: func(ln net.Listener, deflate echo.Deflate) error { return serve(ln, deflate, checkText) },
		Client: func(url string, deflate echo.Deflate, hear func([]byte)) error {
			return connect(url, deflate, hear, checkText)
		},
		Flags: func(flags *flag.FlagSet) { flags.BoolVar(&checkText, "utf8", false, "check that text is UTF-8") },
	}
	os.Exit(echo.Main(os.Args[1:], os.Stdout, os.Stderr, library))
}

// A handler hands the messages to hear, or echoes them when it is nil.
type handler struct {
	gws.BuiltinEventHandler
	hear func([]byte)
}

// OnPing implements gws.Event. The pong of the built-in handler is empty.
func (*handler) OnPing(conn *gws.Conn, payload []byte) { conn.WritePong(payload) }

// OnMessage implements gws.Event.
func (h *handler) OnMessage(conn *gws.Conn, message *gws.Message) {
	defer message.Close()
	if h.hear != nil {
		h.hear(message.Bytes())
		return
	}
	conn.WriteMessage(message.Opcode, message.Bytes())
}

func serve(ln net.Listener, deflate echo.Deflate, checkText bool) error {
	upgrader := gws.NewUpgrader(new(handler), &gws.ServerOption{
		Recovery:          gws.Recovery,
		CheckUtf8Enabled:  checkText,
		PermessageDeflate: compression(deflate),
	})
	return http.Serve(ln, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := upgrader.Upgrade(w, r)
		if err != nil {
			return
		}
		go conn.ReadLoop() // a handler that stays would keep the request alive
	}))
}

func connect(url string, deflate echo.Deflate, hear func([]byte), checkText bool) error {
	conn, _, err := gws.NewClient(&handler{hear: hear}, &gws.ClientOption{
		Addr:              url,
		Recovery:          gws.Recovery,
		CheckUtf8Enabled:  checkText,
		PermessageDeflate: compression(deflate),
	})
	if err != nil {
		return err
	}
	conn.ReadLoop()
	return nil
}

func compression(deflate echo.Deflate) gws.PermessageDeflate {
	return gws.PermessageDeflate{
		Enabled:               deflate != echo.Off,
		ServerContextTakeover: deflate == echo.Takeover,
		ClientContextTakeover: deflate == echo.Takeover,
		ServerMaxWindowBits:   15, // with takeover its own default would be 12
		ClientMaxWindowBits:   15,
	}
}
