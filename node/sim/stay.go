package sim

import (
	"math"
	"slices"
)

// stayMax is after how many rounds of half a minute boxes that stay connected are as the
// county: some greetings, each after twice the patience.
const stayMax = 64

// stay lets the boxes of a healed county be connected for good, as they are where there is a
// signal, and checks that what a greeting would bring comes to them all the same.
func (w *World) stay() {
	if w.report.Violation != nil {
		return
	}
	w.staying = true
	began := len(w.talks)
	for round := 0; ; round++ {
		for i, m := range w.machines[replicas:] {
			w.lasts(m, w.county.replicas[i%replicas])
		}
		why := w.otherwise()
		if why == "" || w.report.Violation != nil {
			break
		}
		if round == stayMax {
			w.violated("I8", "who stays connected is not as the county after %d rounds: %s", round, why)
			break
		}
		w.now += 30_000
	}
	w.staying = false
	for i, t := range w.talks {
		why := "healed"
		if i >= began && t.sides[0].Quiet() && t.sides[1].Quiet() {
			why = quiet // of which is asked what it has cost
		}
		t.end(why)
	}
	w.run(math.MaxInt64)
}

// lasts has a box's conversation with the county go on, or begin anew in discord.
func (w *World) lasts(m, hub *Machine) {
	i := slices.IndexFunc(w.talks, func(t *talk) bool { return !t.gone() && !t.brief && t.ends[0] == m && t.ends[1].isHub() })
	if i < 0 {
		w.call(m, hub, false)
	} else if t := w.talks[i]; !w.parts.Lulled && t.discord.Over(t.sides[0], t.moment()) {
		t.end("discord")
		if again := w.call(m, t.ends[1], false); again != nil {
			again.discord = t.discord
		}
	}
	w.run(math.MaxInt64)
}

// otherwise says what some box does not show as the county does, or "".
func (w *World) otherwise() string {
	truth := w.county.truth()
	if truth == nil {
		return "no replica has applied all that was committed"
	}
	whole := digests(truth.store)
	for _, m := range w.machines[replicas:] {
		held := digests(m.store)
		for s, d := range whole {
			if m.mayHold(s) && held[s] != d {
				return m.name + " does not show " + s.String() + " as the county does"
			}
		}
	}
	return ""
}
