package wsconn

import (
	"bytes"
	"errors"
	"testing"

	"wskit/codec"
)

// Messages of all sizes go out whole and in order, the short ones together.
func TestWriteMessages(t *testing.T) {
	onNetworks(t, func(t *testing.T, n network) {
		c, p := against(t, n, Config{Role: codec.RoleClient})
		sizes := []int{0, 1, 125, 126, 50_000, 20_000, 100_000, 3, 70_000, 70_000, 5}
		for range 1000 {
			sizes = append(sizes, 100)
		}
		message := func(i int) []byte { return bytes.Repeat([]byte{byte('a' + i%26)}, sizes[i]) }
		done := make(chan error, 1)
		go func() {
			i := -1
			done <- c.WriteMessages(codec.OpText, func() ([]byte, bool) {
				if i++; i == len(sizes) {
					return nil, false
				}
				return message(i), true
			})
		}()
		for i := range sizes {
			p.want(true, codec.OpText, string(message(i)))
		}
		if err := <-done; err != nil {
			t.Errorf("WriteMessages: %v", err)
		}
		if got := c.Stats().MessagesOut; got != int64(len(sizes)) {
			t.Errorf("Stats: %d messages, want %d", got, len(sizes))
		}
		if err := c.WriteMessages(codec.OpPing, nil); !errors.Is(err, ErrOpcode) {
			t.Errorf("WriteMessages of pings: %v, want %v", err, ErrOpcode)
		}
	})
}

// Nothing is sent once the connection has ended.
func TestWriteMessagesEnded(t *testing.T) {
	c, _ := against(t, pipes, Config{})
	c.Abort()
	err := c.WriteMessages(codec.OpText, func() ([]byte, bool) { return []byte("x"), true })
	if !errors.Is(err, ErrAborted) {
		t.Errorf("got %v, want %v", err, ErrAborted)
	}
}
