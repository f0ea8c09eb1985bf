package wsconn

import (
	"runtime"
	"strconv"
	"testing"
	"time"

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

// While Close reads, OnWait belongs to the reader still, who is away and then back.
func TestOnWaitWhileClosing(t *testing.T) {
	onNetworks(t, func(t *testing.T, n network) {
		waits := make(chan struct{}, 100)
		c, p := against(t, n, Config{OnWait: func() { waits <- struct{}{} }})
		next := func() error {
			_, _, err := c.NextMessage()
			return err
		}
		first := async(next)
		p.send(p.text("a"))
		if err := first(); err != nil {
			t.Fatal(err)
		}
		for len(waits) > 0 {
			<-waits
		}
		closed := async(func() error { return c.Close(codec.CloseNormal, "") })
		p.wantClose(codec.CloseNormal, "")
		for began := time.Now(); !c.reading.Load() && time.Since(began) < patience; { // until Close reads
			runtime.Gosched()
		}
		for range 3 { // each a read of Close's, as a pipe at least makes sure
			p.send(p.text("late"))
		}
		if len(waits) > 0 {
			t.Errorf("OnWait was called %d times while nobody was in Next…", len(waits))
		}
		read := async(next)
		<-waits // before the reader waits for Close
		p.send(p.close(codec.CloseNormal, ""))
		if err := closed(); err != nil {
			t.Errorf("Close: %v", err)
		}
		wantSticky(t, c, read())
	})
}
