package wsconn

import (
	"testing"
	"testing/synctest"
	"time"

	"wskit/codec"
)

// TestCloseDuringSendInPlace closes while the reading goroutine is stuck in sending a
// message from the read buffer to a peer that takes nothing: Close ends in time, and
// so does the sending.
func TestCloseDuringSendInPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit = 3 * time.Second
		c, p := against(t, pipes, Config{CloseTimeout: limit})
		sent := async(func() bool { p.send(p.frame(true, codec.OpBinary, string(pattern(inPlaceSize)))); return true })
		_, data, err := c.NextMessage()
		if err != nil {
			t.Fatal(err)
		}
		sent()
		echoed := async(func() error { return c.QueueMessage(codec.OpBinary, data) })
		synctest.Wait()
		if !c.reading.Load() {
			t.Fatal("the message is not being sent from the read buffer")
		}
		start := time.Now()
		if err := c.Close(codec.CloseNormal, ""); err == nil {
			t.Error("Close: no error, and the peer answered nothing")
		}
		if took := time.Since(start); took > limit {
			t.Errorf("Close took %v, want %v at most", took, limit)
		}
		if err := echoed(); err == nil {
			t.Error("QueueMessage: no error, and the peer took nothing")
		}
	})
}
