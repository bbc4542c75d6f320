package main

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// harm is what befalls a machine.
type harm string

const (
	weather   harm = "has a weak wire"
	cutOff    harm = "is cut off"
	deaf      harm = "hears nothing" // what it sends arrives
	mute      harm = "is not heard"  // what is sent to it arrives
	unplugged harm = "is unplugged"  // its own system says that there is no network
	moved     harm = "gets another address"
	killed    harm = "is killed"
	restarted harm = "is stopped in order and started again"
	frozen    harm = "is frozen" // as by a host that pauses it: it misses time and notices nothing
)

// anyLeader stands in a plan for the replica that leads when the time comes.
const anyLeader = 0

// trouble is one harm, its time and its victims.
type trouble struct {
	at, lasts time.Duration // from the start of the chaos
	what      harm
	victims   []uint32 // devices
	air       air      // of weather
}

// air is how much of what is sent gets through a machine's wire, each way.
type air struct {
	lossUp, lossDown int // per mille
	rate             int // kbit/s
}

func (t trouble) String() string {
	return fmt.Sprintf("at %.1f s for %.1f s: %d %s%s", t.at.Seconds(), t.lasts.Seconds(), t.victims, t.what, t.aside())
}

// aside says how weak a weak wire is.
func (t trouble) aside() string {
	if t.what != weather {
		return ""
	}
	return fmt.Sprintf(" (%d kbit/s; %d ‰ lost going out, %d ‰ coming in)", t.air.rate, t.air.lossUp, t.air.lossDown)
}

// cast is who may be harmed. The spared are neither killed nor stopped, so that
// what their processes take can be followed from the first minute to the last.
type cast struct {
	hubs, boxes []uint32
	spared      []uint32
}

// planTroubles makes a timeline of troubles up. One wire has one trouble at a time,
// and one process too; of the hub's replicas one is in trouble at a time, but for
// moments in which two are, so that no majority is left.
func planTroubles(rng *rand.Rand, c cast, length time.Duration) []trouble {
	p := planner{rng, length}
	var all []trouble
	for _, box := range c.boxes {
		all = append(all, p.lane([]harm{weather, weather, weather, cutOff, cutOff, deaf, mute, unplugged, moved}, func() []uint32 { return []uint32{box} })...)
		ends := []harm{killed, killed, restarted, frozen}
		if slices.Contains(c.spared, box) {
			ends = []harm{frozen}
		}
		all = append(all, p.lane(ends, func() []uint32 { return []uint32{box} })...)
	}
	all = append(all, p.hubLane(c)...)
	slices.SortStableFunc(all, func(a, b trouble) int { return cmp.Compare(a.at, b.at) })
	return all
}

type planner struct {
	rng    *rand.Rand
	length time.Duration
}

// between returns a length of time: most are short.
func (p planner) between(least, most time.Duration) time.Duration {
	most = max(least, min(most, p.length/4))
	r := p.rng.Float64()
	return least + time.Duration(r*r*float64(most-least))
}

// lane is one trouble after the other, with time between them.
func (p planner) lane(harms []harm, victims func() []uint32) (all []trouble) {
	for at := p.between(time.Second, 30*time.Second); at < p.length; {
		t := trouble{at: at, what: harms[p.rng.IntN(len(harms))], victims: victims()}
		t.lasts = min(p.between(2*time.Second, time.Minute), p.length-at)
		if t.what == weather {
			t.air = air{p.rng.IntN(401), p.rng.IntN(401), []int{64, 128, 512}[p.rng.IntN(3)]}
		}
		all = append(all, t)
		at += t.lasts + p.between(3*time.Second, 30*time.Second)
	}
	return all
}

// hubLane harms one replica at a time, the leader as often as any. Harms of two
// are cuts and last some seconds.
func (p planner) hubLane(c cast) []trouble {
	victims := func() []uint32 {
		if p.rng.IntN(3) == 0 {
			return []uint32{anyLeader}
		}
		return []uint32{c.hubs[p.rng.IntN(len(c.hubs))]}
	}
	all := p.lane([]harm{weather, cutOff, deaf, mute, unplugged, killed, killed, restarted, frozen}, victims)
	for i := range all {
		t := &all[i]
		if t.what == weather { // replicas stand on good lines
			t.air = air{p.rng.IntN(50), p.rng.IntN(50), 4000}
		}
		if p.rng.IntN(6) == 0 && len(c.hubs) > 1 {
			two := p.rng.Perm(len(c.hubs))[:2]
			t.what, t.victims, t.lasts = cutOff, []uint32{c.hubs[two[0]], c.hubs[two[1]]}, min(t.lasts, 8*time.Second)
		}
		spared := func(d uint32) bool { return slices.Contains(c.spared, d) }
		if (t.what == killed || t.what == restarted) && slices.ContainsFunc(t.victims, spared) {
			t.what = frozen
		}
	}
	return all
}

func TestAPlanOfTroublesIsFairAndRepeatable(t *testing.T) {
	c := cast{hubs: []uint32{1, 2, 3}, boxes: []uint32{4, 5, 6}, spared: []uint32{1, 5}}
	met := map[harm]int{}
	for seed := range uint64(50) {
		plan := planTroubles(rand.New(rand.NewPCG(seed, 1)), c, 10*time.Minute)
		again := planTroubles(rand.New(rand.NewPCG(seed, 1)), c, 10*time.Minute)
		if fmt.Sprint(plan) != fmt.Sprint(again) {
			t.Fatalf("seed %d makes two plans", seed)
		}
		var hubUntil time.Duration
		for _, x := range plan {
			met[x.what]++
			if x.at+x.lasts > 10*time.Minute || x.lasts > time.Minute {
				t.Errorf("seed %d: %s", seed, x)
			}
			if (x.what == killed || x.what == restarted) && (slices.Contains(x.victims, 1) || slices.Contains(x.victims, 5)) {
				t.Errorf("seed %d ends a spared process: %s", seed, x)
			}
			if x.victims[0] > 3 {
				continue
			}
			if x.at < hubUntil || len(x.victims) == 2 && x.lasts > 8*time.Second || len(x.victims) > 2 {
				t.Errorf("seed %d: the hub has two troubles: %s", seed, x)
			}
			hubUntil = x.at + x.lasts
		}
	}
	for _, h := range []harm{weather, cutOff, deaf, mute, unplugged, moved, killed, restarted, frozen} {
		if met[h] < 50 {
			t.Errorf("a machine %s %d times in 50 plans", h, met[h])
		}
	}
}
