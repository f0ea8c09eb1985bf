package wsconn

import (
	"bytes"
	"testing"

	"wskit/codec"
)

// TestLimitOfIncompressible sends messages that deflate makes larger: the limit is
// one on the message, not on its compressed form.
func TestLimitOfIncompressible(t *testing.T) {
	const limit = 4096
	const header = 8 // with a length of 16 bits and a mask
	agreed := &codec.Deflate{ServerMaxWindowBits: 8, ClientMaxWindowBits: 8}
	srv := Config{Deflate: agreed, MaxMessage: limit}
	s, c := connect(t, networks[0], srv, Config{Deflate: agreed})
	ended := async(func() error { return serveEcho(s) })
	message := pattern(limit)
	before := c.Stats().BytesOut
	if err := c.WriteMessage(codec.OpBinary, message); err != nil {
		t.Fatal(err)
	}
	if wire := c.Stats().BytesOut - before; wire <= header+limit {
		t.Fatalf("the message took %d bytes on the wire, want more than its %d", wire, limit)
	}
	if _, got, err := c.NextMessage(); err != nil || !bytes.Equal(got, message) {
		t.Fatalf("echo of %d bytes, error %v", len(got), err)
	}
	if err := c.WriteMessage(codec.OpBinary, pattern(limit+1)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.NextMessage(); err == nil {
		t.Error("a message larger than the limit came back")
	}
	wantEnded(t, ended(), CloseError{Code: codec.CloseMessageTooBig, Reason: codec.ErrInflatedTooBig.Reason, By: Local, Err: codec.ErrInflatedTooBig})
}
