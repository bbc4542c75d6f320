package node

import (
	"context"
	"sync"
	"time"

	"wangge/crdt"
	"wangge/node/freight"
	"wangge/node/policy"
	"wangge/node/wake"
	"wangge/sync/link"
)

// talks knows with whom a conversation about records is under way, and whether it
// waits for an answer: what can wait lets it pass.
type talks struct {
	mu    sync.Mutex
	peers map[uint32]*peerTalks
}

type peerTalks struct {
	under int           // conversations
	owed  int           // of them, those that wait for the peer
	calm  chan struct{} // closed when owed comes to 0
}

// enter notes a conversation. The results note that it waits for the peer, or does
// not, and that it is over.
func (t *talks) enter(device uint32) (owed func(bool), leave func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.peers == nil {
		t.peers = map[uint32]*peerTalks{}
	}
	p := t.peers[device]
	if p == nil {
		p = &peerTalks{}
		t.peers[device] = p
	}
	p.under++
	waits := false
	owed = func(is bool) {
		t.mu.Lock()
		defer t.mu.Unlock()
		if is != waits {
			waits = is
			p.owe(is)
		}
	}
	return owed, func() {
		owed(false)
		t.mu.Lock()
		defer t.mu.Unlock()
		if p.under--; p.under == 0 {
			delete(t.peers, device)
		}
	}
}

func (p *peerTalks) owe(is bool) {
	if is {
		if p.owed++; p.owed == 1 {
			p.calm = make(chan struct{})
		}
		return
	}
	if p.owed--; p.owed == 0 {
		close(p.calm)
	}
}

// with reports whether a conversation with a device is under way.
func (t *talks) with(device uint32) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.peers[device] != nil
}

// waiting returns what is closed once no conversation with a device waits for it;
// nil when none does.
func (t *talks) waiting(device uint32) <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	if p := t.peers[device]; p != nil && p.owed > 0 {
		return p.calm
	}
	return nil
}

const (
	// lagMax is how long packets may be held up in queues before a file waits. A
	// record behind it waits as long.
	lagMax = 250 * time.Millisecond
	// pauseMax bounds each such wait, since the queue may be others'.
	pauseMax = 2 * time.Second
	// yieldTrips is for how many round trips at most a packet of a file lets a
	// conversation pass that waits for an answer: enough for the answer, and so few
	// that on a quick line files go on while it never ends.
	yieldTrips = 4
)

// company is what files are told of others.
type company struct{ *node }

var _ freight.Peers = company{}

func (c company) Device(index uint32) policy.Device { return c.device(index) }
func (c company) Talking(device uint32) bool        { return c.talks.with(device) }

func (c company) Greeted(device uint32, with []crdt.Space) bool {
	return c.exchanges.greetedWith(device, with)
}

// Turn lets a conversation pass that waits for an answer, and lets queues empty.
func (c company) Turn(ctx context.Context, s *link.Stream) error {
	lag, least := s.Lag()
	if calm := c.talks.waiting(s.Peer()); calm != nil {
		t := time.NewTimer(yieldTrips * least)
		defer t.Stop()
		select {
		case <-calm:
		case <-t.C:
		case <-ctx.Done():
		}
	}
	if lag > lagMax {
		wake.Rest(ctx, min(lag-lagMax/2, pauseMax))
	}
	return context.Cause(ctx)
}
