//go:build !race

package wsconn

import (
	"reflect"
	"runtime"
	"strconv"
	"testing"

	"wskit/codec"
)

// TestOutboxSizeIdle fails when an outbox leaves its size class: each connection of a
// room has one.
func TestOutboxSizeIdle(t *testing.T) {
	if strconv.IntSize != 64 {
		t.Skip("the sizes are those of 64-bit machines")
	}
	if size, limit := reflect.TypeFor[Outbox]().Size(), uintptr(128); size > limit {
		t.Errorf("an Outbox takes %d bytes, want at most %d", size, limit)
	}
}

// TestNoAllocationsOutbox fails when a message through an outbox allocates, by itself
// or in a batch.
func TestNoAllocationsOutbox(t *testing.T) {
	for _, agreed := range []*codec.Deflate{nil, {}} {
		c, p := against(t, networks[0], Config{Deflate: agreed})
		drained := drainNet(p.nc)
		o := c.NewOutbox(0, CloseWhenFull)
		data := make([]byte, 500)
		m := NewPrepared(codec.OpText, data)
		for _, n := range []int{1, 32} {
			noAllocations(t, n, func() {
				o.Hold()
				for range n {
					o.Send(codec.OpText, data)
					o.SendPrepared(m)
				}
				o.Release()
				for o.Size() > 0 { // Wait allocates
					runtime.Gosched()
				}
				if err := c.WritePrepared(m); err != nil {
					t.Fatal(err)
				}
			})
		}
		o.Wait()
		c.Abort()
		drained()
	}
}
