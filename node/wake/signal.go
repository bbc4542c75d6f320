// Package wake has goroutines wait for each other, so that none of them polls.
package wake

import "sync"

// Signal wakes everyone who waits for something to grow. A waiter that is busy is
// woken once, however often it grew meanwhile. The zero value is ready.
type Signal struct {
	mu      sync.Mutex
	waiting map[Bell]bool // guarded by mu
}

// Subscribe returns the bell of one who waits from now on.
func (s *Signal) Subscribe() Bell {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting == nil {
		s.waiting = map[Bell]bool{}
	}
	b := NewBell()
	s.waiting[b] = true
	return b
}

// Unsubscribe is for who waits no more.
func (s *Signal) Unsubscribe(b Bell) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.waiting, b)
}

// Raise wakes all.
func (s *Signal) Raise() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for b := range s.waiting {
		b.Ring()
	}
}
