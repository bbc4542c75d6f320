package node

import "sync"

// signal wakes everyone who waits for the log to grow. A waiter that is busy is
// woken once, however often the log grew meanwhile.
type signal struct {
	mu      sync.Mutex
	waiting map[chan struct{}]bool // guarded by mu
}

func (s *signal) subscribe() chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting == nil {
		s.waiting = map[chan struct{}]bool{}
	}
	c := make(chan struct{}, 1)
	s.waiting[c] = true
	return c
}

func (s *signal) unsubscribe(c chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.waiting, c)
}

func (s *signal) raise() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.waiting {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}
