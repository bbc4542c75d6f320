package discover

import "github.com/hashicorp/mdns"

// answerers are the sockets that answer, one for each place.
type answerers struct {
	options Options
	open    map[string]*mdns.Server // nil at a place that cannot be used
}

// follow opens a socket at each new place and closes those at places that are no more. It reports whether there is a new one.
func (a *answerers) follow(places []place) (changed bool) {
	there := map[string]bool{}
	for _, p := range places {
		name := p.name()
		there[name] = true
		if _, known := a.open[name]; known {
			continue
		}
		changed = true
		server, err := a.options.serve(p)
		if err != nil {
			a.options.Log.Info("this interface cannot be used to find boxes nearby", "interface", p.Name, "reason", err)
		}
		a.open[name] = server
	}
	for name, server := range a.open {
		if !there[name] {
			shut(server)
			delete(a.open, name)
		}
	}
	return changed
}

func (a *answerers) close() {
	for _, server := range a.open {
		shut(server)
	}
}

func shut(server *mdns.Server) {
	if server != nil {
		server.Shutdown() // closes sockets, and never fails
	}
}

// serve answers at one place, by its own addresses.
func (o Options) serve(p place) (*mdns.Server, error) {
	zone, err := newZone(o, p.near)
	if err != nil {
		return nil, err
	}
	return mdns.NewServer(&mdns.Config{Zone: zone, Iface: &p.Interface, Logger: quiet()})
}
