package wsserver

import (
	"context"
	"net/http"
	"net/url"
	"runtime"
	"strings"

	"wskit/codec/wsconn"
	"wskit/internal/hub"
)

// Broadcast sends each message, with its opcode, to every other connection of the same
// path, so that a pattern such as /rooms/{room} is a room for each value. All get the
// messages of a room in the same order. Nobody waits for a member who does not read: up
// to wsconn.DefaultOutboxLimit is queued for it, and then slow says what happens.
func Broadcast(slow wsconn.OutboxPolicy) Route {
	return &broadcast{hub: hub.New(), slow: slow}
}

type broadcast struct {
	hub  *hub.Hub
	slow wsconn.OutboxPolicy
}

// Upgrade lets everybody in.
func (b *broadcast) Upgrade(r *http.Request) (*Session, error) {
	room := roomOf(r.URL)
	return &Session{Serve: func(_ context.Context, c *wsconn.Conn) error { return b.serve(c, room) }}, nil
}

// roomOf returns what a path has in common with all that a route takes for the same:
// how a segment is escaped makes no difference, but an escaped slash does not divide
// segments.
func roomOf(u *url.URL) string {
	segments := strings.Split(u.EscapedPath(), "/")
	for i, s := range segments {
		if plain, err := url.PathUnescape(s); err == nil {
			segments[i] = url.PathEscape(plain)
		}
	}
	return strings.Join(segments, "/")
}

// turnSize is how much one connection may say before others get a turn, in bytes. What
// it has read at once would fill the outboxes of those who read else, before anything
// of it is sent. With fewer, short messages would not go out together.
const turnSize = 32 << 10

// turnOverhead is what a message counts for beside its data, in bytes, as in an outbox.
const turnOverhead = 64

// serve passes messages on until the connection ends. What the room has for it goes out
// before the close frame: see wsconn.Outbox.
func (b *broadcast) serve(c *wsconn.Conn, room string) error {
	out := c.NewOutbox(0, b.slow)
	defer out.Wait()
	m := hub.NewMember(out)
	b.hub.Join(room, m)
	defer b.hub.LeaveAll(m)
	ahead := 0 // bytes since others had a turn
	for {
		op, data, err := c.NextMessage()
		if err != nil {
			return err
		}
		b.hub.Publish(room, op, data, m)
		if ahead += turnOverhead + len(data); ahead >= turnSize {
			ahead = 0
			runtime.Gosched()
		}
	}
}
