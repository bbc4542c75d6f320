package link

import (
	"slices"
	"time"
)

// MaxDatagram is the largest payload that Send carries, in bytes: what is left of the smallest
// packet that every network passes on.
const MaxDatagram = 1160

// queueMax bounds the datagrams that wait for one device.
const queueMax = 64

// Datagram is a short message that may be lost, doubled or late, from a verified peer.
type Datagram struct {
	From    uint32
	Payload []byte
}

// Send sends a datagram to a device if that can be done soon. It neither waits nor fails: without a
// connection it dials in the background, at most every few seconds; when 64 datagrams wait, the
// oldest is dropped, since the newest says more. The payload may be used again after the call.
func (l *Link) Send(device uint32, p Protocol, payload []byte) {
	l.mustBeKnown(p)
	if len(payload) > MaxDatagram {
		l.options.Log.Debug("datagram dropped: too large", "device", device, "bytes", len(payload))
		return
	}
	l.enqueue(device, slices.Concat([]byte{byte(p)}, payload))
}

// nudge is a datagram of no protocol, which its receiver passes over. It is longer than QUIC's own
// probes: to those a machine that was killed and started again stays silent, this it answers with
// a stateless reset (RFC 9000, section 10.3).
var nudge = [48]byte{}

// Nudge makes sure that a device from which an answer is overdue is still the one that was asked.
// If it was restarted since, the old connection ends at once, and what waits on it with it.
func (l *Link) Nudge(device uint32) { l.enqueue(device, nudge[:]) }

func (l *Link) enqueue(device uint32, datagram []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	to, now := l.peers[device], time.Now()
	if l.closed || to == nil || to.attempt == nil && now.Before(to.retry) && to.live(now) == nil {
		return
	}
	if len(to.queue) == queueMax {
		to.queue = slices.Delete(to.queue, 0, 1)
	}
	to.queue = append(to.queue, datagram)
	if !to.delivering {
		to.delivering = true
		l.running.Go(func() { l.deliver(to) })
	}
}

// deliver sends what is queued for a device, and ends: an idle device costs no goroutine. QUIC
// makes it wait here, and not the caller of Send, while the network is slow.
func (l *Link) deliver(p *peer) {
	for {
		datagram := l.nextQueued(p)
		if datagram == nil {
			return
		}
		c, err := l.reach(l.ctx, p.device)
		if err != nil {
			l.dropQueued(p)
			continue
		}
		_ = c.quic.SendDatagram(datagram) // it may be lost on the way as well
	}
}

// nextQueued takes a datagram off the queue; nil ends the delivery.
func (l *Link) nextQueued(p *peer) []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(p.queue) == 0 {
		p.delivering, p.queue = false, nil
		return nil
	}
	datagram := p.queue[0]
	p.queue = p.queue[1:]
	return datagram
}

func (l *Link) dropQueued(p *peer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p.queue = nil
}

// takeDatagrams sorts a connection's datagrams into the inboxes until it ends.
func (l *Link) takeDatagrams(c *connection) {
	for {
		b, err := c.quic.ReceiveDatagram(l.ctx)
		if err != nil {
			return
		}
		if len(b) == 0 {
			continue
		}
		box, known := l.inboxes[Protocol(b[0])]
		if !known {
			continue
		}
		select {
		case box.datagrams <- Datagram{c.device, b[1:]}:
		default: // nobody reads them fast enough
		}
	}
}
