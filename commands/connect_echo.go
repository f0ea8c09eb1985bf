package commands

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"wskit/codec"
	"wskit/codec/wsconn"
)

// echoBack is connect --echo. A watcher shows what comes, if there is one.
func (o *connectOptions) echoBack(ctx context.Context, env *Env, url string, watch *watcher) error {
	if _, ok := echoPath(url); ok {
		return usagef("--echo contradicts %s, which sends nothing of its own", url).withHint("each side would wait for the other")
	}
	conn, stop, err := o.open(ctx, env, url, watch, nil)
	defer stop()
	if conn == nil {
		return err
	}
	var fault <-chan error
	if watch != nil {
		fault = watch.fault
	}
	return o.finish(conn, watch, echoMessages(ctx, conn.Conn, o.limit, fault))
}

// echoMessages sends back each message that comes, until the connection ends, ctx
// does, or the limit is over, unless that is zero, and then closes. An error from
// fault ends it too.
func echoMessages(ctx context.Context, c *wsconn.Conn, limit time.Duration, fault <-chan error) error {
	var echo sync.WaitGroup
	echo.Go(func() {
		for {
			op, data, err := c.NextMessage()
			if err != nil {
				return
			}
			if c.QueueMessage(op, data) != nil {
				c.Discard() // how the connection ended is in what still comes
				return
			}
		}
	})

	var over <-chan time.Time
	if limit > 0 {
		over = time.After(limit)
	}
	var err error
	select {
	case <-c.Done():
	case <-over:
	case err = <-fault:
	case <-ctx.Done():
		err = interruption(ctx)
	}
	if c.Err() == nil {
		c.Close(codec.CloseNormal, "")
	}
	echo.Wait()
	var end *wsconn.CloseError
	errors.As(c.Err(), &end)
	return cmp.Or(err, closeFailure(end))
}
