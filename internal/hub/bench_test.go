package hub

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"wskit/codec"
	"wskit/codec/wsconn"
)

// BenchmarkPublish sends a message of 125 bytes to all members and waits until it is
// sent, without sockets: what a hub costs beside the system calls.
func BenchmarkPublish(b *testing.B) {
	text := []byte(strings.Repeat("text ", 25))
	for _, deflate := range []*codec.Deflate{nil, {}} {
		for _, members := range []int{10, 1000} {
			b.Run(fmt.Sprintf("members=%d/compressed=%v", members, deflate != nil), func(b *testing.B) {
				h := New()
				outs := make([]*wsconn.Outbox, members)
				for i := range outs {
					a, peer := net.Pipe()
					defer peer.Close()
					c := wsconn.New(sink{a}, wsconn.Config{Deflate: deflate, CompressMin: 1})
					defer c.Abort()
					outs[i] = c.NewOutbox(0, wsconn.CloseWhenFull)
					h.Join("room", NewMember(outs[i]))
				}
				b.ReportAllocs()
				for b.Loop() {
					if n := h.Publish("room", codec.OpText, text, nil); n != members {
						b.Fatalf("%d of %d took the message", n, members)
					}
					for _, o := range outs {
						o.Wait()
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*members), "ns/member")
			})
		}
	}
}
