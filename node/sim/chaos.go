package sim

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"

	"wangge/crdt"
	"wangge/node/store"
)

// act does what is planned.
func (w *World) act(number int, p planned) {
	r := rand.New(rand.NewPCG(p.seed, 4))
	boxes := w.machines[replicas:]
	m, other := boxes[r.IntN(len(boxes))], boxes[r.IntN(len(boxes))]
	hub := w.county.replicas[r.IntN(replicas)]
	w.note("act %d: %s", number, p.act)
	switch p.act {
	case saves:
		for range 1 + r.IntN(4) {
			if m.store != nil {
				w.save(m, r.Uint64())
			}
		}
		w.trespass(m, r.Uint64())
	case calls:
		w.contact(m, hub, false, r)
	case visits:
		w.contact(m, other, true, r)
	case partitions:
		w.sever(r)
	case leaders:
		w.county.leader = nil
		w.at(w.now+r.Int64N(60_000), func() { w.county.elect(w) })
	case lags:
		w.county.lag(hub, w.now+r.Int64N(w.Span.Milliseconds()/4+1))
	case trims:
		w.trim(m)
	case renews:
		w.renew(m, r)
	case couriers:
		to := hub
		if r.IntN(3) == 0 {
			to = other
		}
		w.carry(m, to, r)
	case losses:
		w.suffer(hub, r)
	default:
		w.harm(p.act, m, hub, r)
	}
}

// harm does what happens to a machine's disk or clock.
func (w *World) harm(a act, m, hub *Machine, r *rand.Rand) {
	if r.IntN(3) == 0 && (a == crashes || a == fulls || a == clocks || a == drifts || a == rots || a == lies) {
		m = hub
	}
	switch a {
	case crashes:
		w.crash(m, r)
	case fulls:
		m.failing.until = w.now + r.Int64N(3_600_000)
		w.note("the disk of %s is full for a while", m)
	case clocks:
		w.wind(m, r)
	case drifts:
		w.drift(m, r)
	case restores:
		w.restore(m, r)
	case clones:
		w.clone(m)
	case rots:
		w.rot(m, r)
	case lies:
		w.lie(m, r)
	}
}

// contact has a machine call another, for as long as there is a signal.
func (w *World) contact(m, to *Machine, brief bool, r *rand.Rand) {
	t, x := w.call(m, to, brief), w.trade(m, to)
	if to.isHub() {
		w.trade(to, w.county.replicas[r.IntN(replicas)])
	}
	if t == nil || brief {
		return
	}
	w.at(w.now+1000+r.Int64N(1<<(10+r.IntN(14))), func() {
		if w.healed {
			return
		}
		t.end("no signal")
		if x != nil {
			x.close("no signal")
		}
	})
}

// sever has what some machines send others vanish, in one direction or both.
func (w *World) sever(r *rand.Rand) {
	a, b := w.machines[r.IntN(len(w.machines))], w.machines[r.IntN(len(w.machines))]
	until := w.now + r.Int64N(w.Span.Milliseconds()/6+1)
	w.severed[[2]*Machine{a, b}] = until
	if r.IntN(2) == 0 {
		w.severed[[2]*Machine{b, a}] = until
	}
	w.note("%s does not reach %s for a while", a, b)
}

// lag has a replica apply nothing for a while.
func (c *county) lag(m *Machine, until int64) {
	if c.lagging != nil {
		c.lagging[m] = until
		m.world.at(until, func() { c.catchUp(m) })
	}
}

// crash has the power of a machine fail at one of its next writes, or soon.
func (w *World) crash(m *Machine, r *rand.Rand) {
	if m.store == nil {
		return
	}
	life := m.life
	m.failing.doom = 1 + r.IntN(60)
	w.at(w.now+r.Int64N(600_000), func() {
		if m.store != nil && m.life == life {
			m.fall("killed")
		}
	})
	w.at(w.now+600_000+r.Int64N(w.Span.Milliseconds()/8+1), m.start)
}

// trim takes out of a box's log what the county has had for long, as a node does
// every hour.
func (w *World) trim(m *Machine) {
	if m.store == nil {
		return
	}
	n, err := m.store.Trim(crdt.NewStamp(m.store.Heard().Millis() - keepDays.Milliseconds()))
	if m.survives() {
		w.note("%s trims %d batches: %v", m, n, err)
	}
}

// restore puts a box back to the last backup of it, and takes one first where
// there is none.
func (w *World) restore(m *Machine, r *rand.Rand) {
	if m.backup.path == "" || r.IntN(3) == 0 {
		w.backUp(m)
		return
	}
	m.wipe()
	m.reinstate(m.backup.path, 0)
	m.restored, m.kept, m.heard = true, nil, m.backup.heard // what it has heard since it knows no more
	w.note("%s is restored from a backup", m)
	m.start()
	w.lose()
	for _, k := range w.works {
		k.away = k.away || k.by == m // it comes back from peers, if it was there
	}
}

// backUp copies a machine's file while it runs, as wangge backup does.
func (w *World) backUp(m *Machine) {
	if m.store == nil {
		return
	}
	copied, to := w.folder(m.name+".copy"), w.folder(m.name+".backup")
	os.Remove(copied)
	os.Remove(to)
	if copyTo(copied, m.store.Snapshot) == nil && store.Backup(copied, to) == nil {
		m.backup = backup{to, m.heard}
		w.note("a backup of %s is made", m)
	}
}

func copyTo(path string, write func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return write(f)
}

// clone copies a box's disk, its key and all, and runs the copy beside it.
func (w *World) clone(m *Machine) {
	if m.store == nil || len(w.machines) > replicas+boxesMax+tabletsMax {
		return
	}
	c := w.newMachine(m.id, fmt.Sprintf("%s-copy%d", m.id.Device.Name, len(w.machines)))
	c.dial = m.dial
	err := os.MkdirAll(c.dir, 0o700)
	if err == nil {
		err = copyTo(c.path(), m.store.Snapshot)
	}
	if err != nil {
		w.violated("harness", "copying %s: %v", m, err)
		return
	}
	w.cloned = true
	w.note("%s is copied", m)
	c.start()
}
