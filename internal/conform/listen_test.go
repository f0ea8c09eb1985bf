package conform

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"testing"
	"time"

	"wskit/codec"
	"wskit/wsclient"
)

// echoClient is a client that does what the convention asks of it.
func echoClient(ctx context.Context, base string, deflate *codec.DeflateConfig) error {
	dial := func(target string) (*wsclient.Conn, error) {
		u, err := wsclient.ParseURL(base + target)
		if err != nil {
			return nil, err
		}
		return wsclient.Dial(ctx, wsclient.Config{URL: u, Deflate: deflate})
	}
	c, err := dial("/getCaseCount")
	if err != nil {
		return err
	}
	_, data, err := c.NextMessage()
	if err != nil {
		return err
	}
	count, err := strconv.Atoi(string(data))
	c.Discard()
	if err != nil {
		return err
	}
	for n := range count {
		c, err := dial(fmt.Sprintf("/runCase?case=%d&agent=ours", n+1))
		if err != nil {
			continue // which a case may want
		}
		for {
			op, data, err := c.NextMessage()
			if err != nil {
				break
			}
			c.QueueMessage(op, data)
		}
		c.Close(codec.CloseNormal, "")
	}
	c, err = dial("/updateReports?agent=ours")
	if err == nil {
		c.Discard()
	}
	return err
}

// TestClient runs every case but the big ones against our own client.
func TestClient(t *testing.T) {
	cases, err := Select(codec.RoleClient, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	passed := map[string]bool{}
	for name, deflate := range map[string]*codec.DeflateConfig{
		"plain": nil, "deflate": {}, "deflate with limits": {ServerNoContextTakeover: true, ServerMaxWindowBits: 12},
	} {
		t.Run(name, func(t *testing.T) {
			checkResults(t, listenTo(t, cases, deflate), passed)
		})
	}
	for _, c := range cases {
		// Our client always offers it.
		if !passed[c.ID] && c.ID != "7692-7.1.2.2-answer-client-bits-not-offered" {
			t.Errorf("%s was always skipped", c.ID)
		}
	}
}

// listenTo runs cases against our own client.
func listenTo(t *testing.T, cases []*Case, deflate *codec.DeflateConfig) *Agent {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- echoClient(t.Context(), "ws://"+ln.Addr().String(), deflate) }()
	agents := Listen(t.Context(), ListenConfig{Listeners: []net.Listener{ln}, Cases: cases, Timeout: 10 * time.Second})
	if err := <-ended; err != nil {
		t.Errorf("the client ended with %v", err)
	}
	if len(agents) != 1 || agents[0].Ended != "" {
		t.Fatalf("got %+v, want one agent that is through", agents)
	}
	return agents[0]
}
