package wsconn

import (
	"strconv"
	"testing"

	"wskit/codec"
)

// OnWait comes once for all the messages of a read, and what it queues goes out
// before the wait.
func TestOnWait(t *testing.T) {
	onNetworks(t, func(t *testing.T, n network) {
		var c *Conn
		messages, waits := 0, 0
		c, p := against(t, n, Config{OnWait: func() {
			waits++
			if messages > 0 {
				c.QueueMessage(codec.OpText, []byte(strconv.Itoa(messages)))
			}
		}})
		done := make(chan error, 1)
		go func() {
			for {
				if _, _, err := c.NextMessage(); err != nil {
					done <- err
					return
				}
				messages++
			}
		}()
		p.send(p.text("a"), p.text("b"), p.text("c"))
		p.want(true, codec.OpText, "3")
		p.nc.Close()
		<-done
		if waits < 2 || messages != 3 {
			t.Errorf("got %d waits and %d messages, want at least 2, and 3", waits, messages)
		}
	})
}
