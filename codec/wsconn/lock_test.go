package wsconn

import (
	"sync"
	"testing"
	"testing/synctest"
)

// TestLock counts under the lock from many goroutines, some of which only try.
func TestLock(t *testing.T) {
	var l lock
	var n, tried int
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 2000 {
				if i%2 == 0 {
					l.lock()
				} else if !l.try() {
					continue
				}
				n++
				if i%2 == 1 {
					tried++
				}
				l.unlock()
			}
		})
	}
	wg.Wait()
	if want := 4*2000 + tried; n != want {
		t.Errorf("counted %d, want %d", n, want)
	}
	if !l.try() || l.try() {
		t.Error("the lock is not free, or taken twice")
	}
}

// TestLockGivesUp has waiters give up; the lock goes to the one who does not.
func TestLockGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l lock
		l.lock()
		done := make(chan struct{})
		quit := [2]func() bool{}
		for i := range quit {
			quit[i] = async(func() bool { return l.lockUntil(done) })
		}
		got := async(func() bool { return l.lockUntil(nil) })
		synctest.Wait()
		close(done)
		synctest.Wait()
		if quit[0]() || quit[1]() {
			t.Error("who gave up has the lock")
		}
		l.unlock()
		if !got() {
			t.Error("who waited on has not got the lock")
		}
		if l.lockUntil(done) {
			t.Error("the lock was given away twice")
		}
		l.unlock()
		if !l.lockUntil(done) {
			t.Error("a free lock was not taken")
		}
	})
}
