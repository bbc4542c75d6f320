package sim

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"time"

	"wangge/crdt"
	"wangge/node"
	"wangge/node/store"
	"wangge/sync/wire"
)

// A hub loses its disks. What it had since its last backup boxes have in their logs, for
// they keep there what the county has had for less than keepDays; so a backup that is
// used is younger than that, by the fastest clock that a run has.

const (
	keepDays  = 40 * 24 * time.Hour
	backupAge = 30 * 24 * time.Hour
)

// sober leaves out of a run in which the hub loses its disks what its backups do not
// bear: a clock that jumps has boxes trim too early; a hub from before a fork may choose
// the other branch, which a person must see; which of two words is the later one, where
// they are carried, their writers' clocks say; and what nobody but a checkpoint's taker has,
// because its writer was restored or mended too, has dropped it or comes no more, stands in no log.
func (o *Options) sober() {
	if o.Weights[losses] == 0 {
		return
	}
	o.Weights[clocks], o.Weights[clones] = 0, 0
	if o.Weights[couriers] > 0 {
		o.Weights[drifts] = 0
	}
	if o.Checkpoint > 0 {
		o.Weights[restores], o.Weights[rots], o.Weights[renews], o.Weights[lies] = 0, 0, 0, 0
	}
}

// suffer has a replica lose its disk, or the whole hub.
func (w *World) suffer(m *Machine, r *rand.Rand) {
	if r.IntN(2) == 0 {
		w.refill(m, r)
		return
	}
	c := &w.county
	if c.backup == "" || w.now-c.backedUp > backupAge.Milliseconds() || w.down() || r.IntN(3) == 0 {
		c.backUp(w)
		return
	}
	c.restore(w)
}

// refill puts a replica back to a backup of it, or to nothing: the others have what it
// lacks, so another one must be up that has what the county's log begins with.
func (w *World) refill(m *Machine, r *rand.Rand) {
	if r.IntN(3) == 0 {
		w.backUp(m)
		return
	}
	if !w.county.begun(m) {
		return
	}
	m.wipe()
	if m.backup.path != "" && r.IntN(2) == 0 {
		m.reinstate(m.backup.path, 0)
	}
	w.note("%s comes back from a backup, or from nothing", m)
	m.start()
}

// begun reports whether a replica other than m is up that has what the log begins with.
func (c *county) begun(m *Machine) bool {
	return slices.ContainsFunc(c.replicas, func(r *Machine) bool {
		return r != m && r.store != nil && r.store.Applied() >= c.begins
	})
}

// down reports whether a box is down: then nobody can say what it holds.
func (w *World) down() bool {
	for _, m := range w.machines {
		if !m.isHub() && m.store == nil {
			return true
		}
	}
	return false
}

// backUp copies the file of a replica that has all that was committed.
func (c *county) backUp(w *World) {
	if m := c.truth(); m != nil {
		if w.backUp(m); m.backup.path != "" {
			c.backup, c.backedUp = w.folder(fmt.Sprintf("hub.backup%d", w.now)), w.now
			os.Rename(m.backup.path, c.backup)
			m.backup = backup{}
		}
	}
}

// restore has all replicas begin anew from the county's backup, as wangge restore does in
// folders without raft's: its log begins anew too.
func (c *county) restore(w *World) {
	for _, m := range c.replicas {
		m.wipe()
		m.reinstate(c.backup, node.Founding)
		m.backup = backup{} // of the log that was
	}
	c.log, c.leader, c.answers = nil, nil, map[uint64][32]byte{}
	c.begins, c.life = node.Founding, c.life+1
	w.note("the hub is restored from a backup")
	for _, m := range c.replicas {
		m.restored = true
		m.start()
	}
	for _, k := range w.works {
		if k.proven && c.replicas[0].store != nil {
			k.proven, _ = c.replicas[0].holds(k)
		}
	}
	w.lose()
}

// wipe takes a machine down and its disk away.
func (m *Machine) wipe() {
	m.world.parted(m)
	if m.store != nil {
		m.store.Close()
		m.store = nil
		m.world.county.leave(m)
	}
	os.RemoveAll(m.dir)
	m.wiped = true
	m.world.leavePhotos(m)
	m.world.losePhotos()
	m.disk.Crash(func() bool { return false })
	m.failing, m.rotten = failing{}, nil
}

// reinstate gives a machine a backup for its file.
func (m *Machine) reinstate(backup string, begins uint64) {
	if _, err := store.Reinstate(m.options(), backup, begins, nil); err != nil {
		m.world.violated("F7", "a backup of %s cannot be restored: %v", m, err)
	}
}

// listening notes when the county greets a machine: until then it cannot know what the
// county has lost.
type listening struct {
	node.Log
	m *Machine
}

func (l listening) Met(hello wire.Hello, about func(crdt.Space) bool, proves wire.Level) {
	l.Log.Met(hello, about, proves)
	if proves >= wire.AtCounty {
		l.m.heard = l.m.world.county.life
	}
}
