package wsserver

import (
	"context"
	"net/http"

	"wskit/codec"
	"wskit/codec/wsconn"
)

// static is a Route that runs the same session on each connection.
type static struct{ session Session }

func (s *static) Upgrade(*http.Request) (*Session, error) { return &s.session, nil }

// Echo sends each message back with its opcode.
func Echo() Route { return &static{Session{Serve: echo}} }

func echo(_ context.Context, c *wsconn.Conn) error {
	for {
		op, data, err := c.NextMessage()
		if err != nil {
			return err
		}
		if err := c.QueueMessage(op, data); err != nil {
			return err
		}
	}
}

// EchoFrames sends each data frame back, boundaries kept. It is never compressed:
// RFC 7692 compresses messages, not frames.
func EchoFrames() Route {
	return &static{Session{NoCompression: true, Serve: func(_ context.Context, c *wsconn.Conn) error {
		for {
			f, err := c.NextFrame()
			if err != nil {
				return err
			}
			if err := c.QueueFrame(f); err != nil {
				return err
			}
		}
	}}}
}

// Text answers each message with the text s, which is valid UTF-8.
func Text(s string) Route {
	answer := []byte(s)
	return &static{Session{Serve: func(_ context.Context, c *wsconn.Conn) error {
		for {
			if _, _, err := c.NextMessage(); err != nil {
				return err
			}
			if err := c.QueueMessage(codec.OpText, answer); err != nil {
				return err
			}
		}
	}}}
}

// TextFrames answers each data frame with the text s, which is valid UTF-8. Like
// EchoFrames it is never compressed.
func TextFrames(s string) Route {
	answer := []byte(s)
	return &static{Session{NoCompression: true, Serve: func(_ context.Context, c *wsconn.Conn) error {
		for {
			if _, err := c.NextFrame(); err != nil {
				return err
			}
			if err := c.QueueMessage(codec.OpText, answer); err != nil {
				return err
			}
		}
	}}}
}

// Reject refuses each upgrade with the status, 200 to 599, and the body.
func Reject(status int, body string) Route {
	return RouteFunc(func(*http.Request) (*Session, error) {
		return nil, &Refusal{Status: status, Body: body}
	})
}
