package link

import (
	"slices"
	"time"
)

const (
	parcelsAhead = 16        // parcels that may be out and not delivered
	waitingMax   = 128 << 10 // bytes of letters that wait to be sent
	flownMax     = 4096      // packets that are out and not reported
	givenUpAfter = 15 * time.Second
	triesMax     = 1 // doublings of patience

	sureFew, sureMany = 0.95, 0.7 // chance that what is sent is enough: few symbols more cost little
	few               = 4
)

// outbox is the sending half of a post: letters come in, and what to send next comes out. It is told the time.
type outbox struct {
	pace    pace
	lanes   [2]lane // of letters that wait: those that go first, and those that go after others
	parcels []*outgoing
	cut     uint64 // parcels so far

	number  uint32 // of the next packet
	flown   []flight
	flying  int    // bytes out and not reported
	total   int64  // bytes sent
	credit  int64  // what total may come to before the far end has shown where it is; 0 for any amount
	mark    flight // from which the rate is measured
	markAt  time.Duration
	idle    uint32 // one more than the last packet after which nothing was left to send
	settled uint32 // packets below this are reported on
	came    uint64 // packets that had come when last reported

	lastLeft time.Time // when the last symbol left
	moved    time.Time // when a report last said that more has arrived, or the first letter of a silence left
	tries    int       // impatient ones since the last report
}

// lane holds letters that wait, in order.
type lane struct {
	letters []letter
	size    int // in bytes
}

func (x *outbox) lane(late bool) *lane {
	if late {
		return &x.lanes[1]
	}
	return &x.lanes[0]
}

// noneWait reports whether no letter waits.
func (x *outbox) noneWait() bool { return len(x.lanes[0].letters)+len(x.lanes[1].letters) == 0 }

// outgoing is a parcel that is not known to have been delivered.
type outgoing struct {
	number  uint64
	cutting cutting
	symbols [][]byte
	letters []letter
	late    bool
	sent    int // symbols
	arrived int // symbols that differ, as reported
	flying  int // symbols out and not reported
}

func (o *outgoing) missing() int { return max(o.cutting.source-o.arrived, 0) }

// flight is a packet that is out.
type flight struct {
	number uint32
	parcel *outgoing // nil for none, or when it is given up
	bytes  int       // 0 for what nobody waits for
	total  int64     // sent before it, and it
	at     time.Time
	eager  bool // whether more was waiting
}

// put adds a letter.
func (x *outbox) put(l letter, now time.Time) {
	if len(x.parcels) == 0 && x.noneWait() {
		x.moved, x.tries = now, 0
	}
	to := x.lane(l.late)
	to.letters = append(to.letters, l)
	to.size += l.size()
}

// next returns the parcel of which a symbol is to be sent now. The last says that no other follows at once.
func (x *outbox) next() (o *outgoing, last bool) {
	if x.flying+packetMax > x.room() {
		return nil, false
	}
	if o = x.choose(); o == nil || x.credit > 0 && x.total+int64(o.cutting.symbol+symbolCost) > x.credit {
		return nil, false
	}
	o.flying++ // for a moment, to see what would follow
	last = x.noneWait() && x.short(false) == nil && x.unsure(false) == nil && x.short(true) == nil && x.unsure(true) == nil
	o.flying--
	return o, last || x.flying+2*packetMax > x.room()
}

// choose finds what to send: all that goes first before what goes after it, and no more than is missing before all
// has been sent once.
func (x *outbox) choose() *outgoing {
	for _, late := range []bool{false, true} {
		if o := x.short(late); o != nil {
			return o
		}
		if len(x.lane(late).letters) > 0 {
			if len(x.parcels) < parcelsAhead/2 || !late && len(x.parcels) < parcelsAhead {
				return x.cutParcel(late)
			}
			continue
		}
		if o := x.unsure(late); o != nil {
			return o
		}
	}
	return nil
}

// room is what may be under way. An answer that is overdue is asked for with no more than three packets.
func (x *outbox) room() int {
	if x.tries > 0 {
		return 3 * packetMax
	}
	return x.pace.room()
}

// short returns the first parcel of which too little is under way to complete it.
func (x *outbox) short(late bool) *outgoing {
	for _, o := range x.parcels {
		if o.late == late && o.flying < o.missing() {
			return o
		}
	}
	return nil
}

// unsure returns the first parcel of which enough is under way only if nothing of it is lost.
func (x *outbox) unsure(late bool) *outgoing {
	for _, o := range x.parcels {
		if missing := o.missing(); o.late == late && missing > 0 && o.flying < enough(missing, x.pace.loss()) {
			return o
		}
	}
	return nil
}

// enough returns how many packets to send so that, likely, so many arrive.
func enough(missing int, loss float64) int {
	sure := sureMany
	if missing <= few {
		sure = sureFew
	}
	loss = min(max(loss, 0.1), 0.6) // of few packets nobody knows
	chance := 1.0                   // that the last one needed is just the nth sent (a negative binomial)
	for range missing {
		chance *= 1 - loss
	}
	n, sum := missing, chance
	for ; sum < sure && n < 3*missing+8; n++ {
		chance *= loss * float64(n) / float64(n-missing+1)
		sum += chance
	}
	return n
}

// cutParcel makes a parcel of the letters that wait in a lane.
func (x *outbox) cutParcel(late bool) *outgoing {
	var content []byte
	from, n := x.lane(late), 0
	for n < len(from.letters) && (n == 0 || len(content)+from.letters[n].size() <= parcelMax) {
		content = appendLetter(content, from.letters[n])
		from.size -= from.letters[n].size()
		n++
	}
	cutting, ok := cutOf(len(content))
	if !ok {
		panic("a letter is larger than a parcel")
	}
	o := &outgoing{
		number: x.cut, cutting: cutting, symbols: cutting.symbols(content), letters: slices.Clone(from.letters[:n]), late: late,
	}
	from.letters = slices.Delete(from.letters, 0, n)
	x.cut++
	x.parcels = append(x.parcels, o)
	return o
}

// letters returns those that are out or wait, in order.
func (x *outbox) letters() []letter {
	var letters []letter
	for _, o := range x.parcels {
		letters = append(letters, o.letters...)
	}
	return slices.Concat(letters, x.lanes[0].letters, x.lanes[1].letters)
}

// symbol returns the parcel's next symbol and its place.
func (o *outgoing) symbol() (int, []byte) {
	i := o.sent % o.cutting.kinds()
	if len(o.symbols[i]) == 0 {
		o.cutting.spare(o.symbols)
	}
	o.sent++
	return i, o.symbols[i]
}

// left notes that a packet has left, with a symbol of a parcel or none.
func (x *outbox) left(o *outgoing, bytes int, now time.Time) {
	x.total += int64(bytes)
	f := flight{number: x.number, parcel: o, total: x.total, at: now, eager: !x.noneWait() || x.short(false) != nil || x.short(true) != nil}
	x.number++
	if o != nil {
		f.bytes = bytes
		x.flying += bytes
		o.flying++
		x.lastLeft = now
	}
	if !f.eager {
		x.idle = x.number
	}
	if x.flown = append(x.flown, f); o == nil && len(x.flown) > flownMax/2 {
		x.overlook()
	}
	x.pace.left(bytes, now)
}

// overlook gives up the packet that has been out for longest. Who only hears sends nothing but reports, and
// nobody reports on those.
func (x *outbox) overlook() {
	x.unfly(1)
}

// take reads a report.
func (x *outbox) take(r report, now time.Time) {
	x.tries = 0
	x.settle(r, now)
	for len(x.parcels) > 0 && x.parcels[0].number < r.next {
		x.forget(x.parcels[0])
		x.parcels = slices.Delete(x.parcels, 0, 1)
		x.moved = now
	}
	for _, o := range x.parcels {
		if i := o.number - r.next; i < uint64(len(r.counts)) {
			if count := int(r.counts[i]); count > o.arrived {
				o.arrived, x.moved = count, now
			}
		}
	}
	x.pace.turn(now)
}

// forget takes a parcel's symbols off the count of what is under way.
func (x *outbox) forget(o *outgoing) {
	for i := range x.flown {
		if f := &x.flown[i]; f.parcel == o {
			x.flying -= f.bytes
			f.parcel, f.bytes = nil, 0
		}
	}
	o.flying = 0
}

// settle takes what was sent up to the packet that came last off the count, and learns from it.
func (x *outbox) settle(r report, now time.Time) {
	if r.top < x.settled || len(x.flown) == 0 || r.top < x.flown[0].number || r.top > x.flown[len(x.flown)-1].number {
		return
	}
	n := int(r.top-x.flown[0].number) + 1
	top := x.flown[n-1]
	x.unfly(n)
	fresh := int(r.top+1) - int(x.settled)
	x.settled = r.top + 1
	if r.came >= x.came {
		x.pace.counted(fresh, fresh-int(r.came-x.came))
		x.came = r.came
	}
	if rtt := now.Sub(top.at) - r.held; rtt > 0 {
		x.pace.seen(rtt, now)
	}
	x.measure(top, r.at, now)
}

// unfly takes the first packets that are out off the count.
func (x *outbox) unfly(n int) {
	for _, f := range x.flown[:n] {
		x.flying -= f.bytes
		if f.parcel != nil {
			f.parcel.flying--
		}
	}
	x.flown = slices.Delete(x.flown, 0, n)
}

// measure learns at what rate packets came out, by the far end's clock.
func (x *outbox) measure(top flight, at time.Duration, now time.Time) {
	if x.mark.at.IsZero() || at < x.markAt || now.Sub(x.mark.at) > 5*x.pace.rtt+time.Second {
		x.mark, x.markAt = top, at
		return
	}
	if top.number-x.mark.number < 3 {
		return
	}
	took := max(at-x.markAt, top.at.Sub(x.mark.at), time.Millisecond)
	x.pace.delivered(float64(top.total-x.mark.total)/took.Seconds(), x.idle <= x.mark.number, now)
	x.mark, x.markAt = top, at
}

// impatient gives up what is under way once an answer is overdue, and reports whether it did.
func (x *outbox) impatient(now time.Time) bool {
	if wait := x.overdue(now); wait > 0 || !x.flies() {
		return false
	}
	x.tries++
	for i := range x.flown {
		x.flown[i].parcel, x.flown[i].bytes = nil, 0
	}
	for _, o := range x.parcels {
		o.flying = 0
	}
	x.flying = 0
	return true
}

func (x *outbox) flies() bool {
	return slices.ContainsFunc(x.parcels, func(o *outgoing) bool { return o.flying > 0 })
}

// overdue returns how long an answer may still take.
func (x *outbox) overdue(now time.Time) time.Duration {
	return x.pace.patience()<<min(x.tries, triesMax) - now.Sub(x.lastLeft)
}

// hope returns how long more of the letters may still take to arrive, before they go by stream and the way is closed
// to parcels; also where reports come, since those may go on to say that nothing has moved.
func (x *outbox) hope(now time.Time) time.Duration {
	return max(givenUpAfter, 4*x.pace.patience()) - now.Sub(x.moved)
}

// dead reports whether there are letters without hope.
func (x *outbox) dead(now time.Time) bool {
	return (len(x.parcels) > 0 || !x.noneWait()) && x.hope(now) <= 0
}

// wait returns when to look again, and false if only an event changes anything.
func (x *outbox) wait(now time.Time) (time.Duration, bool) {
	if len(x.parcels) == 0 && x.noneWait() {
		return 0, false
	}
	if o, _ := x.next(); o != nil {
		return max(x.pace.due.Sub(now), 0), true
	}
	wait := x.hope(now)
	if x.flies() {
		wait = min(wait, x.overdue(now))
	}
	return max(wait, time.Millisecond), true
}
