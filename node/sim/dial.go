package sim

import (
	"math/rand/v2"
	"time"
)

// dial is how a machine's clock is wrong: by how much, and how fast that grows.
type dial struct {
	skew  int64   // ms that it was ahead when it was last set
	rate  float64 // that it runs too fast; -1 stands still
	since int64   // when it was last set
}

// ahead returns by how many ms it is ahead at a moment.
func (d dial) ahead(now int64) int64 { return d.skew + int64(d.rate*float64(now-d.since)) }

// clock is what the machine takes for the time.
func (m *Machine) clock() time.Time {
	return founded.Add(time.Duration(m.world.now+m.dial.ahead(m.world.now)) * time.Millisecond)
}

// wind sets a machine's clock: to 1970, to 2099, or some days off.
func (w *World) wind(m *Machine, r *rand.Rand) {
	const day = 24 * 3_600_000
	skew := []int64{0, -56 * 365 * day, 73 * 365 * day, r.Int64N(20*day) - 10*day}[r.IntN(4)]
	m.dial = dial{skew, m.dial.rate, w.now}
	w.note("the clock of %s shows %s", m, m.clock().Format("2006-01-02 15:04:05"))
}

// drift has a machine's clock run too fast or too slow from now on, by two parts in a
// hundred as a poor one does or by a fifth, or stand still.
func (w *World) drift(m *Machine, r *rand.Rand) {
	rate := []float64{0.02, -0.02, 0.2, -0.2, -1, 0}[r.IntN(6)]
	m.dial = dial{m.dial.ahead(w.now), rate, w.now}
	w.note("the clock of %s runs by %+.2f from %s on", m, rate, m.clock().Format("2006-01-02 15:04:05"))
}
