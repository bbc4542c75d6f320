package sim

import (
	"slices"

	"wangge/crdt"
	"wangge/node/store"
	"wangge/sync/wire"
)

// look checks what must hold at any moment.
func (w *World) look() {
	for _, m := range w.machines {
		if m.store == nil {
			continue
		}
		w.entitled(m)
		w.pictured(m)
		w.receipted(m)
		for _, k := range w.works {
			w.believes(m, k)
		}
	}
	truth := w.county.truth()
	for _, k := range w.works {
		if truth == nil || k.lost {
			continue
		}
		held, known := truth.holds(k)
		if k.proven && known && !held && !w.cloned {
			w.violated("I1", "the county held %s, and does not any more", k)
		}
		k.proven = k.proven || known && held
	}
}

// entitled checks that a machine holds nothing that is not for it, but for its own
// work and what it held when its certificate was renewed.
func (w *World) entitled(m *Machine) {
	for s, f := range m.frontiers() {
		if m.isHub() || m.mayHold(s) {
			continue
		}
		for writer, seq := range f {
			if writer.Device() != m.id.Device.Index && seq > m.kept[s][writer] && !m.branched(s, writer) {
				w.violated("I4", "%s holds %s of %s, which is not for it", m, s, writer)
			}
		}
	}
}

// branched reports whether a stream is a branch of one that a machine held when its
// certificate was renewed.
func (m *Machine) branched(s crdt.Space, arm crdt.Writer) bool {
	return slices.ContainsFunc(m.store.Forks(), func(f store.Forked) bool {
		of := func(mark wire.Mark) bool { return mark.Writer == arm }
		return f.Space == s && slices.ContainsFunc(f.Arms, of) && (m.kept[s][f.Writer] > 0 || m.branched(s, f.Writer))
	})
}

// believes checks a machine's word on one work: what it saved it still has, and
// no level is shown that the work has not reached.
func (w *World) believes(m *Machine, k *work) {
	held, known := m.holds(k)
	if !held && known && m == k.by && !k.away && !w.cloned {
		w.violated("I1", "%s was told to have %s, and does not", m, k)
	}
	if !held || !known {
		return
	}
	level := m.store.Level(k.space, crdt.Dot{Writer: k.writer, Seq: k.seq})
	logged := m.isHub() || level >= wire.AtCounty && w.county.truth() == nil // in the logs of most replicas, applied or not
	if level >= wire.AtBox && !logged && !w.cloned && !w.elsewhere(m, k) {
		w.violated("level", "%s shows %s at %s, and no other machine has it", m, k, level)
	}
	truth := w.county.truth()
	if level < wire.AtCounty || truth == nil || k.lost || m.heard < w.county.life {
		return
	}
	if there, sure := truth.holds(k); sure && !there && !w.cloned {
		w.violated("level", "%s shows %s at the county, which does not have it", m, k)
	}
}

// elsewhere reports whether a machine other than one holds a work, or may. Who was
// restored from a backup had it perhaps when it said so.
func (w *World) elsewhere(m *Machine, k *work) bool {
	for _, o := range w.machines {
		if o == m {
			continue
		}
		if o.store == nil || o.restored || w.liar.told[k.space] {
			return true
		}
		if held, known := o.holds(k); held || !known {
			return true
		}
	}
	return false
}

// lose marks the works that went with a machine's disk before anybody else held
// them. Who is down may hold one: that is judged when it is up again.
func (w *World) lose() {
	for _, k := range w.works {
		k.missed = k.missed || !k.lost && !k.proven
	}
	w.search()
}

// search judges the works that are missed, as far as it can be told who holds them.
func (w *World) search() {
	w.seekPhotos()
	for _, k := range w.works {
		if !k.missed {
			continue
		}
		held, sure := w.found(k)
		k.missed = !held && !sure
		k.lost = k.lost || !held && sure
	}
}

// found reports whether a machine that is up holds a work, and if none does whether that
// is sure. What stands below a floor is what the county holds there.
func (w *World) found(k *work) (held, sure bool) {
	sure = true
	for _, o := range w.machines {
		if o.store == nil {
			sure = false
			continue
		}
		held, known := o.holds(k)
		if held && known {
			return true, true
		}
		if truth := w.county.truth(); !known && truth != nil {
			_, known = truth.holds(k)
		}
		sure = sure && known
	}
	return false, sure
}
