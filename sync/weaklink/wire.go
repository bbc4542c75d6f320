// Package weaklink emulates weak links between machines in one process: packets wait for a slow modem, travel for a
// while, and are lost, doubled, late or cut off, as a seed says. It is made of timers, channels and locks alone,
// so that the same test runs in real time and in the virtual time of testing/synctest.
package weaklink

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
)

// Wire joins many ends. Any end may write to any other; each direction between two of them is a Way. Its methods may
// be called by many goroutines.
type Wire struct {
	seed  uint64
	usual Profile

	mu   sync.Mutex
	ends map[netip.AddrPort]*End // guarded by mu
	ways map[course]*Way         // guarded by mu; a way outlives its ends
}

// course is where a packet comes from and where it goes.
type course struct{ from, to netip.AddrPort }

// New returns a wire without ends. A way on which nothing else is set follows the usual profile; the seed decides
// what befalls each way's first packet, its second, and so on.
func New(seed uint64, usual Profile) *Wire {
	return &Wire{seed: seed, usual: usual, ends: map[netip.AddrPort]*End{}, ways: map[course]*Way{}}
}

// Listen opens an end at an address such as "10.0.0.1:7000". The error says that the address is taken or is none.
func (w *Wire) Listen(address string) (*End, error) {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, fmt.Errorf("open an end: %w", err)
	}
	e := newEnd(w)
	if err := w.place(e, plain(at)); err != nil {
		return nil, err
	}
	return e, nil
}

// place puts an end at an address, and takes it away from where it was.
func (w *Wire) place(e *End, at netip.AddrPort) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, taken := w.ends[at]; taken {
		return fmt.Errorf("%v is taken by another end", at)
	}
	if w.ends[e.at] == e {
		delete(w.ends, e.at)
	}
	w.ends[at], e.at = e, at
	return nil
}

// Way returns the direction from one address to another; the other direction is another way.
func (w *Wire) Way(from, to netip.AddrPort) *Way {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := course{plain(from), plain(to)}
	way, ok := w.ways[c]
	if !ok {
		way = &Way{wire: w, course: c, profile: w.usual, chance: w.chance(c)}
		w.ways[c] = way
	}
	return way
}

// chance returns a way's own source, so that traffic elsewhere does not change what befalls its packets.
func (w *Wire) chance(c course) *rand.Rand {
	h := fnv.New64a()
	fmt.Fprint(h, c.from, c.to)
	return rand.New(rand.NewPCG(w.seed, h.Sum64()))
}

// Between returns the two ways between two addresses.
func (w *Wire) Between(a, b netip.AddrPort) [2]*Way { return [2]*Way{w.Way(a, b), w.Way(b, a)} }

// Traffic returns the sum of all ways.
func (w *Wire) Traffic() Traffic {
	w.mu.Lock()
	ways := make([]*Way, 0, len(w.ways))
	for _, way := range w.ways {
		ways = append(ways, way)
	}
	w.mu.Unlock()
	var sum Traffic
	for _, way := range ways {
		sum = sum.Plus(way.Traffic())
	}
	return sum
}

// end returns who listens at an address, or nil.
func (w *Wire) end(at netip.AddrPort) *End {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ends[at]
}

func (w *Wire) remove(e *End) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ends[e.at] == e {
		delete(w.ends, e.at)
	}
}

// plain gives each address one spelling: IPv4 may come in 4 bytes or in 16.
func plain(at netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(at.Addr().Unmap().WithZone(""), at.Port())
}

// udp spells an address as QUIC compares it: with an IP of 16 bytes.
func udp(at netip.AddrPort) *net.UDPAddr {
	ip := at.Addr().As16()
	return &net.UDPAddr{IP: ip[:], Port: int(at.Port())}
}
