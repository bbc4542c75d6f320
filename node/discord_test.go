package node

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"wangge/sync/wire"
)

// wakes has an end look whether it has more to say.
func (l *line) wakes(end int) {
	l.t.Helper()
	out, err := l.sides[end].Wake()
	l.says(end, out, err)
}

// rest lets all lines speak until none has more to say.
func rest(lines []*line) {
	for more := true; more; {
		more = false
		for _, l := range lines {
			l.wakes(0)
			l.wakes(1)
			for l.hears(0) || l.hears(1) {
				more = true
			}
		}
	}
}

// The county may hand on an arm of a stream before it hears that its stem has moved at
// the other end: the stem is asked for, and the arm comes again behind it.
func TestAnArmThatComesBeforeItsStemIsOfferedOnceMore(t *testing.T) {
	p := newProvince(t, 1)
	box := p.boxes[0]
	p.write(box, 1, "common")
	p.meet(box, p.hub)
	clone, third := p.open(box.keys, p.copyOf(box, "clone")), p.open(box.keys, p.copyOf(box, "third"))
	for i := range 2 {
		p.write(box, 2+i, "the box's")
		p.write(clone, 2+i, "the clone's")
	}
	p.write(third, 2, "the third's")
	connected := p.call(clone, p.hub)
	connected.hears(1) // the greeting, and no more yet
	p.meet(box, p.hub)
	p.write(box, 4, "the box's, behind the end")
	p.meet(third, p.hub) // which closes the stream
	p.meet(box, p.hub)
	rest([]*line{connected})
	p.meet(box, p.hub)
	p.agree(p.hub, clone, box)
	if _, differs := connected.sides[0].Differs(); differs {
		t.Error("the connected machine does not know that it has all")
	}
}

// What one side was told of a stream in greeting may be so no more: machines that stay
// connected find out, and greet anew.
func TestMachinesOfOneWriterThatStayConnectedEndAlike(t *testing.T) {
	for seed := range uint64(40) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 7))
			p := newProvince(t, 1)
			box := p.boxes[0]
			p.write(box, 1, "common")
			p.meet(box, p.hub)
			machines := []*party{box, p.open(box.keys, p.copyOf(box, "clone"))}
			for i := range 4 {
				p.write(machines[i%2], 2+i/2, fmt.Sprint("of ", i%2))
			}
			var lines []*line
			for range 60 {
				switch k := rng.IntN(10); {
				case k == 0 && len(lines) < 4:
					lines = append(lines, p.call(machines[len(lines)%2], p.hub))
				case k == 1:
					p.write(machines[rng.IntN(2)], 4+rng.IntN(4), "more")
				case len(lines) == 0:
				case k < 4:
					lines[rng.IntN(len(lines))].wakes(rng.IntN(2))
				default:
					lines[rng.IntN(len(lines))].hears(rng.IntN(2))
				}
			}
			for len(lines) < 2 {
				lines = append(lines, p.call(machines[len(lines)], p.hub))
			}
			p.reconcile(lines)
			p.agree(append(machines, p.hub)...)
		})
	}
}

// reconcile lets lines speak until nothing is left to say, and begins those anew whose
// ends hold different things then.
func (p *province) reconcile(lines []*line) {
	for range 3 {
		rest(lines)
		for i, l := range lines {
			if _, differs := l.sides[0].Differs(); differs {
				l.ends()
				lines[i] = p.call(l.at[0], l.at[1])
			}
		}
	}
	rest(lines)
}

// What the county will never take keeps a box in discord with it, and costs a greeting
// less and less often; what brings them together again gives back the haste.
func TestDiscordThatGreetingsDoNotEndIsLookedAtLessOften(t *testing.T) {
	p := newProvince(t, 1)
	box := p.boxes[0]
	p.hub.poison = func(wire.Run) bool { return true }
	p.write(box, 1, "refused")
	l := p.call(box, p.hub)
	rest([]*line{l})
	d, now := Discord{}, time.Unix(1e9, 0)
	lasts := func() (long time.Duration) {
		for began := now; !d.Over(l.sides[0], now); now = now.Add(remindAfter) {
			long = now.Add(remindAfter).Sub(began)
		}
		return long
	}
	for _, want := range []time.Duration{discordMin, 2 * discordMin, 4 * discordMin} {
		if long := lasts(); long != want {
			t.Errorf("begun anew after %s, want %s", long, want)
		}
	}
	for range 10 {
		lasts()
	}
	if long := lasts(); long != discordMax {
		t.Errorf("in the end begun anew every %s", long)
	}
	p.hub.poison = nil
	l.ends()
	l = p.call(box, p.hub)
	rest([]*line{l})
	if d.Over(l.sides[0], now) || d != (Discord{}) {
		t.Errorf("in accord: %+v", d)
	}
}
