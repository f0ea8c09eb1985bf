//go:build !race

// The race detector slows the members down more than the one who speaks.

package wsserver

import (
	"sync"
	"sync/atomic"
	"testing"

	"wskit/codec"
)

// TestBroadcastInBulk has one member say twice of what an outbox holds as fast as it
// can: those who read get all of it. A machine that is busy with other things may starve
// them, so that there are several tries.
func TestBroadcastInBulk(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a second")
	}
	const members, size, messages, tries = 50, 10_000, 200, 10
	for try := 1; ; try++ {
		lost := bulk(t, members, size, messages)
		if lost == 0 {
			return
		}
		t.Logf("%d of %d members were closed", lost, members)
		if try == tries {
			t.Fatal("members who read are closed for not reading")
		}
	}
}

// bulk returns how many members were closed before they had all messages.
func bulk(t *testing.T, members, size, messages int) (lost int64) {
	h := newHall(t, "/", Config{})
	var reading sync.WaitGroup
	var closed atomic.Int64
	for range members {
		c := h.open(nil, "/")
		reading.Go(func() {
			for range messages {
				if _, _, err := c.NextMessage(); err != nil {
					closed.Add(1)
					return
				}
			}
		})
	}
	speaker, data := h.enter("/", members+1), make([]byte, size)
	for range messages {
		if err := speaker.WriteMessage(codec.OpBinary, data); err != nil {
			t.Fatal(err)
		}
	}
	reading.Wait()
	return closed.Load()
}
