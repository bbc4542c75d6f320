package node

import (
	"net"
	"net/netip"
)

// place returns where a node that listens at an address says that others reach it,
// as host:port. One that listens at all its addresses names that from which the system
// would call its peers. Of an unplugged one it is "": what others know, they keep.
func place(at *net.UDPAddr, peers []Peer) string {
	if !at.IP.IsUnspecified() {
		return at.String()
	}
	for _, p := range peers {
		to, err := netip.ParseAddrPort(p.Address)
		if err != nil {
			continue // a name, which would have to be looked up
		}
		way, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(to)) // sends nothing
		if err != nil {
			continue
		}
		from := way.LocalAddr().(*net.UDPAddr)
		way.Close()
		return (&net.UDPAddr{IP: from.IP, Port: at.Port}).String()
	}
	return ""
}
