package link

import "time"

// pace decides how fast parcels leave, from what the far end reports. The rate is the fastest at which packets came
// out at the other side (as in BBR, Cardwell et al. 2016), and not a window that every loss shrinks: where every
// fifth packet is lost to a bad radio, that would make of a slow link a dead one. It is a good citizen all the same:
// never more is under way than twice what fills the link, so a queue that others share stays short; a probe for more
// is a quarter, for one round trip of eight, and is followed by as much less; and where half of all is lost, it halves.
type pace struct {
	minRTT, rtt, wobble time.Duration // least of late, smoothed, mean deviation (RFC 6298)
	minSince            time.Time
	guessed             bool // whether nobody has measured a round trip yet

	best, older float64 // bytes a second that came out, of this half of the memory and of the one before
	bestSince   time.Time
	full        bool    // the rate does not grow any more
	grown       float64 // the rate when it last grew by a quarter
	flat        int     // rounds without that
	round       time.Time
	phase       int

	sent, lost float64 // packets of late, older ones counting less
	due        time.Time
}

const (
	firstFlight = 10 // packets, as any sender may begin with (RFC 6928)
	paceMemory  = 5 * time.Second
	lossMemory  = 100 // packets
	phases      = 8
	slowestRate = 1000.0 // bytes a second
	longRoad    = 100 * time.Millisecond
	guessedRTT  = 100 * time.Millisecond // little: what a first frame loses is soon sent again
)

// presume starts with what the connection itself has seen, or with a guess: whose handshake has lost what would have
// measured it is on a long road. Such a road is presumed to lose a tenth until it shows.
func (p *pace) presume(rtt time.Duration, measured bool) {
	if p.guessed = !measured; p.guessed {
		rtt = guessedRTT
	}
	p.rtt, p.wobble, p.minRTT = rtt, rtt/2, rtt
	if p.sent == 0 && rtt >= longRoad {
		p.sent, p.lost = 20, 2
	}
}

// seen takes a round trip that was measured.
func (p *pace) seen(rtt time.Duration, now time.Time) {
	if p.rtt == 0 || p.guessed {
		p.rtt, p.wobble, p.minRTT, p.guessed = rtt, rtt/2, rtt, false
	}
	p.wobble += ((rtt - p.rtt).Abs() - p.wobble) / 4
	p.rtt += (rtt - p.rtt) / 8
	if p.minRTT == 0 || rtt <= p.minRTT || now.Sub(p.minSince) > time.Minute {
		p.minRTT, p.minSince = rtt, now
	}
}

// counted takes how many packets were settled, and how many of them lost.
func (p *pace) counted(settled, lost int) {
	if p.sent += float64(settled); p.sent > lossMemory {
		p.lost *= lossMemory / p.sent
		p.sent = lossMemory
	}
	p.lost = min(max(p.lost+float64(lost), 0), p.sent)
}

// loss returns the chance that a packet is lost.
func (p *pace) loss() float64 { return p.lost / max(p.sent, 20) }

// delivered takes a rate at which packets came out, in bytes a second. While there was not always something to
// send, it says no more than that the link can do so much.
func (p *pace) delivered(rate float64, eager bool, now time.Time) {
	if now.Sub(p.bestSince) > paceMemory && eager {
		p.older, p.best, p.bestSince = p.best, 0, now
	}
	if eager || p.best > 0 {
		p.best = max(p.best, rate)
	}
}

// turn begins a new round when a round trip is over.
func (p *pace) turn(now time.Time) {
	if now.Sub(p.round) < p.rtt {
		return
	}
	p.round = now
	p.phase = (p.phase + 1) % phases
	rate := max(p.best, p.older)
	if rate > p.grown*1.25 {
		p.grown, p.flat = rate, 0
	} else if p.flat++; p.flat >= 3 {
		p.full = true
	}
	if p.loss() > 0.5 {
		p.best, p.older = p.best/2, p.older/2
	}
}

// rate returns what the link carries, in bytes a second, as far as is known.
func (p *pace) rate() float64 {
	if rate := max(p.best, p.older); rate > 0 {
		return max(rate, slowestRate)
	}
	return max(firstFlight*packetMax/max(p.rtt, 50*time.Millisecond).Seconds(), slowestRate)
}

// known returns the rate that was seen, or 0.
func (p *pace) known() float64 { return max(p.best, p.older) }

// gain is how much faster or slower than that packets leave just now.
func (p *pace) gain() float64 {
	switch {
	case p.queueing():
		return 0.75
	case !p.full:
		return 2
	case p.phase == 0:
		return 1.25
	case p.phase == 1:
		return 0.75
	}
	return 1
}

// queueing reports whether packets wait on the way for longer than they travel.
func (p *pace) queueing() bool { return p.rtt > 2*p.minRTT+100*time.Millisecond }

// room returns how many bytes may be under way.
func (p *pace) room() int {
	if p.best == 0 && p.older == 0 {
		return firstFlight * packetMax
	}
	return int(2*p.rate()*p.minRTT.Seconds()) + 3*packetMax
}

// left notes that so many bytes have left.
func (p *pace) left(bytes int, now time.Time) {
	if p.due.Before(now) {
		p.due = now
	}
	p.due = p.due.Add(time.Duration(float64(bytes) / (p.rate() * p.gain()) * float64(time.Second)))
}

// patience is how long after the last packet an answer is overdue.
func (p *pace) patience() time.Duration {
	return p.rtt + max(4*p.wobble, 50*time.Millisecond) + ackDelay
}
