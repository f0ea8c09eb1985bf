package scripts

import (
	"strings"
	"testing"

	"wskit/codec"
	"wskit/codec/wsconn"
)

// BenchmarkEcho compares the echo of a script with that of a loop in Go, over one
// connection with 32 messages of 64 bytes in flight. The client is part of both.
func BenchmarkEcho(b *testing.B) {
	b.Run("script", func(b *testing.B) {
		e, _, _ := start(b, `on('connection', ws => { ws.onmessage = e => ws.send(e.data) })`)
		c, _ := connect(b, e)
		pingPong(b, c)
	})
	b.Run("go", func(b *testing.B) {
		server, client := tcp(b)
		s := wsconn.New(server, wsconn.Config{})
		c := wsconn.New(client, wsconn.Config{Role: codec.RoleClient})
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			for {
				op, data, err := s.NextMessage()
				if err != nil || s.QueueMessage(op, data) != nil {
					return
				}
			}
		}()
		pingPong(b, c)
		c.Close(codec.CloseNormal, "")
		<-ended
	})
}

func pingPong(b *testing.B, c *wsconn.Conn) {
	const pipeline = 32
	text := []byte(strings.Repeat("x", 64))
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; i < b.N; i += pipeline {
		for range pipeline {
			if err := c.QueueMessage(codec.OpText, text); err != nil {
				b.Fatal(err)
			}
		}
		for range pipeline {
			if _, _, err := c.NextMessage(); err != nil {
				b.Fatal(err)
			}
		}
	}
}
