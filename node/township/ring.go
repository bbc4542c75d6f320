// Package township is a box's part in the ring of its township: it tells neighbours what is new here, visits those who
// have what it lacks, finds those that are on its network, and remembers whom it met.
package township

import (
	"context"
	"log/slog"
	"slices"

	"golang.org/x/sync/errgroup"

	"wangge/node/gossip"
	"wangge/node/policy"
	"wangge/sync/link"
	"wangge/sync/wire"
)

// Host is the box.
type Host struct {
	Self  policy.Device
	Link  *link.Link
	Log   *slog.Logger
	Data  string      // the folder in which is noted whom it met
	Known []Neighbour // that its configuration names
	Ways  []string    // where its peers are, host:port, of which one tells from where it is reached

	// Lacks reports whether the box may hold a stream and has not all of it.
	Lacks func(head wire.Mark) bool
	// Visit holds a conversation with a neighbour, in which everything is exchanged.
	Visit func(ctx context.Context, s *link.Stream) error
	// Rumoured is told of each rumour, NoContact of each neighbour that could not be visited.
	Rumoured  func(wire.Rumour)
	NoContact func(device uint32, reason error)
}

// Ring is the box's part in it.
type Ring struct {
	host    Host
	gossip  *gossip.Gossip
	rumours *rumours
}

// New returns the part of a box that talks to nobody before Run. An error says what is
// wrong with its name or its ring's.
func New(h Host) (*Ring, error) {
	r := &Ring{host: h, rumours: newRumours()}
	var me whereabouts
	peers := r.remembered()
	g, err := gossip.New(h.Link, gossip.Options{
		Device: h.Self.Index, Name: h.Self.Name, Ring: h.Self.Ring,
		Address: func() string { return me.place(h.Link.Addr(), h.Ways) },
		Peers:   func() []uint32 { return peers }, Profile: gossip.Township(), Heard: r.heard, Met: r.rumours.wish, Log: h.Log,
	})
	r.gossip = g
	return r, err
}

// Run takes part until ctx ends.
func (r *Ring) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return r.gossip.Run(ctx) })
	g.Go(func() error { return r.spread(ctx, r.rumours.written, shortly) })
	g.Go(func() error { return r.spread(ctx, r.rumours.fetched, patiently) })
	g.Go(func() error { return r.visits(ctx) })
	g.Go(func() error { return r.noteNeighbours(ctx) })
	return g.Wait()
}

// Members returns how the ring sees the boxes in it.
func (r *Ring) Members() []gossip.Member { return r.gossip.Members() }

// News has the ring told of heads that are new here, as far as neighbours may hold them.
func (r *Ring) News(heads []wire.Mark) {
	mine := slices.DeleteFunc(slices.Clone(heads), func(m wire.Mark) bool { return !r.host.Self.MayHold(m.Space) })
	r.rumours.news(mine, r.host.Self.Index)
}
