package sim

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// Options are what a run draws before anything else: how large the county is,
// and how likely each thing is to happen. Every seed draws its own, so that some
// runs are all crashes and others all clocks.
type Options struct {
	Boxes, Tablets int
	Acts           int           // that are planned
	Span           time.Duration // of the chaos
	Weights        [acts]int     // of each kind of act
	Delay          time.Duration // of a frame, one way
	Rate           int           // bytes a second
	Cut            float64       // the chance of each frame to be the last of its conversation
	Rough          float64       // the chance of each frame to be lost, doubled or swapped
	Undecided      float64       // the chance of a proposal to be lost, or its answer
	Checkpoint     uint64        // batches of a space that who is offered a checkpoint lacks; 0 for a node's thousand
	Keeps          float64       // the chance of a sector that no fsync confirmed to be on the disk
}

// draw draws the options of a seed.
func draw(seed uint64) Options {
	r := rand.New(rand.NewPCG(seed, 1))
	o := Options{
		Boxes: 2 + r.IntN(boxesMax-1), Tablets: r.IntN(tabletsMax + 1),
		Acts: 30 + r.IntN(130), Span: time.Duration(1+r.IntN(20*24)) * time.Hour,
		Delay: time.Duration(5+r.IntN(600)) * time.Millisecond, Rate: 2000 << r.IntN(8),
		Keeps: float64(r.IntN(5)) / 4,
	}
	if r.IntN(4) == 0 { // months, in which logs are trimmed
		o.Span = time.Duration(60+r.IntN(240)) * 24 * time.Hour
	}
	for _, p := range []*float64{&o.Cut, &o.Rough, &o.Undecided} {
		if r.IntN(2) == 0 {
			*p = r.Float64() * r.Float64() * 0.3
		}
	}
	if r.IntN(3) > 0 {
		o.Rough = 0
	}
	o.Weights[saves], o.Weights[calls], o.Weights[visits] = 40, 20+r.IntN(20), r.IntN(20)
	for a := visits + 1; a < acts; a++ {
		if r.IntN(3) == 0 {
			o.Weights[a] = 1 + r.IntN(8)
		}
	}
	o.Weights[rots] = 0 // only where it is asked for: one in a thousand counties with them still breaks a promise
	if r.IntN(2) == 0 {
		o.Checkpoint = 1 + r.Uint64N(20)
	}
	o.sober()
	return o
}

func (o Options) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d boxes, %d tablets, %d acts in %s, delay %s, %d B/s, cut %.3f, rough %.3f, undecided %.3f, keeps %.2f, checkpoints from %d;",
		o.Boxes, o.Tablets, o.Acts, o.Span, o.Delay, o.Rate, o.Cut, o.Rough, o.Undecided, o.Keeps, o.Checkpoint)
	for a, weight := range o.Weights {
		if weight > 0 {
			fmt.Fprintf(&b, " %s %d", act(a), weight)
		}
	}
	return b.String()
}

// act is a kind of thing that happens to a county.
type act int

// The kinds of acts. From crashes on they are faults.
const (
	saves act = iota
	calls
	visits
	crashes
	partitions
	leaders
	lags
	fulls
	clocks
	trims
	restores
	clones
	drifts
	renews
	losses
	couriers
	rots
	lies
	acts // how many there are
)

var actNames = [acts]string{
	"save", "call", "visit", "crash", "partition", "leader", "lag", "full disk", "clock", "trim", "restore", "clone", "drift", "renew", "hub loss", "courier", "rot", "lie",
}

func (a act) String() string { return actNames[a] }

// planned is one thing that is to happen. What it draws it draws from its own
// seed, so that it is the same whatever else is left out.
type planned struct {
	at   int64 // ms since the beginning
	act  act
	seed uint64
}

// plan draws what is to happen, in order.
func (o Options) plan(seed uint64) []planned {
	r := rand.New(rand.NewPCG(seed, 2))
	sum := 0
	for _, weight := range o.Weights {
		sum += weight
	}
	var at int64
	all := make([]planned, o.Acts)
	for i := range all {
		at += r.Int64N(2*o.Span.Milliseconds()/int64(o.Acts) + 1)
		if r.IntN(3) == 0 { // much happens at once
			at -= at % 60_000
		}
		all[i] = planned{at, 0, r.Uint64()}
		for n := r.IntN(sum); n >= o.Weights[all[i].act]; all[i].act++ {
			n -= o.Weights[all[i].act]
		}
	}
	return all
}
