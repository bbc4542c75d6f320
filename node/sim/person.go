package sim

import (
	"fmt"
	"math/rand/v2"

	"wangge/crdt"
	"wangge/node/store"
	"wangge/sync/wire"
)

// work is one batch that a person was told is saved.
type work struct {
	by     *Machine
	space  crdt.Space
	writer crdt.Writer
	seq    uint64
	tag    wire.Tag // of the chain after it
	batch  string   // its bytes
	lost   bool     // with a disk, before anybody else held it
	missed bool     // a disk went since, and who is up does not hold it
	away   bool     // the machine was restored since
	proven bool     // the county held it
}

func (k *work) String() string {
	return fmt.Sprintf("batch %d of %s in %s, saved at %s", k.seq, k.writer, k.space, k.by)
}

// place is where a record stands.
type place struct {
	space crdt.Space
	id    crdt.RecordID
}

// village returns a space in which people work.
func village(i int) crdt.Space {
	return crdt.Space{Area: fmt.Sprintf("14058110521%d", 1+i%3), Class: crdt.Personal}
}

// The numbers of grid_visit's and point_account's fields that people change.
const (
	visitKind, statusField, tagsField, countField, noteField = "grid_visit", 9, 10, 11, 12
	pointsKind, balanceField, dealingsField                  = "point_account", 5, 6
	newerField                                               = 200 // of a newer form, with a merge type of its own
)

// save has a person at a machine save a form, and notes what was acknowledged.
func (w *World) save(m *Machine, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 5))
	space, ok := w.workplace(m, r)
	if !ok {
		return
	}
	at := place{space, crdt.RecordID{}}
	if len(w.visits) > 0 && r.IntN(3) > 0 {
		at = w.visits[r.IntN(len(w.visits))]
	}
	what := r.IntN(12)
	var shot *crdt.Attachment
	if r.IntN(4) == 0 {
		a, ok := m.shoot(r)
		if !m.survives() {
			return
		}
		if ok {
			shot = &a
		}
	}
	before, visits := m.frontiers(), len(w.visits)
	err := m.store.Save(func(d *store.Draft) error {
		form := form{d, rand.New(rand.NewPCG(seed, 6)), w, m, shot}
		return form.fill(what, space, &at)
	})
	if !m.survives() {
		return
	}
	if err == nil && shot != nil && len(w.visits) > visits {
		w.keeps(m, space, *shot)
	}
	if err != nil {
		w.note("%s: a form is not saved: %v", m, err)
		return
	}
	w.report.Saved++
	n := w.acknowledge(m, before)
	w.note("%s: a form is saved, %d batches", m, n)
}

// workplace draws a space in which a machine's people may write, if there is one.
func (w *World) workplace(m *Machine, r *rand.Rand) (crdt.Space, bool) {
	for from, i := r.IntN(3), 0; i < 3; i++ {
		if s := village(from + i); m.id.Device.MayWrite(s) {
			return s, true
		}
	}
	return crdt.Space{}, false
}

func (m *Machine) frontiers() map[crdt.Space]crdt.Frontier {
	return m.store.Frontiers(func(crdt.Space) bool { return true })
}

// acknowledge notes the batches that a machine's store says to have saved.
func (w *World) acknowledge(m *Machine, before map[crdt.Space]crdt.Frontier) (n int) {
	me := m.store.Writer()
	for i := range 3 {
		s := village(i)
		for seq := before[s][me] + 1; seq <= m.store.Held(s, me); seq++ {
			run, _, err := m.store.Run(s, me, seq-1, 0)
			if err != nil || len(run.Batches) == 0 {
				w.violated("I1", "%s cannot read batch %d that it saved in %s: %v", m, seq, s, err)
				return n
			}
			k := &work{by: m, space: s, writer: me, seq: seq, tag: m.store.Tag(s, me, seq), batch: string(run.Batches[0])}
			w.works = append(w.works, k)
			n++
		}
	}
	return n
}

// form is one under the hand of a person.
type form struct {
	*store.Draft
	*rand.Rand
	world *World
	m     *Machine
	shot  *crdt.Attachment // for a new form
}

// fill writes one of the things that people write.
func (f form) fill(what int, space crdt.Space, at *place) error {
	if what < 4 || at.id == (crdt.RecordID{}) || !f.m.id.Device.MayWrite(at.space) {
		return f.visit(space)
	}
	if what < 6 {
		return f.points(space)
	}
	rec, err := f.Record(at.space, at.id)
	if err != nil {
		return err
	}
	if rec.Kind == "" { // it has not come here
		return f.visit(space)
	}
	f.Write(at.space, f.change(what, rec, at.id))
	return nil
}

// visit fills in a new form.
func (f form) visit(space crdt.Space) error {
	filled, problems := f.world.cast.kinds.Check(visitKind, map[string]any{
		"grid": space.Area + "001", "visited_at": f.m.clock().UnixMilli(), "topic": "用电安全",
		"status": []string{"正常", "待跟进", "已上报"}[f.IntN(3)], "household": fmt.Sprintf("%s001%04d", space.Area, 1+f.IntN(20)),
		"note": fmt.Sprintf("第%d次走访", f.Uint64()),
	})
	if len(problems) > 0 {
		return problems
	}
	var at place
	for _, r := range filled.Records(f.m.id.IdentityKey, f.mint) {
		f.Write(r.Space, r.Ops(crdt.Record{}, f.Writer())...)
		if at = (place{r.Space, r.ID}); f.shot != nil {
			f.Write(r.Space, crdt.Record{}.Attach(r.ID, visitKind, photosField, f.shot.Value()))
		}
	}
	f.world.visits = append(f.world.visits, at)
	return nil
}

func (f form) mint() (id crdt.RecordID) {
	for i := range id {
		id[i] = byte(f.Uint32())
	}
	return id
}

// points deals with an account that several boxes share.
func (f form) points(space crdt.Space) error {
	id := crdt.RecordID{15: byte(1 + f.IntN(2))}.Of(pointsKind)
	rec, err := f.Record(space, id)
	if err != nil {
		return err
	}
	if grants := f.world.parts.Grants; grants != nil {
		rec = grants(rec, id, f.Writer())
	}
	w, n := f.Writer(), int64(1+f.IntN(30))
	earn := func() (crdt.Op, error) { return rec.Earn(id, pointsKind, balanceField, w, n) }
	op, err := earn()
	switch holders := rec.Cells[balanceField].Ledger(); f.IntN(4) {
	case 0:
	case 1:
		if len(holders) > 0 {
			if to := holders[f.IntN(len(holders))].Writer; to != w {
				op, err = rec.HandOn(id, pointsKind, balanceField, w, to, n)
			}
		}
	default:
		op, err = rec.Spend(id, pointsKind, balanceField, w, n)
	}
	if err != nil { // it has not the right to so much
		op, err = earn()
	}
	if err == nil {
		f.Write(space, op, rec.Append(id, pointsKind, dealingsField, crdt.Text(fmt.Sprint(n))))
	}
	return err
}

// change edits a field of a record.
func (f form) change(what int, rec crdt.Record, id crdt.RecordID) crdt.Op {
	tags := []string{"独居", "慢病", "低保"}
	switch what {
	case 6:
		return rec.AddElement(id, visitKind, tagsField, crdt.Text(tags[f.IntN(3)]))
	case 7:
		return rec.RemoveElement(id, visitKind, tagsField, crdt.Text(tags[f.IntN(3)]))
	case 8:
		return rec.Add(id, visitKind, countField, f.Writer(), int64(1+f.IntN(5)))
	case 9:
		cell := rec.Cells[noteField]
		return rec.EditText(id, visitKind, noteField, cell.TextHeads(), fmt.Sprintf("%s又%d", cell.Text(), f.IntN(1000)))
	case 10:
		if rec.Fate() == crdt.Alive && f.IntN(2) == 0 {
			return rec.Delete(id)
		}
		return rec.Assign(id, visitKind, statusField, crdt.Text("已解决"))
	case 11:
		if f.IntN(2) == 0 {
			other := f.world.visits[f.IntN(len(f.world.visits))]
			return rec.SameAs(id, other.id)
		}
		return crdt.Op{Record: id, Kind: "newer_kind", Field: newerField, Type: 77, Value: crdt.Value(fmt.Sprintf("Z%d", f.IntN(100)))}
	}
	return rec.Assign(id, visitKind, statusField, crdt.Text([]string{"正常", "待跟进", "已上报", "已解决"}[f.IntN(4)]))
}
