package wsconn

import (
	"bytes"
	"fmt"
	"net"
	"testing"

	"wskit/codec"
)

// A loop is a transport without a socket: it yields the same bytes for ever and
// drops what is written.
type loop struct {
	wire []byte
	n    int64
}

func (l *loop) fill(in *input) (int, error) { return copy(in.room(), l.wire), nil }

func (l *loop) read(p []byte) (int, error) { return copy(p, l.wire), nil }

func (l *loop) write(p []byte) error {
	l.n += int64(len(p))
	return nil
}

func (l *loop) writeBoth(head, body []byte) error {
	l.n += int64(len(head) + len(body))
	return nil
}

// BenchmarkPath echoes without a socket: what a message costs beside the system
// calls.
func BenchmarkPath(b *testing.B) {
	for _, role := range []codec.Role{codec.RoleServer, codec.RoleClient} {
		for _, bc := range []struct{ size, batch int }{{16, 32}, {125, 32}, {1024, 32}, {16384, 3}, {125, 1}, {16384, 1}} {
			b.Run(fmt.Sprintf("%v/size=%d/batch=%d", role, bc.size, bc.batch), func(b *testing.B) {
				size := bc.size
				a, peer := net.Pipe()
				defer peer.Close()
				c := New(a, Config{Role: role})
				defer c.Abort()
				one := frame(role.Peer(), true, codec.OpBinary, string(pattern(size)))
				c.tr = &loop{wire: bytes.Repeat(one, bc.batch)}
				c.in.size, c.in.sizeMax = readSize, readSize
				b.SetBytes(int64(size))
				b.ReportAllocs()
				for b.Loop() {
					op, data, err := c.NextMessage()
					if err != nil {
						b.Fatal(err)
					}
					if err := c.QueueMessage(op, data); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
