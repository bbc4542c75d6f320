package sim

import (
	"wangge/crdt"
	"wangge/sync/wire"
)

// receive has a box ask a replica which of its photos most replicas have, as it does when
// it talks to one.
func (m *Machine) receive(at *Machine) {
	w := m.world
	if m.store == nil || at.store == nil || m.isHub() || !at.isHub() && !w.parts.Credits || w.cut(m, at) || w.cut(at, m) {
		return
	}
	err := m.files.Receive(func(root wire.Hash, size int64) bool {
		return at.store != nil && at.most(root, size)
	})
	at.survives()
	if m.survives() && err != nil {
		w.note("%s notes no receipts", m)
	}
}

// most reports whether most replicas have read their copy of a file, as far as one reaches them.
func (m *Machine) most(root wire.Hash, size int64) bool {
	w, votes := m.world, 0
	if w.parts.Hurried || !m.isHub() {
		return m.store.Files().Has(root, size)
	}
	for _, r := range w.county.replicas {
		if r.store != nil && !w.cut(m, r) && !w.cut(r, m) && r.store.Files().Sound(root, size) {
			votes++
		}
	}
	return votes*2 > replicas
}

// receipted checks that no box takes a photo for one that the county has while most replicas
// never had it. A replica whose disk went may have had it.
func (w *World) receipted(m *Machine) {
	if m.isHub() {
		return
	}
	for _, p := range w.photos {
		if !m.store.Confirmed(p.Root, p.Size) {
			continue
		}
		may := 0
		for _, r := range w.county.replicas {
			if r.store == nil || r.wiped || r.has(p.File) {
				may++
			}
		}
		if may*2 <= replicas {
			w.violated("receipt", "%s takes the county to have the photo %x, of which %d replicas may have a copy", m, p.Root[:4], may)
		}
	}
}

// owes says which photo a box has still to bring to the county, or "".
func (w *World) owes(m *Machine) string {
	lost := map[crdt.File]bool{}
	for _, p := range w.photos {
		lost[crdt.File{Root: p.Root, Size: p.Size}] = p.lost
	}
	owed, err := m.store.Owed()
	if err != nil {
		w.violated("harness", "%s does not know what it owes: %v", m, err)
	}
	for _, o := range owed {
		if gone, known := lost[crdt.File{Root: o.Root, Size: o.Size}]; known && !gone {
			return m.name + " owes the county a photo of record " + o.Record.String()
		}
	}
	return ""
}
