package township

import (
	"net"
	"net/netip"
	"sync"
)

// whereabouts is where a node says that others reach it.
type whereabouts struct {
	mu   sync.Mutex
	last string // guarded by mu
}

// place returns it as host:port, for a node that listens at an address. One that
// listens at all its addresses names that from which the system would call its peers,
// and unplugged the one that it had before; "" if it never had any.
func (w *whereabouts) place(at *net.UDPAddr, ways []string) string {
	if !at.IP.IsUnspecified() {
		return at.String()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, way := range ways {
		to, err := netip.ParseAddrPort(way)
		if err != nil {
			continue // a name, which would have to be looked up
		}
		call, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(to)) // sends nothing
		if err != nil {
			continue
		}
		from := call.LocalAddr().(*net.UDPAddr)
		call.Close()
		w.last = (&net.UDPAddr{IP: from.IP, Port: at.Port}).String()
		break
	}
	return w.last
}
