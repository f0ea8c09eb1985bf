//go:build !race

// The race detector makes a room of a thousand so slow that nothing is compared.

package hub

import (
	"encoding/binary"
	"net"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"wskit/codec"
	"wskit/codec/wsconn"
)

// A room has a thousand members, of whom some do not read.
const (
	roomSize    = 1000
	roomStalled = 10
	roomMessage = 4 << 10 // bytes
)

// TestStalledMembersDelayNobody compares the time of delivery in a room with members who
// do not read and in the same room without them. What is queued for those is bounded.
func TestStalledMembersDelayNobody(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes some seconds")
	}
	for _, policy := range []wsconn.OutboxPolicy{wsconn.CloseWhenFull, wsconn.DropWhenFull} {
		name := map[wsconn.OutboxPolicy]string{wsconn.CloseWhenFull: "close", wsconn.DropWhenFull: "drop"}[policy]
		t.Run(name, func(t *testing.T) { compareRooms(t, policy) })
	}
}

func compareRooms(t *testing.T, policy wsconn.OutboxPolicy) {
	const rounds, messages, factor = 3, 20, 2
	r := openRoom(t, policy)
	before := heap()
	var with, without []time.Duration
	for range rounds { // in turns, for what else the machine does
		without = append(without, r.deliver(t, messages))
		stalled := r.stall(t)
		with = append(with, r.deliver(t, messages))
		var queued int
		for _, g := range stalled {
			queued = max(queued, g.out.Size())
		}
		held := int64(heap()) - int64(before)
		if queued > wsconn.DefaultOutboxLimit || held > (roomStalled+2)*wsconn.DefaultOutboxLimit {
			t.Errorf("%d bytes are queued for a member who does not read, and %d in use for all", queued, held)
		}
		for _, g := range stalled {
			r.hub.LeaveAll(g.Member)
			g.conn.Abort()
			g.out.Wait()
		}
	}
	slices.Sort(with)
	slices.Sort(without)
	slow, usual := with[rounds/2], without[rounds/2]
	t.Logf("p99 of delivery: %v with %d of %d members who do not read, %v without (%.2f times)",
		slow, roomStalled, roomSize, usual, float64(slow)/float64(usual))
	if slow > factor*usual {
		t.Errorf("members who do not read delay the others: p99 %v with them and %v without", with, without)
	}
}

// A room is a topic with members who read, and tell how long a message took.
type room struct {
	hub    *Hub
	policy wsconn.OutboxPolicy
	began  time.Time
	took   chan time.Duration
}

func openRoom(t *testing.T, policy wsconn.OutboxPolicy) *room {
	r := &room{hub: New(), policy: policy, began: time.Now(), took: make(chan time.Duration, roomSize)}
	var reading sync.WaitGroup
	t.Cleanup(reading.Wait) // after those who read are dropped
	for _, ends := range tcpPairs(t, roomSize-roomStalled) {
		g := newGuest(t, 0, policy, wsconn.Config{}, ends[0], ends[1])
		r.hub.Join("room", g.Member)
		reading.Go(func() { r.read(g.peer) })
	}
	return r
}

func (r *room) read(c *wsconn.Conn) {
	for {
		_, data, err := c.NextMessage()
		if err != nil {
			return
		}
		r.took <- time.Since(r.began) - time.Duration(binary.BigEndian.Uint64(data))
	}
}

// deliver publishes messages one by one and returns the p99 of the time that one takes
// to those who read.
func (r *room) deliver(t *testing.T, messages int) time.Duration {
	var all []time.Duration
	for range messages {
		data := make([]byte, roomMessage)
		binary.BigEndian.PutUint64(data, uint64(time.Since(r.began)))
		r.hub.Publish("room", codec.OpBinary, data, nil)
		for range roomSize - roomStalled {
			all = append(all, <-r.took)
		}
	}
	slices.Sort(all)
	return all[len(all)*99/100]
}

// stall has members join who do not read. So much waits for them that they are full in
// the course of the next deliver.
func (r *room) stall(t *testing.T) []*guest {
	var guests []*guest
	for _, ends := range tcpPairs(t, roomStalled) {
		for _, end := range ends {
			end.(*net.TCPConn).SetReadBuffer(4 << 10)
			end.(*net.TCPConn).SetWriteBuffer(4 << 10)
		}
		g := newGuest(t, 0, r.policy, wsconn.Config{}, ends[0], ends[1])
		filling := make([]byte, wsconn.DefaultOutboxLimit-roomMessage*10)
		if err := g.out.Send(codec.OpBinary, filling); err != nil {
			t.Fatal(err)
		}
		r.hub.Join("room", g.Member)
		guests = append(guests, g)
	}
	return guests
}

// heap returns the bytes that objects use.
func heap() uint64 {
	runtime.GC()
	runtime.GC() // the pools let go at the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
