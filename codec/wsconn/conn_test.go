package wsconn

import (
	"net"
	"testing"

	"wskit/codec"
)

func TestEcho(t *testing.T) {
	a, b := net.Pipe()
	srv, cli := New(a, Config{}), New(b, Config{Role: codec.RoleClient})
	done := make(chan error)
	go func() {
		for {
			op, data, err := srv.NextMessage()
			if err != nil {
				done <- err
				return
			}
			if err := srv.QueueMessage(op, data); err != nil {
				done <- err
				return
			}
		}
	}()
	if err := cli.WriteMessage(codec.OpText, []byte("hello")); err != nil {
		t.Fatal(err)
	}
	op, data, err := cli.NextMessage()
	if err != nil || op != codec.OpText || string(data) != "hello" {
		t.Fatalf("NextMessage = %v, %q, %v; want text, hello, nil", op, data, err)
	}
	if err := cli.Close(codec.CloseNormal, "bye"); err != nil {
		t.Fatal(err)
	}
	ce := (<-done).(*CloseError)
	if ce.Code != codec.CloseNormal || ce.Reason != "bye" || ce.By != Peer {
		t.Errorf("server ended with %+v; want 1000 bye by the peer", ce)
	}
}
