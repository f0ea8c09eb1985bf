// Package hub sends a message to all who have joined a topic.
package hub

import (
	"sync"

	"wskit/codec"
	"wskit/codec/wsconn"
)

// A Hub knows who has joined which topic. A topic is there while somebody is in it. Any
// number of goroutines may use a hub, and none of its calls waits for a connection.
//
// Each member of a topic gets its messages in the same order, whoever publishes them:
// if one member gets message A before B, so do all who get both. What one goroutine
// publishes keeps its order, as does what it sends to a member's outbox by itself.
// Between two topics there is no order.
type Hub struct {
	mu     sync.Mutex
	topics map[string]*topic // guarded by mu
}

// New returns a hub in which nobody is.
func New() *Hub { return &Hub{topics: make(map[string]*topic)} }

// A topic is what members join. Who publishes holds its mu until the message is in all
// outboxes, which gives it its place in the order.
type topic struct {
	name string
	// users counts members, and those who are about to be: the hub forgets a
	// topic without any. It is guarded by the hub's mu.
	users int

	mu sync.Mutex
	// members are those who have joined, with the place of the topic among theirs.
	members map[*Member]int // guarded by mu
}

// A Member is a connection in a hub, of which it may have joined any number of topics.
type Member struct {
	out *wsconn.Outbox

	mu sync.Mutex // taken before those of the hub and of a topic
	// topics are those that it has joined, in no order.
	topics []*topic // guarded by mu
}

// NewMember returns a member that is sent messages through out, whose limit and policy
// say what happens when its peer is slow. The owner of out may send through it, too.
func NewMember(out *wsconn.Outbox) *Member { return &Member{out: out} }

// Join has m get what is published to the topic from now on. It reports false if that
// was so already.
func (h *Hub) Join(name string, m *Member) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := h.take(name)
	if !t.add(m, len(m.topics)) {
		h.release(t)
		return false
	}
	m.topics = append(m.topics, t)
	return true
}

// Leave undoes Join. When it returns, nothing more that is published to the topic
// reaches the outbox. It reports false if m was not in the topic.
func (h *Hub) Leave(name string, m *Member) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := h.find(name)
	if t == nil {
		return false
	}
	place, ok := t.remove(m)
	if !ok {
		return false
	}
	h.release(t)
	last := len(m.topics) - 1
	if place < last {
		m.topics[place] = m.topics[last]
		m.topics[place].move(m, place)
	}
	m.topics[last] = nil
	m.topics = m.topics[:last]
	return true
}

// LeaveAll has m leave all topics.
func (h *Hub) LeaveAll(m *Member) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, t := range m.topics {
		t.remove(m)
		h.release(t)
	}
	m.topics = nil
}

// find returns the topic, or nil if nobody is in it.
func (h *Hub) find(name string) *topic {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.topics[name]
}

// take returns the topic, for one more user.
func (h *Hub) take(name string) *topic {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.topics[name]
	if t == nil {
		t = &topic{name: name, members: make(map[*Member]int)}
		h.topics[name] = t
	}
	t.users++
	return t
}

// release undoes take.
func (h *Hub) release(t *topic) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if t.users--; t.users == 0 {
		delete(h.topics, t.name)
	}
}

// add makes m a member, and reports false if it is one.
func (t *topic) add(m *Member, place int) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, in := t.members[m]; in {
		return false
	}
	t.members[m] = place
	return true
}

// remove undoes add, and returns the place. It reports false if m is no member.
func (t *topic) remove(m *Member) (place int, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	place, ok = t.members[m]
	delete(t.members, m)
	return place, ok
}

// move notes another place of the topic.
func (t *topic) move(m *Member, place int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.members[m] = place
}

// Members returns how many are in a topic: those for whom Join has returned, and perhaps
// some for whom it is about to.
func (h *Hub) Members(name string) int {
	t := h.find(name)
	if t == nil {
		return 0
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.members)
}

// Publish sends a message, text or binary, to each member of a topic but except, which
// may be nil, and returns how many outboxes have taken it. It never waits for a peer: a
// message that finds no room in an outbox is up to its policy. Data is copied, and
// encoded once for all who are sent it alike. A text must be valid UTF-8, which is not
// checked.
func (h *Hub) Publish(name string, op codec.Opcode, data []byte, except *Member) (n int) {
	t := h.find(name)
	if t == nil || t.alone(except) {
		return 0
	}
	p := wsconn.NewPrepared(op, data)
	t.mu.Lock()
	defer t.mu.Unlock()
	for m := range t.members {
		if m != except && m.out.SendPrepared(p) == nil {
			n++
		}
	}
	return n
}

// alone reports whether nobody but m is in t.
func (t *topic) alone(m *Member) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, in := t.members[m]
	return len(t.members) == 0 || len(t.members) == 1 && in
}
