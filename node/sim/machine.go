package sim

import (
	"errors"
	"math/rand/v2"
	"path/filepath"
	"syscall"

	"wangge/crdt"
	"wangge/node"
	"wangge/node/freight"
	"wangge/node/policy"
	"wangge/node/report"
	"wangge/node/store"
)

// Machine is one device: its store on a disk of its own, a clock that may be
// wrong, and at the hub the figures.
type Machine struct {
	world   *World
	name    string
	id      *policy.Identity
	dir     string
	disk    *store.FaultyDisk
	store   *store.Store // nil while it is down
	life    int          // how often it was started
	chance  *rand.Rand   // of the disk, and names of files
	dial    dial         // of its clock
	figures *report.Figures
	failing failing
	backup  backup
	// restored says that it was, from a backup.
	restored bool
	kept     map[crdt.Space]crdt.Frontier // what it held when it was first started under its certificate
	heard    int                          // the county's life when it last greeted this machine
	rotten   *rotten                      // its file was damaged since it was up last
	grew     bool                         // its open conversations are about to be woken
	files    *freight.Trade
	wiped    bool              // its disk went once
	partners map[uint32]*trade // exchanges of files, by the other's device
}

// backup is the last one of a machine.
type backup struct {
	path  string // "" for none
	heard int    // the county's life when it had last greeted the machine
}

// failing is what is about to go wrong with a machine's disk.
type failing struct {
	doom  int   // writes until the power fails; 0 for never
	dead  bool  // the power has failed
	until int64 // the disk is full until then
}

var errPower = errors.New("the power has failed")

// newMachine makes a machine with the keys of an identity; a clone has another's.
func (w *World) newMachine(id *policy.Identity, name string) *Machine {
	own := *id
	own.Chance = newChance(w.seed, name)
	m := &Machine{world: w, name: name, id: &own, dir: w.folder(name), disk: &store.FaultyDisk{}}
	m.chance = w.rand(100 + uint64(len(w.machines)))
	m.disk.Refuse = m.refuse
	w.machines = append(w.machines, m)
	return m
}

func (m *Machine) isHub() bool { return m.id.Device.Role == policy.Hub }

func (m *Machine) String() string { return m.name }

// refuse lets the disk fail.
func (m *Machine) refuse() (store.WriteFault, error) {
	f := &m.failing
	switch {
	case f.dead:
		return store.Nothing, errPower
	case f.doom == 1:
		f.doom, f.dead = 0, true
		return store.WriteFault(m.chance.IntN(3)), errPower
	case f.doom > 0:
		f.doom--
	case f.until > m.world.now && m.chance.IntN(2) == 0:
		return store.WriteFault(m.chance.IntN(3)), syscall.ENOSPC
	}
	return store.All, nil
}

func (m *Machine) path() string { return filepath.Join(m.dir, "store.db") }

func (m *Machine) options() store.Options {
	o := node.StoreOptions(m.id, m.world.signatory).On(m.disk)
	o.Path, o.Now, o.Committed, o.Reloaded, o.Epoch = m.path(), m.clock, m.committed, m.recount, m.chance.Uint64
	return o
}

// open starts the machine.
func (m *Machine) open() error {
	if m.isHub() {
		m.figures = report.New(m.world.cast.kinds)
	}
	s, err := store.Open(m.options())
	if err != nil {
		return err
	}
	m.store = s
	m.life++
	m.files, m.partners = m.party().Trade(), map[uint32]*trade{}
	m.recount()
	return nil
}

func (m *Machine) committed(e store.Event) {
	if counts := m.world.parts.Counts; m.figures != nil && (counts == nil || counts(e)) {
		for _, c := range e.Changes {
			m.figures.Change(c.ID, c.Before, c.After)
		}
	}
	if m.world.told != nil {
		m.world.told(m, e)
	}
	if m.grew {
		return
	}
	m.grew = true
	m.world.at(m.world.now, func() {
		m.grew = false
		m.world.wake(m)
		if m.store != nil && len(m.partners) > 0 {
			m.seek()
		}
	})
}

// recount counts the figures anew, as a node does at its start.
func (m *Machine) recount() {
	if m.figures == nil || m.store == nil {
		return
	}
	m.figures.Reset()
	m.store.Walk(func(l store.Listed) bool {
		m.figures.Change(l.ID, crdt.Record{}, l.Record)
		return true
	})
}

// survives reports whether the machine is up after something that it did, and
// takes it down if the power failed meanwhile.
func (m *Machine) survives() bool {
	if m.failing.dead {
		m.fall("power cut")
	}
	return m.store != nil
}

// fall takes the machine down at once: what no fsync confirmed may be lost.
func (m *Machine) fall(why string) {
	if m.store == nil {
		return
	}
	w := m.world
	m.failing = failing{dead: true}
	m.store.Close()
	m.store = nil
	if err := m.disk.Crash(func() bool { return m.chance.Float64() < w.Keeps }); err != nil {
		w.violated("harness", "the crash of %s: %v", m, err)
	}
	m.failing = failing{}
	w.note("%s is down: %s", m, why)
	w.parted(m)
	w.county.leave(m)
}

// start brings a machine back that is down.
func (m *Machine) start() {
	if m.store != nil {
		return
	}
	if m.rotten != nil {
		m.tend()
	}
	err := m.open()
	if m.failing.dead {
		m.fellOpening(err)
		return
	}
	if err != nil && m.failing.until <= m.world.now {
		m.world.violated("I1", "%s cannot be started again: %v", m, err)
		return
	}
	if err != nil {
		m.world.note("%s does not start: %v", m, err)
		m.world.at(m.failing.until+1, m.start)
		return
	}
	m.world.note("%s is up", m)
	if m.rotten != nil {
		m.mourn()
	}
	m.world.search()
	m.leaves()
	m.world.county.join(m)
}

// fellOpening is a power cut in the midst of a start.
func (m *Machine) fellOpening(err error) {
	if m.store != nil {
		m.fall("power cut at its start")
	} else {
		m.disk.Crash(func() bool { return m.chance.Float64() < m.world.Keeps })
		m.failing = failing{}
		m.world.note("%s is down: power cut at its start: %v", m, err)
	}
	m.world.at(m.world.now+60_000, m.start)
}

// party is the machine as conversations know it.
func (m *Machine) party() node.Party {
	p := node.Party{Identity: m.identity(), Store: m.store, Now: m.clock, Commit: func(entry []byte) ([]byte, error) { return m.world.county.commit(m, entry) }}
	p.CheckpointFrom = m.world.Checkpoint
	p.Keeper = m.world.parts.Keeps
	if m.isHub() {
		p.Most = m.most
	}
	p.Seam = func(log node.Log) node.Log {
		if m.world.seam != nil {
			log = m.world.seam(m, log)
		}
		return listening{log, m}
	}
	return p
}

// identity is what the machine goes by in conversations.
func (m *Machine) identity() *policy.Identity {
	own := *m.id
	own.Device = m.device()
	return &own
}

// device is the machine as its peers take it to be.
func (m *Machine) device() policy.Device {
	if who := m.world.parts.Who; who != nil {
		return who(m.id.Device)
	}
	return m.id.Device
}

// mayHold reports whether the machine replicates a space.
func (m *Machine) mayHold(s crdt.Space) bool { return m.id.Device.MayHold(s) }

// holds reports whether the machine holds the very batch of a work; known is
// false where it cannot tell.
func (m *Machine) holds(k *work) (held, known bool) {
	if m.store.Held(k.space, k.writer) < k.seq {
		return false, true
	}
	tag := m.store.Tag(k.space, k.writer, k.seq)
	return tag == k.tag, tag != 0
}
