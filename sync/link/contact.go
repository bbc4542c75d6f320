package link

import (
	"cmp"
	"slices"
	"time"
)

// Contact says how the link stands with one device.
type Contact struct {
	Device    uint32
	Address   string        // where it is or was last, as host:port; "" if unknown
	Connected bool          // whether any connection stands; one that nobody uses sleeps, and Heard says since when
	Since     time.Time     // of the connection, or of its loss; zero if there never was one
	Heard     time.Time     // when a packet last came in, to within five seconds; zero if never
	RTT       time.Duration // smoothed; 0 if not connected
	Rate      float64       // bytes a second that the link was seen to carry to the device; 0 if unknown
	Loss      float64       // share of the packets to the device that are lost, of late
	Sent      uint64        // bytes in all packets since Listen, without UDP and IP headers
	Received  uint64        // likewise
}

// Contacts returns all devices that the link has heard of, in order.
func (l *Link) Contacts() []Contact {
	l.mu.Lock()
	defer l.mu.Unlock()
	contacts := make([]Contact, 0, len(l.peers))
	now := time.Now()
	for _, p := range l.peers {
		contacts = append(contacts, p.contact(now))
	}
	slices.SortFunc(contacts, func(a, b Contact) int { return cmp.Compare(a.Device, b.Device) })
	return contacts
}

// contact sums up a peer. Link.mu is held.
func (p *peer) contact(now time.Time) Contact {
	sum := Contact{
		Device: p.device, Address: p.address(), Since: p.lost, Heard: p.heard, Sent: p.sent, Received: p.received,
	}
	for _, c := range p.connections {
		c.look(now)
		sent, received := c.bytes()
		sum.Sent += sent
		sum.Received += received
		if c.heard.After(sum.Heard) {
			sum.Heard = c.heard
		}
		if c.quic.Context().Err() != nil {
			continue
		}
		if !sum.Connected {
			sum.Connected, sum.Since = true, c.since
		}
		sum.RTT = c.quic.ConnectionStats().SmoothedRTT // of the newest
		way := c.post.pace()
		sum.Rate, sum.Loss = way.known(), way.loss()
	}
	return sum
}

// watch notes when each connection was last heard, which QUIC itself does not tell. It keeps those
// alive that are in use, by a nudge, which finds out restarted peers too, as QUIC's own keep-alive
// would not; the others sleep. One that owes an answer for long is ended.
func (l *Link) watch() {
	ticker := time.NewTicker(5 * time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-l.ctx.Done():
			return
		case now := <-ticker.C:
			l.lookAtAll(now)
		}
	}
}

func (l *Link) lookAtAll(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range l.peers {
		for _, c := range slices.Clone(p.connections) {
			switch c.look(now); {
			case c.unanswered(now) >= c.patience():
				l.drop(p, c, now)
				l.running.Go(func() { c.quic.CloseWithError(codeSilent, "no answer") })
			case c.streams > 0 && now.Sub(c.heard) >= keepAlive:
				c.use(now)
				l.running.Go(func() { _ = c.quic.SendDatagram(nudge[:]) }) // it waits when the network is slow
			}
		}
	}
}
