package wsconn

import (
	"fmt"
	"net"
	"testing"

	"wskit/codec"
)

// BenchmarkOutbox sends messages of 125 bytes without a socket, in batches of which
// each is waited for: what an outbox costs beside the system calls. The allocation is
// that of Wait.
func BenchmarkOutbox(b *testing.B) {
	for _, batch := range []int{1, 8, 64} {
		for _, prepared := range []bool{false, true} {
			b.Run(fmt.Sprintf("batch=%d/prepared=%v", batch, prepared), func(b *testing.B) {
				a, peer := net.Pipe()
				defer peer.Close()
				c := New(a, Config{})
				defer c.Abort()
				c.tr = &loop{}
				o := c.NewOutbox(0, DropWhenFull)
				data := pattern(125)
				p := NewPrepared(codec.OpText, data)
				b.SetBytes(int64(len(data)))
				b.ReportAllocs()
				n := 0
				for b.Loop() {
					if n%batch == 0 {
						o.Hold()
					}
					n++
					var err error
					if prepared {
						err = o.SendPrepared(p)
					} else {
						err = o.Send(codec.OpText, data)
					}
					if err != nil {
						b.Fatal(err)
					}
					if n%batch == 0 {
						o.Release()
						o.Wait()
					}
				}
			})
		}
	}
}
