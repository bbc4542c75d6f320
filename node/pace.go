package node

import (
	"maps"
	"time"

	"wangge/sync/wire"
)

// pace measures how much the way to a peer carries, by when its chunks are answered.
type pace struct {
	rate   float64 // bytes a second; 0 while nothing was answered
	under  map[uint64]passing
	last   time.Time     // when the last answer came
	trip   time.Duration // the quickest round trip of late
	tripAt time.Time
	least  time.Duration // the quickest of the connection
}

// passing is a chunk under way.
type passing struct {
	size int
	at   time.Time
}

// paceSpan is how much is under way beside what a round trip takes: a cut costs no
// more than that, and a chunk.
const paceSpan = 500 * time.Millisecond

// nearTrip is the longest round trip of a way on which nobody counts bytes, as a cable within the
// house or the county: no mobile network and no satellite is as quick.
const nearTrip = 4 * time.Millisecond

// nearFor is how long the quickest round trip tells where a peer is: a busy machine's others wait for
// the processor, and a box may leave the house.
const nearFor = time.Minute

// sends notes that a message goes out.
func (p *pace) sends(m wire.Message, size int, now time.Time) {
	chunk, ok := m.(wire.Chunk)
	if !ok {
		return
	}
	if p.under == nil {
		p.under = map[uint64]passing{}
	}
	p.under[chunk.Number] = passing{size, now}
}

// hears notes an answer. Chunks are answered in the order in which they were sent,
// so what one took is counted from the answer before it, if that came later than it
// was sent; else without the link's round trip.
func (p *pace) hears(m wire.Message, trip time.Duration, now time.Time) {
	kept, ok := m.(wire.Kept)
	chunk, under := p.under[kept.Chunk]
	if !ok || !under {
		return
	}
	maps.DeleteFunc(p.under, func(n uint64, _ passing) bool { return n <= kept.Chunk })
	took := now.Sub(chunk.at) - trip
	if p.last.After(chunk.at) {
		took = now.Sub(p.last)
	}
	sample := float64(chunk.size) / max(took, time.Millisecond).Seconds()
	if p.last = now; p.rate == 0 {
		p.rate = sample
	}
	p.rate += (sample - p.rate) / 4
}

// passes notes how long packets take to the peer and back: the last one and the quickest of the
// connection's. That one may have been between two answers, as where a busy machine is seldom quick.
func (p *pace) passes(last, least time.Duration, now time.Time) {
	if p.trip == 0 || least < p.least && least <= p.trip {
		p.trip, p.tripAt = least, now
	}
	p.least = least
	if last <= p.trip || now.Sub(p.tripAt) > nearFor {
		p.trip, p.tripAt = last, now
	}
}

// near reports whether the peer is at the other end of a way on which nobody counts bytes.
func (p *pace) near() bool { return p.trip > 0 && p.trip <= nearTrip }

// carries returns how many bytes may be under way, 0 while that is unknown.
func (p *pace) carries(trip time.Duration) int {
	return int(p.rate * (trip + paceSpan).Seconds())
}

// trip returns the round trip of the link to a device, 0 where none is known.
func (n *node) trip(device uint32) time.Duration {
	for _, c := range n.link.Contacts() {
		if c.Device == device {
			return c.RTT
		}
	}
	return 0
}
