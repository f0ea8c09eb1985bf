package hub

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wskit/codec"
	"wskit/codec/wsconn"
)

func TestPublish(t *testing.T) {
	h := New()
	var guests []*guest
	for range 3 {
		guests = append(guests, newGuest(t, 0, wsconn.CloseWhenFull, wsconn.Config{}))
	}
	for _, g := range guests {
		h.Join("room", g.Member)
	}
	h.Join("other", guests[0].Member)
	for _, tt := range []struct {
		topic, text string
		except      *Member
		n           int
	}{
		{topic: "room", text: "to all", n: 3},
		{topic: "room", text: "to the others", except: guests[0].Member, n: 2},
		{topic: "other", text: "to one", n: 1},
		{topic: "other", text: "to nobody else", except: guests[0].Member},
		{topic: "other", text: "except somebody who is not there", except: guests[1].Member, n: 1},
		{topic: "nowhere", text: "to nobody"},
	} {
		if n := h.Publish(tt.topic, codec.OpText, []byte(tt.text), tt.except); n != tt.n {
			t.Errorf("Publish(%q, %q) = %d, want %d", tt.topic, tt.text, n, tt.n)
		}
	}
	if n := h.Publish("room", codec.OpPing, nil, nil); n != 0 {
		t.Errorf("Publish of a ping = %d, want 0", n)
	}
	guests[0].want(t, "to all", "to one", "except somebody who is not there")
	guests[1].want(t, "to all", "to the others")
	guests[2].want(t, "to all", "to the others")
}

// TestJoinAndLeave compares a hub with a model of it over random calls.
func TestJoinAndLeave(t *testing.T) {
	const members, topics, calls = 5, 8, 5000
	h := New()
	guests := make([]*Member, members)
	for i := range guests {
		guests[i] = newGuest(t, 0, wsconn.DropWhenFull, wsconn.Config{}).Member
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	model := map[string]map[*Member]bool{}
	for range calls {
		name, m := fmt.Sprint("topic ", rnd.IntN(topics)), guests[rnd.IntN(members)]
		if model[name] == nil {
			model[name] = map[*Member]bool{}
		}
		in := model[name][m]
		switch rnd.IntN(20) {
		case 0:
			h.LeaveAll(m)
			for _, in := range model {
				delete(in, m)
			}
		default:
			if rnd.IntN(2) == 0 {
				if got := h.Join(name, m); got == in {
					t.Fatalf("Join = %v of one who is in it: %v", got, in)
				}
				model[name][m] = true
			} else {
				if got := h.Leave(name, m); got != in {
					t.Fatalf("Leave = %v of one who is in it: %v", got, in)
				}
				delete(model[name], m)
			}
		}
		for i := range topics {
			name := fmt.Sprint("topic ", i)
			if got := h.Members(name); got != len(model[name]) {
				t.Fatalf("%d members of %s, want %d", got, name, len(model[name]))
			}
			if there := h.find(name) != nil; there != (len(model[name]) > 0) {
				t.Fatalf("%s with %d members is there: %v", name, len(model[name]), there)
			}
			for m := range model[name] {
				if place := h.find(name).members[m]; m.topics[place].name != name {
					t.Fatalf("a member knows %s as %s", name, m.topics[place].name)
				}
			}
		}
	}
	for _, m := range guests {
		h.LeaveAll(m)
	}
	if len(h.topics) > 0 {
		t.Errorf("%d topics without a member are left", len(h.topics))
	}
}

// TestOrder has several publish to one topic at once: each member gets all of it, and in
// the same order as the others.
func TestOrder(t *testing.T) {
	const publishers, each, members = 4, 300, 5
	h := New()
	var guests []*guest
	for _, ends := range tcpPairs(t, members) {
		g := newGuest(t, 64<<20, wsconn.CloseWhenFull, wsconn.Config{Deflate: &codec.Deflate{}}, ends[0], ends[1])
		h.Join("room", g.Member)
		guests = append(guests, g)
	}
	var publishing sync.WaitGroup
	for p := range publishers {
		publishing.Go(func() {
			for i := range each {
				h.Publish("room", codec.OpText, fmt.Appendf(nil, "%d %d %s", p, i, strings.Repeat("text", i%50)), nil)
			}
		})
	}
	var first []string
	for i, g := range guests {
		var got []string
		next := [publishers]int{}
		for range publishers * each {
			_, data, err := g.peer.NextMessage()
			if err != nil {
				t.Fatal(err)
			}
			var p, n int
			if _, err := fmt.Sscan(string(data), &p, &n); err != nil || next[p] != n {
				t.Fatalf("got %.20q, want message %d of that publisher", data, next[p])
			}
			next[p]++
			got = append(got, string(data))
		}
		if i == 0 {
			first = got
		}
		for k := range got {
			if got[k] != first[k] {
				t.Fatalf("message %d of member %d is %.20q, of member 0 %.20q", k, i, got[k], first[k])
			}
		}
	}
	publishing.Wait()
}

// TestStalled has a member that does not read: publishing takes no time, the others get
// everything, and it is held no more for the one than its outbox may hold.
func TestStalled(t *testing.T) {
	const messages, limit = 1000, 10_000
	text := strings.Repeat("x", 100)
	for _, policy := range []wsconn.OutboxPolicy{wsconn.CloseWhenFull, wsconn.DropWhenFull} {
		synctest.Test(t, func(t *testing.T) {
			h := New()
			stalled := newGuest(t, limit, policy, wsconn.Config{WriteTimeout: -1})
			reads := newGuest(t, 0, policy, wsconn.Config{})
			h.Join("room", stalled.Member)
			h.Join("room", reads.Member)
			got := make(chan int)
			go func() {
				n := 0
				for n < messages {
					if _, _, err := reads.peer.NextMessage(); err != nil {
						break
					}
					n++
				}
				got <- n
			}()
			began, taken := time.Now(), 0
			for range messages {
				taken += h.Publish("room", codec.OpText, []byte(text), nil)
				if size := stalled.out.Size(); size > limit {
					t.Errorf("%d bytes wait for the stalled member, want at most %d", size, limit)
				}
				synctest.Wait()
			}
			if n := <-got; n != messages {
				t.Errorf("the other member got %d messages, want %d", n, messages)
			}
			if took := time.Since(began); took != 0 {
				t.Errorf("it took %v", took)
			}
			if taken <= messages || taken > messages+limit/len(text) {
				t.Errorf("the outboxes took %d messages", taken)
			}
			time.Sleep(wsconn.DefaultCloseTimeout)
			synctest.Wait()
			if closed := stalled.conn.Err() != nil; closed != (policy == wsconn.CloseWhenFull) {
				t.Errorf("policy %v: the stalled member's connection: %v", policy, stalled.conn.Err())
			}
		})
	}
}

// TestChurn has members come and go while others publish. Who has left gets nothing
// more.
func TestChurn(t *testing.T) {
	const rounds = 200
	h := New()
	stop := make(chan struct{})
	var publishing, moving sync.WaitGroup
	for range 2 {
		publishing.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					h.Publish("room", codec.OpText, []byte("text"), nil)
				}
			}
		})
	}
	for range 4 {
		a, b := net.Pipe()
		g := newGuest(t, 1<<16, wsconn.DropWhenFull, wsconn.Config{}, sink{a}, b)
		moving.Go(func() {
			for i := range rounds {
				h.Join("room", g.Member)
				h.Join(fmt.Sprint("room ", i%3), g.Member)
				if i%2 == 0 {
					h.LeaveAll(g.Member)
				} else {
					h.Leave("room", g.Member)
				}
				g.out.Wait()
				if n := g.out.Size(); n > 0 {
					t.Errorf("%d bytes came after leaving", n)
				}
			}
			h.LeaveAll(g.Member)
		})
	}
	moving.Wait()
	close(stop)
	publishing.Wait()
	if len(h.topics) > 0 {
		t.Errorf("%d topics are left", len(h.topics))
	}
}
