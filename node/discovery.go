package node

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net"
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

// discovers reports whether this box looks for others on its local network.
func (n *node) discovers() bool {
	on := n.config.Discover == nil || *n.config.Discover
	return on && !n.isHub() && n.config.Socket == nil && !n.link.Addr().IP.IsLoopback()
}

// hosts returns the names by which browsers may call this node.
func (n *node) hosts() []string {
	if !n.discovers() {
		return n.config.Hosts
	}
	return append(slices.Clone(n.config.Hosts), discover.HostName(n.id.Device.Index))
}

// announcer tells of this box and looks for others until ctx ends: discover.Run.
type announcer func(ctx context.Context, o discover.Options) error

// discover finds boxes of the same ring on the local network until ctx ends.
func (n *node) discover(ctx context.Context, pages net.Listener, run announcer) error {
	hints := hints{link: n.link, ring: n.gossip, log: n.log, tried: map[netip.AddrPort]time.Time{}}
	return run(ctx, discover.Options{
		Device: n.id.Device.Index, Title: n.id.Device.Name, County: n.mark(), Link: bound(n.link.Addr().AddrPort()), Web: webBound(pages),
		Interfaces: n.config.DiscoverOn, Found: hints.try, Log: n.log,
	})
}

// mark tells the boxes of one ring from others, without saying who they are.
func (n *node) mark() string {
	sum := sha256.Sum256(append(slices.Clone(n.id.Root.Raw), n.id.Device.Ring...))
	return hex.EncodeToString(sum[:8])
}

// webBound returns where browsers may open this node's pages; the zero value if it has none.
func webBound(pages net.Listener) netip.AddrPort {
	if pages == nil {
		return netip.AddrPort{}
	}
	return bound(pages.Addr().(*net.TCPAddr).AddrPort())
}

// bound returns where a socket listens, by an IPv4 address where that is possible.
func bound(at netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(at.Addr().Unmap(), at.Port()) }

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
