package link

import "net"

// roam is where sealed packets go after the dialler has moved and before QUIC knows. The newest packet that only the
// far end can have sealed says from where it speaks; QUIC wants to have asked there first, a round trip of which each
// part may be lost. That somebody on the way has not made one packet up to come from elsewhere shows when a report from
// there answers for a packet that went there; before, three times the bytes that came from there are sent, and no
// more (RFC 9000, section 8).
type roam struct {
	to    net.Addr // nil for where QUIC knows the far end
	since uint32   // number of the first packet that went there
}

// heard takes where the newest packet came from, and of how many bytes it was.
func (r *roam) heard(from, known net.Addr, bytes int, out *outbox) {
	switch {
	case sameAddr(from, known):
		r.stay(out)
	case !sameAddr(from, r.to):
		*r, out.credit = roam{from, out.number}, out.total+int64(3*bytes)
	case out.credit > 0:
		out.credit += int64(3 * bytes)
	}
}

// answered takes a report on the packets up to a number.
func (r *roam) answered(top uint32, out *outbox) {
	if r.to != nil && top >= r.since {
		out.credit = 0
	}
}

// stay goes back to where QUIC knows the far end.
func (r *roam) stay(out *outbox) { *r, out.credit = roam{}, 0 }

func sameAddr(a, b net.Addr) bool {
	x, ok := a.(*net.UDPAddr)
	y, too := b.(*net.UDPAddr)
	return ok && too && x.Port == y.Port && x.IP.Equal(y.IP) && x.Zone == y.Zone
}
