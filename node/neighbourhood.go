package node

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"wangge/crdt"
	"wangge/node/gossip"
	"wangge/sync/link"
	"wangge/sync/wire"
)

const (
	// spreadPause gathers the heads of a moment into one rumour.
	spreadPause = 100 * time.Millisecond
	// askPause is how often a box asks some neighbour for what rumours missed.
	askPause = 20 * time.Second
	// visitsMax bounds the conversations that a box opens at one time.
	visitsMax = 8
)

// neighbourhood is what a box has to tell its neighbours and to ask of them.
type neighbourhood struct {
	mu    sync.Mutex
	heads map[streamName]uint64 // new here, not yet spread
	ask   map[uint32]bool       // devices that are said to have what this box lacks
	told  chan struct{}
	asked chan struct{}
}

type streamName struct {
	space  crdt.Space
	writer crdt.Writer
}

func newNeighbourhood() *neighbourhood {
	return &neighbourhood{
		heads: map[streamName]uint64{}, ask: map[uint32]bool{},
		told: make(chan struct{}, 1), asked: make(chan struct{}, 1),
	}
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// news notes heads to spread.
func (b *neighbourhood) news(heads []wire.Mark) {
	b.mu.Lock()
	for _, m := range heads {
		b.heads[streamName{m.Space, m.Writer}] = m.Seq
	}
	b.mu.Unlock()
	if len(heads) > 0 {
		poke(b.told)
	}
}

// wish notes a device to visit.
func (b *neighbourhood) wish(device uint32) {
	b.mu.Lock()
	b.ask[device] = true
	b.mu.Unlock()
	poke(b.asked)
}

// take empties both lists of what they hold.
func (b *neighbourhood) takeHeads() []wire.Mark {
	b.mu.Lock()
	defer b.mu.Unlock()
	var heads []wire.Mark
	for s, seq := range b.heads {
		heads = append(heads, wire.Mark{Space: s.space, Writer: s.writer, Seq: seq})
	}
	clear(b.heads)
	slices.SortFunc(heads, func(a, b wire.Mark) int {
		return cmp.Or(a.Space.Compare(b.Space), cmp.Compare(a.Writer, b.Writer))
	})
	return heads
}

func (b *neighbourhood) takeWishes() []uint32 {
	b.mu.Lock()
	defer b.mu.Unlock()
	var devices []uint32
	for d := range b.ask {
		devices = append(devices, d)
	}
	clear(b.ask)
	slices.Sort(devices)
	return devices
}

func (n *node) openGossip() (*gossip.Gossip, error) {
	var me whereabouts
	return gossip.New(n.link, gossip.Options{
		Device: n.id.Device.Index, Name: n.id.Device.Name, Ring: n.id.Device.Ring,
		Address: func() string { return me.place(n.link.Addr(), n.config.Peers) },
		Peers:   n.config.neighbours, Profile: gossip.LAN(), Heard: n.heard, Log: n.log,
	})
}

// shared leaves the heads of spaces that neighbours may hold too.
func (n *node) shared(heads []wire.Mark) []wire.Mark {
	return slices.DeleteFunc(slices.Clone(heads), func(m wire.Mark) bool { return !n.id.Device.MayHold(m.Space) })
}

// spread tells the ring of new heads, several at a time.
func (n *node) spread(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-n.boxes.told:
		}
		wait(ctx, spreadPause)
		if heads := n.boxes.takeHeads(); len(heads) > 0 {
			n.gossip.Spread(wire.AppendRumour(nil, wire.Rumour{Device: n.id.Device.Index, Heads: heads}))
		}
	}
}

// heard wishes a visit to whoever has heads that this box lacks.
func (n *node) heard(_ uint32, rumour []byte) {
	r, err := wire.DecodeRumour(rumour)
	if err != nil {
		n.log.Info("a rumour could not be read", "error", err)
		return
	}
	n.exchanges.rumoured(r)
	for _, m := range r.Heads {
		if n.id.Device.MayHold(m.Space) && n.store.Held(m.Space, m.Writer) < m.Seq {
			n.boxes.wish(r.Device)
			return
		}
	}
}

// visits opens conversations with neighbours: with those whom rumours name, and
// now and then with any, because rumours may be missed.
func (n *node) visits(ctx context.Context) error {
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
		case <-n.boxes.asked:
		case <-due.C:
			due.Reset(askPause/2 + rand.N(askPause))
			if d, ok := n.someNeighbour(); ok {
				n.boxes.wish(d)
			}
			continue
		}
		for _, d := range n.boxes.takeWishes() {
			if !busy.begin(d) {
				continue
			}
			room <- struct{}{}
			g.Go(func() {
				n.visit(ctx, d)
				<-room
				if busy.end(d) { // a rumour came meanwhile
					n.boxes.wish(d)
				}
			})
		}
	}
}

func (n *node) visit(ctx context.Context, device uint32) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	s, err := n.link.Open(ctx, device, link.Sync)
	if err == nil {
		err = n.converse(ctx, s, true, true)
	}
	if err != nil && ctx.Err() == nil {
		n.noContact(device, err)
		n.log.Info("a visit to a neighbour failed", "peer", device, "reason", err)
	}
}

func (n *node) someNeighbour() (uint32, bool) {
	var near []uint32
	for _, m := range n.gossip.Members() {
		if m.Device != n.id.Device.Index && m.Alive {
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
