package township

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"
	"wangge/sync/link"
)

const (
	// askPause is how often a box asks some neighbour for what rumours missed. Who comes back is asked at once.
	askPause = 2 * time.Minute
	// visitsMax bounds the conversations that a box opens at one time.
	visitsMax = 8
)

// visits opens conversations with neighbours: with those whom rumours name, and
// now and then with any, because rumours may be missed.
func (r *Ring) visits(ctx context.Context) error {
	var g sync.WaitGroup
	defer g.Wait()
	room := make(chan struct{}, visitsMax)
	busy := &busy{devices: map[uint32]bool{}}
	due := time.NewTimer(rand.N(askPause))
	defer due.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-r.rumours.asked:
		case <-due.C:
			due.Reset(askPause/2 + rand.N(askPause))
			if d, ok := r.someNeighbour(); ok {
				r.rumours.wish(d)
			}
			continue
		}
		for _, d := range r.rumours.takeWishes() {
			if !busy.begin(d) {
				continue
			}
			room <- struct{}{}
			g.Go(func() {
				r.visit(ctx, d)
				<-room
				if busy.end(d) { // a rumour came meanwhile
					r.rumours.wish(d)
				}
			})
		}
	}
}

func (r *Ring) visit(ctx context.Context, device uint32) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	s, err := r.host.Link.Open(ctx, device, link.Sync)
	if err == nil {
		err = r.host.Visit(ctx, s)
	}
	if errors.Is(err, link.ErrUnknown) {
		return // a rumour may name anybody
	}
	if err != nil && ctx.Err() == nil {
		r.host.NoContact(device, err)
		r.host.Log.Info("a visit to a neighbour failed", "peer", device, "reason", err)
	}
}

func (r *Ring) someNeighbour() (uint32, bool) {
	var near []uint32
	for _, m := range r.gossip.Members() {
		if m.Device != r.host.Self.Index && m.Alive {
			near = append(near, m.Device)
		}
	}
	if len(near) == 0 {
		return 0, false
	}
	return near[rand.IntN(len(near))], true
}

// busy holds the devices being visited, and whether another visit was wished
// for meanwhile.
type busy struct {
	mu      sync.Mutex
	devices map[uint32]bool
}

func (b *busy) begin(d uint32) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, ok := b.devices[d]; ok {
		b.devices[d] = true
		return false
	}
	b.devices[d] = false
	return true
}

func (b *busy) end(d uint32) (again bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	again = b.devices[d]
	delete(b.devices, d)
	return again
}
