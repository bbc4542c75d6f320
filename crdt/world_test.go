package crdt_test

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"

	. "wangge/crdt"
)

// place names a field of a record.
type place struct {
	record RecordID
	field  FieldID
}

// added is an op with its name and date: what the naive fold works on.
type added struct {
	dot   Dot
	stamp Stamp
	op    Op
}

// replica is one machine of a simulated county: what it merged, and every
// batch, to pass on.
type replica struct {
	writer  Writer
	held    Frontier
	records map[RecordID]Record
	streams map[Writer][]Batch
}

// world is a handful of replicas whose writing and meeting a seed decides.
type world struct {
	*rand.Rand
	faulty   bool // writers also replace what they never saw and disagree on kinds and types
	replicas []*replica
	clock    int64
	sums     map[place]int64 // what was added to each counter
	kept     []keptCell
}

// keptCell is a cell as it was handed out, and a copy of how it was then.
type keptCell struct{ cell, copy Cell }

func newWorld(seed uint64, faulty bool) *world {
	w := &world{Rand: rand.New(rand.NewPCG(seed, 1)), faulty: faulty, sums: map[place]int64{}}
	for i := range 3 + w.IntN(4) {
		w.replicas = append(w.replicas, &replica{
			writer:  NewWriter(uint32(i+1), uint32(w.IntN(2))),
			held:    Frontier{},
			records: map[RecordID]Record{},
			streams: map[Writer][]Batch{},
		})
	}
	return w
}

func (w *world) one() *replica { return w.replicas[w.IntN(len(w.replicas))] }

// live lets the replicas write and meet for a while.
func (w *world) live(steps int) {
	for range steps {
		w.clock += int64(w.IntN(3))
		if w.IntN(3) == 0 {
			w.write(w.one())
		} else {
			w.meet(w.one(), w.one())
		}
	}
}

// settle exchanges everything: everyone meets everyone, in some order.
func (w *world) settle() {
	for _, i := range w.Perm(len(w.replicas)) {
		for _, j := range w.Perm(len(w.replicas)) {
			w.meetFully(w.replicas[i], w.replicas[j])
		}
	}
}

// meet passes some of one stream on, perhaps some that is held already.
func (w *world) meet(from, to *replica) {
	writers := from.held.Writers()
	if len(writers) == 0 {
		return
	}
	writer := writers[w.IntN(len(writers))]
	first := 1 + w.Uint64N(to.held[writer]+1)
	for seq := first; seq <= from.held[writer] && w.IntN(6) > 0; seq++ {
		w.receive(to, writer, seq, from.streams[writer][seq-1])
	}
}

func (w *world) meetFully(from, to *replica) {
	writers := from.held.Writers()
	w.Shuffle(len(writers), func(i, j int) { writers[i], writers[j] = writers[j], writers[i] })
	for _, writer := range writers {
		for i, b := range from.streams[writer] {
			w.receive(to, writer, uint64(i+1), b)
		}
	}
}

// receive is what a store does with a batch: skip what it holds, apply the ops,
// raise the frontier.
func (w *world) receive(r *replica, writer Writer, seq uint64, b Batch) {
	if seq <= r.held[writer] {
		return
	}
	if seq != r.held[writer]+1 {
		panic(fmt.Sprintf("the simulation left a gap before batch %d of %s", seq, writer))
	}
	for i, op := range b.Ops {
		w.apply(r, added{Dot{Writer: writer, Seq: seq, Index: uint32(i)}, b.Stamp, op})
	}
	r.keep(writer, seq, b)
}

func (r *replica) keep(writer Writer, seq uint64, b Batch) {
	r.streams[writer] = append(r.streams[writer], b)
	r.held.Raise(writer, seq)
}

// apply applies an op, spoils what it lent for that, and now and then keeps the
// cell that was there before: neither may show.
func (w *world) apply(r *replica, a added) {
	rec := r.records[a.op.Record].Clone()
	if old := rec.Cells[a.op.Field]; w.IntN(8) == 0 {
		w.kept = append(w.kept, keptCell{old, Cell{old.Type, slices.Clone(old.Entries), slices.Clone(old.Kills)}})
	}
	lent := a.op
	lent.Replaces = slices.Clone(a.op.Replaces)
	rec.Apply(a.dot, a.stamp, lent, r.held)
	for i := range lent.Replaces {
		lent.Replaces[i] = Dot{}
	}
	r.records[a.op.Record] = rec
}

// write saves a form of one to four ops; each sees what the ones before did.
func (w *world) write(r *replica) {
	seq := r.held[r.writer] + 1
	b := Batch{Stamp: NewStamp(w.clock)}
	for i := range 1 + w.IntN(4) {
		op := w.op(r)
		if w.faulty && w.IntN(3) == 0 {
			op = w.spoil(op)
		}
		b.Ops = append(b.Ops, op)
		w.apply(r, added{Dot{Writer: r.writer, Seq: seq, Index: uint32(i)}, b.Stamp, op})
	}
	r.keep(r.writer, seq, b)
}

// op makes what an author's form would: field 1 is a register, 2 a set, 3 a
// counter and 4 holds photos.
func (w *world) op(r *replica) Op {
	id := RecordID{byte(w.IntN(2))}
	rec := r.records[id]
	element := Int(w.Int64N(3))
	picture := photo(byte(w.IntN(3))).Value()
	switch w.IntN(8) {
	case 0:
		return rec.AddElement(id, "kind", 2, element)
	case 1:
		return rec.RemoveElement(id, "kind", 2, element)
	case 2:
		n := w.Int64N(9) - 4
		w.sums[place{id, 3}] += n
		return rec.Add(id, "kind", 3, r.writer, n)
	case 3:
		return rec.Assign(id, "kind", 1, "")
	case 4:
		return rec.Attach(id, "kind", 4, picture)
	case 5:
		return rec.Detach(id, "kind", 4, picture)
	}
	return rec.Assign(id, "kind", 1, element)
}

// spoil makes of an op what a faulty or hostile writer might.
func (w *world) spoil(op Op) Op {
	op.Replaces = slices.Clone(op.Replaces)
	for range w.IntN(3) {
		op.Replaces = append(op.Replaces, Dot{w.one().writer, w.Uint64N(12), w.Uint32N(5)})
	}
	op.Type = Type(w.IntN(5))
	op.Kind = []string{"", "kind", "a kind", "late"}[w.IntN(4)]
	return op
}

// fold is the dumb twin of Apply: it looks at all ops at once, so no order of
// arrival can matter. A value is visible if no op on its field replaces it.
func (r *replica) fold() map[RecordID]Record {
	var all []added
	for writer, batches := range r.streams {
		for i, b := range batches {
			for j, op := range b.Ops {
				all = append(all, added{Dot{writer, uint64(i + 1), uint32(j)}, b.Stamp, op})
			}
		}
	}
	slices.SortFunc(all, func(a, b added) int { return a.dot.Compare(b.dot) })
	replaced := map[place][]Dot{}
	for _, a := range all {
		p := place{a.op.Record, a.op.Field}
		replaced[p] = append(replaced[p], a.op.Replaces...)
	}
	records := map[RecordID]Record{}
	for _, a := range all {
		records[a.op.Record] = foldOp(records[a.op.Record], a, replaced[place{a.op.Record, a.op.Field}])
	}
	for p, dots := range replaced {
		c := records[p.record].Cells[p.field]
		c.Kills = slices.DeleteFunc(dots, r.held.Has)
		slices.SortFunc(c.Kills, Dot.Compare)
		c.Kills = slices.Compact(c.Kills)
		records[p.record].Cells[p.field] = c
	}
	return records
}

func foldOp(rec Record, a added, replaced []Dot) Record {
	if rec.Cells == nil {
		rec = Record{a.op.Kind, map[FieldID]Cell{}}
	}
	if kinds := []string{rec.Kind, a.op.Kind}; !slices.Contains(kinds, "") {
		rec.Kind = slices.Min(kinds)
	} else {
		rec.Kind = cmp.Or(kinds...)
	}
	c := rec.Cells[a.op.Field]
	if types := []Type{c.Type, a.op.Type}; !slices.Contains(types, 0) {
		c.Type = slices.Min(types)
	} else {
		c.Type = cmp.Or(types...)
	}
	if a.op.Value != "" && !slices.Contains(replaced, a.dot) {
		c.Entries = append(c.Entries, Entry{a.dot, a.stamp, a.op.Value})
	}
	rec.Cells[a.op.Field] = c
	return rec
}

func equalRecords(a, b map[RecordID]Record) bool { return maps.EqualFunc(a, b, equalRecord) }

func equalRecord(a, b Record) bool {
	return a.Kind == b.Kind && maps.EqualFunc(a.Cells, b.Cells, equalCell)
}

// equalCell compares deeply, but for nil and empty lists, which mean the same.
func equalCell(a, b Cell) bool {
	return a.Type == b.Type && slices.Equal(a.Entries, b.Entries) && slices.Equal(a.Kills, b.Kills)
}

func visible(records map[RecordID]Record) map[RecordID]Record {
	seen := map[RecordID]Record{}
	for id, rec := range records {
		seen[id] = rec.Visible()
	}
	return seen
}

func (k keptCell) unchanged() bool {
	return k.cell.Type == k.copy.Type && reflect.DeepEqual(k.cell.Entries, k.copy.Entries) &&
		reflect.DeepEqual(k.cell.Kills, k.copy.Kills)
}
