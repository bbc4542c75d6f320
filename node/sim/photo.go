package sim

import (
	"bytes"
	"math/rand/v2"

	"wangge/crdt"
	"wangge/node/store"
	"wangge/sync/wire"
)

// photosField is grid_visit's.
const photosField = 13

// photo is a file of a form that a person was told is saved.
type photo struct {
	crdt.File
	preview bool
	by      *Machine
	space   crdt.Space
	lost    bool // with a disk, before anybody else had it
	missed  bool // a disk went since, and who is up does not have it
	away    bool // the machine that saved it may have let go of it
}

// shoot puts a photo on a machine's disk, most with a preview. It has none on a disk that fails.
func (m *Machine) shoot(r *rand.Rand) (a crdt.Attachment, ok bool) {
	write := func(size int) (f crdt.File, err error) {
		b := make([]byte, size)
		for i := 0; i < len(b); i += 1 + r.IntN(97) { // much of it is zeros: what it holds does not matter
			b[i] = byte(r.Uint32())
		}
		copy(b, "\xff\xd8\xff\xe0")
		f.Media = "image/jpeg"
		f.Root, f.Size, err = m.store.Files().Write(bytes.NewReader(b))
		return f, err
	}
	var err error
	if a.File, err = write(200 + r.IntN(4*wire.PieceSize)); err == nil && r.IntN(4) > 0 {
		a.Preview, err = write(100 + r.IntN(2000))
	}
	return a, err == nil
}

// keeps notes the photos of a form that was saved.
func (w *World) keeps(m *Machine, s crdt.Space, a crdt.Attachment) {
	w.photos = append(w.photos, &photo{File: a.File, by: m, space: s})
	if a.Preview != (crdt.File{}) {
		w.photos = append(w.photos, &photo{File: a.Preview, preview: true, by: m, space: s})
	}
}

func (m *Machine) has(f crdt.File) bool { return m.store.Files().Has(f.Root, f.Size) }

// pictured checks that a machine has the photos of the forms that its people were told are saved.
func (w *World) pictured(m *Machine) {
	for _, p := range w.photos {
		if p.by == m && !p.away && !m.has(p.File) {
			w.violated("I1", "%s was told to have the photo %x, and does not", m, p.Root[:4])
		}
	}
}

// missing says which file a machine lacks that it is to have by its records, or "".
// What went with the only disk that had it, and what a liar named, nobody has.
func (w *World) missing(m *Machine) (lacks string) {
	known := map[crdt.File]bool{}
	for _, p := range w.photos {
		known[crdt.File{Root: p.Root, Size: p.Size}] = !p.lost && !p.missed
	}
	m.store.Missing(func(f store.Wanted) bool {
		if known[crdt.File{Root: f.Root, Size: f.Size}] && (m.isHub() || f.Preview && m.mayHold(f.Space)) {
			lacks = m.name + " lacks a file of record " + f.Record.String() + " in " + f.Space.String()
		}
		return lacks == ""
	})
	return lacks
}

// seekPhotos judges the photos that are missed, as search does works.
func (w *World) seekPhotos() {
	for _, p := range w.photos {
		if !p.missed {
			continue
		}
		held, sure := false, true
		for _, o := range w.machines {
			sure = sure && o.store != nil
			held = held || o.store != nil && o.has(p.File)
		}
		p.missed = !held && !sure
		p.lost = !held && sure
	}
}

// losePhotos marks those that may have gone with a disk.
func (w *World) losePhotos() {
	for _, p := range w.photos {
		p.missed = p.missed || !p.lost
	}
	w.seekPhotos()
}

// leavePhotos notes that a machine may have let go of its photos.
func (w *World) leavePhotos(m *Machine) {
	for _, p := range w.photos {
		p.away = p.away || p.by == m
	}
}

// letGo has a machine let go of the photos of what it may hold no more, as a node does.
func (m *Machine) letGo() {
	if m.store == nil || !m.party().Leaving() {
		return
	}
	w := m.world
	var hub []*store.Files
	for _, r := range w.county.replicas {
		if r.store != nil && !w.cut(m, r) && !w.cut(r, m) {
			hub = append(hub, r.store.Files())
		}
	}
	w.leavePhotos(m)
	m.party().LetGo(hub, replicas)
	m.survives()
}
