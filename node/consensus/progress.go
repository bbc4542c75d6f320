package consensus

import (
	"context"
	"sync"
)

// progress is the index of the last entry that the machine holds, and a place
// to wait for the next.
type progress struct {
	mu    sync.Mutex
	index uint64
	moved chan struct{} // closed when index changes; nil while nobody waits
}

func (p *progress) load() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.index
}

func (p *progress) set(index uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.index = index
	if p.moved != nil {
		close(p.moved)
		p.moved = nil
	}
}

// next returns the index as it is, and a channel that closes when it changes.
func (p *progress) next() (uint64, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.moved == nil {
		p.moved = make(chan struct{})
	}
	return p.index, p.moved
}

// wait returns when the machine holds the entry at index, or ctx ends, or the
// replica does.
func (p *progress) wait(ctx context.Context, ended <-chan struct{}, index uint64) error {
	for {
		held, moved := p.next()
		if held >= index {
			return nil
		}
		select {
		case <-moved:
		case <-ended:
			return errStopped
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
