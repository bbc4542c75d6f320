package sim

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"

	"wangge/crdt"
	"wangge/node/policy"
	"wangge/node/store"
)

// departAfter is how soon a node looks whether what it may hold no more has drained,
// in ms; departAgain when it looks once more after a drop that failed.
const (
	departAfter = 5_000
	departAgain = 3_600_000
)

// grants are the rights that a device may be given anew: a village, another one and
// forms for the whole town, the town, or nothing at all, as one that is taken out of service.
func grants(device uint32) [][2][]policy.Pattern {
	one := func(n uint32) []policy.Pattern {
		return []policy.Pattern{policy.Pattern(village(int(n % 3)).String())}
	}
	town := []policy.Pattern{"140581105*/personal"}
	return [][2][]policy.Pattern{{one(device), one(device)}, {one(device + 1), town}, {town, town}, {nil, nil}}
}

// renewals makes the certificates that a device may be given, from copies of the
// folder of its keys.
func (c *Cast) renewals(county *policy.County, id *policy.Identity) error {
	for i, g := range grants(id.Device.Index) {
		keys := filepath.Join(c.dir, fmt.Sprintf("%s-renewed%d", id.Device.Name, i))
		if err := os.CopyFS(keys, os.DirFS(filepath.Join(c.dir, id.Device.Name))); err != nil {
			return err
		}
		_, err := county.Renew(keys, func(d *policy.Device) error { d.Holds, d.Writes = g[0], g[1]; return nil }, founded)
		if err != nil {
			return err
		}
		renewed, err := policy.LoadIdentity(keys)
		if err != nil {
			return err
		}
		c.renewed[id.Device.Index] = append(c.renewed[id.Device.Index], renewed)
	}
	return nil
}

// renew stops a box, gives it another certificate, and starts it with that.
func (w *World) renew(m *Machine, r *rand.Rand) {
	all := w.cast.renewed[m.id.Device.Index]
	if len(all) == 0 {
		return
	}
	own := *all[r.IntN(len(all))]
	own.Chance = m.id.Chance
	up := m.stop()
	m.id, m.kept = &own, nil
	w.note("%s may now hold %v and write %v", m, own.Device.Holds, own.Device.Writes)
	if up {
		m.start()
	}
}

// stop ends a machine's run in order, and reports whether it did: its power may fail
// meanwhile.
func (m *Machine) stop() bool {
	if m.store == nil {
		return false
	}
	m.world.parted(m)
	if !m.survives() {
		return false
	}
	err := m.store.Close()
	if !m.survives() {
		return false
	}
	m.store = nil
	m.world.note("%s stops: %v", m, err)
	return true
}

// leaves notes, at the first start under a certificate, what a machine holds, for it
// may hold no more of what is not for it.
func (m *Machine) leaves() {
	if m.kept == nil {
		m.kept = m.frontiers()
	}
}

// depart drops what a machine may hold no more, once that has drained.
func (m *Machine) depart() {
	m.letGo()
	if m.store == nil || !m.party().Departs() && !(m.world.parts.Hasty && m.party().Leaving()) {
		return
	}
	w, held := m.world, m.works()
	if !m.stop() {
		return
	}
	err := m.drops()
	w.note("%s drops what it may hold no more: %v", m, err)
	if m.failing.dead {
		m.fellOpening(err)
		return
	}
	if err != nil {
		w.at(w.now+departAgain, m.depart)
	}
	if m.start(); m.store != nil {
		w.dropped(m, held)
	}
}

func (m *Machine) drops() error {
	if !m.world.parts.Hasty {
		return m.party().Depart(m.options())
	}
	return store.Drop(m.options(), slices.DeleteFunc([]crdt.Space{village(0), village(1), village(2)}, m.mayHold))
}

// works returns those that a machine holds.
func (m *Machine) works() (all []*work) {
	for _, k := range m.world.works {
		if held, _ := m.holds(k); held || m.store.Held(k.space, k.writer) >= k.seq {
			all = append(all, k)
		}
	}
	return all
}

// dropped checks that the county has what a machine held and holds no more, and that
// no door of that machine shows it.
func (w *World) dropped(m *Machine, held []*work) {
	truth := w.county.truth()
	for _, k := range held {
		if m.store.Held(k.space, k.writer) >= k.seq {
			continue
		}
		k.away = k.away || k.by == m
		if truth != nil && !k.lost && !w.cloned && m.heard == w.county.life && truth.store.Held(k.space, k.writer) < k.seq {
			w.violated("I1", "%s dropped %s, which the county does not have", m, k)
		}
		w.unreadable(m, k)
	}
	if m.heard < w.county.life { // restored since, to before it had what went
		w.lose()
	}
}

// unreadable checks that nothing of a work's space that was dropped can be read from a
// machine's store.
func (w *World) unreadable(m *Machine, k *work) {
	if len(m.store.Frontiers(func(s crdt.Space) bool { return s == k.space })) > 0 {
		return // it wrote there for others, or holds it again
	}
	if _, ok, err := m.store.Run(k.space, k.writer, 0, 1); ok || err != nil {
		w.violated("I9", "%s dropped %s, and has a batch of it: %v", m, k.space, err)
	}
	for _, at := range w.visits {
		if rec, err := m.store.Record(at.space, at.id); at.space == k.space && (rec.Kind != "" || err != nil) {
			w.violated("I9", "%s dropped %s, and shows record %s of it: %v", m, k.space, at.id, err)
		}
	}
}

// trespass has a person try to save a form in a village for which their machine may
// not write.
func (w *World) trespass(m *Machine, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 7))
	space := village(r.IntN(3))
	if m.store == nil || r.IntN(8) > 0 || m.id.Device.MayWrite(space) {
		return
	}
	visits := slices.Clone(w.visits)
	err := m.store.Save(func(d *store.Draft) error { return form{d, r, w, m, nil}.visit(space) })
	w.visits = visits
	if m.survives() && err == nil {
		w.violated("I4", "%s saved a form in %s, for which it may not write", m, space)
	}
}
