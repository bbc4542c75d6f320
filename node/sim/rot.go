package sim

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"

	"wangge/crdt"
	"wangge/node/store"
	"wangge/sync/wire"
)

// rot switches a machine off and damages its file. Who starts it again looks
// through the file first, as the runbook says.
func (w *World) rot(m *Machine, r *rand.Rand) {
	if m.store == nil {
		return
	}
	m.rotten = &rotten{alone: map[*work]bool{}}
	for _, k := range w.works {
		held, known := m.holds(k)
		m.rotten.alone[k] = held && known && m.store.Level(k.space, crdt.Dot{Writer: k.writer, Seq: k.seq}) == wire.Saved
	}
	if r.IntN(2) == 0 {
		m.fall("killed")
	} else {
		m.switchOff()
	}
	if err := store.LayOut(m.path()); err != nil {
		w.violated("harness", "reading the file of %s: %v", m, err)
		return
	}
	for range 1 + r.IntN(2) {
		what, err := damage(m.path(), r)
		if err != nil {
			w.violated("harness", "damaging the file of %s: %v", m, err)
			return
		}
		w.note("of the file of %s %s", m, what)
	}
	w.at(w.now+600_000+r.Int64N(w.Span.Milliseconds()/8+1), m.start)
}

// rotten is what is known of a machine whose file was damaged.
type rotten struct {
	alone map[*work]bool // held before, and as far as it knew by nobody else
	found store.Findings
	empty bool // nothing of it could be used
}

// switchOff switches the machine off in order.
func (m *Machine) switchOff() {
	m.store.Close()
	m.store = nil
	m.disk.Crash(func() bool { return true })
	m.failing = failing{}
	m.world.note("%s is switched off", m)
	m.world.parted(m)
	m.world.county.leave(m)
}

// damage does to a file what disks do.
func damage(path string, r *rand.Rand) (what string, err error) {
	const page = 4096
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil || size < 2*page {
		return "nothing is left to damage", err
	}
	at, b := r.Int64N(size/page)*page, make([]byte, page)
	switch r.IntN(6) {
	case 0:
		return fmt.Sprintf("the end is gone from byte %d on", at), f.Truncate(at + r.Int64N(page))
	case 1: // a block that was written to another's place
		if _, err := f.ReadAt(b, at); err != nil {
			return "", err
		}
		to := r.Int64N(size/page) * page
		_, err := f.WriteAt(b, to)
		return fmt.Sprintf("page %d stands in the place of page %d, too", at/page, to/page), err
	case 2:
		b = b[:512*(1+r.IntN(8))]
		_, err := f.WriteAt(b, at)
		return fmt.Sprintf("%d bytes of page %d are zero", len(b), at/page), err
	}
	n := 1 + r.IntN(16)
	for range n {
		at := r.Int64N(size)
		if _, err := f.ReadAt(b[:1], at); err != nil {
			return "", err
		}
		b[0] ^= 1 << r.IntN(8)
		if _, err := f.WriteAt(b[:1], at); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%d bits are flipped", n), nil
}

// tend looks through the file of a machine whose disk rots and does what the findings
// say, before the machine is started.
func (m *Machine) tend() {
	w, was := m.world, m.rotten
	m.failing = failing{}
	found, err := store.Verify(m.options(), nil)
	if finds := w.parts.Finds; finds != nil {
		found = finds(found)
	}
	w.note("the file of %s is looked through: %d faults, worst %q, %s", m, len(found.Faults)+found.More, found.Worst(), m.placeless(err))
	for _, f := range found.Faults {
		w.note("  %s: %s (%s)", f.Part, f.What, f.Remedy)
	}
	was.found = found
	switch {
	case err == nil && len(found.Faults) == 0:
		return // what was hit was of no use to anybody
	case err == nil && found.Worst() != store.Replace:
		_, err = store.Repair(m.options(), nil)
	case err == nil:
		err = errors.New("the group has all of it")
	}
	m.restored = true
	for _, k := range w.works {
		k.away = k.away || k.by == m
	}
	if err != nil {
		w.note("%s starts with an empty file: %s", m, m.placeless(err))
		was.empty = true
		os.Remove(m.path()) // its photos stay
		m.disk.Crash(func() bool { return true })
	}
}

// placeless is an error's text without the folder, which every run has of its own.
func (m *Machine) placeless(err error) string {
	return strings.ReplaceAll(fmt.Sprint(err), m.dir, m.name)
}

// mourn checks that what went with a rotten disk was named, if nobody else has it.
func (m *Machine) mourn() {
	w, was := m.world, m.rotten
	m.rotten = nil
	named := was.empty || was.found.Worst() == store.Lost || slices.ContainsFunc(was.found.Faults, func(f store.Fault) bool { return f.Part == "file" && f.Remedy == store.Refetch })
	for _, k := range w.works {
		if was.alone[k] && !named && !k.lost && !k.proven && w.gone(k) {
			w.violated("F8", "%s went with the disk of %s, and nobody was told", k, m)
		}
	}
	w.lose()
}

// gone reports whether every machine is up and none holds a work.
func (w *World) gone(k *work) bool {
	return !slices.ContainsFunc(w.machines, func(o *Machine) bool {
		if o.store == nil {
			return true
		}
		held, known := o.holds(k)
		return held || !known
	})
}
