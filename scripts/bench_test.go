package scripts

import (
	"strings"
	"testing"

	"github.com/dop251/goja"

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

// BenchmarkLanguage compares what the prelude has bounded with the engine's natives.
func BenchmarkLanguage(b *testing.B) {
	short, long := `'key=value; other=1 '`, `'key=value; other=1 '.repeat(5000)`
	for name, code := range map[string]string{
		"match":      `const s = ` + short + `; () => s.match(/\w+/g)`,
		"replace":    `const s = ` + short + `; () => s.replace(/(\w+)=(\w+)/g, '$2=$1')`,
		"function":   `const s = ` + short + `; () => s.replace(/\w+/g, w => w)`,
		"split":      `const s = ` + short + `; () => s.split(/;\s*/)`,
		"long match": `const s = ` + long + `; () => s.match(/\w+/g)`,
		"long pairs": `const s = ` + long + `; () => s.replace(/(\w+)=(\w+)/g, '$2=$1')`,
		"stringify":  `const o = { type: 'login', user: 'ann', tags: ['a', 'b'] }; () => JSON.stringify(o)`,
		"for of":     `const a = [1, 2, 3, 4]; () => { for (const x of a); }`,
		"spread":     `const a = [1, 2, 3, 4]; () => [...a]`,
	} {
		for engine, vm := range map[string]*goja.Runtime{"native": goja.New(), "bounded": bareEngine(b, shortText).vm} {
			b.Run(name+"/"+engine, func(b *testing.B) {
				v, err := vm.RunString(`(() => { ` + strings.Replace(code, "; () =>", "; return () =>", 1) + ` })()`)
				if err != nil {
					b.Fatal(err)
				}
				f, _ := goja.AssertFunction(v)
				b.ResetTimer()
				for b.Loop() {
					if _, err := f(goja.Undefined()); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
