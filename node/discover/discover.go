// Package discover finds boxes on the same local network by multicast DNS (RFC 6762), and tells browsers there where this one's pages are.
package discover

import (
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/hashicorp/mdns"
)

// service is what boxes look for; browsers look for webService.
const (
	service    = "_wangge._udp"
	webService = "_http._tcp"
)

const (
	lookMin  = 10 * time.Second // between the first looks; each then comes twice as late
	lookMax  = 5 * time.Minute
	lookTime = time.Second // how long a look waits for answers
	foundMax = 64          // answers to one look; more are passed over
)

// Options say what is told of this box, and who is looked for.
type Options struct {
	Device uint32
	Title  string         // what people call the centre; no person's name
	County string         // a short mark of the county and the ring: others' boxes are passed over
	Link   netip.AddrPort // where the link listens; the unspecified address is all
	Web    netip.AddrPort // where the pages are; the zero value for none to be told of

	// Interfaces are the names of those to be used, of those that Link is at; without any, all of them.
	Interfaces []string
	// Found is told of each box that says it is of this county. It is a hint, which
	// anybody on the network can give: only a handshake shows who is there. One at a time.
	Found func(ctx context.Context, device uint32, at netip.AddrPort)
	Log   *slog.Logger
}

// HostName returns the name by which a box's pages may be opened where the system
// resolves it.
func HostName(device uint32) string { return fmt.Sprintf("wangge-%d.local", device) }

// Run answers and looks until ctx ends, and returns its cause. It follows the interfaces as they come and go:
// a machine without a network waits for one.
func Run(ctx context.Context, o Options) error {
	answering := answerers{options: o, open: map[string]*mdns.Server{}}
	defer answering.close()
	wait, next := lookMin, time.Now()
	for {
		all := o.reachable()
		now := time.Now()
		if answering.follow(all) {
			wait, next = lookMin, now
		}
		if !now.Before(next) {
			o.look(ctx, all)
			next, wait = now.Add(wait), min(2*wait, lookMax)
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(lookMin):
		}
	}
}

// place is an interface, and the addresses of it at which the link listens.
type place struct {
	net.Interface
	near []netip.Prefix
}

// name tells a place from itself after its addresses have changed.
func (p place) name() string { return fmt.Sprint(p.Name, p.near) }

// reachable returns where others may reach this box.
func (o Options) reachable() (places []place) {
	all, _ := net.Interfaces() // without any there is nobody to find
	for _, i := range all {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagMulticast == 0 || i.Flags&net.FlagLoopback != 0 {
			continue
		}
		if len(o.Interfaces) > 0 && !slices.Contains(o.Interfaces, i.Name) {
			continue
		}
		if near := asked(prefixesOf(i), o.Link.Addr()); len(near) > 0 {
			places = append(places, place{i, near})
		}
	}
	return places
}

// asked returns those of an interface's addresses that a socket bound to an address is at.
func asked(prefixes []netip.Prefix, at netip.Addr) []netip.Prefix {
	return slices.DeleteFunc(slices.Clone(prefixes), func(p netip.Prefix) bool {
		return p.Addr().IsLoopback() || !at.IsUnspecified() && p.Addr() != at
	})
}

// look asks at every place who is there.
func (o Options) look(ctx context.Context, places []place) {
	for _, p := range places {
		entries := make(chan *mdns.ServiceEntry, foundMax)
		err := mdns.QueryContext(ctx, &mdns.QueryParam{
			Service: service, Timeout: lookTime, Interface: &p.Interface, Entries: entries, DisableIPv6: true, Logger: quiet(),
		})
		if err != nil {
			o.Log.Debug("nobody could be looked for", "interface", p.Name, "reason", err)
		}
		for len(entries) > 0 && ctx.Err() == nil {
			n, err := read(<-entries, p.near)
			if err == nil && n.county == o.County && n.device != o.Device {
				o.Found(ctx, n.device, n.at)
			}
		}
	}
}

func prefixesOf(i net.Interface) (all []netip.Prefix) {
	addresses, _ := i.Addrs()
	for _, a := range addresses {
		if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().Is4() {
			all = append(all, p)
		}
	}
	return all
}

// quiet passes over what the library says of every damaged packet: anybody can send those.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }
