// Package discover finds boxes on the same local network by multicast DNS (RFC 6762), and tells browsers there where this one's pages are.
package discover

import (
	"context"
	"errors"
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
	Title  string // what people call the centre; no person's name
	County string // a short mark of the county and the ring: others' boxes are passed over
	Port   int    // of the link
	Web    int    // of the pages, 0 for none to be told of

	// Interfaces are the names of those to be used; without any, all that can.
	Interfaces []string
	// Found is told of each box that says it is of this county. It is a hint, which
	// anybody on the network can give: only a handshake shows who is there. One at a time.
	Found func(ctx context.Context, device uint32, at netip.AddrPort)
	Log   *slog.Logger
}

// HostName returns the name by which a box's pages may be opened where the system
// resolves it.
func HostName(device uint32) string { return fmt.Sprintf("wangge-%d.local", device) }

// Run answers and looks until ctx ends, and returns its cause. A machine without a
// network for it says so once, and waits.
func Run(ctx context.Context, o Options) error {
	served := false
	for _, i := range usable(o.Interfaces) {
		server, err := o.serve(&i)
		if err != nil {
			o.Log.Info("this interface cannot be used to find boxes nearby", "interface", i.Name, "reason", err)
			continue
		}
		defer server.Shutdown()
		served = true
	}
	if !served {
		o.Log.Info("no box is looked for nearby: no network interface carries multicast")
		<-ctx.Done()
		return context.Cause(ctx)
	}
	for wait := lookMin; ; wait = min(2*wait, lookMax) {
		o.look(ctx)
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(wait):
		}
	}
}

// usable returns the interfaces by which others may be reached; with names, those alone.
func usable(names []string) []net.Interface {
	all, _ := net.Interfaces() // without any there is nobody to find
	return slices.DeleteFunc(all, func(i net.Interface) bool {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagMulticast == 0 {
			return true
		}
		if len(names) > 0 {
			return !slices.Contains(names, i.Name)
		}
		return i.Flags&net.FlagLoopback != 0
	})
}

// serve answers on one interface, by its own addresses.
func (o Options) serve(i *net.Interface) (*mdns.Server, error) {
	prefixes := prefixesOf(*i)
	if len(prefixes) == 0 {
		return nil, errors.New("it has no IPv4 address")
	}
	zone, err := newZone(o, prefixes)
	if err != nil {
		return nil, err
	}
	return mdns.NewServer(&mdns.Config{Zone: zone, Iface: i, Logger: quiet()})
}

// look asks on every interface who is there.
func (o Options) look(ctx context.Context) {
	for _, i := range usable(o.Interfaces) {
		prefixes := prefixesOf(i)
		entries := make(chan *mdns.ServiceEntry, foundMax)
		err := mdns.QueryContext(ctx, &mdns.QueryParam{
			Service: service, Timeout: lookTime, Interface: &i, Entries: entries, DisableIPv6: true, Logger: quiet(),
		})
		if err != nil {
			o.Log.Debug("nobody could be looked for", "interface", i.Name, "reason", err)
		}
		for len(entries) > 0 && ctx.Err() == nil {
			n, err := read(<-entries, prefixes)
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
