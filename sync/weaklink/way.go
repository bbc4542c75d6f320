package weaklink

import (
	"container/heap"
	"math/rand/v2"
	"sync"
	"time"
)

// Way is one direction between two addresses.
type Way struct {
	wire   *Wire
	course course

	mu      sync.Mutex
	profile Profile
	chance  *rand.Rand
	cut     bool
	traffic Traffic
	free    time.Time // when the modem has sent what waits for it
	last    time.Time // when the last packet that keeps its order arrives
	flying  flight    // what is on its way
	timer   *time.Timer
	number  uint64 // of the next packet
}

// packet is on its way until due.
type packet struct {
	due     time.Time
	number  uint64 // decides between packets that are due at once
	payload []byte
}

// Set changes how the way carries packets from now on; those that are under way are not touched.
func (y *Way) Set(p Profile) {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.profile = p
}

// Cut lets packets vanish from now on, also those under way. The modem sends them all the same.
func (y *Way) Cut() { y.setCut(true) }

// Mend ends a cut.
func (y *Way) Mend() { y.setCut(false) }

func (y *Way) setCut(cut bool) {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.cut = cut
}

// Traffic returns what became of the way's packets so far.
func (y *Way) Traffic() Traffic {
	y.mu.Lock()
	defer y.mu.Unlock()
	return y.traffic
}

// send takes a packet, whose bytes it keeps, or loses it.
func (y *Way) send(payload []byte, unplugged bool) {
	y.mu.Lock()
	defer y.mu.Unlock()
	now, p, size := time.Now(), y.profile, y.profile.onWire(len(payload))
	y.traffic.Offered.add(size)
	// All that is left to chance is drawn for each packet, so that a cut or a full queue does not change what
	// befalls those after it.
	fate := p.draw(y.chance)
	if y.free.Before(now) {
		y.free = now
	}
	if p.Queue > 0 && y.free.Sub(now)+p.airtime(size) > p.airtime(p.Queue) {
		y.traffic.Full.add(size)
		return
	}
	y.free = y.free.Add(p.airtime(size))
	if fate.lost || y.cut || unplugged {
		y.traffic.Lost.add(size)
		return
	}
	y.fly(payload, fate)
}

// fly lets a packet out on its way, twice if its fate is to be doubled. y.mu is held.
func (y *Way) fly(payload []byte, fate fate) {
	due := y.free.Add(y.profile.Delay + fate.jitter)
	if due.Before(y.last) {
		due = y.last
	}
	if fate.held > 0 {
		due = due.Add(fate.held)
	} else {
		y.last = due
	}
	heap.Push(&y.flying, packet{due, y.number, payload})
	y.number++
	if fate.doubled {
		heap.Push(&y.flying, packet{due.Add(fate.after), y.number, payload})
		y.number++
	}
	y.arm()
}

// arm sets the timer for the packet that is due next. y.mu is held.
func (y *Way) arm() {
	if len(y.flying) == 0 {
		return
	}
	wait := time.Until(y.flying[0].due)
	if y.timer == nil {
		y.timer = time.AfterFunc(wait, y.land)
		return
	}
	y.timer.Reset(wait)
}

// land hands over what is due.
func (y *Way) land() {
	y.mu.Lock()
	defer y.mu.Unlock()
	for now := time.Now(); len(y.flying) > 0 && !y.flying[0].due.After(now); {
		p := heap.Pop(&y.flying).(packet)
		to, size := y.wire.end(y.course.to), y.profile.onWire(len(p.payload))
		if y.cut || to == nil || !to.take(p.payload, y.course.from) {
			y.traffic.Lost.add(size)
			continue
		}
		y.traffic.Carried.add(size)
	}
	y.arm()
}

// fate is what chance has in store for a packet.
type fate struct {
	lost, doubled       bool
	jitter, held, after time.Duration
}

// draw asks chance the same number of times for every packet.
func (p Profile) draw(chance *rand.Rand) fate {
	loss, double, hold, jitter, held, after := chance.Float64(), chance.Float64(), chance.Float64(),
		chance.Float64(), chance.Float64(), chance.Float64()
	late := p.Delay + 10*time.Millisecond
	f := fate{
		lost:    loss < p.Loss,
		doubled: double < p.Duplicate,
		jitter:  time.Duration(jitter * float64(p.Jitter)),
		after:   time.Duration(after * float64(late)),
	}
	if hold < p.Reorder {
		f.held = 1 + time.Duration(held*float64(late))
	}
	return f
}

// flight is a heap: the packet that is due next comes first.
type flight []packet

func (f flight) Len() int      { return len(f) }
func (f flight) Swap(i, j int) { f[i], f[j] = f[j], f[i] }
func (f flight) Less(i, j int) bool {
	if !f[i].due.Equal(f[j].due) {
		return f[i].due.Before(f[j].due)
	}
	return f[i].number < f[j].number
}
func (f *flight) Push(x any) { *f = append(*f, x.(packet)) }
func (f *flight) Pop() any {
	last := len(*f) - 1
	p := (*f)[last]
	(*f)[last] = packet{}
	*f = (*f)[:last]
	return p
}
