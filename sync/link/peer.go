package link

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/quic-go/quic-go"
)

const (
	connectionsMax = 4                      // of one device; when both ends dial at once there are two
	silenceMax     = 30 * time.Second       // a connection on which something waits so long for an answer is not used
	helloMax       = 4 * time.Minute        // of two packets in five lost, the hello may be six times running, and QUIC waits twice as long each time
	doubtMax       = 60 * time.Second       // and is ended after so long: several unanswered keep-alives
	rivalMax       = 5 * time.Second        // or after so long, when the device has called anew
	backOffMin     = 200 * time.Millisecond // doubles with every failed dial
	backOffMax     = 5 * time.Second
)

// peer is what the link knows of one device. All fields but device are guarded by Link.mu.
type peer struct {
	device      uint32
	told        string        // where it is, as host:port, by Learn; "" if nobody said
	seen        string        // where it last was when it spoke; tried when it is not where it was told to be
	connections []*connection // oldest first, at most connectionsMax
	attempt     *attempt      // the dial that is under way, or nil

	failures int       // dials failed in a row
	retry    time.Time // no dial for a datagram before

	queue      [][]byte // datagrams waiting to be sent, at most queueMax
	delivering bool     // whether a goroutine works on the queue

	lost           time.Time // when the last connection ended
	heard          time.Time // when a packet last came in on a connection that has ended
	sent, received uint64    // bytes on connections that have ended
	pace           pace      // what the last connection that has ended knew of the way
}

// connection is one live QUIC connection with a device. What follows since is guarded by Link.mu.
type connection struct {
	quic     *quic.Conn
	post     *post
	device   uint32
	dialled  bool // by this end
	since    time.Time
	heard    time.Time // when a packet was last seen to have come in
	packets  uint64    // received when last looked at
	asked    time.Time // when the first thing was sent that nothing has answered yet; zero if all is answered
	streams  int       // open ones, of both sides
	rivalled bool      // whether the device has called anew, and nothing has come in since
}

// look notes whether packets have come in since the last look.
func (c *connection) look(now time.Time) {
	if packets := c.quic.ConnectionStats().PacketsReceived + c.post.packets.Load(); packets != c.packets {
		c.packets, c.heard, c.asked, c.rivalled = packets, now, time.Time{}, false
	}
}

// bytes returns what the connection has sent and received, in all its packets.
func (c *connection) bytes() (sent, received uint64) {
	stats := c.quic.ConnectionStats()
	return stats.BytesSent + c.post.sent.Load(), stats.BytesReceived + c.post.received.Load()
}

// use notes that something is sent: QUIC at the other end acknowledges all that comes in.
func (c *connection) use(now time.Time) {
	if c.asked.IsZero() {
		c.asked = now
	}
}

// unanswered returns for how long the connection owes an answer. Silence alone says nothing: a
// connection that nobody uses sleeps, and costs nothing.
func (c *connection) unanswered(now time.Time) time.Duration {
	if c.asked.IsZero() {
		return 0
	}
	return now.Sub(c.asked)
}

// patience returns for how long the connection may owe an answer. A device that calls anew has most likely been started
// again, and knows nothing of its old calls: a dialler's first connection ID carries no token by which the acceptor
// would know its stateless reset.
func (c *connection) patience() time.Duration {
	if c.rivalled {
		return rivalMax
	}
	return doubtMax
}

// challenge asks older connections of a device that has called whether they still stand. Link.mu is held.
func (l *Link) challenge(p *peer, now time.Time) {
	for _, c := range p.connections {
		c.look(now)
		c.asked, c.rivalled = now, true
		l.running.Go(func() { _ = c.quic.SendDatagram(nudge[:]) })
	}
}

// live returns the newest connection that can be expected to work, or nil. One that has owed an
// answer for long may still recover, but its retransmission timers have grown with the silence:
// a fresh dial is heard sooner once the network is back.
func (p *peer) live(now time.Time) *connection {
	for _, c := range slices.Backward(p.connections) {
		if c.look(now); c.quic.Context().Err() == nil && c.unanswered(now) < silenceMax {
			return c
		}
	}
	return nil
}

// address returns where to dial, or "" if that is unknown. After a dial in vain the other of two
// places is tried: a machine may have moved since somebody wrote down where it is, and behind a
// router it may not be where it called from.
func (p *peer) address() string {
	if p.failures%2 == 1 {
		return cmp.Or(p.seen, p.told)
	}
	return cmp.Or(p.told, p.seen)
}

// failed puts off the next dial for a datagram: longer after every failure, and by chance, so that
// a township that comes back from a power cut does not call all at once.
func (p *peer) failed(now time.Time) {
	wait := min(backOffMin<<min(p.failures, 16), backOffMax)
	p.failures++
	p.retry = now.Add(wait/2 + rand.N(wait/2))
}

// peer returns the entry of a device. Link.mu is held.
func (l *Link) peer(device uint32) *peer {
	p, ok := l.peers[device]
	if !ok {
		p = &peer{device: device}
		l.peers[device] = p
	}
	return p
}

// Learn tells the link where a device was last known to be, as host:port. A dial to another address
// that is under way is given up.
func (l *Link) Learn(device uint32, addr string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.peer(device)
	if addr == "" || p.told == addr {
		return
	}
	p.told = addr
	p.renew()
}

// NetworkUp tells the link that the network has come back, say because a cable was plugged in or
// a modem reports a signal. Every connection is doubted until a packet comes in on it, so that the
// next use dials afresh instead of waiting for timers that have grown with the outage.
func (l *Link) NetworkUp() {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	for _, p := range l.peers {
		for _, c := range p.connections {
			c.look(now)
			c.asked = now.Add(-silenceMax)
		}
		p.renew()
	}
}

// renew forgets about failures and ends the dial under way; who waits for it dials again.
func (p *peer) renew() {
	p.failures, p.retry = 0, time.Time{}
	if p.attempt != nil {
		p.attempt.cancel(errStale)
	}
}

// add admits a verified connection and hands it to whoever waits for one. It reports false when
// the link is closed.
func (l *Link) add(c *connection) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return false
	}
	p := l.peer(c.device)
	p.seen = c.quic.RemoteAddr().String()
	if !c.dialled { // who was dialled has not said yet that this device is welcome
		p.failures, p.retry = 0, time.Time{}
	}
	c.use(time.Now()) // the hello waits for its acknowledgement
	if !c.dialled {
		l.challenge(p, time.Now())
	}
	p.connections = append(p.connections, c)
	if _, taken := l.posts[c.post.sealIn.name]; !taken { // else nobody proves to the peer that letters come through
		l.posts[c.post.sealIn.name] = c.post
	}
	if len(p.connections) > connectionsMax {
		surplus := p.connections[0]
		l.drop(p, surplus, time.Now())
		l.running.Go(func() { surplus.quic.CloseWithError(codeSurplus, "newer connections exist") })
	}
	if p.attempt != nil {
		p.attempt.settle(c, nil)
		p.attempt = nil
	}
	return true
}

// Drop ends every connection with a device, as when it was revoked. Unless Options.Device refuses it
// from now on, it comes back.
func (l *Link) Drop(device uint32) {
	l.mu.Lock()
	connections := slices.Clone(l.peer(device).connections)
	l.mu.Unlock()
	for _, c := range connections {
		l.remove(c)
		c.quic.CloseWithError(codeRefused, "dropped")
	}
}

// remove forgets a connection that has ended or is of no more use.
func (l *Link) remove(c *connection) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.drop(l.peer(c.device), c, time.Now())
}

// drop takes a connection off the list and keeps its figures; the second time it does nothing.
// Link.mu is held.
func (l *Link) drop(p *peer, c *connection, now time.Time) {
	i := slices.Index(p.connections, c)
	if i < 0 {
		return
	}
	p.connections = slices.Delete(p.connections, i, i+1)
	c.look(now)
	if c.heard.After(p.heard) {
		p.heard = c.heard
	}
	sent, received := c.bytes()
	p.sent += sent
	p.received += received
	p.lost = now
	p.pace = c.post.pace()
	if l.posts[c.post.sealIn.name] == c.post {
		delete(l.posts, c.post.sealIn.name)
	}
}
