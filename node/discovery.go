package node

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net"
	"net/netip"
	"slices"
	"time"

	"wangge/node/discover"
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

// discover finds boxes of the same ring on the local network until ctx ends.
func (n *node) discover(ctx context.Context, pages net.Listener) error {
	hints := hints{node: n, tried: map[netip.AddrPort]time.Time{}}
	return discover.Run(ctx, discover.Options{
		Device: n.id.Device.Index, Title: n.id.Device.Name, County: n.mark(), Port: n.link.Addr().Port, Web: webPort(pages),
		Interfaces: n.config.DiscoverOn, Found: hints.try, Log: n.log,
	})
}

// mark tells the boxes of one ring from others, without saying who they are.
func (n *node) mark() string {
	sum := sha256.Sum256(append(slices.Clone(n.id.Root.Raw), n.id.Device.Ring...))
	return hex.EncodeToString(sum[:8])
}

// webPort returns the port that others may open, or 0.
func webPort(pages net.Listener) int {
	if pages == nil {
		return 0
	}
	at, ok := pages.Addr().(*net.TCPAddr)
	if !ok || at.IP.IsLoopback() {
		return 0
	}
	return at.Port
}

// hints tries what anybody on the network may have said.
type hints struct {
	*node
	tried map[netip.AddrPort]time.Time // where there was nobody
}

// try calls a box where it is said to be, unless it is in contact. If it is there, which mutual TLS shows, it is taken into the ring;
// if not, what was known of it stands again.
func (h *hints) try(ctx context.Context, device uint32, at netip.AddrPort) {
	was, connected := h.whereabouts(device)
	if connected || time.Since(h.tried[at]) < hintAgain {
		return
	}
	if len(h.tried) >= hintsMax {
		clear(h.tried)
	}
	h.tried[at] = time.Now()
	ctx, cancel := context.WithTimeout(ctx, hintTime)
	defer cancel()
	h.link.Learn(device, at.String())
	s, err := h.link.Open(ctx, device, link.Gossip)
	if err != nil {
		h.log.Debug("nobody of this county is where a box was said to be", "device", device, "address", at, "reason", err)
		h.link.Learn(device, was)
		return
	}
	s.Close()
	delete(h.tried, at)
	h.log.Info("found a box on the local network", "device", device, "address", at)
	h.gossip.Meet(device)
}

func (h *hints) whereabouts(device uint32) (address string, connected bool) {
	for _, c := range h.link.Contacts() {
		if c.Device == device {
			return c.Address, c.Connected
		}
	}
	return "", false
}
