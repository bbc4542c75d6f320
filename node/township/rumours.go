package township

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"wangge/crdt"
	"wangge/node/wake"
	"wangge/sync/wire"
)

const (
	// spreadPause gathers the heads of a moment into one rumour.
	spreadPause = 100 * time.Millisecond
	// fetchedPause is how long, half as much to as much again by chance, a box keeps to itself what it
	// has from others: all may have it from the county at this moment, and one rumour is enough.
	fetchedPause = 5 * time.Second
	// rumouredMax bounds the streams of which is remembered how far the ring has heard.
	rumouredMax = 8192
)

// stream is one writer's batches in one space.
type stream struct {
	space  crdt.Space
	writer crdt.Writer
}

// rumours are what a box has to tell its neighbours, and what they told it.
type rumours struct {
	written gathering // heads of this box's own writers
	fetched gathering // heads of others
	asked   wake.Bell

	mu       sync.Mutex
	rumoured map[stream]uint64 // guarded by mu; how far the ring has heard
	ask      map[uint32]bool   // guarded by mu; devices that are said to have what this box lacks
}

// gathering is what is new here and not yet spread.
type gathering struct {
	heads map[stream]uint64 // guarded by rumours.mu
	told  wake.Bell
}

func newGathering() gathering {
	return gathering{heads: map[stream]uint64{}, told: wake.NewBell()}
}

func newRumours() *rumours {
	return &rumours{
		written: newGathering(), fetched: newGathering(), asked: wake.NewBell(),
		rumoured: map[stream]uint64{}, ask: map[uint32]bool{},
	}
}

// news notes heads to spread.
func (u *rumours) news(heads []wire.Mark, self uint32) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, m := range heads {
		to := u.fetched
		if m.Writer.Device() == self {
			to = u.written
		}
		to.heads[stream{m.Space, m.Writer}] = m.Seq
		to.told.Ring()
	}
}

// hear notes what a rumour says, and reports whether the ring had not heard it.
func (u *rumours) hear(heads []wire.Mark) (news bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.rumoured) > rumouredMax {
		clear(u.rumoured) // what is then said twice does no harm
	}
	for _, m := range heads {
		if s := (stream{m.Space, m.Writer}); u.rumoured[s] < m.Seq {
			u.rumoured[s], news = m.Seq, true
		}
	}
	return news
}

// wish notes a device to visit.
func (u *rumours) wish(device uint32) {
	u.mu.Lock()
	u.ask[device] = true
	u.mu.Unlock()
	u.asked.Ring()
}

// takeHeads empties a gathering of what the ring has not heard.
func (u *rumours) takeHeads(g gathering) []wire.Mark {
	u.mu.Lock()
	defer u.mu.Unlock()
	var heads []wire.Mark
	for s, seq := range g.heads {
		if u.rumoured[s] < seq {
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
func (u *rumours) takeWishes() []uint32 {
	u.mu.Lock()
	defer u.mu.Unlock()
	var devices []uint32
	for d := range u.ask {
		devices = append(devices, d)
	}
	clear(u.ask)
	slices.Sort(devices)
	return devices
}

// spread tells the ring of new heads, several at a time.
func (r *Ring) spread(ctx context.Context, from gathering, pause func() time.Duration) error {
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-from.told:
		}
		wake.Rest(ctx, pause())
		if heads := r.rumours.takeHeads(from); len(heads) > 0 {
			r.rumours.hear(heads)
			r.gossip.Spread(wire.AppendRumour(nil, wire.Rumour{Device: r.host.Self.Index, Heads: heads}))
		}
	}
}

func shortly() time.Duration { return spreadPause }

func patiently() time.Duration { return fetchedPause/2 + rand.N(fetchedPause) }

// heard wishes a visit to whoever has heads that this box lacks, and reports whether the rumour is to be passed on,
// be it of spaces that this box does not hold.
func (r *Ring) heard(_ uint32, rumour []byte) (news bool) {
	said, err := wire.DecodeRumour(rumour)
	if err != nil {
		r.host.Log.Info("a rumour could not be read", "error", err)
		return false
	}
	r.host.Rumoured(said)
	if slices.ContainsFunc(said.Heads, r.host.Lacks) {
		r.rumours.wish(said.Device)
	}
	return r.rumours.hear(said.Heads)
}
