package wsconn

import "sync"

// A lock is a mutex for those who hold it while they wait for a peer: it can be
// tried and given up on, it goes to those who wait in the order in which they came,
// and they wait on channels, which a test with a fake clock can see. The zero value
// is free.
type lock struct {
	mu    sync.Mutex
	held  bool
	first *turn // of those who wait
}

// A turn is the place of one who waits. Ready is closed when it has come.
type turn struct {
	ready chan struct{}
	next  *turn
}

// try takes the lock if it is free.
func (l *lock) try() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held {
		return false
	}
	l.held = true
	return true
}

func (l *lock) lock() { l.lockUntil(nil) }

// lockUntil reports whether it has the lock, unless done is closed before.
func (l *lock) lockUntil(done <-chan struct{}) bool {
	l.mu.Lock()
	if !l.held {
		l.held = true
		l.mu.Unlock()
		return true
	}
	mine := &turn{ready: make(chan struct{})}
	*l.place(nil) = mine
	l.mu.Unlock()
	select {
	case <-mine.ready:
		return true
	case <-done:
	}
	l.mu.Lock()
	p := l.place(mine)
	waiting := *p != nil
	if waiting {
		*p = mine.next
	}
	l.mu.Unlock()
	if !waiting {
		l.unlock() // it came at the same moment
	}
	return false
}

// place returns where t is linked, or where the next one will be if t is not.
func (l *lock) place(t *turn) **turn {
	p := &l.first
	for *p != nil && *p != t {
		p = &(*p).next
	}
	return p
}

// unlock hands the lock to who has waited longest.
func (l *lock) unlock() {
	l.mu.Lock()
	defer l.mu.Unlock()
	next := l.first
	if next == nil {
		l.held = false
		return
	}
	l.first = next.next
	close(next.ready)
}
