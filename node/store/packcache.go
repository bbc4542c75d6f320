package store

import "sync"

// packsKept is how many unpacked packs are kept at hand: a list's page and the
// edits of a moment lie near each other.
const packsKept = 64

// packCache keeps packs that were unpacked of late. Packs never change while the
// file stands; whoever replaces the file clears it.
type packCache struct {
	mu    sync.Mutex
	packs map[string][]pair
	order []string // as they came
}

func (c *packCache) open(l layer, first, v []byte) ([]pair, error) {
	name := string(l.packs) + "\x00" + string(first)
	c.mu.Lock()
	pairs, ok := c.packs[name]
	c.mu.Unlock()
	if ok {
		return pairs, nil
	}
	pairs, err := l.open(first, v)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.packs == nil {
		c.packs = map[string][]pair{}
	}
	if _, ok := c.packs[name]; !ok {
		c.packs[name] = pairs
		c.order = append(c.order, name)
	}
	if len(c.order) > packsKept {
		delete(c.packs, c.order[0])
		c.order = c.order[1:]
	}
	return pairs, nil
}

func (c *packCache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.packs, c.order = nil, nil
}
