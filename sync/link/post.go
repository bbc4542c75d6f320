package link

import (
	"context"
	"net"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/quic-go/quic-go"
)

// A post carries frames beside a connection's streams, on the same UDP port, where the link loses so many packets
// that QUIC's streams would crawl: QUIC takes loss for a queue that overflows and slows down, and what it sends again
// comes a round trip late. Letters go out in parcels, and of a parcel any so many symbols as it was cut into will do.
// Keys come from the connection's handshake, so only its two ends can take part.
type post struct {
	quic    *quic.Conn
	write   func(packet []byte, to net.Addr) error
	streams *streams
	start   func(func()) bool // starts a goroutine of the link
	wake    chan struct{}     // of capacity 1: something has changed

	accepted bool // whether the far end has dialled: it may move

	mu        sync.Mutex
	out       outbox               // guarded by mu
	in        intake               // guarded by mu
	sealOut   seal                 // guarded by mu
	sealIn    seal                 // guarded by mu
	roam      roam                 // guarded by mu; of who has dialled
	running   bool                 // guarded by mu; whether the goroutine has been started
	lossy     bool                 // guarded by mu; whether frames should go by parcel
	proven    bool                 // guarded by mu; whether the far end has reported
	delivered uint64               // guarded by mu; parcels, as far as is known
	retry     time.Time            // guarded by mu; no letter before, unless proven
	drained   chan struct{}        // guarded by mu; closed when letters have been delivered, given up or sent
	quicNow   quic.ConnectionStats // guarded by mu; what QUIC had seen when it was last asked

	packets, received, sent atomic.Uint64 // sealed packets that came, their bytes, bytes of those that left
}

const (
	lossyFrom  = 0.03     // loss from which parcels are better
	lossyUntil = 0.01     // loss below which streams are again
	probeMax   = 1000     // bytes of a frame that may show that parcels come through
	letterMax  = 64 << 10 // bytes of a frame that goes by parcel
	retryAfter = 30 * time.Second
)

// route is how a frame travels.
type route int

const (
	byStream route = iota
	byBoth         // by stream, and as a letter that shows whether letters come through
	byParcel
)

func newPost(conn *quic.Conn, dialled bool, start func(func()) bool, write func([]byte, net.Addr) error, known pace) (*post, error) {
	out, in, err := seals(conn.ConnectionState().TLS)
	if err != nil {
		return nil, err
	}
	if !dialled {
		out, in = in, out
	}
	return &post{
		quic: conn, accepted: !dialled, write: write, start: start, streams: newStreams(dialled), wake: make(chan struct{}, 1),
		sealOut: out, sealIn: in, drained: make(chan struct{}),
		in: intake{parcels: map[uint64]*incoming{}}, out: outbox{pace: known},
	}, nil
}

// route decides how a frame of so many bytes travels.
func (p *post) route(size int) route {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.observe()
	if loss := p.out.pace.loss(); p.lossy {
		p.lossy = loss >= lossyUntil
	} else {
		p.lossy = loss >= lossyFrom
	}
	switch {
	case !p.lossy || size > letterMax || p.out.number > 1<<31:
		return byStream
	case p.proven:
		return byParcel
	case size <= probeMax && time.Now().After(p.retry):
		return byBoth
	}
	return byStream
}

// observe learns from what QUIC has seen since it was last asked. p.mu is held.
func (p *post) observe() {
	now, before := p.quic.ConnectionStats(), p.quicNow
	p.quicNow = now
	measured := now.MeanDeviation > 0
	if p.out.pace.rtt == 0 || p.out.pace.guessed && measured {
		p.out.pace.presume(now.SmoothedRTT, measured)
	}
	if p.lossy && p.proven {
		return // its own packets say more: QUIC cannot tell those it sent in vain from those it lost
	}
	p.out.pace.counted(int(now.PacketsSent-before.PacketsSent), int(int64(now.PacketsLost)-int64(before.PacketsLost)))
}

// put hands over a letter. It waits while too many wait.
func (p *post) put(l letter, ctx context.Context, deadline time.Time) error {
	err := p.await(func() bool { return p.out.lane(l.late).size < waitingMax }, func() { p.out.put(l, time.Now()) }, ctx, deadline)
	if err == nil {
		p.begin()
	}
	return err
}

// empty waits until no letter of a stream is out that the stream does not carry itself.
func (p *post) empty(stream uint64, ctx context.Context, deadline time.Time) error {
	return p.await(func() bool { return len(p.letters(stream)) == 0 }, func() {}, ctx, deadline)
}

// await waits until a condition holds, and then acts, both under p.mu.
func (p *post) await(holds func() bool, act func(), ctx context.Context, deadline time.Time) error {
	var late <-chan time.Time
	for {
		p.mu.Lock()
		if holds() {
			act()
			p.mu.Unlock()
			return nil
		}
		drained := p.drained
		p.mu.Unlock()
		if late == nil && !deadline.IsZero() {
			late = time.After(time.Until(deadline))
		}
		select {
		case <-drained:
		case <-late:
			return os.ErrDeadlineExceeded
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// begin lets the post's goroutine look at what has changed; the first time it starts it.
func (p *post) begin() {
	p.mu.Lock()
	first := !p.running
	p.running = true
	p.mu.Unlock()
	if first {
		p.start(p.run)
	}
	p.poke()
}

// redeliver tries again to hand over letters for which there was no room or no stream.
func (p *post) redeliver() {
	p.mu.Lock()
	delivered := len(p.in.parcels) > 0 && p.in.deliver(p.streams.deliver)
	if delivered {
		p.in.ask(soon, time.Now())
	}
	p.mu.Unlock()
	if delivered {
		p.poke()
	}
}

func (p *post) poke() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// pace returns what is known of the way to the far end.
func (p *post) pace() pace {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.observe()
	known := p.out.pace
	known.due = time.Time{}
	return known
}

// outstanding returns the letters of a stream that are not known to have been delivered, in order.
func (p *post) outstanding(stream uint64) []letter {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.letters(stream)
}

// letters is outstanding while p.mu is held.
func (p *post) letters(stream uint64) []letter {
	return slices.DeleteFunc(p.out.letters(), func(l letter) bool { return l.stream != stream || l.both })
}

// run sends what is due until the connection ends.
func (p *post) run() {
	for {
		p.doubt(time.Now())
		packets, homeless, wait, timed := p.step(time.Now())
		to := p.whither()
		for _, stream := range homeless {
			p.start(stream.repeat)
		}
		for _, b := range packets {
			p.sent.Add(uint64(len(b)))
			_ = p.write(b, to) // it may be lost on the way as well
		}
		var timer <-chan time.Time
		if timed {
			timer = time.After(wait)
		}
		select {
		case <-p.wake:
		case <-timer:
		case <-p.quic.Context().Done():
			return
		}
	}
}

// whither returns where the far end is.
func (p *post) whither() net.Addr {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.roam.to != nil {
		return p.roam.to
	}
	return p.quic.RemoteAddr()
}

// doubt gives up what nobody has answered for in time, and nudges the far end once: perhaps this end's address has
// changed, which QUIC has to hear too. Were it nudged again and again, QUIC would put off what it has to repeat.
func (p *post) doubt(now time.Time) {
	p.mu.Lock()
	first := p.out.impatient(now) && p.out.tries == 1
	p.mu.Unlock()
	if first {
		p.start(func() { _ = p.quic.SendDatagram(nudge[:]) }) // it waits when the network is slow
	}
}

// step returns the packets that are due, the streams that have to carry letters after all, and when to step again.
func (p *post) step(now time.Time) (packets [][]byte, homeless []*Stream, wait time.Duration, timed bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.out.dead(now) {
		homeless = p.giveUp(now)
	}
	if !p.in.due.IsZero() && !now.Before(p.in.due) {
		body := appendReport(nil, p.in.report(now))
		packets = append(packets, p.pack(body, nil, now))
	}
	for !p.out.pace.due.After(now) {
		o, last := p.out.next()
		if o == nil {
			break
		}
		i, data := o.symbol()
		body := appendSymbol(nil, symbol{last, o.number, o.number - p.out.parcels[0].number, o.cutting.size, i, data})
		packets = append(packets, p.pack(body, o, now))
	}
	if wait, timed = p.out.wait(now); !p.in.due.IsZero() {
		if due := max(p.in.due.Sub(now), 0); !timed || due < wait {
			wait, timed = due, true
		}
	}
	return packets, homeless, wait, timed
}

// pack seals a packet and notes that it leaves. p.mu is held.
func (p *post) pack(body []byte, o *outgoing, now time.Time) []byte {
	packet := p.sealOut.close(p.out.number, body)
	p.out.left(o, len(packet)+ipHeaders, now)
	return packet
}

// ipHeaders is what IPv4 and UDP take of the wire beside a packet, in bytes.
const ipHeaders = 28

// giveUp leaves the letters for which nobody has answered to their streams, which it returns, and takes none for a
// while. p.mu is held.
func (p *post) giveUp(now time.Time) []*Stream {
	homeless := p.streams.owe(p.out.letters())
	for _, o := range p.out.parcels {
		p.out.forget(o)
	}
	p.out.parcels, p.out.lanes = nil, [2]lane{}
	p.proven, p.retry = false, now.Add(retryAfter)
	p.roam.stay(&p.out)
	p.free()
	return homeless
}

// free lets those go on who wait for letters to leave. p.mu is held.
func (p *post) free() {
	close(p.drained)
	p.drained = make(chan struct{})
}

// take reads a packet that bears the post's name. One that is forged or was here before changes nothing.
func (p *post) take(packet []byte, from net.Addr) error {
	err := p.read(packet, from)
	if err != errForged {
		p.begin()
	}
	return err
}

func (p *post) read(packet []byte, from net.Addr) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	number, body, err := p.sealIn.open(packet)
	now := time.Now()
	if err != nil || !p.in.note(number, now) {
		return errForged
	}
	p.packets.Add(1)
	p.received.Add(uint64(len(packet)))
	if p.accepted && number == p.in.top {
		p.roam.heard(from, p.quic.RemoteAddr(), len(packet)+ipHeaders, &p.out)
	}
	switch body[0] {
	case kindSymbol, kindUrgent:
		s, err := readSymbol(body)
		if err == nil {
			err = p.in.take(s, now)
		}
		p.in.deliver(p.streams.deliver)
		return err
	case kindReport:
		return p.hear(body, now)
	}
	return nil // of a newer link
}

// hear takes a report. p.mu is held.
func (p *post) hear(body []byte, now time.Time) error {
	r, err := readReport(body)
	if err != nil {
		return err
	}
	p.proven = true
	p.delivered = max(p.delivered, r.next)
	p.roam.answered(r.top, &p.out)
	p.out.take(r, now)
	p.free()
	return nil
}
