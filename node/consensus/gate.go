package consensus

import (
	"sync"
	"time"
)

// gate counts the goroutines that wait for raft, and lets none in once closed.
type gate struct {
	mu     sync.Mutex
	closed bool
	inside int
	empty  chan struct{} // closed when the gate is and nobody is inside
}

func newGate() *gate { return &gate{empty: make(chan struct{})} }

// enter runs f in a goroutine of its own, or reports that the gate is closed.
func (g *gate) enter(f func()) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return false
	}
	g.inside++
	go func() {
		defer g.leave()
		f()
	}()
	return true
}

func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inside--
	if g.closed && g.inside == 0 {
		close(g.empty)
	}
}

// close shuts the gate and waits until it is empty, for at most limit.
func (g *gate) close(limit time.Duration) {
	g.mu.Lock()
	g.closed = true
	if g.inside == 0 {
		close(g.empty)
	}
	g.mu.Unlock()
	select {
	case <-g.empty:
	case <-time.After(limit):
	}
}
