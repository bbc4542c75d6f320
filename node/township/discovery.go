package township

import (
	"context"
	"log/slog"
	"net/netip"
	"slices"
	"time"

	"wangge/node/discover"
	"wangge/node/gossip"
	"wangge/sync/link"
)

const (
	// hintTime is how long a box that is said to be on this network may take to answer.
	hintTime = 5 * time.Second
	// hintAgain is how long an address that did not lead to the box is not tried again.
	hintAgain = 10 * time.Minute
	hintsMax  = 256
)

// Discover finds boxes of the ring on the local network until ctx ends. The caller says what is
// announced of this box and how (run is discover.Run); Found is for the ring to set.
func (r *Ring) Discover(ctx context.Context, o discover.Options, run func(context.Context, discover.Options) error) error {
	hints := hints{link: r.host.Link, ring: r.gossip, log: r.host.Log, tried: map[netip.AddrPort]time.Time{}}
	o.Found = hints.try
	return run(ctx, o)
}

// hints tries what anybody on the network may have said.
type hints struct {
	link interface {
		Contacts() []link.Contact
		Try(ctx context.Context, device uint32, at netip.AddrPort) error
	}
	ring interface {
		Members() []gossip.Member
		Meet(device uint32)
	}
	log   *slog.Logger
	tried map[netip.AddrPort]time.Time // where there was nobody
}

// try takes a box into the ring that is said to be at an address, unless it is there already. Whether it is at the address, mutual TLS shows.
func (h *hints) try(ctx context.Context, device uint32, at netip.AddrPort) {
	if h.inRing(device) || !h.connected(device) && !h.find(ctx, device, at) {
		return
	}
	h.ring.Meet(device)
}

// find calls a box where it is said to be.
func (h *hints) find(ctx context.Context, device uint32, at netip.AddrPort) bool {
	if time.Since(h.tried[at]) < hintAgain {
		return false
	}
	if len(h.tried) >= hintsMax {
		clear(h.tried)
	}
	h.tried[at] = time.Now()
	ctx, cancel := context.WithTimeout(ctx, hintTime)
	defer cancel()
	if err := h.link.Try(ctx, device, at); err != nil {
		h.log.Debug("nobody of this county is where a box was said to be", "device", device, "address", at, "reason", err)
		return false
	}
	delete(h.tried, at)
	h.log.Info("found a box on the local network", "device", device, "address", at)
	return true
}

func (h *hints) inRing(device uint32) bool {
	return slices.ContainsFunc(h.ring.Members(), func(m gossip.Member) bool { return m.Device == device && m.Alive })
}

func (h *hints) connected(device uint32) bool {
	return slices.ContainsFunc(h.link.Contacts(), func(c link.Contact) bool { return c.Device == device && c.Connected })
}
