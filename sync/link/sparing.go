package link

import (
	"net"
	"net/netip"
	"sync"
	"time"
)

// overtures are those of all handshakes under way, in front of the socket.
type overtures struct {
	mu      sync.Mutex
	all     map[string]*overture         // guarded by mu; by the connection ID that this end has given itself
	askable map[netip.AddrPort]*overture // guarded by mu; of diallers that may ask now
}

const (
	overturesMax = 512 // that are remembered; others are not held back
	inventedMin  = 8   // bytes of the ID that a dialler makes up for the far end (RFC 9000, section 7.2); our own have 4
)

func newOvertures() *overtures {
	return &overtures{all: map[string]*overture{}, askable: map[netip.AddrPort]*overture{}}
}

// send writes a packet, or what leaves in its place.
func (o *overtures) send(b []byte, to net.Addr, write func([]byte) error) error {
	packets, ours := o.say(b, to, time.Now())
	if !ours {
		return write(b)
	}
	for _, b := range packets {
		if err := write(b); err != nil {
			return err
		}
	}
	return nil
}

// say returns what leaves in place of a packet, and false for the packet itself.
func (o *overtures) say(b []byte, addr net.Addr, now time.Time) ([][]byte, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	h, _, ok := readHeader(b)
	if !ok {
		return o.ask(b, addr, now)
	}
	one := o.all[string(h.from)]
	if one == nil {
		o.forget(now)
		if len(o.all) >= overturesMax {
			return nil, false
		}
		one = &overture{dialled: len(h.to) >= inventedMin}
		o.all[string(h.from)] = one
	}
	before := one.stage
	packets := one.say(b, now)
	if at, ok := addr.(*net.UDPAddr); ok && one.stage == answering && before < answering {
		o.askable[at.AddrPort()] = one
	}
	return packets, true
}

// forget lets go of handshakes that have ended one way or the other. o.mu is held.
func (o *overtures) forget(now time.Time) {
	for id, one := range o.all {
		if now.Sub(one.began) > handshakeTimeout {
			delete(o.all, id)
		}
	}
}

// ask is overture.ask for a packet that belongs to no handshake any more. o.mu is held.
func (o *overtures) ask(b []byte, addr net.Addr, now time.Time) ([][]byte, bool) {
	at, ok := addr.(*net.UDPAddr)
	if len(o.askable) == 0 || !ok || len(b) == 0 || b[0]&shortFixed == 0 {
		return nil, false
	}
	one := o.askable[at.AddrPort()]
	if one == nil {
		return nil, false
	}
	if late := now.Sub(one.began) >= flightSpan; late || len(b) >= questionMin {
		delete(o.askable, at.AddrPort())
		if late {
			return nil, false
		}
	}
	return one.ask(b), true
}
