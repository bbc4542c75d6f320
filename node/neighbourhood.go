package node

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"wangge/crdt"
	"wangge/node/gossip"
	"wangge/node/wake"
	"wangge/sync/link"
	"wangge/sync/wire"
)

const (
	// spreadPause gathers the heads of a moment into one rumour.
	spreadPause = 100 * time.Millisecond
	// fetchedPause is how long, half as much to as much again by chance, a box keeps to itself what it
	// has from others: all may have it from the county at this moment, and one rumour is enough.
	fetchedPause = 5 * time.Second
	// askPause is how often a box asks some neighbour for what rumours missed. Who comes back is asked at once.
	askPause = 2 * time.Minute
	// rumouredMax bounds the streams of which is remembered how far the ring has heard.
	rumouredMax = 8192
	// visitsMax bounds the conversations that a box opens at one time.
	visitsMax = 8
)

// neighbourhood is what a box has to tell its neighbours and to ask of them.
type neighbourhood struct {
	written gathering // heads of this box's own writers
	fetched gathering // heads of others
	asked   wake.Bell

	mu       sync.Mutex
	rumoured map[streamName]uint64 // guarded by mu; how far the ring has heard
	ask      map[uint32]bool       // guarded by mu; devices that are said to have what this box lacks
}

// gathering is what is new here and not yet spread.
type gathering struct {
	heads map[streamName]uint64 // guarded by neighbourhood.mu
	told  wake.Bell
}

func newGathering() gathering {
	return gathering{heads: map[streamName]uint64{}, told: wake.NewBell()}
}

type streamName struct {
	space  crdt.Space
	writer crdt.Writer
}

func newNeighbourhood() *neighbourhood {
	return &neighbourhood{
		written: newGathering(), fetched: newGathering(), asked: wake.NewBell(),
		rumoured: map[streamName]uint64{}, ask: map[uint32]bool{},
	}
}

// news notes heads to spread.
func (b *neighbourhood) news(heads []wire.Mark, self uint32) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range heads {
		to := b.fetched
		if m.Writer.Device() == self {
			to = b.written
		}
		to.heads[streamName{m.Space, m.Writer}] = m.Seq
		to.told.Ring()
	}
}

// hear notes what a rumour says, and reports whether the ring had not heard it.
func (b *neighbourhood) hear(heads []wire.Mark) (news bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.rumoured) > rumouredMax {
		clear(b.rumoured) // what is then said twice does no harm
	}
	for _, m := range heads {
		if s := (streamName{m.Space, m.Writer}); b.rumoured[s] < m.Seq {
			b.rumoured[s], news = m.Seq, true
		}
	}
	return news
}

// wish notes a device to visit.
func (b *neighbourhood) wish(device uint32) {
	b.mu.Lock()
	b.ask[device] = true
	b.mu.Unlock()
	b.asked.Ring()
}

// takeHeads empties a gathering of what the ring has not heard.
func (b *neighbourhood) takeHeads(g gathering) []wire.Mark {
	b.mu.Lock()
	defer b.mu.Unlock()
	var heads []wire.Mark
	for s, seq := range g.heads {
		if b.rumoured[s] < seq {
			heads = append(heads, wire.Mark{Space: s.space, Writer: s.writer, Seq: seq})
		}
	}
	clear(g.heads)
	slices.SortFunc(heads, func(a, b wire.Mark) int {
		return cmp.Or(a.Space.Compare(b.Space), cmp.Compare(a.Writer, b.Writer))
	})
	return heads
}

// takeWishes returns whom to visit.
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
	peers := n.remembered()
	return gossip.New(n.link, gossip.Options{
		Device: n.id.Device.Index, Name: n.id.Device.Name, Ring: n.id.Device.Ring,
		Address: func() string { return me.place(n.link.Addr(), n.config.Peers) },
		Peers:   func() []uint32 { return peers }, Profile: gossip.Township(), Heard: n.heard, Met: n.boxes.wish, Log: n.log,
	})
}

// shared leaves the heads of spaces that neighbours may hold too.
func (n *node) shared(heads []wire.Mark) []wire.Mark {
	return slices.DeleteFunc(slices.Clone(heads), func(m wire.Mark) bool { return !n.id.Device.MayHold(m.Space) })
}

// spread tells the ring of new heads, several at a time.
func (n *node) spread(ctx context.Context, from gathering, pause func() time.Duration) error {
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-from.told:
		}
		wake.Rest(ctx, pause())
		if heads := n.boxes.takeHeads(from); len(heads) > 0 {
			n.boxes.hear(heads)
			n.gossip.Spread(wire.AppendRumour(nil, wire.Rumour{Device: n.id.Device.Index, Heads: heads}))
		}
	}
}

func shortly() time.Duration { return spreadPause }

func patiently() time.Duration { return fetchedPause/2 + rand.N(fetchedPause) }

// heard wishes a visit to whoever has heads that this box lacks, and reports whether the rumour is to be passed on,
// be it of spaces that this box does not hold.
func (n *node) heard(_ uint32, rumour []byte) (news bool) {
	r, err := wire.DecodeRumour(rumour)
	if err != nil {
		n.log.Info("a rumour could not be read", "error", err)
		return false
	}
	n.exchanges.rumoured(r)
	lacks := func(m wire.Mark) bool { return n.id.Device.MayHold(m.Space) && n.store.Held(m.Space, m.Writer) < m.Seq }
	if slices.ContainsFunc(r.Heads, lacks) {
		n.boxes.wish(r.Device)
	}
	return n.boxes.hear(r.Heads)
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
	if errors.Is(err, link.ErrUnknown) {
		return // a rumour may name anybody
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
