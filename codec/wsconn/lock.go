package wsconn

import (
	"slices"
	"sync"
)

// A lock is a mutex for those who hold it while they wait for a peer: it can be
// tried and given up on, it goes to those who wait in the order in which they came,
// and they wait on channels, which a test with a fake clock can see. The zero value
// is free.
type lock struct {
	mu      sync.Mutex
	held    bool
	waiting []chan struct{}
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
	turn := make(chan struct{})
	l.waiting = append(l.waiting, turn)
	l.mu.Unlock()
	select {
	case <-turn:
		return true
	case <-done:
	}
	l.mu.Lock()
	i := slices.Index(l.waiting, turn)
	if i >= 0 {
		l.waiting = slices.Delete(l.waiting, i, i+1)
	}
	l.mu.Unlock()
	if i < 0 {
		l.unlock() // it came at the same moment
	}
	return false
}

// unlock hands the lock to who has waited longest.
func (l *lock) unlock() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) == 0 {
		l.held = false
		return
	}
	close(l.waiting[0])
	l.waiting = slices.Delete(l.waiting, 0, 1)
}
