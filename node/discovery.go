package node

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net"
	"net/netip"
	"slices"
	"wangge/node/discover"
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
	return n.ring.Discover(ctx, n.notice(pages), discover.Run)
}

// notice is what is told of this box there.
func (n *node) notice(pages net.Listener) discover.Options {
	return discover.Options{
		Device: n.id.Device.Index, Title: n.id.Device.Name, County: n.mark(), Link: bound(n.link.Addr().AddrPort()), Web: webBound(pages),
		Interfaces: n.config.DiscoverOn, Log: n.log,
	}
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
